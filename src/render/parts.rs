//! What several views have in common: colours, values, messages, CSV.

use super::Page;
use crate::model::{Answer, Diagnostic, Severity, clean, plural, short};
use anstyle::{AnsiColor, Effects, Style};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::fmt::{self, Display};

/// The version of the documents.
pub(super) const FORMAT_VERSION: &str = "1.0";

/// Whether a text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// With ANSI colours.
    Color,
    /// Without.
    Plain,
}

impl Paint {
    fn with(self, style: Style, text: impl Display) -> String {
        match self {
            Self::Color => format!("{style}{text}{style:#}"),
            Self::Plain => text.to_string(),
        }
    }

    /// What protects more, or went well.
    #[must_use]
    pub fn good(self, text: impl Display) -> String {
        self.with(AnsiColor::Green.on_default(), text)
    }

    /// What needs attention.
    #[must_use]
    pub fn warn(self, text: impl Display) -> String {
        self.with(AnsiColor::Yellow.on_default(), text)
    }

    /// What went wrong.
    #[must_use]
    pub fn bad(self, text: impl Display) -> String {
        self.with(AnsiColor::Red.on_default().effects(Effects::BOLD), text)
    }

    /// What matters most.
    #[must_use]
    pub fn strong(self, text: impl Display) -> String {
        self.with(Style::new().effects(Effects::BOLD), text)
    }

    /// What matters less.
    #[must_use]
    pub fn dim(self, text: impl Display) -> String {
        self.with(Style::new().effects(Effects::DIMMED), text)
    }
}

/// An age in its two largest units.
pub(super) fn age(seconds: i64) -> String {
    let minutes = seconds / 60;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}m"),
        (0, _) => format!("{hours}h {minutes}m"),
        (_, _) => format!("{days}d {hours}h"),
    }
}

/// The name of a setting as a person reads it. One that this version does not know can have any length.
pub(super) fn named(key: &str) -> String {
    short(&clean(key))
}

/// The longest value that is shown as a whole.
const LONG_VALUE: usize = 200;

/// A live value as a person reads it. A long one is shortened: JSON has it as a whole.
pub(super) fn value(json: Option<&Json>) -> String {
    let text = match json {
        None | Some(Json::Null) => return "(not reported)".to_owned(),
        Some(Json::String(text)) => Cow::Borrowed(text.as_str()),
        Some(other) => Cow::Owned(other.to_string()),
    };
    match text.char_indices().nth(LONG_VALUE) {
        None => clean(&text).into_owned(),
        Some((at, _)) => {
            let head = text.get(..at).unwrap_or_default();
            format!("{}… ({} in all)", clean(head), plural(text.chars().count(), "character"))
        }
    }
}

/// A message about a zone, indented, with what Cloudflare said and what to do about it.
pub(super) fn diagnostic(f: &mut fmt::Formatter<'_>, diagnostic: &Diagnostic, page: Page) -> fmt::Result {
    f.write_str(&message(diagnostic, page))
}

/// The same as a text.
pub(super) fn message(diagnostic: &Diagnostic, page: Page) -> String {
    let Diagnostic { severity, message, hint, place, .. } = diagnostic;
    let message = message.to_string();
    let Answer { code, http_status: _, cf_ray } = diagnostic.answered();
    let word = severity_word(*severity);
    let painted = match severity {
        Severity::Error => page.paint.bad(word),
        Severity::Warning => page.paint.warn(word),
        Severity::Note => page.paint.dim(word),
    };
    let place = place.map(|place| format!("   :{}", place.line)).unwrap_or_default();
    let said = page.wrap(&format!("{}{place}", clean(&message)), INDENT + word.len() + 2, INDENT + 2);
    let mut text = format!("{:INDENT$}{painted}: {said}\n", "");
    // Cloudflare's own text usually ends with the code.
    let code = code.map(|code| format!("code {code}")).filter(|code| !message.contains(&format!("({code})")));
    let origin = [code, cf_ray.as_ref().map(|ray| format!("CF-Ray {ray}"))];
    let origin: Vec<_> = origin.into_iter().flatten().collect();
    if !origin.is_empty() {
        let origin = clean(&origin.join(", ")).into_owned();
        text.push_str(&format!("        {}\n", page.paint.dim(page.wrap(&origin, INDENT + 2, INDENT + 2))));
    }
    if let Some(hint) = hint {
        let hint = page.wrap(&clean(&hint.to_string()), INDENT + 8, INDENT + 4);
        text.push_str(&format!("        hint: {hint}\n"));
    }
    text
}

/// The word before a message.
pub(super) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// How far messages are indented.
const INDENT: usize = 6;

/// Rows as CSV. Values that look like formulas are left as they are: a prefix against spreadsheets would falsify the
/// data.
pub(super) fn csv_rows(rows: Vec<Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Writing to memory cannot fail, and all rows have the same length.
        let _ = writer.write_record(&row);
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
