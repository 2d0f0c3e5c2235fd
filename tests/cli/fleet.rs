//! 500 zones with scripted faults: every zone has exactly one outcome, and it is the truth of the world.

use crate::story::Story;
use botform::emulator::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ZONES: usize = 500;

/// One fault in fifty zones, all words in turn.
fn faults() -> Vec<Value> {
    vec![
        json!([{"on": "PUT", "nth": 1, "do": "cut_after_write"}]),
        json!([{"on": "PUT", "do": "refuse", "status": 400, "code": 10400, "message": "not today"}]),
        json!([{"on": "PUT", "nth": 1, "do": "silent_after_write"}]),
        json!([{"on": "PUT", "do": "ignore"}]),
        json!([{"on": "PUT", "do": "status", "status": 502}]),
        json!([{"on": "PUT", "nth": 1, "do": "success_false_after_write"}]),
        json!([{"on": "PUT", "nth": 1, "do": "collateral", "set": {"crawler_protection": "enabled"}}]),
        json!([{"on": "GET", "nth": 2, "do": "edit", "set": {"ai_user": "block"}}]),
        json!([{"on": "GET", "nth": 1, "do": "forbidden_zone"}]),
        json!([{"on": "GET", "nth": 1, "count": 2, "do": "html"}]),
    ]
}

fn name(n: usize) -> String {
    format!("zone-{n:03}.example.com")
}

fn fleet() -> Story {
    let scripted = faults();
    let zones: Vec<_> = (0..ZONES)
        .map(|n| {
            let faults = if n % 50 == 0 { scripted[n / 50].clone() } else { json!([]) };
            json!({"name": name(n), "plan": "pro", "faults": faults})
        })
        .collect();
    let story = Story::of(World::read(&json!({ "zones": zones })).unwrap());
    // Every fourth zone is in sync.
    (0..ZONES).fold(story, |story, n| {
        let settings = if n % 4 == 3 { "enable_js: true" } else { "ai_search: block\nenable_js: true" };
        story.zone(&name(n), "sbfm_pro", settings)
    })
}

/// What the world must show after an outcome.
fn is_true(outcome: &str, n: usize, before: &Value, after: &Value) -> bool {
    let mut wanted = before.clone();
    if n % 4 != 3 {
        wanted["ai_search"] = json!("block");
    }
    match outcome {
        "applied" => *after == wanted,
        "in_sync" | "refused" | "failed" | "not_attempted" | "throttled" | "not_applied" => after == before,
        "stale" => after["ai_search"] == before["ai_search"] && after != before,
        "collateral" => after["ai_search"] == "block" && *after != wanted,
        _ => false,
    }
}

#[test]
fn five_hundred_zones_end_in_one_true_outcome_each() {
    let story = fleet();
    let before = story.emulator().world();
    let run = story.run("apply --auto-approve --timeout 1 --concurrency 32 --rate 100000/1 --output json --output text=report.txt");
    let after = story.emulator().world();
    let document = run.json();
    let zones = document["zones"].as_array().unwrap();
    assert_eq!(zones.len(), ZONES);
    let report = story.read("report.txt");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (n, zone) in zones.iter().enumerate() {
        let (name, outcome) = (name(n), zone["outcome"].as_str().unwrap());
        assert_eq!(zone["zone"], json!(name));
        let (was, is) = (before.object(&name).unwrap(), after.object(&name).unwrap());
        assert!(is_true(outcome, n, &was, &is), "{name} {outcome}: {was} {is} {zone:#}");
        let line = format!("  {:<14}{name}", outcome.replace('_', " "));
        let lines = report.lines().filter(|told| told.starts_with(&line)).count();
        assert_eq!(lines, 1, "{name} is told once as {outcome}");
        *counts.entry(outcome).or_default() += 1;
    }
    let told: BTreeMap<&str, usize> = document["summary"]["outcomes"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(word, count)| (word.as_str(), count.as_u64().unwrap() as usize))
        .collect();
    assert_eq!(told, counts);
    insta::assert_snapshot!(format!("{counts:?}"), @r#"{"applied": 369, "collateral": 1, "failed": 2, "in_sync": 125, "not_applied": 1, "refused": 1, "stale": 1}"#);
    assert_eq!(run.exit, 3);
}
