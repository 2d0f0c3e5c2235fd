//! Stories through the real binary against the emulator: what a user types, reads and gets.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod apart;
mod baselines;
mod by_log;
mod cautions;
mod completion;
mod doctor;
mod effective;
mod every_command;
mod examples;
mod explain;
mod faults;
mod feedback;
mod feedback_list;
mod first_hour;
mod flags;
mod fleet;
mod formats;
mod formats_checked;
mod formats_hostile;
mod formats_placed;
mod from_terraform;
mod identity;
mod impact;
mod import;
mod imported;
mod in_time;
mod incidents;
mod init;
mod inputs;
mod international;
mod listings;
mod moved_since;
mod odd_entries;
mod outputs;
#[path = "../../src/api/tests/script.rs"]
#[expect(dead_code, reason = "the client's own tests use the rest")]
mod plain_server;
mod plain_zones;
mod plans;
mod printed;
mod protection;
mod requests;
mod secrets;
mod situations;
mod snapshot;
mod stopping;
mod story;
#[cfg(unix)]
mod strangers;
mod submissions;
mod temporary;
mod terraform;
mod two_commands;
mod usage;
mod who;
mod why;
mod writes;
