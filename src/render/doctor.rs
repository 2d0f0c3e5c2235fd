//! What `doctor` found, as text and JSON.

use super::Page;
use super::parts::FORMAT_VERSION;
use crate::model::{clean, plural};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;
use std::fmt;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// All is well.
    Ok,
    /// It works, but something needs attention.
    Warning,
    /// It does not work.
    Failed,
    /// It could not be checked, or did not need to be.
    Skipped,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// How it ended.
    pub status: CheckStatus,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Check {
    /// A check that passed.
    #[must_use]
    pub fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, status: CheckStatus::Ok, message: message.into(), hint: None }
    }

    /// A check that found something that needs attention.
    #[must_use]
    pub fn warning(name: &'static str, message: impl Into<String>) -> Self {
        Self { status: CheckStatus::Warning, ..Self::ok(name, message) }
    }

    /// A check that failed.
    #[must_use]
    pub fn failed(name: &'static str, message: impl Into<String>) -> Self {
        Self { status: CheckStatus::Failed, ..Self::ok(name, message) }
    }

    /// A check that was not made.
    #[must_use]
    pub fn skipped(name: &'static str, message: impl Into<String>) -> Self {
        Self { status: CheckStatus::Skipped, ..Self::ok(name, message) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        self.maybe_hint(Some(hint.into()))
    }

    /// Adds what to do about it, if anything.
    #[must_use]
    pub fn maybe_hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }
}

/// The result of `doctor`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "botform doctor")]
pub(super) struct Document<'c> {
    /// The version of this format.
    format_version: &'static str,
    /// Whether no check failed.
    ok: bool,
    /// The checks, in the order in which they were made.
    checks: &'c [Check],
}

/// The checks as a document.
#[must_use]
pub fn doctor_json(checks: &[Check]) -> Json {
    let ok = checks.iter().all(|check| check.status != CheckStatus::Failed);
    serde_json::json!(Document { format_version: FORMAT_VERSION, ok, checks })
}

/// The checks for people.
#[derive(Clone, Copy, Debug)]
pub struct DoctorText<'c> {
    /// The checks.
    pub checks: &'c [Check],
    /// How it is shown.
    pub page: Page,
}

impl fmt::Display for DoctorText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { checks, page } = self;
        let paint = page.paint;
        for Check { name, status, message, hint } in *checks {
            let word = match status {
                CheckStatus::Ok => paint.good("ok     "),
                CheckStatus::Warning => paint.warn("warning"),
                CheckStatus::Failed => paint.bad("failed "),
                CheckStatus::Skipped => paint.dim("skipped"),
            };
            let said = page.wrap(&format!("{name}: {}", clean(message)), 9, 9);
            writeln!(f, "{word}  {said}")?;
            if let Some(hint) = hint {
                writeln!(f, "         hint: {}", page.wrap(&clean(hint), 15, 15))?;
            }
        }
        let count = |wanted| checks.iter().filter(|check| check.status == wanted).count();
        let (failed, warned) = (count(CheckStatus::Failed), count(CheckStatus::Warning));
        writeln!(f, "\n{}, {failed} failed, {}.", plural(checks.len(), "check"), plural(warned, "warning"))
    }
}
