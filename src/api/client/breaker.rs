//! Stops sending when it is pointless: when the credentials are refused (before Cloudflare locks them out), and when no
//! connection can be made. After a while one request may try again, so that a service recovers by itself.
//! Reads and writes are counted separately: with a read-only token each refused write is followed by a read-back that
//! succeeds, which would reset a common count.

use crate::api::{ApiError, ExchangeError, Method, Reason, StopReason};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How many authentication failures in a row raise the suspicion that the credentials are bad.
const MOST_REFUSALS: u32 = 5;

/// How many requests in a row without a connection stop the run.
const MOST_DISCONNECTED: u32 = 10;

/// How long nothing is sent before one request may try again; also the shortest time between two checks of the
/// credentials.
const REST: Duration = Duration::from_secs(60);

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    reads: u32,
    writes: u32,
    disconnected: u32,
    has_succeeded: bool,
    asked: Option<Instant>,
    stopped: Option<Stopped>,
}

#[derive(Debug)]
struct Stopped {
    reason: StopReason,
    last: Arc<ExchangeError>,
    since: Instant,
}

impl Breaker {
    /// Whether a request may be sent. After a rest one request may try; all others are refused until it ends.
    pub(super) fn admit(&self) -> Result<(), ApiError> {
        match &mut self.lock().stopped {
            Some(Stopped { reason, last, since }) if since.elapsed() < REST => {
                Err(ApiError::Stopped { reason: *reason, source: Arc::clone(last) })
            }
            Some(stopped) => {
                stopped.since = Instant::now();
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Records how a request ended, retries included. Returns true if the credentials should be checked now.
    #[must_use]
    pub(super) fn note<T>(&self, method: Method, result: &Result<T, ApiError>) -> bool {
        let mut state = self.lock();
        let error = match result {
            Ok(_) => {
                state.has_succeeded = true;
                state.stopped = None;
                state.disconnected = 0;
                *state.refusals(method) = 0;
                return false;
            }
            Err(ApiError::Exchange(error)) => error,
            Err(_) => return false,
        };
        if matches!(error.reason, Reason::Transport(failure) if failure.is_before_sending()) {
            state.disconnected += 1;
            if state.disconnected >= MOST_DISCONNECTED {
                state.stop(StopReason::NoConnection, error);
            }
            return false;
        }
        state.disconnected = 0;
        if !error.is_auth_failure() {
            return false;
        }
        *state.refusals(method) += 1;
        let is_due =
            *state.refusals(method) >= MOST_REFUSALS && state.asked.is_none_or(|at| at.elapsed() >= REST);
        // Requests that fail during the check do not ask again, nor do those after an inconclusive answer.
        if is_due {
            state.asked = Some(Instant::now());
        }
        is_due
    }

    /// Records that the credentials' own endpoint refuses them; `last` is the failure that led to the check.
    pub(super) fn refuse(&self, last: &Arc<ExchangeError>) {
        self.lock().stop(StopReason::Credentials, last);
    }

    /// Forgets all failures.
    pub(super) fn reset(&self) {
        *self.lock() = State::default();
    }

    /// Whether the credentials were accepted at least once.
    pub(super) fn has_succeeded(&self) -> bool {
        self.lock().has_succeeded
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn refusals(&mut self, method: Method) -> &mut u32 {
        match method {
            Method::Get => &mut self.reads,
            Method::Put | Method::Post => &mut self.writes,
        }
    }

    fn stop(&mut self, reason: StopReason, error: &Arc<ExchangeError>) {
        self.stopped = Some(Stopped { reason, last: Arc::clone(error), since: Instant::now() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Exchange, Failure};
    use tokio::time::advance;

    fn disconnected() -> Result<(), ApiError> {
        Err(ApiError::transport(Exchange::new(Method::Get, "/zones"), Failure::Connect, "no"))
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_rest_one_request_may_try_and_its_success_ends_the_stop() {
        let breaker = Breaker::default();
        (0..MOST_DISCONNECTED).for_each(|_| assert!(!breaker.note(Method::Get, &disconnected())));
        assert!(breaker.admit().unwrap_err().is_stopped());
        advance(REST).await;
        assert_eq!(breaker.admit(), Ok(()));
        assert!(breaker.admit().unwrap_err().is_stopped());
        assert!(!breaker.note(Method::Get, &disconnected()));
        assert!(breaker.admit().unwrap_err().is_stopped());
        advance(REST).await;
        assert_eq!(breaker.admit(), Ok(()));
        assert!(!breaker.note(Method::Get, &Ok(())));
        assert_eq!((breaker.admit(), breaker.admit()), (Ok(()), Ok(())));
    }
}
