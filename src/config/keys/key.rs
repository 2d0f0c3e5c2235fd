//! What a table of keys is made of.

use crate::config::yaml::Cursor;

/// A mapping that people write.
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
    /// What may stand under it.
    pub(crate) kind: Kind,
    /// Whether it has to be there.
    pub(in crate::config) presence: Presence,
    /// What it says, in a sentence.
    pub(crate) about: &'static str,
}

/// Whether a key has to be there, and what a file without it is told.
#[derive(Debug)]
pub(in crate::config) enum Presence {
    /// It may be left out.
    Optional,
    /// It has to be there, as in this example.
    Required(&'static str),
    /// It has to be there; the hint is made for the very file.
    RequiredWith(fn(Cursor<'_>) -> String),
    /// It has to be there unless another key is.
    Unless(&'static str, fn(Cursor<'_>) -> String),
}

/// The words that may stand somewhere, each with its meaning.
pub(crate) type Words = fn() -> Vec<(&'static str, &'static str)>;

/// What may stand under a key.
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
    /// One of some words.
    Words(Words),
    /// One of some words, or any other text.
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
    /// A text that says something; what to do where it is empty.
    Text(&'static str),
    /// Any text.
    AnyText,
    /// A zone name, or a pattern of some.
    Pattern,
    /// A list of them.
    Patterns,
    /// A whole number within bounds.
    Whole(u32, u32),
    /// A number of requests that were seen.
    Count,
    /// A number, or a part of all.
    Threshold,
    /// Requests in seconds.
    Rate,
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
    /// Counts by the engine that scored.
    Sources,
    /// The most frequent values of attributes.
    Attributes,
    /// Nothing: only Cloudflare writes it.
    ReadOnly,
}

/// What a policy says of values.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// Values that may not be set.
    Forbid,
    /// The only value of each setting.
    Pin,
    /// The value of each setting that protects least.
    AtLeast,
}

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
    /// What may stand there, each with its meaning: words, or the keys of a mapping.
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
