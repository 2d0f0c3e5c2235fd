//! All problems of some files, as one error.

use crate::model::Diagnostic;
use std::fmt;
use std::ops::Deref;

/// The problems of some files, at least one of them an error. [`super::draw`] draws each.
#[derive(Clone, Debug, PartialEq)]
pub struct Problems(Vec<Diagnostic>);

impl Problems {
    /// The problems as an error.
    pub(in crate::config) fn new(problems: Vec<Diagnostic>) -> Self {
        Self(problems)
    }

    /// Returns what was read, unless a problem is an error.
    pub(super) fn or<T>(read: T, problems: Vec<Diagnostic>) -> Result<T, Self> {
        if problems.iter().any(Diagnostic::is_error) { Err(Self(problems)) } else { Ok(read) }
    }

    /// The problems, sorted by file and place.
    #[must_use]
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.0
    }
}

impl Deref for Problems {
    type Target = [Diagnostic];

    fn deref(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut errors = self.0.iter().filter(|problem| problem.is_error());
        if let Some(Diagnostic { file, place, message, .. }) = errors.next() {
            let file = file.as_deref().unwrap_or_default();
            let place = place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
            write!(f, "{file}{place}: {message}")?;
        }
        match errors.count() {
            0 => Ok(()),
            1 => f.write_str(" (and 1 more error)"),
            more => write!(f, " (and {more} more errors)"),
        }
    }
}

impl std::error::Error for Problems {}
