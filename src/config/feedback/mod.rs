//! Feedback reports in files: checked before anything is sent, with file, line, column and a hint.

mod attributes;
mod counts;
mod expression;
mod report;
mod template;
mod times;

pub use report::check_report_text;
pub(super) use report::repeated;
pub(crate) use template::report_template;
