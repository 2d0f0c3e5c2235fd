//! `completions SHELL`: a completion script.

use crate::cli::args::{Cli, Completions};
use crate::cli::output::print;
use crate::cli::{Exit, Failure};
use clap::CommandFactory as _;

/// Prints a completion script.
pub(crate) fn run(args: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "botform", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
