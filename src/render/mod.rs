//! Borrowed views of plans and outcomes, as text. Pure: they do not know where the text goes.

mod doctor;
mod explain;
mod feedback;
mod feedback_plan;
mod outcomes;
mod parts;
mod plan;
mod problems;
mod schema;
mod submission_summary;
mod submissions;

pub use doctor::{Check, CheckStatus, DoctorText, doctor_json};
pub use explain::{ExitCode, Explanation, Word};
pub use feedback::{FeedbackTable, feedback_csv, feedback_json, feedback_jsonl};
pub use feedback_plan::{FeedbackPlanText, SubmittedText, feedback_plan_json};
pub use outcomes::OutcomesText;
pub use parts::{Paint, plural};
pub use plan::PlanText;
pub use problems::{problems_count, problems_json};
pub use schema::{
    doctor_schema, explanation_schema, feedback_list_schema, feedback_plan_schema, problems_schema,
    submissions_schema, submissions_summary_schema,
};
pub use submission_summary::{SummaryText, summary_json};
pub use submissions::{
    submission_json, submissions_csv, submissions_csv_head, submissions_head, submissions_table,
};

use crate::model::clean;
