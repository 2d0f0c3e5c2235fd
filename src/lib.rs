//! Plan and apply for Cloudflare Bot Management: one YAML file per zone says what the zone's bot settings should be,
//! `plan` shows what differs from the live zone, `apply` writes it with PUT and proves by reading back that it took.
//!
//! # How it is built
//!
//! Data flows one way; each arrow is one function, each box one type:
//!
//! ```text
//! zones/*.yaml → load → check → Desired ─┐
//!                (all problems at once)  ├→ diff → ZoneDiff → ZonePlan → Plan → render → text, JSON
//!                GET → fetch → Live ─────┘                                │
//!                        Plan → apply → re-read, PUT, read back → Outcome → render, journal, exit code
//! ```
//!
//! | module | owns | may use, besides [`catalogue`] |
//! |---|---|---|
//! | [`catalogue`] | one table with a row for each setting; parsing, schema, `explain`, diff and emulator read it | nothing |
//! | [`model`] | the nouns: zones, desired and live settings, problems, outcomes | |
//! | [`files`] | the one door to the file system for input and results: sizes, links, special files, atomic writes, modes | nothing |
//! | [`config`] | files → checked desired state, drawn problems, schemas of what people write | model, files |
//! | [`diff`] | desired and live → changes; what a read-back shows; which reports are new. Pure | model |
//! | [`plan`] | the plan document: wire types, digest, guards, groups. Pure and inert | diff, model |
//! | `render` | borrowed views as text. Pure | plan, diff, model |
//! | [`api`] | the HTTP client: credentials, envelope, retries, budget, errors with their hints | model |
//! | [`run`] | fetch, apply, verify, journal, undo: bounded concurrency, order restored | api, plan, diff, model, files |
//! | [`emulator`] | the stand-in for the API: a plain world with the API's rules, thin HTTP over it | nothing |
//! | `cli` | arguments, one file per command, exit codes | all |
//!
//! A test keeps the last column true. The pure modules (`catalogue`, `model`, `diff`, `plan`, `render`, and `config`) name no runtime, network, file, environment or clock.
//!
//! # What it promises
//!
//! 1. Nothing but what was reviewed is written: a saved plan holds the digest of each live object it saw.
//! 2. A setting that the file does not name is never sent, and the read-back proves that it did not move.
//! 3. A failed read never becomes a change.
//! 4. Success is what the read-back shows, not what the PUT answered.
//! 5. One zone's failure stops only that zone; each zone has exactly one outcome.
//! 6. It converges: a plan after an apply is empty.
//! 7. The same input gives the same bytes, whatever the timing.
//! 8. No secret is printed or stored.
//! 9. Any input gives a clear error or a result, never a panic.
//!
//! # A new Cloudflare setting
//!
//! It is one new row in `catalogue/shared.rs` or `catalogue/special.rs`; then export the schemas again (README).

pub mod api;
pub mod catalogue;
#[cfg(feature = "cli")]
mod cli;
pub mod config;
pub mod diff;
#[cfg(feature = "emulator")]
pub mod emulator;
pub mod files;
pub mod model;
pub mod plan;
#[cfg(feature = "cli")]
#[expect(unreachable_pub, reason = "its items are for the other modules, as those of the public ones are")]
mod render;
pub mod run;

/// What the binary and the benchmarks enter by. It is not part of the library and may change at any time.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod program {
    pub use crate::cli::{Exit, main};
    pub use crate::render::{Paint, PlanText};
}
