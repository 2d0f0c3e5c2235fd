//! YAML: text with places, a walk that rejects unsupported YAML, and the values.
//! The walk goes first, and the reader only sees what the walk has accepted, and whose values are not certain already.

mod certain;
mod document;
mod node;
mod reader;
mod source;
mod text;
mod walk;

pub(crate) use crate::model::short;
pub use document::{Options, parse_document};
pub(super) use document::{YamlDocument, read_document};
pub(super) use node::Cursor;
pub(super) use source::Source;
pub(crate) use source::floor;

#[cfg(test)]
mod certain_tests;
#[cfg(test)]
mod tests;
