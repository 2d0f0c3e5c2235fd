//! What zone files protect now: a plan that was made before, or an undo, does not write it either.

use super::{Failure, environment};
use crate::config;
use crate::model::{Desired, Diagnostic};
use crate::plan::{Plan, Protected, ZonePlan};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Blocks the zones of a saved plan that their files protect now.
pub(super) fn block(plan: &mut Plan) -> Result<(), Failure> {
    let files = plan.changing().map(|zone| zone.file.clone()).collect();
    block_files(plan, files)
}

/// Blocks the zones that the files protect now. Files that are gone or not valid protect nothing.
pub(super) fn block_files(plan: &mut Plan, files: BTreeSet<String>) -> Result<(), Failure> {
    let there = files.into_iter().map(PathBuf::from).filter(|file| is_yaml(file) && file.is_file());
    let loaded = config::load(&there.collect::<Vec<_>>(), &environment::current_folder()?);
    let today = environment::today();
    let protected: Vec<(Desired, Protected)> = loaded
        .zones
        .into_iter()
        .filter_map(|now| Protected::of(&now, today).map(|protected| (now, protected)))
        .collect();
    let lifted = plan.provenance().overrides.unprotect.clone();
    plan.block(|zone| {
        if lifted.iter().any(|name| name == zone.zone.as_str()) {
            return None;
        }
        let mut files = protected.iter().filter(|(now, _)| zone.is_written() && is_same(zone, now));
        files.next().map(|(now, protected)| {
            let until = protected.until.map(|until| format!(" until {until}")).unwrap_or_default();
            Diagnostic::error(format!("{} protects the zone now{until}: {}", now.file, protected.reason))
                .hint("wait until the protection has ended, or plan again with `--unprotect`")
        })
    });
    Ok(())
}

/// Two accounts may hold the same name; then the id tells them apart.
fn is_same(zone: &ZonePlan, now: &Desired) -> bool {
    let same_id = now.zone_id.is_none() || zone.zone_id.is_none() || now.zone_id == zone.zone_id;
    zone.zone == now.zone && same_id
}

/// The journal of an undo that is undone stands in the place of a zone file.
fn is_yaml(file: &Path) -> bool {
    file.extension().is_some_and(|end| end == "yaml" || end == "yml")
}
