//! Dynamic completion: the shell asks the program, which knows settings, values, zone files and journals.

use crate::catalogue::{self, Variant};
use crate::cli::environment;
use crate::files::{self, Pick};
use crate::model::ZoneName;
use clap::{Arg, Command, error::Result};
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};
use std::path::Path;

/// The environment variable with which a shell asks for completions.
const VARIABLE: &str = "BOTFORM_COMPLETE";

/// The maximum number of zones to offer.
const MOST_ZONES: usize = 2000;

/// Answers the shell if it asks for completions; returns false in any other run.
pub(crate) fn answer(program: fn() -> Command) -> Result<bool> {
    let folder = environment::current_folder().ok();
    let command = || with_values(program());
    CompleteEnv::with_factory(command).var(VARIABLE).try_complete(std::env::args_os(), folder.as_deref())
}

/// The script that connects a shell to the program.
pub(crate) fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    if let Some(completer) = shells.completer(&shell.to_string()) {
        // Writing to memory cannot fail.
        let _ = completer.write_registration(VARIABLE, "botform", "botform", "botform", &mut script);
    }
    String::from_utf8_lossy(&script).into_owned()
}

/// The command, with value completion for its arguments.
fn with_values(command: Command) -> Command {
    command.mut_args(with_candidates).mut_subcommands(with_values)
}

fn with_candidates(arg: Arg) -> Arg {
    let candidates: fn() -> Vec<CompletionCandidate> = match (arg.get_long(), arg.get_id().as_str()) {
        (Some("zone" | "exclude" | "unprotect" | "confirm-loosening" | "undo-moved"), _) => zones,
        (Some("send-unavailable"), _) => settings,
        (None, "topic") => topics,
        (None, "of") => journals,
        _ => return arg,
    };
    arg.add(ArgValueCandidates::new(candidates))
}

fn settings() -> Vec<CompletionCandidate> {
    let settings = catalogue::settings().filter(|setting| !setting.is_read_only());
    settings
        .map(|setting| CompletionCandidate::new(setting.name).help(Some(setting.summary.into())))
        .collect()
}

fn topics() -> Vec<CompletionCandidate> {
    let variants = Variant::ALL.iter();
    let variants =
        variants.map(|variant| CompletionCandidate::new(variant.word()).help(Some(variant.meaning().into())));
    settings().into_iter().chain(variants).chain([CompletionCandidate::new("exit-codes")]).collect()
}

/// The zones below `zones`, taken from the file names: completion must not read untrusted files.
fn zones() -> Vec<CompletionCandidate> {
    let Ok(folder) = files::resolve(Path::new("zones")) else { return Vec::new() };
    let pick = Pick {
        skip: &|name, _| name.to_string_lossy().starts_with('.'),
        take: &|path| path.extension().is_some_and(|end| end == "yaml" || end == "yml"),
    };
    let found = files::walk(&folder, pick).into_iter().take(MOST_ZONES);
    let names = found.filter_map(|found| found.below.file_stem()?.to_str()?.parse::<ZoneName>().ok());
    names.map(|name| CompletionCandidate::new(name.as_str())).collect()
}

/// The journals of the state folder, newest first.
fn journals() -> Vec<CompletionCandidate> {
    let paths = files::list_folder(&environment::state_folder()).into_iter().rev();
    let journals = paths.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    journals.map(CompletionCandidate::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn every_shell_has_a_script_and_every_completer_an_argument() {
        for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
            assert!(script(shell).contains(VARIABLE), "{shell}");
        }
        let mut known = 0;
        let mut commands = vec![with_values(Cli::command())];
        while let Some(command) = commands.pop() {
            known += command.get_arguments().filter(|arg| arg.get::<ArgValueCandidates>().is_some()).count();
            commands.extend(command.get_subcommands().cloned());
        }
        assert!(known >= 10, "{known}");
    }
}
