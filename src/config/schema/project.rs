//! The schema of a project file.

use super::parts::{
    closed, date, described, entry, explained, head, list, mapping, misplaced_mapping, pattern, reason,
    reference, titled,
};
use super::setting;
use super::zone::id;
use crate::config::check::listed;
use crate::config::policy::RULES;
use crate::config::project::MAX_CONCURRENCY;
use crate::model::{Rate, Threshold};
use schemars::{Schema, json_schema};
use serde_json::{Value as Json, json};

/// The JSON Schema (draft-07) of a project file.
#[must_use]
pub fn project_schema() -> Json {
    let mut schema =
        head("project", "botform project file", "What holds for all zones of a project: botform.yaml.");
    let body = closed(properties(), &[]).to_value();
    if let (Some(schema), Json::Object(body)) = (schema.as_object_mut(), body) {
        schema.extend(body);
    }
    schema.insert("definitions".to_owned(), setting::definitions().into());
    schema.to_value()
}

fn properties() -> Vec<(&'static str, Schema)> {
    let concurrency = json_schema!({ "type": "integer", "minimum": 1, "maximum": MAX_CONCURRENCY });
    let rate = pattern(Rate::PATTERN, "The request rate, as requests/seconds; Cloudflare allows `1200/300`.");
    let keys = vec![
        ("account_id", id("The account of the zones that name none.")),
        ("rate", explained(rate, "a rate is written as requests/seconds, such as `1200/300`")),
        ("concurrency", described(concurrency, "How many zones are handled at a time.")),
        ("guards", guards()),
        ("policy", list(&policy(), "Rules for many zones.")),
    ];
    keys.into_iter().map(|(key, schema)| (key, titled(schema, key))).collect()
}

fn guards() -> Schema {
    let keys = vec![
        (
            "max_zones",
            threshold(
                "The most zones that may change in one run; a part is one of all zone files, rounded up.",
            ),
        ),
        ("max_loosening", described(count(), "The most changes of one run that may loosen protection.")),
        (
            "max_failures",
            threshold(
                "How many zones may fail: once more have failed, no further zone is begun. A percentage is of the zones to change.",
            ),
        ),
    ];
    described(entry("guards", keys, &[]), "Limits that refuse a run.")
}

fn count() -> Schema {
    json_schema!({ "type": "integer", "minimum": 0, "maximum": Threshold::MAX_COUNT })
}

fn threshold(description: &str) -> Schema {
    // Editors only show a message of the schema that fails itself, not of one around it.
    let schema = json_schema!({
        "type": ["integer", "string"],
        "minimum": 0,
        "maximum": Threshold::MAX_COUNT,
        "pattern": Threshold::PERCENT_PATTERN,
    });
    explained(described(schema, description), "write a number such as `10`, or a part such as `5%`")
}

fn policy() -> Schema {
    let forbidden = |name: &str| json_schema!({ "type": "array", "minItems": 1, "items": reference(name) });
    let ordered = |name: &str| setting::settable().any(|setting| setting.name == name && setting.has_order());
    let keys = vec![
        (
            "id",
            explained(pattern("\\S", "The name of the policy, unique in the project."), "name the policy"),
        ),
        ("reason", reason("Why the policy is there.")),
        (
            "zones",
            list(
                &zone_pattern(),
                "The zones it holds for, each of which must match a zone file; all of them if it is left out.",
            ),
        ),
        ("forbid", described(settings("forbid", forbidden, |_| true), "Values that may not be set.")),
        (
            "pin",
            described(settings("pin", reference, |_| true), "The only values that the settings may have."),
        ),
        (
            "at_least",
            described(
                settings("at_least", reference, ordered),
                "The values that protect least; no zone may have one that protects less, or that cannot be compared with it.",
            ),
        ),
        ("exceptions", list(&exception(), "Zones that need not keep it for a while.")),
    ];
    let keys = keys.into_iter().map(|(key, schema)| (key, titled(schema, key)));
    let mut policy = entry("an item of `policy`", keys.collect(), &["id", "reason"]);
    if let Some(Json::Array(all)) = policy.get_mut("allOf") {
        all.extend(one_rule());
    }
    policy
}

/// Exactly one rule, in words of their own for none and for a second one.
fn one_rule() -> Vec<Json> {
    let message = format!("a policy has exactly one of {}", listed(RULES));
    let [first, others @ ..] = &RULES;
    let none = |rule: &&str| json!({ "required": [rule] });
    let none = json!({ "if": { "not": { "anyOf": RULES.iter().map(none).collect::<Vec<_>>() } },
        "then": { "required": [first], "errorMessage": message } });
    let second = |(index, rule): (usize, &&str)| {
        let earlier: Vec<Json> = RULES[..=index].iter().map(|rule| json!({ "required": [rule] })).collect();
        let then = json!({ "properties": { *rule: misplaced_mapping(&message) } });
        json!({ "if": { "anyOf": earlier }, "then": then })
    };
    std::iter::once(none).chain(others.iter().enumerate().map(second)).collect()
}

fn settings(key: &str, schema: impl Fn(&str) -> Schema, is_meant: impl Fn(&str) -> bool) -> Schema {
    let names = setting::settable().map(|setting| setting.name).filter(|name| is_meant(name));
    let names = names.map(|name| (name, schema(name))).chain(setting::read_only());
    let mut settings = closed(names.collect(), &[]);
    settings.insert("minProperties".to_owned(), 1.into());
    mapping(settings, &format!("`{key}` is a mapping of settings"))
}

fn zone_pattern() -> Schema {
    json_schema!({ "type": "string", "minLength": 1, "description": "A zone name, or a pattern such as `*.example.com`." })
}

fn exception() -> Schema {
    let keys = vec![
        ("zone", zone_pattern()),
        ("reason", reason("Why the zone is excepted.")),
        ("until", date("The last day of the exception (UTC).")),
    ];
    entry("an item of `exceptions`", keys, &["zone", "reason", "until"])
}
