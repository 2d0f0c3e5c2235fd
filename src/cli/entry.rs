//! From the arguments of the process to the exit code.

use super::args::{Cli, Command, FeedbackCommand};
use super::output::say;
use super::{Exit, Failure, commands, log};
use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    cli.global.color.write_global();
    log::start(&cli.global);
    run(cli.command).unwrap_or_else(Failure::report)
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Validate(args) => commands::validate::run(&args),
        Command::Plan(args) => commands::plan::run(&args),
        Command::Apply(args) => commands::apply::run(&args),
        Command::Show(args) => commands::show::run(&args),
        Command::Undo(args) => commands::undo::run(&args),
        Command::Feedback(args) => match args.command {
            FeedbackCommand::List(args) => commands::feedback::list::run(&args),
            FeedbackCommand::Plan(args) => commands::feedback::plan::run(&args),
            FeedbackCommand::Submit(args) => commands::feedback::submit::run(&args),
        },
        Command::Submissions(args) => commands::submissions::run(&args),
        Command::Schema(args) => commands::schema::run(&args),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Emulator(args) => commands::emulator::run(&args),
        Command::Completions(args) => commands::completions::run(&args),
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
