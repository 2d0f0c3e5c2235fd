//! Reads zones, writes plans, verifies by reading back: bounded concurrency, with the order of the zones restored.

mod apply;
mod audit;
mod by_log;
mod evidence;
mod feedback;
mod fetch;
mod guarded;
mod in_time;
mod journal;
mod lanes;
mod moved_since;
mod reading;
mod settle;
mod snapshot;
mod span;
mod submit;
mod tolerance;
mod two;
mod undo;
mod write;

pub use apply::Apply;
pub(crate) use audit::read_log;
pub(crate) use by_log::{Choice, Hints, Rotation, Why, choose, wanted_by_files};
pub(crate) use evidence::{Around, Target, WhyQuestion, check_effect, impact, why};
pub use feedback::Feedback;
pub(crate) use fetch::{CONCURRENCY, PAUSE};
pub use fetch::{Planning, Stop, plan_zones};
pub use guarded::{Applied, Guarded, Refused, Rules, ZoneFiles};
pub(crate) use in_time::{Round, Turns};
pub(crate) use journal::{
    InFlight, JournalSummary, MOST_JOURNAL_BYTES, ZoneWrites, is_under_way, journal_schema, rays_of,
};
pub use journal::{Journal, JournalError};
#[doc(hidden)]
pub use journal::{Record, in_flight, read_journal};
pub(crate) use moved_since::{Present, compare_since};
pub use reading::{Seen, read_zones};
pub(crate) use snapshot::{Scope, ZoneTimes, snapshot_schema};
pub use snapshot::{Snapshot, SnapshotError};
pub use undo::{Lost, Undo};
