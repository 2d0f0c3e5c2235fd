//! Places in files, and the source lines that are drawn at them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl Place {
    /// The beginning of a file.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// A source line, cut to a drawable length, and the part of it that a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The text of the line, without its end.
    pub text: String,
    /// Where the part begins, in bytes of `text`, on a character boundary.
    pub start: usize,
    /// Where the part ends, in bytes of `text`, on a character boundary.
    pub end: usize,
}

/// Another place that belongs to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// The source line.
    pub excerpt: Option<Excerpt>,
    /// What is there.
    pub label: String,
}
