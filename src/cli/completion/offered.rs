//! The candidates for each argument.

use super::typed::Typed;
use crate::catalogue::{self, Variant};
use crate::cli::environment;
use crate::cli::inputs::loader;
use crate::files;
use clap::{Arg, Command};
use clap_complete::engine::{
    ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _,
};
use std::ffi::OsStr;

/// The command, with value completion for its arguments.
pub(super) fn with_values(command: Command, typed: &Typed) -> Command {
    command
        .mut_args(|arg| with_candidates(arg, typed.clone()))
        .mut_subcommands(|command| with_values(command, typed))
}

fn with_candidates(arg: Arg, typed: Typed) -> Arg {
    let candidates = match (arg.get_long(), arg.get_id().as_str()) {
        (Some("zone" | "exclude" | "unprotect" | "confirm-loosening" | "undo-moved"), _) => {
            ArgValueCandidates::new(move || typed.zones().into_iter().map(CompletionCandidate::new).collect())
        }
        (Some("override-policy"), _) => ArgValueCandidates::new(policies),
        (Some("send-unavailable"), _) => ArgValueCandidates::new(settings),
        (None, "topic") => ArgValueCandidates::new(topics),
        (None, "of") => ArgValueCandidates::new(journals),
        (Some("output"), _) => {
            return arg.clone().add(ArgValueCompleter::new(move |word: &OsStr| outputs(&arg, word)));
        }
        _ => return arg,
    };
    arg.add(candidates)
}

/// The formats of a command, and behind `=` the files.
fn outputs(arg: &Arg, word: &OsStr) -> Vec<CompletionCandidate> {
    let Some(word) = word.to_str() else { return Vec::new() };
    if let Some((format, file)) = word.split_once('=') {
        let files = PathCompleter::file().complete(OsStr::new(file)).into_iter();
        return files.map(|file| file.add_prefix(format!("{format}="))).collect();
    }
    let formats = arg.get_value_parser().possible_values().into_iter().flatten();
    let formats = formats.filter(|format| format.get_name().starts_with(&word.to_ascii_lowercase()));
    formats
        .map(|format| CompletionCandidate::new(format.get_name()).help(format.get_help().cloned()))
        .collect()
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

/// The policies of the project. An id can be any text of a file under review: only those that mean themselves in every
/// shell are offered.
fn policies() -> Vec<CompletionCandidate> {
    let Ok(folder) = environment::current_folder() else { return Vec::new() };
    let loader = loader(&folder);
    let project =
        loader.find_project(&folder).and_then(|path| loader.project(&path).ok()).unwrap_or_default();
    let ids = project.policy.into_iter().map(|policy| policy.id).filter(|id| is_plain(id));
    ids.map(CompletionCandidate::new).collect()
}

/// Whether a text means itself in every shell.
fn is_plain(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain)
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
    fn every_completer_has_an_argument() {
        let (mut candidates, mut completers) = (0, 0);
        let mut commands = vec![with_values(Cli::command(), &Typed::of(Cli::command(), Vec::new()))];
        while let Some(command) = commands.pop() {
            candidates +=
                command.get_arguments().filter(|arg| arg.get::<ArgValueCandidates>().is_some()).count();
            completers +=
                command.get_arguments().filter(|arg| arg.get::<ArgValueCompleter>().is_some()).count();
            commands.extend(command.get_subcommands().cloned());
        }
        assert!(candidates >= 12 && completers >= 11, "{candidates} {completers}");
    }

    #[test]
    fn only_what_means_itself_in_a_shell_is_plain() {
        assert!(is_plain("no-search-lockout") && is_plain("a_b.2"));
        for text in ["", "-x", "a b", "$(reboot)", "a;b", "a'b", "*", "ü", "a\nb", "~"] {
            assert!(!is_plain(text), "{text}");
        }
    }
}
