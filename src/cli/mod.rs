//! Arguments, one file per command, exit codes: the only place where the pure and the impure meet.

mod args;
mod commands;
mod context;
mod earlier;
mod entry;
mod environment;
mod exit;
mod failure;
mod git;
mod inputs;
mod log;
mod output;
mod planning;
mod redact;
mod revision;
mod saved;
mod session;
mod signals;
mod write;

#[cfg(test)]
mod new_setting_tests;

pub use entry::main;
pub use exit::Exit;

use context::Context;
use failure::Failure;
