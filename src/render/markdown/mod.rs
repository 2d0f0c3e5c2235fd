//! A report as Markdown, for comments on pull requests and for job summaries.

mod changes;
mod diffs;
mod escape;
mod failures;
mod folds;
mod page;

pub(super) use escape::path;

pub use page::{COMMENT, Markdown, Room};
