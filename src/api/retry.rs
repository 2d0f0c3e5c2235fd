//! Which errors of a read are worth another attempt, and when.

use super::{ApiError, Failure, Refusal, Retry};
use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use std::time::Duration;

/// The longest pause that a `Retry-After` is granted: a bit more than Cloudflare's window.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(320);

/// The longest pause of our own.
const LONGEST_DELAY: Duration = Duration::from_secs(8);

/// The attempts that a read has left.
pub(super) struct Patience {
    pauses: ExponentialBackoff,
    forgives_auth: bool,
}

impl Patience {
    pub(super) fn new(retry: Retry) -> Self {
        let pauses = ExponentialBuilder::new()
            .with_min_delay(retry.delay)
            .with_max_delay(LONGEST_DELAY.max(retry.delay))
            .with_factor(2.0)
            .with_max_times(retry.attempts.saturating_sub(1) as usize)
            .with_jitter()
            .build();
        Self { pauses, forgives_auth: true }
    }

    /// How long to wait before the next attempt; nothing if there is to be none.
    pub(super) fn pause(&mut self, error: &ApiError, has_succeeded: bool) -> Option<Duration> {
        if is_permission(error) {
            // A fresh token may get a few of these while it becomes known everywhere.
            let forgives = self.forgives_auth && has_succeeded;
            self.forgives_auth = false;
            return if forgives { self.pauses.next() } else { None };
        }
        let asked = error.retry_after().unwrap_or_default();
        if !is_passing(error) || asked > LONGEST_PAUSE {
            return None;
        }
        self.pauses.next().map(|pause| pause.max(asked))
    }
}

fn is_permission(error: &ApiError) -> bool {
    matches!(error, ApiError::Refused { refusal: Refusal::Permission, code: Some(_), .. })
}

fn is_passing(error: &ApiError) -> bool {
    match error {
        ApiError::Transport { failure, .. } => match failure {
            Failure::Tls | Failure::TooLarge => false,
            Failure::Dns
            | Failure::Connect
            | Failure::ConnectTimeout
            | Failure::Timeout
            | Failure::NoReply
            | Failure::Cut => true,
        },
        ApiError::Refused { refusal, .. } => refusal.is_passing(),
        ApiError::Payload { .. } => true,
        ApiError::Address { .. }
        | ApiError::Setup { .. }
        | ApiError::Stopped { .. }
        | ApiError::ZoneNotFound { .. }
        | ApiError::ZoneAmbiguous { .. }
        | ApiError::ZoneIdMismatch { .. } => false,
    }
}
