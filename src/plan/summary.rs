//! The counts of a plan and of its apply.

use super::{Status, ZonePlan};
use crate::diff::{Effect, Row, VerdictKind};
use crate::model::{Outcome, ZoneOutcome};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many zones and settings a plan affects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Summary {
    /// All zones.
    pub zones: usize,
    /// Zones that differ from their files.
    pub change: usize,
    /// Zones that are as their files want them.
    pub in_sync: usize,
    /// Zones that have something that cannot or may not be written.
    pub blocked: usize,
    /// Zones that could not be read.
    pub failed: usize,
    /// Protected or frozen zones with changes.
    pub protected: usize,
    /// Zones with a change that is held.
    pub held: usize,
    /// Zones with a change that no approved plan holds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unapproved: usize,
    /// Settings that would be written.
    pub settings: usize,
    /// Stale settings that would be cleaned, including those that the file names.
    pub stale: usize,
    /// Settings that would be sent although GET does not report them: they do not count as differences.
    #[serde(default)]
    pub unreported: usize,
    /// Stale settings that still act on traffic and stay.
    pub stale_kept: usize,
    /// Changes to be written that tighten protection.
    pub tightens: usize,
    /// Changes to be written that loosen protection.
    pub loosens: usize,
    /// Changes to be written that shut out search engines.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub shuts_out: usize,
    /// Accepted deviations.
    pub accepted: usize,
    /// Unmanaged and stale settings that differ from an earlier snapshot.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub changed_outside: usize,
    /// How many zones had which outcome; only in the result of an apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<BTreeMap<Outcome, usize>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
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
        self.protected += usize::from(zone.has_changes() && zone.protected.is_some());
        self.held += usize::from(zone.with(VerdictKind::Held).next().is_some());
        self.unapproved += usize::from(zone.with(VerdictKind::Unapproved).next().is_some());
        self.accepted += zone.with(VerdictKind::Accepted).count();
        self.changed_outside += zone.with(VerdictKind::ChangedOutside).count();
        self.stale_kept += zone.rows().iter().filter(|row| row.is_stale_kept()).count();
        if zone.is_written() {
            zone.changes().for_each(|row| self.add_change(row));
        }
    }

    fn add_change(&mut self, row: &Row) {
        let count = match row {
            row if row.is_unreported() => &mut self.unreported,
            row if row.is_clean_up() => &mut self.stale,
            _ => &mut self.settings,
        };
        *count += 1;
        self.tightens += usize::from(row.effect == Some(Effect::Tightens) && row.differs());
        // Counted even if GET does not report it, as `max_loosening` does.
        self.loosens += usize::from(row.is_loosening());
        self.shuts_out += usize::from(row.shuts_out());
    }

    /// Adds the counts of outcomes.
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
