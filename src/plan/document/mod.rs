//! The plan document on the wire, version 1, both ways: what is read is checked as strictly as what a stranger sends.

#[expect(clippy::module_inception, reason = "the document is what a newcomer looks for here")]
mod document;
mod error;
mod read;
mod row;
mod strict;

pub use document::PlanDocument;
pub(crate) use document::schema;
pub use error::PlanFileError;
pub use read::read;
pub(crate) use strict::object as strict_object;
