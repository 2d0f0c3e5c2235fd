//! `GET` and `POST /zones/{zone_id}/bot_management/feedback`: reports of traffic that was misjudged.
//! Reports have no id and cannot be taken back, so a POST is sent once and the list tells what became of it.

use super::client::list;
use super::envelope::{Answer, Shape};
use super::http::Call;
use super::{ApiError, Client, Payload, ReadFeedback, WriteFeedback};
use crate::model::{Report, ZoneId};
use reqwest::Method;

impl ReadFeedback for Client {
    async fn list_feedback(&self, zone: &ZoneId) -> Result<Vec<Report>, ApiError> {
        let mut call = Call::get(path(zone), "Bot Management Feedback Report Read");
        call.zone = self.name_of(zone);
        self.read(call, Shape::Bare, reports).await
    }
}

impl WriteFeedback for Client {
    async fn submit_feedback(&self, zone: &ZoneId, report: &Report) -> Result<(), ApiError> {
        let permission = "Bot Management Feedback Report Write";
        let mut call = Call::send(Method::POST, path(zone), permission, report.members());
        call.zone = self.name_of(zone);
        self.write(call, Shape::Optional).await
    }
}

fn path(zone: &ZoneId) -> String {
    format!("/zones/{zone}/bot_management/feedback")
}

fn reports(answer: Answer) -> Result<Vec<Report>, Payload> {
    // A report that cannot be read would look like one that is not there.
    list(answer.result, true)?.into_iter().map(|item| Report::read(item).ok_or(Payload::Result)).collect()
}
