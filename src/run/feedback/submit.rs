//! Submits feedback reports. A report cannot be deleted, and the API stores it each time it is sent: so it is looked
//! for before it is sent, and sent again only if it was certainly not stored. Success is what the list shows.

use crate::api::{ApiError, WriteFeedback, ZoneRef};
use crate::diff::{FeedbackStatus, Presence, ZoneFeedback, presence};
use crate::model::{Diagnostic, FeedbackReport, NewReport, ReportFile, ReportOutcome, ReportResult};
use crate::run::Feedback;
use crate::run::span::span;
use crate::run::tolerance::Denied;
use futures_util::StreamExt as _;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tracing::{Instrument as _, info_span};

/// How often a report is sent at most, if it was certainly not stored each time.
const MOST_SENDS: u32 = 3;

/// How long a sent report is looked for in the list. The API does not say how soon it shows one; to send it again would
/// store it twice for good, so it pays to wait.
const SEARCH: Duration = Duration::from_secs(30);

/// The result of one attempt to send.
enum Sent {
    /// The API accepted the report; the list does not show it yet.
    Accepted,
    /// It is settled.
    Settled(ReportResult),
    /// It was certainly not stored, and may be sent again.
    Again(ApiError),
}

impl<A: WriteFeedback + Sync> Feedback<'_, A> {
    /// Submits the new reports of zones; the results are in the order of the zones and their reports.
    pub fn submit(
        &self,
        zones: &[ZoneFeedback],
        done: &(dyn Fn() + Sync),
    ) -> impl Future<Output = Vec<Vec<ReportResult>>> + Send {
        self.submit_each(zones, done).instrument(info_span!("submit_feedback", zones = zones.len()))
    }

    async fn submit_each(&self, zones: &[ZoneFeedback], done: &(dyn Fn() + Sync)) -> Vec<Vec<ReportResult>> {
        let denied = &Denied::default();
        let each = (0..zones.len()).map(|index| async move {
            let zone = &zones[index];
            let results =
                self.submit_zone(zone, denied).instrument(span(zone.zone().as_str(), zone.zone_id())).await;
            done();
            results
        });
        futures_util::stream::iter(each).buffered(self.concurrency.max(1)).collect().await
    }

    async fn submit_zone(&self, zone: &ZoneFeedback, denied: &Denied) -> Vec<ReportResult> {
        match (zone.status(), zone.zone_id()) {
            (FeedbackStatus::New, Some(id)) => {
                let named = ZoneRef::new(id, zone.zone().as_str());
                self.submit_new(named, zone.reports(), denied).await
            }
            (FeedbackStatus::New | FeedbackStatus::InSync, _) => unsent(zone, ReportOutcome::AlreadyThere),
            (FeedbackStatus::Blocked, _) => unsent(zone, ReportOutcome::NotAttempted),
            (FeedbackStatus::Failed, _) => unsent(zone, ReportOutcome::Failed),
        }
    }

    async fn submit_new(
        &self,
        zone: ZoneRef<'_>,
        reports: &[ReportFile],
        denied: &Denied,
    ) -> Vec<ReportResult> {
        if let Some(why) = self.ends(denied) {
            return vec![why; reports.len()];
        }
        // Someone may have submitted since the plan was shown.
        let there = match self.client.list_feedback(zone).await {
            Ok(live) => presence(reports, &live),
            Err(error) => {
                let failed = ReportResult::because(ReportOutcome::Failed, error.diagnostic());
                return vec![failed; reports.len()];
            }
        };
        // A zone counts once in the run, however many reports it has: the permission may be missing for it alone.
        let own = Denied::default();
        let mut results = Vec::new();
        let mut accepted = Vec::new();
        for (report, presence) in reports.iter().zip(there) {
            let result = match presence {
                Presence::There => Some(ReportResult::plain(ReportOutcome::AlreadyThere)),
                Presence::New => match self.ends(&own) {
                    Some(why) => Some(why),
                    None => self.send(zone, &report.report).await,
                },
            };
            own.count(
                result.as_ref().is_none_or(is_stored),
                result.iter().flat_map(|result| &result.diagnostics),
            );
            accepted.extend(result.is_none().then_some(results.len()));
            results.push(result.unwrap_or_else(not_shown));
        }
        denied.count(
            !accepted.is_empty() || results.iter().any(is_stored),
            results.iter().flat_map(|result| &result.diagnostics),
        );
        self.read_back(zone, reports, &accepted, &mut results).await;
        results
    }

    /// Sends a report; `None` if it was accepted and the list does not show it yet.
    async fn send(&self, zone: ZoneRef<'_>, report: &NewReport) -> Option<ReportResult> {
        let mut sends = 1;
        loop {
            let error = match self.send_once(zone, report).await {
                Sent::Accepted => return None,
                Sent::Settled(result) => return Some(result),
                Sent::Again(error) => error,
            };
            if sends == MOST_SENDS || self.stop.is_requested() {
                return Some(ReportResult::because(ReportOutcome::Failed, error.diagnostic()));
            }
            sends += 1;
            self.wait_until(Instant::now() + error.retry_pause(self.pause)).await;
            if self.stop.is_requested() {
                return Some(ReportResult::because(ReportOutcome::Failed, error.diagnostic()));
            }
        }
    }

    /// Why nothing more is sent.
    fn ends(&self, denied: &Denied) -> Option<ReportResult> {
        if self.stop.is_requested() {
            return Some(interrupted());
        }
        denied.spent().map(|why| ReportResult::because(ReportOutcome::NotAttempted, Diagnostic::error(why)))
    }

    async fn send_once(&self, zone: ZoneRef<'_>, report: &NewReport) -> Sent {
        // What waits for the budget was not sent yet, so that an interruption may end it.
        let lease = tokio::select! {
            biased;
            lease = self.client.reserve(zone) => lease,
            () = self.stop.requested() => return Sent::Settled(interrupted()),
        };
        let Err(error) = self.client.submit_feedback(zone.within(&lease), report).await else {
            return Sent::Accepted;
        };
        // POST is not idempotent, and reports have no id: only the list can tell whether this one was stored.
        if error.is_ambiguous() {
            return Sent::Settled(self.settle(zone, report, &error).await);
        }
        if error.is_stopped() {
            return Sent::Settled(ReportResult::because(ReportOutcome::NotAttempted, error.diagnostic()));
        }
        if error.is_refusal() {
            return Sent::Settled(ReportResult::because(ReportOutcome::Refused, error.diagnostic()));
        }
        Sent::Again(error)
    }

    /// Looks in the list for a report that may have been stored.
    async fn settle(&self, zone: ZoneRef<'_>, report: &FeedbackReport, error: &ApiError) -> ReportResult {
        match self.look(zone, &[report]).await {
            Ok(shown) if shown == [true] => taken(error),
            Ok(_) => unknown(error.diagnostic().hint(
                "the list does not show the report yet; run the same command again later: it checks before it sends",
            )),
            Err(second) => {
                let mut result = unknown(error.diagnostic());
                result.diagnostics.push(second.diagnostic());
                result
            }
        }
    }

    /// Whether the list shows each of the reports. Looks again, in growing intervals, until it shows all of them, the
    /// time is up, or the run is to stop.
    async fn look(&self, zone: ZoneRef<'_>, reports: &[&FeedbackReport]) -> Result<Vec<bool>, ApiError> {
        let (end, mut pause) = (Instant::now() + SEARCH, self.pause);
        loop {
            let is_last = Instant::now() >= end || self.stop.is_requested();
            let shown = self.client.list_feedback(zone).await.map(|live| shown(reports, &live));
            let is_settled = match &shown {
                Ok(shown) => !shown.contains(&false),
                Err(error) => error.is_refusal() || error.is_stopped(),
            };
            if is_last || is_settled {
                return shown;
            }
            self.wait_until(end.min(Instant::now() + pause)).await;
            pause *= 2;
        }
    }

    /// Waits, unless the run is to stop.
    async fn wait_until(&self, instant: Instant) {
        tokio::select! {
            () = sleep_until(instant) => {}
            () = self.stop.requested() => {}
        }
    }

    /// Proves that the accepted reports are there.
    async fn read_back(
        &self,
        zone: ZoneRef<'_>,
        reports: &[ReportFile],
        accepted: &[usize],
        results: &mut [ReportResult],
    ) {
        let sent: Vec<&FeedbackReport> =
            accepted.iter().filter_map(|index| reports.get(*index)).map(|file| &*file.report).collect();
        if sent.is_empty() {
            return;
        }
        let shown = self.look(zone, &sent).await;
        for (place, index) in accepted.iter().enumerate() {
            let Some(result) = results.get_mut(*index) else { continue };
            match &shown {
                Ok(shown) if shown.get(place) == Some(&true) => {
                    *result = ReportResult::plain(ReportOutcome::Submitted);
                }
                Ok(_) => {}
                Err(error) => result.diagnostics.push(error.diagnostic()),
            }
        }
    }
}

/// Whether a list shows each of the reports.
fn shown(reports: &[&FeedbackReport], live: &[FeedbackReport]) -> Vec<bool> {
    reports.iter().map(|report| live.iter().any(|there| there.same_as(report))).collect()
}

fn unsent(zone: &ZoneFeedback, outcome: ReportOutcome) -> Vec<ReportResult> {
    zone.reports().iter().map(|_| ReportResult::plain(outcome)).collect()
}

fn interrupted() -> ReportResult {
    ReportResult::because(ReportOutcome::NotAttempted, Diagnostic::error("interrupted before it was sent"))
}

/// The result of a report that the list shows although sending it failed.
fn taken(error: &ApiError) -> ReportResult {
    let why = error.diagnostic().message;
    let note = Diagnostic::note(format!("{why}; the list shows that it was stored"));
    ReportResult::because(ReportOutcome::Submitted, note)
}

fn is_stored(result: &ReportResult) -> bool {
    result.outcome == ReportOutcome::Submitted
}

fn unknown(why: Diagnostic) -> ReportResult {
    ReportResult::because(ReportOutcome::Unknown, why)
}

/// The result of a report that was accepted, as long as no list shows it.
fn not_shown() -> ReportResult {
    unknown(
        Diagnostic::error("Cloudflare accepted it, but the list does not show it")
            .hint("run the same command again later: it checks before it sends"),
    )
}

#[cfg(test)]
#[path = "submit_tests.rs"]
mod tests;
