//! The rules of a policy in its schema.

use super::parts::{closed, mapping, misplaced_mapping, reference};
use super::setting;
use crate::config::check::listed;
use crate::config::keys::{RULES, Rule, SHUTS_OUT};
use schemars::{Schema, json_schema};
use serde_json::{Value as Json, json};

/// The settings of a rule, with the values that it allows for each.
pub(super) fn settings(rule: Rule, key: &str) -> Schema {
    let said = |name: &str| match rule {
        Rule::Forbid => json_schema!({ "type": "array", "minItems": 1, "items": reference(name) }),
        Rule::Pin | Rule::AtLeast => reference(name),
    };
    let names = setting::settable().filter(|setting| !matches!(rule, Rule::AtLeast) || setting.has_order());
    let names = names.map(|setting| (setting.name, said(setting.name))).chain(setting::read_only());
    let (shuts_out, word) = SHUTS_OUT;
    let whom = matches!(rule, Rule::Forbid).then(|| {
        let about = "No value that is known to shut them out. It stands alone.";
        (shuts_out, json_schema!({ "enum": [word], "description": about }))
    });
    let mut settings = closed(names.chain(whom).collect(), &[]);
    settings.insert("minProperties".to_owned(), 1.into());
    if matches!(rule, Rule::Forbid) {
        let message = format!("`{shuts_out}` stands alone in `forbid`");
        let alone = json!({ "maxProperties": 1, "errorMessage": message });
        settings.insert("if".to_owned(), json!({ "required": [shuts_out] }));
        settings.insert("then".to_owned(), alone);
    }
    mapping(settings, &format!("`{key}` is a mapping of settings"))
}

/// Exactly one rule, with separate messages for no rule and for a second one.
pub(super) fn one_rule(only_known: Json) -> Vec<Json> {
    let message = format!("a policy must have exactly one of {}", listed(RULES));
    let [first, others @ ..] = &RULES;
    let none = |rule: &&str| json!({ "required": [rule] });
    let none = json!({ "if": { "not": { "anyOf": RULES.iter().map(none).collect::<Vec<_>>() }, "propertyNames": only_known },
        "then": { "required": [first], "errorMessage": message } });
    let second = |(index, rule): (usize, &&str)| {
        let earlier: Vec<Json> = RULES[..=index].iter().map(|rule| json!({ "required": [rule] })).collect();
        let then = json!({ "properties": { *rule: misplaced_mapping(&message) } });
        json!({ "if": { "anyOf": earlier }, "then": then })
    };
    std::iter::once(none).chain(others.iter().enumerate().map(second)).collect()
}
