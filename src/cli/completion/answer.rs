//! The script that connects a shell, and the answer to a shell that asks for completions.

use super::offered;
use super::shells::SHELLS;
use super::typed::Typed;
use crate::cli::environment;
use clap::Command;
use clap::error::Result;
use clap_complete::Shell;
use clap_complete::env::CompleteEnv;

/// The environment variable with which a shell asks for completions.
const VARIABLE: &str = "BOTFORM_COMPLETE";

/// Answers the shell if it asks for completions of a program; returns false in any other run.
pub(crate) fn answer(program: fn() -> Command) -> Result<bool> {
    let folder = environment::current_folder().ok();
    let factory = || {
        let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
        let typed = Typed::of(program(), words.skip_while(|word| word != "--").skip(1).collect());
        offered::with_values(program(), &typed)
    };
    CompleteEnv::with_factory(factory)
        .var(VARIABLE)
        .shells(SHELLS)
        .try_complete(std::env::args_os(), folder.as_deref())
}

/// The script that connects a shell to the program.
pub(crate) fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    if let Some(completer) = SHELLS.completer(&shell.to_string()) {
        // Writing to memory cannot fail.
        let _ = completer.write_registration(VARIABLE, "botform", "botform", "botform", &mut script);
    }
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_has_a_script() {
        for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
            assert!(script(shell).contains(VARIABLE), "{shell}");
        }
    }
}
