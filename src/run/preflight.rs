//! Before the first write of a saved plan: are all the zones still what the reviewer saw?

use super::Stop;
use super::apply::is_result;
use crate::api::{ApiError, ReadZones};
use crate::diff::verify;
use crate::model::{Finding, ZoneName};
use crate::plan::{Status, ZonePlan};
use futures_util::StreamExt as _;

/// A zone that is not what the plan saw, with what moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The zone.
    pub zone: ZoneName,
    /// What moved, by name: expected is what the plan saw.
    pub findings: Vec<Finding>,
}

/// Reads all the zones that would be written and gives those that moved, in the order of `zones`. A zone that
/// cannot be read is not counted as moved: apply reads it again and reports it.
pub async fn preflight(
    api: &impl ReadZones,
    zones: &[ZonePlan],
    concurrency: usize,
    stop: &Stop,
) -> Vec<Moved> {
    let work = zones.iter().enumerate().filter(|(_, zone)| zone.status() == Status::Change).map(
        |(index, zone)| async move {
            (
                index,
                tokio::select! {
                    moved = check(api, zone) => moved.unwrap_or_default(),
                    () = stop.requested() => None,
                },
            )
        },
    );
    let mut checked: Vec<_> =
        futures_util::stream::iter(work).buffer_unordered(concurrency.max(1)).collect().await;
    checked.sort_by_key(|(index, _)| *index);
    checked.into_iter().filter_map(|(_, moved)| moved).collect()
}

async fn check(api: &impl ReadZones, zone: &ZonePlan) -> Result<Option<Moved>, ApiError> {
    let (Some(id), Some(seen)) = (&zone.zone_id, zone.seen()) else { return Ok(None) };
    let now = api.get(id).await?;
    if now == *seen || is_result(zone, seen, &now) {
        return Ok(None);
    }
    Ok(Some(Moved { zone: zone.zone.clone(), findings: verify(seen, &[], &now) }))
}
