//! The JSON Schema of world files, for editors and for `ajv` in pipelines: the tables of keys, as a schema.

use super::fault::{self, WORDS};
use super::file;
use super::key::{Key, Kind};
use super::on::On;
use crate::catalogue::{self, Value};
use serde_json::{Map, Value as Json, json};

/// The schema of a world file.
#[must_use]
pub(crate) fn schema() -> Json {
    let mut schema = object(&file::KEYS);
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    schema["title"] = "botform world".into();
    schema["description"] =
        "The state of the emulator: zones with their settings, accounts, tokens, limits and scripted faults."
            .into();
    schema["definitions"] = json!({"settings": all_settings()});
    // No key is required.
    if let Some(members) = schema.as_object_mut() {
        members.remove("required");
    }
    schema
}

fn object(keys: &[Key]) -> Json {
    let required: Vec<_> = keys.iter().filter(|key| key.is_required).map(|key| key.name).collect();
    let properties = keys.iter().map(|key| (key.name.to_owned(), described(of_kind(key.kind), key.about)));
    let properties: Map<_, _> = properties.collect();
    json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties})
}

fn described(mut schema: Json, about: &str) -> Json {
    schema["description"] = about.into();
    schema
}

fn of_kind(kind: Kind) -> Json {
    let text = || json!({"type": "string", "minLength": 1});
    let list = |items: Json| json!({"type": "array", "items": items});
    match kind {
        Kind::Number(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Kind::Toggle => json!({"type": "boolean"}),
        Kind::Time => json!({"type": "string", "format": "date-time"}),
        Kind::Text => text(),
        Kind::Texts => list(text()),
        Kind::Name => json!({"type": "string", "pattern": "^[a-z0-9_-]*(\\.[a-z0-9_-]*)+$"}),
        Kind::Id => json!({"type": "string", "pattern": "^[0-9a-f]{32}$"}),
        Kind::Word(words) => json!({"type": "string", "enum": words()}),
        Kind::Words(words) => list(described(json!({"type": "string", "enum": words()}), "A permission.")),
        Kind::TextsOrAll => json!({"oneOf": [{"type": "boolean"}, described(list(text()), "The members.")]}),
        Kind::Shape(words) => {
            let words = words().into_iter().map(Json::from).chain([Json::Null]);
            json!({"enum": words.collect::<Vec<_>>()})
        }
        Kind::Settings => json!({"allOf": [{"$ref": "#/definitions/settings"}]}),
        Kind::Object([]) => json!({"type": "object"}),
        Kind::Object(required) => json!({"type": "object", "required": required}),
        Kind::Objects(required) => list(of_kind(Kind::Object(required))),
        Kind::Mapping(keys) => object(keys),
        Kind::EitherOf(keys, either) => {
            let mut schema = object(keys);
            schema["not"] = json!({"required": either});
            schema
        }
        Kind::List(keys) => list(object(keys)),
        Kind::Faults(on) => list(fault(on)),
        Kind::Any => json!({}),
    }
}

/// The settings with their values. Unknown keys and values are allowed on purpose, to emulate future API changes.
fn all_settings() -> Json {
    let settings = catalogue::settings().map(|row| {
        let values: Vec<Json> = row.values().into_iter().map(Value::to_json).collect();
        let known = if values.is_empty() { json!(true) } else { json!({"examples": values}) };
        (row.name.to_owned(), known)
    });
    json!({"type": "object", "properties": settings.collect::<Map<_, _>>()})
}

/// A fault: each word of `do` has its own keys and can affect only some requests.
fn fault(on: &[(&'static str, On)]) -> Json {
    let on_words = |falls_on: &[On]| {
        let on = on.iter().filter(|(_, on)| falls_on.contains(on));
        on.map(|(word, _)| *word).collect::<Vec<_>>()
    };
    let own = WORDS.iter().map(|(word, keys, falls_on)| (*word, *keys, on_words(falls_on)));
    let own: Vec<_> = own.filter(|(_, _, on)| !on.is_empty()).collect();
    let rule = |(word, keys, on): &(&str, &[&str], Vec<&str>)| {
        let names: Vec<_> = fault::COMMON.iter().chain(*keys).collect();
        json!({
            "if": {"properties": {"do": {"const": word}}},
            "then": {"propertyNames": {"enum": names}, "properties": {"on": {"enum": on}}},
        })
    };
    let mut fault = object(&fault::KEYS);
    fault["properties"]["on"]["enum"] = on.iter().map(|(word, _)| *word).collect();
    fault["properties"]["do"]["enum"] = own.iter().map(|(word, ..)| *word).collect();
    fault["allOf"] = own.iter().map(rule).collect();
    fault
}
