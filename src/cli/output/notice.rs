//! Messages on stderr in one layout: a line after its label, details indented below, and the hint after a blank line.
//! With a JSON log, each is a line of that log.

use super::stderr::{Level, say_text};
use crate::model::{Diagnostic, Severity, clean};
use crate::render::Paint;

/// A message on stderr.
#[derive(Clone, Debug)]
#[must_use]
pub(crate) struct Notice {
    level: Level,
    text: String,
    /// The lines below it.
    below: Vec<String>,
    hint: Option<String>,
}

impl Level {
    fn label(self) -> String {
        match self {
            Self::Error => Paint::Color.bad("error:") + " ",
            Self::Warning => Paint::Color.warn("warning:") + " ",
            Self::Note => Paint::Color.strong("note:") + " ",
            Self::Info => String::new(),
        }
    }
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Note,
        }
    }
}

impl Notice {
    /// A message of any text: line ends and control characters are escaped, since it may quote a file or an answer.
    pub(crate) fn new(level: Level, text: impl AsRef<str>) -> Self {
        Self { level, text: clean(text.as_ref()).into_owned(), below: Vec::new(), hint: None }
    }

    /// Adds a line below it.
    pub(crate) fn line(mut self, text: impl AsRef<str>) -> Self {
        self.below.push(clean(text.as_ref()).into_owned());
        self
    }

    /// Adds a hint.
    pub(crate) fn hint(self, hint: impl AsRef<str>) -> Self {
        self.maybe_hint(Some(hint.as_ref()))
    }

    /// Adds a hint, if there is one.
    pub(crate) fn maybe_hint(self, hint: Option<&str>) -> Self {
        Self { hint: hint.map(|hint| clean(hint).into_owned()), ..self }
    }

    /// Prints it.
    pub(crate) fn say(self) {
        say_all(&[self]);
    }

    /// The text for people, without the hint.
    fn text(&self) -> String {
        let below: String = self.below.iter().map(|line| format!("  {line}\n")).collect();
        format!("{}{}\n{below}", self.level.label(), self.text)
    }

    /// Its fields in the JSON log.
    fn fields(&self) -> serde_json::Value {
        let mut fields = serde_json::json!({ "message": self.text });
        if !self.below.is_empty() {
            fields["details"] = self.below.as_slice().into();
        }
        if let Some(hint) = &self.hint {
            fields["hint"] = hint.as_str().into();
        }
        fields
    }
}

impl From<&Diagnostic> for Notice {
    fn from(said: &Diagnostic) -> Self {
        let ray = said.answered().cf_ray.as_ref().map(|ray| format!(" (CF-Ray {ray})")).unwrap_or_default();
        Self::new(said.severity.into(), format!("{}{ray}", said.message))
            .maybe_hint(said.hint.as_ref().map(ToString::to_string).as_deref())
    }
}

/// Prints a message of one line.
pub(crate) fn say(level: Level, text: impl AsRef<str>) {
    Notice::new(level, text).say();
}

/// Prints messages. Consecutive ones with the same hint share it, and a blank line separates the groups.
pub(crate) fn say_all(messages: &[Notice]) {
    for (at, alike) in messages.chunk_by(|one, next| one.hint == next.hint).enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        let text: String = alike.iter().map(Notice::text).collect();
        let hint = alike.first().and_then(|message| message.hint.as_ref());
        let hint = hint.map(|hint| hint_below(hint)).unwrap_or_default();
        say_text(&format!("{gap}{text}{hint}"), || {
            alike.iter().map(|message| (message.level, message.fields())).collect()
        });
    }
}

/// A hint as it is printed below a message.
pub(crate) fn hint_below(hint: &str) -> String {
    format!("\n{} {hint}\n", Paint::Color.strong("hint:"))
}

/// Prints text that is already laid out: a source excerpt, a preview, a question.
pub(crate) fn say_drawn(level: Level, text: &str) {
    say_text(text, || {
        let message = anstream::adapter::strip_str(text.trim()).to_string();
        vec![(level, serde_json::json!({ "message": message }))]
    });
}
