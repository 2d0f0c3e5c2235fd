//! The request budget at full scale, in paused time: a fleet against a service that counts as Cloudflare does, with the
//! real limit. How long it takes, and that nothing is refused, also beside another user of the same limit.

use crate::api::Budget;
use crate::api::budget::Quota;
use crate::model::Rate;
use futures_util::future::join_all;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const LIMIT: u32 = 1200;
const WINDOW: Duration = Duration::from_secs(300);

/// The requests of a plan of 3,000 zones: one for each, and the pages of the list.
const REQUESTS: u32 = 3000 + 60;

/// A service with the limit of a user: a window begins with its first request, and one request too many is refused like
/// all others for a further window.
#[derive(Debug, Default)]
struct Service {
    state: Mutex<State>,
    /// How many requests another user has sent by the time of so many of ours, in each window.
    others: Vec<(u32, u32)>,
    /// The request of this number is refused, with a pause for all.
    refuses: Option<(usize, Duration)>,
}

#[derive(Debug, Default)]
struct State {
    begun: Option<Instant>,
    is_refusing: bool,
    /// In this window.
    ours: u32,
    used: u32,
    /// When each request arrived.
    arrivals: Vec<Instant>,
    refused: usize,
}

/// A reply: what is left, and how long to wait if it is a refusal.
struct Answer {
    quota: Quota,
    retry_after: Option<Duration>,
}

impl Service {
    /// Counts a request that arrives now.
    fn answer(&self) -> Answer {
        let (mut state, now) = (self.state.lock().unwrap(), Instant::now());
        state.arrivals.push(now);
        if state.begun.is_none_or(|begun| now - begun >= WINDOW) {
            (state.begun, state.is_refusing, state.ours, state.used) = (Some(now), false, 0, 0);
        }
        let sent = |ours: u32| {
            self.others.iter().filter(|(from, _)| *from == ours).map(|(_, sent)| sent).sum::<u32>()
        };
        state.used += 1 + sent(state.ours);
        state.ours += 1;
        if state.used > LIMIT && !state.is_refusing {
            (state.begun, state.is_refusing) = (Some(now), true);
        }
        let rest = WINDOW - (now - state.begun.unwrap());
        // Whole seconds, rounded up.
        let rest = Duration::from_secs(rest.as_secs() + u64::from(rest.subsec_nanos() > 0));
        let left = if state.is_refusing { 0 } else { LIMIT - state.used };
        let asked = self.refuses.filter(|(number, _)| state.arrivals.len() == *number).map(|(_, wait)| wait);
        let retry_after = asked.or(state.is_refusing.then_some(rest));
        state.refused += usize::from(retry_after.is_some());
        Answer { quota: Quota { left: Some((left, rest)), policy: Some((LIMIT, WINDOW)) }, retry_after }
    }
}

/// Sends so many requests with 50 in flight, as a run does; a refused one is sent again. How long it took.
async fn run(service: &Service, requests: u32) -> Duration {
    let (budget, begun) = (Budget::new(Rate::CLOUDFLARE), Instant::now());
    let open = Mutex::new(requests);
    let worker = async |worker: u64| {
        let mut step = 0;
        loop {
            {
                let mut open = open.lock().unwrap();
                let Some(left) = open.checked_sub(1) else { return };
                *open = left;
            }
            loop {
                step += 1;
                let mut place = budget.place().await;
                sleep(Duration::from_millis(5 + (worker * 37 + step * 91) % 150)).await;
                let Answer { quota, retry_after } = service.answer();
                sleep(Duration::from_millis(5 + (worker * 53 + step * 17) % 250)).await;
                place.learn(&quota);
                match retry_after {
                    None => break,
                    Some(wait) => budget.pause(wait),
                }
            }
        }
    };
    join_all((0..50).map(worker)).await;
    begun.elapsed()
}

/// Fails unless it took no more than 5 % longer than that many windows.
fn assert_windows(took: Duration, windows: u32) {
    let optimum = WINDOW * windows;
    assert!(took >= optimum && took <= optimum + optimum / 20, "{took:?} for {windows} windows");
}

fn refused(service: &Service) -> usize {
    service.state.lock().unwrap().refused
}

#[tokio::test(start_paused = true)]
async fn a_fleet_takes_the_fewest_windows_and_nothing_is_refused() {
    for (requests, windows) in [(REQUESTS, 2), (10_200, 8)] {
        let service = Service::default();
        let took = run(&service, requests).await;
        assert_eq!(refused(&service), 0, "{requests}");
        assert_windows(took, windows);
        assert_eq!(service.state.lock().unwrap().arrivals.len(), requests as usize);
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_user_takes_is_left_alone() {
    for others in [vec![(0, 400)], vec![(500, 400)], vec![(100, 150), (300, 150), (700, 100)]] {
        let service = Service { others, ..Service::default() };
        let took = run(&service, REQUESTS).await;
        assert_eq!(refused(&service), 0, "{:?}", service.others);
        // 800 of ours in each window.
        assert_windows(took, 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_holds_all_workers_back_at_once() {
    let wait = Duration::from_secs(40);
    let service = Service { refuses: Some((300, wait)), ..Service::default() };
    run(&service, 1000).await;
    let state = service.state.lock().unwrap();
    assert_eq!((state.refused, state.arrivals.len()), (1, 1001));
    let at = state.arrivals[299];
    // What was on its way arrives; the reply takes a quarter of a second at most, and so does the way.
    let on_its_way = Duration::from_millis(500);
    let during = state.arrivals.iter().filter(|arrival| **arrival > at + on_its_way && **arrival < at + wait);
    assert_eq!(during.count(), 0);
    let before = state.arrivals.iter().filter(|arrival| **arrival <= at + on_its_way).count();
    assert!(before < 300 + 150, "{before}");
}
