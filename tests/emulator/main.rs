//! The emulator over real loopback HTTP: replies, faults, the two other interfaces, and the examples.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod examples;
mod faults;
mod others;
mod replies;
