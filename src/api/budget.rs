//! The request budget: at most so many requests in any window, whatever the server's windows are. A place is free again
//! one window after its reply came, so that no window of the server can see more.

use super::error::LONGEST_THROTTLE;
use super::quota::Quota;
use crate::model::Rate;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout_at};

/// A request budget. Clones share it, and so may any number of clients: Cloudflare's limit is the user's.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    rate: Option<Rate>,
    state: Mutex<State>,
    /// Held by the one request that is next, so that all others wait in their order.
    turn: tokio::sync::Mutex<()>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// What the server allows, where that is less than the rate.
    capacity: usize,
    /// Places that are leased, or whose reply has not come yet.
    taken: usize,
    /// When the places of answered requests are free again, in order.
    cooling: VecDeque<Instant>,
    /// Places that other processes use up, and until when that is known.
    withheld: Option<(usize, Instant)>,
    paused_until: Option<Instant>,
}

/// Places in a budget that were taken at once. Requests that use a lease do not wait for one another's places; dropping
/// it gives back those that were not used. Where a budget is smaller than a lease, the lease holds no places, and each
/// request waits for its own.
#[derive(Debug)]
pub struct Lease {
    budget: Option<Budget>,
    held: AtomicUsize,
}

/// The place of one request; dropping it says that the reply came, or that nobody waits for it any more.
#[derive(Debug)]
pub(super) struct Place(Budget);

enum Turn {
    Now,
    TooMany,
    Paused(Instant),
    At(Instant),
    AfterReply,
}

impl From<Option<Rate>> for Budget {
    fn from(rate: Option<Rate>) -> Self {
        let capacity = rate.map_or(usize::MAX, |rate| rate.requests() as usize);
        let state = Mutex::new(State { capacity, ..State::default() });
        let turn = tokio::sync::Mutex::new(());
        Self(Arc::new(Inner { rate, state, turn, freed: Notify::new() }))
    }
}

impl Budget {
    /// A budget of that rate.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Some(rate).into()
    }

    /// A budget without a limit; it only waits while Cloudflare asks for it.
    #[must_use]
    pub fn unlimited() -> Self {
        None.into()
    }

    /// Waits until that many places are free, and takes them at once. Cancel-safe.
    pub async fn lease(&self, places: usize) -> Lease {
        let held = if self.take(places).await { places } else { 0 };
        Lease { budget: Some(self.clone()), held: held.into() }
    }

    /// Waits for one place.
    pub(super) async fn place(&self) -> Place {
        // One place is never too many.
        let _ = self.take(1).await;
        Place(self.clone())
    }

    /// Waits for places and takes them; false if the budget never has that many.
    async fn take(&self, places: usize) -> bool {
        let _turn = self.0.turn.lock().await;
        loop {
            let turn = self.lock().take(places, Instant::now());
            match turn {
                Turn::Now => return true,
                Turn::TooMany => return false,
                Turn::Paused(until) => sleep_until(until).await,
                // Either way the state is looked at again.
                Turn::At(at) => drop(timeout_at(at, self.0.freed.notified()).await),
                Turn::AfterReply => self.0.freed.notified().await,
            }
        }
    }

    /// Lets no request through for a while.
    pub(super) fn pause(&self, duration: Duration) {
        let until = Instant::now() + duration.min(LONGEST_THROTTLE);
        let mut state = self.lock();
        state.paused_until = state.paused_until.max(Some(until));
    }

    async fn wait_for_pause(&self) {
        loop {
            let until = self.lock().paused_until.filter(|until| *until > Instant::now());
            let Some(until) = until else { return };
            sleep_until(until).await;
        }
    }

    /// Takes note of what a reply says; other processes share the same quota.
    pub(super) fn learn(&self, quota: &Quota) {
        let Some(rate) = self.0.rate else { return };
        if let Some((allowed, window)) = quota.policy
            && allowed > 0
            && window >= self.window()
        {
            self.lock().capacity = rate.requests().min(allowed) as usize;
        }
        let Some((left, period)) = quota.left else { return };
        if left == 0 {
            self.pause(period);
        }
        let now = Instant::now();
        let mut state = self.lock();
        let believed = state.capacity.saturating_sub(state.taken + state.cooling.len());
        let others = believed.saturating_sub(left as usize);
        state.withheld = (others > 0).then(|| (others, now + period.min(LONGEST_THROTTLE)));
    }

    /// How many requests could be sent at once; `None` without a limit.
    #[must_use]
    pub fn remaining(&self) -> Option<usize> {
        self.0.rate.map(|_| {
            let mut state = self.lock();
            state.expire(Instant::now());
            state.free()
        })
    }

    /// How long that many further requests have to wait, at least.
    ///
    /// ```
    /// use botform::api::Budget;
    /// use botform::model::Rate;
    ///
    /// let budget = Budget::new(Rate::CLOUDFLARE);
    /// assert_eq!(budget.eta(1200).as_secs(), 0);
    /// assert_eq!(budget.eta(10_000).as_secs(), 8 * 300);
    /// ```
    #[must_use]
    pub fn eta(&self, requests: u64) -> Duration {
        let now = Instant::now();
        let mut state = self.lock();
        state.expire(now);
        let pause = state.paused_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let Some(beyond) = requests.saturating_sub(state.free() as u64).checked_sub(1) else { return pause };
        let capacity = state.capacity.max(1) as u64;
        let windows = u32::try_from(beyond / capacity).unwrap_or(u32::MAX);
        let place = usize::try_from(beyond % capacity).unwrap_or(usize::MAX);
        let first = state.cooling.get(place).map_or(self.window(), |at| at.saturating_duration_since(now));
        pause.max(first.saturating_add(self.window().saturating_mul(windows)))
    }

    fn window(&self) -> Duration {
        Duration::from_secs(self.0.rate.map_or(0, |rate| rate.seconds().into()))
    }

    fn give_back(&self, places: usize) {
        self.lock().taken -= places;
        self.0.freed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self, places: usize, now: Instant) -> Turn {
        self.expire(now);
        if places > self.capacity.max(1) {
            return Turn::TooMany;
        }
        if let Some(until) = self.paused_until {
            return Turn::Paused(until);
        }
        if self.free() >= places {
            self.taken += places;
            return Turn::Now;
        }
        let next = [self.cooling.front().copied(), self.withheld.map(|(_, until)| until)];
        next.into_iter().flatten().min().map_or(Turn::AfterReply, Turn::At)
    }

    fn expire(&mut self, now: Instant) {
        while self.cooling.front().is_some_and(|at| *at <= now) {
            self.cooling.pop_front();
        }
        self.withheld = self.withheld.filter(|(_, until)| *until > now);
        self.paused_until = self.paused_until.filter(|until| *until > now);
    }

    fn free(&self) -> usize {
        let withheld = self.withheld.map_or(0, |(count, _)| count);
        self.capacity.saturating_sub(self.taken + self.cooling.len() + withheld)
    }
}

impl Lease {
    /// A lease of a store without a budget: its requests never wait.
    #[must_use]
    pub fn free() -> Self {
        Self { budget: None, held: 0.into() }
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
        if self.places() == 0 && budget.take(1).await {
            self.held.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A place for a request, of this lease if it has any left.
    pub(super) async fn place(&self) -> Option<Place> {
        let budget = self.budget.as_ref()?;
        loop {
            self.ready().await;
            let less = |held: usize| held.checked_sub(1);
            if self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok() {
                return Some(Place(budget.clone()));
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

impl Drop for Place {
    fn drop(&mut self) {
        if self.0.0.rate.is_some() {
            let free_again = Instant::now() + self.0.window();
            self.0.lock().cooling.push_back(free_again);
        }
        self.0.give_back(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    fn budget(requests: u32, seconds: u32) -> Budget {
        Budget::new(Rate::new(requests, seconds).unwrap())
    }

    fn left(requests: u32, seconds: u64) -> Quota {
        Quota { left: Some((requests, Duration::from_secs(seconds))), policy: None }
    }

    async fn waited(budget: &Budget) -> u64 {
        let start = Instant::now();
        drop(budget.place().await);
        (Instant::now() - start).as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn no_window_ever_sees_more_than_the_rate() {
        let budget = budget(20, 30);
        let start = Instant::now();
        let worker = async |number: u64| {
            let mut arrivals = Vec::new();
            for step in 0..25 {
                let place = budget.place().await;
                tokio::time::sleep(Duration::from_millis((number * 37 + step * 91) % 700)).await;
                arrivals.push(Instant::now() - start);
                tokio::time::sleep(Duration::from_millis((number * 53 + step * 17) % 900)).await;
                drop(place);
            }
            arrivals
        };
        let runs = futures_util::future::join_all((0..8).map(worker)).await;
        let mut arrivals: Vec<_> = runs.into_iter().flatten().collect();
        arrivals.sort();
        for (index, first) in arrivals.iter().enumerate() {
            let window = arrivals[index..].iter().take_while(|at| **at < *first + Duration::from_secs(30));
            assert!(window.count() <= 20);
        }
        assert!(arrivals.last().unwrap().as_secs() < 9 * 33);
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_run_never_waits() {
        let budget = budget(1200, 300);
        for _ in 0..1200 {
            assert_eq!(waited(&budget).await, 0);
        }
        assert_eq!(budget.remaining(), Some(0));
        assert_eq!(waited(&budget).await, 300);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_budget_waits_for_a_reply_first() {
        let budget = budget(1, 10);
        let place = budget.place().await;
        let reply = async {
            advance(Duration::from_secs(7)).await;
            drop(place);
        };
        let (seconds, ()) = tokio::join!(waited(&budget), reply);
        assert_eq!(seconds, 17);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_stops_all_and_is_limited() {
        let budget = Budget::unlimited();
        budget.pause(Duration::from_secs(40));
        budget.pause(Duration::from_secs(4));
        assert_eq!(waited(&budget).await, 40);
        budget.pause(Duration::from_secs(999_999));
        assert_eq!(waited(&budget).await, 320);
    }

    #[tokio::test(start_paused = true)]
    async fn what_others_use_up_is_withheld_as_long_as_it_counts() {
        let budget = budget(100, 300);
        assert_eq!(waited(&budget).await, 0);
        budget.learn(&left(2, 60));
        assert_eq!(budget.remaining(), Some(2));
        assert_eq!((waited(&budget).await, waited(&budget).await), (0, 0));
        assert_eq!(waited(&budget).await, 60);
        assert_eq!(budget.remaining(), Some(96));
        budget.learn(&left(5000, 60));
        assert_eq!(budget.remaining(), Some(96));
        budget.learn(&left(0, 25));
        assert_eq!(waited(&budget).await, 25);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stricter_policy_lowers_the_rate() {
        let budget = budget(1200, 300);
        let policy =
            |allowed, window| Quota { left: None, policy: Some((allowed, Duration::from_secs(window))) };
        budget.learn(&policy(200, 1));
        assert_eq!(budget.remaining(), Some(1200));
        budget.learn(&policy(10, 300));
        assert_eq!(budget.remaining(), Some(10));
    }

    #[tokio::test(start_paused = true)]
    async fn the_estimate_counts_windows() {
        let budget = budget(1200, 300);
        let seconds = |requests| budget.eta(requests).as_secs();
        assert_eq!(
            (seconds(0), seconds(1200), seconds(1201), seconds(2400), seconds(2401)),
            (0, 0, 300, 300, 600)
        );
        assert_eq!(seconds(10_200), 2400);
        drop(budget.place().await);
        advance(Duration::from_secs(100)).await;
        assert_eq!((seconds(1199), seconds(1200), seconds(1201)), (0, 200, 300));
        assert_eq!(Budget::unlimited().eta(u64::MAX), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_takes_its_places_at_once_and_gives_unused_ones_back() {
        let budget = budget(4, 10);
        let lease = budget.lease(3).await;
        assert_eq!((lease.places(), budget.remaining()), (3, Some(1)));
        drop(lease.place().await);
        drop(lease);
        assert_eq!(budget.remaining(), Some(3));
        assert_eq!(waited(&budget).await, 0);
        let start = Instant::now();
        assert_eq!(budget.lease(3).await.places(), 3);
        assert_eq!(start.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_of_a_lease_never_wait_for_others_but_beyond_its_places() {
        let budget = budget(3, 10);
        let lease = budget.lease(3).await;
        let others = futures_util::future::join_all((0..5).map(|_| waited(&budget)));
        let own = async {
            let start = Instant::now();
            for _ in 0..3 {
                drop(lease.place().await);
            }
            assert_eq!(start.elapsed(), Duration::ZERO);
            drop(lease.place().await);
            drop(lease);
            start.elapsed().as_secs()
        };
        let (own, others) = tokio::join!(own, others);
        assert_eq!((own, others), (10, vec![10, 10, 20, 20, 20]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_budget_smaller_than_a_lease_goes_one_at_a_time() {
        let budget = budget(2, 10);
        let lease = budget.lease(3).await;
        assert_eq!((lease.places(), budget.remaining()), (0, Some(2)));
        let start = Instant::now();
        for _ in 0..3 {
            drop(lease.place().await);
        }
        assert_eq!(start.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_a_lease_back_and_a_wait_can_be_dropped() {
        let budget = budget(3, 10);
        let lease = budget.lease(3).await;
        budget.pause(Duration::from_secs(5));
        let waits = tokio::time::timeout(Duration::from_secs(1), lease.ready()).await;
        assert!(waits.is_err() && lease.places() == 3);
        let start = Instant::now();
        lease.ready().await;
        assert_eq!(start.elapsed().as_secs(), 4);
        let waits = tokio::time::timeout(Duration::from_secs(1), budget.lease(2)).await;
        assert!(waits.is_err());
        drop(lease);
        assert_eq!(budget.remaining(), Some(3));
    }
}
