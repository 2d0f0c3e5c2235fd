//! Arguments, one file per command, exit codes: the only place where the pure and the impure meet.

mod accounts;
mod apply;
mod approve;
mod args;
mod baseline;
mod completions;
mod connect;
mod emulator;
mod environment;
mod exit;
mod explain;
mod failure;
mod feedback;
mod feedback_args;
mod feedback_list;
mod feedback_plan;
mod feedback_submit;
mod guarding;
mod inputs;
mod journals;
mod log;
mod moments;
mod output;
mod plan;
mod planning;
mod progress;
mod protection;
mod revision;
mod saved;
mod schema;
mod show;
mod stopping;
mod submissions;
mod submissions_args;
mod submissions_watch;
mod submissions_write;
mod undo;
mod validate;
mod writing;

#[cfg(test)]
mod new_setting_tests;

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
        Command::Validate(args) => validate::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Apply(args) => apply::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Undo(args) => undo::run(&args),
        Command::Feedback(args) => feedback::run(&args),
        Command::Submissions(args) => submissions::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Emulator(args) => emulator::run(&args),
        Command::Completions(args) => completions::run(&args),
    }
}

/// Help and version go to stdout and are no error; all else is wrong usage.
fn usage(error: &clap::Error) -> Exit {
    // A closed pipe is the reader's choice.
    let _ = error.print();
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}
