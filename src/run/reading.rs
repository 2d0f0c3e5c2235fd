//! Reads the live settings of zones. One zone that cannot be read does not affect the others.

use super::Stop;
use super::lanes::in_lanes;
use super::span::span;
use crate::api::{ReadZones, ZoneEntry, ZoneRef};
use crate::model::{Diagnostic, DiagnosticKind, Live};
use tracing::{Instrument as _, info_span};

/// A zone, and the result of reading it.
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
    in_lanes(
        entries,
        concurrency,
        |entry| api.lane(&entry.id),
        async |entry| {
            let span = span(&entry.name, Some(&entry.id));
            let live = read_zone(api, &entry, stop).instrument(span).await;
            done();
            Seen { entry, live }
        },
    )
    .await
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
