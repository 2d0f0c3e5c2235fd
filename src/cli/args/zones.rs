//! The flags that select zone files, and those that control planning.

use super::{Age, Approved, Connection, Guards, Outputs, Sharding, age, file, output, time_budget};
use crate::cli::inputs::DEFAULT_PATH;
use crate::cli::output::{Output, ReportFormat};
use crate::model::{InvalidName, Named, ZoneName};
use crate::run::Rotation;
use clap::Args;
use clap::ValueHint;
use clap::builder::{PathBufValueParser, TypedValueParser as _};
use std::path::PathBuf;

/// The selected zones.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Selected {
    /// Only zones with this name or id, or matching this pattern with * and ? (repeatable)
    #[arg(long = "zone", value_name = "NAME|GLOB|ID", value_parser = pattern, value_hint = ValueHint::Other)]
    pub(crate) zones: Vec<String>,
    /// All but the zones with this name or id, or matching this pattern (repeatable)
    #[arg(long, value_name = "NAME|GLOB|ID", value_parser = pattern, value_hint = ValueHint::Other)]
    pub(crate) exclude: Vec<String>,
}

impl Selected {
    /// Whether a zone is selected.
    pub(crate) fn selects(&self, zone: Named<'_>) -> bool {
        let is_one = |patterns: &[String]| patterns.iter().any(|pattern| zone.is_meant_by(pattern));
        (self.zones.is_empty() || is_one(&self.zones)) && !is_one(&self.exclude)
    }

    /// Whether a zone is named: by its name or id, and not only by a pattern.
    pub(crate) fn names(&self, zone: Named<'_>) -> bool {
        let is_pattern = |text: &str| text.contains(['*', '?']);
        self.zones.iter().any(|called| !is_pattern(called) && zone.is_meant_by(called))
    }

    /// Whether all zones are selected.
    pub(crate) fn is_all(&self) -> bool {
        self.zones.is_empty() && self.exclude.is_empty()
    }
}

/// Rejects patterns that cannot match any zone.
fn pattern(text: &str) -> Result<String, String> {
    Err(match text {
        "" => "write a zone name, or a pattern such as `*.example.com`",
        _ if text.contains([',', ' ']) => "write one name or pattern, and repeat the flag for more",
        _ if text.contains(['[', ']', '{', '}']) => {
            "a pattern only supports `*` and `?`; repeat the flag for more patterns"
        }
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
    /// applied, and list the rules that have become softer since [default: `since` of botform.yaml]
    #[arg(long, value_name = "REV", conflicts_with = "since_plan", value_hint = ValueHint::Other)]
    pub(crate) since: Option<String>,
    /// The target branch of this change: what it already wants is marked as merged before, and no guard counts it
    #[arg(long, value_name = "REV", requires = "since", value_hint = ValueHint::Other)]
    pub(crate) base: Option<String>,
    /// The journal of the run that last wrote the record of --since: zones that it sent nothing to are not in doubt. If
    /// several machines ran, the journal of each attempt of each machine (repeatable)
    #[arg(long, value_name = "JOURNAL")]
    pub(crate) last_journal: Vec<PathBuf>,
    /// Distinguish drift from pending changes by comparing with this saved plan, the last one applied
    #[arg(long, value_name = "PLANFILE")]
    pub(crate) since_plan: Option<PathBuf>,
    /// Allow this zone to be loosened even though its file has not changed since then; needs --since or --since-plan
    /// (repeatable)
    #[arg(long, value_name = "ZONE", value_hint = ValueHint::Other)]
    pub(crate) confirm_loosening: Vec<String>,
    #[command(flatten)]
    pub(crate) sharding: Sharding,
}

/// `validate`.
#[derive(Debug, Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    pub(crate) zones: Zones,
    /// List the rules that have become softer since this git revision, the last one applied [default: `since` of
    /// botform.yaml]
    #[arg(long, value_name = "REV", value_hint = ValueHint::Other)]
    pub(crate) since: Option<String>,
    /// Write the result in this format, to stdout or to a file (repeatable; - is stdout)
    #[arg(long = "output", value_name = "FORMAT[=FILE]", value_parser = output::<ReportFormat>(), ignore_case = true, default_value = "text")]
    pub(crate) outputs: Vec<Output<ReportFormat>>,
}

/// The flags that need live zones, or all zones.
const NOT_BY_LOG: [&str; 9] = [
    "live",
    "zones",
    "exclude",
    "coverage",
    "approved",
    "approved_from",
    "only_ended",
    "last_applied",
    "new_record",
];

/// The flags that need all zones of the run, or take no time.
const NOT_IN_TIME: [&str; 8] = [
    "live",
    "coverage",
    "changed_by_log",
    "approved",
    "approved_from",
    "only_ended",
    "last_applied",
    "new_record",
];

/// The flags that limit the zones: a snapshot for the next run holds all of them.
const NOT_ALL: [&str; 5] = ["zones", "exclude", "shard", "shards", "only_changed"];

fn rotation(text: &str) -> Result<Rotation, &'static str> {
    text.parse()
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
    /// List the zones that no file manages, and the files whose zone is gone; needs all zone files
    #[arg(long, conflicts_with_all = ["zones", "exclude", "shard", "shards"])]
    pub(crate) coverage: bool,
    /// Show what changed outside since this snapshot: unmanaged and stale settings, and zones
    #[arg(long, value_name = "SNAPSHOT", conflicts_with_all = ["shard", "shards"])]
    pub(crate) moved_since: Option<PathBuf>,
    /// Show what each change would have done to the requests of this period, 24h by default, or why there is no number;
    /// needs the permission `Zone Analytics Read`
    #[arg(long, value_name = "AGE", num_args = 0..=1, default_missing_value = "24h", value_parser = age)]
    pub(crate) impact: Option<Age>,
    /// Show what voids or overrides the settings: custom rules, IP access rules, Version Management, pay per crawl, the
    /// security level; each needs its own permission, and is left out without it
    #[arg(long)]
    pub(crate) check_effect: bool,
    /// Read again only the zones that their account's audit log shows as written since the snapshot, those whose file
    /// changed, and a rotating share of the others; the rest is taken over from the snapshot, and the plan is
    /// incomplete
    #[arg(long, requires = "moved_since", conflicts_with_all = NOT_BY_LOG)]
    pub(crate) changed_by_log: bool,
    /// The share of the other zones to read each time, such as 1/7, so that each is read once in seven nights
    #[arg(long, value_name = "1/N", requires = "changed_by_log", default_value = "1/7", value_parser = rotation)]
    pub(crate) rotate: Rotation,
    /// Begin no further zone after this time, such as 10m, and finish those in flight. The zones that were read longest
    /// ago, by the snapshot of --moved-since, come first; the plan says how many are left, and is incomplete
    #[arg(long, value_name = "TIME", conflicts_with_all = NOT_IN_TIME, value_parser = time_budget, value_hint = ValueHint::Other)]
    pub(crate) time_budget: Option<Age>,
    /// Save what was read to this file, the snapshot for the next run, with the other zones as the snapshot of
    /// --moved-since has them; needs --changed-by-log or --time-budget
    #[arg(long, value_name = "FILE", conflicts_with_all = NOT_ALL, value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) new_snapshot: Option<PathBuf>,
    /// Show who changed what differs from the files or changed outside, by the audit logs of this period, 30 days by
    /// default
    #[arg(long, value_name = "AGE", num_args = 0..=1, require_equals = true, default_missing_value = "30d", value_parser = age, value_hint = ValueHint::Other)]
    pub(crate) who: Option<Age>,
    /// Write the metrics of the run to this file, in Prometheus text format
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) metrics: Option<PathBuf>,
    /// Only zones whose files want other values than at the revision of --base, or else of --since; drift of other
    /// zones is not seen
    #[arg(long, conflicts_with_all = ["coverage", "moved_since"])]
    pub(crate) only_changed: bool,
    /// Plan from this snapshot instead of the live zones, without network or credentials; such a plan is only for
    /// review
    #[arg(long, value_name = "SNAPSHOT", conflicts_with_all = ["emulate", "base_url", "coverage", "impact", "check_effect", "approved", "approved_from", "only_ended", "last_applied"])]
    pub(crate) live: Option<PathBuf>,
    /// Save the plan to this file, for `show` and `apply`
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) out: Option<PathBuf>,
    /// Write the first record of what is applied to this file, from what is live now
    #[arg(long, value_name = "FILE", conflicts_with_all = ["since", "since_plan", "approved", "approved_from", "only_ended", "last_applied", "live", "zones", "exclude", "shard", "shards", "only_changed"], value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) new_record: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) approved: Approved,
    #[command(flatten)]
    pub(crate) guards: Guards,
}
