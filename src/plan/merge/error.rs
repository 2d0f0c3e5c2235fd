//! Why plans or results are not the parts of one whole.

use crate::model::Shard;

/// Why plans, or their results, are not the parts of one whole. Files are named as they were given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Unmergeable {
    /// It comes from a run without `--shard`.
    #[error("{name} is not a shard: it was made without `--shard`")]
    Whole {
        /// The file.
        name: String,
    },
    /// It belongs to another number of parts.
    #[error("{name} is shard {shard}, but {other} is one of {of}")]
    Count {
        /// The file.
        name: String,
        /// Its part.
        shard: Shard,
        /// The first file.
        other: String,
        /// How many parts the first file counts.
        of: u32,
    },
    /// Two are the same part.
    #[error("{name} and {other} are both shard {shard}")]
    Twice {
        /// The file.
        name: String,
        /// The earlier file.
        other: String,
        /// Their part.
        shard: Shard,
    },
    /// It holds a zone that belongs to another part.
    #[error("{name} holds {zone}, which does not belong to shard {shard}")]
    Foreign {
        /// The file.
        name: String,
        /// The zone.
        zone: String,
        /// The part of the file.
        shard: Shard,
    },
    /// It was made from other input than the others.
    #[error("{name} and {other} were made from different inputs: `{what}` differs")]
    Mixed {
        /// The file.
        name: String,
        /// The first file.
        other: String,
        /// The member of the plan document that differs.
        what: &'static str,
    },
    /// It is the result of another plan.
    #[error("{name} is the result of another plan: `{what}` differs")]
    OtherPlan {
        /// The file.
        name: String,
        /// The member of the plan document that differs.
        what: &'static str,
    },
    /// It cannot be read.
    #[error("{name} is not the result of an apply: {why}")]
    Form {
        /// The file.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A part is missing.
    #[error("shard {0} is missing")]
    Missing(
        /// The part.
        Shard,
    ),
}
