//! The plan document: what differs, what would be written, what cannot be. Pure, sync and inert.
//! It holds what was seen, so that apply can refuse a zone that moved.

mod approvals;
mod coverage;
mod document;
mod files_now;
mod guards;
mod left;
mod merge;
mod moved_since;
#[expect(clippy::module_inception, reason = "the plan is what a newcomer looks for here")]
mod plan;
mod policies;
mod protected;
mod record;
mod source;
mod summary;
mod weakened;
mod who;
mod zone;

pub(crate) use approvals::ApprovedBy;
pub use approvals::{Approvals, ApprovedPlan};
pub(crate) use coverage::{Coverage, UnmanagedZone};
pub use document::{PlanDocument, PlanFileError, read};
pub(crate) use document::{schema, strict_object};
pub use files_now::FilesNow;
pub(crate) use guards::{Broken, excused_until, guard, warn_of_live};
pub use guards::{Guard, Refusal, Refusals};
pub(crate) use left::Left;
pub(crate) use merge::{Merged, ShardPlan, ShardResult, Unmergeable, merge, merge_results};
pub(crate) use moved_since::{ByLog, MovedSetting, MovedSince, MovedZone, WhatMoved};
pub(crate) use plan::Selection;
pub use plan::{NotApproved, Overrides, Plan, Provenance};
pub(crate) use policies::broken_by_files;
pub use protected::Protected;
pub use record::{Applied, Claim, ProjectZone, Record, RecordError};
pub use source::Source;
pub(crate) use source::{SourceKind, TakenOver};
pub use summary::Summary;
pub(crate) use weakened::{Break, RuleKind, Weakened};
pub(crate) use weakened::{ProjectRules, judge_files, judge_plan, weakened};
pub(crate) use zone::Part;
pub use zone::{Status, ZonePlan};
