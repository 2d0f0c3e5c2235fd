//! A row of the table, and the questions that it answers.

use super::{Caution, Variant};
use std::cmp::Ordering;
use std::fmt;

/// One bot setting: a field of the API's `bot_management` object.
#[derive(Debug)]
pub struct Setting {
    /// The API name of the field.
    pub name: &'static str,
    /// The values that it accepts.
    pub(crate) kind: Kind,
    /// The variants on which it can be set; empty for a read-only field.
    pub settable_on: &'static [Variant],
    /// The variants on which it only appears in `stale_zone_configuration`.
    pub stale_on: &'static [Variant],
    /// The value that means "off"; it is accepted even where the setting is not available.
    pub neutral: Option<Value>,
    /// The values of this setting that require a value of another setting in the merged result.
    pub(crate) needs: &'static [Need],
    /// Side effects of its values that a reviewer must know about.
    pub(crate) cautions: &'static [Caution],
    /// Values that some variants may reject.
    pub(crate) doubts: &'static [Doubt],
    /// The day since which its values mean what they do, where they meant something else before.
    pub(crate) meaning_since: Option<&'static str>,
    /// The smallest variant of a zone whose GET reports the setting; if several settings identify one, the largest
    /// wins.
    pub identifies: Option<Variant>,
    /// While all of these settings have these values, this one has no effect although it is not neutral.
    /// Settings that the zone's variant does not have are ignored.
    pub idle_while: &'static [(&'static str, Value)],
    /// What replaces it on variants that no longer have it.
    pub instead: &'static [(Variant, &'static str)],
    /// What the setting does, in one sentence.
    pub summary: &'static str,
    /// What else to know before changing it.
    pub beware: Option<&'static str>,
    /// The URL of its documentation.
    pub docs: &'static str,
}

/// A value known to the catalogue: on or off, or one of a setting's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Value {
    /// The value of a toggle.
    Toggle(bool),
    /// One of the words of a choice.
    Word(&'static str),
}

impl Value {
    /// The value as the API writes it.
    #[must_use]
    pub fn to_json(self) -> serde_json::Value {
        match self {
            Self::Toggle(on) => on.into(),
            Self::Word(word) => word.into(),
        }
    }
}

impl From<Value> for serde_json::Value {
    fn from(value: Value) -> Self {
        value.to_json()
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Toggle(on) => f.pad(if *on { "true" } else { "false" }),
            Self::Word(word) => f.pad(word),
        }
    }
}

/// A value that requires a value of another setting.
#[derive(Debug)]
pub(crate) struct Need {
    /// The value that needs it.
    pub value: Value,
    /// The other setting.
    pub of: &'static str,
    /// The value that it needs there.
    pub is: Value,
    /// Why, as a clause.
    pub why: &'static str,
}

/// A value that some variants may reject; the sources are not conclusive.
#[derive(Debug)]
pub(crate) struct Doubt {
    /// The value.
    pub value: Value,
    /// The variants.
    pub on: &'static [Variant],
    /// The reason for the doubt.
    pub text: &'static str,
}

/// The values that a setting accepts.
#[derive(Debug)]
#[non_exhaustive]
pub(crate) enum Kind {
    /// On or off.
    Toggle {
        /// What `true` means.
        on: &'static str,
        /// What `false` means.
        off: &'static str,
        /// Which of the two protects more, if either does.
        protects: Option<bool>,
    },
    /// One of several words.
    Choice(&'static [Choice]),
    /// Reported by GET and refused by PUT.
    ReadOnly,
}

/// One word of a choice.
#[derive(Debug)]
pub(crate) struct Choice {
    /// The word the API uses.
    pub word: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// The words of the same setting that it protects more than. If neither of two words lists the other, they are not
    /// comparable: each blocks traffic that the other allows.
    pub over: &'static [&'static str],
}

impl Setting {
    /// Whether the setting can be written on a variant.
    #[must_use]
    pub fn is_settable_on(&self, variant: Variant) -> bool {
        self.settable_on.contains(&variant)
    }

    /// Whether all variants have the setting.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.settable_on.len() == Variant::ALL.len()
    }

    /// Whether PUT refuses the field.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        matches!(self.kind, Kind::ReadOnly)
    }

    /// All values, in the table's order.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        match self.kind {
            Kind::Toggle { .. } => vec![Value::Toggle(true), Value::Toggle(false)],
            Kind::Choice(choices) => choices.iter().map(|choice| Value::Word(choice.word)).collect(),
            Kind::ReadOnly => Vec::new(),
        }
    }

    /// What a value means; `None` for a value of another setting.
    #[must_use]
    pub fn meaning(&self, value: Value) -> Option<&'static str> {
        match (&self.kind, value) {
            (Kind::Toggle { on, .. }, Value::Toggle(true)) => Some(on),
            (Kind::Toggle { off, .. }, Value::Toggle(false)) => Some(off),
            (Kind::Choice(choices), Value::Word(word)) => {
                choices.iter().find(|choice| choice.word == word).map(|choice| choice.meaning)
            }
            _ => None,
        }
    }

    /// Reads a value as the API writes it; `None` if this version does not know it.
    #[must_use]
    pub fn read(&self, json: &serde_json::Value) -> Option<Value> {
        match (&self.kind, json) {
            (Kind::Toggle { .. }, serde_json::Value::Bool(on)) => Some(Value::Toggle(*on)),
            (Kind::Choice(_), serde_json::Value::String(word)) => self.word(word),
            _ => None,
        }
    }

    /// Finds a word of a choice.
    #[must_use]
    pub fn word(&self, word: &str) -> Option<Value> {
        let Kind::Choice(choices) = self.kind else { return None };
        choices.iter().find(|choice| choice.word == word).map(|choice| Value::Word(choice.word))
    }

    /// The values that protect less than a value.
    #[must_use]
    pub fn weaker_than(&self, value: Value) -> Vec<Value> {
        match (&self.kind, value) {
            (Kind::Toggle { protects: Some(more), .. }, Value::Toggle(on)) if on == *more => {
                vec![Value::Toggle(!on)]
            }
            (Kind::Choice(choices), Value::Word(word)) => {
                let choice = choices.iter().find(|choice| choice.word == word);
                choice.into_iter().flat_map(|choice| choice.over).map(|over| Value::Word(over)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether any value protects more than another.
    #[must_use]
    pub fn has_order(&self) -> bool {
        self.values().into_iter().any(|value| !self.weaker_than(value).is_empty())
    }

    /// How the protection of two values compares; `None` if each blocks traffic that the other allows. If no value
    /// protects more than another, all are equal.
    #[must_use]
    pub fn compare(&self, one: Value, other: Value) -> Option<Ordering> {
        if one == other || !self.has_order() {
            Some(Ordering::Equal)
        } else if self.weaker_than(one).contains(&other) {
            Some(Ordering::Greater)
        } else if self.weaker_than(other).contains(&one) {
            Some(Ordering::Less)
        } else {
            None
        }
    }

    /// The side effects of a value that a reviewer must know about.
    pub(crate) fn cautions_of(&self, value: Value) -> impl Iterator<Item = &'static Caution> {
        self.cautions.iter().filter(move |caution| caution.value == value)
    }

    /// Whether a value has no effect on a variant; `read` gives the values of the other settings. Settings that the
    /// variant does not have are ignored.
    pub fn is_idle(&self, value: Value, on: Variant, read: impl Fn(&str) -> Option<Value>) -> bool {
        let idles = |name: &str, value: Value| match super::find(name) {
            Some(other) if other.is_settable_on(on) => read(name) == Some(value),
            _ => true,
        };
        !self.idle_while.is_empty()
            && self.neutral != Some(value)
            && self.idle_while.iter().all(|(name, value)| idles(name, *value))
    }

    /// The message for a setting without effect.
    #[must_use]
    pub fn idle_message(&self) -> String {
        let others: Vec<_> =
            self.idle_while.iter().map(|(name, value)| format!("`{name}: {value}`")).collect();
        format!("`{}` has no effect together with {}", self.name, others.join(", "))
    }

    /// What to know before changing it, apart from the cautions; one line for each point.
    #[must_use]
    pub fn advice(&self) -> Vec<String> {
        let needs = self
            .needs
            .iter()
            .map(|Need { value, of, is, why }| format!("`{value}` needs `{of}: {is}`: {why}"));
        let idle = (!self.idle_while.is_empty()).then(|| self.idle_message());
        let doubts = self.doubts.iter().map(|doubt| doubt.text.to_owned());
        let apart = self.incomparable();
        let apart = apart.iter().map(|(one, other)| {
            format!("`{one}` and `{other}` cannot be compared, because each blocks traffic that the other allows: a change between them counts as loosening")
        });
        needs
            .chain(idle)
            .chain(doubts)
            .chain(apart)
            .chain(self.left_behind())
            .chain(self.beware.map(str::to_owned))
            .collect()
    }

    /// What a plan change can leave of it, and what switches that off.
    fn left_behind(&self) -> Option<String> {
        let neutral = self.neutral.filter(|_| !self.stale_on.is_empty())?;
        Some(format!(
            "after a change of the Cloudflare plan its old value may still act, and is then what counts: `{neutral}` in the file, or `stale: clean`, switches it off"
        ))
    }

    /// The pairs of values where each blocks traffic that the other allows.
    fn incomparable(&self) -> Vec<(Value, Value)> {
        let values = self.values();
        let later = |(at, one): (usize, &Value)| {
            let (one, rest) = (*one, values.get(at + 1..).unwrap_or_default());
            rest.iter()
                .filter(move |other| self.compare(one, **other).is_none())
                .map(move |other| (one, *other))
        };
        values.iter().enumerate().flat_map(later).collect()
    }
}

impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Setting {}

impl PartialOrd for Setting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Setting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name.cmp(other.name)
    }
}
