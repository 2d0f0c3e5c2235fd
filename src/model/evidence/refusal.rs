//! Why there is no number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The kind of reason for which there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub(crate) enum NoNumberKind {
    /// The setting has no event and no field of its own.
    NotMeasured,
    /// The zone's plan does not include the needed analytics.
    NotEntitled,
    /// The token may not read the analytics.
    NotPermitted,
    /// Cloudflare asked to wait, or the budget of queries is used up.
    UsedUp,
    /// There are too many events to count them honestly.
    TooMany,
    /// The analytics do not go back that far.
    TooOld,
    /// The query failed.
    Failed,
}

/// Why there is no number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NoNumber {
    /// The kind.
    pub kind: NoNumberKind,
    /// The reason, as a clause.
    pub text: String,
}

impl NoNumber {
    pub(crate) fn new(kind: NoNumberKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// What to do about it.
    #[must_use]
    pub(crate) const fn hint(&self) -> Option<&'static str> {
        match self.kind {
            NoNumberKind::NotPermitted => {
                Some("give the token the permission `Zone Analytics Read` for the zone")
            }
            NoNumberKind::UsedUp => Some("try again in 5 minutes"),
            NoNumberKind::TooMany | NoNumberKind::TooOld => Some("give a shorter time"),
            NoNumberKind::NotMeasured | NoNumberKind::NotEntitled | NoNumberKind::Failed => None,
        }
    }
}

impl fmt::Display for NoNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
