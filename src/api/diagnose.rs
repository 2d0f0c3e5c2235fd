//! What to make of an error: whether the request may have been taken, whose fault it is, how to report it.

use super::{ApiError, Exchange, Failure, Refusal};
use crate::model::{Answer, Diagnostic};
use std::error::Error as _;
use std::time::Duration;

impl ApiError {
    /// What was asked and answered, if it came to that.
    #[must_use]
    pub fn exchange(&self) -> Option<&Exchange> {
        match self {
            Self::Transport { exchange, .. }
            | Self::Refused { exchange, .. }
            | Self::Payload { exchange, .. } => Some(exchange),
            Self::Address { .. }
            | Self::Setup { .. }
            | Self::Stopped { .. }
            | Self::ZoneNotFound { .. }
            | Self::ZoneAmbiguous { .. }
            | Self::ZoneIdMismatch { .. } => None,
        }
    }

    /// Whether a PUT or POST may have been taken nevertheless; only reading back tells. Never so of a GET.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.exchange().is_some_and(|exchange| exchange.method != "GET") && self.leaves_doubt()
    }

    fn leaves_doubt(&self) -> bool {
        match self {
            Self::Transport { failure, .. } => match failure {
                Failure::Dns | Failure::Tls | Failure::Connect | Failure::ConnectTimeout => false,
                Failure::Timeout | Failure::NoReply | Failure::Cut | Failure::TooLarge => true,
            },
            // A definite 4xx is one, whatever else is said; a redirect may come after the deed.
            Self::Refused { exchange, .. } => {
                exchange.status.is_none_or(|s| s == 408 || !(400..500).contains(&s))
            }
            Self::Payload { .. } => true,
            Self::Address { .. }
            | Self::Setup { .. }
            | Self::Stopped { .. }
            | Self::ZoneNotFound { .. }
            | Self::ZoneAmbiguous { .. }
            | Self::ZoneIdMismatch { .. } => false,
        }
    }

    /// Whether Cloudflare refused it for the request rate.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        matches!(self, Self::Refused { refusal: Refusal::Throttled, .. })
    }

    /// Whether the credentials were not accepted; a zone outside the token's resources is no such failure.
    #[must_use]
    pub fn is_auth_failure(&self) -> bool {
        match self {
            Self::Refused { refusal, code, exchange, .. } => match refusal {
                Refusal::Credentials | Refusal::LockedOut => true,
                // A 403 without Cloudflare's code comes from something in between.
                Refusal::Permission => code.is_some() || exchange.status == Some(401),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether the run was stopped before this was sent.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self, Self::Stopped { .. })
    }

    /// Whether Cloudflare said no for good: sending the same again would get the same answer.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused { refusal, .. } => match refusal {
                Refusal::Permission
                | Refusal::Resource
                | Refusal::Credentials
                | Refusal::LockedOut
                | Refusal::NoSuchObject
                | Refusal::Method
                | Refusal::Rejected
                | Refusal::Redirect => true,
                Refusal::Throttled | Refusal::Conflict | Refusal::Server | Refusal::Unsuccessful => false,
            },
            _ => false,
        }
    }

    /// Whether a pinned zone id belongs to a zone of another name.
    #[must_use]
    pub fn is_identity_mismatch(&self) -> bool {
        matches!(self, Self::ZoneIdMismatch { .. })
    }

    /// How long Cloudflare asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.exchange().and_then(|exchange| exchange.retry_after)
    }

    /// Cloudflare's error code.
    #[must_use]
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Refused { code, .. } => *code,
            _ => None,
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

    /// The error with all its causes, and what support and scripts want to know, as a message about a zone.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let mut message = self.to_string();
        let mut next = self.source();
        while let Some(cause) = next {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            next = cause.source();
        }
        let cf_ray = self.cf_ray().map(str::to_owned);
        let answer = Answer { code: self.code(), http_status: self.http_status(), cf_ray };
        Diagnostic::error(message).answer(answer).maybe_hint(self.hint())
    }
}
