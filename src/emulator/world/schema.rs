//! The JSON Schema of world files, for editors and for `ajv` in pipelines.

use super::access::Permission;
use super::fault::{On, WORDS};
use super::zone::PLANS;
use crate::catalogue::{self, Value};
use serde_json::{Map, Value as Json, json};

/// The schema of a world file.
#[must_use]
pub fn schema() -> Json {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "botform world",
        "description": "What the emulator knows: zones with their settings, accounts, tokens, limits and scripted faults.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "limit": limit(),
            "latency_ms": number(0, 600_000, "How long every reply is held back, in milliseconds."),
            "tokens": list(&token(), "The tokens that are accepted; without this list any well-formed one may do everything."),
            "accounts": list(&account(), "The accounts. With this list no zone may name another one."),
            "zones": list(&zone(), "The zones."),
            "faults": list(&fault(&On::OF_WORLD), "Faults on the lists of zones and of submissions."),
            "submissions": submissions(),
        },
        "definitions": {"settings": all_settings()},
    })
}

fn object(required: &[&str], properties: &Json) -> Json {
    json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties})
}

fn list(items: &Json, description: &str) -> Json {
    json!({"description": description, "type": "array", "items": items})
}

fn number(least: u32, most: u32, description: &str) -> Json {
    json!({"description": description, "type": "integer", "minimum": least, "maximum": most})
}

fn text(description: &str) -> Json {
    json!({"description": description, "type": "string", "minLength": 1})
}

fn texts(description: &str) -> Json {
    list(&json!({"type": "string", "minLength": 1}), description)
}

fn id(description: &str) -> Json {
    json!({"description": description, "type": "string", "pattern": "^[0-9a-f]{32}$"})
}

fn words<'w>(words: impl IntoIterator<Item = &'w str>, description: &str) -> Json {
    json!({"description": description, "type": "string", "enum": words.into_iter().collect::<Vec<_>>()})
}

fn limit() -> Json {
    let properties = json!({
        "requests": number(1, 1_000_000, "How many requests a window has; 1200 if it is not said."),
        "seconds": number(1, 86_400, "How long a window lasts; 300 if it is not said."),
    });
    let mut limit = object(&[], &properties);
    limit["description"] =
        "The request limit. Without it nothing is throttled, and no reply announces a quota.".into();
    limit
}

fn token() -> Json {
    object(
        &["token"],
        &json!({
            "token": text("The token as it is sent."),
            "status": words(["active", "disabled", "expired"], "What the verify call says."),
            "permissions": list(&words(Permission::WORDS.map(|(word, _)| word), "A permission."), "What it may do; everything if it is not said."),
            "zones": texts("The zones that it sees, in which `*` stands for any text."),
            "accounts": texts("The ids of the accounts that it sees."),
        }),
    )
}

fn account() -> Json {
    object(&["id"], &json!({"id": id("Its id."), "name": text("Its name.")}))
}

/// An object such as GET shows.
fn settings(description: &str) -> Json {
    json!({"description": description, "allOf": [{"$ref": "#/definitions/settings"}]})
}

/// The settings with their values. Keys and values that this version does not know are meant to be possible.
fn all_settings() -> Json {
    let settings = catalogue::settings().map(|row| {
        let values: Vec<Json> = row.values().into_iter().map(Value::to_json).collect();
        let known = if values.is_empty() { json!(true) } else { json!({"examples": values}) };
        (row.name.to_owned(), known)
    });
    json!({"type": "object", "properties": settings.collect::<Map<_, _>>()})
}

fn zone() -> Json {
    let sticky = "The stale members that no clean-up removes; `true` for all.";
    object(
        &["name", "plan"],
        &json!({
            "name": json!({"description": "Its name, in lower case.", "type": "string", "pattern": "^[a-z0-9_-]*(\\.[a-z0-9_-]*)+$"}),
            "id": id("Its id; made from the name if it is not said."),
            "account": text("The id or the name of its account."),
            "plan": words(PLANS.map(|(word, _)| word), "Its plan, or its plan variant."),
            "legacy_id": text("The word that `plan.legacy_id` reports, where that is another one."),
            "status": text("Its status; `active` if it is not said."),
            "live": settings("Exactly the keys that GET reports; all of the plan, at common values, if it is not said."),
            "stale": settings("What an earlier plan has left behind."),
            "sticky": {"description": sticky, "oneOf": [{"type": "boolean"}, texts("The members.")]},
            "nulls": {"description": "Whether GET says null for what the plan lacks.", "type": "boolean"},
            "unreported": texts("The settings that PUT takes and GET never shows."),
            "feedback": list(&json!({"type": "object"}), "Feedback reports that are there already."),
            "feedback_shape": {
                "description": "How the list of feedback reports is sent.",
                "enum": ["bare", "envelope", "null", null],
            },
            "faults": list(&fault(&On::OF_ZONE), "Scripted faults on the zone's own requests."),
        }),
    )
}

/// A fault: each word of `do` has keys of its own and goes with some requests only.
fn fault(on: &[(&'static str, On)]) -> Json {
    let on_words = |falls_on: &[On]| {
        let on = on.iter().filter(|(_, on)| falls_on.contains(on));
        on.map(|(word, _)| *word).collect::<Vec<_>>()
    };
    let own = WORDS.iter().map(|(word, keys, falls_on)| (*word, *keys, on_words(falls_on)));
    let own: Vec<_> = own.filter(|(_, _, on)| !on.is_empty()).collect();
    let rules: Vec<Json> = own
        .iter()
        .map(|(word, keys, on)| {
            let names: Vec<_> = ["on", "nth", "count", "do"].iter().chain(*keys).collect();
            json!({
                "if": {"properties": {"do": {"const": word}}},
                "then": {"propertyNames": {"enum": names}, "properties": {"on": {"enum": on}}},
            })
        })
        .collect();
    let mut fault = object(
        &["on", "do"],
        &json!({
            "on": words(on.iter().map(|(word, _)| *word), "The requests that it falls on."),
            "nth": number(1, u32::MAX, "The first request it falls on; counted for each zone and kind of request."),
            "count": number(1, u32::MAX, "How many requests in a row; one where `nth` is given, else all."),
            "do": words(own.iter().map(|(word, _, _)| *word), "What it does; with `_after_write` the write is stored."),
            "status": number(200, 599, "The status of the reply."),
            "code": number(0, 999_999, "The code of the refusal."),
            "message": text("The message of the refusal."),
            "retry_after": number(0, 86_400, "The seconds that a client should wait."),
            "retry_after_as": words(["seconds", "date"], "How the header says it."),
            "milliseconds": number(0, 600_000, "How long the reply is held back."),
            "set": settings("The settings that change; null removes one."),
            "set_stale": settings("The stale settings that change; null removes one."),
            "listings": number(0, 1_000_000, "How many listings do not show the report yet."),
            "zone": {"description": "The zone that is added.", "type": "object", "required": ["name", "plan"]},
            "first": {"description": "Whether it stands before all others.", "type": "boolean"},
            "name": text("The zone that is removed."),
            "result_info": {"description": "What the page says of its list instead; nothing if it is left out."},
        }),
    );
    fault["allOf"] = rules.into();
    fault
}

fn submissions() -> Json {
    let row = json!({"type": "object", "required": ["submission_id", "requested_at"]});
    let time =
        |description: &str| json!({"description": description, "type": "string", "format": "date-time"});
    let generate = object(
        &["count"],
        &json!({
            "count": number(0, 10_000_000, "How many rows there are."),
            "days": number(1, 3650, "Over how many days they are spread; 30 if it is not said."),
            "start": time("When the oldest was requested."),
            "end": time("When the newest was requested."),
        }),
    );
    let mut submissions = object(
        &[],
        &json!({
            "account": text("The id or the name of the account."),
            "rows": list(&row, "The rows, as the API shows them."),
            "generate": generate,
            "repeat_across_pages": number(0, 1000, "How many rows of a page come again on the next one."),
        }),
    );
    submissions["description"] = "The email-security submissions of an account: `rows` or `generate`.".into();
    submissions["not"] = json!({"required": ["rows", "generate"]});
    submissions
}
