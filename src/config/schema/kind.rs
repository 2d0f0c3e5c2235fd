//! The schema of a key, by its kind, and the schema of a mapping of keys.

use super::parts::{
    closed, described, entry, explained, list, mapping, misplaced, only_known, pattern, reference, titled,
    word_of,
};
use super::policy;
use super::setting::{self, ANY};
use crate::catalogue::Variant;
use crate::catalogue::feedback::ATTRIBUTES;
use crate::config::check::{
    DATE_PATTERN, MOST_BASELINES, PATH_PATTERN, REVISION_PATTERN, REVISION_WANTED, TOKEN_WANTED, listed,
    mapping_wanted,
};
use crate::config::keys::{ITEM, Key, Kind, Mapping, Presence};
use crate::model::{ID_PATTERN, Rate, SCORE_PATTERN, TIME_PATTERN, Threshold, TokenVariable, ZoneName};
use schemars::{Schema, json_schema};
use serde_json::{Map, Value as Json, json};

/// The keys of a mapping. Each has a title, which editors show above the description; without one they show the title
/// of the whole file.
pub(super) fn properties(mapping: &Mapping) -> Vec<(&'static str, Schema)> {
    mapping.keys.iter().map(|key| (key.name, titled(of_key(key), key.name))).collect()
}

fn of_key(key: &Key) -> Schema {
    let schema = of_kind(&key.kind, key.name);
    if key.about.is_empty() { schema } else { described(schema, key.about) }
}

fn of_kind(kind: &Kind, name: &str) -> Schema {
    match kind {
        Kind::ZoneName => zone_name(),
        Kind::ZoneId | Kind::AccountId => {
            explained(pattern(ID_PATTERN), "an id has 32 lower-case hexadecimal digits")
        }
        Kind::Plan => word_of(name, &crate::config::keys::plans()),
        Kind::Words(words) => word_of(name, &words()),
        Kind::WordsOrOther(known) => {
            json_schema!({ "anyOf": [{ "enum": known }, { "type": "string", "pattern": "\\S" }] })
        }
        Kind::SettingName => {
            let settings: Vec<_> = setting::settable().map(|row| (row.name, row.summary)).collect();
            word_of(name, &settings)
        }
        Kind::SettingValue => json_schema!({}),
        Kind::Toggle => {
            explained(json_schema!({ "type": "boolean" }), "write `true` or `false`, without quotes")
        }
        Kind::Date => formatted(DATE_PATTERN, "date", "a date looks like `2026-12-31`"),
        Kind::Time => formatted(TIME_PATTERN, "date-time", "a time looks like `2026-01-31T08:00:00Z`"),
        Kind::Text(hint) => explained(pattern("\\S"), hint),
        Kind::AnyText => json_schema!({ "type": "string" }),
        Kind::Pattern => json_schema!({ "type": "string", "minLength": 1 }),
        Kind::Patterns => list(&described(of_kind(&Kind::Pattern, name), crate::config::keys::PATTERN)),
        Kind::Whole(least, most) => json_schema!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Count => json_schema!({ "type": "integer", "minimum": 0, "maximum": i64::MAX }),
        Kind::Threshold => threshold(),
        Kind::Rate => {
            explained(pattern(Rate::PATTERN), "a rate is written as requests/seconds, such as `1200/300`")
        }
        Kind::TokenVariable => {
            let mut schema = pattern(TokenVariable::PATTERN);
            schema.insert("maxLength".to_owned(), TokenVariable::MAX_LENGTH.into());
            explained(schema, TOKEN_WANTED)
        }
        Kind::Revision => explained(pattern(REVISION_PATTERN), REVISION_WANTED),
        // The branches hold the mapping itself, so that a wrong name is reported once.
        Kind::Settings => explained(json_schema!({ "type": "object" }), &mapping_wanted(name)),
        Kind::SettingsOfAll => settings(ANY, name),
        Kind::SettingsByPlan => by_plan(name),
        Kind::Rule(rule) => policy::settings(*rule, name),
        Kind::Extends => extends(),
        Kind::Mapping(keys) => of_mapping(keys, &format!("`{name}`")),
        Kind::Entries(keys) => list(&of_mapping(keys, &format!("an item of `{name}`"))),
        Kind::Scores => scores(name),
        Kind::Sources => {
            let sources =
                json_schema!({ "type": "object", "additionalProperties": of_kind(&Kind::Count, "") });
            mapping(sources, &format!("`{name}` is a mapping of engines to counts"))
        }
        Kind::Attributes => attributes(name),
        Kind::ReadOnly => misplaced(&format!("`{name}` is read-only: remove it")),
    }
}

/// A mapping inside a file, with the rules between its keys.
fn of_mapping(keys: &Mapping, name: &str) -> Schema {
    let mut schema = entry(name, properties(keys), &keys.required());
    let has = |is_it: fn(&Kind) -> bool| keys.keys.iter().any(|key| is_it(&key.kind));
    if let Some(Json::Array(all)) = schema.get_mut("allOf") {
        if has(|kind| matches!(kind, Kind::SettingValue)) {
            all.extend(setting::settable().map(|setting| value_of(setting.name)));
        }
        if has(|kind| matches!(kind, Kind::Rule(_))) {
            all.extend(policy::one_rule(only_known(keys.names())));
        }
    }
    schema
}

/// The keys of a mapping that are only required without another one.
pub(super) fn needed(mapping: &Mapping) -> impl Iterator<Item = Json> {
    mapping.keys.iter().filter_map(|key| {
        let Presence::Unless(other, _) = key.presence else { return None };
        let alone = json!({ "not": { "required": [other] }, "propertyNames": only_known(mapping.names()) });
        Some(json!({ "if": alone, "then": { "required": [key.name] } }))
    })
}

fn value_of(name: &str) -> Json {
    json!({
        "if": { "properties": { "setting": { "const": name } }, "required": ["setting"] },
        "then": { "properties": { "value": reference(name).to_value() } },
    })
}

fn zone_name() -> Schema {
    let mut schema = pattern(ZoneName::PATTERN);
    schema.insert("maxLength".to_owned(), ZoneName::MAX_LENGTH.into());
    explained(schema, "write the zone's name in lower case, such as `example.com`")
}

fn formatted(of: &str, format: &str, message: &str) -> Schema {
    let mut schema = explained(pattern(of), message);
    schema.insert("format".to_owned(), format.into());
    schema
}

fn threshold() -> Schema {
    // Editors only show the message of the innermost schema that fails.
    let schema = json_schema!({
        "type": ["integer", "string"],
        "minimum": 0,
        "maximum": Threshold::MAX_COUNT,
        "pattern": Threshold::PERCENT_PATTERN,
    });
    explained(schema, "write a number such as `10`, or a percentage such as `5%`")
}

/// The settings under a key.
fn settings(definition: &str, key: &str) -> Schema {
    let mapping = json_schema!({ "type": "object", "allOf": [reference(definition)] });
    explained(mapping, &mapping_wanted(key))
}

fn by_plan(name: &str) -> Schema {
    let plan = |variant: &Variant| {
        let word = variant.word();
        let description = format!("Additional settings of zones on {word}: {}.", variant.meaning());
        (word, titled(described(settings(word, word), &description), word))
    };
    let words = listed(Variant::ALL.iter().map(|variant| variant.word()));
    let plans = closed(Variant::ALL.iter().map(plan).collect(), &[]);
    explained(plans, &format!("`{name}` is a mapping with the keys {words}"))
}

fn extends() -> Schema {
    const MESSAGE: &str = "write the path of a baseline from the folder of this file, such as `../baselines/retail.yaml`, or a list of them";
    let path = explained(pattern(PATH_PATTERN), MESSAGE);
    let paths = json_schema!({ "type": ["string", "array"], "pattern": PATH_PATTERN, "items": path,
        "maxItems": MOST_BASELINES });
    explained(paths, MESSAGE)
}

fn scores(name: &str) -> Schema {
    // Editors show no message for `propertyNames`, and ignore numeric keys in it.
    let scores = json_schema!({
        "type": "object",
        "patternProperties": { SCORE_PATTERN: of_kind(&Kind::Count, "") },
        "additionalProperties": false,
    });
    explained(scores, &format!("`{name}` is a mapping with the scores `1` to `99`, without leading zeros"))
}

fn attributes(name: &str) -> Schema {
    let list = list(&of_mapping(&ITEM, ITEM.called)).to_value();
    let known: Map<String, Json> = ATTRIBUTES.iter().map(|name| ((*name).to_owned(), list.clone())).collect();
    let attributes = json_schema!({ "type": "object", "properties": known, "additionalProperties": list });
    mapping(attributes, &format!("`{name}` is a mapping; write `{{}}` if there are none"))
}
