//! `GET` and `POST /zones/{zone_id}/bot_management/feedback`: reports of traffic that was misjudged.
//! Reports have no id and cannot be taken back, so a POST is sent once and the list tells what became of it.

use super::client::list;
use super::envelope::{Answer, Shape};
use super::http::Call;
use super::{ApiError, Body, Client, Payload};
use crate::model::{Report, ZoneId};
use reqwest::Method;

impl Client {
    /// All feedback reports of a zone; the list may come bare, in an envelope, or as null.
    ///
    /// ```no_run
    /// # async fn example(client: botform::api::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let zone = botform::model::ZoneId::try_from("023e105f4ecef8ad9ca31a8372d0c353".to_owned())?;
    /// for report in client.list_feedback(&zone).await? {
    ///     println!("{}", report.description().unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The list cannot be had, or holds something else than reports.
    pub async fn list_feedback(&self, zone: &ZoneId) -> Result<Vec<Report>, ApiError> {
        let mut call = Call::get(path(zone), "Bot Management Feedback Report Read");
        call.zone = self.name_of(zone);
        self.read(call, Shape::Bare, reports).await
    }

    /// Sends a report, once. After an error that [is ambiguous](ApiError::is_ambiguous), list before sending again.
    ///
    /// ```no_run
    /// # async fn example(client: botform::api::Client, report: botform::model::Report)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let zone = botform::model::ZoneId::try_from("023e105f4ecef8ad9ca31a8372d0c353".to_owned())?;
    /// if !client.list_feedback(&zone).await?.iter().any(|there| there.same_as(&report)) {
    ///     client.submit_feedback(&zone, report.members()).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The report was refused, or it is not certain that it was taken.
    pub async fn submit_feedback(&self, zone: &ZoneId, report: &Body) -> Result<(), ApiError> {
        let mut call = Call::send(Method::POST, path(zone), "Bot Management Feedback Report Write", report);
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
