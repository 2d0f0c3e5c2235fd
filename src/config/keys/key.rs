//! The types of the tables of keys.

use crate::catalogue::{Setting, Value};
use crate::config::yaml::Cursor;
use crate::model::PolicyRule;
use std::collections::BTreeMap;

/// A mapping in a file that people write.
#[derive(Debug)]
pub(crate) struct Mapping {
    /// What messages call it, such as `a zone file`.
    pub(crate) called: &'static str,
    /// Its keys, in the order of messages and completion.
    pub(crate) keys: &'static [Key],
}

/// A key of a mapping.
#[derive(Debug)]
pub(crate) struct Key {
    /// The key itself.
    pub(crate) name: &'static str,
    /// The kind of its value.
    pub(crate) kind: Kind,
    /// Whether it is required.
    pub(in crate::config) presence: Presence,
    /// Its meaning, in a sentence.
    pub(crate) about: &'static str,
}

/// Whether a key is required, and the hint for a file that lacks it.
#[derive(Debug)]
pub(in crate::config) enum Presence {
    /// Optional.
    Optional,
    /// Required; the hint shows this example.
    Required(&'static str),
    /// Required; the hint is built for the file at hand.
    RequiredWith(fn(Cursor<'_>) -> String),
    /// Required unless another key is present.
    Unless(&'static str, fn(Cursor<'_>) -> String),
}

/// The allowed words, each with its meaning.
pub(crate) type Words = fn() -> Vec<(&'static str, &'static str)>;

/// The kind of a key's value.
#[derive(Debug)]
pub(crate) enum Kind {
    /// The name of a zone.
    ZoneName,
    /// The id of a zone.
    ZoneId,
    /// The id of an account.
    AccountId,
    /// A plan variant.
    Plan,
    /// One of the listed words.
    Words(Words),
    /// One of the listed words, or any other string.
    WordsOrOther(&'static [&'static str]),
    /// A setting that can be written.
    SettingName,
    /// A value of the setting that the same entry names.
    SettingValue,
    /// `true` or `false`.
    Toggle,
    /// A day.
    Date,
    /// An instant.
    Time,
    /// A string that is not blank; the text is the hint for an empty one.
    Text(&'static str),
    /// Any text.
    AnyText,
    /// A zone name or pattern.
    Pattern,
    /// A list of zone names or patterns.
    Patterns,
    /// A whole number within bounds.
    Whole(u32, u32),
    /// A number of requests.
    Count,
    /// A number, or a percentage of all.
    Threshold,
    /// A rate: requests per seconds.
    Rate,
    /// The name of a variable that holds a token.
    TokenVariable,
    /// A git revision, which is one commit.
    Revision,
    /// The settings of the file's plan variant.
    Settings,
    /// The settings of every plan variant.
    SettingsOfAll,
    /// The settings of each plan variant.
    SettingsByPlan,
    /// The settings of a policy.
    Rule(Rule),
    /// The files that this one extends.
    Extends,
    Mapping(&'static Mapping),
    /// A list of mappings.
    Entries(&'static Mapping),
    /// Counts by bot score.
    Scores,
    /// Counts by scoring engine.
    Sources,
    /// The most frequent values of attributes.
    Attributes,
    /// Never written by people: only Cloudflare sets it.
    ReadOnly,
}

/// What a rule of a policy takes for each of its settings, with the constructor of the rule.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// Several values; or, alone, whom no value may shut out.
    Several(fn(OfSettings<Vec<Value>>) -> PolicyRule),
    /// One value.
    One(fn(OfSettings<Value>) -> PolicyRule),
    /// One value, of settings whose values have an order.
    Ordered(fn(OfSettings<Value>) -> PolicyRule),
}

/// The values of a rule, by setting.
type OfSettings<V> = BTreeMap<&'static Setting, V>;

impl Mapping {
    /// The key of a name.
    pub(in crate::config) fn find(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The names of the keys that can be written.
    pub(in crate::config) fn names(&self) -> impl Iterator<Item = &'static str> + Clone {
        let written = self.keys.iter().filter(|key| !matches!(key.kind, Kind::ReadOnly));
        written.map(|key| key.name)
    }

    /// The names of the keys that are always there.
    pub(in crate::config) fn required(&self) -> Vec<&'static str> {
        let is_required =
            |key: &&Key| matches!(key.presence, Presence::Required(_) | Presence::RequiredWith(_));
        self.keys.iter().filter(is_required).map(|key| key.name).collect()
    }
}

impl Key {
    /// How it is written, of a required key.
    pub(in crate::config) fn example(&self) -> Option<&'static str> {
        match self.presence {
            Presence::Required(example) => Some(example),
            Presence::Optional | Presence::RequiredWith(_) | Presence::Unless(..) => None,
        }
    }

    /// The allowed entries, each with its meaning: words, or the keys of a mapping.
    pub(crate) fn choices(&self) -> Vec<(&'static str, &'static str)> {
        match &self.kind {
            Kind::Words(words) => words(),
            Kind::Plan => super::zone::plans(),
            Kind::Mapping(mapping) | Kind::Entries(mapping) => {
                mapping.keys.iter().map(|key| (key.name, key.about)).collect()
            }
            _ => Vec::new(),
        }
    }
}
