//! Writes a plan: per zone GET and compare with what was reviewed, minimal PUT, GET and compare everything.

use super::settle::{Verdict, is_result, judge, settle, stale, too_slow, unread};
use super::span::span;
use super::tolerance::Tolerance;
use super::{Applied, CONCURRENCY, Guarded, Journal, JournalError, PAUSE, Refused, Stop};
use crate::api::{ApiError, Body, Lease, WriteZones, ZoneRef};
use crate::diff::verify;
use crate::model::{
    Diagnostic, DiagnosticKind, FindingKind, Live, Outcome, Severity, Threshold, ZoneId, ZoneOutcome,
};
use crate::plan::ZonePlan;
use futures_util::StreamExt as _;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;
use tracing::{Instrument as _, info_span};

/// How often a PUT is sent that failed and that a GET shows as not taken.
const PUT_ATTEMPTS: u32 = 3;

/// How often a zone is read again while its PUT has to wait.
const ROUNDS: u32 = 3;

/// How old a read may be when its zone is written.
const FRESH: Duration = Duration::from_secs(2);

/// How long a zone in flight is read back once the run was asked to stop.
const PATIENCE: Duration = Duration::from_secs(5);

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
    /// The wish to stop.
    pub stop: Stop,
    /// How many zones are written at the same time.
    pub concurrency: usize,
    /// How many zones are applied before all others.
    pub canary: usize,
    /// How many zones may fail before no further one is started, a part being one of the zones that would change; `None`
    /// for what the limits say that the plan was checked with.
    pub max_failures: Option<Threshold>,
    /// How long to wait before a PUT is sent again.
    pub pause: Duration,
}

/// A zone as it was read right before its PUT.
struct Read {
    live: Live,
    at: Instant,
}

impl<'a, A> Apply<'a, A> {
    /// An apply without a journal, canaries or a limit of failures, which nobody has asked to stop.
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
        ends.values().for_each(|end| tolerance.count(end));
        let (canaries, others) = self.waves(zones, &ends);
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
        let work = wave.into_iter().map(async |index| {
            let zone = plan.zones().get(index)?;
            let outcome = self
                .tolerated(plan, zone, tolerance)
                .instrument(span(zone.zone.as_str(), zone.zone_id.as_ref()))
                .await;
            done(zone, &outcome);
            Some((index, outcome))
        });
        let done = futures_util::stream::iter(work).buffer_unordered(self.concurrency.max(1));
        done.filter_map(std::future::ready).collect().await
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
        match (&zone.zone_id, zone.live(), zone.body()) {
            (Some(id), Some(seen), Some(body)) => self.change(zone, id, seen, &body).await,
            _ => zone.unwritten_end(),
        }
    }

    /// One transaction: GET and compare, PUT, GET, with its places in the request budget taken at once.
    async fn change(&self, zone: &ZonePlan, id: &ZoneId, seen: &Live, body: &Body) -> ZoneOutcome {
        let lease = tokio::select! {
            lease = self.api.transaction() => lease,
            () = self.stop.requested() => return interrupted(),
        };
        if lease.gap() >= FRESH {
            return too_slow(lease.gap(), FRESH);
        }
        let at = ZoneRef::new(id, zone.zone.as_str()).within(&lease);
        let read = match self.compare(zone, at, seen).await {
            Ok(read) => read,
            Err(outcome) => return outcome,
        };
        if let Some(Err(error)) = self.journal.map(|journal| journal.put(zone, body)) {
            self.stop.request();
            return unjournaled(&error);
        }
        let mut outcome = match self.fresh(zone, at, seen, &lease, read).await {
            Ok(read) => self.put(zone, at, &lease, &read.live, body).await,
            Err(outcome) => outcome,
        };
        if let Some(Err(error)) = self.journal.map(|journal| journal.outcome(zone, outcome.outcome)) {
            self.stop.request();
            outcome.diagnostics.push(Diagnostic::warning(error.in_one_line()));
        }
        outcome
    }

    /// Waits until the PUT may be sent at once, and reads and compares again where that took long: somebody may have
    /// changed the zone meanwhile.
    async fn fresh(
        &self,
        zone: &ZonePlan,
        at: ZoneRef<'_>,
        seen: &Live,
        lease: &Lease,
        mut read: Read,
    ) -> Result<Read, ZoneOutcome> {
        for _ in 0..ROUNDS {
            tokio::select! {
                () = lease.ready() => {}
                () = self.stop.requested() => return Err(interrupted()),
            }
            if read.at.elapsed() <= FRESH {
                return Ok(read);
            }
            read = self.compare(zone, at, seen).await?;
        }
        let why = Diagnostic::error(
            "the request budget never left room for a read and its write; nothing was written",
        )
        .kind(DiagnosticKind::Throttled)
        .hint("apply again later, or with a larger `--rate`");
        Err(ZoneOutcome::because(Outcome::Throttled, why))
    }

    /// Reads a zone and compares it with what was reviewed: what was read, or why it is not written.
    async fn compare(&self, zone: &ZonePlan, at: ZoneRef<'_>, seen: &Live) -> Result<Read, ZoneOutcome> {
        if self.stop.is_requested() {
            return Err(interrupted());
        }
        let now = tokio::select! {
            live = self.api.get(at) => live.map_err(|error| unread(&error))?,
            () = self.stop.requested() => return Err(interrupted()),
        };
        if now != *seen {
            return Err(moved(zone, seen, &now));
        }
        if self.stop.is_requested() { Err(interrupted()) } else { Ok(Read { live: now, at: Instant::now() }) }
    }

    async fn put(
        &self,
        zone: &ZonePlan,
        at: ZoneRef<'_>,
        lease: &Lease,
        before: &Live,
        body: &Body,
    ) -> ZoneOutcome {
        let mut attempt = 1;
        loop {
            let put = self.api.put(at, body).await;
            let own = self.pause * attempt;
            let pause = put.as_ref().err().map_or(own, |error| error.retry_pause(own));
            let seen = self.read_back(at, lease).await;
            let lost = match settle(zone, before, put, seen) {
                Verdict::Again(lost) if attempt < PUT_ATTEMPTS && !self.stop.is_requested() => lost,
                Verdict::Done(outcome) | Verdict::Again(outcome) => return outcome,
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.requested() => return lost,
            }
            attempt += 1;
            if let Err(outcome) = self.may_repeat(zone, at, lease, before, lost.clone()).await {
                return outcome;
            }
            if let Some(Err(error)) = self.journal.map(|journal| journal.put(zone, body)) {
                self.stop.request();
                return with(lost, [Diagnostic::error(error.in_one_line())]);
            }
        }
    }

    /// Reads a zone back. A run that was asked to stop waits for no place in the budget, and only a moment for the
    /// reads that fail; `None` if it saw nothing until then.
    async fn read_back(&self, at: ZoneRef<'_>, lease: &Lease) -> Option<Result<Live, ApiError>> {
        tokio::select! {
            biased;
            () = lease.ready() => {}
            () = self.stop.requested() => return None,
        }
        let patience = async {
            self.stop.requested().await;
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            biased;
            seen = self.api.get(at) => Some(seen),
            () = patience => None,
        }
    }

    /// Whether a PUT that was not taken may be sent again, at once; else its outcome. While it waited, somebody may
    /// have changed the zone, or the PUT may have come through after all.
    async fn may_repeat(
        &self,
        zone: &ZonePlan,
        at: ZoneRef<'_>,
        lease: &Lease,
        before: &Live,
        lost: ZoneOutcome,
    ) -> Result<(), ZoneOutcome> {
        for _ in 0..ROUNDS {
            let read = tokio::select! {
                live = self.api.get(at) => live,
                () = self.stop.requested() => return Err(lost),
            };
            let at = Instant::now();
            match read {
                Ok(now) if now == *before => {}
                Ok(now) => return Err(late(zone, before, &now, lost)),
                Err(error) => return Err(with(lost, [error.diagnostic()])),
            }
            tokio::select! {
                () = lease.ready() => {}
                () = self.stop.requested() => return Err(lost),
            }
            if at.elapsed() <= FRESH {
                return Ok(());
            }
        }
        Err(lost)
    }
}

fn with(mut outcome: ZoneOutcome, more: impl IntoIterator<Item = Diagnostic>) -> ZoneOutcome {
    outcome.diagnostics.extend(more);
    outcome
}

/// The outcome of a PUT that had left no trace when it was read back, and of a zone that moved since.
fn late(zone: &ZonePlan, before: &Live, now: &Live, lost: ZoneOutcome) -> ZoneOutcome {
    let judged = judge(zone, before, now);
    let missing = judged.findings.iter().filter(|finding| finding.kind != FindingKind::Moved).count();
    if judged.outcome.is_success() {
        let why = lost.diagnostics.into_iter().map(|why| why.severity(Severity::Note));
        return with(judged, why);
    }
    if missing < zone.changes().count() {
        return with(judged, lost.diagnostics);
    }
    with(moved(zone, before, now), lost.diagnostics)
}

/// The zone is not the one that was reviewed. If it is what the plan would have made of it, there is nothing to do.
fn moved(zone: &ZonePlan, seen: &Live, now: &Live) -> ZoneOutcome {
    if is_result(zone, seen, now) {
        return already(zone, seen, now);
    }
    stale(seen, now)
}

/// Live is what the plan would have made of it, as far as a GET can show.
fn already(zone: &ZonePlan, seen: &Live, now: &Live) -> ZoneOutcome {
    let hidden: Vec<_> =
        verify(seen, zone.rows(), now).into_iter().map(|finding| format!("`{}`", finding.setting)).collect();
    if hidden.is_empty() {
        return ZoneOutcome::plain(Outcome::InSync);
    }
    let why = format!(
        "nothing was sent; GET does not report {}, so the result cannot be verified",
        hidden.join(", ")
    );
    ZoneOutcome::because(Outcome::InSync, Diagnostic::warning(why))
}

fn interrupted() -> ZoneOutcome {
    not_attempted("the run was stopped before the zone was started")
}

fn not_attempted(why: &str) -> ZoneOutcome {
    ZoneOutcome::because(Outcome::NotAttempted, Diagnostic::error(why))
}

/// The outcome of a zone of a plan that is not written at all.
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

fn unjournaled(error: &JournalError) -> ZoneOutcome {
    let why = Diagnostic::error(format!("{}; nothing was written", error.in_one_line()))
        .hint("make room for the journal, then apply again");
    ZoneOutcome::because(Outcome::NotAttempted, why)
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
