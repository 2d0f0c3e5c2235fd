//! Approval by row: which changes of a plan somebody reviewed.

#[expect(clippy::module_inception, reason = "the approvals are what a newcomer looks for here")]
mod approvals;

pub use approvals::{Approvals, ApprovedBy, ApprovedPlan, Judgement};
