//! Runs with a time budget: which zones they take first, and what the next snapshot says of those they do not reach.
//! However short the budget, a series of such runs reaches every zone.

use crate::api::{ApiError, Lease, Lookup, ReadZones, ZoneEntry, ZoneRef};
use crate::catalogue::Variant;
use crate::model::{Desired, Diagnostic, Live, Outcome, ZoneId, ZoneName};
use crate::plan::ZonePlan;
use crate::run::fetch::{lookup, plan_in_time};
use crate::run::{Planning, Seen, Snapshot};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::time::Instant;

/// The zones that such a run may read, and what decides their order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turns<'a> {
    /// The snapshot that says when each zone was last read; without one, zones are taken by name.
    pub before: Option<&'a Snapshot>,
    /// All zones as listed; what the list answers is not asked for again.
    pub listed: &'a [ZoneEntry],
    /// Whether zones that no file manages are read too.
    pub watches: bool,
}

/// The result of such a run.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// The plans of the managed zones that it reached.
    pub zones: Vec<ZonePlan>,
    /// The zones without a file that it reached.
    pub watched: Vec<Seen>,
    /// For each zone that it did not reach, when it was last read.
    pub left: Vec<Option<Timestamp>>,
}

impl Turns<'_> {
    /// The zones in the order in which they are taken: first those that no snapshot has, then those read longest ago.
    /// Each comes with its place in the list if no file manages it. A failed read counts as a read, so that zones that
    /// cannot be read never keep the others from their turn.
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
            // `None` is the smallest: zones that no snapshot has come first.
            one_at.cmp(other_at).then_with(|| key(one).cmp(&key(other)))
        });
        turns
    }

    /// Reads and plans zones in this order until [`Planning::until`].
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

    /// The snapshot for the next run: what was read, and for the other zones what the earlier snapshot says, with its
    /// times.
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

/// A desired state without settings, for a zone that no file manages. Its plan variant does not matter: only the live
/// object of its plan is used.
fn watch(entry: &ZoneEntry) -> Option<Desired> {
    let name = ZoneName::try_from(entry.name.as_str()).ok()?;
    let mut want = Desired::new(name, Variant::SbfmPro);
    (want.zone_id, want.account_id) = (Some(entry.id.clone()), entry.account_id.clone());
    Some(want)
}

/// The result of reading a zone; `None` if it was not asked for.
fn seen(zone: &ZonePlan) -> Option<Result<Live, Diagnostic>> {
    match zone.live() {
        Some(live) => Some(Ok(live.clone())),
        None if zone.unwritten() == Outcome::Failed => zone.blocks.first().cloned().map(Err),
        None => None,
    }
}

/// Resolves zones from a list that was already read. What the list does not answer is asked for, which also gives the
/// error its text.
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
