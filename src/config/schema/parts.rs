//! The building blocks of the schemas.

use crate::config::check::listed;
use schemars::{Schema, json_schema};
use serde_json::{Map, Value as Json};

/// The JSON Schema draft of the schemas.
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// The head of a schema.
pub(super) fn head(name: &str, title: &str, description: &str) -> Schema {
    json_schema!({
        "$schema": DRAFT,
        "$id": format!("urn:botform:schema:{name}"),
        "title": title,
        "description": description,
    })
}

/// Holds where no key is unknown. An unknown key may be the misspelling of one that is missing, so then only the unknown
/// one is reported.
pub(super) fn only_known<'a>(keys: impl IntoIterator<Item = &'a str>) -> Json {
    serde_json::json!({ "enum": keys.into_iter().collect::<Vec<_>>() })
}

/// A mapping with these keys and no others.
pub(super) fn closed(properties: Vec<(&str, Schema)>, required: &[&str]) -> Schema {
    let known = only_known(properties.iter().map(|(key, _)| *key));
    let properties: Map<String, Json> =
        properties.into_iter().map(|(key, schema)| (key.to_owned(), schema.to_value())).collect();
    let mut schema = json_schema!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema.insert("if".to_owned(), serde_json::json!({ "propertyNames": known }));
        schema.insert("then".to_owned(), serde_json::json!({ "required": required }));
    }
    schema
}

/// The same inside a file. Editors show `message` for a value that is not a mapping. It belongs to a part of the
/// schema: on the whole schema, editors would show it for every wrong key too.
pub(super) fn mapping(mut schema: Schema, message: &str) -> Schema {
    schema.remove("type");
    let is_mapping = explained(json_schema!({ "type": "object" }), message).to_value();
    let mut all = vec![is_mapping];
    if let Some(Json::Array(others)) = schema.remove("allOf") {
        all.extend(others);
    }
    schema.insert("allOf".to_owned(), all.into());
    schema
}

/// The same for a mapping with these keys and no others.
pub(super) fn entry(name: &str, properties: Vec<(&str, Schema)>, required: &[&str]) -> Schema {
    let keys = listed(properties.iter().map(|(key, _)| *key));
    mapping(closed(properties, required), &format!("{name} is a mapping with the keys {keys}"))
}

/// The same with a description.
pub(super) fn described(mut schema: Schema, description: &str) -> Schema {
    schema.insert("description".to_owned(), description.into());
    schema
}

/// The same with the message that an editor shows for an invalid value.
pub(super) fn explained(mut schema: Schema, message: &str) -> Schema {
    schema.insert("errorMessage".to_owned(), message.into());
    schema
}

/// The same with a title, which editors show above the description; without one they show that of the whole file.
pub(super) fn titled(mut schema: Schema, title: &str) -> Schema {
    schema.insert("title".to_owned(), title.into());
    schema
}

/// A setting that must not be there, with the editor's message. Any value fails in exactly one way, so it is reported
/// once, and completion does not offer it.
pub(super) fn misplaced(message: &str) -> Schema {
    json_schema!({
        "type": "object",
        "minProperties": 1,
        "maxProperties": 0,
        "doNotSuggest": true,
        "errorMessage": message,
    })
}

/// The same for a member that is a mapping in its right place.
pub(super) fn misplaced_mapping(message: &str) -> Schema {
    json_schema!({
        "type": "string",
        "minLength": 1,
        "maxLength": 0,
        "doNotSuggest": true,
        "errorMessage": message,
    })
}

/// The snippet that an editor offers for an empty file.
pub(super) fn snippet(schema: &mut Schema, label: &str, body: &str) {
    let snippet = serde_json::json!([{ "label": label, "body": body }]);
    schema.insert("defaultSnippets".to_owned(), snippet);
}

/// One of the words, each with its meaning.
pub(super) fn words(words: &[(&str, &str)]) -> Schema {
    let (words, meanings): (Vec<&str>, Vec<&str>) = words.iter().copied().unzip();
    json_schema!({ "type": "string", "enum": words, "enumDescriptions": meanings })
}

/// The same under a key; a value of another type gets the same message as a wrong word.
pub(super) fn word_of(key: &str, choices: &[(&str, &str)]) -> Schema {
    let message = format!("`{key}` is one of {}", listed(choices.iter().map(|(word, _)| *word)));
    explained(words(choices), &message)
}

/// A string that matches a pattern.
pub(super) fn pattern(pattern: &str) -> Schema {
    json_schema!({ "type": "string", "pattern": pattern })
}

pub(super) fn list(items: &Schema) -> Schema {
    json_schema!({ "type": "array", "items": items })
}

/// A reference to an entry of `definitions`.
pub(super) fn reference(name: &str) -> Schema {
    Schema::new_ref(format!("#/definitions/{name}"))
}
