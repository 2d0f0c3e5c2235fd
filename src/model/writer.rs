//! Who wrote the journal of a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who writes a run of a journal, as its environment says: texts of strangers, which hold no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Writer {
    /// The name of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The job of a pipeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// The address of that job, or of its run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The commit that is checked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The run that this one undoes; null for an apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Undone>,
}

/// The run that an undo takes back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Undone {
    /// The name of its journal.
    pub journal: String,
    /// When it began, RFC 3339.
    pub at: String,
}

impl Undone {
    /// The run of a journal that began then.
    #[must_use]
    pub fn new(journal: impl Into<String>, at: &str) -> Self {
        Self { journal: journal.into(), at: at.to_owned() }
    }
}
