//! A value that a setting can take.

use std::fmt;

/// A value known to the catalogue: on or off, or one of a setting's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Toggle(on) => f.pad(if *on { "true" } else { "false" }),
            Self::Word(word) => f.pad(word),
        }
    }
}
