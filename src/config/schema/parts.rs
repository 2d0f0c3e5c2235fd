//! What both schemas are made of.

use crate::config::check::{DATE_PATTERN, MOST_BASELINES, PATH_PATTERN, listed, named};
use schemars::{Schema, json_schema};
use serde_json::{Map, Value as Json};

/// The draft that the schemas are written for.
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// The head of a schema.
pub(in crate::config) fn head(name: &str, title: &str, description: &str) -> Schema {
    json_schema!({
        "$schema": DRAFT,
        "$id": format!("urn:botform:schema:{name}"),
        "title": title,
        "description": description,
    })
}

/// A mapping with these keys and no others.
pub(in crate::config) fn closed(properties: Vec<(&str, Schema)>, required: &[&str]) -> Schema {
    let properties: Map<String, Json> =
        properties.into_iter().map(|(key, schema)| (key.to_owned(), schema.to_value())).collect();
    let mut schema = json_schema!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema
}

/// The same inside a file. Editors say `message` of anything else than a mapping, in place of words of their own; it is
/// said by a part of the schema, since of the whole it would be said of every wrong key as well.
pub(in crate::config) fn mapping(mut schema: Schema, message: &str) -> Schema {
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
pub(in crate::config) fn entry(name: &str, properties: Vec<(&str, Schema)>, required: &[&str]) -> Schema {
    let keys = listed(properties.iter().map(|(key, _)| *key));
    mapping(closed(properties, required), &format!("{} is a mapping with the keys {keys}", named(name)))
}

/// The same with a description.
pub(in crate::config) fn described(mut schema: Schema, description: &str) -> Schema {
    schema.insert("description".to_owned(), description.into());
    schema
}

/// The same with what an editor says where it does not hold.
pub(in crate::config) fn explained(mut schema: Schema, message: &str) -> Schema {
    schema.insert("errorMessage".to_owned(), message.into());
    schema
}

/// The same under a title: editors show it above the description, and without one they show that of the whole file.
pub(in crate::config) fn titled(mut schema: Schema, title: &str) -> Schema {
    schema.insert("title".to_owned(), title.into());
    schema
}

/// A setting that no value is right for, with what an editor says of it. It fails in a single way for what people
/// write there, so that it is reported once, and it is not offered.
pub(in crate::config) fn misplaced(message: &str) -> Schema {
    json_schema!({
        "type": "object",
        "minProperties": 1,
        "maxProperties": 0,
        "doNotSuggest": true,
        "errorMessage": message,
    })
}

/// The same of a member that is a mapping where it belongs.
pub(super) fn misplaced_mapping(message: &str) -> Schema {
    json_schema!({
        "type": "string",
        "minLength": 1,
        "maxLength": 0,
        "doNotSuggest": true,
        "errorMessage": message,
    })
}

/// What an editor offers for an empty file.
pub(in crate::config) fn snippet(schema: &mut Schema, label: &str, body: &str) {
    let snippet = serde_json::json!([{ "label": label, "body": body }]);
    schema.insert("defaultSnippets".to_owned(), snippet);
}

/// One of some words, each with its meaning.
pub(in crate::config) fn words(words: &[(&str, &str)]) -> Schema {
    let (words, meanings): (Vec<&str>, Vec<&str>) = words.iter().copied().unzip();
    json_schema!({ "type": "string", "enum": words, "enumDescriptions": meanings })
}

/// The same under a key; a value of another type is the same mistake as another word.
pub(in crate::config) fn word_of(key: &str, choices: &[(&str, &str)]) -> Schema {
    let message = format!("`{key}` is one of {}", listed(choices.iter().map(|(word, _)| *word)));
    explained(words(choices), &message)
}

/// A boolean.
pub(super) fn toggle(description: &str) -> Schema {
    explained(
        described(json_schema!({ "type": "boolean" }), description),
        "write `true` or `false`, without quotes",
    )
}

/// A text of a pattern.
pub(in crate::config) fn pattern(pattern: &str, description: &str) -> Schema {
    described(json_schema!({ "type": "string", "pattern": pattern }), description)
}

/// A reason, which says something.
pub(super) fn reason(description: &str) -> Schema {
    explained(pattern("\\S", description), "say why, for those who read the file later")
}

/// A date.
pub(super) fn date(description: &str) -> Schema {
    let mut schema = explained(pattern(DATE_PATTERN, description), "a date is written such as `2026-12-31`");
    schema.insert("format".to_owned(), "date".into());
    schema
}

/// A list.
pub(super) fn list(items: &Schema, description: &str) -> Schema {
    described(json_schema!({ "type": "array", "items": items }), description)
}

/// The files that a zone file or a baseline extends.
pub(super) fn extends() -> Schema {
    const MESSAGE: &str = "write the path of a baseline from the folder of this file, such as `../baselines/retail.yaml`, or a list of them";
    let path = explained(json_schema!({ "type": "string", "pattern": PATH_PATTERN }), MESSAGE);
    let paths = json_schema!({ "type": ["string", "array"], "pattern": PATH_PATTERN, "items": path,
        "maxItems": MOST_BASELINES });
    let description =
        "The baselines that this file extends: of several the later wins, and this file wins over all.";
    titled(explained(described(paths, description), MESSAGE), "extends")
}

/// What stands under a name of `definitions`.
pub(super) fn reference(name: &str) -> Schema {
    Schema::new_ref(format!("#/definitions/{name}"))
}
