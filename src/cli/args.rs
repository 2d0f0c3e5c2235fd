//! The arguments of all commands.

use super::feedback_args::Feedback;
use super::submissions_args::Submissions;
use crate::model::{Rate, Threshold};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Plan and apply for Cloudflare Bot Management.
#[derive(Debug, Parser)]
#[command(name = "botform", version, about, long_about = None, max_term_width = 100, after_help = EXIT_CODES)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 in sync, or applied · 1 failed · 2 changes pending (--detailed-exitcode) · \
3 partial: some zones failed · 4 refused: the plan is stale · 5 refused by a guard, a policy or a plan file's \
checks · 64 wrong usage

Credentials come from the environment: CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY";

/// What every command takes.
#[derive(Debug, Args)]
pub(super) struct Global {
    #[command(flatten)]
    pub(super) color: Color,
    /// Log more to stderr: once for what is done, twice for each request, three times for all
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(super) verbose: u8,
    /// How log lines are written
    #[arg(long, value_name = "FORMAT", default_value = "text", global = true)]
    pub(super) log_format: LogFormat,
}

/// Whether output is coloured.
#[derive(Debug, Args)]
pub(super) struct Color {
    /// Whether output is coloured; NO_COLOR is honoured
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    color: When,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Decides for the whole process.
    pub(super) fn write_global(&self) {
        match self.color {
            When::Auto => anstream::ColorChoice::Auto,
            When::Always => anstream::ColorChoice::Always,
            When::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check zone files without any request
    Validate(Validate),
    /// Show what differs between the zone files and the live zones
    Plan(Plan),
    /// Write what differs, and prove it by reading back
    Apply(Apply),
    /// Show a saved plan, without network or credentials
    Show(Show),
    /// Bring back the values from before an apply, from its journal
    Undo(Undo),
    /// List feedback reports, and submit those of files: traffic that was misjudged
    Feedback(Feedback),
    /// List email-security submissions: mail that was asked to be reclassified
    Submissions(Box<Submissions>),
    /// Print the JSON Schema of a document
    Schema(Schema),
    /// Explain a setting: values, plan variants, cautions
    Explain(Explain),
    /// Serve an emulator of the Cloudflare API
    Emulator(Emulator),
    /// Print a completion script for a shell
    Completions(Completions),
}

/// Which zone files, and which of their zones.
#[derive(Debug, Args)]
pub(super) struct Zones {
    /// Zone files, or folders that hold them; for `apply` also one saved plan
    #[arg(value_name = "PATHS", default_value = "zones")]
    pub(super) paths: Vec<PathBuf>,
    /// Only these zones: a name, or a pattern with * (repeatable)
    #[arg(long = "zone", value_name = "NAME|GLOB")]
    pub(super) zones: Vec<String>,
}

/// How the API is reached.
#[derive(Debug, Args)]
pub(super) struct Connection {
    /// Use an emulator in this process instead of Cloudflare; without a value, a world that matches the zone files
    #[arg(long, value_name = "WORLD", num_args = 0..=1, default_missing_value = "", value_parser = world)]
    #[arg(conflicts_with = "base_url")]
    pub(super) emulate: Option<String>,
    /// The address of the API [default: CLOUDFLARE_BASE_URL, or Cloudflare's own]
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// How many zones are read or written at the same time [default: 16]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) concurrency: Option<u16>,
    /// The most requests in any window of so many seconds [default: 1200/300, Cloudflare's limit]
    #[arg(long, value_name = "N/SECONDS")]
    pub(super) rate: Option<Rate>,
    /// How long one request may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(super) timeout: u32,
}

/// A zone folder behind `--emulate` is a value that was meant as an argument.
fn world(text: &str) -> Result<String, String> {
    if std::path::Path::new(text).is_dir() {
        return Err("a world is a file; for one that matches the zone files write `--emulate=`".to_owned());
    }
    Ok(text.to_owned())
}

/// How a plan is made.
#[derive(Debug, Args)]
pub(super) struct Planning {
    #[command(flatten)]
    pub(super) zones: Zones,
    #[command(flatten)]
    pub(super) connection: Connection,
    /// Send this setting although the live zone does not report it, and show Cloudflare's answer (repeatable)
    #[arg(long, value_name = "SETTING")]
    pub(super) send_unavailable: Vec<String>,
    /// Tell drift from pending changes: compare with the zone files of this git revision
    #[arg(long, value_name = "REV", conflicts_with = "baseline")]
    pub(super) since: Option<String>,
    /// Tell drift from pending changes: compare with this saved plan, the one applied last
    #[arg(long, value_name = "PLANFILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Loosen this zone although its file did not change since the revision or baseline (repeatable)
    #[arg(long, value_name = "ZONE")]
    pub(super) confirm_loosening: Vec<String>,
}

/// How results are written.
#[derive(Debug, Args)]
pub(super) struct Outputs {
    /// Write the result as text or json, to stdout or to a file (repeatable) [default: text]
    #[arg(long = "output", value_name = "FORMAT[=FILE]")]
    pub(super) outputs: Vec<String>,
    /// Show each zone, also where many change alike
    #[arg(long)]
    pub(super) detail: bool,
}

/// `validate`.
#[derive(Debug, Args)]
pub(super) struct Validate {
    #[command(flatten)]
    pub(super) zones: Zones,
    /// Write the result as text or json, to stdout or to a file (repeatable) [default: text]
    #[arg(long = "output", value_name = "FORMAT[=FILE]")]
    pub(super) outputs: Vec<String>,
}

/// `plan`.
#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    pub(super) planning: Planning,
    #[command(flatten)]
    pub(super) outputs: Outputs,
    /// Exit with 2 instead of 0 when changes are pending
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
    /// Save the plan, for `show` and `apply`
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) guards: Guards,
}

/// `show`.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The saved plan
    #[arg(value_name = "PLANFILE")]
    pub(super) plan: PathBuf,
    #[command(flatten)]
    pub(super) outputs: Outputs,
}

/// `apply`.
#[derive(Debug, Args)]
pub(super) struct Apply {
    #[command(flatten)]
    pub(super) planning: Planning,
    #[command(flatten)]
    pub(super) outputs: Outputs,
    #[command(flatten)]
    pub(super) writes: Writes,
    /// Apply the zones of a saved plan that did not move, also when others did
    #[arg(long)]
    pub(super) partial: bool,
    /// Apply the saved plan only if it has this digest; its first digits are enough
    #[arg(long, value_name = "DIGEST")]
    pub(super) expect: Option<String>,
}

/// How a plan is written.
#[derive(Debug, Args)]
pub(super) struct Writes {
    /// Write without asking
    #[arg(long)]
    pub(super) auto_approve: bool,
    /// Where each PUT is told before and after [default: a file in the user's state folder]
    #[arg(long, value_name = "FILE")]
    pub(super) journal: Option<PathBuf>,
    /// Apply this many zones first, and go on only if all of them took it
    #[arg(long, value_name = "N")]
    pub(super) canary: Option<usize>,
    /// Begin no further zone once more than this many failed
    #[arg(long, value_name = "N|P%")]
    pub(super) max_failures: Option<Threshold>,
    #[command(flatten)]
    pub(super) guards: Guards,
}

/// The guards, each overridden by name and number.
#[derive(Debug, Args)]
pub(super) struct Guards {
    /// Refuse to change more than this many zones
    #[arg(long, value_name = "N|P%")]
    pub(super) max_zones: Option<Threshold>,
    /// Refuse more than this many changes that loosen protection
    #[arg(long, value_name = "N")]
    pub(super) max_loosening: Option<u32>,
    /// Write to this protected or frozen zone all the same (repeatable)
    #[arg(long, value_name = "ZONE")]
    pub(super) unprotect: Vec<String>,
    /// Break this policy all the same (repeatable)
    #[arg(long, value_name = "ID")]
    pub(super) override_policy: Vec<String>,
}

/// `undo`.
#[derive(Debug, Args)]
pub(super) struct Undo {
    /// The journal of the apply
    #[arg(value_name = "JOURNAL")]
    pub(super) of: PathBuf,
    /// Only these zones: a name, or a pattern with * (repeatable)
    #[arg(long = "zone", value_name = "NAME|GLOB")]
    pub(super) zones: Vec<String>,
    #[command(flatten)]
    pub(super) connection: Connection,
    #[command(flatten)]
    pub(super) outputs: Outputs,
    #[command(flatten)]
    pub(super) writes: Writes,
}

/// `schema`.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// The document
    #[arg(value_name = "NAME")]
    pub(super) name: SchemaName,
}

/// The documents that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaName {
    /// A zone file.
    Zone,
    /// `botform.yaml`.
    Project,
    /// A feedback report.
    Feedback,
    /// The JSON plan.
    Plan,
    /// The JSON result of `validate`.
    Problems,
    /// A line of the journal of an apply.
    Journal,
}

/// `explain`.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The setting; without it, all settings are listed
    #[arg(value_name = "SETTING")]
    pub(super) setting: Option<String>,
}

/// `emulator`.
#[derive(Debug, Args)]
pub(super) struct Emulator {
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787")]
    pub(super) listen: std::net::SocketAddr,
    /// The world to serve
    #[arg(long, value_name = "FILE")]
    pub(super) world: Option<PathBuf>,
}

/// `completions`.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(super) shell: clap_complete::Shell,
}
