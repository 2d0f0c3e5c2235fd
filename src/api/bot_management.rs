//! `GET` and `PUT /zones/{zone_id}/bot_management`: the bot settings of a zone.

use super::envelope::{Answer, Shape};
use super::http::Call;
use super::{ApiError, Body, Client, Lookup, Payload, ReadZones, WriteZones, ZoneEntry};
use crate::model::{Live, ZoneId};
use reqwest::Method;
use serde_json::Value as Json;

impl ReadZones for Client {
    async fn resolve(&self, wanted: &[Lookup]) -> Vec<Result<ZoneEntry, ApiError>> {
        super::resolve::resolve(self, wanted).await
    }

    async fn get(&self, zone: &ZoneId) -> Result<Live, ApiError> {
        let mut call = Call::get(path(zone), "Bot Management Read");
        call.zone = self.name_of(zone);
        self.read(call, Shape::Envelope, live).await
    }
}

impl WriteZones for Client {
    async fn put(&self, zone: &ZoneId, body: &Body) -> Result<(), ApiError> {
        let mut call = Call::send(Method::PUT, path(zone), "Bot Management Write", body);
        call.zone = self.name_of(zone);
        // What the reply shows is not looked at: only a later GET tells what was taken.
        self.write(call, Shape::Envelope).await
    }
}

fn path(zone: &ZoneId) -> String {
    format!("/zones/{zone}/bot_management")
}

/// An object without any known setting is a failed read: it proves nothing about the zone.
fn live(answer: Answer) -> Result<Live, Payload> {
    let Json::Object(object) = answer.result else { return Err(Payload::Result) };
    let live = Live::read(object);
    if live.is_blank() { Err(Payload::Blank) } else { Ok(live) }
}
