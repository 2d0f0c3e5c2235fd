//! The file format of a snapshot. `snapshot.rs` checks what is read.

use super::{FORMAT_VERSION, Scope, Snapshot, Zone};
use crate::catalogue::Variant;
use crate::model::{AccountId, Live, ZoneId, ZoneName, schema_of};
use crate::plan::strict_object;
use jiff::Timestamp;
use schemars::JsonSchema;
use schemars::generate::Contract;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The live state of the zones that some credentials can see. It shows how each of them is defended.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(title = "botform snapshot")]
pub(super) struct SnapshotDocument {
    /// The version of this format; readers ignore unknown members and refuse another major number.
    pub(super) format_version: String,
    /// The version of botform that wrote the document.
    pub(super) tool_version: String,
    /// When it was taken, RFC 3339.
    #[schemars(with = "String")]
    pub(super) taken_at: Timestamp,
    /// The address of the API that it was taken from, or `emulate:`.
    pub(super) api: String,
    /// What it was limited to; absent if it holds all zones that the credentials saw.
    #[serde(default, skip_serializing_if = "Scope::is_all")]
    pub(super) scope: Scope,
    /// The zones, by name and id.
    pub(super) zones: Vec<SnapshotZone>,
}

/// The live state of one zone.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Zone")]
pub(super) struct SnapshotZone {
    /// The name of the zone.
    #[schemars(with = "String")]
    pub(super) zone: ZoneName,
    /// The id of the zone.
    #[schemars(with = "String")]
    pub(super) zone_id: ZoneId,
    /// The id of its account; null if it is not known.
    #[schemars(with = "Option<String>")]
    pub(super) account_id: Option<AccountId>,
    /// The zone's plan as `GET /zones` reports it.
    pub(super) legacy_id: Option<String>,
    /// The plan variant that the live settings show; null if they show none.
    pub(super) live_plan: Option<Variant>,
    /// The object that GET returned, without `using_latest_model` and what is null; null if the zone could not be read.
    #[serde(deserialize_with = "strict_object")]
    pub(super) live: Option<Map<String, Json>>,
    /// Why the zone could not be read; null if it was.
    pub(super) unread: Option<String>,
    /// When it was read, RFC 3339, if it was taken over from an earlier snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(super) read_at: Option<Timestamp>,
    /// How often it has been taken over into a later snapshot since then.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) taken_over: u32,
    /// The sha256 of what its file wanted, where `plan --changed-by-log` wrote the snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) wanted: Option<String>,
    /// Whether it was listed but no run has had time to read it yet (`plan --time-budget`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) never_read: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Serialize for Snapshot {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { taken_at, api, scope, zones, by_id: _ } = self;
        SnapshotDocument {
            format_version: FORMAT_VERSION.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            taken_at: *taken_at,
            api: api.clone(),
            scope: scope.clone(),
            zones: zones.iter().filter_map(SnapshotZone::of).collect(),
        }
        .serialize(serializer)
    }
}

impl SnapshotZone {
    fn of(zone: &Zone) -> Option<Self> {
        let Zone { entry, live, read_at, taken_over, wanted, never_read } = zone;
        Some(Self {
            zone: ZoneName::try_from(entry.name.as_str()).ok()?,
            zone_id: entry.id.clone(),
            account_id: entry.account_id.clone(),
            legacy_id: entry.legacy_id.clone(),
            live_plan: live.as_ref().ok().and_then(Live::variant),
            live: live.as_ref().ok().map(Live::to_object),
            unread: live.as_ref().err().cloned(),
            read_at: *read_at,
            taken_over: *taken_over,
            wanted: wanted.as_ref().map(ToString::to_string),
            never_read: *never_read,
        })
    }
}

/// The JSON Schema of a snapshot.
#[must_use]
pub(crate) fn snapshot_schema() -> Json {
    schema_of::<SnapshotDocument>(Contract::Deserialize).to_value()
}
