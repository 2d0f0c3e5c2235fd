//! 500 zones with scripted faults: every zone has exactly one outcome, and it is the truth of the world.

use crate::story::{Run, Story, TOKEN, signal, traffic, wait_until};
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
#[ignore = "slow: CI runs it"]
fn five_hundred_zones_end_in_one_true_outcome_each() {
    let story = fleet();
    let before = story.emulator().world();
    let run = story.run("apply --auto-approve --detail --timeout 1 --concurrency 32 --rate 100000/1 --output json --output text=report.txt");
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
        assert_eq!(lines, 1, "{name} is reported once as {outcome}");
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

const MIXED: usize = 400;

/// The settings of one of 400 zones that have little in common, and further lines of its file.
fn mixed_file(n: usize) -> (&'static str, String, &'static str) {
    // Every 37th file says another plan variant than the zone has.
    let (variant, own) = match n % 4 {
        _ if n.is_multiple_of(37) => ("sbfm_business", "sbfm_likely_automated: block"),
        0 => ("bot_fight_mode", "fight_mode: false"),
        1 => ("sbfm_pro", "sbfm_verified_bots: allow"),
        2 => ("sbfm_business", "sbfm_likely_automated: managed_challenge"),
        _ => ("bm_enterprise", "suppress_session_score: false"),
    };
    let shared =
        [(2, "ai_search: block"), (3, "crawler_protection: enabled"), (5, "ai_training: only_on_ad_pages")];
    let shared =
        shared.iter().filter(|(every, _)| n.is_multiple_of(*every)).map(|(_, line)| format!("\n{line}"));
    let more = match n {
        _ if n.is_multiple_of(29) => "protect: true\n",
        _ if n.is_multiple_of(23) => {
            "accept:\n  - {setting: ai_user, reason: the agents of a partner are let in until their own tokens work, until: 2999-12-31}\n"
        }
        _ => "",
    };
    let accepted = if n.is_multiple_of(23) { "\nai_user: block" } else { "" };
    (variant, format!("enable_js: true\n{own}{accepted}{}", shared.collect::<String>()), more)
}

/// The same zones as they are live.
fn mixed_zone(n: usize) -> Value {
    let plan = ["free", "pro", "business", "enterprise"][n % 4];
    let faults = if n % 40 == 39 { json!([{"on": "GET", "do": "forbidden_zone"}]) } else { json!([]) };
    let stale = match n % 13 {
        1 if !n.is_multiple_of(4) => json!({"fight_mode": true}),
        2 if n % 4 == 3 => json!({"sbfm_likely_automated": "managed_challenge"}),
        _ => json!({}),
    };
    json!({"name": format!("shop-{n:03}.example.com"), "plan": plan, "faults": faults, "stale": stale})
}

fn mixed(tokens: Value) -> Story {
    let zones: Vec<_> = (0..MIXED).map(mixed_zone).collect();
    let world =
        if tokens.is_null() { json!({"zones": zones}) } else { json!({"zones": zones, "tokens": tokens}) };
    let story = Story::world(&world);
    (0..MIXED).fold(story, |story, n| {
        let (variant, settings, more) = mixed_file(n);
        let name = format!("shop-{n:03}.example.com");
        if n % 6 == 1 {
            story.emulator().edit(|world| world.set(&name, "sbfm_verified_bots", Some(json!("block"))));
        }
        if n % 17 == 0 {
            story.emulator().edit(|world| world.set(&name, "tomorrow", Some(json!({"mode": "on"}))));
        }
        story.zone_with(&name, variant, &settings, more)
    })
}

fn in_columns(story: &Story, columns: usize, arguments: &str) -> Run {
    let mut command = story.command(arguments);
    command.env("COLUMNS", columns.to_string());
    story.end(command)
}

/// Checks that there are at most sixty lines and that each fits, except for a single longer word.
fn assert_fits(run: &Run, columns: usize) {
    let text = format!("{}{}", run.stdout, run.stderr);
    assert!(text.lines().count() <= 60, "{} lines\n{text}", text.lines().count());
    for line in text.lines().filter(|line| !line.starts_with("journal: ")) {
        let longest = line.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
        assert!(line.chars().count() <= columns || longest + 10 > columns, "{line}");
    }
}

#[test]
#[ignore = "slow: CI runs it"]
fn four_hundred_mixed_zones_are_planned_on_a_page() {
    let story = mixed(Value::Null);
    for columns in [60, 80] {
        let run = in_columns(&story, columns, "plan");
        insta::assert_snapshot!(format!("mixed-plan-{columns}"), run);
        assert_fits(&run, columns);
    }
}

#[test]
#[ignore = "slow: CI runs it"]
fn four_hundred_mixed_zones_are_applied_on_a_page() {
    for columns in [60, 80] {
        let story = mixed(Value::Null);
        let run = in_columns(&story, columns, "apply --auto-approve --rate 100000/1");
        insta::assert_snapshot!(format!("mixed-apply-{columns}"), run);
        assert_fits(&run, columns);
    }
}

#[test]
fn a_wrong_token_for_four_hundred_zones_is_reported_once() {
    let story = mixed(json!([{"token": "another"}]));
    for columns in [60, 80] {
        let run = in_columns(&story, columns, "plan");
        insta::assert_snapshot!(format!("wrong-token-{columns}"), run);
        assert_fits(&run, columns);
    }
    assert!(!in_columns(&story, 80, "plan").stdout.contains(TOKEN));
}

#[test]
#[ignore = "slow: CI runs it"]
fn an_interrupted_plan_of_four_hundred_zones_fits_on_a_page() {
    for columns in [60, 80] {
        let story = mixed(Value::Null);
        let silent = json!({"on": "GET", "nth": 1, "do": "silent"});
        story.emulator().edit(|world| world.script(Some("shop-200.example.com"), &silent)).unwrap();
        let mut command = story.command("plan --concurrency 1 --timeout 600");
        let child = story.start(command.env("COLUMNS", columns.to_string()));
        let request = "GET shop-200.example.com";
        story.wait_for(request, |world| traffic(world).iter().any(|line| line == request));
        signal(&child, "-INT");
        let run = story.finish(child);
        insta::assert_snapshot!(format!("interrupted-{columns}"), run);
        assert_fits(&run, columns);
    }
}

#[test]
fn the_problems_of_four_hundred_files_fit_on_a_page() {
    let wrong = [
        "ai_search: blok",
        "enable_js: \"true\"",
        "sbfm_likely_automated: block",
        "ai_serch: block",
        "crawler_protection: true",
    ];
    let story = Story::new(json!([]));
    let story = (0..MIXED).fold(story, |story, n| {
        let settings = format!("enable_js: true\nsbfm_verified_bots: allow\n{}", wrong[n % 7 % 5]);
        story.zone(&format!("shop-{n:03}.example.com"), "sbfm_pro", &settings)
    });
    for columns in [60, 80] {
        let run = in_columns(&story, columns, "validate");
        insta::assert_snapshot!(format!("mixed-validate-{columns}"), run);
        assert_fits(&run, columns);
    }
}

#[test]
fn a_saved_plan_sends_the_announced_number_of_requests() {
    let names = ["a.example.com", "b.example.com", "c.example.com"];
    let zones: Vec<_> = names.iter().map(|name| json!({"name": name, "plan": "pro"})).collect();
    let story = Story::new(json!(zones));
    let story = names.iter().fold(story, |story, name| story.zone(name, "sbfm_pro", "ai_search: block"));
    story.run("plan --out plan.json");
    assert_eq!(story.emulator().requests().len(), 3 + 1);
    assert_eq!(story.run("apply plan.json").exit, 0);
    assert_eq!(story.emulator().requests().len(), (3 + 1) + (4 * 3 + 1));
}

#[test]
fn an_unapproved_plan_is_not_reported_zone_by_zone() {
    let run = mixed(Value::Null).run("apply");
    insta::assert_snapshot!(run.stdout.lines().last().unwrap_or_default(), @"Apply: 0 applied, 72 in sync, 9 protected, 10 failed, 8 blocked, 301 not attempted.");
    insta::assert_snapshot!(run.stderr, @"
    error: nothing was written: there is no terminal to ask for approval

    hint: add `--auto-approve`, or apply a saved plan
    ");
}

#[test]
fn a_wait_that_cloudflare_asks_for_is_never_silent() {
    let zone = |faults: Value| json!([{"name": "a.example.com", "plan": "pro", "faults": faults}]);
    let throttled = |on: &str| zone(json!([{"on": on, "nth": 1, "do": "throttle", "retry_after": 300}]));
    let overloaded = zone(json!([{"on": "GET", "nth": 1, "do": "status", "status": 503, "retry_after": 50}]));
    for (zones, line) in
        [(throttled("GET"), "plan"), (throttled("PUT"), "apply --auto-approve"), (overloaded, "plan")]
    {
        let story = Story::new(zones).zone("a.example.com", "sbfm_pro", "ai_search: block");
        let mut child = story.start(&mut story.command(line));
        wait_until(line, || story.read("stderr").contains(" because Cloudflare asks for it ("));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let fault = json!([{"on": "SUBMISSIONS", "nth": 1, "do": "throttle", "retry_after": 300}]);
    let story = Story::world(&json!({"faults": fault, "submissions": {"rows": []}}));
    let line = "submissions --account ac000000000000000000000000000001";
    let mut child = story.start(&mut story.command(line));
    wait_until(line, || story.read("stderr").contains(" because Cloudflare asks for it ("));
    child.kill().unwrap();
    child.wait().unwrap();
}
