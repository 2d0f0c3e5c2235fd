//! The commands, the flags that all or many of them take, and the arguments of the small ones.

use super::{Apply, Feedback, Import, Plan, Snapshot, Submissions, Undo, Validate};
use crate::config::MAX_CONCURRENCY;
use crate::model::Rate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Plan and apply for Cloudflare Bot Management.
#[derive(Debug, Parser)]
#[command(name = "botform", version, about, long_about = None, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 in sync, or applied · 1 failed · 2 changes pending (--detailed-exitcode) · \
3 partial: some zones failed · 4 refused: the plan is stale · 5 refused: a guard, a policy, or a plan file that \
fails its checks · 64 wrong usage

Credentials come from the environment: CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY";

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    #[command(flatten)]
    pub(crate) color: Color,
    /// Log more on stderr: -v what is done, -vv each request, -vvv everything
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// The format of log lines
    #[arg(long, value_name = "FORMAT", default_value = "text", global = true)]
    pub(crate) log_format: LogFormat,
}

/// Whether output is coloured.
#[derive(Debug, Args)]
pub(crate) struct Color {
    /// When to colour output; `auto` respects NO_COLOR
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
    pub(crate) fn write_global(&self) {
        match self.color {
            When::Auto => anstream::ColorChoice::Auto,
            When::Always => anstream::ColorChoice::Always,
            When::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check zone files without any request
    Validate(Validate),
    /// Show what differs between the zone files and the live zones
    Plan(Plan),
    /// Write what differs, and prove it by reading it back
    Apply(Apply),
    /// Show a saved plan, without network or credentials
    Show(Show),
    /// Write live zones into zone files, or adopt their values in files that are there
    Import(Import),
    /// Save the live state of zones, for plans without a token
    Snapshot(Snapshot),
    /// Restore the values from before an apply, from its journal
    Undo(Undo),
    /// List and submit feedback reports about traffic that was misjudged
    Feedback(Feedback),
    /// List email-security submissions: requests to reclassify mail
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

/// How results are written.
#[derive(Debug, Args)]
pub(crate) struct Outputs {
    /// Write the result as text or json, to stdout or to a file (repeatable; - is stdout) [default: text]
    #[arg(long = "output", value_name = "FORMAT[=FILE]")]
    pub(crate) outputs: Vec<String>,
    /// Show every zone, even where many have the same changes
    #[arg(long)]
    pub(crate) detail: bool,
}

/// `show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The saved plan
    #[arg(value_name = "PLANFILE")]
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
}

/// `schema`.
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// The document
    #[arg(value_name = "NAME")]
    pub(crate) name: SchemaName,
}

/// The documents that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaName {
    /// A zone file.
    Zone,
    /// A baseline.
    Baseline,
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
    /// The file that `snapshot` writes.
    Snapshot,
    /// The JSON result of `feedback list`.
    FeedbackList,
    /// The JSON result of `feedback plan` and `feedback submit`.
    FeedbackPlan,
    /// The JSON result of `submissions`.
    Submissions,
    /// The JSON result of `submissions --summary`.
    SubmissionsSummary,
}

/// `explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The setting [default: list all settings]
    #[arg(value_name = "SETTING")]
    pub(crate) setting: Option<String>,
}

/// `emulator`.
#[derive(Debug, Args)]
pub(crate) struct Emulator {
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787")]
    pub(crate) listen: std::net::SocketAddr,
    /// The file of the world to serve [default: an empty world]
    #[arg(long, value_name = "FILE")]
    pub(crate) world: Option<PathBuf>,
}

/// `completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// How the API is reached.
#[derive(Debug, Args)]
pub(crate) struct Connection {
    /// Use a built-in emulator instead of Cloudflare, with the world in this file; without a file, with a world that matches the zone files
    #[arg(long, value_name = "WORLD", num_args = 0..=1, default_missing_value = "", value_parser = world)]
    #[arg(conflicts_with = "base_url")]
    pub(crate) emulate: Option<String>,
    /// The address of the API [default: CLOUDFLARE_BASE_URL, or Cloudflare's own]
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// How many zones are read or written at a time [default: 50]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_CONCURRENCY.into()))]
    pub(crate) concurrency: Option<u32>,
    /// Send at most N requests in any SECONDS seconds [default: 1200/300, Cloudflare's limit]
    #[arg(long, value_name = "N/SECONDS")]
    pub(crate) rate: Option<Rate>,
    /// How many seconds one request may take
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) timeout: u32,
}

/// A zone folder after `--emulate` was meant as an argument of the command.
fn world(text: &str) -> Result<String, String> {
    if std::path::Path::new(text).is_dir() {
        return Err(
            "a world is a file, not a folder; write `--emulate=` for a world that matches the zone files"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}
