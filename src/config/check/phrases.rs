//! The phrases that problems are made of.

use crate::config::yaml::{Cursor, short};
use crate::model::Diagnostic;
use serde_json::Value as Json;

/// The problem of a value of the wrong kind: names the expected one.
pub(in crate::config) fn mismatch(at: Cursor<'_>, name: &str, wanted: &str) -> Diagnostic {
    mismatch_of(at, &named(name), wanted)
}

/// The same for something that is not a key, such as an item of a list.
pub(super) fn mismatch_of(at: Cursor<'_>, name: &str, wanted: &str) -> Diagnostic {
    // A key with nothing after it is more often unfinished than meant to be null.
    if at.value().is_null() {
        let problem = at.problem(format!("{name} has no value"));
        return problem.hint(format!("write {wanted}, or leave {name} out"));
    }
    // Show the value as written: without its quotes, a string such as "5" would look right.
    let is_as_written = at.value().is_number() || (at.is_quoted() && at.value() != "");
    let written = at.written().filter(|_| is_as_written);
    let given = written.map_or_else(|| shown(at.value()), |written| format!("`{}`", short(written)));
    at.problem(format!("{name} must be {wanted}, not {given}"))
}

/// The editor's message for a value that is not a mapping of settings.
pub(in crate::config) fn mapping_wanted(key: &str) -> String {
    format!("`{key}` is a mapping; write `{key}: {{}}` to manage nothing")
}

/// A key in backticks; a name of several words is not a key and stays as it is.
pub(in crate::config) fn named(name: &str) -> String {
    if name.contains(' ') { name.to_owned() } else { format!("`{name}`") }
}

/// The hint for a probable typo.
pub(in crate::config) fn did_you_mean(meant: Option<&str>) -> Option<String> {
    meant.map(|meant| format!("did you mean `{meant}`?"))
}

/// Adds why the word is not a boolean, and which one was meant.
pub(super) fn boolean_mend(problem: Diagnostic, meant: bool, quoted: bool) -> Diagnostic {
    let label = if quoted { "a string, because it is quoted" } else { "not a boolean in YAML 1.2" };
    problem.label(label).hint(format!("write `{meant}`")).replacement(meant.to_string())
}

/// Words in backticks with commas between.
pub(in crate::config) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// The boolean that a word probably means: YAML 1.1 and other tools accept more words than YAML 1.2.
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

/// A value for a message.
pub(super) fn shown(value: &Json) -> String {
    match value {
        Json::Null => "nothing".to_owned(),
        Json::Array(items) if items.is_empty() => "an empty list".to_owned(),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "a mapping".to_owned(),
        Json::String(text) if text.is_empty() => "an empty string".to_owned(),
        Json::String(text) => format!("`{}`", short(text)),
        Json::Bool(_) | Json::Number(_) => format!("`{value}`"),
    }
}
