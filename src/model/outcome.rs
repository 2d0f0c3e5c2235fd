//! What apply did to one zone.

use super::Diagnostic;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The result of applying one zone; each zone has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// The read-back shows the desired values.
    Applied,
    /// There was nothing to write.
    InSync,
    /// The zone is plan-only: its changes are shown and not written.
    Protected,
    /// All remaining changes are held.
    Held,
    /// No approved plan holds its changes.
    Unapproved,
    /// The plan did not allow the zone to be written.
    Blocked,
    /// The zone could not be read, or the PUT failed and a GET shows that it had no effect.
    Failed,
    /// The live object is not the one that was planned against; nothing was written.
    Stale,
    /// The PUT was accepted, but the read-back does not show all of its values.
    NotApplied,
    /// A setting that was not sent has changed too.
    Collateral,
    /// Cloudflare refused the PUT.
    Refused,
    /// Cloudflare refused it because of the request rate.
    Throttled,
    /// The PUT was sent, and no GET could show its result.
    Unknown,
    /// The PUT was accepted, but GET does not report the setting.
    Unverified,
    /// The run stopped before it reached the zone.
    NotAttempted,
}

impl Outcome {
    /// All outcomes, in the order of the closing table.
    pub const ALL: &'static [Self] = &[
        Self::Applied,
        Self::Unverified,
        Self::InSync,
        Self::Protected,
        Self::Held,
        Self::NotApplied,
        Self::Collateral,
        Self::Refused,
        Self::Throttled,
        Self::Failed,
        Self::Unknown,
        Self::Stale,
        Self::Unapproved,
        Self::Blocked,
        Self::NotAttempted,
    ];

    /// The word used in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        crate::catalogue::word::<Self>(self as usize)
    }

    /// The words used in texts.
    #[must_use]
    pub fn text(self) -> String {
        self.word().replace('_', " ")
    }

    /// Whether the zone is as desired; every other outcome counts as failed for the exit code.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Applied | Self::InSync | Self::Protected | Self::Held | Self::Unverified)
    }

    /// Whether a PUT of this run changed the zone.
    #[must_use]
    pub const fn has_written(self) -> bool {
        matches!(self, Self::Applied | Self::Unverified | Self::NotApplied | Self::Collateral)
    }
}

/// How the read-back of one setting differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// It was sent, but does not have the sent value.
    NotTaken,
    /// It is stale: its neutral value was sent, but Cloudflare kept the old one.
    Kept,
    /// It was not sent, but has changed.
    Moved,
    /// It was sent, but GET does not report it.
    NotReported,
    /// It is stale, and its clean-up, which follows the other changes, was not sent.
    NotSent,
}

/// One setting whose read-back differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Finding {
    /// The name, as the API has it.
    pub setting: String,
    /// What it is.
    pub kind: FindingKind,
    /// What should have been there; `None` for "not reported".
    pub expected: Option<Json>,
    /// What is there; `None` for "not reported".
    pub live: Option<Json>,
}

/// The outcome of one zone, with its findings and messages.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[must_use]
#[non_exhaustive]
pub struct ZoneOutcome {
    /// The result.
    pub outcome: Outcome,
    /// The settings whose read-back differs.
    pub findings: Vec<Finding>,
    /// The messages.
    pub diagnostics: Vec<Diagnostic>,
}

impl ZoneOutcome {
    /// A result without messages.
    pub fn plain(outcome: Outcome) -> Self {
        Self { outcome, findings: Vec::new(), diagnostics: Vec::new() }
    }

    /// A result with one message.
    pub fn because(outcome: Outcome, diagnostic: Diagnostic) -> Self {
        Self { outcome, findings: Vec::new(), diagnostics: vec![diagnostic] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_closing_table_has_each_outcome_once() {
        let schema = schemars::schema_for!(Outcome).to_value();
        let told: BTreeSet<_> = Outcome::ALL.iter().map(|outcome| outcome.word()).collect();
        assert_eq!(told.len(), Outcome::ALL.len());
        let words = schema["oneOf"].as_array().unwrap().iter();
        assert_eq!(told, words.map(|word| word["const"].as_str().unwrap()).collect());
    }
}
