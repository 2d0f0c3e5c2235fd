//! Lists feedback reports of many zones, and finds which reports of files are new.

use crate::api::{ApiError, Client, Lookup, ReadFeedback, ReadZones, ZoneEntry, ZoneRef};
use crate::diff::{ZoneFeedback, ZoneGroup, by_zone};
use crate::model::{Diagnostic, FeedbackReport, ReportFile, ZoneId, ZoneReports};
use crate::run::lanes::in_lanes;
use crate::run::span::span;
use crate::run::{CONCURRENCY, PAUSE, Stop};
use std::time::Duration;
use tracing::{Instrument as _, info_span};

/// How a run works on feedback reports.
#[derive(Debug)]
#[non_exhaustive]
pub struct Feedback<'a, A = Client> {
    /// The API.
    pub client: &'a A,
    /// Stops the run early.
    pub stop: Stop,
    /// How many zones are worked on at the same time.
    pub concurrency: usize,
    /// How long to wait before looking, or sending, again.
    pub pause: Duration,
}

impl<'a, A> Feedback<'a, A> {
    /// A run with the default concurrency and pause.
    #[must_use]
    pub fn new(client: &'a A) -> Self {
        Self { client, stop: Stop::default(), concurrency: CONCURRENCY, pause: PAUSE }
    }
}

impl<A: ReadZones + ReadFeedback + Sync> Feedback<'_, A> {
    /// Lists the reports of zones, in their order; `done` is called for each.
    pub fn list(
        &self,
        zones: Vec<ZoneEntry>,
        done: &(dyn Fn() + Sync),
    ) -> impl Future<Output = Vec<ZoneReports>> + Send {
        let span = info_span!("list_feedback", zones = zones.len());
        self.list_each(zones, done).instrument(span)
    }

    async fn list_each(&self, zones: Vec<ZoneEntry>, done: &(dyn Fn() + Sync)) -> Vec<ZoneReports> {
        let lane = |entry: &ZoneEntry| self.client.lane(&entry.id);
        in_lanes(zones, self.concurrency, lane, async |entry| {
            let reports =
                self.reports(ZoneRef::from(&entry)).instrument(span(&entry.name, Some(&entry.id))).await;
            done();
            let ZoneEntry { id: zone_id, name: zone, account_id, .. } = entry;
            let account_id = account_id.map(|id| id.to_string()).unwrap_or_default();
            ZoneReports { zone, zone_id, account_id, reports }
        })
        .await
    }

    /// Finds the zones of reports, and which of the reports are new, by zone. Nothing is written.
    pub fn plan(
        &self,
        reports: Vec<ReportFile>,
        done: &(dyn Fn() + Sync),
    ) -> impl Future<Output = Vec<ZoneFeedback>> + Send {
        let span = info_span!("plan_feedback", reports = reports.len());
        self.plan_each(reports, done).instrument(span)
    }

    async fn plan_each(&self, reports: Vec<ReportFile>, done: &(dyn Fn() + Sync)) -> Vec<ZoneFeedback> {
        let found = self.find(by_zone(reports)).await;
        let lane = |(_, entry): &(ZoneGroup, Found)| entry.id().map_or(0, |id| self.client.lane(id));
        in_lanes(found, self.concurrency, lane, async |(group, entry)| {
            let span = span(group.zone.as_str(), entry.id());
            let zone = self.plan_zone(group, entry).instrument(span).await;
            done();
            zone
        })
        .await
    }

    /// Finds the zones. Files that name one zone in two ways come together, so that equal reports meet.
    async fn find(&self, groups: Vec<ZoneGroup>) -> Vec<(ZoneGroup, Found)> {
        let lookups: Vec<Lookup> = groups.iter().map(lookup).collect();
        let entries: Vec<Found> = tokio::select! {
            entries = self.client.resolve(&lookups) => {
                groups.iter().zip(entries).map(|(group, entry)| found(group, entry)).collect()
            }
            () = self.stop.requested() => groups.iter().map(|_| Found::Failed(interrupted())).collect(),
        };
        let mut zones: Vec<(ZoneGroup, Found)> = Vec::new();
        for (group, entry) in groups.into_iter().zip(entries) {
            // The groups are sorted by name, so that twins are neighbours.
            let mut same_name = zones.iter_mut().rev().take_while(|(other, _)| other.zone == group.zone);
            match same_name.find(|(_, other)| entry.is_same_zone(other)) {
                Some((twin, _)) => twin.reports.extend(group.reports),
                None => zones.push((group, entry)),
            }
        }
        zones
    }

    async fn plan_zone(&self, group: ZoneGroup, found: Found) -> ZoneFeedback {
        let ZoneGroup { zone, zone_id, account_id: _, reports } = group;
        match found {
            Found::Zone(id) => match self.reports(ZoneRef::new(&id, zone.as_str())).await {
                Ok(live) => ZoneFeedback::compare(zone, id, reports, &live),
                Err(why) => ZoneFeedback::failed(zone, Some(id), reports, why),
            },
            Found::Blocked(why) => ZoneFeedback::blocked(zone, zone_id, reports, why),
            Found::Failed(why) => ZoneFeedback::failed(zone, zone_id, reports, why),
        }
    }

    /// The reports of a zone, unless the run is to stop.
    async fn reports(&self, zone: ZoneRef<'_>) -> Result<Vec<FeedbackReport>, Diagnostic> {
        if self.stop.is_requested() {
            return Err(interrupted());
        }
        tokio::select! {
            reports = self.client.list_feedback(zone) => reports.map_err(|error| error.diagnostic()),
            () = self.stop.requested() => Err(interrupted()),
        }
    }
}

fn lookup(group: &ZoneGroup) -> Lookup {
    Lookup { name: group.zone.clone(), zone_id: group.zone_id.clone(), account_id: group.account_id.clone() }
}

/// What the look-up of a zone gave.
enum Found {
    Zone(ZoneId),
    Blocked(Diagnostic),
    Failed(Diagnostic),
}

impl Found {
    fn id(&self) -> Option<&ZoneId> {
        match self {
            Self::Zone(id) => Some(id),
            Self::Blocked(_) | Self::Failed(_) => None,
        }
    }

    fn is_same_zone(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Zone(id), Self::Zone(other)) if id == other)
    }
}

/// What a look-up found. A pinned id of another zone blocks; the message is about the file that pins it.
fn found(group: &ZoneGroup, entry: Result<ZoneEntry, ApiError>) -> Found {
    match (entry, group.reports.first()) {
        (Ok(entry), _) => Found::Zone(entry.id),
        (Err(error), Some(first)) if error.is_identity_mismatch() => {
            Found::Blocked(error.diagnostic().at(&first.file, first.place))
        }
        (Err(error), _) => Found::Failed(error.diagnostic()),
    }
}

fn interrupted() -> Diagnostic {
    Diagnostic::error("interrupted before the zone was read").hint("run the command again")
}

#[cfg(test)]
#[path = "reports_tests.rs"]
mod tests;
