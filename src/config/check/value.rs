//! Reads the value of a setting, or reports what to write instead.

use super::Check;
use super::phrases::{boolean_meant, boolean_mend, listed, mismatch, shown};
use crate::catalogue::{Choice, Kind, Setting, Value};
use crate::config::suggest;
use crate::config::yaml::Cursor;
use crate::model::Diagnostic;
use serde_json::Value as Json;

/// Reads the value of a setting.
pub(in crate::config) fn setting_value(
    check: &mut Check,
    at: Cursor<'_>,
    setting: &'static Setting,
) -> Option<Value> {
    let json = at.value();
    if let Some(value) = setting.read(json) {
        return Some(value);
    }
    check.push(match (&setting.kind, json) {
        (_, Json::Null) => {
            let problem = at.problem(format!("`{}` has no value", setting.name));
            let problem = problem.label("null is not a value of a setting");
            problem.hint("leave the setting out to leave it unmanaged")
        }
        (Kind::Choice(choices), _) => wrong_word(at, setting, choices),
        (Kind::Toggle { on, off, .. }, _) => {
            let problem = mismatch(at, setting.name, "`true` or `false`");
            match boolean_meant(json) {
                Some(meant) => boolean_mend(problem, meant, at.is_quoted()),
                None => problem.hint(format!("`true`: {on}; `false`: {off}")),
            }
        }
        (Kind::ReadOnly, _) => return None,
    });
    None
}

fn wrong_word(at: Cursor<'_>, setting: &Setting, choices: &'static [Choice]) -> Diagnostic {
    let json = at.value();
    let words = || choices.iter().map(|choice| choice.word);
    let near =
        json.as_str().and_then(|word| meant_word(word, setting, choices).or_else(|| suggest(word, words())));
    let meant = near.or_else(|| boolean_meant(json).and_then(|on| word_for(on, setting, choices)));
    let hint = match meant {
        Some(meant) if json.is_boolean() => format!("write the word `{meant}`"),
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("`botform explain {}` describes each value", setting.name),
    };
    let problem = at.problem(format!("{} is not a value of `{}`", shown(json), setting.name));
    let problem = problem.label(format!("one of {}", listed(words()))).hint(hint);
    problem.replacement(meant.map(written))
}

/// The word that one of another interface stands for: custom rules know two challenges, and `allow` is what the
/// settings of AI crawlers call `disabled`.
fn meant_word(typed: &str, setting: &Setting, choices: &'static [Choice]) -> Option<&'static str> {
    let typed = typed.to_ascii_lowercase();
    let meant = match typed.as_str() {
        "challenge" | "js_challenge" | "jschallenge" | "interactive_challenge" => "managed_challenge",
        "allow" if setting.neutral == Some(Value::Word("disabled")) => "disabled",
        _ => return None,
    };
    choices.iter().map(|choice| choice.word).find(|word| *word == meant)
}

/// The word that on or off stands for, if it is unambiguous.
fn word_for(on: bool, setting: &Setting, choices: &'static [Choice]) -> Option<&'static str> {
    let Some(Value::Word(neutral)) = setting.neutral else { return None };
    if !on {
        return Some(neutral);
    }
    let mut others = choices.iter().map(|choice| choice.word).filter(|word| *word != neutral);
    others.next().filter(|_| others.next().is_none())
}

/// A word as it should be written: `off` gets quotes because YAML 1.1 tools read it as *false*.
fn written(word: &str) -> String {
    if word == "off" { "\"off\"".to_owned() } else { word.to_owned() }
}
