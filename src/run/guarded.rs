//! The one entry to writing: a plan that no guard refuses, for the API that it was made for, with each zone once and
//! none that its file protects by now; where it was saved, its zones are confirmed and read before the first write.

use super::Stop;
use super::settle::{is_result, stale, unread};
use super::span::span;
use crate::api::{ApiError, Lookup, ReadZones, ZoneRef};
use crate::model::{Diagnostic, Guards, Outcome, Policy, ZoneOutcome};
use crate::plan::{FilesNow, Plan, Refusal, SourceKind, ZonePlan, guard};
use futures_util::StreamExt as _;
use serde::Serialize;
use std::collections::BTreeMap;
use tracing::Instrument as _;

/// A plan that neither a guard nor a policy refuses: the only thing that [`Apply`](super::Apply) takes.
#[derive(Clone, Debug)]
#[must_use]
pub struct Guarded<'p> {
    plan: &'p Plan,
    saved: Option<Saved>,
    /// The zones that their files protect now, by their place in the plan.
    protected: BTreeMap<usize, Diagnostic>,
    /// The day (UTC) on which it is written.
    today: jiff::civil::Date,
}

/// What happens to a saved plan some of whose zones moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Saved {
    Whole,
    Partial,
}

/// What is known of the zone files at the time of the write: a zone may be protected since its plan was made.
#[derive(Clone, Copy, Debug)]
pub enum ZoneFiles<'a> {
    /// The plan was made in this run of what they say. Refused for a plan that was read from a document.
    Planned,
    /// There are none: what is wanted comes from a program. Refused for a plan that was read from a document and names
    /// the zone files it was made from.
    None,
    /// They were looked at now. Zones that they protect are not written.
    Now(&'a FilesNow),
}

/// The result of applying a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[must_use]
#[non_exhaustive]
pub struct Applied {
    /// The outcome of each zone, in the order of the plan.
    pub outcomes: Vec<ZoneOutcome>,
    /// Why nothing at all was written.
    pub refused: Option<Refused>,
}

/// Why nothing of a saved plan was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refused {
    /// An id of the plan is not that of the zone it names: the plan could show the changes of one zone and write them
    /// to another.
    Identity,
    /// A zone moved after the plan was made.
    Stale,
    /// The plan was made from a snapshot: it is there to be reviewed.
    Snapshot,
    /// The plan was made for another API than the one it would be written to.
    Address,
}

impl<'p> Guarded<'p> {
    /// Checks a plan against limits and policies, and against what the zone files say, on a day (UTC). A plan that was
    /// read from a document is one that was [saved](Self::saved).
    ///
    /// # Errors
    /// All that refuses it.
    pub fn check(
        plan: &'p Plan,
        limits: &Guards,
        policies: &[Policy],
        files: ZoneFiles<'_>,
        today: jiff::civil::Date,
    ) -> Result<Self, Vec<Refusal>> {
        let mut refusals = guard(plan, limits, policies, today);
        let protected = match files {
            ZoneFiles::Now(now) => now.stopped(plan).collect(),
            ZoneFiles::Planned | ZoneFiles::None => BTreeMap::new(),
        };
        let is_seen = match files {
            ZoneFiles::Now(_) => true,
            ZoneFiles::Planned => !plan.is_saved(),
            ZoneFiles::None => !plan.is_saved() || plan.changing().all(|zone| zone.file.is_empty()),
        };
        if !is_seen {
            refusals.push(Refusal::unseen_files());
        }
        match refusals.is_empty() {
            true => Ok(Self { plan, saved: plan.is_saved().then_some(Saved::Whole), protected, today }),
            false => Err(refusals),
        }
    }

    /// The same plan as one that was saved and reviewed: before the first write all its zones are confirmed by name and
    /// id and read again. If one moved, nothing is written, or with `partial` the others are.
    pub fn saved(self, partial: bool) -> Self {
        Self { saved: Some(if partial { Saved::Partial } else { Saved::Whole }), ..self }
    }

    /// The zones of the plan.
    pub(super) fn zones(&self) -> &'p [ZonePlan] {
        self.plan.zones()
    }

    /// Confirms and reads the zones of a saved plan. The outcomes are those of zones that may not be written.
    pub(super) async fn confirm(
        &self,
        api: &(impl ReadZones + Sync),
        concurrency: usize,
        stop: &Stop,
    ) -> (BTreeMap<usize, ZoneOutcome>, Option<Refused>) {
        if self.plan.provenance().source.kind == SourceKind::Snapshot {
            return (BTreeMap::new(), Some(Refused::Snapshot));
        }
        if api.address().is_some_and(|address| address != self.plan.provenance().api) {
            return (BTreeMap::new(), Some(Refused::Address));
        }
        let blocked = |(index, why): (&usize, &Diagnostic)| {
            (*index, ZoneOutcome::because(Outcome::Blocked, why.clone()))
        };
        let protected: BTreeMap<_, _> = self.protected.iter().map(blocked).collect();
        let Some(saved) = self.saved else { return (protected, None) };
        let zones = self.zones();
        let is_written = |index: &usize| zones[*index].is_written() && !protected.contains_key(index);
        let written: Vec<_> = (0..zones.len()).filter(is_written).collect();
        let mut ends = identify(api, zones, &written, stop).await;
        if ends.values().any(|end| end.outcome == Outcome::Blocked) {
            return (ends, Some(Refused::Identity));
        }
        let ended = |index: &usize| Some((*index, ended(zones[*index].ended(self.today)?)));
        ends.extend(written.iter().filter_map(ended).collect::<Vec<_>>());
        let confirmed = written.into_iter().filter(|index| !ends.contains_key(index));
        let read = confirmed.map(async |index| {
            tokio::select! {
                end = look(api, &zones[index]).instrument(span(zones[index].zone.as_str(), zones[index].zone_id.as_ref())) => Some((index, end?)),
                () = stop.requested() => None,
            }
        });
        let read = futures_util::stream::iter(read).buffer_unordered(concurrency.max(1));
        ends.extend(read.filter_map(std::future::ready).collect::<Vec<_>>().await);
        ends.extend(protected);
        let is_stale = ends.values().any(|end| end.outcome == Outcome::Stale);
        (ends, (is_stale && saved == Saved::Whole).then_some(Refused::Stale))
    }
}

/// Asks for the zones by name and id. What cannot be confirmed is not written.
async fn identify(
    api: &(impl ReadZones + Sync),
    zones: &[ZonePlan],
    written: &[usize],
    stop: &Stop,
) -> BTreeMap<usize, ZoneOutcome> {
    let lookup = |index: &usize| {
        let zone = &zones[*index];
        Lookup { zone_id: zone.zone_id.clone(), ..Lookup::new(zone.zone.clone()) }
    };
    let lookups: Vec<_> = written.iter().map(lookup).collect();
    let entries = tokio::select! {
        entries = api.resolve(&lookups) => entries,
        () = stop.requested() => Vec::new(),
    };
    let ends =
        written.iter().zip(entries).filter_map(|(index, entry)| Some((*index, unconfirmed(&entry.err()?))));
    ends.collect()
}

/// The outcome of a zone whose plan rests on something that has ended since it was reviewed.
fn ended(what: String) -> ZoneOutcome {
    let why = Diagnostic::error(format!("{what}, after the plan was made; nothing was written"));
    ZoneOutcome::because(Outcome::Stale, why.hint("run `plan` again, and have the new plan reviewed"))
}

fn unconfirmed(error: &ApiError) -> ZoneOutcome {
    if error.is_identity_mismatch() {
        return ZoneOutcome::because(Outcome::Blocked, error.diagnostic());
    }
    unread(error)
}

/// Reads a zone of a saved plan: `None` if it is what was reviewed, or what the plan would make of it.
async fn look(api: &(impl ReadZones + Sync), zone: &ZonePlan) -> Option<ZoneOutcome> {
    let (id, seen) = zone.zone_id.as_ref().zip(zone.live())?;
    match api.get(ZoneRef::new(id, zone.zone.as_str())).await {
        Ok(now) if now == *seen || is_result(zone, seen, &now) => None,
        Ok(now) => Some(stale(seen, &now)),
        Err(error) => Some(unread(&error)),
    }
}
