//! The HTML report: one self-contained file that shows a fleet at a glance.

mod above;
mod cell;
mod data;
mod page;
mod texts;

pub use page::HtmlReport;
