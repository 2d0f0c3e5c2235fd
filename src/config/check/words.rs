//! Words in messages: lists of them, and those that people write for true and false.

use crate::config::yaml::short;
use serde_json::Value as Json;

/// Words in backticks with commas between.
pub(in crate::config) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// What a word means where a boolean is wanted; YAML 1.1 and other tools read more words than YAML 1.2.
pub(super) fn boolean_meant(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(on) => Some(*on),
        Json::Number(number) => match number.as_u64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        Json::String(word) => match word.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "on" | "enabled" | "enable" | "1" => Some(true),
            "false" | "no" | "n" | "off" | "disabled" | "disable" | "0" => Some(false),
            _ => None,
        },
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// What stands in place of a wanted value.
pub(super) fn shown(value: &Json) -> String {
    match value {
        Json::Null => "nothing".to_owned(),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "a mapping".to_owned(),
        Json::String(text) if text.is_empty() => "an empty text".to_owned(),
        Json::String(text) => format!("`{}`", short(text)),
        Json::Bool(_) | Json::Number(_) => format!("`{value}`"),
    }
}
