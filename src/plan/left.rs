//! The zones that a run did not come to in its time.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The zones that a run did not come to in its time: nothing is said of them, and nothing of them is approved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct Left {
    /// The time that the run had, as it was given: `10m`.
    pub time_budget: String,
    /// How many zones are left.
    pub zones: usize,
    /// How many of them were never read, by the snapshot of `--moved-since`; absent without one, where zones are taken by
    /// name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never_read: Option<usize>,
    /// When the first of the others was read, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub oldest: Option<Timestamp>,
}

impl Left {
    /// Zones by when they were read last, of a run whose zones came in that order if an earlier snapshot told it; `None`
    /// without any.
    pub(crate) fn of(time_budget: &str, read_at: &[Option<Timestamp>], is_by_age: bool) -> Option<Self> {
        let never_read = read_at.iter().filter(|at| at.is_none()).count();
        (!read_at.is_empty()).then(|| Self {
            time_budget: time_budget.to_owned(),
            zones: read_at.len(),
            never_read: is_by_age.then_some(never_read),
            oldest: read_at.iter().flatten().min().copied(),
        })
    }

    /// What is left of two parts of one run.
    pub(super) fn and(self, other: Self) -> Self {
        let never_read = self.never_read.zip(other.never_read).map(|(one, two)| one + two);
        let oldest = [self.oldest, other.oldest].into_iter().flatten().min();
        Self { time_budget: self.time_budget, zones: self.zones + other.zones, never_read, oldest }
    }
}
