//! The request budget in paused time: windows, pauses, what replies say, leases.

use crate::api::Budget;
use crate::api::budget::Quota;
use crate::model::Rate;
use std::time::Duration;
use tokio::time::{Instant, advance};

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
async fn requests_of_other_processes_are_withheld_as_long_as_they_count() {
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
    let policy = |allowed, window| Quota { left: None, policy: Some((allowed, Duration::from_secs(window))) };
    for nothing in [policy(200, 1), policy(200, 299), policy(0, 300)] {
        budget.learn(&nothing);
        assert_eq!(budget.remaining(), Some(1200));
    }
    budget.learn(&policy(20, 301));
    assert_eq!(budget.remaining(), Some(20));
    budget.learn(&policy(10, 300));
    assert_eq!(budget.remaining(), Some(10));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_cloudflare_asked_for_is_over_when_its_time_has_come() {
    let budget = Budget::unlimited();
    budget.note_retry(Duration::from_secs(5));
    let waiting = || budget.waiting().map(|wait| (wait.left.as_secs(), wait.is_asked));
    assert_eq!(waiting(), Some((5, true)));
    advance(Duration::from_secs(5)).await;
    assert_eq!(waiting(), None);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_budget_that_is_used_up_and_not_asked() {
    let budget = budget(1, 10);
    drop(budget.place().await);
    assert_eq!(budget.waiting(), None);
    let waits = tokio::time::timeout(Duration::from_secs(1), async {
        tokio::join!(budget.place(), async { budget.waiting().unwrap() }).1
    });
    assert!(waits.await.is_err());
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
async fn the_estimate_knows_until_when_others_have_used_the_limit() {
    let budget = budget(1200, 300);
    drop(budget.place().await);
    budget.learn(&left(200, 60));
    let seconds = |requests| budget.eta(requests).as_secs();
    assert_eq!(
        (seconds(200), seconds(201), seconds(1199), seconds(1200), seconds(1201)),
        (0, 60, 60, 300, 300)
    );
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
async fn leases_larger_than_the_budget_run_one_at_a_time() {
    let budget = budget(2, 10);
    let start = Instant::now();
    let work = async || {
        let lease = budget.lease(3).await;
        assert_eq!((lease.places(), budget.remaining()), (2, Some(0)));
        for _ in 0..3 {
            drop(lease.place().await);
        }
        start.elapsed().as_secs()
    };
    assert_eq!(tokio::join!(work(), work()), (10, 30));
}

#[tokio::test(start_paused = true)]
async fn a_lease_of_all_places_waits_for_places_and_not_for_another_lease_of_that_size() {
    let budget = budget(2, 10);
    let used_up = budget.lease(2).await;
    drop(used_up.place().await);
    drop(used_up.place().await);
    let lease = tokio::time::timeout(Duration::from_secs(11), budget.lease(2)).await;
    assert_eq!(lease.unwrap().places(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_shrinks_while_a_lease_waits_gives_it_what_it_has() {
    let budget = budget(4, 10);
    let first = budget.lease(3).await;
    let shrink = async {
        advance(Duration::from_secs(1)).await;
        budget.learn(&Quota { left: None, policy: Some((2, Duration::from_secs(300))) });
        drop(first);
    };
    let (lease, ()) = tokio::join!(budget.lease(3), shrink);
    assert_eq!(lease.places(), 2);
    let waits = tokio::time::timeout(Duration::from_secs(60), budget.lease(3)).await;
    assert!(waits.is_err(), "it is the other one's turn");
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
    budget.learn(&left(0, 3));
    lease.ready().await;
    assert_eq!(start.elapsed().as_secs(), 4 + 3, "nothing is left for it either");
    let waits = tokio::time::timeout(Duration::from_secs(1), budget.lease(2)).await;
    assert!(waits.is_err());
    drop(lease);
    assert_eq!(budget.remaining(), Some(3));
}

#[tokio::test(start_paused = true)]
async fn time_that_requests_wait_together_is_counted_once() {
    let budget = budget(1, 10);
    tokio::join!(waited(&budget), waited(&budget), waited(&budget));
    assert_eq!(budget.waited().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_place_that_cannot_be_free_in_time_is_not_waited_for() {
    let budget = budget(1, 10);
    drop(budget.place().await);
    let begun = Instant::now();
    let until = |seconds| (begun + Duration::from_secs(seconds)).into_std();
    assert!(budget.lease_until(until(9)).await.is_none());
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert!(budget.lease_until(until(11)).await.is_some());
    assert_eq!(begun.elapsed(), Duration::from_secs(10));
}
