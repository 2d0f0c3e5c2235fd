//! Edits of a zone file that keep every other byte: comments, order, quotes, line ends and the byte order mark.

mod splice;
mod written;
mod zone;

pub(crate) use zone::{Edit, edit_text};

#[cfg(test)]
mod tests;
