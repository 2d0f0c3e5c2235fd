//! The counts of a plan.

use super::{Status, ZonePlan};
use crate::diff::{ChangeReason, Effect};

/// How many zones and settings a plan is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// All zones.
    pub zones: usize,
    /// Zones with something to write.
    pub change: usize,
    /// Zones with nothing to write.
    pub in_sync: usize,
    /// Zones of which something cannot or may not be written.
    pub blocked: usize,
    /// Zones that could not be read.
    pub failed: usize,
    /// Declared settings to write.
    pub settings: usize,
    /// Stale settings to clean.
    pub stale: usize,
    /// Changes that protect more.
    pub tightens: usize,
    /// Changes that protect less.
    pub loosens: usize,
    /// Accepted deviations.
    pub waived: usize,
}

impl Summary {
    /// Counts the zones.
    #[must_use]
    pub fn of(zones: &[ZonePlan]) -> Self {
        let with = |status| zones.iter().filter(|zone| zone.status() == status).count();
        let changes = || zones.iter().flat_map(ZonePlan::changes);
        let because = |reason| changes().filter(|change| change.reason() == reason).count();
        let effect = |effect| changes().filter(|change| change.effect() == effect).count();
        Self {
            zones: zones.len(),
            change: with(Status::Change),
            in_sync: with(Status::InSync),
            blocked: with(Status::Blocked),
            failed: with(Status::Failed),
            settings: because(ChangeReason::Declared),
            stale: because(ChangeReason::Stale),
            tightens: effect(Effect::Tightens),
            loosens: effect(Effect::Loosens),
            waived: zones.iter().map(|zone| zone.waived.len()).sum(),
        }
    }
}
