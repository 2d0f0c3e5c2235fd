//! Feedback reports: those of zones, and what submitting those in files would do or did.

mod list;
mod plan;

pub(super) use list::List;
pub(super) use plan::Document;

pub use list::{FeedbackTable, feedback_csv, feedback_json, feedback_jsonl};
pub use plan::{FeedbackPlanText, SubmittedText, feedback_plan_json};
