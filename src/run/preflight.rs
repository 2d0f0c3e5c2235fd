//! Before the first write of a saved plan: are the zones the ones it names, and still what the reviewer saw?

use super::Stop;
use super::apply::is_result;
use crate::api::{ApiError, Lookup, ReadZones, ZoneRef};
use crate::diff::moved;
use crate::model::{Diagnostic, Finding, ZoneId};
use crate::plan::ZonePlan;
use futures_util::StreamExt as _;

/// A zone that is not what the plan saw, with what moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The zone.
    pub zone: ZoneId,
    /// What moved, by name: expected is what the plan saw.
    pub findings: Vec<Finding>,
}

/// An id of the plan that is not that of the zone it names.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistaken {
    /// The id.
    pub zone: ZoneId,
    /// What Cloudflare calls it.
    pub why: Diagnostic,
}

/// Asks for the names of the zones that would be written, and gives those that have another one: a plan file could
/// show the changes of one zone and write them to another. What cannot be told is told by the GET of each zone.
pub async fn identify(api: &impl ReadZones, zones: &[ZonePlan], stop: &Stop) -> Vec<Mistaken> {
    let changing = || zones.iter().filter(|zone| zone.is_written());
    let lookups: Vec<_> = changing()
        .map(|zone| Lookup { name: zone.zone.clone(), zone_id: zone.zone_id.clone(), account_id: None })
        .collect();
    let entries = tokio::select! {
        entries = api.resolve(&lookups) => entries,
        () = stop.requested() => Vec::new(),
    };
    changing().zip(entries).filter_map(|(zone, entry)| mistaken(zone, entry.err()?)).collect()
}

fn mistaken(zone: &ZonePlan, error: ApiError) -> Option<Mistaken> {
    let id = zone.zone_id.clone().filter(|_| error.is_identity_mismatch())?;
    Some(Mistaken { zone: id, why: error.diagnostic() })
}

/// Reads all the zones that would be written and gives those that moved, in the order of `zones`. A zone that
/// cannot be read is not counted as moved: apply reads it again and reports it.
pub async fn preflight(
    api: &impl ReadZones,
    zones: &[ZonePlan],
    concurrency: usize,
    stop: &Stop,
) -> Vec<Moved> {
    let work = (0..zones.len()).filter(|index| zones[*index].is_written()).map(async |index| {
        tokio::select! {
            moved = check(api, &zones[index]) => Some((index, moved.ok()??)),
            () = stop.requested() => None,
        }
    });
    let checked = futures_util::stream::iter(work).buffer_unordered(concurrency.max(1));
    let mut checked: Vec<_> = checked.filter_map(std::future::ready).collect().await;
    checked.sort_by_key(|(index, _)| *index);
    checked.into_iter().map(|(_, moved)| moved).collect()
}

async fn check(api: &impl ReadZones, zone: &ZonePlan) -> Result<Option<Moved>, ApiError> {
    let (Some(id), Some(seen)) = (&zone.zone_id, zone.live()) else { return Ok(None) };
    let now = api.get(ZoneRef::new(id, zone.zone.as_str())).await?;
    if now == *seen || is_result(zone, seen, &now) {
        return Ok(None);
    }
    Ok(Some(Moved { zone: id.clone(), findings: moved(seen, &now) }))
}
