//! What zone files protect now: a plan that was made before, or a way back, does not write it either.

use crate::cli::Failure;
use crate::cli::environment;
use crate::config;
use crate::plan::{Protected, ZonePlan};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Adds the protection that the files on disk ask for now. Files that are gone or not valid protect nothing.
pub(crate) fn add(zones: &mut [ZonePlan], files: BTreeSet<String>) -> Result<(), Failure> {
    let there = files.into_iter().map(PathBuf::from).filter(|file| is_yaml(file) && file.is_file());
    let loaded = config::load(&there.collect::<Vec<_>>(), &environment::current_folder()?);
    let today = environment::today();
    for now in loaded.zones {
        let Some(protected) = Protected::of(&now, today) else { continue };
        for zone in zones.iter_mut().filter(|zone| zone.zone == now.zone && zone.protected.is_none()) {
            zone.protected = Some(protected.clone());
        }
    }
    Ok(())
}

/// An undo that is undone has its journal in the place of a zone file.
fn is_yaml(file: &Path) -> bool {
    file.extension().is_some_and(|end| end == "yaml" || end == "yml")
}
