//! What was reviewed is what is applied: saved plans, guards, journals, undo, through the real binary.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod applied;
#[cfg(unix)]
mod approved;
mod baseline;
mod between;
mod both_doors;
mod clean_ups;
mod confirming;
mod dice;
mod edits;
#[cfg(unix)]
mod extends;
#[cfg(unix)]
mod git_table;
mod guards;
mod journal;
mod killed;
#[cfg(unix)]
mod leaving;
mod mutations;
mod plans;
#[cfg(unix)]
mod questions;
#[cfg(unix)]
mod recorded;
#[cfg(unix)]
mod shards;
#[cfg(unix)]
mod since;
#[expect(dead_code, reason = "the stories of the command line use all of it")]
#[path = "../cli/story.rs"]
mod story;
mod table;
mod twins;
mod undo;
mod waivers;
#[cfg(unix)]
mod weakened;
mod writes;
