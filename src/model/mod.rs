//! The nouns that all parts share: zones, desired and live settings, problems, outcomes.
//! It knows the catalogue and nothing else; it reads no file, clock or network.

mod desired;
mod diagnostic;
mod digest;
mod feedback;
mod identity;
mod live;
mod outcome;
mod place;
mod policy;
mod report;
mod report_rules;
mod schema;
mod submission;
mod text;
mod wanted;
mod yaml;
mod zone;

pub use desired::{Desired, Freeze, NotAvailable, StalePolicy, Waiver};
pub use diagnostic::{Answer, Diagnostic, Marked};
pub(crate) use digest::Canonical;
pub use digest::{Digest, Input};
pub use feedback::{
    InvalidReport, NewReport, ReportFile, ReportKind, ReportOutcome, ReportResult, read_time,
};
pub use identity::{Identity, Named};
pub use live::{Live, LiveValue};
pub use outcome::{Finding, FindingKind, Outcome, ZoneOutcome};
pub use place::{DiagnosticKind, Excerpt, Place, Related, Severity};
pub use policy::{
    Guards, InvalidRate, InvalidThreshold, Policy, PolicyException, PolicyRule, Rate, Threshold, matches,
};
pub use report::{Report, ZoneReports};
pub(crate) use report_rules::{ReportProblem, ReportRule, SCORE_PATTERN, TIME_PATTERN, is_score};
pub(crate) use schema::schema_of;
pub use submission::{Submission, SubmissionSummary};
pub use text::{Notation, clean, is_unsafe, printable, short};
pub use wanted::{Extended, FilePlace, Interim, Temporary, Wanted, WantedBy};
pub use yaml::plain_or_quoted;
pub use zone::{AccountId, ID_PATTERN, InvalidName, ZoneId, ZoneName};
