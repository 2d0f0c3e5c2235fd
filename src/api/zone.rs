//! Zones as requests name them and as the API lists them.

use super::Lease;
use crate::model::{AccountId, Diagnostic, DiagnosticKind, Message, ZoneId, ZoneName, clean, short};
use serde::Serialize;

/// The body of a PUT: exactly the members that change.
pub type Body = serde_json::Map<String, serde_json::Value>;

/// A zone to find.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lookup {
    /// The name.
    pub name: ZoneName,
    /// The id that pins the zone's identity.
    pub zone_id: Option<ZoneId>,
    /// The account; needed when two accounts hold the same name.
    pub account_id: Option<AccountId>,
}

impl Lookup {
    /// A zone by its name alone.
    #[must_use]
    pub fn new(name: ZoneName) -> Self {
        Self { name, zone_id: None, account_id: None }
    }
}

/// A zone as the API lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ZoneEntry {
    /// The id.
    pub id: ZoneId,
    /// The name.
    pub name: String,
    /// The id of the account that holds it, if the API reports it.
    pub account_id: Option<AccountId>,
    /// The name of that account; empty if the API does not report it.
    pub account_name: String,
    /// The zone's plan: `free`, `pro`, `business`, `enterprise`, or another value of the API.
    pub legacy_id: Option<String>,
    /// The state of the zone, such as `active` or `pending`.
    pub status: Option<String>,
}

impl ZoneEntry {
    /// A zone with only an id and a name.
    #[must_use]
    pub fn new(id: ZoneId, name: impl Into<String>) -> Self {
        let (name, account_name) = (name.into(), String::new());
        Self { id, name, account_id: None, account_name, legacy_id: None, status: None }
    }
}

/// A zone that the API lists with an invalid name or id. It must not be used in a request: the values are untrusted
/// text, escaped here for printing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
#[non_exhaustive]
pub struct UnusableZone {
    /// The listed name.
    pub name: String,
    /// The listed id.
    pub id: String,
    /// The listed id of the account.
    pub account_id: String,
    /// The first rule that is broken.
    pub why: String,
}

impl UnusableZone {
    /// An entry of a list, and what is wrong with it.
    pub(super) fn new(name: &str, id: &str, account_id: &str, why: String) -> Self {
        let [name, id, account_id] = [name, id, account_id].map(printable);
        Self { name, id, account_id, why }
    }

    pub(super) fn message(&self) -> Message {
        let Self { name, id, account_id: _, why } = self;
        let zone = Message::from("zone ").zone(name).text(" (zone id ").zone_id(id);
        zone.text(") is listed with an invalid name or id: ").foreign(why, Some(name), Some(id))
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "botform leaves this zone alone; check the API address, or ask Cloudflare support about the zone"
    }

    /// The zone as a message.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic::error(self.message()).kind(DiagnosticKind::Identity).hint(self.hint())
    }
}

/// A text of a reply, escaped and shortened for a message.
pub(super) fn printable(text: &str) -> String {
    clean(&short(text)).into_owned()
}

/// The zone that a request is about. The id is enough; with the name, errors and logs name the zone, and with a lease
/// the request uses a place that was reserved for it.
///
/// ```
/// use botform::api::ZoneRef;
/// use botform::model::ZoneId;
///
/// let id = ZoneId::try_from("023e105f4ecef8ad9ca31a8372d0c353".to_owned())?;
/// let zone = ZoneRef::new(&id, "shop.example.com");
/// assert_eq!((zone.id, zone.name), (&id, Some("shop.example.com")));
/// # Ok::<(), botform::model::InvalidName>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ZoneRef<'a> {
    /// The id.
    pub id: &'a ZoneId,
    /// The name, for errors and logs.
    pub name: Option<&'a str>,
    /// The places in the request budget that were reserved.
    pub lease: Option<&'a Lease>,
}

impl<'a> ZoneRef<'a> {
    /// A zone with its name.
    #[must_use]
    pub fn new(id: &'a ZoneId, name: &'a str) -> Self {
        Self { id, name: Some(name), lease: None }
    }

    /// The same zone, with requests that use the places of a lease.
    #[must_use]
    pub fn within(self, lease: &'a Lease) -> Self {
        Self { lease: Some(lease), ..self }
    }
}

impl<'a> From<&'a ZoneId> for ZoneRef<'a> {
    fn from(id: &'a ZoneId) -> Self {
        Self { id, name: None, lease: None }
    }
}

impl<'a> From<&'a ZoneEntry> for ZoneRef<'a> {
    fn from(zone: &'a ZoneEntry) -> Self {
        Self::new(&zone.id, &zone.name)
    }
}
