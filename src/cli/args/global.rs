//! The flags shared by all or many commands, and the arguments of the small ones.

use super::output;
use crate::cli::environment;
use crate::cli::output::{Output, ReportFormat};
use crate::config::MAX_CONCURRENCY;
use crate::model::Rate;
use crate::render::Detail;
use clap::builder::{PathBufValueParser, TypedValueParser as _};
use clap::{Args, ValueEnum, ValueHint};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

/// The heading of the global flags.
const GLOBAL: &str = "Global options";

/// The heading of the flags about the API.
const API: &str = "API options";

/// The global flags.
#[derive(Debug, Args)]
pub(crate) struct Global {
    #[command(flatten)]
    pub(crate) color: Color,
    /// Log more to stderr: -v logs each step, -vv also each request
    #[arg(short, long, action = clap::ArgAction::Count, global = true, help_heading = GLOBAL)]
    verbose: u8,
    /// The format of log lines and messages on stderr
    #[arg(long, value_name = "FORMAT", default_value = "text", global = true, ignore_case = true, help_heading = GLOBAL)]
    pub(crate) log_format: LogFormat,
}

/// Whether output is coloured.
#[derive(Debug, Args)]
pub(crate) struct Color {
    /// When to colour output; `auto` respects NO_COLOR
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true, ignore_case = true, help_heading = GLOBAL)]
    color: When,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

impl Global {
    /// Counts `-v` before and after the command together.
    pub(crate) fn verbosity(&self, args: &[String]) -> usize {
        let typed = |arg: &String| match arg.as_str() {
            "--verbose" => 1,
            arg => arg.strip_prefix('-').filter(|vs| vs.bytes().all(|byte| byte == b'v')).map_or(0, str::len),
        };
        args.iter().map(typed).sum::<usize>().max(self.verbose.into())
    }
}

impl Color {
    /// Reads the flag from unparsed arguments, so that help and usage errors respect it too.
    pub(crate) fn of(args: &[String]) -> Self {
        let mut named = args.iter().enumerate().filter_map(|(at, arg)| {
            let value = match arg.strip_prefix("--color")? {
                "" => args.get(at + 1)?,
                value => value.strip_prefix('=')?,
            };
            When::from_str(value, true).ok()
        });
        Self { color: named.next_back().unwrap_or(When::Auto) }
    }

    /// Applies the choice to the whole process.
    pub(crate) fn write_global(&self) {
        match self.color {
            When::Auto if is_forced_off() => anstream::ColorChoice::Never,
            When::Auto => anstream::ColorChoice::Auto,
            When::Always => anstream::ColorChoice::Always,
            When::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// Whether `CLICOLOR_FORCE=0` forbids colours without a terminal.
fn is_forced_off() -> bool {
    environment::variable("CLICOLOR_FORCE").as_deref() == Some("0") && !std::io::stdout().is_terminal()
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// How results are written.
#[derive(Debug, Args)]
pub(crate) struct Outputs {
    /// Write the result in this format, to stdout or to a file (repeatable; - is stdout)
    #[arg(long = "output", value_name = "FORMAT[=FILE]", value_parser = output::<ReportFormat>(), ignore_case = true, default_value = "text")]
    pub(crate) outputs: Vec<Output<ReportFormat>>,
    /// Show every zone with all its settings, including in-sync and unmanaged ones
    #[arg(long)]
    detail: bool,
}

impl Outputs {
    /// How much a text shows.
    pub(crate) fn detail(&self) -> Detail {
        if self.detail { Detail::All } else { Detail::Notable }
    }
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
    #[arg(value_name = "NAME", ignore_case = true)]
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
    /// A world of the emulator.
    World,
    /// The JSON result of `explain`.
    Explanation,
    /// The JSON result of `doctor`.
    Doctor,
    /// A line of the journal of an apply.
    Journal,
    /// The JSON result of `undo` without a journal.
    Journals,
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
    /// The JSON result of `why`.
    Why,
}

/// `emulator`.
#[derive(Debug, Args)]
pub(crate) struct Emulator {
    /// The address to listen on; port 0 picks a free port and prints it
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787", value_parser = listen)]
    pub(crate) listen: std::net::SocketAddr,
    /// The file of the world to serve [default: an empty world]
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(world_file))]
    pub(crate) world: Option<PathBuf>,
    /// Delay every reply by this many milliseconds, overriding the world
    #[arg(long, value_name = "MILLISECONDS", value_parser = clap::value_parser!(u32).range(..=600_000))]
    pub(crate) latency_ms: Option<u32>,
    /// Append each request to this file, as a line of JSON with method, path, query, body and status
    #[arg(long, value_name = "FILE")]
    pub(crate) requests: Option<PathBuf>,
}

/// `completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell whose script is printed
    #[arg(value_name = "SHELL", ignore_case = true, required_unless_present = "share")]
    pub(crate) shell: Option<clap_complete::Shell>,
    /// Write the scripts of all shells and the manual pages below this folder, where /usr/share has them
    #[arg(long, value_name = "DIR", conflicts_with = "shell", value_hint = ValueHint::DirPath)]
    #[arg(value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) share: Option<PathBuf>,
}

/// Reads an address with its port; a name such as `localhost` resolves to its first address.
fn listen(text: &str) -> Result<std::net::SocketAddr, String> {
    let found = std::net::ToSocketAddrs::to_socket_addrs(text).map_err(|error| error.to_string());
    let mut found: Vec<_> =
        found.map_err(|error| format!("{error}; write an address such as `localhost:0`"))?.collect();
    found.sort_by_key(std::net::SocketAddr::is_ipv6);
    found.first().copied().ok_or_else(|| "the name does not resolve to an address".to_owned())
}

/// The connection to the API.
#[derive(Debug, Args)]
pub(crate) struct Connection {
    /// Use a built-in emulator instead of Cloudflare, with the world in this file; without a file, with a world that
    /// matches the zone files, reports or journal that the command reads
    #[arg(long, value_name = "WORLD", num_args = 0..=1, default_missing_value = "", value_parser = emulate)]
    #[arg(conflicts_with = "base_url", help_heading = API, value_hint = ValueHint::FilePath)]
    pub(crate) emulate: Option<Emulate>,
    /// The address of the API [default: CLOUDFLARE_BASE_URL, or Cloudflare's own]
    #[arg(long, value_name = "URL", help_heading = API, value_hint = ValueHint::Url)]
    pub(crate) base_url: Option<String>,
    /// How many zones to read or write at a time [default: 50]
    #[arg(long, value_name = "N", help_heading = API, value_parser = clap::value_parser!(u32).range(1..=MAX_CONCURRENCY.into()))]
    pub(crate) concurrency: Option<u32>,
    /// Send at most N requests in any SECONDS seconds with each credential [default: 1200/300, Cloudflare's limit]
    #[arg(long, value_name = "N/SECONDS", help_heading = API, value_hint = ValueHint::Other)]
    pub(crate) rate: Option<Rate>,
    /// Timeout of one request in seconds
    #[arg(long, value_name = "SECONDS", help_heading = API, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) timeout: u32,
}

/// The world of an in-process emulator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Emulate {
    /// A world that matches the files that the command reads.
    Matching,
    /// The world in this file.
    World(PathBuf),
}

impl Connection {
    /// The world file, if one was given.
    pub(crate) fn world_file(&self) -> Option<&Path> {
        match &self.emulate {
            Some(Emulate::World(path)) => Some(path),
            Some(Emulate::Matching) | None => None,
        }
    }
}

/// Checks the path of an output file. `-` means stdout only in `--output`, where it cannot mix with another result.
pub(super) fn file(path: PathBuf) -> Result<PathBuf, &'static str> {
    match path.to_str() {
        Some("-") => Err("`-` is stdout, but this must be a file; use `--output json` to write to stdout"),
        _ => Ok(path),
    }
}

fn world_file(path: PathBuf) -> Result<PathBuf, &'static str> {
    if path.exists() { Ok(path) } else { Err("the file does not exist") }
}

/// Reads the value of `--emulate`. A folder there was probably meant as the command's own argument.
fn emulate(text: &str) -> Result<Emulate, &'static str> {
    let path = PathBuf::from(text);
    match text {
        "" => Ok(Emulate::Matching),
        _ if path.is_dir() => {
            Err("a world is a file, not a folder; write `--emulate=` for a world that matches the zone files")
        }
        _ if !path.exists() => Err(
            "the file does not exist; `--emulate=` without a file makes a world that matches the zone files",
        ),
        _ => Ok(Emulate::World(path)),
    }
}
