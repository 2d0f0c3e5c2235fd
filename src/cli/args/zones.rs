//! Which zone files are read, and how a plan is made of them.

use super::{Connection, Guards, Outputs};
use clap::Args;
use std::path::PathBuf;

/// Which zone files, and which of their zones.
#[derive(Debug, Args)]
pub(crate) struct Zones {
    /// Zone files, or folders of zone files; for `apply` also one saved plan
    #[arg(value_name = "PATHS", default_value = "zones")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only zones with this name, or matching this pattern with * (repeatable)
    #[arg(long = "zone", value_name = "NAME|GLOB")]
    pub(crate) zones: Vec<String>,
}

/// How a plan is made.
#[derive(Debug, Args)]
pub(crate) struct Planning {
    #[command(flatten)]
    pub(crate) zones: Zones,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Send this setting even where the live zone does not report it and the zone would be blocked, and show Cloudflare's answer (repeatable)
    #[arg(long, value_name = "SETTING")]
    pub(crate) send_unavailable: Vec<String>,
    /// Distinguish drift from pending changes by comparing with the zone files at this git revision, the last one applied
    #[arg(long, value_name = "REV", conflicts_with = "since_plan")]
    pub(crate) since: Option<String>,
    /// Distinguish drift from pending changes by comparing with this saved plan, the last one applied
    #[arg(long, value_name = "PLANFILE")]
    pub(crate) since_plan: Option<PathBuf>,
    /// Allow this zone to be loosened even though its file has not changed since then; needs --since or --since-plan (repeatable)
    #[arg(long, value_name = "ZONE")]
    pub(crate) confirm_loosening: Vec<String>,
}

/// `validate`.
#[derive(Debug, Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    pub(crate) zones: Zones,
    /// Write the result as text or json, to stdout or to a file (repeatable; - is stdout) [default: text]
    #[arg(long = "output", value_name = "FORMAT[=FILE]")]
    pub(crate) outputs: Vec<String>,
}

/// `plan`.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) planning: Planning,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
    /// Exit with 2 instead of 0 if changes are pending
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// Plan from this snapshot instead of the live zones, without network or credentials; such a plan is for review
    #[arg(long, value_name = "SNAPSHOT", conflicts_with_all = ["emulate", "base_url"])]
    pub(crate) live: Option<PathBuf>,
    /// Save the plan to this file, for `show` and `apply`
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) guards: Guards,
}
