//! What the rest of the program may do with the API: reading and writing are traits of their own, so that a plan cannot
//! write. Any store can implement them; a reference and an `Arc` of a store are stores too.
//!
//! All futures are cancel-safe: dropping one that reads, or waits for the budget, has no effect. A write that is
//! dropped after it was sent may have been done: read back.

use super::{ApiError, Body, Lease, Lookup, ZoneEntry, ZoneRef};
use crate::model::{FeedbackReport, Live, NewReport, ZoneId};
use std::future::Future;
use std::ops::Deref;
use std::time::Instant;

/// Reads zones: everything that a plan needs.
pub trait ReadZones {
    /// The API address that plans record: a plan made for another address is refused. `None` if the store accepts
    /// any plan.
    fn address(&self) -> Option<&str>;

    /// When the state was read, if the store is a saved copy: a plan from it can be reviewed but never applied.
    /// `None` if the store shows the live state.
    fn taken_at(&self) -> Option<jiff::Timestamp> {
        None
    }

    /// Finds the zones; the results are in the order of `wanted`.
    fn resolve(&self, wanted: &[Lookup]) -> impl Future<Output = Vec<Result<ZoneEntry, ApiError>>> + Send;

    /// Reads the live bot settings of a zone.
    fn get<'a>(
        &self,
        zone: impl Into<ZoneRef<'a>> + Send,
    ) -> impl Future<Output = Result<Live, ApiError>> + Send;

    /// Reserves a place for one GET of a zone in the request budget, and waits for it until `until` at the latest.
    /// Returns `None` at once if none can be free by then. A store without a budget keeps the default, which never
    /// waits.
    fn place_until(&self, zone: &ZoneId, until: Instant) -> impl Future<Output = Option<Lease>> + Send {
        let _ = (zone, until);
        std::future::ready(Some(Lease::free()))
    }

    /// The lane of a zone that was found: requests about zones of one lane share a request budget, and those of another
    /// lane do not wait for it. A store with one budget, or none, keeps the default.
    fn lane(&self, zone: &ZoneId) -> usize {
        let _ = zone;
        0
    }
}

/// Writes zones: what an apply needs in addition.
///
/// ```no_run
/// use botform::api::{ApiError, Body, ReadZones, WriteZones, ZoneRef};
/// use botform::model::{Live, ZoneId};
///
/// async fn block_ai(api: &impl WriteZones, zone: &ZoneId) -> Result<Live, ApiError> {
///     let lease = api.transaction(zone, 1).await;
///     let zone = ZoneRef::from(zone).within(&lease);
///     let body = Body::from_iter([("ai_bots_protection".to_owned(), "block".into())]);
///     match api.put(zone, &body).await {
///         Err(error) if !error.is_ambiguous() => Err(error),
///         _ => api.get(zone).await,
///     }
/// }
/// ```
pub trait WriteZones: ReadZones {
    /// Sends the members of `body`, once. After an [ambiguous](ApiError::is_ambiguous) error the
    /// change may still have taken effect; only reading back proves success.
    fn put<'a>(
        &self,
        zone: impl Into<ZoneRef<'a>> + Send,
        body: &Body,
    ) -> impl Future<Output = Result<(), ApiError>> + Send;

    /// Waits until the request budget has room for a GET and so many times PUT, GET, and reserves all of them at once;
    /// dropping the lease returns the unused ones. A store without a budget keeps the default, which never waits.
    fn transaction<'a>(
        &self,
        zone: impl Into<ZoneRef<'a>> + Send,
        writes: usize,
    ) -> impl Future<Output = Lease> + Send {
        let _ = (zone, writes);
        std::future::ready(Lease::free())
    }
}

/// Lists feedback reports.
pub trait ReadFeedback {
    /// All feedback reports of a zone.
    fn list_feedback<'a>(
        &self,
        zone: impl Into<ZoneRef<'a>> + Send,
    ) -> impl Future<Output = Result<Vec<FeedbackReport>, ApiError>> + Send;
}

/// Sends feedback reports, which cannot be taken back.
///
/// ```
/// use botform::api::{ReadFeedback, WriteFeedback};
/// use botform::model::NewReport;
/// use serde_json::json;
/// # use botform::api::{Client, Credentials, Options};
/// # use botform::emulator::{Emulator, World};
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let zone = json!({"name": "shop.example.com", "plan": "business"});
/// let world = World::read(&json!({"zones": [zone]})).map_err(|errors| format!("{errors:?}"))?;
/// let emulator = Emulator::start(world, ([127, 0, 0, 1], 0).into()).await?;
/// let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned())?);
/// options.base_url = emulator.base_url();
/// let client = Client::new(options)?;
///
/// let report = NewReport::check(json!({
///     "type": "false_positive",
///     "description": "Legitimate checkout traffic was blocked as bots",
///     "expression": "(http.host eq \"shop.example.com\" and cf.bot_management.score lt 5)",
///     "first_request_seen_at": "2025-09-30T08:00:00Z",
///     "last_request_seen_at": "2025-09-30T09:00:00Z",
///     "requests": 500,
///     "requests_by_score": {"1": 200, "2": 300},
///     "requests_by_score_src": {"machine_learning": 500},
///     "requests_by_attribute": {},
/// }))?;
/// let zone = client.all_zones(None).await?.remove(0);
/// // The API stores an equal report a second time, so look first.
/// if !client.list_feedback(&zone).await?.iter().any(|there| there.same_as(&report)) {
///     client.submit_feedback(&zone, &report).await?;
/// }
/// assert!(client.list_feedback(&zone).await?[0].same_as(&report));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait WriteFeedback: ReadFeedback {
    /// Sends a report, once. After an [ambiguous](ApiError::is_ambiguous) error Cloudflare may still have stored it:
    /// list the reports first, and never resend it unless the list settles the question.
    fn submit_feedback<'a>(
        &self,
        zone: impl Into<ZoneRef<'a>> + Send,
        report: &NewReport,
    ) -> impl Future<Output = Result<(), ApiError>> + Send;

    /// Waits until the request budget has room for one POST and reserves it; dropping the lease returns it.
    fn reserve<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send) -> impl Future<Output = Lease> + Send {
        let _ = zone;
        std::future::ready(Lease::free())
    }
}

impl<P> ReadZones for P
where
    P: Deref + Send + Sync,
    P::Target: ReadZones + Sync,
{
    fn address(&self) -> Option<&str> {
        (**self).address()
    }

    async fn resolve(&self, wanted: &[Lookup]) -> Vec<Result<ZoneEntry, ApiError>> {
        (**self).resolve(wanted).await
    }

    async fn get<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send) -> Result<Live, ApiError> {
        (**self).get(zone).await
    }

    async fn place_until(&self, zone: &ZoneId, until: Instant) -> Option<Lease> {
        (**self).place_until(zone, until).await
    }

    fn lane(&self, zone: &ZoneId) -> usize {
        (**self).lane(zone)
    }
}

impl<P> WriteZones for P
where
    P: Deref + Send + Sync,
    P::Target: WriteZones + Sync,
{
    async fn put<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send, body: &Body) -> Result<(), ApiError> {
        (**self).put(zone, body).await
    }

    async fn transaction<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send, writes: usize) -> Lease {
        (**self).transaction(zone, writes).await
    }
}

impl<P> ReadFeedback for P
where
    P: Deref + Send + Sync,
    P::Target: ReadFeedback + Sync,
{
    async fn list_feedback<'a>(
        &self,
        zone: impl Into<ZoneRef<'a>> + Send,
    ) -> Result<Vec<FeedbackReport>, ApiError> {
        (**self).list_feedback(zone).await
    }
}

impl<P> WriteFeedback for P
where
    P: Deref + Send + Sync,
    P::Target: WriteFeedback + Sync,
{
    async fn submit_feedback<'a>(
        &self,
        zone: impl Into<ZoneRef<'a>> + Send,
        report: &NewReport,
    ) -> Result<(), ApiError> {
        (**self).submit_feedback(zone, report).await
    }

    async fn reserve<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send) -> Lease {
        (**self).reserve(zone).await
    }
}
