//! YAML: text with places, a walk that refuses what is not meant to be read, and the values.
//! The walk goes first, and the reader only sees what the walk accepted.

mod document;
mod node;
mod reader;
mod source;
mod text;
mod walk;

pub(crate) use document::member;
pub use document::{Document, Options, parse_document, read_document};
pub use source::Source;
pub(crate) use source::{floor, short};

#[cfg(test)]
mod tests;
