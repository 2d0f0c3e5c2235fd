//! A snapshot: the live state of many zones in one document without secrets. It takes the place of the API where a plan
//! is made without credentials, and the rest of planning does not notice. A document that is read is not trusted.

use super::Seen;
use crate::api::{ApiError, Lookup, ReadZones, ResolveError, ZoneEntry, ZoneRef};
use crate::model::{AccountId, Diagnostic, Digest, Live, ZoneId, ZoneName};
use crate::plan::TakenOver;
use document::{SnapshotDocument, SnapshotZone};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::io::Read;

#[path = "snapshot_document.rs"]
mod document;

pub(crate) use document::snapshot_schema;

/// The version that is written; readers refuse another major number.
const FORMAT_VERSION: &str = "1.0";

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

/// What a snapshot was limited to; empty if it holds all that the credentials see.
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
    /// When it was read, if it was taken over from an earlier snapshot.
    read_at: Option<Timestamp>,
    taken_over: u32,
    /// What its file wanted.
    wanted: Option<Digest>,
    /// Whether no run has read it yet.
    never_read: bool,
}

/// How old a snapshot's information about a zone is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ZoneTimes<'a> {
    /// When it was read.
    pub read_at: Timestamp,
    /// How often it has been taken over into a later snapshot since then.
    pub taken_over: u32,
    /// What its file wanted then, if it had one and the snapshot knows.
    pub wanted: Option<&'a Digest>,
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
    /// A snapshot of what was read from an API address, as plans state it. Zones with an invalid name are left out.
    pub fn new(taken_at: Timestamp, api: String, seen: Vec<Seen>) -> Self {
        let taken_at = taken_at.round(jiff::Unit::Second).unwrap_or(taken_at);
        let zones = seen.into_iter().filter(|seen| ZoneName::try_from(seen.entry.name.as_str()).is_ok());
        let zones = zones.map(|Seen { entry, live }| Zone {
            entry,
            live: live.map_err(|why| why.message.to_string()),
            read_at: None,
            taken_over: 0,
            wanted: None,
            never_read: false,
        });
        Self::of(taken_at, api, Scope::default(), zones.collect())
    }

    /// A snapshot of listed zones without live settings, to look zones up in.
    pub(super) fn of_list(zones: &[ZoneEntry]) -> Self {
        let listed =
            |entry: &ZoneEntry| Seen { entry: entry.clone(), live: Err(Diagnostic::error("only listed")) };
        Self::new(Timestamp::default(), String::new(), zones.iter().map(listed).collect())
    }

    /// A later snapshot: the zones that were read again, and those that are taken over from this one.
    pub(crate) fn again(&self, taken_at: Timestamp, seen: Vec<Seen>, kept: Vec<ZoneEntry>) -> Self {
        let Self { taken_at: at, api, scope, zones, .. } = Self::new(taken_at, self.api.clone(), seen);
        let kept = kept.into_iter().filter_map(|entry| {
            let before = self.find(&entry.id)?;
            let (read_at, taken_over) =
                (before.read_at.or(Some(self.taken_at)), before.taken_over.saturating_add(1));
            Some(Zone { entry, read_at, taken_over, ..before.clone() })
        });
        Self::of(at, api, scope, zones.into_iter().chain(kept).collect())
    }

    /// Adds zones that exist and that no run has read yet.
    pub(super) fn with_never_read(self, entries: impl Iterator<Item = ZoneEntry>) -> Self {
        let Self { taken_at, api, scope, mut zones, by_id: _ } = self;
        zones.extend(entries.map(|entry| Zone {
            entry,
            live: Err("no run has had time for it yet".to_owned()),
            read_at: None,
            taken_over: 0,
            wanted: None,
            never_read: true,
        }));
        Self::of(taken_at, api, scope, zones)
    }

    /// Adds what the files of zones want.
    pub(crate) fn with_wanted(mut self, wanted: &BTreeMap<ZoneId, Digest>) -> Self {
        self.zones.iter_mut().for_each(|zone| zone.wanted = wanted.get(&zone.entry.id).cloned());
        self
    }

    /// How old its information about a zone is; `None` if no run has read the zone.
    pub(crate) fn times(&self, id: &ZoneId) -> Option<ZoneTimes<'_>> {
        let zone = self.find(id).filter(|zone| !zone.never_read);
        zone.map(|Zone { read_at, taken_over, wanted, .. }| ZoneTimes {
            read_at: read_at.unwrap_or(self.taken_at),
            taken_over: *taken_over,
            wanted: wanted.as_ref(),
        })
    }

    /// The zones that it took over from earlier snapshots; `None` if it read all of them.
    #[must_use]
    pub(crate) fn taken_over(&self) -> Option<TakenOver> {
        let read_at = || self.zones.iter().filter_map(|zone| zone.read_at);
        Some(TakenOver::new(read_at().count(), read_at().min()?))
    }

    /// States what it was limited to.
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
            // The document is not trusted, and the text goes into a message.
            return Err(SnapshotError::Version(format_version.chars().take(40).collect()));
        }
        let zones = zones.into_iter().map(zone).collect::<Result<Vec<_>, _>>()?;
        if let Some(zone) = zones.iter().find(|zone| zone.read_at.is_some_and(|at| at > taken_at)) {
            return Err(refuse(&zone.entry, "it was read after the snapshot was taken"));
        }
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

    /// All zones, each with its live settings or why they could not be read.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        let seen = |Zone { entry, live, .. }: &Zone| {
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

    pub(super) fn pick(&self, lookup: &Lookup) -> Result<ZoneEntry, ApiError> {
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
    let SnapshotZone {
        zone,
        zone_id,
        account_id,
        legacy_id,
        live_plan,
        live,
        unread,
        read_at,
        taken_over,
        wanted,
        never_read,
    } = stated;
    let mut entry = ZoneEntry::new(zone_id, zone.as_str());
    entry.account_id = account_id;
    entry.legacy_id = legacy_id;
    let live = match (live, unread) {
        (Some(object), None) => Ok(Live::read(object)),
        (None, Some(why)) => Err(why),
        (Some(_), Some(_)) | (None, None) => {
            return Err(refuse(&entry, "it must have either `live` or `unread`"));
        }
    };
    if never_read && live.is_ok() {
        return Err(refuse(&entry, "it has both `live` and `never_read`"));
    }
    if let Ok(live) = &live {
        if live.is_blank() {
            return Err(refuse(&entry, "its live object has no settings, so it proves nothing"));
        }
        if live.variant() != live_plan {
            return Err(refuse(&entry, "its `live_plan` does not match its live object"));
        }
    }
    Ok(Zone { entry, live, read_at, taken_over, wanted: wanted.map(Digest::from_text), never_read })
}

fn refuse(entry: &ZoneEntry, why: &'static str) -> SnapshotError {
    SnapshotError::Zone { zone: entry.name.clone(), why }
}
