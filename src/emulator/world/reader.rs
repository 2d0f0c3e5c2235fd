//! Reads the parts of a world file: each value knows its dotted path, and all errors are collected.

use super::key::{Key, Kind};
use serde_json::{Map, Value as Json};
use std::fmt;

/// An error in a world file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldError {
    path: String,
    message: String,
}

impl WorldError {
    /// The dotted path of the value, such as `zones[2].faults[0].do`; empty for the whole file.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong with it, and the allowed values.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for WorldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}

impl std::error::Error for WorldError {}

/// A value of the file and its path.
#[derive(Clone, Debug)]
pub(super) struct At<'a> {
    pub(super) path: String,
    pub(super) value: &'a Json,
}

impl<'a> At<'a> {
    pub(super) fn root(value: &'a Json) -> Self {
        Self { path: String::new(), value }
    }

    /// A member; `None` if it is missing or null.
    pub(super) fn member(&self, key: &str) -> Option<Self> {
        self.value.get(key).filter(|value| !value.is_null()).map(|value| self.below(key, value))
    }

    fn below(&self, key: &str, value: &'a Json) -> Self {
        At { path: self.key(key), value }
    }

    /// The path of a member.
    pub(super) fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// The maximum number of errors: a world can be large, and more would not be read.
const MOST_ERRORS: usize = 100;

/// Collects the errors while the file is read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) errors: Vec<WorldError>,
}

impl Reader {
    pub(super) fn fail(&mut self, path: &str, message: impl Into<String>) {
        if self.errors.len() > MOST_ERRORS {
            return;
        }
        if self.errors.len() == MOST_ERRORS {
            let message = format!("more than {MOST_ERRORS} errors; the others are not shown");
            return self.errors.push(WorldError { path: String::new(), message });
        }
        self.errors.push(WorldError { path: path.to_owned(), message: message.into() });
    }

    /// A mapping with any keys.
    pub(super) fn map<'a>(&mut self, at: &At<'a>) -> Option<&'a Map<String, Json>> {
        let map = at.value.as_object();
        if map.is_none() {
            self.fail(&at.path, format!("must be a mapping, not {}", kind(at.value)));
        }
        map
    }

    /// A mapping with the keys of a table.
    pub(super) fn keys(&mut self, at: &At<'_>, keys: &[Key]) -> bool {
        let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
        let is_mapping = self.only(at, &names);
        if is_mapping {
            self.needed(at, keys);
        }
        is_mapping
    }

    /// Reports the missing required keys of a table.
    pub(super) fn needed(&mut self, at: &At<'_>, keys: &[Key]) {
        keys.iter().filter(|key| key.is_required).for_each(|key| self.required(at, key.name));
    }

    /// Checks that a mapping has only these keys.
    pub(super) fn only(&mut self, at: &At<'_>, allowed: &[&str]) -> bool {
        let Some(map) = self.map(at) else { return false };
        for key in map.keys().filter(|key| !allowed.contains(&key.as_str())) {
            self.fail(&at.path, format!("unknown key `{key}`{}", choices(key, allowed)));
        }
        true
    }

    /// The items of a list; empty if the member does not exist.
    pub(super) fn items<'a>(&mut self, at: &At<'a>, key: &str) -> Vec<At<'a>> {
        let Some(list) = at.member(key) else { return Vec::new() };
        let Some(items) = list.value.as_array() else {
            self.fail(&list.path, format!("must be a list, not {}", kind(list.value)));
            return Vec::new();
        };
        let item = |(index, value)| At { path: format!("{}[{index}]", list.path), value };
        items.iter().enumerate().map(item).collect()
    }

    /// The strings of a list; `None` if the member does not exist.
    pub(super) fn texts(&mut self, at: &At<'_>, key: &str) -> Option<Vec<String>> {
        at.member(key)?;
        let items = self.items(at, key);
        Some(items.iter().filter_map(|item| self.as_text(item)).collect())
    }

    fn as_text(&mut self, at: &At<'_>) -> Option<String> {
        let text = at.value.as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            self.fail(&at.path, format!("must be a string, not {}", kind(at.value)));
        }
        text.map(ToOwned::to_owned)
    }

    pub(super) fn text(&mut self, at: &At<'_>, key: &str) -> Option<String> {
        let member = at.member(key)?;
        self.as_text(&member)
    }

    pub(super) fn toggle(&mut self, at: &At<'_>, key: &str) -> Option<bool> {
        let member = at.member(key)?;
        if !member.value.is_boolean() {
            self.fail(&member.path, format!("must be true or false, not {}", kind(member.value)));
        }
        member.value.as_bool()
    }

    /// A whole number within the bounds of its key.
    pub(super) fn number(&mut self, at: &At<'_>, key: &Key) -> Option<u32> {
        let Kind::Number(least, _) = key.kind else { return None };
        self.number_from(at, key, least)
    }

    /// The same with another lower bound.
    pub(super) fn number_from(&mut self, at: &At<'_>, key: &Key, least: u32) -> Option<u32> {
        let Kind::Number(_, most) = key.kind else { return None };
        let member = at.member(key.name)?;
        let number = member.value.as_u64().and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.fail(&member.path, format!("must be a whole number from {least} to {most}"));
        }
        number
    }

    /// One of the words.
    pub(super) fn word<T: Copy>(&mut self, at: &At<'_>, key: &str, words: &[(&str, T)]) -> Option<T> {
        let member = at.member(key)?;
        let typed = self.as_text(&member)?;
        let found = words.iter().find(|(word, _)| *word == typed).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.fail(&member.path, format!("unknown word `{typed}`{}", choices(&typed, &allowed)));
        }
        found
    }

    pub(super) fn time(&mut self, at: &At<'_>, key: &str) -> Option<jiff::Timestamp> {
        let text = self.text(at, key)?;
        let time = text.parse().ok();
        if time.is_none() {
            self.fail(&at.key(key), format!("`{text}` is not a time such as 2026-10-01T12:00:00Z"));
        }
        time
    }

    pub(super) fn required(&mut self, at: &At<'_>, key: &str) {
        if at.member(key).is_none() {
            self.fail(&at.path, format!("`{key}` is missing"));
        }
    }
}

/// The allowed words, after a suggestion if one is similar.
pub(super) fn choices(typed: &str, allowed: &[&str]) -> String {
    // A long text is not a typo, and its edit distance is expensive.
    let typed = if typed.len() > 64 { "" } else { typed };
    let typed = typed.to_lowercase();
    let distance = |word: &&str| strsim::osa_distance(&typed, &word.to_lowercase());
    let nearest = allowed.iter().map(|word| (distance(word), word)).min();
    let nearest = nearest.filter(|(distance, _)| *distance <= 1 + typed.len() / 6).map(|(_, word)| word);
    let guess = nearest.map(|word| format!(", did you mean `{word}`?")).unwrap_or_default();
    let list: Vec<String> = allowed.iter().map(|word| format!("`{word}`")).collect();
    if list.is_empty() { guess } else { format!("{guess} (one of {})", list.join(", ")) }
}

fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "nothing",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(text) if text.is_empty() => "an empty string",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "a mapping",
    }
}
