//! A plan at a glance: the counts of it and of its apply, and the zones that would be changed in the same way.

use super::{Status, ZonePlan};
use crate::catalogue::{Value, Variant};
use crate::diff::{Effect, Row, Verdict};
use crate::model::{Outcome, Wanted, ZoneOutcome};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many zones and settings a plan is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Summary {
    /// All zones.
    pub zones: usize,
    /// Zones that differ from their files.
    pub change: usize,
    /// Zones that are as their files want them.
    pub in_sync: usize,
    /// Zones of which something cannot or may not be written.
    pub blocked: usize,
    /// Zones that could not be read.
    pub failed: usize,
    /// Zones that differ and are planned only.
    pub protected: usize,
    /// Zones with a change that is held.
    pub held: usize,
    /// Settings to write.
    pub settings: usize,
    /// Stale settings to clean.
    pub stale: usize,
    /// Stale settings that still act on traffic and stay.
    pub stale_kept: usize,
    /// Changes that protect more.
    pub tightens: usize,
    /// Changes that protect less.
    pub loosens: usize,
    /// Accepted deviations.
    pub accepted: usize,
    /// How many zones had which outcome; only in the result of an apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<BTreeMap<Outcome, usize>>,
}

impl Summary {
    /// Counts the zones.
    #[must_use]
    pub fn of(zones: &[ZonePlan]) -> Self {
        let mut summary = Self { zones: zones.len(), ..Self::default() };
        for zone in zones {
            summary.add(zone);
        }
        summary
    }

    fn add(&mut self, zone: &ZonePlan) {
        let status = zone.status();
        *match status {
            Status::Change => &mut self.change,
            Status::InSync => &mut self.in_sync,
            Status::Blocked => &mut self.blocked,
            Status::Failed => &mut self.failed,
        } += 1;
        self.protected += usize::from(status == Status::Change && zone.protected.is_some());
        self.held += usize::from(zone.with(Verdict::Held).next().is_some());
        self.accepted += zone.with(Verdict::Accepted).count();
        let keeps =
            |row: &&Row| row.stale && matches!(row.verdict, Verdict::Unmanaged | Verdict::CannotClean);
        self.stale_kept += zone.rows().iter().filter(keeps).count();
        if status == Status::Change {
            for row in zone.changes() {
                *(if row.stale { &mut self.stale } else { &mut self.settings }) += 1;
                self.tightens += usize::from(row.effect == Some(Effect::Tightens));
                self.loosens += usize::from(row.effect == Some(Effect::Loosens));
            }
        }
    }

    /// The same with the counts of outcomes.
    #[must_use]
    pub fn with_outcomes(mut self, outcomes: &[ZoneOutcome]) -> Self {
        let mut counts = BTreeMap::new();
        for outcome in outcomes {
            *counts.entry(outcome.outcome).or_insert(0) += 1;
        }
        self.outcomes = Some(counts);
        self
    }
}

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

type Alike = (String, bool, Option<String>, Option<Value>, Option<String>);

fn alike(row: &Row) -> Alike {
    let live = row.live.as_ref().map(ToString::to_string);
    (row.name().to_owned(), row.stale, live, row.value(), row.wanted.as_ref().and_then(shared))
}

/// Where a value comes from, as far as several zones can have that in common.
fn shared(wanted: &Wanted) -> Option<String> {
    match (wanted.extended(), wanted.interim()) {
        (Some(extended), _) => Some(format!("{}:{}", extended.file, wanted.place.line)),
        (None, Some(interim)) => Some(format!("{} {} {}", interim.until, interim.then.value, interim.reason)),
        (None, None) => None,
    }
}
