//! What became of a feedback report.

use super::Diagnostic;

/// What submitting did to one report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReportOutcome {
    /// It was sent, and the list shows it.
    Submitted,
    /// It was there before, and was not sent.
    AlreadyThere,
    /// It was not taken, or the zone could not be read.
    Failed,
    /// Cloudflare refused it.
    Refused,
    /// It was sent, and the list could not tell what became of it.
    Unknown,
    /// It was never sent.
    NotAttempted,
}

impl ReportOutcome {
    /// All outcomes, in the order of the closing line.
    pub const ALL: [Self; 6] =
        [Self::Submitted, Self::AlreadyThere, Self::Failed, Self::Refused, Self::Unknown, Self::NotAttempted];

    /// The word used in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::AlreadyThere => "already_there",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::NotAttempted => "not_attempted",
        }
    }

    /// The words used in texts.
    #[must_use]
    pub fn text(self) -> String {
        self.word().replace('_', " ")
    }

    /// Whether the report is where it should be; all else counts as failed for the exit code.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Submitted | Self::AlreadyThere)
    }
}

/// What became of a report, with all there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ReportResult {
    /// The result.
    pub outcome: ReportOutcome,
    /// The messages.
    pub diagnostics: Vec<Diagnostic>,
}

impl ReportResult {
    /// A result without anything to say.
    pub fn plain(outcome: ReportOutcome) -> Self {
        Self { outcome, diagnostics: Vec::new() }
    }

    /// A result with one message.
    pub fn because(outcome: ReportOutcome, diagnostic: Diagnostic) -> Self {
        Self { outcome, diagnostics: vec![diagnostic] }
    }
}
