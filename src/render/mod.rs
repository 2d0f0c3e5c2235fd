//! Borrowed views of plans and outcomes, as text. Pure: they do not know where the text goes.

mod baseline_file;
mod feedback;
mod feedback_plan;
mod outcomes;
mod parts;
mod plan;
mod problems;
mod schema;
mod submission_summary;
mod submissions;
mod unified;
mod zone_file;

pub use baseline_file::BaselineFile;
pub use feedback::{FeedbackTable, feedback_csv, feedback_json, feedback_jsonl};
pub use feedback_plan::{FeedbackPlanText, SubmittedText, feedback_plan_json};
pub use outcomes::OutcomesText;
pub use parts::{Paint, plural};
pub use plan::PlanText;
pub use problems::{problems_count, problems_json};
pub use schema::{
    feedback_list_schema, feedback_plan_schema, problems_schema, submissions_schema,
    submissions_summary_schema,
};
pub use submission_summary::{SummaryText, summary_json};
pub use submissions::{
    submission_json, submissions_csv, submissions_csv_head, submissions_head, submissions_table,
};
pub use unified::Unified;
pub use zone_file::ZoneFile;

use crate::model::clean;
