//! One message, about a zone or about a line of a file: what is wrong, where, why, and what to do about it.

use super::wire::Wire;
use super::{DiagnosticKind, Excerpt, Message, Place, Related, Severity};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::sync::Arc;

/// What to draw at the place of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marked {
    /// The source line.
    pub excerpt: Option<Excerpt>,
    /// The rule, drawn next to the caret.
    pub label: Option<String>,
    /// A text that can replace the marked part.
    pub replacement: Option<String>,
    /// Another place that belongs to the message, such as the first of two equal keys.
    pub(crate) related: Option<Related>,
}

/// What the API answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Cloudflare's error code.
    pub code: Option<i64>,
    /// The HTTP status of the reply.
    pub http_status: Option<u16>,
    /// The `CF-Ray` header of the reply, for Cloudflare support.
    pub cf_ray: Option<String>,
}

/// The error behind a message. It is ignored in comparisons: messages with the same content are equal.
#[derive(Clone, Debug, Default)]
pub(super) struct Cause(Option<Arc<dyn Error + Send + Sync>>);

impl PartialEq for Cause {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Cause {}

/// A message about a zone or a file. Thousands are kept at a time, so rarely used fields are boxed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
#[non_exhaustive]
pub struct Diagnostic {
    /// Its severity: an error stops the zone or the run.
    pub severity: Severity,
    /// What it is about.
    pub kind: DiagnosticKind,
    /// What is wrong, with its causes: lower case, no full stop, user input in backticks.
    pub message: Message,
    /// What to do about it.
    pub hint: Option<Message>,
    /// The file, relative to the current folder, with `/`.
    pub file: Option<String>,
    /// Where in the file; `None` if it is about the whole file.
    pub place: Option<Place>,
    pub(super) marked: Option<Box<Marked>>,
    pub(super) answer: Option<Box<Answer>>,
    pub(super) cause: Cause,
}

impl Diagnostic {
    /// A message without context.
    #[must_use]
    pub fn new(severity: Severity, message: impl Into<Message>) -> Self {
        Self {
            severity,
            kind: DiagnosticKind::Other,
            message: message.into(),
            hint: None,
            file: None,
            place: None,
            marked: None,
            answer: None,
            cause: Cause(None),
        }
    }

    /// An error.
    #[must_use]
    pub fn error(message: impl Into<Message>) -> Self {
        Self::new(Severity::Error, message)
    }

    /// A warning.
    #[must_use]
    pub fn warning(message: impl Into<Message>) -> Self {
        Self::new(Severity::Warning, message)
    }

    /// A note.
    #[must_use]
    pub fn note(message: impl Into<Message>) -> Self {
        Self::new(Severity::Note, message)
    }

    /// An error about a whole file.
    #[must_use]
    pub fn of_file(file: impl Into<String>, message: impl Into<Message>) -> Self {
        Self { file: Some(file.into()), kind: DiagnosticKind::File, ..Self::error(message) }
    }

    /// Sets the kind.
    #[must_use]
    pub fn kind(mut self, kind: DiagnosticKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets the severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Sets what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Message>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets what to do about it, if known.
    #[must_use]
    pub fn maybe_hint(mut self, hint: Option<impl Into<Message>>) -> Self {
        self.hint = hint.map(Into::into);
        self
    }

    /// Sets the place in a file.
    #[must_use]
    pub fn at(self, file: &str, place: Place) -> Self {
        Self { file: Some(file.to_owned()), place: Some(place), ..self }
    }

    /// Sets the place in a file, if there is one: a desired state that a program built has none.
    #[must_use]
    pub(crate) fn maybe_at(self, file: Option<&str>, place: Place) -> Self {
        match file {
            Some(file) => self.at(file, place),
            None => self,
        }
    }

    /// Sets the source line, if known.
    #[must_use]
    pub(crate) fn excerpt(mut self, excerpt: Option<Excerpt>) -> Self {
        self.marked_mut().excerpt = excerpt;
        self
    }

    /// Sets the rule, drawn next to the caret.
    #[must_use]
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.marked_mut().label = Some(label.into());
        self
    }

    /// Sets the text that can replace the marked part, if any.
    #[must_use]
    pub(crate) fn replacement(mut self, replacement: impl Into<Option<String>>) -> Self {
        self.marked_mut().replacement = replacement.into();
        self
    }

    /// Sets another place that belongs to it.
    #[must_use]
    pub(crate) fn related(mut self, related: Related) -> Self {
        self.marked_mut().related = Some(related);
        self
    }

    /// Sets what the API answered.
    #[must_use]
    pub(crate) fn answer(mut self, answer: Answer) -> Self {
        self.answer = (answer != Answer::default()).then(|| Box::new(answer));
        self
    }

    /// Keeps the error behind it, for [`cause`](Self::cause).
    #[must_use]
    pub fn caused_by(mut self, cause: Arc<dyn Error + Send + Sync>) -> Self {
        self.cause = Cause(Some(cause));
        self
    }

    /// Whether it is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// What to draw at its place.
    #[must_use]
    pub(crate) fn marked(&self) -> &Marked {
        static NOTHING: Marked = Marked { excerpt: None, label: None, replacement: None, related: None };
        self.marked.as_deref().unwrap_or(&NOTHING)
    }

    /// What the API answered.
    #[must_use]
    pub(crate) fn answered(&self) -> &Answer {
        static NOTHING: Answer = Answer { code: None, http_status: None, cf_ray: None };
        self.answer.as_deref().unwrap_or(&NOTHING)
    }

    /// The error behind it, for downcasting; `None` if it has none or was read from JSON.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.cause.0.as_deref()
    }

    fn marked_mut(&mut self) -> &mut Marked {
        self.marked.get_or_insert_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_can_be_downcast_and_is_not_compared() {
        let cause = Arc::new("x".parse::<u8>().unwrap_err());
        let caused = Diagnostic::error("dark").caused_by(cause);
        assert!(caused.cause().unwrap().is::<std::num::ParseIntError>());
        assert_eq!(caused, Diagnostic::error("dark"));
    }

    #[test]
    fn a_message_takes_little_memory() {
        assert!(size_of::<Diagnostic>() <= 128, "{}", size_of::<Diagnostic>());
    }
}
