//! Writes one zone: GET and compare with what was reviewed, minimal PUT, GET and compare everything. Where a zone has
//! changes and clean-ups, these follow in a PUT of their own.

use super::settle::{End, Read, Verdict, is_result, judge, settle, stale, too_slow, unread};
use super::two::{is_whole, together};
use crate::api::{ApiError, Body, Lease, WriteZones, ZoneRef};
use crate::diff::verify;
use crate::model::{Diagnostic, DiagnosticKind, FindingKind, Live, Outcome, Severity, ZoneId, ZoneOutcome};
use crate::plan::{Part, ZonePlan};
use crate::run::{Apply, JournalError};
use std::time::Duration;
use tokio::time::Instant;

/// How often a PUT is sent that fails and leaves no trace in a GET. This is rare, and each try costs two requests of a
/// budget that other zones need too.
const PUT_ATTEMPTS: u32 = 3;

/// How often a zone is read again while its PUT has to wait.
const ROUNDS: u32 = 3;

/// How old a read may be when its zone is written. The API has no If-Match, so that only a young read keeps a PUT from
/// overwriting what somebody changed meanwhile.
const FRESH: Duration = Duration::from_secs(2);

/// How long a zone in flight may be read back once the run was asked to stop. GitHub kills a cancelled job 10 seconds
/// after its SIGINT, and the report has to be written by then.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

impl<A: WriteZones + Sync> Apply<'_, A> {
    /// One transaction, with its places in the request budget taken at once. A clean-up never takes a change along:
    /// Cloudflare may refuse it, and would refuse the whole body. The GET after the changes is the one before it.
    pub(super) async fn change(&self, zone: &ZonePlan, id: &ZoneId, seen: &Live) -> ZoneOutcome {
        let writes = if zone.is_written_in_two() { 2 } else { 1 };
        let lease = tokio::select! {
            lease = self.api.transaction(ZoneRef::new(id, zone.zone.as_str()), writes) => lease,
            () = self.stop.requested() => return interrupted(),
        };
        // With a budget this slow the PUT would never follow its GET in time, however long it waits.
        if lease.gap() >= FRESH {
            return too_slow(lease.gap(), FRESH);
        }
        let at = ZoneRef::new(id, zone.zone.as_str()).within(&lease);
        if writes == 1 {
            return match self.compare(zone, at, seen).await {
                Ok(read) => self.write_one(zone, at, &lease, read).await.outcome,
                Err(end) => end.outcome,
            };
        }
        let changes = match self.compare(zone, at, seen).await {
            Ok(read) => self.write_one(&zone.part(Part::Changes, seen.clone()), at, &lease, read).await,
            Err(end) => return end.outcome,
        };
        let clean_up = match changes.now.clone().filter(|now| !is_whole(zone, seen, &now.live)) {
            Some(read) if changes.outcome.outcome.is_success() && !self.stop.is_requested() => {
                let part = zone.part(Part::CleanUps, read.live.clone());
                Some(self.write_one(&part, at, &lease, read).await)
            }
            Some(_) if changes.outcome.outcome.is_success() => {
                Some(End::unsent(not_attempted("the run was stopped before the clean-up was sent")))
            }
            _ => None,
        };
        together(zone, seen, changes, clean_up)
    }

    /// One PUT, between its lines in the journal.
    async fn write_one(&self, zone: &ZonePlan, at: ZoneRef<'_>, lease: &Lease, read: Read) -> End {
        let Some((seen, body)) = zone.live().zip(zone.body()) else {
            return End::unsent(zone.unwritten_end());
        };
        // The line must be on disk before the PUT: without it a killed run could not be explained or undone.
        if let Err(error) = self.journaled(zone, &body).await {
            self.stop.request();
            return End::unsent(unjournaled(&error));
        }
        let mut end = match self.fresh(zone, at, seen, lease, read).await {
            Ok(read) => self.put(zone, at, lease, &read.live, &body).await,
            Err(end) => end,
        };
        // The zone was written and keeps its outcome. Without a working journal, no further zone may be.
        if let Some(journal) = self.journal
            && let Err(error) = journal.outcome(zone, end.outcome.outcome, lease.take_rays()).await
        {
            self.stop.request();
            end.outcome.diagnostics.push(Diagnostic::warning(error.in_one_line()));
        }
        end
    }

    /// Records a PUT in the journal, if there is one.
    async fn journaled(&self, zone: &ZonePlan, body: &Body) -> Result<(), JournalError> {
        match self.journal {
            Some(journal) => journal.put(zone, body).await,
            None => Ok(()),
        }
    }

    /// Waits until the PUT may be sent at once. If that took long, reads and compares again, since somebody may have
    /// changed the zone meanwhile.
    async fn fresh(
        &self,
        zone: &ZonePlan,
        at: ZoneRef<'_>,
        seen: &Live,
        lease: &Lease,
        mut read: Read,
    ) -> Result<Read, End> {
        for _ in 0..ROUNDS {
            tokio::select! {
                () = lease.ready() => {}
                () = self.stop.requested() => return Err(End::unsent(interrupted())),
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
        Err(End::unsent(ZoneOutcome::because(Outcome::Throttled, why)))
    }

    /// Reads a zone and compares it with what was reviewed. The error is the outcome of a zone that is not written.
    async fn compare(&self, zone: &ZonePlan, at: ZoneRef<'_>, seen: &Live) -> Result<Read, End> {
        let stopped = || End::unsent(interrupted());
        if self.stop.is_requested() {
            return Err(stopped());
        }
        let now = tokio::select! {
            live = self.api.get(at) => live.map_err(|error| End::unsent(unread(&error)))?,
            () = self.stop.requested() => return Err(stopped()),
        };
        if now != *seen {
            let outcome = moved(zone, seen, &now);
            return Err(End { outcome, now: Some(Read::now(now)), is_sent: false });
        }
        // Nothing has been sent yet, so a stop that came during the GET still leaves the zone alone.
        if self.stop.is_requested() { Err(stopped()) } else { Ok(Read::now(now)) }
    }

    async fn put(&self, zone: &ZonePlan, at: ZoneRef<'_>, lease: &Lease, before: &Live, body: &Body) -> End {
        let mut attempt = 1;
        loop {
            // A reply proves nothing: a PUT that timed out may have been stored, and one that answered `success` may
            // have been ignored. Only the GET after it counts.
            let put = self.api.put(at, body).await;
            let own = self.pause * attempt;
            let pause = put.as_ref().err().map_or(own, |error| error.retry_pause(own));
            let seen = self.read_back(at, lease).await;
            let now = seen.as_ref().and_then(|seen| seen.as_ref().ok()).cloned().map(Read::now);
            let lost = match settle(zone, before, put, seen) {
                Verdict::Again(lost) if attempt < PUT_ATTEMPTS && !self.stop.is_requested() => lost,
                Verdict::Done(outcome) | Verdict::Again(outcome) => return End::sent(outcome, now),
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.requested() => return End::sent(lost, now),
            }
            attempt += 1;
            // Before the read, as for the first PUT: while the line is flushed, another zone may be throttled, and then the
            // PUT would wait with what was read.
            if let Err(error) = self.journaled(zone, body).await {
                self.stop.request();
                return End::sent(with(lost, [Diagnostic::error(error.in_one_line())]), now);
            }
            if let Err(end) = self.may_repeat(zone, at, lease, before, lost).await {
                return End { now: end.now.or(now), ..end };
            }
        }
    }

    /// Reads a zone back. A run that was asked to stop does not wait for the request budget, and only a moment for
    /// reads that fail; `None` if no read succeeded by then.
    async fn read_back(&self, at: ZoneRef<'_>, lease: &Lease) -> Option<Result<Live, ApiError>> {
        tokio::select! {
            biased;
            // Polled first: a place that is free already is used in a stopped run too, so that the outcome is known.
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

    /// Checks that a PUT that was not taken may be sent again at once. While it waited, somebody may have changed the
    /// zone, or the PUT may have come through after all; then the error is the outcome.
    async fn may_repeat(
        &self,
        zone: &ZonePlan,
        at: ZoneRef<'_>,
        lease: &Lease,
        before: &Live,
        lost: ZoneOutcome,
    ) -> Result<(), End> {
        for _ in 0..ROUNDS {
            let read = tokio::select! {
                live = self.api.get(at) => live,
                () = self.stop.requested() => return Err(End::sent(lost, None)),
            };
            let at = Instant::now();
            match read {
                Ok(now) if now == *before => {}
                Ok(now) => return Err(End::sent(late(zone, before, &now, lost), Some(Read::now(now)))),
                Err(error) => return Err(End::sent(with(lost, [error.diagnostic()]), None)),
            }
            tokio::select! {
                () = lease.ready() => {}
                () = self.stop.requested() => return Err(End::sent(lost, None)),
            }
            if at.elapsed() <= FRESH {
                return Ok(());
            }
        }
        Err(End::sent(lost, None))
    }
}

fn with(mut outcome: ZoneOutcome, more: impl IntoIterator<Item = Diagnostic>) -> ZoneOutcome {
    outcome.diagnostics.extend(more);
    outcome
}

/// The outcome of a PUT that left no trace in its read-back, on a zone that moved since.
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

/// The outcome of a zone that is not as reviewed. If it is what the plan would have made of it, nothing is left to do.
fn moved(zone: &ZonePlan, seen: &Live, now: &Live) -> ZoneOutcome {
    if is_result(zone, seen, now) {
        return already(zone, seen, now);
    }
    stale(seen, now)
}

/// The outcome of a zone that already is what the plan would have made of it, as far as a GET can show.
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

pub(super) fn interrupted() -> ZoneOutcome {
    not_attempted("the run was stopped before the zone was started")
}

pub(super) fn not_attempted(why: &str) -> ZoneOutcome {
    ZoneOutcome::because(Outcome::NotAttempted, Diagnostic::error(why))
}

fn unjournaled(error: &JournalError) -> ZoneOutcome {
    let why = Diagnostic::error(format!("{}; nothing was written", error.in_one_line()))
        .hint("make room for the journal, then apply again");
    ZoneOutcome::because(Outcome::NotAttempted, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;
    use crate::diff::Context;
    use crate::model::Desired;
    use serde_json::json;

    #[test]
    fn a_put_that_came_through_in_part_is_told_so_whatever_else_moved() {
        let live = |search: &str, user: &str, training: &str| {
            let object =
                json!({"ai_search": search, "ai_user": user, "ai_training": training, "enable_js": true});
            Live::read(object.as_object().unwrap().clone())
        };
        let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        want.set("ai_search", "block").unwrap();
        want.set("ai_user", "block").unwrap();
        let before = live("disabled", "disabled", "disabled");
        let day = jiff::civil::Date::default();
        let zone =
            ZonePlan::build(&want, "0".repeat(32).try_into().unwrap(), before.clone(), &Context::of_day(day));
        let lost = || ZoneOutcome::plain(Outcome::Failed);
        for (now, is_stale) in [
            (live("block", "disabled", "disabled"), false),
            (live("block", "disabled", "block"), false),
            (live("disabled", "disabled", "block"), true),
        ] {
            let end = late(&zone, &before, &now, lost());
            assert_eq!(end.outcome == Outcome::Stale, is_stale, "{end:?}");
        }
    }
}
