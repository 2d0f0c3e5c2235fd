//! Runs that end at a time, one after the other: what each comes to, and that none is left for ever.

use super::*;
use crate::run::{Stop, plan_zones};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

/// A store in which reading a zone takes a while.
struct Slow {
    takes: Duration,
    /// The zones that cannot be read.
    broken: BTreeSet<String>,
    asked: Mutex<Vec<String>>,
}

impl Slow {
    fn new(seconds: u64) -> Self {
        Self { takes: Duration::from_secs(seconds), broken: BTreeSet::new(), asked: Mutex::default() }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

impl ReadZones for Slow {
    fn address(&self) -> Option<&str> {
        None
    }

    async fn resolve(&self, wanted: &[Lookup]) -> Vec<Result<ZoneEntry, ApiError>> {
        wanted.iter().map(|wanted| Ok(entry(number(wanted.name.as_str())))).collect()
    }

    async fn get<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send) -> Result<Live, ApiError> {
        let name = zone.into().name.unwrap().to_owned();
        self.asked.lock().unwrap().push(name.clone());
        tokio::time::sleep(self.takes).await;
        match self.broken.contains(&name) {
            true => Err(crate::api::ResolveError::NotInSnapshot { zone: name, why: None }.into()),
            false => Ok(live("block")),
        }
    }
}

fn live(value: &str) -> Live {
    let live = json!({"ai_search": value, "enable_js": true});
    Live::read(live.as_object().unwrap().clone())
}

fn name(number: usize) -> String {
    format!("z{number:02}.example")
}

fn number(name: &str) -> usize {
    name[1..3].parse().unwrap()
}

fn entry(number: usize) -> ZoneEntry {
    ZoneEntry::new(ZoneId::try_from(format!("{number:032x}")).unwrap(), name(number))
}

fn wants(zones: impl IntoIterator<Item = usize>) -> Vec<Desired> {
    zones.into_iter().map(|zone| Desired::new(name(zone).parse().unwrap(), Variant::SbfmPro)).collect()
}

fn planning(at_once: usize, seconds: u64) -> Planning {
    let until = tokio::time::Instant::now() + Duration::from_secs(seconds);
    let planning = Planning::new(jiff::civil::Date::default());
    Planning { concurrency: at_once, until: Some(until.into_std()), ..planning }
}

/// The first minute of a night.
fn night(number: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + number * 86_400).unwrap()
}

#[tokio::test(start_paused = true)]
async fn no_zone_is_begun_when_the_time_is_over_and_those_in_flight_are_finished() {
    let store = Slow::new(4);
    let begun = tokio::time::Instant::now();
    let planned = plan_in_time(&store, wants(0..9), &planning(2, 10), &|_| {}).await;
    // Two each at 0, 4 and 8 seconds; the last two end at 12.
    let done: Vec<_> = planned.iter().map(Option::is_some).collect();
    assert_eq!(done, [true, true, true, true, true, true, false, false, false]);
    assert!(planned.iter().flatten().all(|zone| zone.live().is_some()));
    assert_eq!(begun.elapsed().as_secs(), 12);
    assert_eq!(store.asked().len(), 6);
    assert_eq!(plan_zones(&store, wants(0..9), &planning(2, 10), &|_| {}).await.len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_not_taken_for_the_end_of_the_time() {
    let (store, planning) = (Slow::new(4), planning(1, 6));
    planning.stop.request();
    let planned = plan_in_time(&store, wants(0..2), &planning, &|_| {}).await;
    assert!(planned.iter().flatten().all(|zone| zone.unwritten() == Outcome::NotAttempted));
    assert_eq!(planned.iter().flatten().count(), 2);
    assert!(!Stop::default().is_requested());
}

#[tokio::test(start_paused = true)]
async fn zones_that_no_snapshot_has_come_first_and_then_the_longest_unread() {
    let seen = |zones: &[usize]| {
        zones.iter().map(|zone| Seen { entry: entry(*zone), live: Ok(live("block")) }).collect()
    };
    let first = Snapshot::new(night(0), "emulate:".to_owned(), seen(&[0, 1, 2, 3]));
    let before = first.again(night(1), seen(&[0, 2]), vec![entry(1), entry(3)]);
    let listed: Vec<_> = (0..6).map(entry).collect();
    let turns = Turns { before: Some(&before), listed: &listed, watches: true };
    let store = Slow::new(1);
    // No file manages 1 and 5.
    let round = turns.run(&store, wants([0, 2, 3, 4]), &planning(1, 3), &|_| {}).await;
    assert_eq!(store.asked(), [4, 5, 1].map(name));
    assert_eq!(round.zones.len(), 1);
    assert_eq!(round.watched.iter().map(|zone| &zone.entry).collect::<Vec<_>>(), [&entry(5), &entry(1)]);
    assert_eq!(round.left, [Some(night(0)), Some(night(1)), Some(night(1))]);
    let next = turns.next(night(2), "emulate:", &round.zones, &round.watched);
    let read_at = |zone: usize| next.times(&entry(zone).id).unwrap().read_at;
    assert_eq!([0, 1, 2, 3, 4, 5].map(read_at), [1, 2, 1, 0, 2, 2].map(night));
    // One that no run has come to is in the snapshot all the same: it is not new the next time.
    let first = Turns { before: None, ..turns }.next(night(2), "emulate:", &round.zones, &round.watched);
    assert!(first.times(&entry(0).id).is_none() && first.entry(&entry(0).id).is_some());
    let text = serde_json::to_string(&first).unwrap();
    assert_eq!(Snapshot::read(text.as_bytes()).unwrap(), first);
    // By name where nothing tells, and files alone.
    let turns = Turns { before: None, listed: &[], watches: false };
    let round = turns.run(&store, wants([3, 0, 2]), &planning(1, 2), &|_| {}).await;
    assert_eq!((store.asked(), round.left), ([0, 2].map(name).to_vec(), vec![None]));
}

/// What happens before a night.
#[derive(Clone, Debug)]
struct Before {
    /// Zones that come and go.
    toggled: Vec<usize>,
    broken: BTreeSet<usize>,
    /// How many seconds the night has.
    seconds: u64,
}

fn before() -> impl Strategy<Value = Before> {
    let zones = || proptest::collection::btree_set(0..20_usize, 0..3);
    (zones(), zones(), 2..6_u64).prop_map(|(toggled, broken, seconds)| Before {
        toggled: toggled.into_iter().collect(),
        broken,
        seconds,
    })
}

proptest! {
    /// Whatever comes, goes or fails: a zone that is there all the time is asked for again before each other was asked
    /// for twice, so that nights reach every zone.
    #[test]
    fn nights_reach_every_zone(nights in proptest::collection::vec(before(), 10)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let mut there: BTreeSet<usize> = (0..12).collect();
        let mut last: Option<Snapshot> = None;
        // For how many nights each zone that is there was not asked for.
        let mut waits = [0_usize; 20];
        for (number, Before { toggled, broken, seconds }) in nights.into_iter().enumerate() {
            for zone in toggled {
                if !there.remove(&zone) {
                    there.insert(zone);
                    waits[zone] = 0;
                }
            }
            let mut store = Slow::new(1);
            store.broken = broken.iter().map(|zone| name(*zone)).collect();
            let listed: Vec<_> = there.iter().copied().map(entry).collect();
            let turns = Turns { before: last.as_ref(), listed: &listed, watches: true };
            // Every other zone has a file.
            let files = there.iter().copied().filter(|zone| zone % 2 == 0);
            let round = runtime.block_on(async {
                turns.run(&store, wants(files), &planning(2, seconds), &|_| {}).await
            });
            let asked: BTreeSet<_> = store.asked().iter().map(|name| super::tests::number(name)).collect();
            prop_assert_eq!(asked.len(), there.len().min(2 * seconds as usize));
            prop_assert_eq!(round.left.len(), there.len() - asked.len());
            for zone in &there {
                waits[*zone] = if asked.contains(zone) { 0 } else { waits[*zone] + 1 };
                // At most 20 zones, at least 4 a night; and those that came meanwhile go first.
                prop_assert!(waits[*zone] <= 8, "{} waits since {} nights", zone, waits[*zone]);
            }
            let next = turns.next(night(number as i64), "emulate:", &round.zones, &round.watched);
            for zone in &there {
                let at = next.times(&entry(*zone).id).map(|times| times.read_at);
                let then = last.as_ref().and_then(|last| last.times(&entry(*zone).id)).map(|times| times.read_at);
                prop_assert_eq!(at, if asked.contains(zone) { Some(night(number as i64)) } else { then });
            }
            last = Some(next);
        }
    }
}
