//! Borrowed views of plans and outcomes, as text. Pure: they do not know where the text goes.

mod ci;
mod coverage;
mod doctor;
mod evidence;
mod explain;
mod feedback;
mod html;
mod journals;
mod json;
mod layout;
mod markdown;
mod outcomes;
mod parts;
mod plan;
mod problems;
mod said;
mod schema;
mod seen;
mod submission_summary;
mod submissions;
mod yaml;

pub use ci::{Annotations, Metrics, github_values, gitlab, junit, sarif};
pub use coverage::CoverageText;
pub use doctor::{Check, CheckStatus, DoctorText, doctor_json};
pub use evidence::{WhyMarkdown, WhyText, why_json};
pub use explain::{ExitCode, Explanation, Word};
pub use feedback::{
    FeedbackPlanText, FeedbackTable, SubmittedText, feedback_csv, feedback_json, feedback_jsonl,
    feedback_plan_json,
};
pub use html::HtmlReport;
pub use journals::{JournalRow, JournalStatus, JournalsText, Sent, journals_json};
pub use json::ReportJson;
pub use layout::{Detail, Page};
pub use markdown::{COMMENT, Markdown, Room};
pub use outcomes::{OutcomesText, refused_by};
pub use parts::Paint;
pub use plan::PlanText;
pub use problems::{problems_json, problems_text};
pub use schema::{
    doctor_schema, explanation_schema, feedback_list_schema, feedback_plan_schema, journals_schema,
    problems_schema, submissions_schema, submissions_summary_schema, why_schema,
};
pub use seen::weakened_text;
pub use submission_summary::{SummaryText, summary_json};
pub use submissions::{
    submission_json, submissions_csv, submissions_csv_head, submissions_head, submissions_table,
};
pub use yaml::{BaselineFile, Unified, ZoneFile};

use crate::model::clean;

#[cfg(test)]
mod tests;
