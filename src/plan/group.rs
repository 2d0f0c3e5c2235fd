//! Zones that would be changed in the same way, together: a plan of a thousand zones is read as a few changes.

use super::{Plan, ZonePlan};
use crate::diff::{Change, ChangeReason};

/// Zones with identical changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Group<'a> {
    /// The zones, by name; never empty.
    pub zones: Vec<&'a ZonePlan>,
}

impl Group<'_> {
    /// The changes that each of the zones gets.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        self.zones.first().map_or(&[], |zone| zone.changes())
    }
}

/// The changing zones in groups: the largest first, then by the name of the first zone.
#[must_use]
pub fn group(plan: &Plan) -> Vec<Group<'_>> {
    let mut keyed: Vec<(Vec<Key>, &ZonePlan)> =
        plan.changing().map(|zone| (zone.changes().iter().map(key).collect(), zone)).collect();
    keyed.sort_by(|one, two| one.0.cmp(&two.0));
    let mut groups: Vec<Group<'_>> = keyed
        .chunk_by(|one, two| one.0 == two.0 && one.1.plan == two.1.plan)
        .map(|chunk| Group { zones: chunk.iter().map(|(_, zone)| *zone).collect() })
        .collect();
    groups.sort_by(|one, two| {
        let first = |group: &Group<'_>| group.zones.first().map(|zone| zone.zone.clone());
        two.zones.len().cmp(&one.zones.len()).then_with(|| first(one).cmp(&first(two)))
    });
    groups
}

type Key = (&'static str, String, String, ChangeReason);

fn key(change: &Change) -> Key {
    let before = change.before().map(ToString::to_string).unwrap_or_default();
    (change.setting().name, before, change.after().to_string(), change.reason())
}
