//! The manual pages, made from the same definition as the help.

use clap::Command;
use clap_mangen::Man;

/// The pages of the program and of each command, by file name.
pub(crate) fn manual(program: Command) -> Vec<(String, Vec<u8>)> {
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let mut pages = Vec::new();
    add_pages(&program, &mut pages);
    pages.sort();
    pages
}

fn add_pages(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) {
    for command in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        add_pages(command, pages);
    }
    // Every page names its release; `clap` gives subcommands no version.
    let page =
        Man::new(command.clone()).source(concat!("botform ", env!("CARGO_PKG_VERSION"))).manual("botform");
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = page.render(&mut text);
    pages.push((page.get_filename(), text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn every_command_has_a_page_that_names_the_release() {
        let pages = manual(Cli::command());
        let names: Vec<_> = pages.iter().map(|(name, _)| name.as_str()).collect();
        for name in ["botform.1", "botform-plan.1", "botform-feedback-submit.1", "botform-completions.1"] {
            assert!(names.contains(&name), "{names:?}");
        }
        for (name, text) in &pages {
            let text = String::from_utf8_lossy(text);
            let head = text.lines().find(|line| line.starts_with(".TH")).unwrap_or_default();
            assert!(head.contains(concat!("\"botform ", env!("CARGO_PKG_VERSION"), "\"")), "{name}: {head}");
        }
    }

    #[test]
    fn pages_are_the_same_on_each_day() {
        assert_eq!(manual(Cli::command()), manual(Cli::command()));
    }
}
