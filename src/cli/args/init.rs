//! `init`: which repository is made, and for which pipeline.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The folder of the repository
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Add the recipes for a pipeline, which are also in examples/ci
    #[arg(long, value_name = "CI")]
    pub(crate) ci: Option<Pipeline>,
    /// Where a plan is reviewed [default: pull-request]
    #[arg(long, value_name = "WHERE", requires = "ci")]
    pub(crate) review: Option<Review>,
}

/// A pipeline that there are recipes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pipeline {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
}

/// Where a plan is reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Review {
    /// In the pull or merge request: what was approved there is applied on merge.
    PullRequest,
    /// After the merge: a person approves the plan of the main branch before it is applied.
    AtApply,
}
