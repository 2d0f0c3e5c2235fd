//! Arguments, one file per command, exit codes: the only place where the pure and the impure meet.

mod accounts;
mod args;
mod commands;
mod earlier;
mod environment;
mod exit;
mod failure;
mod inputs;
mod log;
mod output;
mod planning;
mod revision;
mod saved;
mod session;
mod signals;
mod write;

pub use exit::Exit;

use args::{Cli, Command};
use clap::Parser as _;
use failure::Failure;

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    cli.global.color.write_global();
    log::start(&cli.global);
    match run(cli.command) {
        Ok(exit) => exit,
        Err(failure) => failure.report(),
    }
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Validate(args) => commands::validate::run(&args),
        Command::Plan(args) => commands::plan::run(&args),
        Command::Apply(args) => commands::apply::run(&args),
        Command::Show(args) => commands::show::run(&args),
        Command::Undo(args) => commands::undo::run(&args),
        Command::Feedback(args) => commands::feedback::run(&args),
        Command::Submissions(args) => commands::submissions::run(&args),
        Command::Schema(args) => commands::schema::run(&args),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Emulator(args) => commands::emulator::run(&args),
        Command::Completions(args) => commands::completions::run(&args),
    }
}

/// Help and version go to stdout and are no error; all else is wrong usage.
fn usage(error: &clap::Error) -> Exit {
    // A closed pipe is the reader's choice.
    let _ = error.print();
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}
