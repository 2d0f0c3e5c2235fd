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
    /// ```
    /// use serde_json::json;
    /// # use botform::api::{Client, Credentials, Options};
    /// # use botform::emulator::{Emulator, World};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let report = json!({"type": "false_positive", "requests": 1200, "created_at": "2026-11-01T00:00:00Z"});
    /// let zone = json!({"name": "shop.example.com", "plan": "business", "feedback": [report]});
    /// let world = World::read(&json!({"zones": [zone]})).map_err(|errors| format!("{errors:?}"))?;
    /// let emulator = Emulator::start(world, ([127, 0, 0, 1], 0).into()).await?;
    /// let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned())?);
    /// options.base_url = emulator.base_url();
    /// options.proxy = false;
    /// let client = Client::new(options)?;
    ///
    /// for zone in client.all_zones(None).await? {
    ///     let reports = client.list_feedback(&zone.id).await?;
    ///     assert_eq!(reports[0].requests(), Some(1200));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
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
    /// ```
    /// use botform::model::Report;
    /// use serde_json::json;
    /// # use botform::api::{Client, Credentials, Options};
    /// # use botform::emulator::{Emulator, World};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let zone = json!({"name": "shop.example.com", "plan": "business"});
    /// let world = World::read(&json!({"zones": [zone]})).map_err(|errors| format!("{errors:?}"))?;
    /// let emulator = Emulator::start(world, ([127, 0, 0, 1], 0).into()).await?;
    /// let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned())?);
    /// options.base_url = emulator.base_url();
    /// options.proxy = false;
    /// let client = Client::new(options)?;
    ///
    /// let report = Report::read(json!({
    ///     "type": "false_positive",
    ///     "description": "Legitimate checkout traffic was blocked as bots",
    ///     "expression": "(http.host eq \"shop.example.com\" and cf.bot_management.score lt 5)",
    ///     "first_request_seen_at": "2025-09-30T08:00:00Z",
    ///     "last_request_seen_at": "2025-09-30T09:00:00Z",
    ///     "requests": 500,
    ///     "requests_by_score": {"1": 200, "2": 300},
    ///     "requests_by_score_src": {"machine_learning": 500},
    ///     "requests_by_attribute": {},
    /// }));
    /// let report = report.ok_or("no object")?;
    /// let zone = client.all_zones(None).await?.remove(0).id;
    /// // The API takes an equal report a second time, so look first.
    /// if !client.list_feedback(&zone).await?.iter().any(|there| there.same_as(&report)) {
    ///     client.submit_feedback(&zone, report.members()).await?;
    /// }
    /// assert!(client.list_feedback(&zone).await?[0].same_as(&report));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
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
