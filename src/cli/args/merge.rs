//! The arguments of `merge`.

use super::{Outputs, file};
use clap::Args;
use clap::builder::{PathBufValueParser, TypedValueParser as _};
use std::path::PathBuf;

/// `merge`.
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// The saved plans of all shards; or one saved plan and the JSON results of applying its shards
    #[arg(value_name = "PLANFILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Save the merged plan to this file, for `show` and `apply`, unless a shard is missing
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) out: Option<PathBuf>,
    /// The record of what is applied: when merging plans, claim in it what they may write; when merging results, settle
    /// it
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) last_applied: Option<PathBuf>,
    /// Exit with 2 instead of 0 if changes are pending
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// Write the metrics of all shards to this file, in Prometheus text format
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) metrics: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
}
