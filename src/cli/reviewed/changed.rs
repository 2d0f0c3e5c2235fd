//! Which zones the files want something else of than at a git revision, as a whole: values, plan variant, and what a
//! file says besides.

use super::Recorded;
use super::git::{self, Checkout};
use super::record;
use super::tree::{Tree, checkout, wanted};
use crate::cli::Failure;
use crate::model::{Desired, Waiver};
use jiff::civil::Date;

/// The zones that a run is limited to, and since when they changed.
#[derive(Debug)]
pub(crate) struct Changed {
    /// The revision, as texts name it.
    pub(crate) since: String,
    /// One for each zone that was asked for.
    pub(crate) is_changed: Vec<bool>,
}

/// Compares zones with what the files of a revision want of them: those of a record at its commit for each zone, those
/// of another revision where it and HEAD parted.
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

/// Whether a zone is new, or no file that named it wanted the same. A file that cannot be read counts as another one.
fn differs(tree: &Tree, zone: &Desired, path: &str, today: Date) -> bool {
    let now = &*zone.on(today);
    let (_, files) = tree.nearest(zone, path);
    files.is_empty() || !files.iter().all(|file| file.wants.as_ref().is_ok_and(|then| is_same(then, now)))
}

/// Whether two files want the same of a zone, wherever they say it. What only one of them pins is the same: the account
/// of a run may come from its flags.
fn is_same(then: &Desired, now: &Desired) -> bool {
    let waivers = |zone: &Desired| {
        let waiver =
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
