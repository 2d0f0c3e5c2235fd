//! The schema of a report file. That both maps add up to `requests`, and that the times are in order, is beyond it.

use super::counts::SCORE_PATTERN;
use super::report::READ_ONLY;
use super::times::TIME_PATTERN;
use crate::catalogue::feedback::{ATTRIBUTES, REQUIRED, SUBTYPES};
use crate::config::schema::{
    closed, described, entry, explained, head, id, mapping, misplaced, pattern, titled, word_of, zone_name,
};
use schemars::{Schema, json_schema};
use serde_json::{Map, Value as Json, json};

/// The two types with their meanings.
const TYPES: [(&str, &str); 2] = [
    ("false_positive", "people, or welcome bots, that were taken for unwelcome bots"),
    ("false_negative", "bots that were let through"),
];

/// The JSON Schema (draft-07) of a report file.
#[must_use]
pub fn feedback_schema() -> Json {
    let mut schema = head("feedback", "botform feedback report", "Traffic of one zone that was misjudged.");
    let required: Vec<&str> = ["zone"].iter().chain(REQUIRED).copied().collect();
    let body = closed(properties(), &required).to_value();
    if let (Some(schema), Json::Object(body)) = (schema.as_object_mut(), body) {
        schema.extend(body);
    }
    schema.to_value()
}

fn properties() -> Vec<(&'static str, Schema)> {
    let keys = vec![
        ("zone", zone_name()),
        ("zone_id", id("Pins the zone's identity.")),
        ("account_id", id("The account, where two hold the same zone name.")),
        ("type", described(word_of("type", &TYPES), "Which way the traffic was misjudged.")),
        (
            "subtype",
            known_or_other(SUBTYPES, "The kind of abuse; others than the documented ones are taken too."),
        ),
        ("description", explained(pattern("\\S", "What was misjudged, in words."), "say what was misjudged")),
        ("expression", explained(expression(), "write the expression that matches the traffic")),
        ("first_request_seen_at", time("When the first of the requests was seen.")),
        ("last_request_seen_at", time("When the last of the requests was seen.")),
        ("requests", described(count(), "How many requests were misjudged.")),
        ("requests_by_score", scores()),
        ("requests_by_score_src", sources()),
        ("requests_by_attribute", attributes()),
        (READ_ONLY, misplaced("`created_at` is read-only: remove it")),
    ];
    keys.into_iter().map(|(key, schema)| (key, titled(schema, key))).collect()
}

fn expression() -> Schema {
    pattern(
        "\\S",
        "The filter that matches the traffic, with a condition on the bot score: `(cf.bot_management.score lt 30)`.",
    )
}

fn time(description: &str) -> Schema {
    let mut time = pattern(TIME_PATTERN, description);
    time.insert("format".to_owned(), "date-time".into());
    explained(time, "a time is written such as `2026-01-31T08:00:00Z`")
}

fn count() -> Schema {
    json_schema!({ "type": "integer", "minimum": 0, "maximum": i64::MAX })
}

/// Words that are offered, and any other text.
fn known_or_other(known: &[&str], description: &str) -> Schema {
    let any = json!({ "type": "string", "pattern": "\\S" });
    described(json_schema!({ "anyOf": [{ "enum": known }, any] }), description)
}

fn scores() -> Schema {
    // Editors have no message for `propertyNames`, and do not look at keys there that are numbers.
    let scores = json_schema!({
        "type": "object",
        "patternProperties": { SCORE_PATTERN: count() },
        "additionalProperties": false,
    });
    let scores = explained(
        scores,
        "`requests_by_score` is a mapping with the scores `1` to `99`, without leading zeros",
    );
    described(scores, "How many requests had which bot score, 1 to 99; the counts add up to `requests`.")
}

fn sources() -> Schema {
    let sources = json_schema!({ "type": "object", "additionalProperties": count() });
    let sources = mapping(sources, "`requests_by_score_src` is a mapping of engines to counts");
    described(sources, "How many requests were scored by which engine; the counts add up to `requests`.")
}

fn attributes() -> Schema {
    let metric =
        json_schema!({ "type": "string", "description": "The value, such as an address or a path." });
    let requests = described(count(), "How many of the requests had it.");
    let item = vec![("metric", metric), ("requests", requests)];
    let item = entry("an item of a top list", item, &["metric", "requests"]);
    let list = json!({ "type": "array", "items": item });
    let known: Map<String, Json> = ATTRIBUTES.iter().map(|name| ((*name).to_owned(), list.clone())).collect();
    let attributes = json_schema!({ "type": "object", "properties": known, "additionalProperties": list });
    let attributes =
        mapping(attributes, "`requests_by_attribute` is a mapping; write `{}` if there are none");
    described(attributes, "The most frequent values of each attribute; `{}` if there are none.")
}
