//! Properties over random worlds, files and faults, in process, through the client and a real emulator.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cases;
mod history;
mod promises;
mod runs;
mod schedule;
mod schedules;
mod soak;
mod stage;
mod truth;
mod walk;
