//! The zones that a run with a time budget did not reach.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The zones that a run with a time budget did not reach: the plan says nothing about them and approves nothing of
/// them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct Left {
    /// The time budget as it was given, such as `10m`.
    pub time_budget: String,
    /// How many zones are left.
    pub zones: usize,
    /// How many of them were never read, by the snapshot of `--moved-since`; absent without a snapshot, when zones are
    /// taken by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never_read: Option<usize>,
    /// When the one that was read longest ago was read, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub oldest: Option<Timestamp>,
}

impl Left {
    /// Counts zones by when they were last read; `is_by_age` says whether a snapshot knew that. `None` if no zone is
    /// left.
    pub(crate) fn of(time_budget: &str, read_at: &[Option<Timestamp>], is_by_age: bool) -> Option<Self> {
        let never_read = read_at.iter().filter(|at| at.is_none()).count();
        (!read_at.is_empty()).then(|| Self {
            time_budget: time_budget.to_owned(),
            zones: read_at.len(),
            never_read: is_by_age.then_some(never_read),
            oldest: read_at.iter().flatten().min().copied(),
        })
    }

    /// Adds up what two shards of one run left.
    pub(super) fn and(self, other: Self) -> Self {
        let never_read = self.never_read.zip(other.never_read).map(|(one, two)| one + two);
        let oldest = [self.oldest, other.oldest].into_iter().flatten().min();
        Self { time_budget: self.time_budget, zones: self.zones + other.zones, never_read, oldest }
    }
}
