//! How many failures a run tolerates before it starts nothing more.

use crate::api::{ApiError, Refusal};
use crate::model::{Diagnostic, Outcome, ZoneOutcome};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How many writes in a row may be refused for a missing permission.
const MOST_DENIED: usize = 10;

/// Writes in a row that were refused for a missing permission. Cloudflare's answer (10000) does not say whether the
/// token lacks it everywhere or for one zone, and reads still succeed, so only the number of refusals tells. A zone
/// outside the token's resources (9109) does not count.
#[derive(Debug, Default)]
pub(super) struct Denied(AtomicUsize);

impl Denied {
    /// Counts a write by whether it was accepted, or else by why it was not.
    pub(super) fn count<'d>(&self, is_accepted: bool, diagnostics: impl IntoIterator<Item = &'d Diagnostic>) {
        if is_accepted {
            self.0.store(0, Ordering::Relaxed);
        } else if diagnostics.into_iter().any(is_denial) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Why nothing more is written; `None` if it may be.
    pub(super) fn spent(&self) -> Option<&'static str> {
        (self.0.load(Ordering::Relaxed) >= MOST_DENIED).then_some(
            "ten writes in a row were refused for a missing permission, so no more of them were started",
        )
    }
}

fn is_denial(why: &Diagnostic) -> bool {
    let error = why.cause().and_then(|cause| cause.downcast_ref::<ApiError>());
    error.is_some_and(|error| error.refusal() == Some(Refusal::Permission))
}

/// How many failures a run tolerates, and how many it has seen.
#[derive(Debug)]
pub(super) struct Tolerance {
    most: Option<usize>,
    failed: AtomicUsize,
    canary_failed: AtomicBool,
    denied: Denied,
}

impl Tolerance {
    /// No failures so far; without a number, any number is tolerated.
    pub(super) fn new(most: Option<usize>) -> Self {
        Self {
            most,
            failed: AtomicUsize::new(0),
            canary_failed: AtomicBool::new(false),
            denied: Denied::default(),
        }
    }

    /// Why no further zone may be started; `None` if one may.
    pub(super) fn spent(&self) -> Option<&'static str> {
        if self.canary_failed.load(Ordering::Relaxed) {
            return Some("a canary zone failed, so no more zones were started");
        }
        let failed = self.failed.load(Ordering::Relaxed);
        self.most
            .is_some_and(|most| failed > most)
            .then_some("too many zones failed, so no more zones were started")
            .or_else(|| self.denied.spent())
    }

    /// Counts a zone. One that was not attempted has not failed.
    pub(super) fn count(&self, end: &ZoneOutcome) {
        self.denied.count(end.outcome.has_written(), &end.diagnostics);
        if !end.outcome.is_success() && end.outcome != Outcome::NotAttempted {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a canary zone: unless it succeeded, no further zone is started.
    pub(super) fn count_canary(&self, end: &ZoneOutcome) {
        self.canary_failed.fetch_or(!end.outcome.is_success(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_attempted_has_not_failed() {
        let tolerance = Tolerance::new(Some(0));
        tolerance.count(&ZoneOutcome::plain(Outcome::NotAttempted));
        assert_eq!(tolerance.spent(), None);
        tolerance.count(&ZoneOutcome::plain(Outcome::Failed));
        assert!(tolerance.spent().is_some());
    }
}
