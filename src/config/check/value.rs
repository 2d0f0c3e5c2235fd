//! Values: that of a setting, or what to write in its place; and the reason and end that each exception carries.

use super::Fields;
use super::fields::{boolean_meant, boolean_mend, listed, shown};
use crate::catalogue::{Choice, Kind, Setting, Value};
use crate::config::suggest;
use crate::model::Diagnostic;
use jiff::civil::Date;
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

/// The pattern of a date, for schemas.
pub(in crate::config) const DATE_PATTERN: &str = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";

/// Reads `reason` and `until`, both of which must be there.
pub(in crate::config) fn reason_and_end(fields: &mut Fields<'_>, parent: &str) -> Option<(String, Date)> {
    fields.require(parent, "reason", "reason: why");
    fields.require(parent, "until", "until: 2026-12-31");
    let reason = reason(fields, parent);
    let until = date(fields, parent, "until");
    reason.zip(until)
}

/// Reads a reason, which says something.
pub(in crate::config) fn reason(fields: &mut Fields<'_>, parent: &str) -> Option<String> {
    let (pointer, text) = fields.text(parent, "reason")?;
    if text.trim().is_empty() {
        let problem = fields.doc.problem_at_value(&pointer, "the reason is empty");
        fields.push(problem.hint("say why, for those who read the file later"));
        return None;
    }
    Some(text.to_owned())
}

fn date(fields: &mut Fields<'_>, parent: &str, key: &str) -> Option<Date> {
    let (pointer, text) = fields.text(parent, key)?;
    let read = strict_date(text);
    if read.is_none() {
        let message = format!("`{key}` has to be a date, not {}", shown(&text.into()));
        let mut problem = fields.doc.problem_at_value(&pointer, message);
        problem = problem.label("written year-month-day".to_owned());
        let meant = text.get(..10).and_then(strict_date);
        problem.hint = Some("a date is written such as `2026-12-31`".to_owned());
        problem = problem.replacement(meant.map(|date| date.to_string()));
        fields.push(problem);
    }
    read
}

fn strict_date(text: &str) -> Option<Date> {
    let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let is_placed = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    if is_plain && is_placed { text.parse().ok() } else { None }
}
