//! `--changed-since`: the zones whose files differ in meaning from those of a git revision, in values, plan variant or
//! anything else that a file says.

use super::Recorded;
use super::git::{self, Checkout};
use super::record;
use super::tree::{Tree, checkout, wanted};
use crate::cli::Failure;
use crate::model::{Desired, Waiver};
use jiff::civil::Date;

/// The zones that a run is limited to, because their files changed.
#[derive(Debug)]
pub(crate) struct Changed {
    /// The revision, as given.
    pub(crate) since: String,
    /// One for each zone that was passed in.
    pub(crate) is_changed: Vec<bool>,
}

/// Compares zones with the files of a revision. With a record, that is each zone's own commit; with any other revision,
/// its merge base with HEAD.
pub(crate) fn changed_since(revision: &str, zones: &[Desired], today: Date) -> Result<Changed, Failure> {
    git::check_revision(revision)?;
    let since = revision.to_owned();
    if zones.is_empty() {
        return Ok(Changed { since, is_changed: Vec::new() });
    }
    let (top, paths) = checkout(zones)?;
    let checkout = Checkout::new(&top);
    if let Some(record) = record::at(&checkout, revision, &[])? {
        let recorded = Recorded::new(record, checkout, &[], paths.clone())?;
        let trees = recorded.trees()?;
        let differs = |(zone, path): (&Desired, &String)| {
            let applied = recorded.record.of(zone.identity());
            // A zone in doubt has to be read again, whether its file changed or not.
            applied.in_doubt.is_some() || differs(trees.get(applied.commit, applied.day), zone, path, today)
        };
        return Ok(Changed { since, is_changed: zones.iter().zip(&paths).map(differs).collect() });
    }
    let commit = checkout.reviewed(revision)?.commit;
    let mut objects = checkout.objects()?;
    let tree = Tree::read(&checkout.files(&commit)?, &mut objects, &paths, today);
    let is_changed = zones.iter().zip(&paths).map(|(zone, path)| differs(&tree, zone, path, today)).collect();
    Ok(Changed { since, is_changed })
}

/// Whether a zone is new or its files wanted something else. A file that cannot be read counts as different: to plan a
/// zone too many is safe, to miss one is not.
fn differs(tree: &Tree, zone: &Desired, path: &str, today: Date) -> bool {
    let now = &*zone.on(today);
    let (_, files) = tree.nearest(zone, path);
    files.is_empty() || !files.iter().all(|file| file.wants.as_ref().is_ok_and(|then| is_same(then, now)))
}

/// Whether two files want the same of a zone, wherever they are. An id that only one of them has does not count as a
/// difference: the account of a run may come from its flags.
fn is_same(then: &Desired, now: &Desired) -> bool {
    let waivers = |zone: &Desired| {
        let waiver =
            // Moving a waiver to another line is not a change.
            |Waiver { setting, reason, until, place: _ }: &Waiver| (setting.name, reason.clone(), *until);
        zone.accept.iter().map(waiver).collect::<Vec<_>>()
    };
    then.identity().may_be(now.identity())
        && then.plan() == now.plan()
        && wanted(then) == wanted(now)
        && then.stale == now.stale
        && waivers(then) == waivers(now)
        && (then.protect, &then.freeze) == (now.protect, &now.freeze)
        && then.custom_rules_in_place == now.custom_rules_in_place
}
