//! From the arguments of the process to the exit code, logging included.

use super::args::{Cli, Command, FeedbackCommand, Global, LogFormat};
use super::commands::{self, offline};
use super::output::say;
use super::{Exit, Failure, environment, redact};
use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use tracing::{Level, Metadata};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    cli.global.color.write_global();
    start_log(&cli.global);
    run(cli.command).unwrap_or_else(Failure::report)
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Validate(args) => offline::validate(&args),
        Command::Plan(args) => commands::plan::run(&args),
        Command::Apply(args) => commands::apply::run(&args),
        Command::Show(args) => offline::show(&args),
        Command::Import(args) => commands::import::run(&args),
        Command::Snapshot(args) => commands::snapshot::run(&args),
        Command::Undo(args) => commands::undo::run(&args),
        Command::Feedback(args) => match args.command {
            FeedbackCommand::List(args) => commands::feedback::list::run(&args),
            FeedbackCommand::Plan(args) => commands::feedback::plan::run(&args),
            FeedbackCommand::Submit(args) => commands::feedback::submit::run(&args),
        },
        Command::Submissions(args) => commands::submissions::run(&args),
        Command::Schema(args) => offline::schema(&args),
        Command::Explain(args) => offline::explain(&args),
        Command::Emulator(args) => offline::emulator(&args),
        Command::Completions(args) => offline::completions(&args),
    }
}

/// Help and version go to stdout and are no error; all else is wrong usage.
fn usage(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        // A closed pipe is the reader's choice.
        let _ = error.print();
        return Exit::Done;
    }
    say(&error.render().ansi().to_string());
    if let Some(hint) = hint(error) {
        say(&format!("\nhint: {hint}\n"));
    }
    Exit::Usage
}

/// Flags that people know from other tools, or from before, and what they are here.
const KNOWN_ELSEWHERE: [(&str, &str); 12] = [
    ("--baseline", "`--baseline` is now `--since-plan`"),
    ("--yes", "use `--auto-approve`"),
    ("-y", "use `--auto-approve`"),
    ("--force", "use `--auto-approve`, or the flag that the refusal names"),
    ("-auto-approve", "use `--auto-approve`"),
    ("-o", "use `--output FORMAT[=FILE]`"),
    ("--json", "use `--output json`"),
    ("--target", "use `--zone`"),
    ("--parallelism", "use `--concurrency`"),
    ("--dry-run", "use `plan`, which writes nothing"),
    ("--token", "set CLOUDFLARE_API_TOKEN; credentials are never arguments"),
    ("--api-token", "set CLOUDFLARE_API_TOKEN; credentials are never arguments"),
];

fn hint(error: &clap::Error) -> Option<&'static str> {
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(typed))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return None;
    };
    let name = typed.split('=').next().unwrap_or(typed);
    KNOWN_ELSEWHERE.iter().find(|(known, _)| *known == name).map(|(_, hint)| *hint)
}

/// Starts logging on stderr. Only botform itself logs more than warnings: libraries see credentials and bodies. A
/// RUST_LOG that cannot be read is ignored, since it may be meant for another program.
fn start_log(global: &Global) {
    let level = match global.verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let asked = environment::variable("RUST_LOG").filter(|_| global.verbose == 0);
    let targets = asked.and_then(|text| text.parse::<Targets>().ok());
    let targets = targets.unwrap_or_else(|| Targets::new().with_target("botform", level));
    let layer = tracing_subscriber::fmt::layer().with_writer(redact::stderr).with_ansi(false);
    let layer = match global.log_format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().boxed(),
    };
    let layer = layer.with_filter(targets.and(filter_fn(may_log)));
    // A second subscriber in the same process, as in tests, keeps the first one.
    let _ = tracing_subscriber::registry().with(layer).try_init();
}

/// The limit, whatever is asked for.
fn may_log(event: &Metadata<'_>) -> bool {
    let target = event.target();
    target == "botform" || target.starts_with("botform::") || *event.level() <= Level::WARN
}
