//! The flags that select zone files, and those that control planning.

use super::{Approved, Connection, Guards, Outputs, file, output};
use crate::cli::inputs::DEFAULT_PATH;
use crate::cli::output::{Output, ReportFormat};
use crate::model::{InvalidName, Named, ZoneName};
use clap::Args;
use clap::ValueHint;
use clap::builder::{PathBufValueParser, TypedValueParser as _};
use std::path::PathBuf;

/// The selected zones.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Selected {
    /// Only zones with this name, or matching this pattern with * and ? (repeatable)
    #[arg(long = "zone", value_name = "NAME|GLOB", value_parser = pattern, value_hint = ValueHint::Other)]
    pub(crate) zones: Vec<String>,
    /// All but the zones with this name, or matching this pattern (repeatable)
    #[arg(long, value_name = "NAME|GLOB", value_parser = pattern, value_hint = ValueHint::Other)]
    pub(crate) exclude: Vec<String>,
}

impl Selected {
    /// Whether a zone is selected.
    pub(crate) fn selects(&self, zone: Named<'_>) -> bool {
        let is_one = |patterns: &[String]| patterns.iter().any(|pattern| zone.is_meant_by(pattern));
        (self.zones.is_empty() || is_one(&self.zones)) && !is_one(&self.exclude)
    }

    /// Whether all zones are selected.
    pub(crate) fn is_all(&self) -> bool {
        self.zones.is_empty() && self.exclude.is_empty()
    }
}

/// Rejects patterns that cannot match any zone.
fn pattern(text: &str) -> Result<String, String> {
    let is_id = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    Err(match text {
        "" => "write a zone name, or a pattern such as `*.example.com`",
        _ if text.contains([',', ' ']) => "write one name or pattern, and repeat the flag for more",
        _ if text.contains(['[', ']', '{', '}']) => {
            "a pattern only supports `*` and `?`; repeat the flag for more patterns"
        }
        _ if is_id => "this is an id; select zones by name",
        _ if text.contains('/') => {
            let meant = ZoneName::try_from(text.to_owned()).err();
            let meant = meant.as_ref().and_then(InvalidName::suggestion).unwrap_or("shop.example.com");
            return Err(format!("write the bare name: `{meant}`"));
        }
        _ => return Ok(text.to_owned()),
    }
    .to_owned())
}

/// The zone files, and the selected zones in them.
#[derive(Debug, Args)]
pub(crate) struct Zones {
    /// Zone files, or folders of zone files; for `apply` also one saved plan
    #[arg(value_name = "PATHS", default_value = DEFAULT_PATH)]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) selected: Selected,
}

/// How to make a plan.
#[derive(Debug, Args)]
pub(crate) struct Planning {
    #[command(flatten)]
    pub(crate) zones: Zones,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Send this setting even if the live plan variant does not report it, which would block the zone, and show
    /// Cloudflare's answer (repeatable)
    #[arg(long, value_name = "SETTING", value_hint = ValueHint::Other)]
    pub(crate) send_unavailable: Vec<String>,
    /// Distinguish drift from pending changes by comparing with the zone files at this git revision, the last one
    /// applied, and name the rules that are softer than they were then [default: `since` of botform.yaml]
    #[arg(long, value_name = "REV", conflicts_with = "since_plan", value_hint = ValueHint::Other)]
    pub(crate) since: Option<String>,
    /// The branch that this change goes to: what it wants already is marked as merged before, and no guard counts it
    #[arg(long, value_name = "REV", requires = "since", value_hint = ValueHint::Other)]
    pub(crate) base: Option<String>,
    /// The journal of the run that wrote the record of --since last: zones that it sent nothing to are not in doubt
    #[arg(long, value_name = "JOURNAL")]
    pub(crate) last_journal: Option<PathBuf>,
    /// Distinguish drift from pending changes by comparing with this saved plan, the last one applied
    #[arg(long, value_name = "PLANFILE")]
    pub(crate) since_plan: Option<PathBuf>,
    /// Allow this zone to be loosened even though its file has not changed since then; needs --since or --since-plan
    /// (repeatable)
    #[arg(long, value_name = "ZONE", value_hint = ValueHint::Other)]
    pub(crate) confirm_loosening: Vec<String>,
}

/// `validate`.
#[derive(Debug, Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    pub(crate) zones: Zones,
    /// Name the rules that are softer than they were at this git revision, the last one applied [default: `since` of botform.yaml]
    #[arg(long, value_name = "REV", value_hint = ValueHint::Other)]
    pub(crate) since: Option<String>,
    /// Write the result in this format, to stdout or to a file (repeatable; - is stdout)
    #[arg(long = "output", value_name = "FORMAT[=FILE]", value_parser = output::<ReportFormat>(), ignore_case = true, default_value = "text")]
    pub(crate) outputs: Vec<Output<ReportFormat>>,
}

/// `plan`.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) planning: Planning,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
    /// Exit with 2 instead of 0 if changes are pending, or something changed outside
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// List the zones of the accounts that no file manages, and the files whose zone is gone; needs all zone files
    #[arg(long, conflicts_with_all = ["zones", "exclude"])]
    pub(crate) coverage: bool,
    /// Show what changed outside since this snapshot: settings that no file manages, stale ones, and zones
    #[arg(long, value_name = "SNAPSHOT")]
    pub(crate) moved_since: Option<PathBuf>,
    /// Write the metrics of the run to this file, in Prometheus text format
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) metrics: Option<PathBuf>,
    /// Plan from this snapshot instead of the live zones, without network or credentials; such a plan is for review
    #[arg(long, value_name = "SNAPSHOT", conflicts_with_all = ["emulate", "base_url", "coverage", "approved", "approved_from", "only_ended", "last_applied"])]
    pub(crate) live: Option<PathBuf>,
    /// Save the plan to this file, for `show` and `apply`
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) out: Option<PathBuf>,
    /// Write the first record of what is applied to this file, from what is live now
    #[arg(long, value_name = "FILE", conflicts_with_all = ["since", "since_plan", "approved", "approved_from", "only_ended", "last_applied", "live", "zones", "exclude"], value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) new_record: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) approved: Approved,
    #[command(flatten)]
    pub(crate) guards: Guards,
}
