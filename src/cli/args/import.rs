//! `import` and `snapshot`: live zones into files.

use super::{Connection, Selected};
use clap::Args;
use std::path::PathBuf;

/// The live zones to read.
#[derive(Debug, Args)]
pub(crate) struct LiveZones {
    #[command(flatten)]
    pub(crate) selected: Selected,
    /// Only zones of this account [default: CLOUDFLARE_ACCOUNT_ID, or account_id of botform.yaml, or all]
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
}

/// `import`.
#[derive(Debug, Args)]
#[command(after_help = "\
A zone without a file below DIR gets DIR/ZONE.yaml, and its plan is empty. Existing files stay as they are; what \
differs is listed. With `--adopt`, or for a zone that `--zone` names, the settings in the file take their live values; \
every other byte stays.

Example: botform import zones --zone shop.example.com --diff")]
pub(crate) struct Import {
    /// The folder of zone files
    #[arg(value_name = "DIR", default_value = "zones")]
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) live: LiveZones,
    /// Read the zones from this snapshot, without network or credentials
    #[arg(long, value_name = "SNAPSHOT", conflicts_with_all = ["emulate", "base_url"])]
    pub(crate) from: Option<PathBuf>,
    /// Import the zones of this Terraform state, with the values it holds of `cloudflare_bot_management`: the JSON of
    /// `terraform state pull` or `terraform show -json`
    #[arg(long, value_name = "STATE", conflicts_with = "adopt")]
    pub(crate) terraform: Option<PathBuf>,
    /// Take the live values into the existing files of all selected zones
    #[arg(long)]
    pub(crate) adopt: bool,
    /// Include settings that are off in new files
    #[arg(long)]
    pub(crate) all_settings: bool,
    /// Let new files extend the baseline baselines/NAME.yaml; if it does not exist, it gets what at least 80 % of the
    /// new zones share
    #[arg(long, value_name = "NAME")]
    pub(crate) baseline: Option<String>,
    /// Show what would be written as a unified diff, and write nothing
    #[arg(long)]
    pub(crate) diff: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `snapshot`.
#[derive(Debug, Args)]
#[command(after_help = "\
A snapshot contains no secrets, but it shows how each zone is defended: keep it private, as an internal artifact. Pull \
requests from forks of a public repository get `validate` alone.

Example: botform snapshot live.json, then botform plan --live live.json")]
pub(crate) struct Snapshot {
    /// The file to write, which only its owner may read; - is stdout
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) live: LiveZones,
    #[command(flatten)]
    pub(crate) connection: Connection,
}
