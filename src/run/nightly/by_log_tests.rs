//! Nights one after the other: what is read, and when a change is found.

use super::*;
use crate::model::Live;
use crate::run::Seen;
use proptest::prelude::*;
use serde_json::json;

fn id(number: usize) -> ZoneId {
    ZoneId::try_from(format!("{number:032x}")).unwrap()
}

fn account() -> AccountId {
    AccountId::try_from("a".repeat(32)).unwrap()
}

fn zone(number: usize) -> ZoneEntry {
    let mut zone = ZoneEntry::new(id(number), format!("z{number}.example"));
    zone.account_id = Some(account());
    zone.legacy_id = Some("pro".to_owned());
    zone
}

/// The first minute of a night.
fn night(number: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + number * 86_400).unwrap()
}

fn live(value: &str) -> Live {
    let live = json!({"ai_search": value, "enable_js": true});
    Live::read(live.as_object().unwrap().clone())
}

fn seen(zone: &ZoneEntry, value: &str) -> Seen {
    Seen { entry: zone.clone(), live: Ok(live(value)) }
}

fn snapshot(at: Timestamp, zones: usize) -> Snapshot {
    Snapshot::new(at, "emulate:".to_owned(), (0..zones).map(|number| seen(&zone(number), "block")).collect())
}

fn hints() -> Hints {
    Hints { whole: [account()].into(), ..Hints::default() }
}

fn rotation() -> Rotation {
    "1/7".parse().unwrap()
}

fn whys(choice: &Choice) -> Vec<(String, Why)> {
    choice.read.iter().map(|(zone, why)| (zone.name.clone(), *why)).collect()
}

#[test]
fn a_zone_is_read_again_for_its_reason_and_a_share_of_the_others_in_turn() {
    let mut before = Snapshot::new(
        night(0),
        "emulate:".to_owned(),
        (0..14)
            .map(|number| match number {
                3 => Seen { live: Err(crate::model::Diagnostic::error("no")), ..seen(&zone(3), "block") },
                number => seen(&zone(number), "block"),
            })
            .collect(),
    );
    before = before.with_wanted(&BTreeMap::new());
    let mut zones: Vec<_> = (0..15).map(zone).collect();
    zones[4].legacy_id = Some("business".to_owned());
    zones[5].account_id = None;
    let hints = Hints {
        written: BTreeMap::from([
            (id(6), vec![Some(night(0) + SignedDuration::from_hours(3))]),
            (id(7), vec![None]),
            // It was read after that.
            (id(8), vec![Some(night(0) - SignedDuration::from_hours(3))]),
            (id(9), vec![Some(night(0) - SignedDuration::from_mins(4))]),
        ]),
        files: [id(10)].into(),
        ..hints()
    };
    let choice = choose(&before, zones, &hints, rotation());
    let names = |why: Why| -> Vec<String> {
        whys(&choice).into_iter().filter(|(_, other)| *other == why).map(|(name, _)| name).collect()
    };
    assert_eq!(names(Why::New), ["z3.example", "z4.example", "z14.example"]);
    assert_eq!(names(Why::NoLog), ["z5.example"]);
    assert_eq!(names(Why::Written), ["z6.example", "z7.example", "z9.example"]);
    assert_eq!(names(Why::File), ["z10.example"]);
    assert_eq!(names(Why::Turn), ["z0.example", "z1.example", "z2.example"], "a seventh of 15");
    assert_eq!(choice.kept.len(), 4);
}

#[test]
fn without_the_log_all_zones_are_read() {
    let choice = choose(&snapshot(night(0), 9), (0..9).map(zone).collect(), &Hints::default(), rotation());
    assert_eq!((choice.count(Why::NoLog), choice.kept.len()), (9, 0));
}

#[test]
fn a_share_is_one_of_some_nights() {
    for (text, is_share) in [("1/7", true), ("1/1", true), ("1/366", true), ("1/0", false), ("1/367", false)]
    {
        assert_eq!(text.parse::<Rotation>().is_ok(), is_share, "{text}");
    }
    for text in ["", "7", "2/7", "1/", "1/-7", "1/x"] {
        assert!(text.parse::<Rotation>().is_err(), "{text}");
    }
}

#[test]
fn a_taken_over_zone_keeps_when_it_was_read_in_the_file_too() {
    let mut before = snapshot(night(0), 3);
    for number in 1..=2 {
        let choice = choose(&before, (0..3).map(zone).collect(), &hints(), rotation());
        let read: Vec<_> = choice.read.iter().map(|(zone, _)| seen(zone, "block")).collect();
        before = before.again(night(number), read, choice.kept);
        let text = serde_json::to_string(&before).unwrap();
        assert_eq!(Snapshot::read(text.as_bytes()).unwrap(), before);
    }
    let times: Vec<_> = (0..3).map(|number| before.times(&id(number)).unwrap()).collect();
    let times: Vec<_> = times.iter().map(|times| (times.read_at, times.taken_over)).collect();
    assert_eq!(times, [(night(1), 1), (night(2), 0), (night(0), 2)]);
    let taken_over = before.taken_over().unwrap();
    assert_eq!((taken_over.zones, taken_over.oldest), (2, night(0)));
}

/// What happens in a night before it is read.
#[derive(Clone, Debug)]
struct Events {
    /// The zones that change without an entry.
    silent: Vec<usize>,
    /// The zones that change with one.
    logged: Vec<usize>,
    /// The zones that the log names although nothing changed.
    noise: Vec<usize>,
    /// Zones that are new, and zones that are gone.
    comes: usize,
    goes: Vec<usize>,
    has_log: bool,
}

fn events() -> impl Strategy<Value = Events> {
    let some = || prop::collection::vec(0_usize..60, 0..6);
    let noise = prop_oneof![some(), prop::collection::vec(0_usize..60, 0..60)];
    (some(), some(), noise, 0_usize..4, prop::collection::vec(0_usize..60, 0..3), prop::bool::weighted(0.9))
        .prop_map(|(silent, logged, noise, comes, goes, has_log)| Events {
            silent,
            logged,
            noise,
            comes,
            goes,
            has_log,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// The world beside what the snapshots say of it, over a month of nights.
    #[test]
    #[ignore = "slow: CI runs it"]
    fn a_change_without_an_entry_is_found_on_the_seventh_night_at_the_latest(
        start in 1_usize..40,
        nights in prop::collection::vec(events(), 30),
    ) {
        let mut world: BTreeMap<usize, u32> = (0..start).map(|number| (number, 0)).collect();
        // Since which night a change is not seen.
        let mut hidden: BTreeMap<usize, usize> = BTreeMap::new();
        let value = |version: u32| format!("v{version}");
        let read = |world: &BTreeMap<usize, u32>, zone: &ZoneEntry| {
            let number = usize::from_str_radix(zone.id.as_str(), 16).unwrap();
            seen(zone, &value(world[&number]))
        };
        let listed = |world: &BTreeMap<usize, u32>| world.keys().map(|number| zone(*number)).collect::<Vec<_>>();
        let first = listed(&world).iter().map(|zone| read(&world, zone)).collect();
        let mut snapshot = Snapshot::new(night(0), "emulate:".to_owned(), first);
        let mut next = start;
        for (index, events) in nights.iter().enumerate() {
            let now = index + 1;
            for gone in &events.goes {
                world.remove(gone);
                hidden.remove(gone);
            }
            world.extend((next..next + events.comes).map(|number| (number, 0)));
            next += events.comes;
            let at = night(now as i64) - SignedDuration::from_hours(6);
            let mut hints = Hints { whole: events.has_log.then(account).into_iter().collect(), ..Hints::default() };
            for number in events.logged.iter().chain(&events.noise) {
                hints.written.entry(id(*number)).or_default().push(Some(at));
            }
            for number in events.silent.iter().chain(&events.logged) {
                if let Some(version) = world.get_mut(number) {
                    *version += 1;
                    hidden.entry(*number).or_insert(now);
                }
            }
            let choice = choose(&snapshot, listed(&world), &hints, rotation());
            prop_assert_eq!(choice.read.len() + choice.kept.len(), world.len());
            let seen: Vec<_> = choice.read.iter().map(|(zone, _)| read(&world, zone)).collect();
            for (zone, _) in &choice.read {
                hidden.remove(&usize::from_str_radix(zone.id.as_str(), 16).unwrap());
            }
            prop_assert!(events.logged.iter().all(|number| !hidden.contains_key(number)), "a logged change is read at once");
            snapshot = snapshot.again(night(now as i64), seen, choice.kept);
            for (number, since) in &hidden {
                prop_assert!(now - since < 6, "zone {} was changed before night {} and is not read in night {}", number, since, now);
            }
            for number in world.keys().filter(|number| !hidden.contains_key(number)) {
                let shown = snapshot.live(&id(*number)).unwrap().unwrap();
                prop_assert_eq!(shown, &live(&value(world[number])));
            }
        }
    }
}
