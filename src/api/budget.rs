//! The request budget of the process: at most so many requests in any window, whatever the server's windows are.
//! A place in the budget is free again one window after its reply came, so no window of the server can see more.

use super::quota::Quota;
use super::retry::LONGEST_PAUSE;
use crate::model::Rate;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout_at};

/// The budget; without a rate it only keeps the pauses.
#[derive(Debug)]
pub(super) struct Budget {
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
    in_flight: usize,
    /// When the places of answered requests are free again, in order.
    cooling: VecDeque<Instant>,
    /// Places that other processes use up, and until when that is known.
    withheld: Option<(usize, Instant)>,
    paused_until: Option<Instant>,
}

/// A place in the budget; dropping it says that the reply came, or that nobody waits for it any more.
#[derive(Debug)]
pub(super) struct Place<'a>(&'a Budget);

enum Turn {
    Now,
    Paused(Instant),
    At(Instant),
    AfterReply,
}

impl Budget {
    pub(super) fn new(rate: Option<Rate>) -> Self {
        let capacity = rate.map_or(usize::MAX, |rate| rate.requests() as usize);
        Self {
            rate,
            state: Mutex::new(State { capacity, ..State::default() }),
            turn: tokio::sync::Mutex::new(()),
            freed: Notify::new(),
        }
    }

    /// Waits for a place.
    pub(super) async fn acquire(&self) -> Place<'_> {
        let _turn = self.turn.lock().await;
        loop {
            let turn = self.lock().take(Instant::now());
            match turn {
                Turn::Now => return Place(self),
                Turn::Paused(until) => sleep_until(until).await,
                // Either way the state is looked at again.
                Turn::At(at) => drop(timeout_at(at, self.freed.notified()).await),
                Turn::AfterReply => self.freed.notified().await,
            }
        }
    }

    /// Lets nothing through for a while.
    pub(super) fn pause(&self, duration: Duration) {
        let until = Instant::now() + duration.min(LONGEST_PAUSE);
        let mut state = self.lock();
        state.paused_until = state.paused_until.max(Some(until));
    }

    /// Takes note of what a reply says; other processes share the same quota.
    pub(super) fn learn(&self, quota: &Quota) {
        let Some(rate) = self.rate else { return };
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
        let believed = state.capacity.saturating_sub(state.in_flight + state.cooling.len());
        let others = believed.saturating_sub(left as usize);
        state.withheld = (others > 0).then(|| (others, now + period.min(LONGEST_PAUSE)));
    }

    /// How many requests could be sent at once; nothing if there is no limit.
    pub(super) fn remaining(&self) -> Option<usize> {
        self.rate.map(|_| {
            let mut state = self.lock();
            state.expire(Instant::now());
            state.free()
        })
    }

    /// How long the budget makes that many further requests wait, at least.
    pub(super) fn eta(&self, requests: u64) -> Duration {
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
        Duration::from_secs(self.rate.map_or(0, |rate| rate.seconds().into()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self, now: Instant) -> Turn {
        self.expire(now);
        if let Some(until) = self.paused_until {
            return Turn::Paused(until);
        }
        if self.free() > 0 {
            self.in_flight += 1;
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
        self.capacity.saturating_sub(self.in_flight + self.cooling.len() + withheld)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.in_flight -= 1;
        if self.0.rate.is_some() {
            state.cooling.push_back(Instant::now() + self.0.window());
        }
        drop(state);
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    fn budget(requests: u32, seconds: u32) -> Budget {
        Budget::new(Some(Rate::new(requests, seconds).unwrap()))
    }

    fn left(requests: u32, seconds: u64) -> Quota {
        Quota { left: Some((requests, Duration::from_secs(seconds))), policy: None }
    }

    async fn waited(budget: &Budget) -> u64 {
        let start = Instant::now();
        drop(budget.acquire().await);
        (Instant::now() - start).as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn no_window_ever_sees_more_than_the_rate() {
        let budget = budget(20, 30);
        let start = Instant::now();
        let worker = async |number: u64| {
            let mut arrivals = Vec::new();
            for step in 0..25 {
                let place = budget.acquire().await;
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
        let place = budget.acquire().await;
        let reply = async {
            advance(Duration::from_secs(7)).await;
            drop(place);
        };
        let (seconds, ()) = tokio::join!(waited(&budget), reply);
        assert_eq!(seconds, 17);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_stops_all_and_is_limited() {
        let budget = Budget::new(None);
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
        drop(budget.acquire().await);
        advance(Duration::from_secs(100)).await;
        assert_eq!((seconds(1199), seconds(1200), seconds(1201)), (0, 200, 300));
        assert_eq!(Budget::new(None).eta(u64::MAX), Duration::ZERO);
    }
}
