//! What can go wrong, each with its subject; the way out is in `hint`, what to make of it in `diagnose`.

use super::{Cause, ZoneEntry};
use crate::model::{ZoneId, ZoneName};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What was asked and what came back of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// The method.
    pub method: &'static str,
    /// The path below the API's address.
    pub path: String,
    /// The name of the zone, where it is known.
    pub zone: Option<String>,
    /// The permission that the request needs.
    pub permission: &'static str,
    /// How often it was sent.
    pub attempts: u32,
    /// The HTTP status of the last reply.
    pub status: Option<u16>,
    /// The `CF-Ray` header of the last reply.
    pub cf_ray: Option<String>,
    /// The `Retry-After` header of the last reply.
    pub retry_after: Option<Duration>,
    /// Whether the last reply was a web page.
    pub html: bool,
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, zone, attempts, .. } = self;
        write!(f, "{method} {path}")?;
        match (zone, attempts) {
            (None, 0 | 1) => Ok(()),
            (None, _) => write!(f, " ({attempts} attempts)"),
            (Some(zone), 0 | 1) => write!(f, " (zone {zone})"),
            (Some(zone), _) => write!(f, " (zone {zone}, {attempts} attempts)"),
        }
    }
}

/// Why no whole reply came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The host's name has no address; nothing was sent.
    Dns,
    /// There is no secure connection to be had; nothing was sent.
    Tls,
    /// There is no connection to be had; nothing was sent.
    Connect,
    /// Connecting took too long; nothing was sent.
    ConnectTimeout,
    /// The reply took too long.
    Timeout,
    /// The connection ended before a reply.
    NoReply,
    /// The connection ended amid the reply.
    Cut,
    /// The reply is larger than any the API gives.
    TooLarge,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "found no address of the host",
            Self::Tls => "got no secure connection",
            Self::Connect => "got no connection",
            Self::ConnectTimeout => "timed out while connecting",
            Self::Timeout => "timed out",
            Self::NoReply => "got no reply",
            Self::Cut => "got a reply that breaks off",
            Self::TooLarge => "got a reply of more than 64 MiB",
        })
    }
}

/// Why Cloudflare did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The token is wrong, or lacks the permission.
    Permission,
    /// The zone or account is not among the token's resources.
    Resource,
    /// The authentication headers are missing, malformed or of no valid token.
    Credentials,
    /// Authentication failed too often.
    LockedOut,
    /// Too many requests.
    Throttled,
    /// There is no such zone, account or path.
    NoSuchObject,
    /// The path does not know the method.
    Method,
    /// The request itself is refused.
    Rejected,
    /// Something else was going on with the object.
    Conflict,
    /// Trouble on Cloudflare's side.
    Server,
    /// The address answers with a redirect, which is never followed.
    Redirect,
    /// Status 200 with `success: false`.
    Unsuccessful,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Throttled => "was throttled",
            Self::Server => "failed",
            Self::Redirect => "was redirected",
            Self::Unsuccessful => "was answered with `success: false`",
            Self::Permission
            | Self::Resource
            | Self::Credentials
            | Self::LockedOut
            | Self::NoSuchObject
            | Self::Method
            | Self::Rejected
            | Self::Conflict => "was refused",
        })
    }
}

/// Why a reply with a good status is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// It is empty.
    Empty,
    /// It is a web page.
    Html,
    /// It is no JSON, or breaks off.
    NotJson,
    /// It is JSON without the API's envelope.
    NoEnvelope,
    /// The result is missing, or of another shape than documented.
    Result,
    /// The object holds no bot setting at all.
    Blank,
    /// One full page after the other holds only rows that were seen already.
    Repeats,
}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty reply",
            Self::Html => "a web page instead of JSON",
            Self::NotJson => "a reply that is not JSON, or breaks off",
            Self::NoEnvelope => "JSON without the envelope of the API",
            Self::Result => "a result that is missing or of an unknown shape",
            Self::Blank => "an object without any bot setting",
            Self::Repeats => "the same rows page after page",
        })
    }
}

/// What can go wrong between here and Cloudflare; cheap to clone.
///
/// ```
/// use botform::api::{ApiError, Client, Credentials, Options};
///
/// let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned())?);
/// options.base_url = "http://api.example.com".to_owned();
/// let error: ApiError = Client::new(options).unwrap_err();
/// assert!(error.to_string().ends_with("only `https://` is allowed, except for this machine"));
/// assert!(error.hint().is_some() && !error.is_ambiguous());
/// # Ok::<(), botform::api::CredentialError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The address of the API is none, or not a safe one.
    #[error("`{address}` is not an API address: {rule}")]
    Address {
        /// The address, without what may be secret in it.
        address: Arc<str>,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// There is no HTTP client to be had on this machine.
    #[error("the HTTP client cannot be set up")]
    Setup {
        /// Why.
        #[source]
        source: Arc<Cause>,
    },
    /// No whole reply came.
    #[error("{exchange} {failure}")]
    Transport {
        /// What was asked.
        exchange: Arc<Exchange>,
        /// How it failed.
        failure: Failure,
        /// Why.
        #[source]
        source: Arc<Cause>,
    },
    /// Cloudflare did not do what was asked.
    #[error("{exchange} {refusal} with status {}", exchange.status.unwrap_or_default())]
    Refused {
        /// What was asked, and the reply.
        exchange: Arc<Exchange>,
        /// The kind of refusal.
        refusal: Refusal,
        /// Cloudflare's error code.
        code: Option<i64>,
        /// Cloudflare's text: all errors of the reply, and what stands behind them.
        #[source]
        source: Arc<Cause>,
    },
    /// The reply has a good status and cannot be read.
    #[error("{exchange} got {payload}")]
    Payload {
        /// What was asked, and the reply.
        exchange: Arc<Exchange>,
        /// What is wrong with it.
        payload: Payload,
    },
    /// Too many authentication failures in a row: nothing more is sent.
    #[error("not sent: authentication failed too often")]
    Stopped {
        /// The last failure.
        #[source]
        source: Arc<Self>,
    },
    /// The token sees no zone of that name.
    #[error("zone {name} was not found")]
    ZoneNotFound {
        /// The name.
        name: ZoneName,
        /// A zone that the token does see, with a name much like it.
        similar: Option<String>,
    },
    /// Several accounts hold a zone of that name.
    #[error("zone {name} was found {} times: {}", zones.len(), accounts(zones))]
    ZoneAmbiguous {
        /// The name.
        name: ZoneName,
        /// The zones, by account id.
        zones: Arc<[ZoneEntry]>,
    },
    /// The zone with the pinned id has another name.
    #[error("zone id {id} is not {wanted} but {actual}")]
    ZoneIdMismatch {
        /// The pinned id.
        id: ZoneId,
        /// The name in the file.
        wanted: ZoneName,
        /// The name at Cloudflare.
        actual: String,
    },
}

fn accounts(zones: &[ZoneEntry]) -> String {
    let named = |zone: &ZoneEntry| {
        format!("in account `{}` ({}, zone id {})", zone.account_name, zone.account_id, zone.id)
    };
    zones.iter().map(named).collect::<Vec<_>>().join(", ")
}
