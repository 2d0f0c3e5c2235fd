//! Which zones a run reads where it does not read all: those that the audit log names, or the longest unread.

mod audit;
mod by_log;
mod in_time;

pub(crate) use audit::read_log;
pub(crate) use by_log::{Choice, Hints, Rotation, Why, choose, wanted_by_files};
pub(crate) use in_time::{Round, Turns};
