//! The record: at which commit each zone was last applied, and for which zones that is not known.

#[expect(clippy::module_inception, reason = "the record is what a newcomer looks for here")]
mod record;
mod run;
#[cfg(test)]
mod tests;

pub use record::{Applied, Claim, ProjectZone, Record, RecordError};
