//! What the rest of the program may do with zones: reading and writing are two traits, so that a plan cannot write.

use super::ApiError;
use crate::model::{AccountId, Live, Report, ZoneId, ZoneName};
use std::future::Future;

/// The body of a PUT: exactly the members that are to change.
pub type Body = serde_json::Map<String, serde_json::Value>;

/// A zone that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The name.
    pub name: ZoneName,
    /// The id that pins the zone's identity.
    pub zone_id: Option<ZoneId>,
    /// The account, where two hold the same name.
    pub account_id: Option<AccountId>,
}

/// A zone as the API lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneEntry {
    /// The id.
    pub id: ZoneId,
    /// The name.
    pub name: String,
    /// The id of the account that holds it; empty if the API did not say.
    pub account_id: String,
    /// The name of that account; empty if the API did not say.
    pub account_name: String,
    /// The zone's plan: `free`, `pro`, `business`, `enterprise`, or what else the API says.
    pub legacy_id: Option<String>,
    /// The state of the zone, such as `active` or `pending`.
    pub status: Option<String>,
}

/// Reading zones: all that a plan needs.
pub trait ReadZones {
    /// Finds the zones; the results are in the order of `wanted`.
    fn resolve(&self, wanted: &[Lookup]) -> impl Future<Output = Vec<Result<ZoneEntry, ApiError>>> + Send;

    /// Reads the live bot settings of a zone.
    fn get(&self, zone: &ZoneId) -> impl Future<Output = Result<Live, ApiError>> + Send;
}

/// Writing zones: what apply needs besides.
///
/// ```no_run
/// use botform::api::{ApiError, Body, ReadZones, WriteZones};
/// use botform::model::{Live, ZoneId};
///
/// async fn block_ai(api: &impl WriteZones, zone: &ZoneId) -> Result<Live, ApiError> {
///     let body = Body::from_iter([("ai_bots_protection".to_owned(), "block".into())]);
///     match api.put(zone, &body).await {
///         Err(error) if !error.is_ambiguous() => Err(error),
///         _ => api.get(zone).await,
///     }
/// }
/// ```
pub trait WriteZones: ReadZones {
    /// Sends the members of `body`, once; an [`ApiError`] that [is ambiguous](ApiError::is_ambiguous)
    /// may have been taken nevertheless, and a success is proved only by reading back.
    fn put(&self, zone: &ZoneId, body: &Body) -> impl Future<Output = Result<(), ApiError>> + Send;
}

/// Listing feedback reports.
pub trait ReadFeedback {
    /// All feedback reports of a zone.
    fn list_feedback(&self, zone: &ZoneId) -> impl Future<Output = Result<Vec<Report>, ApiError>> + Send;
}

/// Sending feedback reports, which nobody can take back.
pub trait WriteFeedback: ReadFeedback {
    /// Sends a report, once; an [`ApiError`] that [is ambiguous](ApiError::is_ambiguous) may have been taken
    /// nevertheless, and only the list can tell.
    fn submit_feedback(
        &self,
        zone: &ZoneId,
        report: &Report,
    ) -> impl Future<Output = Result<(), ApiError>> + Send;
}
