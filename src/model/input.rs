//! A file that a plan was made from.

use super::Digest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file and the digest of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// The path, relative to the current folder, with `/`.
    pub path: String,
    /// The sha256 of its bytes.
    #[serde(rename = "sha256")]
    #[schemars(with = "String")]
    pub digest: Digest,
}
