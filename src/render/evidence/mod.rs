//! What the analytics say, in words: the effect of a change on requests, and why a request was stopped.

mod impact;
mod why;
mod why_markdown;

pub(in crate::render) use impact::{impact_line, impact_of};
pub use why::{WhyText, why_json};
pub use why_markdown::WhyMarkdown;

pub(in crate::render) use why::schema as why_document_schema;
