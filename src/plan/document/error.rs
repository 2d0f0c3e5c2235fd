//! Why a plan file is refused, and what to do about it.

use std::io;

/// Why a document is not a plan that can be applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanFileError {
    /// It is not JSON, or a member is missing, has another type, or appears twice.
    #[error("the file is not a plan document")]
    Form(#[source] serde_json::Error),
    /// It cannot be read.
    #[error("the plan file cannot be read")]
    Read(#[source] io::Error),
    /// Another major version, or none.
    #[error("the plan file has format version {0}, and this version of botform reads 1.x")]
    Version(String),
    /// It requires something that this version does not know.
    #[error("the plan file requires `{0}`, which this version of botform does not know")]
    Requires(String),
    /// Its digest does not match its content.
    #[error(
        "the plan file was changed after it was written: its digest is {stated}, its content has {found}"
    )]
    Digest {
        /// The digest it states.
        stated: String,
        /// The digest of its content.
        found: String,
    },
    /// It holds the outcomes of an apply.
    #[error("the file holds the outcomes of an apply: it is a report, not a plan")]
    Outcomes,
    /// Another version of botform wrote it, and this one derives something else from it.
    #[error("botform {version} wrote the plan file, and this version reads it differently")]
    OfVersion {
        /// The version that wrote it.
        version: String,
        /// What does not agree.
        #[source]
        error: Box<Self>,
    },
    /// A zone does not agree with itself or with the catalogue.
    #[error("zone `{zone}` of the plan file: {why}")]
    Zone {
        /// The zone.
        zone: String,
        /// What does not agree.
        why: String,
    },
}

impl PlanFileError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Version(_) | Self::Requires(_) | Self::OfVersion { .. } => {
                "use the version of botform that wrote it, or run `plan --out` again"
            }
            Self::Outcomes => "use the file that `plan --out` wrote",
            Self::Read(_) => "check the file's owner, mode and kind",
            Self::Form(_) | Self::Digest { .. } | Self::Zone { .. } => {
                "run `plan --out` again and have the new plan reviewed"
            }
        }
    }
}
