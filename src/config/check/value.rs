//! Values: that of a setting, or what to write in its place, and how values are named in messages.

use super::Fields;
use super::fields::boolean_mend;
use crate::catalogue::{Choice, Kind, Setting, Value};
use crate::config::suggest;
use crate::config::yaml::short;
use crate::model::Diagnostic;
use serde_json::Value as Json;

/// Reads the value of a setting.
pub(in crate::config) fn setting_value(
    fields: &mut Fields<'_>,
    pointer: &str,
    setting: &'static Setting,
) -> Option<Value> {
    let json = fields.doc.get(pointer)?;
    if let Some(value) = setting.read(json) {
        return Some(value);
    }
    let problem = match (&setting.kind, json) {
        (_, Json::Null) => no_value(fields, pointer, setting),
        (Kind::Choice(choices), json) => wrong_word(fields, pointer, setting, choices, json),
        (Kind::Toggle { on, off, .. }, json) => {
            let message = format!("`{}` has to be `true` or `false`, not {}", setting.name, shown(json));
            let problem = fields.doc.problem_at_value(pointer, message);
            match boolean_meant(json) {
                Some(meant) => boolean_mend(problem, meant, fields.doc.is_quoted(pointer)),
                None => problem.hint(format!("`true`: {on}; `false`: {off}")),
            }
        }
        (Kind::ReadOnly, _) => return None,
    };
    fields.push(problem);
    None
}

fn no_value(fields: &Fields<'_>, pointer: &str, setting: &Setting) -> Diagnostic {
    let mut problem = fields.doc.problem_at_value(pointer, format!("`{}` has no value", setting.name));
    problem = problem.label("null is not a value of a setting".to_owned());
    problem.hint("leave the setting out to leave it unmanaged")
}

fn wrong_word(
    fields: &Fields<'_>,
    pointer: &str,
    setting: &Setting,
    choices: &'static [Choice],
    json: &Json,
) -> Diagnostic {
    let words = || choices.iter().map(|choice| choice.word);
    let message = format!("{} is not a value of `{}`", shown(json), setting.name);
    let mut problem = fields.doc.problem_at_value(pointer, message);
    problem = problem.label(format!("one of {}", listed(words())));
    let near = json.as_str().and_then(|word| suggest(word, words()));
    let meant = near.or_else(|| boolean_meant(json).and_then(|on| word_for(on, setting, choices)));
    match meant {
        Some(meant) if json.is_boolean() => problem.hint = Some(format!("write the word `{meant}`")),
        Some(meant) => problem.hint = Some(format!("did you mean `{meant}`?")),
        None => problem.hint = Some(format!("`botform explain {}` says what each means", setting.name)),
    }
    problem = problem.replacement(meant.map(written));
    problem
}

/// The word that on or off stands for, where it can only be one.
fn word_for(on: bool, setting: &Setting, choices: &'static [Choice]) -> Option<&'static str> {
    let neutral = setting.neutral.and_then(|neutral| match neutral {
        Value::Word(word) => Some(word),
        Value::Toggle(_) => None,
    })?;
    if !on {
        return Some(neutral);
    }
    let mut others = choices.iter().map(|choice| choice.word).filter(|word| *word != neutral);
    others.next().filter(|_| others.next().is_none())
}

/// A word as it is best written: `off` is *false* to YAML 1.1 tools.
fn written(word: &str) -> String {
    if word == "off" { "\"off\"".to_owned() } else { word.to_owned() }
}

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
