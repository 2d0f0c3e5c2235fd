//! What a zone may see of its analytics, by its plan: which tables, which of their fields, how far back, how much at
//! once. Asking for anything else fails the whole query.

use super::rows::Table;
use crate::catalogue::Variant;
use crate::emulator::world::key::{Key, Kind};
use crate::emulator::world::reader::{At, Reader};
use crate::emulator::world::zone::Zone;
use serde_json::{Value as Json, json};

/// The key of what a zone's analytics show.
pub(in crate::emulator::world) const SHOWN: Key = Key::new(
    "analytics",
    Kind::Mapping(&KEYS),
    "What the analytics show of the zone, beside what its plan says.",
);

const KEYS: [Key; 3] = [
    Key::new("refused", Kind::Texts, "Fields and tables that the zone does not have."),
    Key::new("authorized", Kind::Toggle, "Whether the token may see them; true by default."),
    Key::new("overloaded", Kind::Toggle, "Whether its part of each query fails, and the others do not."),
];

/// What a zone's analytics show, beside what its plan says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::emulator::world) struct Shown {
    refused: Vec<String>,
    pub(super) is_hidden: bool,
    pub(super) is_overloaded: bool,
}

impl Shown {
    pub(in crate::emulator::world) fn read(reader: &mut Reader, zone: &At<'_>) -> Self {
        let Some(at) = zone.member(SHOWN.name) else { return Self::default() };
        if !reader.keys(&at, &KEYS) {
            return Self::default();
        }
        Self {
            refused: reader.texts(&at, "refused").unwrap_or_default(),
            is_hidden: reader.toggle(&at, "authorized") == Some(false),
            is_overloaded: reader.toggle(&at, "overloaded") == Some(true),
        }
    }
}

/// A table of the analytics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) name: &'static str,
    pub(super) table: Table,
    /// Whether rows are counted by their dimensions, or listed.
    pub(super) is_grouped: bool,
    /// The fields of a row, or the dimensions.
    pub(super) fields: &'static [&'static str],
}

const EVENT: &[&str] = &[
    "action",
    "source",
    "ruleId",
    "rulesetId",
    "description",
    "ref",
    "rayName",
    "userAgent",
    "clientRequestPath",
    "clientRequestHTTPHost",
    "clientCountryName",
    "clientAsn",
    "datetime",
    "edgeResponseStatus",
    "sampleInterval",
];

const REQUEST: &[&str] = &[
    "botManagementDecision",
    "verifiedBotCategory",
    "securityAction",
    "requestSource",
    "clientRequestPath",
    "userAgent",
    "datetime",
];

/// All tables.
pub(super) const NODES: [Node; 3] = [
    Node { name: "firewallEventsAdaptive", table: Table::Events, is_grouped: false, fields: EVENT },
    Node { name: "firewallEventsAdaptiveGroups", table: Table::Events, is_grouped: true, fields: EVENT },
    Node { name: "httpRequestsAdaptiveGroups", table: Table::Requests, is_grouped: true, fields: REQUEST },
];

/// How far back a zone may look, and how much at once, in seconds.
pub(super) fn window(zone: &Zone) -> (i64, i64) {
    const DAY: i64 = 86_400;
    match zone.variant {
        Variant::BotFightMode => (DAY, DAY),
        Variant::SbfmPro => (3 * DAY, DAY),
        Variant::SbfmBusiness => (3 * DAY, 3 * DAY),
        Variant::BmEnterprise => (30 * DAY, 3 * DAY),
    }
}

/// The most rows of one answer.
pub(super) const MOST_ROWS: u64 = 10_000;

/// Whether a zone has a table.
pub(super) fn has(zone: &Zone, node: Node) -> bool {
    let by_plan = zone.variant != Variant::BotFightMode || node.name != "firewallEventsAdaptiveGroups";
    by_plan && !is_refused(zone, node.name)
}

/// Whether a zone has a field.
pub(super) fn has_field(zone: &Zone, field: &str) -> bool {
    let by_plan = field != "botManagementDecision"
        || matches!(zone.variant, Variant::SbfmBusiness | Variant::BmEnterprise);
    by_plan && !is_refused(zone, field)
}

fn is_refused(zone: &Zone, name: &str) -> bool {
    zone.edge.shown.refused.iter().any(|refused| refused == name)
}

/// What `settings` shows for a table.
pub(super) fn settings(zone: &Zone, node: Node) -> Json {
    let (not_older, duration) = window(zone);
    let own: &[&str] = if node.is_grouped { &["count", "confidence", "dimensions"] } else { &[] };
    let fields: Vec<_> = own.iter().chain(node.fields).filter(|field| has_field(zone, field)).collect();
    json!({
        "enabled": has(zone, node), "availableFields": fields, "maxDuration": duration,
        "maxPageSize": MOST_ROWS, "notOlderThan": not_older,
    })
}
