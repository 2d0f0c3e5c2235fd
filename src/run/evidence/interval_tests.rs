//! Estimates against the exact counts of the emulator's own traffic, sampled in all ways.

use super::impact;
use crate::api::{Client, Credentials, Options};
use crate::catalogue::Variant;
use crate::diff::Context;
use crate::emulator::{Emulator, World};
use crate::model::{Desired, Estimate, Live, RowImpact, ZoneId};
use crate::plan::{Plan, Provenance, ZonePlan};
use crate::run::Stop;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

/// How many requests the zone stopped, and how many of some kinds passed.
const STOPPED: u32 = 700;
const CRAWLERS: u32 = 450;

fn world(plan: &str, sample: u32, seed: u32) -> Json {
    let of = |requests: u32, who: &str, category: &str| {
        let mut class = json!({"requests": requests, "is": who, "over_minutes": 1300, "minutes_ago": 20});
        if !category.is_empty() {
            class["category"] = category.into();
        }
        class
    };
    let traffic = json!([
        of(STOPPED, "automated", ""),
        of(CRAWLERS, "verified_bot", "AI Crawler"),
        of(90, "person", "")
    ]);
    let live = match plan {
        "free" => json!({"fight_mode": true, "enable_js": true, "ai_training": "disabled"}),
        _ => {
            json!({"sbfm_likely_automated": "allow", "sbfm_definitely_automated": "block", "ai_training": "disabled"})
        }
    };
    json!({"analytics": {"sample": sample, "seed": seed},
        "zones": [{"name": "a.example", "plan": plan, "live": live, "traffic": traffic}]})
}

/// The plan of a zone with these changes, and what the analytics say of each.
async fn impacts(world: &Json, variant: Variant, changes: &[(&str, Json)]) -> Vec<RowImpact> {
    let world = World::read(world).unwrap();
    let id = ZoneId::try_from(world.zone_id("a.example").unwrap().to_owned()).unwrap();
    let Some(Json::Object(object)) = world.object("a.example") else { panic!("no zone") };
    let emulator = Emulator::start(world, ([127, 0, 0, 1], 0).into()).await.unwrap();
    let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned()).unwrap());
    options.base_url = emulator.base_url();
    let client = Client::new(options).unwrap();
    let mut want = Desired::new("a.example".parse().unwrap(), variant);
    changes.iter().for_each(|(name, value)| want.set(name, value.clone()).unwrap());
    let now = Timestamp::now();
    let made = Provenance::new(now, client.base_url().to_owned());
    let zone = ZonePlan::build(&want, id, Live::read(object), &Context::of_day(made.as_of));
    let mut plan = Plan::build(made, vec![zone]);
    let digest = plan.digest();
    impact(&client.into(), &mut plan, SignedDuration::from_hours(24), now, &Stop::default()).await;
    assert_eq!(plan.digest(), digest, "evidence is no part of what is approved");
    let zone = &plan.zones()[0];
    zone.changes().map(|row| zone.impact_of(row).unwrap().clone()).collect()
}

fn requests(impact: &RowImpact) -> Estimate {
    match impact {
        RowImpact::Counted(impact) => impact.requests,
        RowImpact::Unknown(why) => panic!("no number: {why}"),
    }
}

/// In how many of a hundred samples the interval holds the truth, for both changes.
async fn held(plan: &str, variant: Variant, changes: &[(&str, Json)], sample: u32) -> [usize; 2] {
    let mut held = [0; 2];
    for seed in 0..100 {
        let found = impacts(&world(plan, sample, seed), variant, changes).await;
        let truth = |found: &RowImpact| match requests(found) {
            estimate if estimate.count < 1 => None,
            estimate => Some(estimate),
        };
        // The changes are in the order of their names.
        for (index, (found, truth_of)) in found.iter().zip([CRAWLERS, STOPPED]).enumerate() {
            let holds = truth(found)
                .is_none_or(|estimate| (estimate.lower..=estimate.upper).contains(&truth_of.into()));
            held[index] += usize::from(holds);
            assert_ne!(requests(found).count, 0, "the world is large enough to be seen");
        }
    }
    held
}

#[tokio::test]
#[ignore = "slow: CI runs it"]
async fn the_interval_holds_in_95_of_100_samples_that_the_analytics_count() {
    let changes = [("ai_training", json!("disallow")), ("sbfm_definitely_automated", json!("allow"))];
    for sample in [1, 10, 100] {
        let held = held("business", Variant::SbfmBusiness, &changes, sample).await;
        assert!(held.iter().all(|held| *held >= 95), "{sample}: {held:?}");
    }
}

#[tokio::test]
#[ignore = "slow: CI runs it"]
async fn the_interval_holds_in_95_of_100_samples_that_are_counted_here() {
    let changes = [("ai_training", json!("disallow")), ("fight_mode", json!(false))];
    for sample in [1, 10, 100] {
        let held = held("free", Variant::BotFightMode, &changes, sample).await;
        assert!(held.iter().all(|held| *held >= 95), "{sample}: {held:?}");
    }
}

#[tokio::test]
async fn without_sampling_every_number_is_exact() {
    let changes = [("ai_training", json!("disallow")), ("fight_mode", json!(false))];
    let found = impacts(&world("free", 1, 0), Variant::BotFightMode, &changes).await;
    let exact = [CRAWLERS, STOPPED].map(|count| Estimate::exact(count.into()));
    assert_eq!(found.iter().map(requests).collect::<Vec<_>>(), exact);
}
