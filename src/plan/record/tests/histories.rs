//! Histories of approvals and records: whatever happens in whatever order, nothing is written that nobody approved, no
//! approval works twice, and no merged change is lost.

use super::events::{Edit, Event, Fate, Scope};
use super::search::{play_picks, search, shortest};
use super::world::Mode;
use proptest::prelude::*;
use proptest::test_runner::Config;

/// One zone, one setting of two values: pull requests, direct pushes, runs that end in every way.
fn one_setting() -> Vec<Event> {
    let edits = [Edit::Choice(0, 0), Edit::Choice(0, 2)];
    let mut events: Vec<_> = edits.map(Event::Push).into();
    events.extend(edits.map(Event::Open));
    events.extend([
        Event::Plan(0),
        Event::Merge(0),
        Event::Claim(Scope::Approved, 0, None, None),
        Event::Put(0, 0, Fate::Taken),
        Event::Settle(0, true),
        Event::Kill(0, None),
        Event::Run(Scope::Approved),
        Event::Set(0, 0, 0),
        Event::Set(0, 0, 2),
        Event::Save,
        Event::Run(Scope::ByHand),
    ]);
    events
}

/// Temporary values, their ends, and the way back.
fn temporary() -> Vec<Event> {
    vec![
        Event::Push(Edit::Temporary(0, 2, 0)),
        Event::Push(Edit::Choice(0, 1)),
        Event::Push(Edit::Choice(0, 0)),
        Event::Open(Edit::Temporary(0, 2, 0)),
        Event::Open(Edit::Toggle(0, 1)),
        Event::Merge(0),
        Event::Run(Scope::Approved),
        Event::Run(Scope::OnlyEnded),
        Event::Save,
        Event::Run(Scope::ByHand),
        Event::Set(0, 0, 0),
        Event::Set(0, 0, 2),
        Event::Day,
    ]
}

/// Two zones: selected runs, failures, stops.
fn two_zones() -> Vec<Event> {
    vec![
        Event::Push(Edit::Choice(0, 0)),
        Event::Push(Edit::Both(2)),
        Event::Open(Edit::Both(2)),
        Event::Open(Edit::Toggle(0, 1)),
        Event::Merge(0),
        Event::Claim(Scope::Approved, 0, None, None),
        Event::Claim(Scope::Approved, 0, Some(0), None),
        Event::Claim(Scope::Approved, 0, None, Some(0)),
        Event::Put(0, 0, Fate::Half),
        Event::Put(0, 0, Fate::LostTaken),
        Event::Put(0, 1, Fate::Refused),
        Event::Settle(0, true),
        Event::Settle(0, false),
        Event::Kill(0, Some(0)),
        Event::Arrive,
        Event::Set(0, 0, 0),
        Event::Set(0, 1, 1),
    ]
}

/// One zone that is protected or accepted at times, and saved plans.
fn modes() -> Vec<Event> {
    let mut events = vec![
        Event::Open(Edit::Choice(0, 2)),
        Event::Open(Edit::Toggle(0, 1)),
        Event::Merge(0),
        Event::Run(Scope::Approved),
        Event::Claim(Scope::Approved, 0, None, None),
        Event::Claim(Scope::ByHand, 0, None, None),
        Event::Put(0, 0, Fate::Taken),
        Event::Put(0, 0, Fate::Half),
        Event::Kill(0, None),
        Event::Save,
        Event::Run(Scope::ByHand),
        Event::Set(0, 0, 0),
        Event::Push(Edit::Choice(0, 0)),
    ];
    let modes = [Mode::Plain, Mode::Protected, Mode::Accepted].map(|mode| Event::Push(Edit::Mode(0, mode)));
    events.extend(modes);
    events
}

/// The events of one history: some of all, or few that meet often.
fn alphabet(by: [usize; 6]) -> Vec<Event> {
    match by[5] / 100 % 8 {
        0 => one_setting(),
        1 => two_zones(),
        2 => modes(),
        3 | 4 => temporary(),
        _ => some(by),
    }
}

/// Some of all events, by chance: few edits and hands, so that they meet, and all that runs do.
fn some(by: [usize; 6]) -> Vec<Event> {
    let mut edits = vec![Edit::Both(0), Edit::Both(1), Edit::Both(2)];
    let mut hands = Vec::new();
    for zone in 0..2 {
        edits.extend((0..3).map(|value| Edit::Choice(zone, value)));
        edits.extend((0..2).map(|value| Edit::Toggle(zone, value)));
        edits.extend([Edit::Temporary(zone, 2, 0), Edit::Temporary(zone, 1, 1), Edit::Unmanage(zone)]);
        edits.extend([Mode::Plain, Mode::Protected, Mode::Accepted].map(|mode| Edit::Mode(zone, mode)));
        hands.extend((0..3).map(|value| Event::Set(zone, 0, value)));
        hands.extend((0..2).map(|value| Event::Set(zone, 1, value)));
    }
    let mut events = Vec::new();
    for by in &by[..3] {
        let edit = edits[by % edits.len()];
        events.extend([Event::Push(edit), Event::Open(edit), Event::Open(edit)]);
        events.push(hands[by / 100 % hands.len()]);
    }
    let fates = [Fate::Refused, Fate::Half, Fate::LostTaken, Fate::LostNotTaken, Fate::Unread];
    let jobs = 1 + by[3] % 2;
    for job in 0..jobs {
        let fate = fates[by[4] % fates.len()];
        for zone in 0..2 {
            events.extend([Event::Put(job, zone, Fate::Taken), Event::Put(job, zone, fate)]);
            events.push(Event::Kill(job, Some(zone)));
        }
        events.extend([Event::Settle(job, true), Event::Settle(job, false), Event::Kill(job, None)]);
    }
    let zone = by[5] % 2;
    let scopes = [Scope::Approved, Scope::OnlyEnded, Scope::ByHand];
    for scope in [Scope::Approved, scopes[by[5] / 2 % 3]] {
        events.extend([Event::Claim(scope, 0, None, None), Event::Run(scope), Event::Run(scope)]);
        events.extend([Event::ClaimWithJournal(scope), Event::Claim(scope, by[5] / 6 % 2, Some(zone), None)]);
        events.push(Event::Claim(scope, 0, None, Some(zone)));
    }
    events.extend([Event::Merge(0), Event::Merge(0), Event::Merge(1), Event::Plan(0), Event::Plan(1)]);
    events.extend([Event::Save, Event::Arrive, Event::Undo]);
    if (by[5] / 12).is_multiple_of(2) {
        events.push(Event::Day);
    }
    events
}

fn holds(what: &str, events: &[Event], depth: usize) {
    match search(events, depth, usize::MAX) {
        Ok(states) => println!("{what}: {states} states up to {depth} events"),
        Err(broken) => panic!("{what}: {broken}"),
    }
}

#[test]
#[ignore = "slow: CI runs it"]
fn no_short_history_breaks_a_promise() {
    holds("one setting", &one_setting(), 4);
    holds("temporary values", &temporary(), 4);
    holds("two zones", &two_zones(), 4);
}

/// `cargo test --release --lib every_history -- --ignored --nocapture`
#[test]
#[ignore = "takes many minutes even in a release build"]
fn every_history_of_up_to_seven_events_keeps_the_promises() {
    holds("one setting", &one_setting(), 7);
    holds("temporary values", &temporary(), 7);
    holds("two zones", &two_zones(), 6);
}

/// How many histories are played: `BOTFORM_HISTORIES=10000 cargo test --lib histories`.
fn cases() -> u32 {
    std::env::var("BOTFORM_HISTORIES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000)
}

proptest! {
    #![proptest_config(Config { cases: cases(), failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() })]

    #[test]
    fn histories_keep_the_promises(
        by in prop::array::uniform6(0_usize..10_000),
        picks in prop::collection::vec(0_usize..10_000, 10..=20),
    ) {
        if let Err(broken) = play_picks(&alphabet(by), &picks) {
            prop_assert!(false, "{}", shortest(broken));
        }
    }
}
