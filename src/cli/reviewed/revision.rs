//! What the zone files wanted at a git revision, or at the commits of a record.

use super::before::Before;
use super::git::{self, Checkout, Content, Objects, Reviewed};
use super::record::{self, Recorded};
use super::rules::Rules;
use super::tree::{MOST_BYTES, Tree, checkout, in_checkout};
use crate::cli::Failure;
use crate::cli::args::Zones as Args;
use crate::cli::environment::Clock;
use crate::diff::EarlierWanted as Then;
use crate::model::Desired;
use crate::plan::Record;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Reads the zone files at a tag, or at the merge base of any other revision and HEAD.
pub(super) fn before(
    revision: &str,
    journals: &[PathBuf],
    args: &Args,
    zones: &[Desired],
) -> Result<Before, Failure> {
    git::check_revision(revision)?;
    if zones.is_empty() {
        return Ok(Before::default());
    }
    let (top, paths) = checkout(zones)?;
    let checkout = Checkout::new(&top);
    if let Some(record) = record::at(&checkout, revision, journals)? {
        return of_record(revision, record, checkout, args, zones, &paths);
    }
    let Reviewed { commit, is_as_named, is_older } = checkout.reviewed(revision)?;
    let mut objects = checkout.objects()?;
    let made = time(&mut objects, &commit);
    let date = made.map(|made| format!(" ({made})")).unwrap_or_default();
    let since = match is_as_named {
        true => format!("{revision}{date}"),
        false => format!("the merge base of {revision} and HEAD{date}"),
    };
    // A temporary value was in effect then if its last day had not passed when the commit was made.
    // Without a readable time, all of them count.
    let day = made.map_or(jiff::civil::Date::MIN, |made| made.to_zoned(jiff::tz::TimeZone::UTC).date());
    let files = checkout.files(&commit)?;
    let then = Tree::read(&files, &mut objects, &paths, day);
    let since: Arc<str> = since.into();
    let of_zones = zones.iter().zip(&paths).map(|(zone, path)| (zone, then.nearest(zone, path).1));
    let rules = Rules::read(&files, &mut objects, &top, &since).with_zones(of_zones);
    let wanted = zones.iter().zip(&paths).map(|(zone, path)| (zone, then.zone(zone, path).0));
    let before = Before::of(&since, wanted);
    let before = before.with_gone(&since, args, zones, then.below(&in_checkout(&args.paths, &top)));
    Ok(Before { older_than: is_older.then(|| revision.to_owned()), rules, ..before })
}

/// Adds the values that the branch to be merged into already wants.
pub(super) fn note_base(base: &str, zones: &[Desired], before: &mut Before) -> Result<(), Failure> {
    git::check_revision(base)?;
    let (top, paths) = checkout(zones)?;
    let checkout = Checkout::new(&top);
    let commit = checkout.reviewed(base)?.commit;
    let mut objects = checkout.objects()?;
    // The branch is not history: its temporary values count as of today.
    let day = Clock::start().today();
    let tree = Tree::read(&checkout.files(&commit)?, &mut objects, &paths, day);
    for (zone, path) in zones.iter().zip(&paths) {
        let (Then::Known(values), _) = tree.zone(zone, path) else { continue };
        if let Some(earlier) = before.earlier.get_mut(&zone.identity().label()) {
            earlier.base = values.iter().map(|(setting, then)| (*setting, then.value)).collect();
        }
    }
    Ok(())
}

/// Reads each zone at the commit that a record has for it.
fn of_record(
    revision: &str,
    record: Record,
    checkout: Checkout,
    args: &Args,
    zones: &[Desired],
    paths: &[String],
) -> Result<Before, Failure> {
    let recorded = Recorded::new(record, checkout, &args.paths, paths.to_vec())?;
    let is_older = recorded.is_newer_than_head()?;
    let trees = recorded.trees()?;
    let mut earlier = BTreeMap::new();
    for (zone, path) in zones.iter().zip(paths) {
        earlier.insert(zone.identity().label(), recorded.earlier(&trees, revision, zone, path));
    }
    let before = Before { earlier, ..Before::default() };
    let rules = recorded.rules(revision)?.with_zones(zones.iter().zip(paths).map(|(zone, path)| {
        let applied = recorded.record.of(zone.identity());
        (zone, trees.get(applied.commit, applied.day).nearest(zone, path).1)
    }));
    let since: Arc<str> = revision.into();
    let gone = trees.below(&recorded);
    let before = before.with_gone(&since, args, zones, gone.into_iter());
    let older_than = is_older.then(|| revision.to_owned());
    Ok(Before { older_than, recorded: Some(recorded), rules, ..before })
}

/// When a commit was made, which its `committer` line says.
fn time(objects: &mut Objects, commit: &str) -> Option<jiff::Timestamp> {
    let Content::Bytes(bytes) = objects.read(commit, MOST_BYTES) else { return None };
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().find_map(|line| line.strip_prefix("committer "));
    let second = line.and_then(|line| line.rsplit(' ').nth(1)?.parse().ok());
    second.and_then(|second| jiff::Timestamp::from_second(second).ok())
}
