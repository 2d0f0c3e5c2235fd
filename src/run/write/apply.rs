//! Writes a plan: which zones, in which order, and how many failures it tolerates. `write.rs` writes one zone.

use super::zone::{interrupted, not_attempted};
use crate::api::WriteZones;
use crate::model::{Threshold, ZoneOutcome};
use crate::plan::ZonePlan;
use crate::run::lanes::in_lanes;
use crate::run::span::span;
use crate::run::tolerance::Tolerance;
use crate::run::{Applied, CONCURRENCY, Guarded, Journal, PAUSE, Refused, Stop};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tracing::{Instrument as _, info_span};

/// How a plan is applied.
///
/// ```no_run
/// use botform::api::WriteZones;
/// use botform::model::Threshold;
/// use botform::run::{Applied, Apply, Guarded};
///
/// async fn apply(api: &(impl WriteZones + Sync), plan: &Guarded<'_>) -> Applied {
///     let mut apply = Apply::new(api);
///     (apply.canary, apply.max_failures) = (1, Some(Threshold::Count(10)));
///     apply.run(plan, &|zone, end| println!("{}: {}", zone.zone, end.outcome.word())).await
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Apply<'a, A> {
    /// The API.
    pub api: &'a A,
    /// Where each PUT is recorded before and after; `None` where nothing is at stake.
    pub journal: Option<&'a Journal>,
    /// Stops the run early.
    pub stop: Stop,
    /// How many zones are written at the same time.
    pub concurrency: usize,
    /// How many zones are applied before all others.
    pub canary: usize,
    /// How many zones may fail before no further one is started; a share is of the zones that would change. `None`
    /// takes the limit that the plan was checked with.
    pub max_failures: Option<Threshold>,
    /// How long to wait before a PUT is sent again.
    pub pause: Duration,
}

impl<'a, A> Apply<'a, A> {
    /// An apply without a journal, canaries or a failure limit.
    #[must_use]
    pub fn new(api: &'a A) -> Self {
        Self {
            api,
            journal: None,
            stop: Stop::default(),
            concurrency: CONCURRENCY,
            canary: 0,
            max_failures: None,
            pause: PAUSE,
        }
    }
}

impl<A: WriteZones + Sync> Apply<'_, A> {
    /// Applies a plan: exactly one outcome for each of its zones.
    pub fn run(
        &self,
        plan: &Guarded<'_>,
        done: &(dyn Fn(&ZonePlan, &ZoneOutcome) + Sync),
    ) -> impl Future<Output = Applied> + Send {
        self.write(plan, done).instrument(info_span!("apply", zones = plan.zones().len()))
    }

    async fn write(&self, plan: &Guarded<'_>, done: &(dyn Fn(&ZonePlan, &ZoneOutcome) + Sync)) -> Applied {
        let zones = plan.zones();
        let (mut ends, refused) = plan.confirm(self.api, self.concurrency, &self.stop).await;
        if let Some(refused) = refused {
            let end = |(index, zone)| ends.remove(&index).unwrap_or_else(|| spared(zone, refused));
            return Applied { outcomes: zones.iter().enumerate().map(end).collect(), refused: Some(refused) };
        }
        let most = self.max_failures.or(plan.max_failures());
        let changing = || zones.iter().filter(|zone| zone.is_written()).count();
        let tolerance = Tolerance::new(most.map(|most| most.rounded_down(changing())));
        // What could not be confirmed or read has failed already, and counts towards the limit.
        ends.values().for_each(|end| tolerance.count(end));
        let (canaries, others) = self.waves(zones, &ends);
        // The canaries are all done before any other zone is begun: their failure is meant to spare the others.
        for (index, outcome) in self.wave(plan, canaries, &tolerance, done).await {
            tolerance.count_canary(&outcome);
            ends.insert(index, outcome);
        }
        for (index, outcome) in self.wave(plan, others, &tolerance, done).await {
            ends.insert(index, outcome);
        }
        Applied { outcomes: ends.into_values().collect(), refused: None }
    }

    /// The zones that go first, and the others.
    fn waves(&self, zones: &[ZonePlan], ended: &BTreeMap<usize, ZoneOutcome>) -> (Vec<usize>, Vec<usize>) {
        let left = || (0..zones.len()).filter(|index| !ended.contains_key(index));
        let canaries: BTreeSet<_> =
            left().filter(|index| zones[*index].is_written()).take(self.canary).collect();
        let others = left().filter(|index| !canaries.contains(index)).collect();
        (canaries.into_iter().collect(), others)
    }

    async fn wave(
        &self,
        plan: &Guarded<'_>,
        wave: Vec<usize>,
        tolerance: &Tolerance,
        done: &(dyn Fn(&ZonePlan, &ZoneOutcome) + Sync),
    ) -> Vec<(usize, ZoneOutcome)> {
        let lane = |index: &usize| {
            let id = plan.zones().get(*index).and_then(|zone| zone.zone_id.as_ref());
            id.map_or(0, |id| self.api.lane(id))
        };
        let work = in_lanes(wave, self.concurrency, lane, async |index| {
            let zone = plan.zones().get(index)?;
            let outcome = self
                .tolerated(plan, zone, tolerance)
                .instrument(span(zone.zone.as_str(), zone.zone_id.as_ref()))
                .await;
            done(zone, &outcome);
            Some((index, outcome))
        });
        work.await.into_iter().flatten().collect()
    }

    async fn tolerated(&self, plan: &Guarded<'_>, zone: &ZonePlan, tolerance: &Tolerance) -> ZoneOutcome {
        if !zone.is_written() {
            return self.zone(zone).await;
        }
        if self.stop.is_requested() {
            return interrupted();
        }
        if let Some(why) = tolerance.spent() {
            return not_attempted(why);
        }
        // A long run may go on after the day that a temporary value or a waiver ends on.
        let outcome = match plan.ended(zone) {
            Some(ended) => ended,
            None => self.zone(zone).await,
        };
        tolerance.count(&outcome);
        outcome
    }

    async fn zone(&self, zone: &ZonePlan) -> ZoneOutcome {
        match (&zone.zone_id, zone.live()) {
            (Some(id), Some(seen)) if zone.is_written() => self.change(zone, id, seen).await,
            _ => zone.unwritten_end(),
        }
    }
}

/// The outcome of a zone when nothing of its plan is written.
fn spared(zone: &ZonePlan, refused: Refused) -> ZoneOutcome {
    let why = match refused {
        Refused::Identity => "another zone in the plan has the wrong id",
        Refused::Stale => "another zone in the plan moved",
        Refused::Snapshot => "the plan was made from a snapshot",
        Refused::Address => "the plan was made for another API",
        Refused::Aged => "the plan was checked too long ago",
        Refused::ExceptionEnded => "an exception of a policy has ended",
    };
    if zone.is_written() { not_attempted(why) } else { zone.unwritten_end() }
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
