//! Approval by row: which changes of a plan somebody reviewed.

#[expect(clippy::module_inception, reason = "the approvals are what a newcomer looks for here")]
mod approvals;

pub(crate) use approvals::ApprovedBy;
pub use approvals::{Approvals, ApprovedPlan};
