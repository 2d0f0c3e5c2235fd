//! The rules of a policy in its schema.

use super::parts::{closed, mapping, misplaced_mapping, reference};
use super::setting;
use crate::config::check::listed;
use crate::config::keys::{Rule, SHUTS_OUT, rules};
use schemars::{Schema, json_schema};
use serde_json::{Value as Json, json};

/// The settings of a rule, with the values that it allows for each.
pub(super) fn settings(rule: Rule, key: &str) -> Schema {
    let said = |name: &str| match rule {
        Rule::Several(_) => json_schema!({ "type": "array", "minItems": 1, "items": reference(name) }),
        Rule::One(_) | Rule::Ordered(_) => reference(name),
    };
    let names =
        setting::settable().filter(|setting| !matches!(rule, Rule::Ordered(_)) || setting.has_order());
    let names = names.map(|setting| (setting.name, said(setting.name))).chain(setting::read_only());
    let (shuts_out, word) = SHUTS_OUT;
    let whom = matches!(rule, Rule::Several(_)).then(|| {
        let about = "No value that is known to shut them out. It stands alone.";
        (shuts_out, json_schema!({ "enum": [word], "description": about }))
    });
    let mut settings = closed(names.chain(whom).collect(), &[]);
    settings.insert("minProperties".to_owned(), 1.into());
    if matches!(rule, Rule::Several(_)) {
        let message = format!("`{shuts_out}` stands alone in `{key}`");
        let alone = json!({ "maxProperties": 1, "errorMessage": message });
        settings.insert("if".to_owned(), json!({ "required": [shuts_out] }));
        settings.insert("then".to_owned(), alone);
    }
    mapping(settings, &format!("`{key}` is a mapping of settings"))
}

/// Exactly one rule, with separate messages for no rule and for a second one.
pub(super) fn one_rule(only_known: Json) -> Vec<Json> {
    let keys: Vec<&str> = rules().map(|(key, _)| key).collect();
    let message = format!("a policy must have exactly one of {}", listed(keys.iter().copied()));
    let required: Vec<Json> = keys.iter().map(|key| json!({ "required": [key] })).collect();
    let none = json!({ "if": { "not": { "anyOf": required }, "propertyNames": only_known },
        "then": { "required": keys[..1], "errorMessage": message } });
    let second = |(earlier, key): (usize, &&str)| {
        let then = json!({ "properties": { *key: misplaced_mapping(&message) } });
        json!({ "if": { "anyOf": required[..earlier] }, "then": then })
    };
    std::iter::once(none).chain(keys.iter().enumerate().skip(1).map(second)).collect()
}
