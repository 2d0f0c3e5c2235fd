//! The rules that a change softens: a softer rule lets through what the change would have been refused for.

mod guards;
mod judged;
mod patterns;
mod policies;
#[cfg(test)]
mod tests;
#[expect(clippy::module_inception, reason = "what is weakened is what a newcomer looks for here")]
mod weakened;
mod zones;

pub(super) use judged::judge_guards;
pub(crate) use judged::{judge_files, judge_plan};
pub(crate) use weakened::{Break, RuleKind, Weakened};
pub(crate) use weakened::{ProjectRules, weakened};
