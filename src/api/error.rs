//! What can go wrong, by family: setting up a client, an exchange with the API, finding a zone. Each has its hint.

use super::budget::LONGEST_THROTTLE;
use super::exchange::{Exchange, ExchangeError, Failure, Payload, Reason, Refusal};
use super::{Cause, ResolveError, UnusableZone};
use crate::model::{Answer, Diagnostic, DiagnosticKind, Message};
use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The longest wait before any other request is retried.
pub(super) const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// What can go wrong between here and Cloudflare; cheap to clone.
///
/// A store of your own builds these too:
///
/// ```
/// use botform::api::{ApiError, Exchange, Method, Refusal};
///
/// let exchange = Exchange::new(Method::Put, "/zones/1/bot_management");
/// let error = ApiError::refused(exchange, Refusal::NotEntitled, "not on this plan");
/// assert_eq!(error.refusal(), Some(Refusal::NotEntitled));
/// assert!(error.is_refusal() && !error.is_ambiguous());
/// assert_eq!(error.to_string(), "PUT /zones/1/bot_management was refused");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The client could not be set up.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A request failed.
    #[error(transparent)]
    Exchange(Arc<ExchangeError>),
    /// The request was not sent because earlier ones failed too often.
    #[error("not sent: {reason}")]
    Stopped {
        /// What failed too often.
        reason: StopReason,
        /// The last failure.
        #[source]
        source: Arc<ExchangeError>,
    },
    /// A zone could not be found.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
}

/// Why a client could not be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The API address is not a URL or not a safe one.
    #[error("`{address}` is not an API address: {rule}")]
    Address {
        /// The address, without the parts that may be secret.
        address: Arc<str>,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// This machine cannot provide an HTTP client.
    #[error("cannot set up the HTTP client")]
    Client {
        /// Why.
        #[source]
        source: Arc<Cause>,
    },
}

/// Why nothing more is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopReason {
    /// Cloudflare refused the credentials five times in a row, and their own endpoint confirmed it.
    Credentials,
    /// Ten requests in a row could not connect.
    NoConnection,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Credentials => "authentication failed too often",
            Self::NoConnection => "too many requests in a row could not connect",
        })
    }
}

impl From<UnusableZone> for ApiError {
    fn from(zone: UnusableZone) -> Self {
        ResolveError::Unusable(Arc::new(zone)).into()
    }
}

impl From<ExchangeError> for ApiError {
    fn from(error: ExchangeError) -> Self {
        Self::Exchange(Arc::new(error))
    }
}

impl ApiError {
    /// A request that was refused, with the reason in words.
    #[must_use]
    pub fn refused(exchange: Exchange, refusal: Refusal, text: impl Into<String>) -> Self {
        let reason = Reason::Refused { refusal, code: None };
        ExchangeError { exchange, reason, cause: Some(Cause::new(text)) }.into()
    }

    /// A request that was refused because too many were sent.
    #[must_use]
    pub fn throttled(mut exchange: Exchange, retry_after: Option<Duration>) -> Self {
        exchange.retry_after = retry_after;
        let reason = Reason::Refused { refusal: Refusal::Throttled, code: None };
        ExchangeError { exchange, reason, cause: None }.into()
    }

    /// A request without a complete reply, with the cause in words.
    #[must_use]
    pub fn transport(exchange: Exchange, failure: Failure, text: impl Into<String>) -> Self {
        let reason = Reason::Transport(failure);
        ExchangeError { exchange, reason, cause: Some(Cause::new(text)) }.into()
    }

    /// A request whose reply has a good status but cannot be read.
    #[must_use]
    pub fn payload(exchange: Exchange, payload: Payload) -> Self {
        ExchangeError { exchange, reason: Reason::Payload(payload), cause: None }.into()
    }

    fn failed(&self) -> Option<&ExchangeError> {
        match self {
            Self::Exchange(error) => Some(error),
            Self::Setup(_) | Self::Stopped { .. } | Self::Resolve(_) => None,
        }
    }

    /// The request and the reply, if a request was made.
    #[must_use]
    pub fn exchange(&self) -> Option<&Exchange> {
        self.failed().map(|error| &error.exchange)
    }

    /// How the request failed, if a request was made.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.failed().map(|error| error.reason)
    }

    /// The kind of refusal, if Cloudflare refused the request.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self.failed()?.reason {
            Reason::Refused { refusal, .. } => Some(refusal),
            Reason::Transport(_) | Reason::Payload(_) => None,
        }
    }

    /// Whether a PUT or POST may have taken effect anyway; only reading back shows it. Always false for a GET.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.failed().is_some_and(ExchangeError::is_ambiguous)
    }

    /// Whether a request was sent: without a readable reply its effect is unknown.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        self.failed().is_some_and(
            |error| !matches!(error.reason, Reason::Transport(failure) if failure.is_before_sending()),
        )
    }

    /// Whether Cloudflare refused it because of the request rate.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.refusal() == Some(Refusal::Throttled)
    }

    /// Whether the credentials were rejected; a zone outside the token's resources does not count.
    #[must_use]
    pub fn is_auth_failure(&self) -> bool {
        self.failed().is_some_and(ExchangeError::is_auth_failure)
    }

    /// Whether it was not sent because earlier requests failed too often.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self, Self::Stopped { .. })
    }

    /// Whether Cloudflare refused it for good: the same request would get the same answer.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        self.refusal().is_some_and(Refusal::is_final)
    }

    /// Whether there is no such zone, as far as the credentials can see.
    #[must_use]
    pub(crate) fn is_absence(&self) -> bool {
        matches!(self, Self::Resolve(ResolveError::NotFound { .. }))
            || self.refusal() == Some(Refusal::NoSuchObject)
    }

    /// Whether it only says that these credentials do not see the zone; others may.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.is_absence() || self.refusal() == Some(Refusal::Resource)
    }

    /// Whether a pinned zone id belongs to a zone of another name.
    #[must_use]
    pub fn is_identity_mismatch(&self) -> bool {
        matches!(self, Self::Resolve(ResolveError::IdMismatch { .. }))
    }

    /// How long Cloudflare asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.exchange().and_then(|exchange| exchange.retry_after)
    }

    /// How long to wait before resending the request: `own`, or as long as Cloudflare asks, up to 60 s (320 s if it
    /// throttles).
    #[must_use]
    pub fn retry_pause(&self, own: Duration) -> Duration {
        let longest = if self.is_throttled() { LONGEST_THROTTLE } else { LONGEST_RETRY_AFTER };
        own.max(self.retry_after().unwrap_or_default().min(longest))
    }

    /// Cloudflare's error code.
    #[must_use]
    pub fn code(&self) -> Option<i64> {
        match self.failed()?.reason {
            Reason::Refused { code, .. } => code,
            Reason::Transport(_) | Reason::Payload(_) => None,
        }
    }

    /// The HTTP status of the reply.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.exchange().and_then(|exchange| exchange.status)
    }

    /// The `CF-Ray` header of the reply, for Cloudflare support.
    #[must_use]
    pub fn cf_ray(&self) -> Option<&str> {
        self.exchange().and_then(|exchange| exchange.cf_ray.as_deref())
    }

    /// What went wrong, without its causes.
    fn message(&self) -> Message {
        match self {
            Self::Exchange(error) => error.message(),
            Self::Resolve(error) => error.message(),
            Self::Setup(_) | Self::Stopped { .. } => self.to_string().into(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<Message> {
        match self {
            Self::Setup(error) => Some(error.hint().into()),
            Self::Exchange(error) => error.hint(),
            Self::Stopped { reason: StopReason::Credentials | StopReason::NoConnection, source } => {
                source.hint()
            }
            Self::Resolve(error) => Some(error.hint()),
        }
    }

    /// The error with all its causes, codes and hint, as a message about a zone.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let exchange = self.exchange();
        let (name, id) =
            (exchange.and_then(|about| about.zone.as_deref()), exchange.and_then(Exchange::zone_id));
        let mut message = self.message();
        let mut next = self.source();
        while let Some(cause) = next {
            message = message.text(": ").foreign(&cause.to_string(), name, id);
            next = cause.source();
        }
        let cf_ray = self.cf_ray().map(str::to_owned);
        let answer = Answer { code: self.code(), http_status: self.http_status(), cf_ray };
        Diagnostic::error(message)
            .kind(self.kind())
            .answer(answer)
            .maybe_hint(self.hint())
            .caused_by(Arc::new(self.clone()))
    }

    /// The kind of diagnostic that reports the error.
    fn kind(&self) -> DiagnosticKind {
        match (self, self.reason()) {
            (Self::Resolve(_), _) => DiagnosticKind::Identity,
            (Self::Stopped { reason: StopReason::Credentials, .. }, _) => DiagnosticKind::Credentials,
            (_, Some(Reason::Transport(_))) | (Self::Stopped { .. }, _) => DiagnosticKind::Connection,
            (_, Some(Reason::Refused { refusal, .. })) => refusal.kind(),
            _ => DiagnosticKind::Other,
        }
    }
}

impl SetupError {
    fn hint(&self) -> &'static str {
        match self {
            Self::Address { .. } => "an API address looks like `https://api.cloudflare.com/client/v4`",
            Self::Client { .. } => "check the certificates and the proxy settings of this machine",
        }
    }
}
