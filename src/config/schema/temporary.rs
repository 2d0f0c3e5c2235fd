//! The schema of temporary values: the setting decides which values there are, and the plan variant which settings.

use super::parts::{date, described, entry, explained, list, reason, reference, titled, word_of};
use super::setting;
use crate::catalogue::{self, Variant};
use schemars::{Schema, json_schema};
use serde_json::{Value as Json, json};

/// The entries of a zone file.
pub(super) fn temporary() -> Schema {
    let settings: Vec<_> = setting::settable().map(|setting| (setting.name, setting.summary)).collect();
    let value = described(json_schema!({}), "Its value up to the last day.");
    let keys = vec![
        ("setting", titled(described(word_of("setting", &settings), "The setting."), "setting")),
        ("value", titled(value, "value")),
        (
            "until",
            titled(date("The last day of the value (UTC); afterwards `settings` counts again."), "until"),
        ),
        ("reason", titled(reason("Why the value is another one for a while."), "reason")),
    ];
    let mut entry = entry("an item of `temporary`", keys, &["setting", "value", "until", "reason"]);
    let values = setting::settable().map(|setting| value_of(setting.name));
    if let Some(Json::Array(all)) = entry.get_mut("allOf") {
        all.extend(values);
    }
    titled(list(&entry, "Values with a last day; afterwards `settings` counts again."), "temporary")
}

fn value_of(name: &str) -> Json {
    json!({
        "if": { "properties": { "setting": { "const": name } }, "required": ["setting"] },
        "then": { "properties": { "value": reference(name).to_value() } },
    })
}

/// What a plan variant makes of the entries.
pub(super) fn of_variant(variant: Variant) -> Json {
    let names: Vec<&str> = catalogue::settable(variant).map(|setting| setting.name).collect();
    let foreign = setting::settable().filter(|setting| !setting.is_settable_on(variant));
    let foreign = foreign.map(|setting| {
        let message = setting::of_another(setting, variant, setting::THIS_FILE);
        let name = explained(json_schema!({ "enum": names }), &message).to_value();
        let asks = json!({ "properties": { "setting": { "const": setting.name } }, "required": ["setting"] });
        json!({ "if": asks, "then": { "properties": { "setting": name } } })
    });
    json!({ "items": { "allOf": foreign.collect::<Vec<_>>() } })
}
