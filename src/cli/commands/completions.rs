//! `completions`: the script of one shell, or all that a package installs below `share`: scripts and manual pages.

use crate::cli::args::{Completions, manual};
use crate::cli::output::{print, unwritable};
use crate::cli::{Failure, completion};
use crate::files::{self, Access, Draft};
use crate::model::clean;
use crate::report::Ending;
use clap::Command;
use clap_complete::Shell;
use std::io::{self, Write as _};
use std::path::Path;

/// Where each shell looks below `share`. PowerShell looks nowhere by itself: its profile sources the script.
const SCRIPTS: [(Shell, &str); 5] = [
    (Shell::Bash, "bash-completion/completions/botform"),
    (Shell::Elvish, "elvish/lib/botform.elv"),
    (Shell::Fish, "fish/vendor_completions.d/botform.fish"),
    (Shell::PowerShell, "powershell/botform.ps1"),
    (Shell::Zsh, "zsh/site-functions/_botform"),
];

/// Prints a script, or writes the whole tree.
pub(crate) fn run(args: &Completions, program: Command) -> Result<Ending, Failure> {
    if let Some(shell) = args.shell {
        print(&completion::script(shell))?;
    }
    if let Some(share) = &args.share {
        print(&write_tree(share, program)?)?;
    }
    Ok(Ending::Done)
}

/// Writes scripts and pages below a folder; returns what was written, a line each.
fn write_tree(share: &Path, program: Command) -> Result<String, Failure> {
    let scripts = SCRIPTS.map(|(shell, path)| (path.to_owned(), completion::script(shell).into_bytes()));
    let pages = manual(program).into_iter().map(|(name, text)| (format!("man/man1/{name}"), text));
    let mut told = String::new();
    for (path, content) in scripts.into_iter().chain(pages) {
        let path = share.join(path);
        write(&path, &content).map_err(|error| unwritable(&path, &error))?;
        told.push_str(&format!("written {}\n", clean(&path.to_string_lossy())));
    }
    Ok(told)
}

/// Replaces a file: unlike the files of `init`, these belong to the program.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    files::make_folder(files::folder_of(path))?;
    let mut draft = Draft::begin(path, Access::Result)?;
    draft.write_all(content)?;
    draft.keep()
}
