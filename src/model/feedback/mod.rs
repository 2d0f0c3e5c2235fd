//! Bot feedback reports: those that the API lists, those to submit, and the rules that both keep.

mod report;
mod rules;
mod submitted;

pub use report::{FeedbackReport, ZoneReports};
pub(crate) use rules::{ReportProblem, ReportRule, SCORE_PATTERN, TIME_PATTERN, is_score};
pub(crate) use submitted::read_time;
pub use submitted::{InvalidReport, NewReport, ReportFile, ReportKind, ReportOutcome, ReportResult};
