//! Reading the members of a mapping, each with its own kind of value. Every problem is kept, and none ends the check.

use crate::config::suggest;
use crate::config::yaml::{Cursor, short};
use crate::model::{Diagnostic, InvalidName};
use jiff::civil::Date;
use serde_json::Value as Json;

/// The pattern of a date, for schemas.
pub(in crate::config) const DATE_PATTERN: &str = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";

/// The keys of a zone file.
pub(super) const ZONE_KEYS: [&str; 12] = [
    "zone",
    "zone_id",
    "account_id",
    "plan",
    "extends",
    "settings",
    "temporary",
    "stale",
    "custom_rules_in_place",
    "protect",
    "freeze",
    "accept",
];

/// The keys of a baseline.
pub(super) const BASELINE_KEYS: [&str; 3] = ["settings", "plans", "extends"];

/// The check of a document, with the problems found so far.
#[derive(Default)]
pub(in crate::config) struct Check {
    /// The problems.
    pub(in crate::config) problems: Vec<Diagnostic>,
    /// Where the values of misspelt keys begin, and the keys that were meant.
    misspelt: Vec<(usize, String)>,
}

impl Check {
    /// Adds a problem.
    pub(in crate::config) fn push(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// The members of a mapping.
    pub(in crate::config) fn mapping<'d>(
        &mut self,
        at: Cursor<'d>,
        name: &str,
    ) -> Option<Vec<(&'d str, Cursor<'d>)>> {
        let members = at.members();
        if members.is_none() {
            self.push(mismatch(at, name, "a mapping"));
        }
        members
    }

    /// The items of a member that is a list; none if it is left out.
    pub(in crate::config) fn items<'d>(&mut self, parent: Cursor<'d>, key: &str) -> Vec<Cursor<'d>> {
        let Some(at) = parent.get(key) else { return Vec::new() };
        at.items().unwrap_or_else(|| {
            self.push(mismatch(at, key, "a list"));
            Vec::new()
        })
    }

    /// Refuses the keys of a mapping that it does not have.
    pub(in crate::config) fn known_keys(&mut self, at: Cursor<'_>, known: &[&str], what: &str) {
        for (key, member) in at.members().unwrap_or_default() {
            if !known.contains(&key) {
                self.unknown_key(member, key, known, what);
            }
        }
    }

    /// Refuses one key, with what was probably meant.
    pub(in crate::config) fn unknown_key(&mut self, at: Cursor<'_>, key: &str, known: &[&str], what: &str) {
        let meant = suggest(key, known.iter().copied());
        self.misspelt.extend(meant.map(|meant| (at.span().start, meant.to_owned())));
        let keys = || format!("the keys of {what} are {}", listed(known.iter().copied()));
        let problem = at.problem_at_key(format!("unknown key {}", shown(&key.into())));
        let problem = problem.label(format!("not a key of {what}"));
        let problem = problem.hint(did_you_mean(meant).unwrap_or_else(keys));
        self.push(problem.replacement(meant.map(str::to_owned)));
    }

    /// Asks for a member.
    pub(in crate::config) fn require(&mut self, parent: Cursor<'_>, key: &str, example: &str) {
        self.require_with(parent, key, &format!("add `{example}`"));
    }

    /// The same with another hint. A misspelt key, which is reported as such, is not missing.
    pub(super) fn require_with(&mut self, parent: Cursor<'_>, key: &str, hint: &str) {
        let is_misspelt = |at: &Cursor<'_>| self.misspelt.contains(&(at.span().start, key.to_owned()));
        let members = parent.members().unwrap_or_default();
        if !members.iter().any(|(name, at)| *name == key || is_misspelt(at)) {
            self.push(parent.problem_within(format!("`{key}` is missing")).hint(hint));
        }
    }

    /// A text.
    pub(in crate::config) fn text<'d>(
        &mut self,
        parent: Cursor<'d>,
        key: &str,
    ) -> Option<(Cursor<'d>, &'d str)> {
        self.text_that(parent, key, |_| false)
    }

    /// A text; what is none only for the lack of quotes gets them, if it is right in them.
    pub(in crate::config) fn text_that<'d>(
        &mut self,
        parent: Cursor<'d>,
        key: &str,
        is_right: impl Fn(&str) -> bool,
    ) -> Option<(Cursor<'d>, &'d str)> {
        let at = parent.get(key)?;
        if let Some(text) = at.value().as_str() {
            return Some((at, text));
        }
        let problem = mismatch(at, key, "a text");
        let written = at.written().filter(|_| at.value().is_number() || at.value().is_boolean());
        self.push(match written.filter(|written| is_right(written)) {
            Some(written) => problem.hint("put it in quotes").replacement(format!("\"{written}\"")),
            None => problem,
        });
        None
    }

    /// A text that says something.
    pub(in crate::config) fn words<'d>(
        &mut self,
        parent: Cursor<'d>,
        key: &str,
        hint: &str,
    ) -> Option<(Cursor<'d>, &'d str)> {
        let (at, text) = self.text_that(parent, key, |_| true)?;
        if text.trim().is_empty() {
            self.push(at.problem(format!("`{key}` is empty")).hint(hint));
            return None;
        }
        Some((at, text))
    }

    /// A text that a type is made of.
    pub(in crate::config) fn parsed<T>(
        &mut self,
        parent: Cursor<'_>,
        key: &str,
        what: &str,
        parse: impl Fn(String) -> Result<T, InvalidName>,
    ) -> Option<T> {
        let (at, text) = self.text_that(parent, key, |text| parse(text.to_owned()).is_ok())?;
        let wrong = |error: InvalidName| {
            let problem = at.problem(format!("{} is not {what}", shown(&text.into())));
            let problem = problem.label(error.rule()).maybe_hint(did_you_mean(error.suggestion()));
            self.push(problem.replacement(error.suggestion().map(str::to_owned)));
        };
        parse(text.to_owned()).map_err(wrong).ok()
    }

    /// A boolean.
    pub(in crate::config) fn toggle(&mut self, parent: Cursor<'_>, key: &str) -> Option<bool> {
        let at = parent.get(key)?;
        if at.value().is_boolean() {
            return at.value().as_bool();
        }
        let problem = mismatch(at, key, "`true` or `false`");
        self.push(match boolean_meant(at.value()) {
            Some(meant) => boolean_mend(problem, meant, at.is_quoted()),
            None => problem,
        });
        None
    }

    /// One of some words.
    pub(in crate::config) fn word<T: Copy>(
        &mut self,
        parent: Cursor<'_>,
        key: &str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let at = parent.get(key)?;
        let text = at.value().as_str();
        if let Some((_, found)) = words.iter().find(|(word, _)| Some(*word) == text) {
            return Some(*found);
        }
        let all = || words.iter().map(|(word, _)| *word);
        let meant = text.and_then(|text| suggest(text, all()));
        if at.value().is_null() {
            self.push(mismatch(at, key, &format!("one of {}", listed(all()))));
            return None;
        }
        let problem = at.problem(format!("{} is not a value of `{key}`", shown(at.value())));
        let problem = problem.label(format!("one of {}", listed(all()))).maybe_hint(did_you_mean(meant));
        self.push(problem.replacement(meant.map(str::to_owned)));
        None
    }

    /// A whole number.
    pub(in crate::config) fn whole(
        &mut self,
        parent: Cursor<'_>,
        key: &str,
        least: u32,
        most: u32,
    ) -> Option<u32> {
        let at = parent.get(key)?;
        let is_within = |number: &u32| (least..=most).contains(number);
        let whole = whole_number(at.value()).filter(is_within);
        if whole.is_none() {
            let problem = mismatch(at, key, &format!("a whole number from {least} to {most}"));
            let meant: Option<u32> = at.value().as_str().and_then(|text| text.trim().parse().ok());
            let meant = meant.filter(is_within).map(|meant| meant.to_string());
            let hint = meant.as_ref().map(|meant| format!("write `{meant}`"));
            self.push(problem.maybe_hint(hint).replacement(meant));
        }
        whole
    }

    /// The `reason` and `until` that every exception to a rule has.
    pub(in crate::config) fn reason_and_end(&mut self, parent: Cursor<'_>) -> Option<(String, Date)> {
        self.require(parent, "reason", "reason: why");
        self.require(parent, "until", "until: 2026-12-31");
        let reason = self.reason(parent);
        let until = self.date(parent, "until");
        reason.zip(until)
    }

    /// A reason.
    pub(in crate::config) fn reason(&mut self, parent: Cursor<'_>) -> Option<String> {
        let hint = "say why, for those who read the file later";
        self.words(parent, "reason", hint).map(|(_, text)| text.to_owned())
    }

    fn date(&mut self, parent: Cursor<'_>, key: &str) -> Option<Date> {
        let at = parent.get(key)?;
        let text = at.value().as_str();
        let read = text.and_then(strict_date);
        if read.is_none() {
            let meant = text.and_then(|text| text.get(..10)).and_then(strict_date);
            let problem = mismatch(at, key, "a date").label("written year-month-day");
            let problem = problem.hint("a date is written such as `2026-12-31`");
            self.push(problem.replacement(meant.map(|date| date.to_string())));
        }
        read
    }
}

fn strict_date(text: &str) -> Option<Date> {
    let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let is_placed = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    if is_plain && is_placed { text.parse().ok() } else { None }
}

/// Says what should stand in place of a value.
pub(in crate::config) fn mismatch(at: Cursor<'_>, name: &str, wanted: &str) -> Diagnostic {
    let name = named(name);
    if at.value().is_null() {
        let problem = at.problem(format!("{name} has no value"));
        return problem.hint(format!("write {wanted}, or leave {name} out"));
    }
    // A text in quotes can look like what is wanted, and a long number is hard to find by its value.
    let is_as_written = at.value().is_number() || (at.is_quoted() && at.value() != "");
    let written = at.written().filter(|_| is_as_written);
    let given = written.map_or_else(|| shown(at.value()), |written| format!("`{}`", short(written)));
    at.problem(format!("{name} has to be {wanted}, not {given}"))
}

/// What an editor says where a mapping of settings is something else.
pub(in crate::config) fn mapping_wanted(key: &str) -> String {
    format!("`{key}` is a mapping; write `{key}: {{}}` to manage nothing")
}

/// A key in backticks; what is not a key has a name of several words, and stays as it is.
pub(in crate::config) fn named(name: &str) -> String {
    if name.contains(' ') { name.to_owned() } else { format!("`{name}`") }
}

/// The hint with what was probably meant.
pub(in crate::config) fn did_you_mean(meant: Option<&str>) -> Option<String> {
    meant.map(|meant| format!("did you mean `{meant}`?"))
}

/// Says why a word is not a boolean, and which one was meant.
pub(super) fn boolean_mend(problem: Diagnostic, meant: bool, quoted: bool) -> Diagnostic {
    let label = if quoted { "a text, since it is in quotes" } else { "not a boolean in YAML 1.2" };
    problem.label(label).hint(format!("write `{meant}`")).replacement(meant.to_string())
}

/// A number without a fraction, however it is written.
fn whole_number(value: &Json) -> Option<u32> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0)?;
    // Numbers above are refused by their size, whatever they are exactly.
    let exact = value.as_u64().or_else(|| format!("{number:.0}").parse().ok());
    exact.and_then(|number| u32::try_from(number).ok())
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
        Json::Array(items) if items.is_empty() => "an empty list".to_owned(),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "a mapping".to_owned(),
        Json::String(text) if text.is_empty() => "an empty text".to_owned(),
        Json::String(text) => format!("`{}`", short(text)),
        Json::Bool(_) | Json::Number(_) => format!("`{value}`"),
    }
}
