//! GET, PUT and GET of a zone reserve their places in the request budget together: nothing is written on an old read,
//! and nothing is sent after a stop request. The clock is simulated.

use crate::api::{ApiError, Body, Budget, Lease, Lookup, ReadZones, WriteZones, ZoneEntry, ZoneRef};
use crate::catalogue::Variant;
use crate::model::{Desired, Live, Outcome, Rate, ZoneId, ZoneOutcome};
use crate::plan::{Plan, Provenance};
use crate::run::{Apply, Guarded, Planning, Rules, Stop, plan_zones};
use serde_json::{Map, json};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A store of zones whose requests take places of a budget, as the client's do.
struct Store {
    budget: Budget,
    begun: Instant,
    zones: Mutex<BTreeMap<ZoneId, Map<String, serde_json::Value>>>,
    /// Each request that was sent: when, and what.
    sent: Mutex<Vec<(u64, &'static str)>>,
    /// For how long the service asks for a pause, after the requests of these numbers.
    pause: Option<(RangeInclusive<usize>, u64)>,
}

impl Store {
    fn new(rate: (u32, u32), count: usize) -> Self {
        let live = json!({"ai_search": "disabled", "sbfm_verified_bots": "allow"});
        let zone = |n| (id(n), live.as_object().unwrap().clone());
        Self {
            budget: Budget::new(Rate::new(rate.0, rate.1).unwrap()),
            begun: Instant::now(),
            zones: Mutex::new((0..count).map(zone).collect()),
            sent: Mutex::default(),
            pause: None,
        }
    }

    /// Notes a request that is sent now; how many there were.
    fn send(&self, what: &'static str) -> usize {
        let mut sent = self.sent.lock().unwrap();
        sent.push((self.begun.elapsed().as_secs(), what));
        sent.len()
    }

    fn sent(&self) -> String {
        let lines: Vec<_> =
            self.sent.lock().unwrap().iter().map(|(at, what)| format!("{at}:{what}")).collect();
        lines.join(" ")
    }

    fn edit(&self, n: usize, value: &str) {
        self.zones.lock().unwrap().get_mut(&id(n)).unwrap().insert("ai_user".to_owned(), json!(value));
    }

    /// Plans all zones without a budget, and begins anew.
    async fn plan(&mut self) -> Plan {
        let budget = std::mem::replace(&mut self.budget, Budget::unlimited());
        let count = self.zones.lock().unwrap().len();
        let want = |n: usize| {
            let mut want = Desired::new(format!("zone-{n}.example").parse().unwrap(), Variant::SbfmPro);
            want.set("ai_search", "block").unwrap();
            want
        };
        let day = jiff::civil::date(2026, 11, 23);
        let zones = plan_zones(&*self, (0..count).map(want).collect(), &Planning::new(day), &|_| {}).await;
        self.sent.lock().unwrap().clear();
        self.budget = budget;
        Plan::build(Provenance::new("2026-11-23T00:00:00Z".parse().unwrap(), "test:".to_owned()), zones)
    }

    async fn apply(&self, plan: &Plan, stop: &Stop) -> Vec<Outcome> {
        self.ends(plan, stop).await.iter().map(|end| end.outcome).collect()
    }

    async fn ends(&self, plan: &Plan, stop: &Stop) -> Vec<ZoneOutcome> {
        let guarded = Guarded::check(plan, &Rules::new(plan.provenance().created_at)).unwrap();
        let mut apply = Apply::new(self);
        apply.stop = stop.clone();
        apply.run(&guarded, &|_, _| {}).await.outcomes
    }
}

fn id(n: usize) -> ZoneId {
    ZoneId::try_from(format!("{n:032x}")).unwrap()
}

impl ReadZones for Store {
    fn address(&self) -> Option<&str> {
        None
    }

    async fn resolve(&self, wanted: &[Lookup]) -> Vec<Result<ZoneEntry, ApiError>> {
        wanted.iter().enumerate().map(|(n, zone)| Ok(ZoneEntry::new(id(n), zone.name.to_string()))).collect()
    }

    async fn get<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send) -> Result<Live, ApiError> {
        let zone = zone.into();
        let _place = match zone.lease {
            Some(lease) => lease.place().await,
            None => Some(self.budget.place().await),
        };
        let number = self.send("GET");
        if let Some((_, seconds)) = self.pause.as_ref().filter(|(after, _)| after.contains(&number)) {
            self.budget.pause(Duration::from_secs(*seconds));
        }
        Ok(Live::read(self.zones.lock().unwrap()[zone.id].clone()))
    }
}

impl WriteZones for Store {
    async fn put<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send, body: &Body) -> Result<(), ApiError> {
        let zone = zone.into();
        let _place = zone.lease.unwrap().place().await;
        self.send("PUT");
        self.zones.lock().unwrap().get_mut(zone.id).unwrap().extend(body.clone());
        Ok(())
    }

    async fn transaction<'a>(&self, _: impl Into<ZoneRef<'a>> + Send, writes: usize) -> Lease {
        self.budget.lease(1 + 2 * writes).await
    }
}

#[tokio::test(start_paused = true)]
async fn the_three_requests_of_a_zone_are_never_parted() {
    let mut store = Store::new((4, 10), 3);
    let plan = store.plan().await;
    assert_eq!(store.apply(&plan, &Stop::default()).await, [Outcome::Applied; 3]);
    assert_eq!(
        store.sent(),
        "0:GET 0:PUT 0:GET 10:GET 10:PUT 10:GET 20:GET 20:PUT 20:GET",
        "a transaction does not begin with the last place of a window"
    );
}

#[tokio::test(start_paused = true)]
async fn a_read_that_is_older_than_two_seconds_is_made_again() {
    for (pause, expected) in
        [(2, "0:GET 2:PUT 2:GET"), (3, "0:GET 3:GET 3:PUT 3:GET"), (5, "0:GET 5:GET 5:PUT 5:GET")]
    {
        let mut store = Store::new((100, 10), 1);
        let plan = store.plan().await;
        (store.begun, store.pause) = (Instant::now(), Some((1..=1, pause)));
        assert_eq!(store.apply(&plan, &Stop::default()).await, [Outcome::Applied]);
        assert_eq!(store.sent(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_during_the_wait_is_seen_and_nothing_is_written_over_it() {
    let mut store = Store::new((100, 10), 1);
    let plan = store.plan().await;
    store.pause = Some((1..=1, 5));
    let edit = async {
        sleep(Duration::from_secs(4)).await;
        store.edit(0, "block");
    };
    let stop = Stop::default();
    let (outcomes, ()) = tokio::join!(store.apply(&plan, &stop), edit);
    assert_eq!((outcomes, store.sent().as_str()), (vec![Outcome::Stale], "0:GET 5:GET"));
}

#[tokio::test(start_paused = true)]
async fn after_three_rounds_without_room_the_zone_is_throttled() {
    let mut store = Store::new((100, 10), 1);
    let plan = store.plan().await;
    store.pause = Some((1..=9, 5));
    assert_eq!(store.apply(&plan, &Stop::default()).await, [Outcome::Throttled]);
    assert_eq!(store.sent(), "0:GET 5:GET 10:GET 15:GET");
}

#[tokio::test(start_paused = true)]
async fn zones_take_turns_if_a_window_is_smaller_than_a_transaction() {
    for (rate, expected) in [
        ((1, 1), "0:GET 1:PUT 2:GET 3:GET 4:PUT 5:GET 6:GET 7:PUT 8:GET"),
        ((2, 1), "0:GET 0:PUT 1:GET 2:GET 2:PUT 3:GET 4:GET 4:PUT 5:GET"),
        ((2, 300), "0:GET 0:PUT 300:GET 600:GET 600:PUT 900:GET 1200:GET 1200:PUT 1500:GET"),
    ] {
        let mut store = Store::new(rate, 3);
        let plan = store.plan().await;
        assert_eq!(store.apply(&plan, &Stop::default()).await, [Outcome::Applied; 3], "{rate:?}");
        assert_eq!(store.sent(), expected, "{rate:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_separates_each_read_from_its_write_is_reported_at_once() {
    for rate in [(1, 2), (1, 300)] {
        let mut store = Store::new(rate, 2);
        let plan = store.plan().await;
        let ends = store.ends(&plan, &Stop::default()).await;
        let said = |end: &ZoneOutcome| (end.outcome, end.diagnostics[0].message.to_string());
        let why = format!(
            "the request budget allows 1 request in {} s, but a write must follow its read within 2 s; nothing was written",
            rate.1
        );
        assert_eq!(ends.iter().map(said).collect::<Vec<_>>(), vec![(Outcome::Throttled, why); 2]);
        assert_eq!(store.sent(), "");
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_between_two_turns_is_seen() {
    let mut store = Store::new((1, 1), 2);
    let plan = store.plan().await;
    let edit = async {
        sleep(Duration::from_millis(1500)).await;
        store.edit(1, "block");
    };
    let stop = Stop::default();
    let (outcomes, ()) = tokio::join!(store.apply(&plan, &stop), edit);
    assert_eq!(
        (outcomes, store.sent().as_str()),
        (vec![Outcome::Applied, Outcome::Stale], "0:GET 1:PUT 2:GET 3:GET")
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_after_a_stop_request() {
    // While a zone waits for its places, and while a PUT waits for its own.
    for (rate, expected) in [
        ((3, 10), vec![Outcome::Applied, Outcome::NotAttempted]),
        ((2, 10), vec![Outcome::Unknown, Outcome::NotAttempted]),
    ] {
        let mut store = Store::new(rate, 2);
        let plan = store.plan().await;
        let stop = Stop::default();
        let wish = async {
            sleep(Duration::from_secs(3)).await;
            stop.request();
            store.sent()
        };
        let (outcomes, before) = tokio::join!(store.apply(&plan, &stop), wish);
        assert_eq!((outcomes, store.sent()), (expected, before), "{rate:?}");
        assert_eq!(store.begun.elapsed().as_secs(), 3, "nothing waits any longer");
    }
}
