//! Colours.

use anstyle::{AnsiColor, Effects, Style};
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
