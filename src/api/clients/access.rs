//! Several clients as a store: each request goes to the client of its zone.

use super::Clients;
use crate::api::{
    ApiError, Body, Client, Lease, Lookup, ReadFeedback, ReadZones, WriteFeedback, WriteZones, ZoneEntry,
    ZoneRef,
};
use crate::model::{FeedbackReport, Live, NewReport, ZoneId};
use std::time::Instant;

impl Clients {
    /// The client of a zone, which is looked up if that has not happened yet.
    async fn serving(&self, zone: ZoneRef<'_>) -> Result<&Client, ApiError> {
        if self.home(zone.id).is_none() {
            self.locate(zone.id, zone.name.unwrap_or(zone.id.as_str())).await?;
        }
        Ok(self.of_zone(zone.id))
    }

    /// The client whose budget pays for the requests about a zone. If that is not known, the request itself will say
    /// why.
    async fn paying(&self, zone: ZoneRef<'_>) -> &Client {
        self.serving(zone).await.unwrap_or_else(|_| self.of_zone(zone.id))
    }
}

impl ReadZones for Clients {
    fn address(&self) -> Option<&str> {
        self.all().first().and_then(ReadZones::address)
    }

    async fn resolve(&self, wanted: &[Lookup]) -> Vec<Result<ZoneEntry, ApiError>> {
        match self.alone() {
            Some(client) => client.resolve(wanted).await,
            None => super::resolve::resolve(self, wanted).await,
        }
    }

    async fn get<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send) -> Result<Live, ApiError> {
        let zone = zone.into();
        self.serving(zone).await?.get(zone).await
    }

    async fn place_until(&self, zone: &ZoneId, until: Instant) -> Option<Lease> {
        self.paying(zone.into()).await.place_until(zone, until).await
    }

    fn lane(&self, zone: &ZoneId) -> usize {
        self.lane_of(zone)
    }
}

impl WriteZones for Clients {
    async fn put<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send, body: &Body) -> Result<(), ApiError> {
        let zone = zone.into();
        self.serving(zone).await?.put(zone, body).await
    }

    async fn transaction<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send, writes: usize) -> Lease {
        let zone = zone.into();
        self.paying(zone).await.transaction(zone, writes).await
    }
}

impl ReadFeedback for Clients {
    async fn list_feedback<'a>(
        &self,
        zone: impl Into<ZoneRef<'a>> + Send,
    ) -> Result<Vec<FeedbackReport>, ApiError> {
        let zone = zone.into();
        self.serving(zone).await?.list_feedback(zone).await
    }
}

impl WriteFeedback for Clients {
    async fn submit_feedback<'a>(
        &self,
        zone: impl Into<ZoneRef<'a>> + Send,
        report: &NewReport,
    ) -> Result<(), ApiError> {
        let zone = zone.into();
        self.serving(zone).await?.submit_feedback(zone, report).await
    }

    async fn reserve<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send) -> Lease {
        let zone = zone.into();
        self.paying(zone).await.reserve(zone).await
    }
}
