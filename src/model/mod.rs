//! The nouns that all parts share: zones, desired and live settings, problems, outcomes.
//! It knows the catalogue and nothing else; it reads no file, clock or network.

mod desired;
mod diagnostic;
mod digest;
mod input;
mod kind;
mod live;
mod outcome;
mod pattern;
mod place;
mod policy;
mod rate;
mod report;
mod report_file;
mod report_outcome;
mod submission;
mod submission_summary;
mod zone;
mod zone_reports;

pub use desired::{Desired, Freeze, NotAvailable, StalePolicy, Waiver, Wanted};
pub use diagnostic::{Answer, Diagnostic, Marked};
pub use digest::Digest;
pub use input::Input;
pub use kind::{DiagnosticKind, Severity};
pub use live::{Live, LiveValue};
pub use outcome::{Finding, FindingKind, Outcome, ZoneOutcome};
pub use pattern::matches;
pub use place::{Excerpt, Place, Related};
pub use policy::{Guards, InvalidThreshold, Policy, PolicyException, PolicyRule, Threshold};
pub use rate::{InvalidRate, Rate};
pub use report::Report;
pub use report_file::ReportFile;
pub use report_outcome::{ReportOutcome, ReportResult};
pub use submission::Submission;
pub use submission_summary::SubmissionSummary;
pub use zone::{AccountId, ID_PATTERN, InvalidName, ZoneId, ZoneName};
pub use zone_reports::ZoneReports;
