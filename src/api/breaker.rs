//! Stops a run whose credentials are refused again and again, before Cloudflare locks them out.
//! Reads and writes are counted apart: a token that may only read would otherwise never be stopped from writing,
//! since each refused write is followed by a read-back that succeeds.

use super::ApiError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many authentication failures in a row stop the run.
const MOST: u32 = 5;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It reads.
    Read,
    /// It writes.
    Write,
}

/// Counts authentication failures in a row.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    reads: u32,
    writes: u32,
    has_succeeded: bool,
    stopped: Option<Arc<ApiError>>,
}

impl Breaker {
    /// Whether anything may still be sent.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        match &self.lock().stopped {
            Some(last) => Err(ApiError::Stopped { source: Arc::clone(last) }),
            None => Ok(()),
        }
    }

    /// Takes note of how a request ended, its retries included.
    pub(super) fn note(&self, purpose: Purpose, error: Option<&ApiError>) {
        let mut guard = self.lock();
        let state = &mut *guard;
        let failures = match purpose {
            Purpose::Read => &mut state.reads,
            Purpose::Write => &mut state.writes,
        };
        match error {
            None => {
                *failures = 0;
                state.has_succeeded = true;
            }
            Some(error) if error.is_auth_failure() => {
                *failures += 1;
                if *failures >= MOST && state.stopped.is_none() {
                    state.stopped = Some(Arc::new(error.clone()));
                }
            }
            Some(_) => {}
        }
    }

    /// Whether the credentials were accepted at least once.
    pub(super) fn has_succeeded(&self) -> bool {
        self.lock().has_succeeded
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
