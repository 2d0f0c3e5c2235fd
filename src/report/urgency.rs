//! The order in which a reviewer sees things: every format shows the first of these first, and drops it last.

use super::{Item, NotWritten, Said};
use crate::diff::Row;
use crate::model::Severity;
use crate::plan::ZonePlan;

/// How soon a reviewer must see something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// A rule is softer: everything else was judged by it.
    Weakened,
    /// A change shuts out search engines.
    ShutsOut,
    /// A change loosens protection.
    Loosens,
    /// Something failed, or is refused.
    Failure,
    /// Any other change.
    Change,
    /// Everything else.
    Rest,
}

impl Urgency {
    /// Of a row of a zone.
    pub(crate) fn of_row(row: &Row, zone: &ZonePlan) -> Self {
        match () {
            () if NotWritten::of(row, zone).is_some() => Self::Rest,
            () if row.shuts_out() => Self::ShutsOut,
            () if row.is_loosening() => Self::Loosens,
            () if row.differs() => Self::Change,
            () => Self::Rest,
        }
    }

    /// Of an item.
    pub(crate) fn of(item: &Item<'_>) -> Self {
        match (&item.said, item.zone) {
            (Said::Weakened(_), _) => Self::Weakened,
            (Said::Difference(row), Some(zone)) => Self::of_row(row, zone),
            _ if item.severity == Severity::Error => Self::Failure,
            _ => Self::Rest,
        }
    }
}
