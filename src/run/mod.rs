//! Reads zones, writes plans, verifies by reading back: bounded concurrency, with the order of the zones restored.

mod evidence;
mod feedback;
mod fetch;
mod journal;
mod lanes;
mod moved_since;
mod nightly;
mod reading;
mod snapshot;
mod span;
mod tolerance;
mod write;

pub(crate) use evidence::{Around, Target, WhyQuestion, check_effect, impact, why};
pub use feedback::Feedback;
pub(crate) use fetch::{CONCURRENCY, PAUSE};
pub use fetch::{Planning, Stop, plan_zones};
pub(crate) use journal::{
    InFlight, JournalSummary, MOST_JOURNAL_BYTES, ZoneWrites, is_under_way, journal_schema, rays_of,
};
pub use journal::{Journal, JournalError};
#[doc(hidden)]
pub use journal::{Record, in_flight, read_journal};
pub(crate) use moved_since::{Present, compare_since};
pub(crate) use nightly::{Choice, Hints, Rotation, Round, Turns, Why, choose, read_log, wanted_by_files};
pub use reading::{Seen, read_zones};
pub(crate) use snapshot::{Scope, ZoneTimes, snapshot_schema};
pub use snapshot::{Snapshot, SnapshotError};
pub use write::{Applied, Apply, Guarded, Lost, Refused, Rules, Undo, ZoneFiles};
