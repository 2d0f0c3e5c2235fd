//! A file that a plan was made from.

use super::Digest;

/// A file and the digest of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// The path, relative to the current folder, with `/`.
    pub path: String,
    /// The digest of its bytes.
    pub digest: Digest,
}
