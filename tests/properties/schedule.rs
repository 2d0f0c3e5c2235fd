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

/// A zone that is read and planned without a fault.
fn calm() -> BoxedStrategy<Planned> {
    planned()
        .prop_map(|planned| {
            let case = Case { faults: Vec::new(), ..planned.case };
            Planned { protection: Protection::Never, pin: Pin::Id, twin: Twin::None, case }
        })
        .boxed()
}

/// Zones of which the first is told to wait, and somebody who edits one meanwhile: the one whose PUT is sent again, or
/// another one, between its read and its PUT.
fn waiting() -> BoxedStrategy<Schedule> {
    let zones = (prop::collection::vec(calm(), 2..4), any::<bool>(), any::<bool>());
    let retry_after = prop_oneof![1_u32..7, 1_u32..60];
    let fault = (select(vec!["throttle", "throttle", "status"]), retry_after, 1_u32..3);
    // A GET, a PUT, a GET, and one more before the PUT is sent again, which has to wait.
    let rate = prop::option::of(Just((4, 10)));
    (zones, fault, rate, prop::option::weighted(0.6, 2_usize..5))
        .prop_map(|((mut zones, on_put, is_alone), (word, retry_after, count), rate, edited)| {
            let (on, nth) = if on_put { ("PUT", 1) } else { ("GET", 2) };
            let mut fault =
                json!({"on": on, "nth": nth, "do": word, "retry_after": retry_after, "count": count});
            if word == "status" {
                fault["status"] = json!(503);
            }
            zones[0].case.faults.push(fault);
            if on_put && is_alone {
                zones.truncate(1);
            }
            // A value that is not there yet.
            let edit = Act::Edit { zone: usize::from(!on_put), key: "tomorrow", value: json!("fortress") };
            let acts = edited.map(|after| (after + usize::from(on_put), edit)).into_iter().collect();
            let concurrency = zones.len();
            Schedule { zones, others: None, listing: Vec::new(), rate, acts, concurrency, saved: None }
        })
        .boxed()
}

/// Zones of which the first has a twin that the list hides: on a page that cannot be read, or that comes while it is read.
fn hidden() -> BoxedStrategy<Schedule> {
    let zones = prop::collection::vec(calm(), 2..4);
    let twin = prop_oneof![
        1 => Just(Twin::There),
        1 => any::<bool>().prop_map(|first| Twin::Added { nth: 2, first }),
    ];
    (zones, twin, select(vec!["status", "reset"]), 1_usize..4)
        .prop_map(|(mut zones, twin, word, concurrency)| {
            (zones[0].twin, zones[0].pin) = (twin, Pin::Name);
            let mut fault = json!({"on": "ZONES", "do": word, "nth": 2, "count": 3});
            if word == "status" {
                fault["status"] = json!(503);
            }
            let listing = if twin == Twin::There { vec![fault] } else { Vec::new() };
            // The first zone is the last one of the first page.
            let (others, rate, acts, saved) = (Some(true), None, Vec::new(), None);
            Schedule { zones, others, listing, rate, acts, concurrency, saved }
        })
        .boxed()
}

/// A run of any kind, and now and then one in which requests wait while somebody edits, or a twin is hidden.
pub(crate) fn schedule() -> BoxedStrategy<Schedule> {
    prop_oneof![5 => any_schedule(), 3 => waiting(), 1 => hidden()].boxed()
}

fn any_schedule() -> BoxedStrategy<Schedule> {
    let edit = (0_usize..4, select(vec!["ai_search", "ai_user", "ai_bots_protection", "tomorrow"]));
    let edit = (edit, select(vec!["block", "disabled", "fortress"]))
        .prop_map(|((zone, key), value)| Act::Edit { zone, key, value: json!(value) });
    let act = prop_oneof![3 => edit, 1 => Just(Act::Stop)];
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
