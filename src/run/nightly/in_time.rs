//! A run that ends at a time: which zones it takes first, and what the snapshot for the next time says of those that it
//! did not come to. Whatever the time, a row of such runs comes to each zone.

use crate::api::{ApiError, Lease, Lookup, ReadZones, ZoneEntry, ZoneRef};
use crate::catalogue::Variant;
use crate::model::{Desired, Diagnostic, Live, Outcome, ZoneId, ZoneName};
use crate::plan::ZonePlan;
use crate::run::fetch::{lookup, plan_in_time};
use crate::run::{Planning, Seen, Snapshot};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::time::Instant;

/// The zones that such a run may read, and what tells their order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turns<'a> {
    /// The snapshot that says when each zone was read last; without one zones are taken by name.
    pub before: Option<&'a Snapshot>,
    /// All zones as they were listed; what they settle is not asked for again.
    pub listed: &'a [ZoneEntry],
    /// Whether those that no file manages are read too.
    pub watches: bool,
}

/// What came of such a run.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// The plans of the zones of files that it came to.
    pub zones: Vec<ZonePlan>,
    /// The zones without a file that it came to.
    pub watched: Vec<Seen>,
    /// For each zone that it did not come to, when it was read last.
    pub left: Vec<Option<Timestamp>>,
}

impl Turns<'_> {
    /// The zones in the order in which they are taken: those that no snapshot has come first, then those that were read
    /// the longest ago. With each stands its place in the list if no file manages it. A read that failed counts as one, so
    /// that zones that cannot be read never keep the others from their turn.
    fn order(
        &self,
        wants: Vec<Desired>,
        listed: &Snapshot,
    ) -> Vec<(Option<Timestamp>, Option<usize>, Desired)> {
        let read_at =
            |id: &ZoneId| self.before.and_then(|before| before.times(id)).map(|times| times.read_at);
        let found = |want: &Desired| {
            let wanted = lookup(want);
            let listed = listed.pick(&wanted).ok();
            listed.or_else(|| self.before?.pick(&wanted).ok()).map(|entry| entry.id)
        };
        let ids: Vec<_> = wants.iter().map(found).collect();
        let managed: HashSet<_> = ids.iter().flatten().collect();
        let is_watched = |entry: &ZoneEntry| self.watches && !managed.contains(&entry.id);
        let places = self.listed.iter().enumerate().filter(|(_, entry)| is_watched(entry));
        let watched =
            places.filter_map(|(place, entry)| Some((read_at(&entry.id), Some(place), watch(entry)?)));
        let watched: Vec<_> = watched.collect();
        let of_files = wants.into_iter().zip(&ids);
        let of_files = of_files.map(|(want, id)| (id.as_ref().and_then(read_at), None, want));
        let mut turns: Vec<_> = of_files.chain(watched).collect();
        turns.sort_by(|(one_at, _, one), (other_at, _, other)| {
            let key = |want: &Desired| (want.zone.clone(), want.account_id.clone(), want.zone_id.clone());
            one_at.cmp(other_at).then_with(|| key(one).cmp(&key(other)))
        });
        turns
    }

    /// Reads and plans zones in their order, until the time of the planning is over.
    pub(crate) async fn run(
        &self,
        api: &(impl ReadZones + Sync),
        wants: Vec<Desired>,
        planning: &Planning,
        done: &(dyn Fn(&ZonePlan) + Sync),
    ) -> Round {
        let by_list = ByList { api, listed: Snapshot::of_list(self.listed) };
        let mut marks = Vec::new();
        let mut turns = Vec::new();
        for (read_at, place, want) in self.order(wants, &by_list.listed) {
            marks.push((read_at, place));
            turns.push(want);
        }
        let planned = plan_in_time(&by_list, turns, planning, done).await;
        let mut round = Round::default();
        for ((read_at, place), planned) in marks.into_iter().zip(planned) {
            match (planned, place.and_then(|place| self.listed.get(place))) {
                (None, _) => round.left.push(read_at),
                (Some(zone), None) => round.zones.push(zone),
                (Some(zone), Some(entry)) => {
                    round.watched.extend(seen(&zone).map(|live| Seen { entry: entry.clone(), live }));
                }
            }
        }
        round
    }

    /// The snapshot for the next time: what was read, and of the other zones what the earlier one says, with its times.
    pub(crate) fn next(
        &self,
        taken_at: Timestamp,
        api: &str,
        zones: &[ZonePlan],
        watched: &[Seen],
    ) -> Snapshot {
        let of_files = zones.iter().filter_map(|zone| Some((zone.zone_id.as_ref()?, seen(zone)?)));
        let watched = watched.iter().map(|zone| (&zone.entry.id, zone.live.clone()));
        let mut read: HashMap<_, _> = of_files.chain(watched).collect();
        let (mut now, mut kept) = (Vec::new(), Vec::new());
        for entry in self.listed.iter().cloned() {
            match read.remove(&entry.id) {
                Some(live) => now.push(Seen { entry, live }),
                None => kept.push(entry),
            }
        }
        let is_known =
            |entry: &ZoneEntry| self.before.is_some_and(|before| before.times(&entry.id).is_some());
        let (kept, never_read): (Vec<_>, Vec<_>) = kept.into_iter().partition(is_known);
        let next = match self.before {
            Some(before) => before.again(taken_at, now, kept),
            None => Snapshot::new(taken_at, api.to_owned(), now),
        };
        next.with_never_read(never_read.into_iter())
    }
}

/// A zone that no file manages as one of which nothing is wanted. What its plan variant is does not matter: its live
/// object is all that is taken of its plan.
fn watch(entry: &ZoneEntry) -> Option<Desired> {
    let name = ZoneName::try_from(entry.name.as_str()).ok()?;
    let mut want = Desired::new(name, Variant::SbfmPro);
    (want.zone_id, want.account_id) = (Some(entry.id.clone()), entry.account_id.clone());
    Some(want)
}

/// What came of reading a zone; `None` if it was not asked for.
fn seen(zone: &ZonePlan) -> Option<Result<Live, Diagnostic>> {
    match zone.live() {
        Some(live) => Some(Ok(live.clone())),
        None if zone.unwritten() == Outcome::Failed => zone.blocks.first().cloned().map(Err),
        None => None,
    }
}

/// Zones as they were listed. What the list does not settle is asked for, also to say what is wrong with it.
struct ByList<'a, A> {
    api: &'a A,
    listed: Snapshot,
}

impl<A: ReadZones + Sync> ReadZones for ByList<'_, A> {
    fn address(&self) -> Option<&str> {
        self.api.address()
    }

    async fn resolve(&self, wanted: &[Lookup]) -> Vec<Result<ZoneEntry, ApiError>> {
        let mut found: Vec<_> = wanted.iter().map(|wanted| self.listed.pick(wanted)).collect();
        let open = |(place, found): (usize, &Result<_, _>)| found.is_err().then_some(place);
        let open: Vec<_> = found.iter().enumerate().filter_map(open).collect();
        let asked: Vec<_> = open.iter().filter_map(|place| wanted.get(*place).cloned()).collect();
        for (place, answer) in open.into_iter().zip(self.api.resolve(&asked).await) {
            if let Some(found) = found.get_mut(place) {
                *found = answer;
            }
        }
        found
    }

    async fn get<'z>(&self, zone: impl Into<ZoneRef<'z>> + Send) -> Result<Live, ApiError> {
        self.api.get(zone).await
    }

    async fn place_until(&self, zone: &ZoneId, until: Instant) -> Option<Lease> {
        self.api.place_until(zone, until).await
    }

    fn lane(&self, zone: &ZoneId) -> usize {
        self.api.lane(zone)
    }
}

#[cfg(test)]
#[path = "in_time_tests.rs"]
mod tests;
