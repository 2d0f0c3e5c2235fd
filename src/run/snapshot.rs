//! A snapshot: the live state of many zones in one document without secrets. It stands in for the API where a plan is
//! made without credentials, so that nothing else of a plan knows. A document that is read is not trusted.

use super::Stop;
use super::span::span;
use crate::api::{ApiError, Lookup, ReadZones, ResolveError, ZoneEntry, ZoneRef};
use crate::catalogue::Variant;
use crate::model::{AccountId, Diagnostic, DiagnosticKind, Live, ZoneId, ZoneName, schema_of};
use crate::plan::strict_object;
use futures_util::StreamExt as _;
use jiff::Timestamp;
use schemars::JsonSchema;
use schemars::generate::Contract;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::io::Read;
use tracing::{Instrument as _, info_span};

/// The version that is written; readers refuse another major number.
const FORMAT_VERSION: &str = "1.0";

/// A zone, and what came of reading it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Seen {
    /// The zone as the API lists it.
    pub entry: ZoneEntry,
    /// Its live settings, or why they could not be read.
    pub live: Result<Live, Diagnostic>,
}

/// Reads the live settings of zones, in their order.
pub fn read_zones(
    api: &(impl ReadZones + Sync),
    entries: Vec<ZoneEntry>,
    concurrency: usize,
    stop: &Stop,
    done: &(dyn Fn() + Sync),
) -> impl Future<Output = Vec<Seen>> + Send {
    let span = info_span!("read", zones = entries.len());
    read_each(api, entries, concurrency, stop, done).instrument(span)
}

async fn read_each(
    api: &(impl ReadZones + Sync),
    entries: Vec<ZoneEntry>,
    concurrency: usize,
    stop: &Stop,
    done: &(dyn Fn() + Sync),
) -> Vec<Seen> {
    let work = entries.into_iter().map(|entry| async move {
        let span = span(&entry.name, Some(&entry.id));
        let live = read_zone(api, &entry, stop).instrument(span).await;
        done();
        Seen { entry, live }
    });
    let mut read = futures_util::stream::iter(work).buffered(concurrency.max(1));
    let mut seen = Vec::new();
    while let Some(zone) = read.next().await {
        seen.push(zone);
    }
    seen
}

async fn read_zone(
    api: &(impl ReadZones + Sync),
    entry: &ZoneEntry,
    stop: &Stop,
) -> Result<Live, Diagnostic> {
    tokio::select! {
        live = api.get(ZoneRef::new(&entry.id, &entry.name)) => live.map_err(|error| error.diagnostic()),
        () = stop.requested() => Err(interrupted(entry)),
    }
}

fn interrupted(entry: &ZoneEntry) -> Diagnostic {
    Diagnostic::error(format!("interrupted before {} was read", entry.name)).kind(DiagnosticKind::Interrupted)
}

/// The live settings of all zones that some credentials can see, at one time.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Snapshot {
    taken_at: Timestamp,
    api: String,
    scope: Scope,
    /// By name and id.
    zones: Vec<Zone>,
    by_id: HashMap<ZoneId, usize>,
}

/// What a snapshot was limited to; all that the credentials see if it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Scope {
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub account_id: Option<AccountId>,
    /// The names or patterns of `--zone`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    /// The names or patterns of `--exclude`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
}

impl Scope {
    fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Zone {
    entry: ZoneEntry,
    /// Why it has no live settings.
    live: Result<Live, String>,
}

/// Why a document is no snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It is not JSON, or a member is missing, has another type, or appears twice.
    #[error("the file is not a snapshot")]
    Form(#[source] serde_json::Error),
    /// Another major version, or none.
    #[error("the snapshot has format version {0}, and this version of botform reads 1.x")]
    Version(String),
    /// A zone does not agree with itself, or with the others.
    #[error("zone `{zone}` of the snapshot: {why}")]
    Zone {
        /// The zone.
        zone: String,
        /// What is wrong.
        why: &'static str,
    },
}

impl SnapshotError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Version(_) => "use the version of botform that wrote it, or take a new one with `snapshot`",
            Self::Form(_) | Self::Zone { .. } => "take a new one with `snapshot`",
        }
    }
}

impl Snapshot {
    /// A snapshot of what was read, from an API address as plans state it. Zones whose name is no zone name have no
    /// place in it.
    pub fn new(taken_at: Timestamp, api: String, seen: Vec<Seen>) -> Self {
        let taken_at = taken_at.round(jiff::Unit::Second).unwrap_or(taken_at);
        let zones = seen.into_iter().filter(|seen| ZoneName::try_from(seen.entry.name.as_str()).is_ok());
        let zones = zones
            .map(|Seen { entry, live }| Zone { entry, live: live.map_err(|why| why.message.to_string()) });
        Self::of(taken_at, api, Scope::default(), zones.collect())
    }

    /// The same with what it was limited to.
    pub(crate) fn limited_to(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// What it was limited to.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    fn of(taken_at: Timestamp, api: String, scope: Scope, mut zones: Vec<Zone>) -> Self {
        zones.sort_by(|one, two| key(one).cmp(&key(two)));
        let by_id = zones.iter().enumerate().map(|(index, zone)| (zone.entry.id.clone(), index)).collect();
        Self { taken_at, api, scope, zones, by_id }
    }

    /// Reads a document.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn read(text: impl Read) -> Result<Self, SnapshotError> {
        let mut json = serde_json::Deserializer::from_reader(std::io::BufReader::new(text));
        let document =
            SnapshotDocument::deserialize(&mut json).and_then(|document| json.end().map(|()| document));
        let SnapshotDocument { format_version, taken_at, api, scope, zones, .. } =
            document.map_err(SnapshotError::Form)?;
        if format_version.split('.').next() != Some("1") {
            return Err(SnapshotError::Version(format_version.chars().take(40).collect()));
        }
        let zones = zones.into_iter().map(zone).collect::<Result<Vec<_>, _>>()?;
        let snapshot = Self::of(taken_at, api, scope, zones);
        match snapshot.zones.iter().find(|zone| snapshot.find(&zone.entry.id) != Some(zone)) {
            Some(zone) => Err(refuse(&zone.entry, "its id appears twice")),
            None => Ok(snapshot),
        }
    }

    /// When it was taken.
    #[must_use]
    pub fn taken_at(&self) -> Timestamp {
        self.taken_at
    }

    /// The address of the API that it was taken from, or `emulate:`.
    #[must_use]
    pub fn api(&self) -> &str {
        &self.api
    }

    /// All zones with what is known of them.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        let seen = |Zone { entry, live }: &Zone| {
            let why = |why: String| absent(&entry.name, Some(why)).diagnostic();
            Seen { entry: entry.clone(), live: live.clone().map_err(why) }
        };
        self.zones.iter().map(seen).collect()
    }

    /// The zones as the API listed them, by name and id.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &ZoneEntry> {
        self.zones.iter().map(|zone| &zone.entry)
    }

    /// The zone with an id, as the API listed it.
    pub(crate) fn entry(&self, id: &ZoneId) -> Option<&ZoneEntry> {
        self.find(id).map(|zone| &zone.entry)
    }

    /// The live settings of the zone with an id, or why they could not be read.
    pub(crate) fn live(&self, id: &ZoneId) -> Option<Result<&Live, &str>> {
        self.find(id).map(|zone| zone.live.as_ref().map_err(String::as_str))
    }

    fn find(&self, id: &ZoneId) -> Option<&Zone> {
        self.by_id.get(id).and_then(|index| self.zones.get(*index))
    }

    fn pick(&self, lookup: &Lookup) -> Result<ZoneEntry, ApiError> {
        let name = &lookup.name;
        let absent = || absent(name.as_str(), None);
        if let Some(id) = &lookup.zone_id {
            let zone = &self.find(id).ok_or_else(absent)?.entry;
            if zone.name == name.as_str() {
                return Ok(zone.clone());
            }
            let (id, wanted, actual) = (id.clone(), name.clone(), zone.name.clone());
            return Err(ResolveError::IdMismatch { id, wanted, actual }.into());
        }
        let first = self.zones.partition_point(|zone| *zone.entry.name < *name.as_str());
        let named = self.zones.iter().skip(first).take_while(|zone| zone.entry.name == name.as_str());
        let account = &lookup.account_id;
        let wanted = named.filter(|zone| account.is_none() || zone.entry.account_id == *account);
        let found: Vec<_> = wanted.map(|zone| zone.entry.clone()).collect();
        match found.as_slice() {
            [] => Err(absent()),
            [one] => Ok(one.clone()),
            _ => Err(ResolveError::Ambiguous { name: name.clone(), zones: found.into() }.into()),
        }
    }
}

impl ReadZones for Snapshot {
    fn address(&self) -> Option<&str> {
        Some(self.api())
    }

    fn taken_at(&self) -> Option<jiff::Timestamp> {
        Some(self.taken_at)
    }

    async fn resolve(&self, wanted: &[Lookup]) -> Vec<Result<ZoneEntry, ApiError>> {
        wanted.iter().map(|lookup| self.pick(lookup)).collect()
    }

    async fn get<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send) -> Result<Live, ApiError> {
        let zone = zone.into();
        let found = self.find(zone.id).ok_or_else(|| absent(zone.name.unwrap_or(zone.id.as_str()), None))?;
        found.live.clone().map_err(|why| absent(&found.entry.name, Some(why)))
    }
}

fn absent(zone: &str, why: Option<String>) -> ApiError {
    ResolveError::NotInSnapshot { zone: zone.to_owned(), why }.into()
}

fn key(zone: &Zone) -> (&str, &ZoneId) {
    (&zone.entry.name, &zone.entry.id)
}

fn zone(stated: SnapshotZone) -> Result<Zone, SnapshotError> {
    let SnapshotZone { zone, zone_id, account_id, legacy_id, live_plan, live, unread } = stated;
    let mut entry = ZoneEntry::new(zone_id, zone.as_str());
    entry.account_id = account_id;
    entry.legacy_id = legacy_id;
    let live = match (live, unread) {
        (Some(object), None) => Ok(Live::read(object)),
        (None, Some(why)) => Err(why),
        (Some(_), Some(_)) | (None, None) => {
            return Err(refuse(&entry, "it has either `live` or `unread`"));
        }
    };
    if let Ok(live) = &live {
        if live.is_blank() {
            return Err(refuse(&entry, "its live object has no setting, which proves nothing"));
        }
        if live.variant() != live_plan {
            return Err(refuse(&entry, "its `live_plan` is not what its live object shows"));
        }
    }
    Ok(Zone { entry, live })
}

fn refuse(entry: &ZoneEntry, why: &'static str) -> SnapshotError {
    SnapshotError::Zone { zone: entry.name.clone(), why }
}

/// The live state of the zones that some credentials can see. It shows how each of them is defended.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(title = "botform snapshot")]
struct SnapshotDocument {
    /// The version of this format; readers ignore unknown members and refuse another major number.
    format_version: String,
    /// The version of botform that wrote the document.
    tool_version: String,
    /// When it was taken, RFC 3339.
    #[schemars(with = "String")]
    taken_at: Timestamp,
    /// The address of the API that it was taken from, or `emulate:`.
    api: String,
    /// What it was limited to; absent if it holds all zones that the credentials saw.
    #[serde(default, skip_serializing_if = "Scope::is_all")]
    scope: Scope,
    /// The zones, by name and id.
    zones: Vec<SnapshotZone>,
}

/// The live state of one zone.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Zone")]
struct SnapshotZone {
    /// The name of the zone.
    #[schemars(with = "String")]
    zone: ZoneName,
    /// The id of the zone.
    #[schemars(with = "String")]
    zone_id: ZoneId,
    /// The id of its account; null if it is not known.
    #[schemars(with = "Option<String>")]
    account_id: Option<AccountId>,
    /// The zone's plan as `GET /zones` reports it.
    legacy_id: Option<String>,
    /// The plan variant that the live settings show; null if they show none.
    live_plan: Option<Variant>,
    /// The object that GET returned, without `using_latest_model` and what is null; null if the zone could not be read.
    #[serde(deserialize_with = "strict_object")]
    live: Option<Map<String, Json>>,
    /// Why the zone could not be read; null if it was.
    unread: Option<String>,
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
        let Zone { entry, live } = zone;
        Some(Self {
            zone: ZoneName::try_from(entry.name.as_str()).ok()?,
            zone_id: entry.id.clone(),
            account_id: entry.account_id.clone(),
            legacy_id: entry.legacy_id.clone(),
            live_plan: live.as_ref().ok().and_then(Live::variant),
            live: live.as_ref().ok().map(Live::to_object),
            unread: live.as_ref().err().cloned(),
        })
    }
}

/// The JSON Schema of a snapshot.
#[must_use]
pub(crate) fn snapshot_schema() -> Json {
    schema_of::<SnapshotDocument>(Contract::Deserialize).to_value()
}
