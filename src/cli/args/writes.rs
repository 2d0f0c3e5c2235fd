//! How a plan is written, and what limits it.

use super::{Connection, Outputs, Planning};
use crate::model::Threshold;
use clap::Args;
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
    /// Apply the zones of a saved plan that did not move, also when others did
    #[arg(long)]
    pub(crate) partial: bool,
    /// Apply the saved plan only if it has this digest; its first digits are enough
    #[arg(long, value_name = "DIGEST")]
    pub(crate) expect: Option<String>,
}

/// How a plan is written.
#[derive(Debug, Args)]
pub(crate) struct Writes {
    /// Write without asking
    #[arg(long)]
    pub(crate) auto_approve: bool,
    /// Where each PUT is told before and after [default: a file in the user's state folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Apply this many zones first, and go on only if all of them took it
    #[arg(long, value_name = "N")]
    pub(crate) canary: Option<usize>,
    /// Begin no further zone once more than this many failed
    #[arg(long, value_name = "N|P%")]
    pub(crate) max_failures: Option<Threshold>,
    #[command(flatten)]
    pub(crate) guards: Guards,
}

/// The guards, each overridden by name and number.
#[derive(Debug, Args)]
pub(crate) struct Guards {
    /// Refuse to change more than this many zones
    #[arg(long, value_name = "N|P%")]
    pub(crate) max_zones: Option<Threshold>,
    /// Refuse more than this many changes that loosen protection
    #[arg(long, value_name = "N")]
    pub(crate) max_loosening: Option<u32>,
    /// Write to this protected or frozen zone all the same (repeatable)
    #[arg(long, value_name = "ZONE")]
    pub(crate) unprotect: Vec<String>,
    /// Break this policy all the same (repeatable)
    #[arg(long, value_name = "ID")]
    pub(crate) override_policy: Vec<String>,
}

/// `undo`.
#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// The journal of the apply
    #[arg(value_name = "JOURNAL")]
    pub(crate) of: PathBuf,
    /// Only these zones: a name, or a pattern with * (repeatable)
    #[arg(long = "zone", value_name = "NAME|GLOB")]
    pub(crate) zones: Vec<String>,
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
    #[command(flatten)]
    pub(crate) writes: Writes,
}
