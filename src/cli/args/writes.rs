//! The flags for writing a plan, and its guards.

use super::{Approved, Connection, Outputs, Planning, Selected, file};
use crate::model::Threshold;
use clap::builder::{PathBufValueParser, TypedValueParser as _};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `apply`.
#[derive(Debug, Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    pub(crate) planning: Planning,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
    #[command(flatten)]
    pub(crate) writes: Writes,
    /// Apply a saved plan even if some of its zones have changed since, skipping those
    #[arg(long)]
    pub(crate) partial: bool,
    /// Apply the saved plan only if its digest is, or begins with, this one
    #[arg(long, value_name = "DIGEST", value_hint = ValueHint::Other)]
    pub(crate) expect: Option<String>,
    #[command(flatten)]
    pub(crate) approved: Approved,
}

/// How to write a plan.
#[derive(Debug, Args)]
pub(crate) struct Writes {
    /// Write without asking; a saved plan never asks, because it was reviewed
    #[arg(long)]
    pub(crate) auto_approve: bool,
    /// Write the journal to this file [default: a new file in $XDG_STATE_HOME/botform]
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) journal: Option<PathBuf>,
    /// Write the metrics of the run to this file, in Prometheus text format
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) metrics: Option<PathBuf>,
    /// Apply this many zones first, and the others only if all of these succeed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) canary: Option<u32>,
    /// Start no further zone once more than this many have failed; a percentage is of the zones to change
    #[arg(long, value_name = "N|P%")]
    pub(crate) max_failures: Option<Threshold>,
    #[command(flatten)]
    pub(crate) guards: Guards,
}

/// The guards; each flag overrides one of them.
#[derive(Debug, Default, Args)]
pub(crate) struct Guards {
    /// Refuse a plan that changes more than this many zones
    #[arg(long, value_name = "N|P%")]
    pub(crate) max_zones: Option<Threshold>,
    /// Refuse a plan with more than this many changes that loosen protection
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=i64::from(Threshold::MAX_COUNT)))]
    pub(crate) max_loosening: Option<u32>,
    /// Write to this zone even though it is protected or frozen (repeatable)
    #[arg(long, value_name = "ZONE", value_hint = ValueHint::Other)]
    pub(crate) unprotect: Vec<String>,
    /// Ignore this policy for this run (repeatable)
    #[arg(long, value_name = "ID", value_hint = ValueHint::Other)]
    pub(crate) override_policy: Vec<String>,
}

/// `undo`.
#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// The journal of the apply [default: list the journals of the state folder]
    #[arg(value_name = "JOURNAL")]
    pub(crate) of: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) selected: Selected,
    /// Undo this zone even though its settings were changed after the apply (repeatable)
    #[arg(long, value_name = "ZONE", value_hint = ValueHint::Other)]
    pub(crate) undo_moved: Vec<String>,
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
    #[command(flatten)]
    pub(crate) writes: Writes,
}
