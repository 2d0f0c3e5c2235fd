//! Zones that would be changed in the same way, together: a plan of a thousand zones is read as a few changes.

use super::ZonePlan;
use crate::catalogue::{Value, Variant};
use crate::diff::Row;
use std::collections::BTreeMap;

/// Zones with identical changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Group<'a> {
    /// The zones, by name; never empty.
    pub zones: Vec<&'a ZonePlan>,
}

impl Group<'_> {
    /// The changes that each of the zones gets.
    pub fn changes(&self) -> impl Iterator<Item = &Row> {
        self.zones.first().into_iter().flat_map(|zone| zone.changes())
    }
}

/// Zones in groups of those that change alike: the largest first, then by the name of the first zone.
#[must_use]
pub fn group<'a>(zones: impl Iterator<Item = &'a ZonePlan>) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<Key, Vec<&ZonePlan>> = BTreeMap::new();
    for zone in zones {
        groups.entry((zone.plan, zone.changes().map(alike).collect())).or_default().push(zone);
    }
    let mut groups: Vec<Group<'_>> = groups.into_values().map(|zones| Group { zones }).collect();
    groups.sort_by(|one, two| {
        let first = |group: &Group<'a>| group.zones.first().map(|zone| &zone.zone);
        two.zones.len().cmp(&one.zones.len()).then_with(|| first(one).cmp(&first(two)))
    });
    groups
}

/// What zones of a group have in common: the plan variant, and each change.
type Key = (Variant, Vec<Alike>);

type Alike = (String, bool, Option<String>, Option<Value>);

fn alike(row: &Row) -> Alike {
    (row.name().to_owned(), row.stale, row.live.as_ref().map(ToString::to_string), row.value())
}
