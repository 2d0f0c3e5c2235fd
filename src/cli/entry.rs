//! From the arguments of the process to the exit code, logging included.

use super::args::{Color, Global, LogFormat, elsewhere};
use super::command::Cli;
use super::output::{self, hint_below, say_drawn};
use super::{Failure, completion, environment, redact};
use crate::model::Notation;
use crate::report::Ending;
use clap::{CommandFactory as _, Parser as _};
use std::io::Write as _;
use tracing::{Level, Metadata};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> Ending {
    let args: Vec<String> = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    // Before parsing, so that usage errors respect `--color` too.
    Color::of(&args).write_global();
    match completion::answer(Cli::command) {
        Ok(true) => return Ending::Done,
        Ok(false) => {}
        Err(error) => return usage(error, &args),
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(error, &args),
    };
    if cli.global.log_format == LogFormat::Json {
        output::speak_json();
    }
    start_log(&cli.global, cli.global.verbosity(&args));
    cli.command.run().unwrap_or_else(Failure::report)
}

/// Prints help and version to stdout, which is no error; anything else is wrong usage.
fn usage(error: clap::Error, args: &[String]) -> Ending {
    if !error.use_stderr() {
        // A closed pipe is the reader's choice.
        let _ = write!(anstream::stdout(), "{}", error.render().ansi());
        return Ending::Done;
    }
    let (error, hint) = match elsewhere::hint(&error, args) {
        Some(hint) => (elsewhere::without_tips(error), hint_below(hint)),
        None => (error, String::new()),
    };
    say_drawn(output::Level::Error, &format!("{}{hint}", error.render().ansi()));
    Ending::Usage
}

/// Starts logging on stderr. Only botform itself logs more than warnings: libraries see credentials and bodies. A
/// RUST_LOG that cannot be read is ignored, since it may be meant for another program.
fn start_log(global: &Global, verbosity: usize) {
    let level = match verbosity {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let asked = environment::variable("RUST_LOG").filter(|_| verbosity == 0);
    let targets = asked.and_then(|text| text.parse::<Targets>().ok());
    let targets = targets.unwrap_or_else(|| Targets::new().with_target("botform", level));
    let notation = match global.log_format {
        LogFormat::Text => Notation::Text,
        LogFormat::Json => Notation::Json,
    };
    let stderr = move || redact::stderr(notation);
    let layer = tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(false);
    let layer = match global.log_format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().boxed(),
    };
    let layer = layer.with_filter(targets.and(filter_fn(may_log)));
    // A second subscriber in the same process, as in tests, keeps the first one.
    let _ = tracing_subscriber::registry().with(layer).try_init();
}

/// What may be logged at all, whatever is asked for.
fn may_log(event: &Metadata<'_>) -> bool {
    let target = event.target();
    target == "botform" || target.starts_with("botform::") || *event.level() <= Level::WARN
}
