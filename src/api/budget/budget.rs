//! The request budget: a limit on the requests in any window, wherever the server's own windows begin. A place becomes
//! free one window after its reply arrived, so no window of the server can see more than the limit.

use super::lease::{Lease, Slot};
use super::quota::Quota;
use crate::model::Rate;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout_at};

/// The longest wait before a throttled request is retried: a little more than Cloudflare's window.
pub(in crate::api) const LONGEST_THROTTLE: Duration = Duration::from_secs(320);

/// A request budget. Clones share it, and so may any number of clients: Cloudflare's limit is the user's.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    rate: Option<Rate>,
    state: Mutex<State>,
    /// Held by the request that is next, so that the others queue in order.
    turn: tokio::sync::Mutex<()>,
    /// Held by a lease that is larger than the whole budget, so that no other such lease runs between its requests.
    alone: Arc<tokio::sync::Mutex<()>>,
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
    /// What the server has left for all that share the limit, and until when that holds.
    left: Option<(usize, Instant)>,
    paused_until: Option<Instant>,
    /// How long requests have waited.
    waited: Duration,
    /// Until when Cloudflare asked a single request to wait.
    retry_at: Option<Instant>,
}

/// Why requests are waiting, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct Wait {
    /// How long the next request still has to wait.
    pub left: Duration,
    /// Whether Cloudflare asked for it; otherwise the budget is used up.
    pub is_asked: bool,
}

/// How far apart two replies may put the end of one window: they state it in whole seconds, rounded up.
const ROUNDED: Duration = Duration::from_secs(1);

enum Turn {
    Now(usize),
    Paused(Instant),
    At(Instant),
    AfterReply,
}

impl From<Option<Rate>> for Budget {
    fn from(rate: Option<Rate>) -> Self {
        let capacity = rate.map_or(usize::MAX, |rate| rate.requests() as usize);
        let state = Mutex::new(State { capacity, ..State::default() });
        let turn = tokio::sync::Mutex::new(());
        Self(Arc::new(Inner { rate, state, turn, alone: Arc::default(), freed: Notify::new() }))
    }
}

impl Budget {
    /// The rate, if there is one.
    pub(in crate::api) fn rate(&self) -> Option<Rate> {
        self.0.rate
    }

    /// A budget of that rate.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Some(rate).into()
    }

    /// A budget without a limit; it only waits when Cloudflare asks for a pause.
    #[must_use]
    pub fn unlimited() -> Self {
        None.into()
    }

    /// Waits until that many places are free and reserves them together. Cancel-safe.
    pub async fn lease(&self, places: usize) -> Lease {
        loop {
            let is_larger = places > self.lock().capacity;
            let alone = if is_larger { Some(Arc::clone(&self.0.alone).lock_owned().await) } else { None };
            let held = self.take(places).await;
            let lease = Lease::of(self, held, alone);
            if held == places || lease.is_alone() {
                return lease;
            }
            // The budget has shrunk since `take` began: `learn` lowers it to what a reply allows.
        }
    }

    /// Waits for one place until `until` at the latest. Returns `None` at once if none can be free by then.
    /// Cancel-safe.
    pub async fn lease_until(&self, until: std::time::Instant) -> Option<Lease> {
        let until = Instant::from(until);
        if Instant::now() + self.eta(1) > until {
            return None;
        }
        timeout_at(until, self.lease(1)).await.ok()
    }

    /// Waits for one place.
    pub(crate) async fn place(&self) -> Slot {
        self.take(1).await;
        Slot::of(self)
    }

    /// Waits for the places and takes them, or the whole budget if it is smaller; returns how many it took.
    pub(in crate::api) async fn take(&self, places: usize) -> usize {
        let _turn = self.0.turn.lock().await;
        // Only the request that is next counts: time that many spend waiting together is counted once.
        let begun = Instant::now();
        loop {
            let turn = self.lock().take(places, Instant::now());
            match turn {
                Turn::Now(taken) => {
                    self.lock().waited += begun.elapsed();
                    return taken;
                }
                Turn::Paused(until) => sleep_until(until).await,
                // Whether notified or timed out, check the state again.
                Turn::At(at) => drop(timeout_at(at, self.0.freed.notified()).await),
                // All places belong to requests without a reply, so only a reply can tell when one is free.
                Turn::AfterReply => self.0.freed.notified().await,
            }
        }
    }

    /// How long requests have waited.
    pub(in crate::api) fn waited(&self) -> Duration {
        self.lock().waited
    }

    /// Blocks all requests for a while.
    pub(crate) fn pause(&self, duration: Duration) {
        let until = Instant::now() + duration.min(LONGEST_THROTTLE);
        let mut state = self.lock();
        // Replies of concurrent requests may ask for different pauses: the longest counts.
        state.paused_until = state.paused_until.max(Some(until));
    }

    /// Records that one request is retried after the pause that Cloudflare asked for; the others do not wait.
    pub(in crate::api) fn note_retry(&self, pause: Duration) {
        let mut state = self.lock();
        state.retry_at = state.retry_at.max(Some(Instant::now() + pause));
    }

    /// Waits as long as Cloudflare asked all requests to.
    pub(in crate::api) async fn wait_for_pause(&self) {
        loop {
            let until = self.lock().paused_until.filter(|until| *until > Instant::now());
            let Some(until) = until else { return };
            sleep_until(until).await;
        }
    }

    /// Adopts the quota that a reply reports: other users of the same limit count in it.
    pub(in crate::api) fn learn(&self, quota: &Quota) {
        let Some(rate) = self.0.rate else { return };
        if let Some((allowed, window)) = quota.policy
            && allowed > 0
            && window >= self.window()
        {
            self.lock().capacity = rate.requests().min(allowed) as usize;
        }
        let Some((left, period)) = quota.left else { return };
        // One call past the limit, and Cloudflare refuses every call of the next five minutes.
        if left == 0 {
            self.pause(period);
        }
        let until = Instant::now() + period.min(LONGEST_THROTTLE);
        let mut state = self.lock();
        // Replies come in any order, and in one window less and less is left: the least that was seen is the latest.
        let seen = state.left.filter(|(_, end)| until < *end + ROUNDED);
        state.left = Some(match seen {
            Some((least, end)) => (least.min(left as usize), end.min(until)),
            None => (left as usize, until),
        });
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

    /// How long that many further requests wait, at least.
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
        let first = state.frees(place).map_or(self.window(), |at| at.saturating_duration_since(now));
        pause.max(first.saturating_add(self.window().saturating_mul(windows)))
    }

    /// What requests are waiting for; `None` if nothing holds them back.
    #[must_use]
    pub(crate) fn waiting(&self) -> Option<Wait> {
        let is_queued = self.0.turn.try_lock().is_err();
        let now = Instant::now();
        let mut state = self.lock();
        state.expire(now);
        let asked = state.paused_until.or(state.retry_at.filter(|at| *at > now));
        let until = asked.or_else(|| state.next_free().filter(|_| is_queued))?;
        Some(Wait { left: until.saturating_duration_since(now), is_asked: asked.is_some() })
    }

    fn window(&self) -> Duration {
        Duration::from_secs(self.0.rate.map_or(0, |rate| rate.seconds().into()))
    }

    /// The shortest time between two requests: a whole window if the budget allows only one per window.
    pub(in crate::api) fn gap(&self) -> Duration {
        if self.lock().capacity <= 1 { self.window() } else { Duration::ZERO }
    }

    /// Frees the place of a request, answered or given up, after one window. If no reply said what is left, the server
    /// may still have counted the request.
    pub(in crate::api) fn end(&self, is_counted: bool) {
        if self.0.rate.is_some() {
            let free_again = Instant::now() + self.window();
            let mut state = self.lock();
            state.cooling.push_back(free_again);
            if let Some((left, _)) = state.left.as_mut().filter(|_| !is_counted) {
                *left = left.saturating_sub(1);
            }
        }
        self.give_back(1);
    }

    /// Gives places back that no request took.
    pub(in crate::api) fn give_back(&self, places: usize) {
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
        let places = places.min(self.capacity.max(1));
        if let Some(until) = self.paused_until {
            return Turn::Paused(until);
        }
        if self.free() >= places {
            self.taken += places;
            return Turn::Now(places);
        }
        self.next_free().map_or(Turn::AfterReply, Turn::At)
    }

    /// When the next place may be free.
    fn next_free(&self) -> Option<Instant> {
        let next = [self.cooling.front().copied(), self.left.map(|(_, until)| until)];
        next.into_iter().flatten().min()
    }

    fn expire(&mut self, now: Instant) {
        while self.cooling.front().is_some_and(|at| *at <= now) {
            self.cooling.pop_front();
        }
        self.left = self.left.filter(|(_, until)| *until > now);
        self.paused_until = self.paused_until.filter(|until| *until > now);
    }

    /// When the place of this number becomes free. Places that other users of the limit hold come before those that
    /// cool down here.
    fn frees(&self, place: usize) -> Option<Instant> {
        let own = self.capacity.saturating_sub(self.taken + self.cooling.len());
        let withheld = own.saturating_sub(self.free());
        let until = self.left.filter(|_| withheld > 0).map(|(_, until)| until);
        match place.checked_sub(withheld) {
            None => until,
            Some(cooling) => {
                self.cooling.get(cooling).copied().map(|at| until.map_or(at, |until| at.max(until)))
            }
        }
    }

    /// The places that nobody holds. What the server has left must also cover the requests in flight: only a reply
    /// shows whether its request has been counted.
    fn free(&self) -> usize {
        let own = self.capacity.saturating_sub(self.taken + self.cooling.len());
        self.left.map_or(own, |(left, _)| own.min(left.saturating_sub(self.taken)))
    }
}
