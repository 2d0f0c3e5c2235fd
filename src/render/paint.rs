//! Colours, and the escaping of what comes from outside.

use anstyle::{AnsiColor, Effects, Style};
use std::borrow::Cow;
use std::fmt::Display;

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

    /// What wants a look.
    #[must_use]
    pub fn warn(self, text: impl Display) -> String {
        self.with(AnsiColor::Yellow.on_default(), text)
    }

    /// What went wrong.
    #[must_use]
    pub fn bad(self, text: impl Display) -> String {
        self.with(AnsiColor::Red.on_default().effects(Effects::BOLD), text)
    }

    /// What stands out.
    #[must_use]
    pub fn strong(self, text: impl Display) -> String {
        self.with(Style::new().effects(Effects::BOLD), text)
    }

    /// What stands back.
    #[must_use]
    pub fn dim(self, text: impl Display) -> String {
        self.with(Style::new().effects(Effects::DIMMED), text)
    }
}

/// A text from outside without control characters, which could move the cursor or hide what stands before them.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().flat_map(|c| {
        let plain = (!is_unsafe(c)).then_some(c);
        plain.into_iter().chain(is_unsafe(c).then(|| c.escape_unicode()).into_iter().flatten())
    });
    Cow::Owned(escaped.collect())
}

/// Control characters, and those that change the direction of a text.
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(clean("a\u{1b}[2Kb\n\u{202e}"), "a\\u{1b}[2Kb\\u{a}\\u{202e}");
        assert_eq!(clean("plain → text"), "plain → text");
    }
}
