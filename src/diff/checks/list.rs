//! The list of all checks against live, and the functions that run them.

use super::{Zone, doubt, idle, needs, unknown_value, variant, way_back};
use crate::catalogue::Setting;
use crate::model::{Diagnostic, Wanted};

/// A check, by its input and its effect.
enum Check {
    /// A warning or a note about the zone.
    OfZone(fn(Zone<'_>) -> Option<Diagnostic>),
    /// A warning or a note about each setting that the file wants.
    OfSetting(fn(Zone<'_>, &Setting, &Wanted) -> Option<Diagnostic>),
    /// Why nothing of the zone may be written.
    Blocking(fn(Zone<'_>) -> Vec<Diagnostic>),
}

const CHECKS: [Check; 7] = [
    Check::OfZone(variant::differs),
    Check::OfZone(variant::is_changing),
    Check::OfSetting(unknown_value::note),
    Check::OfSetting(doubt::warning),
    Check::OfSetting(idle::warning),
    Check::OfSetting(way_back::note),
    Check::Blocking(needs::broken),
];

/// The warnings and notes about a zone that was read: about the zone, then about each setting.
pub(in crate::diff) fn notes(zone: Zone<'_>) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    for check in &CHECKS {
        let Check::OfZone(check) = check else { continue };
        notes.extend(check(zone));
    }
    for (setting, wanted) in zone.want.settings() {
        for check in &CHECKS {
            let Check::OfSetting(check) = check else { continue };
            notes.extend(check(zone, setting, wanted));
        }
    }
    notes
}

/// Why nothing of a zone may be written.
pub(in crate::diff) fn blocks(zone: Zone<'_>) -> Vec<Diagnostic> {
    let mut blocks = Vec::new();
    for check in &CHECKS {
        let Check::Blocking(check) = check else { continue };
        blocks.extend(check(zone));
    }
    blocks
}
