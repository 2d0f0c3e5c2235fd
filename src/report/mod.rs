//! What a run has to say, as one value of which each format is a view. It holds kinds and fields; `render` makes the
//! texts.

mod ending;
mod group;
mod item;
#[expect(clippy::module_inception, reason = "the report is what a newcomer looks for here")]
mod report;
mod rules;
mod seen;
mod unwritten;
mod urgency;
mod verdict;

pub use ending::{Ending, Written};
pub use report::{Report, Verb};

pub(crate) use group::{Group, MessageKey, OutcomeKey, RowKey, group, in_common, together};
pub(crate) use item::{Item, Said, is_kept};
pub(crate) use report::refused;
pub(crate) use rules::{RULES, Rule};
pub(crate) use seen::{Made, Seen, Sides, seen};
pub(crate) use unwritten::{NotWritten, said_of};
pub(crate) use urgency::Urgency;
pub(crate) use verdict::to_change;
