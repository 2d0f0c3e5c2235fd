//! What is already on the line: it decides which zones can be meant.

use crate::cli::environment;
use crate::cli::inputs::{DEFAULT_PATH, loader};
use crate::config::Loaded;
use crate::model::Desired;
use clap::{ArgMatches, Command};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// The maximum number of zones to offer.
const MOST_ZONES: usize = 2000;

/// The words of the line.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    paths: Vec<PathBuf>,
}

impl Typed {
    /// What stands before the word at the cursor. A shell passes its line as one word or in its words.
    pub(super) fn of(program: Command, words: Vec<String>) -> Self {
        let mut words = super::shells::words(words);
        words.pop();
        // Half a line is no valid one: what can be read of it counts.
        let parsed = program.ignore_errors(true).try_get_matches_from(words.into_iter().map(OsString::from));
        let paths = parsed.ok().as_ref().and_then(paths).unwrap_or_else(|| vec![PathBuf::from(DEFAULT_PATH)]);
        Self { paths }
    }

    /// The names of the zones of the paths, those of one name with what tells them apart: `NAME@ACCOUNT`. Only names
    /// that were checked are offered, so that none needs quotes.
    pub(super) fn zones(&self) -> Vec<String> {
        let Ok(folder) = environment::current_folder() else { return Vec::new() };
        let Loaded { zones, .. } = loader(&folder).load(&self.paths);
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        zones.iter().for_each(|zone| *count.entry(zone.zone.as_str()).or_default() += 1);
        let named = |zone: &Desired| match count.get(zone.zone.as_str()) {
            Some(1) => zone.zone.to_string(),
            _ => zone.identity().label(),
        };
        let mut names: Vec<_> = zones.iter().map(named).collect();
        names.dedup();
        names.truncate(MOST_ZONES);
        names
    }
}

/// The paths of the innermost command.
fn paths(parsed: &ArgMatches) -> Option<Vec<PathBuf>> {
    let (_, command) = parsed.subcommand()?;
    let own = command.try_get_many::<PathBuf>("paths").ok().flatten();
    own.map(|paths| paths.cloned().collect()).or_else(|| paths(command))
}
