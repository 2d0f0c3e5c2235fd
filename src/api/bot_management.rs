//! `GET` and `PUT /zones/{zone_id}/bot_management`, the bot settings of a zone, and below it `GET` and `POST
//! …/feedback`, reports of misjudged traffic. Reports have no id and cannot be taken back.

use super::client::{Absent, Answer, Call, Shape, Size, list};
use super::{
    ApiError, Body, Client, Lease, Lookup, Method, Payload, ReadFeedback, ReadZones, WriteFeedback,
    WriteZones, ZoneEntry, ZoneRef,
};
use crate::model::{FeedbackReport, Live, NewReport, ZoneId};
use serde_json::Value as Json;
use std::time::Instant;

impl ReadZones for Client {
    fn address(&self) -> Option<&str> {
        Some(self.known_address())
    }

    async fn resolve(&self, wanted: &[Lookup]) -> Vec<Result<ZoneEntry, ApiError>> {
        super::resolve::resolve(self, wanted).await
    }

    async fn get<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send) -> Result<Live, ApiError> {
        let zone = zone.into();
        let call = Call::get(settings(zone.id), "Bot Management Read", Size::Object).about(zone);
        self.read(call, Shape::Envelope, live).await
    }

    async fn place_until(&self, _: &ZoneId, until: Instant) -> Option<Lease> {
        self.budget().lease_until(until).await
    }
}

impl WriteZones for Client {
    async fn put<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send, body: &Body) -> Result<(), ApiError> {
        let zone = zone.into();
        let call = Call::send(Method::Put, settings(zone.id), "Bot Management Write", body).about(zone);
        // The body of the reply is ignored: only a later GET shows what Cloudflare stored.
        let written = self.write(call, Shape::Envelope).await;
        let ray = written.as_ref().map_or_else(ApiError::cf_ray, |ray| ray.as_deref());
        if let (Some(lease), Some(ray)) = (zone.lease, ray) {
            lease.note_ray(ray);
        }
        written.map(drop)
    }

    async fn transaction<'a>(&self, _: impl Into<ZoneRef<'a>> + Send, writes: usize) -> Lease {
        // The GET before, then a PUT and its read-back for each write.
        self.budget().lease(1 + 2 * writes).await
    }
}

impl ReadFeedback for Client {
    async fn list_feedback<'a>(
        &self,
        zone: impl Into<ZoneRef<'a>> + Send,
    ) -> Result<Vec<FeedbackReport>, ApiError> {
        let zone = zone.into();
        let permission = "Bot Management Feedback Report Read";
        let call = Call::get(feedback(zone.id), permission, Size::List).about(zone);
        self.read(call, Shape::Bare, reports).await
    }
}

impl WriteFeedback for Client {
    async fn submit_feedback<'a>(
        &self,
        zone: impl Into<ZoneRef<'a>> + Send,
        report: &NewReport,
    ) -> Result<(), ApiError> {
        let zone = zone.into();
        let permission = "Bot Management Feedback Report Write";
        let call = Call::send(Method::Post, feedback(zone.id), permission, report.members()).about(zone);
        self.write(call, Shape::Optional).await.map(drop)
    }

    async fn reserve<'a>(&self, _: impl Into<ZoneRef<'a>> + Send) -> Lease {
        self.budget().lease(1).await
    }
}

fn settings(zone: &ZoneId) -> String {
    format!("/zones/{zone}/bot_management")
}

fn feedback(zone: &ZoneId) -> String {
    format!("/zones/{zone}/bot_management/feedback")
}

/// An object without any known setting is a failed read: it proves nothing about the zone.
fn live(answer: Answer) -> Result<Live, Payload> {
    let Json::Object(object) = answer.result else { return Err(Payload::Result) };
    let live = Live::read(object);
    if live.is_blank() { Err(Payload::Blank) } else { Ok(live) }
}

/// An unreadable report is an error: it would look like one that was never sent, and be sent again.
fn reports(answer: Answer) -> Result<Vec<FeedbackReport>, Payload> {
    list(answer.result, Absent::Empty)?
        .into_iter()
        .map(|item| FeedbackReport::read(item).ok_or(Payload::Result))
        .collect()
}
