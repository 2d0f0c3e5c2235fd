//! What happens between the two PUTs of a zone, against a store that answers as it is told.

use super::{End, together};
use crate::api::{ApiError, Body, Lease, Lookup, ReadZones, WriteZones, ZoneEntry, ZoneRef};
use crate::catalogue::Variant;
use crate::diff::Context;
use crate::model::{Desired, FindingKind, Live, Outcome, StalePolicy, ZoneId, ZoneOutcome};
use crate::plan::{Plan, Provenance, ZonePlan};
use crate::run::write::settle::Read;
use crate::run::{Apply, Guarded, Record, Rules, Stop, read_journal};
use serde_json::{Value as Json, json};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

const NOW: jiff::Timestamp = jiff::Timestamp::constant(1_795_649_400, 0);

/// A store with a reply for each GET; it may ask for the run to stop, or dawdle, once so many requests came.
struct Store {
    shows: Mutex<VecDeque<Live>>,
    sent: Mutex<Vec<Json>>,
    stop: Stop,
    stops_at: usize,
    asked: Mutex<usize>,
}

impl Store {
    fn count(&self) {
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        if *asked == self.stops_at {
            self.stop.request();
        }
    }
}

impl ReadZones for Store {
    fn address(&self) -> Option<&str> {
        None
    }

    async fn resolve(&self, _: &[Lookup]) -> Vec<Result<ZoneEntry, ApiError>> {
        Vec::new()
    }

    async fn get<'a>(&self, _: impl Into<ZoneRef<'a>> + Send) -> Result<Live, ApiError> {
        self.count();
        Ok(self.shows.lock().unwrap().pop_front().unwrap())
    }
}

impl WriteZones for Store {
    async fn put<'a>(&self, _: impl Into<ZoneRef<'a>> + Send, body: &Body) -> Result<(), ApiError> {
        self.count();
        self.sent.lock().unwrap().push(Json::Object(body.clone()));
        Ok(())
    }

    async fn transaction<'a>(&self, _: impl Into<ZoneRef<'a>> + Send, writes: usize) -> Lease {
        assert_eq!(writes, 2, "both are within one lease");
        Lease::free()
    }
}

fn live(ai_search: &str, fight_mode: bool) -> Live {
    let object = json!({"ai_search": ai_search, "sbfm_verified_bots": "allow",
        "stale_zone_configuration": {"fight_mode": fight_mode}});
    Live::read(object.as_object().unwrap().clone())
}

/// Writes a zone whose GETs show these, until the run is stopped; the outcome, what was sent, and the journal's events.
async fn write(shows: &[Live], stops_at: usize) -> (ZoneOutcome, Vec<Json>, Vec<&'static str>) {
    let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
    want.set("ai_search", "block").unwrap();
    want.stale = StalePolicy::Clean;
    let id = ZoneId::try_from("0".repeat(32)).unwrap();
    let day = jiff::civil::date(2026, 11, 25);
    let zone = ZonePlan::build(&want, id, live("disabled", true), &Context::of_day(day));
    let plan = Plan::build(Provenance::new(NOW, "a".to_owned()), vec![zone]);
    let store = Store {
        shows: Mutex::new(shows.iter().cloned().collect()),
        sent: Mutex::default(),
        stop: Stop::default(),
        stops_at,
        asked: Mutex::default(),
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.jsonl");
    let journal = crate::run::Journal::open(&path, "a", || "now".to_owned()).unwrap();
    let guarded = Guarded::check(&plan, &Rules::new(NOW)).unwrap();
    let apply = Apply {
        stop: store.stop.clone(),
        journal: Some(&journal),
        pause: Duration::ZERO,
        ..Apply::new(&store)
    };
    let end = apply.run(&guarded, &|_, _| {}).await.outcomes.remove(0);
    let events = read_journal(&path).unwrap();
    let events = events.iter().map(|event| match event {
        Record::Put { .. } => "put",
        Record::Outcome { .. } => "outcome",
        _ => "other",
    });
    let events: Vec<_> = events.filter(|event| *event != "other").collect();
    (end, store.sent.into_inner().unwrap(), events)
}

#[tokio::test(start_paused = true)]
async fn a_stop_between_the_two_leaves_the_clean_up_unsent_in_outcome_and_journal() {
    let (end, sent, events) = write(&[live("disabled", true), live("block", true)], 3).await;
    assert_eq!((end.outcome, end.findings[0].kind), (Outcome::NotApplied, FindingKind::NotSent));
    assert_eq!(sent, [json!({"ai_search": "block"})]);
    assert_eq!(events, ["put", "outcome"]);
    assert!(end.diagnostics[0].message.to_string().contains("the clean-up of `fight_mode`"), "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn what_the_first_put_cleans_on_the_way_needs_no_second() {
    let (end, sent, events) = write(&[live("disabled", true), live("block", false)], 0).await;
    assert_eq!((end.outcome, sent.len(), events.len()), (Outcome::Applied, 1, 2));
    assert!(end.diagnostics.is_empty() && end.findings.is_empty(), "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn both_puts_are_sent_with_one_read_between_them() {
    let shows = [live("disabled", true), live("block", true), live("block", false)];
    let (end, sent, events) = write(&shows, 0).await;
    assert_eq!(end, ZoneOutcome::plain(Outcome::Applied));
    assert_eq!(sent, [json!({"ai_search": "block"}), json!({"fight_mode": false})]);
    assert_eq!(events, ["put", "outcome", "put", "outcome"]);
}

#[tokio::test]
async fn a_clean_up_that_was_not_sent_and_is_not_needed_any_more_is_not_missed() {
    let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
    want.set("ai_search", "block").unwrap();
    want.stale = StalePolicy::Clean;
    let id = ZoneId::try_from("0".repeat(32)).unwrap();
    let day = jiff::civil::date(2026, 11, 25);
    let (seen, written) = (live("disabled", true), live("block", true));
    let zone = ZonePlan::build(&want, id, seen.clone(), &Context::of_day(day));
    let with_user = |fight_mode: bool| {
        let object = json!({"ai_search": "block", "ai_user": "block", "sbfm_verified_bots": "allow",
            "stale_zone_configuration": {"fight_mode": fight_mode}});
        Live::read(object.as_object().unwrap().clone())
    };
    for (stays, missed) in [(true, 1), (false, 0)] {
        let changes = End::sent(ZoneOutcome::plain(Outcome::Applied), Some(Read::now(written.clone())));
        let now = Some(Read::now(with_user(stays)));
        let clean_up = End { now, ..End::unsent(ZoneOutcome::plain(Outcome::Stale)) };
        let end = together(&zone, &seen, changes, Some(clean_up));
        assert!(end.findings.iter().any(|finding| finding.kind == FindingKind::Moved), "{end:?}");
        assert_eq!(end.diagnostics.len(), missed, "{end:?}");
    }
}
