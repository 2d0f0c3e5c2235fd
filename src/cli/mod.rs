//! Arguments, one file per command, exit codes: the only place where pure and impure code meet.

mod approving;
mod args;
mod by_log;
mod command;
mod commands;
mod completion;
mod context;
mod credentials;
mod entry;
mod environment;
mod evidence;
mod failure;
mod fleet;
mod in_time;
mod inputs;
mod moved_since;
mod output;
mod planning;
mod redact;
mod reviewed;
mod session;
mod signals;
mod who;
mod write;
mod writer;

#[cfg(test)]
mod new_setting_tests;

pub use entry::main;

use context::Context;
use failure::Failure;
