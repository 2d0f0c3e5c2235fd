//! What the edge knows of one zone.

use super::around::{AROUND, Around};
use super::shown::{SHOWN, Shown};
use super::traffic::{Class, TRAFFIC};
use crate::emulator::world::key::Key;
use crate::emulator::world::reader::{At, Reader};

/// The keys of a zone in a world file.
pub(in crate::emulator::world) const KEYS: [Key; 3] = [TRAFFIC, SHOWN, AROUND];

/// What the edge knows of a zone beside its settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::emulator::world) struct Edge {
    /// Its requests of the past.
    pub(super) traffic: Vec<Class>,
    /// What its analytics show.
    pub(super) shown: Shown,
    /// What acts beside the settings.
    pub(in crate::emulator::world) around: Around,
}

/// Whether a path below a zone is that of a call about what acts beside the settings.
pub(in crate::emulator::world) fn is_around(path: &[&str]) -> bool {
    matches!(
        path,
        ["rulesets", "phases", "http_request_firewall_custom", "entrypoint"]
            | ["firewall", "access_rules", "rules"]
            | ["environments"]
            | ["pay-per-crawl", "configuration"]
            | ["settings", "security_level"]
    )
}

impl Edge {
    /// Reads the members of a zone.
    pub(in crate::emulator::world) fn read(reader: &mut Reader, zone: &At<'_>) -> Self {
        Self {
            traffic: Class::read_all(reader, zone),
            shown: Shown::read(reader, zone),
            around: Around::read(reader, zone),
        }
    }
}
