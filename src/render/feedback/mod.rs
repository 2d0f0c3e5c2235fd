//! Feedback reports: those of the account's zones, and what becomes of those in files.

mod list;
mod plan;

pub(super) use list::List;
pub(super) use plan::Document;

pub use list::{FeedbackTable, feedback_csv, feedback_json, feedback_jsonl};
pub use plan::{FeedbackPlanText, SubmittedText, feedback_plan_json};
