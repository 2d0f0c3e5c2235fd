//! The plan document as it is written and read, version 1. Frozen: members may be added, never changed or removed.
//! The types here are apart from the internal ones, so that these can move.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The version that is written; readers refuse another major number.
pub const FORMAT_VERSION: &str = "1.0";

/// A plan for Cloudflare Bot Management settings, or the result of applying one.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct PlanV1 {
    /// The version of this format; readers ignore unknown members and refuse another major number.
    pub format_version: String,
    /// The version of botform that wrote the document.
    pub tool_version: String,
    /// When the plan was made, RFC 3339.
    pub created_at: String,
    /// The address of the API that the plan was made against, or `emulate:`.
    pub api: String,
    /// The files that the plan was made from, by path.
    pub inputs: Vec<InputV1>,
    /// The zones, by name.
    pub zones: Vec<ZoneV1>,
    /// The counts.
    pub summary: SummaryV1,
    /// The sha256 of the document with sorted keys, without `digest`, `created_at` and `tool_version`. In the
    /// result of an apply: the digest of the plan that was applied.
    pub digest: String,
}

/// A file that the plan was made from.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct InputV1 {
    /// The path, relative to the folder the plan was made in, with `/`.
    pub path: String,
    /// The sha256 of its bytes.
    pub sha256: String,
}

/// What is to be done about one zone.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ZoneV1 {
    /// The name of the zone.
    pub zone: String,
    /// The id of the zone; null if it could not be found.
    pub zone_id: Option<String>,
    /// The plan variant of the zone file.
    pub plan: String,
    /// The plan variant that the live settings tell; null if they do not.
    pub live_plan: Option<String>,
    /// The zone file.
    pub file: String,
    /// What the plan means for the zone.
    pub status: StatusV1,
    /// The digest of the live object that the plan was made against; null if it was not read.
    pub base: Option<String>,
    /// What would be written: declared settings by name, then stale ones by name.
    pub changes: Vec<ChangeV1>,
    /// The exact body of the PUT; null if nothing is written.
    pub body: Option<Map<String, Json>>,
    /// The managed settings that need no write; null where the setting is satisfied by absence.
    pub in_sync: BTreeMap<String, Json>,
    /// The reported settings that the file does not name.
    pub unmanaged: BTreeMap<String, Json>,
    /// The reported keys that this version does not know.
    pub unknown: BTreeMap<String, Json>,
    /// The settings of an earlier plan variant that still act on traffic.
    pub stale: Vec<StaleV1>,
    /// The deviations that the file accepts.
    pub waived: Vec<WaivedV1>,
    /// Why the zone is only ever planned; null if it is not.
    pub protected: Option<ProtectedV1>,
    /// What there is to say about the zone.
    pub diagnostics: Vec<DiagnosticV1>,
    /// What apply did; only in the result of an apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeV1>,
    /// The settings that the read-back showed otherwise; only in the result of an apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<FindingV1>>,
}

/// What the plan means for a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusV1 {
    /// Nothing is to be written.
    InSync,
    /// Something is to be written.
    Change,
    /// Something cannot or may not be written, so nothing of the zone is.
    Blocked,
    /// The zone could not be read.
    Failed,
}

/// One setting that is to be written.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ChangeV1 {
    /// The setting.
    pub setting: String,
    /// The live value; null if GET does not report it.
    pub before: Json,
    /// The value that is written.
    pub after: Json,
    /// What it does to protection.
    pub effect: EffectV1,
    /// Why it is written.
    pub reason: ReasonV1,
    /// Who moved since the baseline; null if there was none.
    #[serde(default)]
    pub origin: Option<OriginV1>,
    /// The zone file that asks for it.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column in characters, from 1.
    pub column: Option<u32>,
}

/// The effect of a change on protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EffectV1 {
    /// The zone is protected more than before.
    Tightens,
    /// The zone is protected less than before.
    Loosens,
    /// Neither more nor less.
    Neither,
}

/// Why a setting is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonV1 {
    /// The zone file names it.
    Declared,
    /// An earlier plan variant left it behind.
    Stale,
}

/// Who moved, so that live and file differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OriginV1 {
    /// Live moved.
    Drift,
    /// The file moved.
    Pending,
    /// Both moved.
    Both,
}

/// A setting of an earlier plan variant that still acts on traffic.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct StaleV1 {
    /// The setting.
    pub setting: String,
    /// Its value.
    pub value: Json,
    /// What the plan does with it.
    pub action: StaleActionV1,
}

/// What the plan does with a stale setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StaleActionV1 {
    /// It is shown.
    Report,
    /// Its neutral value is written.
    Clean,
    /// A waiver of the file accepts it for now.
    Accept,
}

/// A deviation that the file accepts.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct WaivedV1 {
    /// The setting.
    pub setting: String,
    /// The live value; null if GET does not report it.
    pub live: Json,
    /// The value of the file; null if the file does not manage the setting.
    pub wanted: Json,
    /// Why it is accepted.
    pub reason: String,
    /// The last day of the waiver.
    pub until: String,
}

/// Why a zone is only ever planned.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProtectedV1 {
    /// Why.
    pub reason: String,
    /// The last day; null if it has no end.
    pub until: Option<String>,
}

/// A message about a zone.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct DiagnosticV1 {
    /// How much it weighs.
    pub severity: SeverityV1,
    /// What, with its causes.
    pub message: String,
    /// Cloudflare's error code.
    pub code: Option<i64>,
    /// The HTTP status of the reply.
    pub http_status: Option<u16>,
    /// The `CF-Ray` header of the reply.
    pub cf_ray: Option<String>,
    /// The way out.
    pub hint: Option<String>,
    /// The zone file, where the message is about a line of it.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column in characters, from 1.
    pub column: Option<u32>,
}

/// How much a message weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeverityV1 {
    /// It stops the zone.
    Error,
    /// It should be looked at.
    Warning,
    /// Good to know.
    Note,
}

/// The counts of a plan.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct SummaryV1 {
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
    /// How many zones had which outcome; only in the result of an apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<BTreeMap<String, usize>>,
}

/// What apply did to a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeV1 {
    /// The read-back shows what was wanted.
    Applied,
    /// Nothing was to be written.
    InSync,
    /// The plan did not allow to write.
    Blocked,
    /// The zone could not be read, or the PUT failed and was not taken.
    Failed,
    /// The live object is not the one that was planned against; nothing was written.
    Stale,
    /// The read-back shows otherwise than what was accepted.
    NotApplied,
    /// Something that was not sent has moved too.
    Collateral,
    /// Cloudflare refused the PUT.
    Refused,
    /// Cloudflare refused it for the request rate.
    Throttled,
    /// No GET could tell what became of the PUT.
    Unknown,
    /// GET does not report the setting that was written.
    Unverified,
    /// The run stopped before the zone was begun.
    NotAttempted,
}

/// A setting that the read-back showed otherwise.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct FindingV1 {
    /// The setting.
    pub setting: String,
    /// What it is.
    pub kind: FindingKindV1,
    /// What should have been there; null for "not reported".
    pub expected: Json,
    /// What is there; null for "not reported".
    pub live: Json,
}

/// What the read-back showed of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKindV1 {
    /// It was sent and has not the value that was sent.
    NotTaken,
    /// It is stale and was kept in spite of the clean-up.
    Kept,
    /// It was not sent and has moved.
    Moved,
    /// It was sent and GET does not report it.
    NotReported,
}
