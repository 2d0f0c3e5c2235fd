//! Reads zones, writes plans, verifies by reading back: bounded concurrency, with the order of the zones restored.

mod apply;
mod feedback;
mod fetch;
mod guarded;
mod journal;
mod moved_since;
mod settle;
mod snapshot;
mod span;
mod submit;
mod tolerance;
mod two;
mod undo;
mod write;

pub use apply::Apply;
pub use feedback::Feedback;
pub(crate) use fetch::{CONCURRENCY, PAUSE};
pub use fetch::{Planning, Stop, plan_zones};
pub use guarded::{Applied, Guarded, Refused, Rules, ZoneFiles};
pub(crate) use journal::{
    InFlight, JournalSummary, MOST_JOURNAL_BYTES, ZoneWrites, is_under_way, journal_schema,
};
pub use journal::{Journal, JournalError};
#[doc(hidden)]
pub use journal::{Record, in_flight, read_journal};
pub(crate) use moved_since::{Present, compare_since};
pub(crate) use snapshot::{Scope, snapshot_schema};
pub use snapshot::{Seen, Snapshot, SnapshotError, read_zones};
pub use undo::{Lost, Undo};
