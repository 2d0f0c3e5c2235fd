//! What a run has to report: one value, of which each format is a view.

mod item;
#[expect(clippy::module_inception, reason = "the report is what a newcomer looks for here")]
mod report;
mod rules;

pub use report::{Report, Verb};

pub(super) use item::{Item, in_common, is_kept, values};
pub(super) use report::{is_difference, refused};
pub(super) use rules::{RULES, Rule};
