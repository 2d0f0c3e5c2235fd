//! Reads zones, writes plans, verifies by reading back: bounded concurrency, with the order of the zones restored.

mod apply;
mod feedback;
mod fetch;
mod guarded;
mod journal;
mod record;
mod records;
mod settle;
mod snapshot;
mod span;
mod submit;
mod tolerance;
mod undo;

pub use apply::Apply;
pub use feedback::Feedback;
pub use fetch::{CONCURRENCY, PAUSE, Planning, Stop, plan_zones};
pub use guarded::{Applied, Guarded, Refused, Rules, ZoneFiles};
pub use journal::{Journal, JournalError, is_under_way};
pub use record::{InFlight, Record, in_flight, journal_schema};
pub use records::{JournalSummary, MOST_JOURNAL_BYTES, read_journal};
pub use snapshot::{Seen, Snapshot, SnapshotError, read_zones, snapshot_schema};
pub use undo::{Lost, Undo};
