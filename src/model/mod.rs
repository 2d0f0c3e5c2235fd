//! The nouns that all parts share: zones, desired and live settings, problems, outcomes.
//! It knows the catalogue and nothing else; it reads no file, clock or network.

mod desired;
mod diagnostic;
mod digest;
mod feedback;
mod input;
mod kind;
mod live;
mod outcome;
mod pattern;
mod place;
mod policy;
mod rate;
mod report;
mod submission;
mod submission_summary;
mod text;
mod zone;

pub use desired::{Desired, Freeze, NotAvailable, StalePolicy, Waiver, Wanted};
pub use diagnostic::{Answer, Diagnostic, Marked};
pub(crate) use digest::Canonical;
pub use digest::Digest;
pub use feedback::{
    InvalidReport, NewReport, ReportFile, ReportKind, ReportOutcome, ReportResult, read_time,
};
pub use input::Input;
pub use kind::{DiagnosticKind, Severity};
pub use live::{Live, LiveValue};
pub use outcome::{Finding, FindingKind, Outcome, ZoneOutcome};
pub use pattern::matches;
pub use place::{Excerpt, Place, Related};
pub use policy::{Guards, InvalidThreshold, Policy, PolicyException, PolicyRule, Threshold};
pub use rate::{InvalidRate, Rate};
pub use report::{Report, ZoneReports};
pub use submission::Submission;
pub use submission_summary::SubmissionSummary;
pub use text::{CiSafe, clean, clean_json, is_unsafe};
pub use zone::{AccountId, ID_PATTERN, InvalidName, ZoneId, ZoneName};
