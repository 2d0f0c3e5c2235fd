//! The program as clap sees it: the commands, and which function runs each.

use super::Failure;
use super::args::{
    Apply, Completions, Emulator, Feedback, FeedbackCommand, Global, Import, Init, Merge, Plan, Schema, Show,
    Snapshot, Submissions, Undo, Validate, Why,
};
use super::commands::{self, offline};
use crate::report::Ending;
use clap::{CommandFactory as _, Parser, Subcommand};

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
Exit codes: 0 in sync, or applied · 1 failed · 2 changes pending, or changed outside (--detailed-exitcode) · \
3 partial: some zones failed · 4 refused: the plan is stale · 5 refused: a guard, a policy, or a plan file that \
fails its checks · 64 wrong usage

Environment:
  CLOUDFLARE_API_TOKEN   the credentials; or CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY
  CLOUDFLARE_API_TOKEN_… the credential of an account, under `accounts` of botform.yaml
  CLOUDFLARE_ACCOUNT_ID  the account, if no flag and no zone or report file names one
  CLOUDFLARE_BASE_URL    the address of the API, if --base-url is not given
  HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY
                         proxies; never used for this machine itself
  RUST_LOG               what is logged without -v, such as botform=debug
  NO_COLOR, CLICOLOR, CLICOLOR_FORCE
                         whether to colour output with --color auto
  XDG_STATE_HOME         where journals are kept, instead of ~/.local/state";

/// The commands. A new one is a row here and a file in `commands`, which holds its arguments if no other command uses
/// them.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check zone files without sending any request
    #[command(after_help = "Example: botform validate zones")]
    Validate(Validate),
    /// Show what differs between the zone files and the live zones
    #[command(after_help = "Example: botform plan zones --out plan.json")]
    Plan(Plan),
    /// Write what differs, and prove it by reading it back
    #[command(after_help = "Example: botform apply plan.json --expect b94f46b9ad12efe30505b92aa8a522a7")]
    Apply(Apply),
    /// Show a saved plan, without network or credentials
    #[command(after_help = "Example: botform show plan.json --detail")]
    Show(Show),
    /// Merge the plans of several machines, or the results of applying one plan on several
    #[command(after_help = "Example: botform merge plan-*.json --out plan.json")]
    Merge(Merge),
    /// Write zone files from live zones, or adopt live values into existing files
    #[command(after_help = "Example: botform import zones --baseline shared")]
    Import(Import),
    /// Save the live state of zones, for plans without a token
    #[command(after_help = "Example: botform snapshot snapshot.json")]
    Snapshot(Snapshot),
    /// Restore the values from before an apply, from its journal
    #[command(after_help = "Example: botform undo journal.jsonl --zone shop.example.com")]
    Undo(Undo),
    /// List and submit feedback reports about misjudged traffic
    Feedback(Feedback),
    /// List email-security submissions: requests to reclassify mail
    #[command(
        after_help = "Example: botform submissions --since 7d --status unreviewed --output csv=submissions.csv"
    )]
    Submissions(Box<Submissions>),
    /// Find what stopped a request, and the smallest change that lets it pass
    Why(Box<Why>),
    /// Print the JSON Schema of a document
    #[command(after_help = "Example: botform schema zone > zone.schema.json")]
    Schema(Schema),
    /// Explain a setting, a plan variant, an exit code, or a word of zone files and plans
    #[command(after_help = "Example: botform explain sbfm_verified_bots")]
    Explain(commands::explain::Args),
    /// Create a repository for zone files; existing files are never replaced
    #[command(after_help = "Example: botform init shops --ci github")]
    Init(Init),
    /// Check credentials, permissions, files and connection, without writing anything
    #[command(after_help = "Example: botform doctor zones --output json")]
    Doctor(commands::doctor::Args),
    /// Serve an emulator of the Cloudflare API
    #[command(after_help = "Example: botform emulator --world examples/world.yaml")]
    Emulator(Emulator),
    /// Print a completion script for a shell, or install the scripts of all shells and the manual pages
    #[command(after_help = "Example: botform completions --share ~/.local/share")]
    Completions(Completions),
}

impl Command {
    /// Runs it.
    pub(super) fn run(self) -> Result<Ending, Failure> {
        match self {
            Self::Validate(args) => offline::validate(&args),
            Self::Plan(args) => commands::plan::run(&args),
            Self::Apply(args) => commands::apply::run(&args),
            Self::Show(args) => offline::show(&args),
            Self::Merge(args) => commands::merge::run(&args),
            Self::Import(args) => commands::import::run(&args),
            Self::Snapshot(args) => commands::snapshot::run(&args),
            Self::Undo(args) => commands::undo::run(&args),
            Self::Feedback(args) => match args.command {
                FeedbackCommand::List(args) => commands::feedback::list::run(&args),
                FeedbackCommand::New(args) => commands::feedback::new::run(&args),
                FeedbackCommand::Plan(args) => commands::feedback::plan::run(&args),
                FeedbackCommand::Submit(args) => commands::feedback::submit::run(&args),
            },
            Self::Submissions(args) => commands::submissions::run(&args),
            Self::Why(args) => commands::why::run(&args),
            Self::Schema(args) => offline::schema(&args),
            Self::Explain(args) => commands::explain::run(&args),
            Self::Doctor(args) => commands::doctor::run(&args),
            Self::Init(args) => commands::init::run(&args),
            Self::Emulator(args) => offline::emulator(&args),
            Self::Completions(args) => commands::completions::run(&args, Cli::command()),
        }
    }
}
