//! The errors of a request: what was sent, what came back, and what it means.

use super::Cause;
use crate::model::{DiagnosticKind, Message, Part, Rate};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Method {
    /// It reads.
    Get,
    /// It changes an object.
    Put,
    /// It adds an object.
    Post,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
        })
    }
}

/// A request and the reply to its last attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Exchange {
    /// The method.
    pub method: Method,
    /// The path below the API's address.
    pub path: String,
    /// The name of the zone, if the caller knows it.
    pub zone: Option<String>,
    /// The permission that the request needs, if known.
    pub permission: Option<&'static str>,
    /// The rate limit that the request kept to, if any.
    pub rate: Option<Rate>,
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
    /// Whether the credentials are a token of an account.
    #[serde(skip)]
    pub(crate) account_token: bool,
    /// What messages call the credentials, if a run has several.
    #[serde(skip)]
    pub(crate) credential: Option<Arc<str>>,
}

impl Exchange {
    /// A request without a reply.
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            zone: None,
            permission: None,
            rate: None,
            attempts: 1,
            status: None,
            cf_ray: None,
            retry_after: None,
            html: false,
            account_token: false,
            credential: None,
        }
    }
}

impl Exchange {
    /// The id of the zone in the path, if the request is about one.
    pub(super) fn zone_id(&self) -> Option<&str> {
        self.path.strip_prefix("/zones/")?.split(['/', '?']).next().filter(|id| !id.is_empty())
    }

    fn message(&self) -> Message {
        let Self { method, path, zone, attempts, .. } = self;
        let said = Message::from(format!("{method} ")).foreign(path, None, self.zone_id());
        match (zone, *attempts) {
            (None, 0 | 1) => said,
            (None, attempts) => said.text(" (").with(Part::Attempts(attempts)).text(")"),
            (Some(zone), 0 | 1) => said.text(" (zone ").zone(zone).text(")"),
            (Some(zone), attempts) => {
                said.text(" (zone ").zone(zone).text(", ").with(Part::Attempts(attempts)).text(")")
            }
        }
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)
    }
}

/// Why no complete reply came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Failure {
    /// The host name did not resolve; nothing was sent.
    Dns,
    /// No secure connection could be made; nothing was sent.
    Tls,
    /// No connection could be made; nothing was sent.
    Connect,
    /// Connecting took too long; nothing was sent.
    ConnectTimeout,
    /// The process has reached its limit of open files; nothing was sent.
    TooManyFiles,
    /// The reply took too long.
    Timeout,
    /// The connection ended before a reply.
    NoReply,
    /// The connection ended in the middle of the reply.
    Cut,
    /// The reply is larger than any reply of the API to this request.
    TooLarge,
}

impl Failure {
    /// Whether no connection was made, so that nothing was sent.
    #[must_use]
    pub fn is_before_sending(self) -> bool {
        match self {
            Self::Dns | Self::Tls | Self::Connect | Self::ConnectTimeout | Self::TooManyFiles => true,
            Self::Timeout | Self::NoReply | Self::Cut | Self::TooLarge => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "could not resolve the host",
            Self::Tls => "could not establish a secure connection",
            Self::Connect => "could not connect",
            Self::ConnectTimeout => "timed out while connecting",
            Self::TooManyFiles => "could not connect: too many files are open",
            Self::Timeout => "timed out",
            Self::NoReply => "got no reply",
            Self::Cut => "got a truncated reply",
            Self::TooLarge => "got a reply that is too large",
        })
    }
}

/// Why Cloudflare refused a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The token lacks the permission, or is wrong: Cloudflare's code 10000 does not say which.
    Permission,
    /// The zone or account is not among the token's resources.
    Resource,
    /// The token is wrong, or the authentication headers are missing or malformed.
    WrongToken,
    /// Authentication failed too often.
    LockedOut,
    /// The zone's plan does not include the setting or feature.
    NotEntitled,
    /// Too many requests.
    Throttled,
    /// The zone, account or path does not exist.
    NoSuchObject,
    /// The path does not support the method.
    Method,
    /// The request itself is invalid.
    Rejected,
    /// Something else was changing the object.
    Conflict,
    /// A problem on Cloudflare's side.
    Server,
    /// The address answers with a redirect, which is never followed.
    Redirect,
    /// Status 200 with `success: false`.
    Unsuccessful,
}

impl Refusal {
    /// The kind of diagnostic that reports it.
    pub(super) fn kind(self) -> DiagnosticKind {
        match self {
            Self::NotEntitled => DiagnosticKind::NotEntitled,
            Self::WrongToken | Self::LockedOut => DiagnosticKind::Credentials,
            Self::Permission | Self::Resource => DiagnosticKind::Permission,
            Self::Throttled => DiagnosticKind::Throttled,
            Self::NoSuchObject => DiagnosticKind::Identity,
            Self::Method
            | Self::Rejected
            | Self::Conflict
            | Self::Server
            | Self::Redirect
            | Self::Unsuccessful => DiagnosticKind::Other,
        }
    }

    /// Whether the same request would get the same answer; the others may succeed a moment later.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Throttled | Self::Conflict | Self::Server | Self::Unsuccessful => false,
            Self::Permission
            | Self::Resource
            | Self::WrongToken
            | Self::LockedOut
            | Self::NotEntitled
            | Self::NoSuchObject
            | Self::Method
            | Self::Rejected
            | Self::Redirect => true,
        }
    }
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
            | Self::WrongToken
            | Self::LockedOut
            | Self::NotEntitled
            | Self::NoSuchObject
            | Self::Method
            | Self::Rejected
            | Self::Conflict => "was refused",
        })
    }
}

/// What is wrong with a reply of status 2xx.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Payload {
    /// It is empty.
    Empty,
    /// It is a web page.
    Html,
    /// It is truncated or not JSON.
    NotJson,
    /// It is JSON without the API's envelope.
    NoEnvelope,
    /// The result is missing, or has an unknown shape.
    Result,
    /// The object holds no known bot setting.
    Blank,
    /// Page after page repeats rows of earlier pages.
    Repeats,
    /// The list reports a larger total than it has rows.
    Incomplete,
}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty reply",
            Self::Html => "a web page instead of JSON",
            Self::NotJson => "a reply that is truncated or not JSON",
            Self::NoEnvelope => "JSON without the envelope of the API",
            Self::Result => "a result that is missing or of an unknown shape",
            Self::Blank => "an object without any bot setting",
            Self::Repeats => "the same rows page after page",
            Self::Incomplete => "a list that is shorter than its own total",
        })
    }
}

/// How a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// No complete reply came.
    Transport(Failure),
    /// Cloudflare refused the request.
    Refused {
        /// The kind of refusal.
        refusal: Refusal,
        /// Cloudflare's error code.
        code: Option<i64>,
    },
    /// The reply has status 2xx but cannot be read.
    Payload(Payload),
}

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
#[non_exhaustive]
pub struct ExchangeError {
    /// The request, and the reply to it.
    pub exchange: Exchange,
    /// How it failed.
    pub reason: Reason,
    /// The error text of Cloudflare or of the operating system, with its own causes.
    #[source]
    pub(crate) cause: Option<Cause>,
}

impl ExchangeError {
    /// What failed, without its cause.
    pub(super) fn message(&self) -> Message {
        let Self { exchange, reason, cause: _ } = self;
        exchange.message().text(match (reason, exchange.status) {
            (Reason::Transport(failure), _) => format!(" {failure}"),
            (Reason::Payload(payload), _) => format!(" got {payload}"),
            (Reason::Refused { refusal, .. }, None) => format!(" {refusal}"),
            (Reason::Refused { refusal, .. }, Some(status)) => format!(" {refusal} with status {status}"),
        })
    }

    /// Whether the request may have taken effect anyway; only reading back shows it. Always false for a GET.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        let is_open = match self.reason {
            Reason::Transport(failure) => !failure.is_before_sending(),
            // A 4xx other than 408 is definite, whatever its body says; a redirect may follow a write that took effect.
            Reason::Refused { refusal, .. } => match self.exchange.status {
                Some(status) => status == 408 || !(400..500).contains(&status),
                None => !refusal.is_final() && refusal != Refusal::Throttled,
            },
            Reason::Payload(_) => true,
        };
        is_open && self.exchange.method != Method::Get
    }

    /// Whether the same request may succeed a moment later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self.reason {
            Reason::Transport(failure) => !matches!(failure, Failure::Tls | Failure::TooLarge),
            Reason::Refused { refusal, .. } => !refusal.is_final(),
            Reason::Payload(_) => true,
        }
    }

    /// Whether the credentials were rejected; a zone outside the token's resources does not count.
    #[must_use]
    pub fn is_auth_failure(&self) -> bool {
        match self.reason {
            Reason::Refused { refusal: Refusal::WrongToken | Refusal::LockedOut, .. } => true,
            // A 403 without an error code of Cloudflare comes from a proxy or firewall in between.
            Reason::Refused { refusal: Refusal::Permission, code } => code.is_some(),
            _ => false,
        }
    }
}
