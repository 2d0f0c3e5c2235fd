//! Feedback reports in files: checked before anything is sent, with file, line, column and a way out.

mod attributes;
mod counts;
mod expression;
mod repeated;
mod report;
mod schema;
mod times;

pub use report::check_report_text;
pub use schema::feedback_schema;

pub(super) use repeated::repeated;
