//! The value of a setting that was applied last, by the record: one of the three values of a row, with live and wanted.

use super::{EarlierValue, EarlierWanted, Row};
use crate::catalogue::Value;
use crate::model::StalePolicy;
use jiff::civil::Date;

/// What the record says about a zone besides the values of its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// The number of the record since which the live values are not known: a run claimed the zone and never recorded
    /// how it ended.
    pub in_doubt: Option<u64>,
    /// What the file said of stale settings.
    pub stale: StalePolicy,
}

impl Recorded {
    /// A zone whose values are known.
    #[must_use]
    pub fn known(stale: StalePolicy) -> Self {
        Self { in_doubt: None, stale }
    }

    /// A zone in doubt since a number of the record.
    #[must_use]
    pub fn in_doubt(self, since: u64) -> Self {
        Self { in_doubt: Some(since), ..self }
    }
}

/// The value of a setting that was applied last, by the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LastApplied {
    /// The file did not name the setting, or there was no file.
    Unmanaged,
    /// The value.
    Value(Value),
    /// A temporary value that has ended since; the file now wants the value that was to follow it.
    Ended(Value),
    /// Not known since this number of the record. Such a row is never drift.
    InDoubt(u64),
    /// There was a file, but it cannot be read.
    Unreadable,
}

impl LastApplied {
    /// Whether two plans that saw these values saw the same state.
    #[must_use]
    pub(crate) fn is_as(self, other: Self) -> bool {
        match (self.value(), other.value()) {
            // Two files that cannot be read need not have said the same.
            (None, None) => self == other && self != Self::Unreadable,
            (one, other) => one == other,
        }
    }

    /// The value, where one is known.
    #[must_use]
    pub(crate) fn value(self) -> Option<Value> {
        match self {
            Self::Value(value) | Self::Ended(value) => Some(value),
            Self::Unmanaged | Self::InDoubt(_) | Self::Unreadable => None,
        }
    }
}

/// How the record has changed for a zone since the zone was planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum RecordedSince {
    /// It says the same.
    Same,
    /// What the plan wants has been applied since.
    Applied,
    /// It says something else.
    Moved,
}

impl RecordedSince {
    /// Compares the rows with what the recorded file says, on the day (UTC) of their plan.
    #[must_use]
    pub(crate) fn of(rows: &[Row], recorded: Recorded, then: &EarlierWanted, day: Date) -> Self {
        let now = |row: &Row| {
            let mut row = row.clone();
            note(&mut row, recorded, then, day);
            row.last
        };
        let is_applied = |row: &Row| now(row).and_then(LastApplied::value) == row.value();
        let mut rows = rows.iter().filter(|row| row.last.is_some());
        if rows.clone().all(|row| now(row) == row.last) {
            Self::Same
        } else if rows.all(is_applied) {
            Self::Applied
        } else {
            Self::Moved
        }
    }
}

/// Notes in a row what was applied last, by the record.
pub(super) fn note(row: &mut Row, recorded: Recorded, then: &EarlierWanted, today: Date) {
    let Some((setting, wanted)) = row.key.setting().zip(row.value()) else { return };
    row.last = Some(match (recorded.in_doubt, then) {
        (Some(since), _) => LastApplied::InDoubt(since),
        (None, EarlierWanted::New) => LastApplied::Unmanaged,
        (None, EarlierWanted::Unreadable(_)) => LastApplied::Unreadable,
        (None, EarlierWanted::Known(_)) if row.stale && recorded.stale == StalePolicy::Clean => {
            LastApplied::Value(wanted)
        }
        (None, EarlierWanted::Known(_)) if row.stale => LastApplied::Unmanaged,
        (None, EarlierWanted::Known(values)) => of(values.get(setting), wanted, today),
    });
}

fn of(then: Option<&EarlierValue>, wanted: Value, today: Date) -> LastApplied {
    match then {
        None => LastApplied::Unmanaged,
        Some(EarlierValue { value, then: Some((until, after)) }) if *until < today && *after == wanted => {
            LastApplied::Ended(*value)
        }
        Some(EarlierValue { value, .. }) => LastApplied::Value(*value),
    }
}

impl Row {
    /// Whether live moved and the file did not, by the record: the file still wants what was applied last.
    #[must_use]
    pub(crate) fn is_drift(&self) -> bool {
        match self.last {
            Some(LastApplied::Value(last)) => self.value() == Some(last),
            Some(LastApplied::Ended(last)) => !self.live_is(last),
            Some(LastApplied::Unmanaged | LastApplied::InDoubt(_) | LastApplied::Unreadable) | None => false,
        }
    }

    /// Whether it returns from a temporary value that has ended since it was applied and is still live.
    #[must_use]
    pub(crate) fn is_way_back(&self) -> bool {
        matches!(self.last, Some(LastApplied::Ended(last)) if self.live_is(last))
    }

    /// Whether live is what was applied last.
    #[must_use]
    pub(crate) fn is_as_applied(&self) -> bool {
        self.last.and_then(LastApplied::value).is_some_and(|last| self.live_is(last))
    }

    /// Whether the file wants another value than the one applied last.
    #[must_use]
    pub(crate) fn is_moved(&self) -> bool {
        self.last.and_then(LastApplied::value).is_some_and(|last| self.value() != Some(last))
    }

    fn live_is(&self, value: Value) -> bool {
        self.live.as_ref().is_some_and(|live| live.is(value))
    }
}
