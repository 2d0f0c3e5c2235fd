//! Submits feedback reports. A report cannot be taken back and the API takes it as often as it is sent, so that it is
//! looked for before it is sent, and again before it is sent another time; success is what the list shows.

use super::Feedback;
use crate::api::{ApiError, WriteFeedback};
use crate::diff::{FeedbackStatus, Presence, ZoneFeedback, presence};
use crate::model::{Diagnostic, Report, ReportFile, ReportOutcome, ReportResult, ZoneId};
use futures_util::StreamExt as _;

/// How often a report is sent at most, when it is certain each time that it was not taken.
const MOST_SENDS: u32 = 3;

/// How often the list is looked at until it shows a report.
const MOST_LOOKS: u32 = 3;

/// What became of one attempt to send.
enum Sent {
    /// The API says that it took the report; the list has to show it yet.
    Accepted,
    /// It is settled.
    Settled(ReportResult),
    /// It was certainly not taken, and may be sent again.
    Again(ApiError),
}

impl<A: WriteFeedback + Sync> Feedback<'_, A> {
    /// Submits the new reports of zones; the results are in the order of the zones and their reports.
    pub async fn submit(&self, zones: &[ZoneFeedback], done: &(dyn Fn() + Sync)) -> Vec<Vec<ReportResult>> {
        let each = (0..zones.len()).map(|index| async move {
            let results = self.submit_zone(&zones[index]).await;
            done();
            results
        });
        futures_util::stream::iter(each).buffered(self.concurrency.max(1)).collect().await
    }

    async fn submit_zone(&self, zone: &ZoneFeedback) -> Vec<ReportResult> {
        match (zone.status(), zone.zone_id()) {
            (FeedbackStatus::New, Some(id)) => self.submit_new(id, zone.reports()).await,
            (FeedbackStatus::New | FeedbackStatus::InSync, _) => unsent(zone, ReportOutcome::AlreadyThere),
            (FeedbackStatus::Blocked, _) => unsent(zone, ReportOutcome::NotAttempted),
            (FeedbackStatus::Failed, _) => unsent(zone, ReportOutcome::Failed),
        }
    }

    async fn submit_new(&self, id: &ZoneId, reports: &[ReportFile]) -> Vec<ReportResult> {
        if self.stop.is_requested() {
            return reports.iter().map(|_| interrupted()).collect();
        }
        // Someone may have submitted since the plan was shown.
        let there = match self.client.list_feedback(id).await {
            Ok(live) => presence(reports, &live),
            Err(error) => {
                let failed = ReportResult::because(ReportOutcome::Failed, error.diagnostic());
                return vec![failed; reports.len()];
            }
        };
        let mut results = Vec::new();
        let mut accepted = Vec::new();
        for (report, presence) in reports.iter().zip(there) {
            let result = match presence {
                Presence::There => Some(ReportResult::plain(ReportOutcome::AlreadyThere)),
                Presence::New => self.send(id, &report.report).await,
            };
            accepted.extend(result.is_none().then_some(results.len()));
            results.push(result.unwrap_or_else(not_shown));
        }
        self.read_back(id, reports, &accepted, &mut results).await;
        results
    }

    /// Sends a report; nothing if it was accepted, and the list has to show it yet.
    async fn send(&self, id: &ZoneId, report: &Report) -> Option<ReportResult> {
        if self.stop.is_requested() {
            return Some(interrupted());
        }
        let mut sends = 1;
        loop {
            let error = match self.send_once(id, report).await {
                Sent::Accepted => return None,
                Sent::Settled(result) => return Some(result),
                Sent::Again(error) => error,
            };
            if sends == MOST_SENDS || self.stop.is_requested() {
                return Some(ReportResult::because(ReportOutcome::Failed, error.diagnostic()));
            }
            sends += 1;
            tokio::time::sleep(error.retry_after().unwrap_or(self.pause)).await;
        }
    }

    async fn send_once(&self, id: &ZoneId, report: &Report) -> Sent {
        let Err(error) = self.client.submit_feedback(id, report).await else {
            return Sent::Accepted;
        };
        if error.is_ambiguous() {
            return self.settle(id, report, error).await;
        }
        if error.is_stopped() {
            return Sent::Settled(ReportResult::because(ReportOutcome::NotAttempted, error.diagnostic()));
        }
        if error.is_refusal() {
            return Sent::Settled(ReportResult::because(ReportOutcome::Refused, error.diagnostic()));
        }
        Sent::Again(error)
    }

    /// Finds out by the list what became of a report.
    async fn settle(&self, id: &ZoneId, report: &Report, error: ApiError) -> Sent {
        match self.look(id, &[report]).await {
            Ok(shown) if shown == [true] => Sent::Settled(taken(&error)),
            Ok(_) if may_still_come(&error) => Sent::Settled(unknown(error.diagnostic().hint(
                "the list does not show it yet; run the same command again later: it looks before it sends",
            ))),
            Ok(_) => Sent::Again(error),
            Err(second) => {
                let mut result = unknown(error.diagnostic());
                result.diagnostics.push(second.diagnostic());
                Sent::Settled(result)
            }
        }
    }

    /// Whether the list shows each of the reports; it is given some time to do so.
    async fn look(&self, id: &ZoneId, reports: &[&Report]) -> Result<Vec<bool>, ApiError> {
        let mut looks = 1;
        loop {
            let live = self.client.list_feedback(id).await?;
            let is_shown = |report: &&Report| live.iter().any(|there| there.same_as(report));
            let shown: Vec<bool> = reports.iter().map(is_shown).collect();
            if looks == MOST_LOOKS || !shown.contains(&false) {
                return Ok(shown);
            }
            looks += 1;
            tokio::time::sleep(self.pause).await;
        }
    }

    /// Proves that the accepted reports are there.
    async fn read_back(
        &self,
        id: &ZoneId,
        reports: &[ReportFile],
        accepted: &[usize],
        results: &mut [ReportResult],
    ) {
        let sent: Vec<&Report> =
            accepted.iter().filter_map(|index| reports.get(*index)).map(|file| &file.report).collect();
        if sent.is_empty() {
            return;
        }
        let shown = self.look(id, &sent).await;
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

/// Whether a report that failed that way may be taken later on: whoever waited for it gave up, and not who takes it.
fn may_still_come(error: &ApiError) -> bool {
    let is_timeout = matches!(error, ApiError::Transport { failure: crate::api::Failure::Timeout, .. });
    is_timeout || matches!(error.http_status(), Some(408 | 504 | 522 | 524))
}

fn unsent(zone: &ZoneFeedback, outcome: ReportOutcome) -> Vec<ReportResult> {
    zone.reports().iter().map(|_| ReportResult::plain(outcome)).collect()
}

fn interrupted() -> ReportResult {
    ReportResult::because(ReportOutcome::NotAttempted, Diagnostic::error("interrupted before it was sent"))
}

/// A report that the list shows although sending it failed.
fn taken(error: &ApiError) -> ReportResult {
    let why = error.diagnostic().message;
    let note = Diagnostic::note(format!("{why}; the list shows that it was taken"));
    ReportResult::because(ReportOutcome::Submitted, note)
}

fn unknown(why: Diagnostic) -> ReportResult {
    ReportResult::because(ReportOutcome::Unknown, why)
}

/// A report that was accepted, as long as no list shows it.
fn not_shown() -> ReportResult {
    unknown(
        Diagnostic::error("it was accepted, and the list does not show it")
            .hint("run the same command again later: it looks before it sends"),
    )
}
