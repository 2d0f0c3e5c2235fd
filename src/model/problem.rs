//! A problem of a file: what, where, why, and the way out.

use super::Severity;
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

/// A source line, cut to a drawable length, and the part of it that a problem is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The text of the line, without its end.
    pub text: String,
    /// Where the part begins, in bytes of `text`, on a character boundary.
    pub start: usize,
    /// Where the part ends, in bytes of `text`, on a character boundary.
    pub end: usize,
}

/// Another place that belongs to a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// The source line.
    pub excerpt: Option<Excerpt>,
    /// What is there.
    pub label: String,
}

/// Something wrong, or worth a warning, in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// An error stops the run before the first request.
    pub severity: Severity,
    /// The file, relative to the current folder, with `/`.
    pub file: String,
    /// Where in the file; nothing if it is about the whole file.
    pub place: Option<Place>,
    /// The source line.
    pub excerpt: Option<Excerpt>,
    /// What is wrong: lower case, no full stop, what was typed in backticks.
    pub message: String,
    /// The rule, drawn beside the caret.
    pub label: Option<String>,
    /// The way out.
    pub hint: Option<String>,
    /// A text that can stand instead of the marked part.
    pub replacement: Option<String>,
    /// Another place that belongs to it, such as the first of two equal keys.
    pub related: Option<Related>,
}

impl Problem {
    /// An error about a whole file.
    #[must_use]
    pub fn of_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            file: file.into(),
            place: None,
            excerpt: None,
            message: message.into(),
            label: None,
            hint: None,
            replacement: None,
            related: None,
        }
    }

    /// The same with a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether it stops the run.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
