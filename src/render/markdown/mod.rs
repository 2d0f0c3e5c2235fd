//! A report as Markdown, for comments on pull requests and for job summaries.

mod body;
mod changes;
mod diffs;
mod escape;
mod failures;
mod folds;
mod page;
mod unwritten;
mod weakened;

pub(super) use escape::{code, fenced, path};

pub use body::{COMMENT, Room};
pub use page::Markdown;
