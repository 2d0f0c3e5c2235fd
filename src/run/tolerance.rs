//! How many failures an apply bears before it starts no further zone.

use crate::model::{Outcome, ZoneOutcome};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How many failures a run bears, and how many it has seen.
#[derive(Debug)]
pub(super) struct Tolerance {
    most: Option<usize>,
    failed: AtomicUsize,
    canary_failed: AtomicBool,
}

impl Tolerance {
    /// Nothing has failed yet; without a number any number may.
    pub(super) fn new(most: Option<usize>) -> Self {
        Self { most, failed: AtomicUsize::new(0), canary_failed: AtomicBool::new(false) }
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
    }

    /// Counts a zone. One that was not attempted has not failed.
    pub(super) fn count(&self, end: &ZoneOutcome) {
        if !end.outcome.is_success() && end.outcome != Outcome::NotAttempted {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes note of a canary zone: unless it succeeded, it vouches for no other.
    pub(super) fn count_canary(&self, end: &ZoneOutcome) {
        self.canary_failed.fetch_or(!end.outcome.is_success(), Ordering::Relaxed);
    }
}
