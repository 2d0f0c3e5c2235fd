//! Reads zones, writes plans, verifies by reading back: bounded concurrency, with the order of the zones restored.

mod apply;
mod feedback;
mod fetch;
mod journal;
mod preflight;
mod settle;
mod stop;
mod submit;
mod undo;

pub use apply::Apply;
pub use feedback::Feedback;
pub use fetch::{Planning, plan_zones};
pub use journal::{InFlight, Journal, JournalError, Record, in_flight, journal_schema, read_journal};
pub use preflight::{Moved, preflight};
pub use stop::Stop;
pub use undo::{Undo, undo};
