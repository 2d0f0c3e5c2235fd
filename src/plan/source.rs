//! What the live settings of a plan were read from, and when.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the live settings of a plan were read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub(crate) enum SourceKind {
    /// The Cloudflare API.
    #[default]
    Api,
    /// An emulator.
    Emulator,
    /// A saved snapshot.
    Snapshot,
}

/// What the live settings of a plan were read from, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Source {
    /// What it was.
    pub(crate) kind: SourceKind,
    /// When a snapshot was taken, RFC 3339; null for a live source.
    #[schemars(with = "Option<String>")]
    pub(crate) taken_at: Option<jiff::Timestamp>,
    /// The zones that the snapshot took over from an earlier one; absent if it read all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) taken_over: Option<TakenOver>,
}

/// Zones that were not read for a snapshot: it repeats what an earlier one said about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct TakenOver {
    /// How many.
    pub zones: usize,
    /// When the one that was read longest ago was read, RFC 3339.
    #[schemars(with = "String")]
    pub oldest: jiff::Timestamp,
}

impl TakenOver {
    /// A number of zones, and when the one that was read longest ago was read.
    #[must_use]
    pub(crate) fn new(zones: usize, oldest: jiff::Timestamp) -> Self {
        Self { zones, oldest }
    }
}

impl Source {
    /// A snapshot that was taken at a time, RFC 3339.
    #[must_use]
    pub fn snapshot(taken_at: jiff::Timestamp) -> Self {
        Self { kind: SourceKind::Snapshot, taken_at: Some(taken_at), taken_over: None }
    }

    /// What a reader of the plan must know: a plan from a snapshot can be reviewed, but only live zones can be written.
    pub(super) fn requires(&self) -> Option<&'static str> {
        (self.kind == SourceKind::Snapshot).then_some("live")
    }

    /// How old a snapshot was when the plan was made; `None` for a live source.
    #[must_use]
    pub(crate) fn age(&self, created_at: jiff::Timestamp) -> Option<jiff::SignedDuration> {
        Some(created_at.duration_since(self.taken_at?))
    }
}
