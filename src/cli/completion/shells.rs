//! How shells ask. The adapters of clap fit for most; those of bash and zsh are our own, since clap's split words at
//! `=` and `@` in bash, leave names unquoted there, and do nothing in zsh until the second press of the key.

use super::line::{unquoted, words as split};
use clap::Command;
use clap_complete::engine::{CompletionCandidate, complete};
use clap_complete::env::{Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh};
use std::ffi::OsString;
use std::io::{Error, Write};
use std::path::Path;

/// All shells.
pub(super) const SHELLS: Shells<'static> = Shells(&[&BashLine, &Elvish, &Fish, &Powershell, &ZshAutoloaded]);

/// Stands before the words of a line that bash passes as a whole.
const LINE: &str = "line";

/// Bash. It passes the line, since it would cut words at `=`, `@` and `:`, and quotes what it is given itself.
#[derive(Debug)]
struct BashLine;

/// Zsh, whose script is also what zsh loads from `fpath` on the first press of the key.
#[derive(Debug)]
struct ZshAutoloaded;

const BASH: &str = r#"
_botform() {
    local value
    COMPREPLY=()
    while IFS= read -r -d $'\v' value; do
        COMPREPLY+=("$value")
    done < <(VARIABLE=bash COMPLETER -- line "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
    # As names of files they get quotes where they need some.
    [[ "${COMPREPLY[*]}" == *[!A-Za-z0-9_./:=@,+\ -]* || "${COMPREPLY[0]-}" == *' '* ]] && compopt -o filenames 2>/dev/null
    [[ ${#COMPREPLY[@]} -eq 1 && "${COMPREPLY[0]}" == *[=/@] ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -o bashdefault -o nosort -F _botform BIN 2>/dev/null || complete -o bashdefault -F _botform BIN
"#;

/// The words of a line, whether they come one by one or as a whole.
pub(super) fn words(words: Vec<String>) -> Vec<String> {
    match words.as_slice() {
        [kind, line, ..] if kind == LINE => split(line),
        _ => words,
    }
}

impl EnvCompleter for BashLine {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == "bash"
    }

    fn write_registration(
        &self,
        variable: &str,
        _: &str,
        bin: &str,
        completer: &str,
        to: &mut dyn Write,
    ) -> Result<(), Error> {
        let script =
            BASH.replace("BIN", bin).replace("COMPLETER", &quoted(completer)).replace("VARIABLE", variable);
        to.write_all(script.trim_start().as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        folder: Option<&Path>,
        to: &mut dyn Write,
    ) -> Result<(), Error> {
        let [_, line, word] = words.as_slice() else { return Ok(()) };
        let (line, word) = (split(&line.to_string_lossy()), unquoted(&word.to_string_lossy()));
        let current = line.last().cloned().unwrap_or_default();
        let at = line.len().saturating_sub(1);
        let offered = complete(command, line.into_iter().map(OsString::from).collect(), at, folder)?;
        // What bash takes for an earlier word stays on the line.
        let kept = current.strip_suffix(word.as_str()).unwrap_or_default();
        for value in offered.iter().map(CompletionCandidate::get_value) {
            let value = value.to_string_lossy();
            let value = value.strip_prefix(kept).unwrap_or(&value);
            if !value.contains(char::is_control) {
                write!(to, "{value}\x0b")?;
            }
        }
        Ok(())
    }
}

impl EnvCompleter for ZshAutoloaded {
    fn name(&self) -> &'static str {
        Zsh.name()
    }

    fn is(&self, name: &str) -> bool {
        Zsh.is(name)
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        bin: &str,
        completer: &str,
        to: &mut dyn Write,
    ) -> Result<(), Error> {
        let mut script = Vec::new();
        Zsh.write_registration(variable, name, bin, &quoted(completer), &mut script)?;
        let script = String::from_utf8_lossy(&script);
        // As a function of `fpath` the script runs in place of the completion, for the first time and only then.
        let both = format!(
            "if [[ \"$funcstack[1]\" = \"_{name}\" ]]; then\n    _clap_dynamic_completer_{name} \"$@\"\nelse\n    compdef _clap_dynamic_completer_{name} {bin}\nfi"
        );
        let script = script.replace(&format!("compdef _clap_dynamic_completer_{name} {bin}"), &both);
        // Paths that were typed in quotes are passed on without them.
        to.write_all(script.replace("-- \"${words[@]}\"", "-- \"${(@Q)words}\"").as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        folder: Option<&Path>,
        to: &mut dyn Write,
    ) -> Result<(), Error> {
        Zsh.write_complete(command, words, folder, to)
    }
}

/// A path in a script.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '+');
    if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
