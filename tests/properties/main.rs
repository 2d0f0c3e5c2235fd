//! Properties over random worlds, files and faults, in process, through the client and a real emulator.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cases;
mod runs;
mod stage;
mod truth;
mod walk;
