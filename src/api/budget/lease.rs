//! Places of the request budget that are held: by a lease for what is sent together, by a slot for one request.

use super::quota::Quota;
use crate::api::Budget;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;

/// Places in a budget that were reserved together, so the requests of a lease do not wait between one another. Dropping
/// it returns the unused places. If the budget is smaller than the lease, the lease holds the whole budget, its further
/// requests wait for a place each, and no other lease of that size starts before it is dropped.
#[derive(Debug)]
pub struct Lease {
    budget: Option<Budget>,
    held: AtomicUsize,
    alone: Option<OwnedMutexGuard<()>>,
    /// The `CF-Ray` of each reply to a PUT, by which the audit log identifies the request.
    rays: Mutex<Vec<String>>,
}

/// The place of one request; dropping it means that the reply arrived or that the caller gave up.
#[derive(Debug)]
pub(crate) struct Slot {
    budget: Budget,
    /// Whether the reply said what is left: it has counted this request.
    is_counted: bool,
}

impl Lease {
    /// A lease of a store without a budget: its requests never wait.
    #[must_use]
    pub fn free() -> Self {
        Self { budget: None, held: 0.into(), alone: None, rays: Mutex::default() }
    }

    /// Places taken from a budget: all that it has, if `alone`.
    pub(in crate::api) fn of(budget: &Budget, held: usize, alone: Option<OwnedMutexGuard<()>>) -> Self {
        Self { budget: Some(budget.clone()), held: held.into(), alone, rays: Mutex::default() }
    }

    /// Whether it is the only held lease that is larger than the budget.
    pub(in crate::api) fn is_alone(&self) -> bool {
        self.alone.is_some()
    }

    /// Remembers the `CF-Ray` of the reply to a PUT.
    pub fn note_ray(&self, ray: &str) {
        self.rays.lock().unwrap_or_else(PoisonError::into_inner).push(ray.to_owned());
    }

    /// Takes the remembered values out.
    pub(crate) fn take_rays(&self) -> Vec<String> {
        std::mem::take(&mut *self.rays.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many places are left.
    #[must_use]
    pub fn places(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// Waits until the next request can be sent without waiting: a place is held, and Cloudflare asked for no pause.
    /// Cancel-safe. Call it before a request that must not be sent late, and look at the clock afterwards.
    pub async fn ready(&self) {
        let Some(budget) = &self.budget else { return };
        budget.wait_for_pause().await;
        if self.places() == 0 {
            self.held.fetch_add(budget.take(1).await, Ordering::Relaxed);
        }
    }

    /// The shortest time between two requests: a whole window if the budget allows only one per window.
    #[must_use]
    pub fn gap(&self) -> Duration {
        self.budget.as_ref().map_or(Duration::ZERO, Budget::gap)
    }

    /// A place for a request, of this lease if it has any left.
    pub(in crate::api) async fn place(&self) -> Option<Slot> {
        let budget = self.budget.as_ref()?;
        loop {
            self.ready().await;
            let less = |held: usize| held.checked_sub(1);
            // Another request of the lease may have taken the place meanwhile; then this one waits again.
            if self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok() {
                return Some(Slot::of(budget));
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            budget.give_back(self.places());
        }
    }
}

impl Slot {
    pub(in crate::api) fn of(budget: &Budget) -> Self {
        Self { budget: budget.clone(), is_counted: false }
    }

    /// Adopts the quota that the reply to its request reports.
    pub(in crate::api) fn learn(&mut self, quota: &Quota) {
        self.is_counted |= quota.left.is_some();
        self.budget.learn(quota);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.budget.end(self.is_counted);
    }
}
