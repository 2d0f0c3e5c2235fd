//! What is to be said about one zone, with the API's own words where it has any.

use super::Place;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a message weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It stops the zone, or the run.
    Error,
    /// It should be looked at.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// All, with the word used in JSON and in texts.
    pub const ALL: [(&'static str, Self); 3] =
        [("error", Self::Error), ("warning", Self::Warning), ("note", Self::Note)];

    /// The word used in JSON and in texts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
/// What a message is about.
pub enum DiagnosticKind {
    /// Anything else.
    #[default]
    Other,
    /// Not available.
    NotAvailable,
    /// Needs.
    Needs,
    /// A setting has no effect.
    NoEffect,
}

/// A message about a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnostic {
    /// Kind.
    #[serde(default)]
    pub kind: DiagnosticKind,
    /// How much it weighs.
    pub severity: Severity,
    /// What, with its causes: lower case, no full stop.
    pub message: String,
    /// Cloudflare's error code.
    pub code: Option<i64>,
    /// The HTTP status of the reply.
    pub http_status: Option<u16>,
    /// The `CF-Ray` header of the reply, for Cloudflare support.
    pub cf_ray: Option<String>,
    /// The way out.
    pub hint: Option<String>,
    /// The zone file, where the message is about a line of it.
    pub file: Option<String>,
    /// The place in that file.
    pub place: Option<Place>,
}

impl Diagnostic {
    /// A message without any context yet.
    #[must_use]
    pub fn new(severity: Severity, message: impl Into<String>) -> Self {
        Self {
            severity,
            kind: DiagnosticKind::Other,
            message: message.into(),
            code: None,
            http_status: None,
            cf_ray: None,
            hint: None,
            file: None,
            place: None,
        }
    }

    /// An error.
    #[must_use]
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, message)
    }

    /// A warning.
    #[must_use]
    pub fn warning(message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, message)
    }

    /// A note.
    #[must_use]
    pub fn note(message: impl Into<String>) -> Self {
        Self::new(Severity::Note, message)
    }

    /// The same of a kind.
    #[must_use]
    pub fn kind(mut self, kind: DiagnosticKind) -> Self {
        self.kind = kind;
        self
    }

    /// Whether it is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The same with a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with a place in a zone file.
    #[must_use]
    pub fn at(mut self, file: &str, place: Place) -> Self {
        self.file = Some(file.to_owned());
        self.place = Some(place);
        self
    }
}
