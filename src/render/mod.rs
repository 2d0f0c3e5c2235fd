//! Borrowed views of plans and outcomes, as text. Pure: they do not know where the text goes.

mod baseline_file;
mod coverage;
mod doctor;
mod explain;
mod feedback;
mod feedback_plan;
mod github;
mod gitlab;
mod html;
mod journals;
mod junit;
mod layout;
mod markdown;
mod metrics;
mod outcomes;
mod parts;
mod plan;
mod problems;
mod report;
mod sarif;
mod schema;
mod submission_summary;
mod submissions;
mod unified;
mod zone_file;

pub use baseline_file::BaselineFile;
pub use coverage::CoverageText;
pub use doctor::{Check, CheckStatus, DoctorText, doctor_json};
pub use explain::{ExitCode, Explanation, Word};
pub use feedback::{FeedbackTable, feedback_csv, feedback_json, feedback_jsonl};
pub use feedback_plan::{FeedbackPlanText, SubmittedText, feedback_plan_json};
pub use github::{Annotations, github_values};
pub use gitlab::gitlab;
pub use html::HtmlReport;
pub use journals::{JournalRow, JournalStatus, JournalsText, journals_json};
pub use junit::junit;
pub use layout::Page;
pub use markdown::{COMMENT, Markdown, Room};
pub use metrics::Metrics;
pub use outcomes::OutcomesText;
pub use parts::{Paint, plural};
pub use plan::PlanText;
pub use problems::{problems_json, problems_text};
pub use report::{Report, Verb};
pub use sarif::sarif;
pub use schema::{
    doctor_schema, explanation_schema, feedback_list_schema, feedback_plan_schema, journals_schema,
    problems_schema, submissions_schema, submissions_summary_schema,
};
pub use submission_summary::{SummaryText, summary_json};
pub use submissions::{
    submission_json, submissions_csv, submissions_csv_head, submissions_head, submissions_table,
};
pub use unified::Unified;
pub use zone_file::ZoneFile;

use crate::model::clean;
