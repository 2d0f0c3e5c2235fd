//! Random schedules: zones that share a name, a list that fails or grows, faulty replies, a rate limit that makes
//! requests wait, and outside actions after any request.

use crate::cases::{Case, case};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How a file identifies its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pin {
    Name,
    Account,
    Id,
}

/// The zone of the same name in another account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Twin {
    None,
    There,
    /// It comes while the list is read, before all others or behind them.
    Added {
        nth: u32,
        first: bool,
    },
}

/// When a zone is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    Never,
    Before,
    /// After it was planned.
    After,
}

/// One zone and its file.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) protection: Protection,
    pub(crate) case: Case,
    pub(crate) pin: Pin,
    pub(crate) twin: Twin,
}

/// An outside action right after a request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Changes a setting of a zone.
    Edit { zone: usize, key: &'static str, value: Value },
    /// Presses Ctrl-C.
    Stop,
}

/// One run.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) zones: Vec<Planned>,
    /// Zones without a file; they fill a second page.
    pub(crate) others: Option<bool>,
    pub(crate) listing: Vec<Value>,
    pub(crate) rate: Option<(u32, u32)>,
    /// What is done, after how many requests of the apply.
    pub(crate) acts: Vec<(usize, Act)>,
    pub(crate) concurrency: usize,
    /// Whether the plan was saved, and is applied with `--partial`.
    pub(crate) saved: Option<bool>,
}

pub(crate) fn name(n: usize) -> String {
    format!("z{n}.example.com")
}

/// The id of a zone, or of its twin.
pub(crate) fn id(n: usize, is_twin: bool) -> String {
    format!("{:032x}", n + if is_twin { 1000 } else { 1 })
}

fn account(is_twin: bool) -> String {
    if is_twin { "b" } else { "a" }.repeat(32)
}

impl Planned {
    /// The text of the file.
    pub(crate) fn text(&self, n: usize) -> String {
        let mut text = self.case.file.text(&name(n));
        match self.pin {
            Pin::Name => {}
            Pin::Account => writeln!(text, "account_id: {}", account(false)).unwrap(),
            Pin::Id => writeln!(text, "zone_id: \"{}\"", id(n, false)).unwrap(),
        }
        if self.protection == Protection::Before {
            text.push_str("protect: true\n");
        }
        text
    }

    fn in_world(&self, n: usize, is_twin: bool) -> Value {
        let mut zone = self.case.in_world(&name(n));
        (zone["id"], zone["account"]) = (json!(id(n, is_twin)), json!(account(is_twin)));
        if is_twin {
            zone["faults"] = json!([]);
        }
        zone
    }
}

impl Schedule {
    /// The world as it is before the plan.
    pub(crate) fn world(&self) -> Value {
        let mut zones = Vec::new();
        let mut faults = self.listing.clone();
        for (n, planned) in self.zones.iter().enumerate() {
            zones.push(planned.in_world(n, false));
            match planned.twin {
                Twin::None => {}
                Twin::There => zones.push(planned.in_world(n, true)),
                Twin::Added { nth, first } => {
                    let zone = planned.in_world(n, true);
                    faults.push(
                        json!({"on": "ZONES", "nth": nth, "do": "add_zone", "zone": zone, "first": first}),
                    );
                }
            }
        }
        if let Some(are_first) = self.others {
            let other = |n| json!({"name": format!("other-{n}.example.com"), "plan": "free", "account": account(false)});
            let others: Vec<_> = (0..49).map(other).collect();
            let place = if are_first { 0 } else { zones.len() };
            zones.splice(place..place, others);
        }
        json!({"zones": zones, "faults": faults})
    }
}

/// A reply that goes wrong so that its status shows whether the client got it.
fn twists(on: Vec<&'static str>, after_write: bool) -> BoxedStrategy<Value> {
    let mut words = vec!["status", "reset", "throttle", "throttle", "silent"];
    if after_write {
        words.extend(["status_after_write", "reset_after_write", "silent_after_write"]);
    }
    let retry_after = prop::option::weighted(0.7, 0_u32..60);
    (select(on), select(words), 1_u32..6, select(vec![1_u32, 1, 2, 3, 9]), retry_after)
        .prop_map(|(on, word, nth, count, retry_after)| {
            let mut fault = json!({"on": on, "do": word, "nth": nth, "count": count});
            if word.starts_with("status") {
                fault["status"] = json!(503);
            }
            if let Some(seconds) =
                retry_after.filter(|_| !word.starts_with("silent") && !word.starts_with("reset"))
            {
                fault["retry_after"] = json!(seconds);
            }
            fault
        })
        .boxed()
}

fn planned() -> BoxedStrategy<Planned> {
    let pin = select(vec![Pin::Name, Pin::Name, Pin::Account, Pin::Id]);
    let added = (1_u32..3, any::<bool>()).prop_map(|(nth, first)| Twin::Added { nth, first });
    let twin = prop_oneof![3 => Just(Twin::None), 1 => Just(Twin::There), 1 => added];
    let faults = prop_oneof![
        3 => Just(Vec::new()),
        1 => prop::collection::vec(twists(vec!["PUT"], true), 1..3),
        1 => prop::collection::vec(twists(vec!["GET"], false), 1..2),
    ];
    let protection = prop_oneof![8 => Just(Protection::Never), 1 => Just(Protection::Before), 1 => Just(Protection::After)];
    (case(), pin, twin, faults, protection)
        .prop_map(|(case, pin, twin, faults, protection)| {
            let (sticky, unreported) = (Vec::new(), Vec::new());
            Planned { case: Case { faults, sticky, unreported, ..case }, pin, twin, protection }
        })
        .boxed()
}

/// An edit of one of so many zones.
fn edit(zones: usize) -> BoxedStrategy<Act> {
    let key = select(vec!["ai_search", "ai_user", "ai_bots_protection", "tomorrow"]);
    (0..zones, key, select(vec!["block", "disabled", "fortress"]))
        .prop_map(|(zone, key, value)| Act::Edit { zone, key, value: json!(value) })
        .boxed()
}

/// A zone that is planned without a fault; `first` is what its apply meets.
fn calm(first: BoxedStrategy<Value>) -> BoxedStrategy<Planned> {
    (planned(), first)
        .prop_map(|(planned, first)| {
            let case = Case { faults: vec![first], ..planned.case };
            Planned { protection: Protection::Never, pin: Pin::Id, twin: Twin::None, case }
        })
        .boxed()
}

/// Zones of which the first is told to wait, perhaps while another one is between its read and its PUT, or whose PUT is
/// sent again. Somebody may edit one meanwhile.
fn waiting() -> BoxedStrategy<Schedule> {
    let throttle = (select(vec!["throttle", "status"]), 0_u32..60, 1_u32..3);
    let throttle = throttle.prop_map(
        |(word, retry_after, count)| json!({"do": word, "retry_after": retry_after, "count": count}),
    );
    let on = prop_oneof![1 => Just(("GET", 2)), 1 => Just(("PUT", 1))];
    let fault = (throttle, on).prop_map(|(mut fault, (on, nth))| {
        (fault["on"], fault["nth"]) = (json!(on), json!(nth));
        if fault["do"] == "status" {
            fault["status"] = json!(503);
        }
        fault
    });
    let zones = (calm(fault.boxed()), prop::collection::vec(calm(Just(Value::Null).boxed()), 0..3));
    let acts = prop::collection::vec((1_usize..9, edit(2)), 0..3);
    let rate = prop::option::weighted(0.4, (3_u32..6, select(vec![3_u32, 10])));
    (zones, rate, acts, 2_usize..5)
        .prop_map(|((first, mut others), rate, mut acts, concurrency)| {
            others.iter_mut().for_each(|zone| zone.case.faults.clear());
            acts.sort_by_key(|(after, _)| *after);
            let zones = std::iter::once(first).chain(others).collect();
            Schedule { zones, others: None, listing: Vec::new(), rate, acts, concurrency, saved: None }
        })
        .boxed()
}

/// A run of any kind, and now and then one in which requests wait while somebody edits.
pub(crate) fn schedule() -> BoxedStrategy<Schedule> {
    prop_oneof![3 => any_schedule(), 1 => waiting()].boxed()
}

fn any_schedule() -> BoxedStrategy<Schedule> {
    let act = prop_oneof![3 => edit(4), 1 => Just(Act::Stop)];
    let acts = prop_oneof![1 => Just(Vec::new()), 2 => prop::collection::vec((0_usize..14, act), 1..3)];
    let listing = prop_oneof![
        2 => Just(Vec::new()),
        1 => prop::collection::vec(twists(vec!["ZONES"], false), 1..3),
    ];
    let rate = prop::option::weighted(0.5, (select(vec![1_u32, 2, 3, 4, 5, 7]), select(vec![1_u32, 3, 10])));
    (
        prop::collection::vec(planned(), 1..5),
        prop::option::of(any::<bool>()),
        listing,
        rate,
        acts,
        1_usize..5,
        prop::option::weighted(0.3, any::<bool>()),
    )
        .prop_map(|(zones, others, listing, rate, mut acts, concurrency, saved)| {
            acts.sort_by_key(|(after, _)| *after);
            Schedule { zones, others, listing, rate, acts, concurrency, saved }
        })
        .boxed()
}
