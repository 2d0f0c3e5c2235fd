//! `completions SHELL`: a completion script.

use super::args::{Cli, Completions};
use super::{Exit, Failure, output};
use clap::CommandFactory as _;

/// Prints a completion script.
pub(super) fn run(args: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "botform", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
