//! The plan document: what differs, what would be written, what cannot be. Pure, sync and inert.
//! It holds what was seen, so that apply can refuse a zone that moved.

mod approvals;
mod coverage;
mod document;
mod files_now;
mod guards;
#[expect(clippy::module_inception, reason = "the plan is what a newcomer looks for here")]
mod plan;
mod policies;
mod read;
mod record;
mod row_document;
mod strict;
mod summary;
mod weakened;
mod zone;

pub use approvals::{Approvals, ApprovedBy, ApprovedPlan, Judgement};
pub(crate) use coverage::{Coverage, UnmanagedZone};
pub use document::PlanDocument;
pub(crate) use document::schema;
pub use files_now::FilesNow;
pub(crate) use guards::{Broken, excused_until, guard, warn_of_live};
pub use guards::{Guard, Refusal, Refusals};
pub(crate) use plan::Selection;
pub use plan::{NotApproved, Overrides, Plan, Provenance, Source, SourceKind};
pub(crate) use policies::broken_by_files;
pub use read::{PlanFileError, read};
pub use record::{Applied, Claim, Doubt, ProjectZone, Record, RecordError, RecordedZone};
pub(crate) use strict::object as strict_object;
pub use summary::Summary;
pub use weakened::{Break, RuleKind, Weakened};
pub(crate) use weakened::{ProjectRules, judge_files, judge_plan, weakened};
pub use zone::{Protected, Status, ZonePlan};
