//! `plan --time-budget`: a run that ends in time, and nights that reach every zone all the same.
//!
//! What ends the time here is the request budget: of so few requests in an hour none can be sent in time any more, so
//! that no run waits, and none depends on how fast this machine is.

use crate::story::{Run, Story};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One page of the list, and three zones.
const NIGHT: &str = "plan --time-budget 10m --rate 4/3600";

fn name(number: usize) -> String {
    format!("z{number:02}.example.com")
}

/// That many zones; the first so many have a file.
fn story(zones: usize, files: usize) -> Story {
    let world: Vec<_> = (0..zones).map(|number| json!({"name": name(number), "plan": "pro"})).collect();
    let story = Story::new(json!(world));
    (0..files).fold(story, |story, number| story.zone(&name(number), "sbfm_pro", "ai_search: disabled"))
}

fn set(story: &Story, number: usize, key: &str, value: &str) {
    assert!(story.emulator().edit(|world| world.set(&name(number), key, Some(json!(value)))));
}

/// A night, and the zones that it asked for. Its snapshot is that of the next one, and of a day before it.
fn night(story: &Story, number: usize, flags: &str) -> (Run, BTreeSet<String>) {
    let last = if number == 0 { "" } else { "--moved-since last.json" };
    let before = story.emulator().requests().len();
    let run = story.run(&format!("{NIGHT} {last} --new-snapshot new.json {flags}"));
    let requests = story.emulator().requests().split_off(before);
    let world = story.emulator().world();
    let is_of = |number: &usize, path: &str| path.contains(world.zone_id(&name(*number)).unwrap());
    let asked = requests.iter().filter(|request| request.path.ends_with("/bot_management"));
    let asked = asked.filter_map(|request| {
        (0..50)
            .take_while(|number| world.zone_id(&name(*number)).is_some())
            .find(|number| is_of(number, &request.path))
    });
    let asked = asked.map(name).collect();
    if let Ok(new) = std::fs::read_to_string(story.path("new.json")) {
        let mut new: Value = serde_json::from_str(&new).unwrap();
        // What was read now states no time of its own.
        new["taken_at"] = json!(format!("2026-01-{:02}T03:00:00Z", number + 1));
        story.write("last.json", serde_json::to_string_pretty(&new).unwrap());
        std::fs::remove_file(story.path("new.json")).unwrap();
    }
    (run, asked)
}

#[test]
fn nights_reach_every_zone_and_each_reports_the_remaining_ones() {
    let story = story(8, 5);
    set(&story, 4, "ai_search", "block");
    set(&story, 6, "ai_training", "block");
    let (first, asked) = night(&story, 0, "--detailed-exitcode");
    assert_eq!(asked, [0, 1, 2].map(name).into());
    assert_snapshot!(first, @"
    Plan: 0 zones to change, 3 in sync, 0 blocked, 0 failed. Incomplete: 5 zones not reached within the time budget of 10m; without `--moved-since`, zones are taken by name.
    Digest: [digest]
    ---- exit 0
    ");
    let (second, asked) = night(&story, 1, "--detailed-exitcode");
    assert_eq!(asked, [3, 4, 5].map(name).into());
    assert_snapshot!(second, @"
    ~ z04.example.com (sbfm_pro)                               zones/z04.example.com.yaml
        ~ ai_search               block → disabled             loosens    :4
          0 settings in sync, [n] unmanaged

    Plan: 1 zone to change (1 setting), 1 in sync, 0 blocked, 0 failed. Nothing changed outside since 2026-01-01T03:00:00Z (0 zones compared, 8 not compared). Incomplete: 5 zones not reached within the time budget of 10m; 2 of them were never read, and the oldest of the others was last read at 2026-01-01T03:00:00Z. 1 change loosens protection.
    Digest: [digest]
    ---- exit 2
    ");
    set(&story, 7, "ai_training", "block");
    set(&story, 1, "ai_training", "block");
    let (third, asked) = night(&story, 2, "");
    assert_eq!(asked, [6, 7, 0].map(name).into());
    assert_snapshot!(third, @"
    Plan: 0 zones to change, 1 in sync, 0 blocked, 0 failed. Nothing changed outside since 2026-01-02T03:00:00Z (1 zone compared, 7 not compared). Incomplete: 5 zones not reached within the time budget of 10m; the oldest of them was last read at 2026-01-01T03:00:00Z.
    Digest: [digest]
    ---- exit 0
    ");
    // Each zone had its turn in three nights of three; from now on the longest unread come first.
    let (fourth, asked) = night(&story, 3, "--output json");
    assert_eq!(asked, [1, 2, 3].map(name).into());
    let json = fourth.json();
    assert_eq!(
        json["selection"]["left"],
        json!({"time_budget": "10m", "zones": 5, "never_read": 0, "oldest": "2026-01-02T03:00:00Z"})
    );
    // What moved is found with the snapshot of its own time.
    assert_eq!(json["summary"]["changed_outside"], 1, "{fourth}");
    assert_eq!(json["zones"].as_array().unwrap().len(), 3);
}

#[test]
fn an_unreadable_zone_gets_its_turn_and_no_more() {
    let story = story(5, 5);
    let fault = json!({"on": "GET", "do": "forbidden_zone"});
    for zone in 0..3 {
        story.emulator().edit(|world| world.script(Some(&name(zone)), &fault)).unwrap();
    }
    let (first, asked) = night(&story, 0, "");
    // Nothing was usable, and the snapshot says what was tried.
    assert_eq!((first.exit, asked), (1, [0, 1, 2].map(name).into()), "{first}");
    let (second, asked) = night(&story, 1, "");
    assert!(asked.is_superset(&[3, 4].map(name).into()), "{second}");
    assert_eq!(second.exit, 3, "{second}");
}

#[test]
fn a_run_with_time_for_all_zones_is_complete() {
    let story = story(4, 4);
    let run = story.run("plan --time-budget 1h --new-snapshot new.json --output json");
    assert_eq!((run.exit, &run.json()["selection"].get("left")), (0, &None), "{run}");
    let plain = story.run("plan --output json");
    assert_eq!(
        (&run.json()["zones"], &run.json()["digest"]),
        (&plain.json()["zones"], &plain.json()["digest"])
    );
    // Its snapshot is one like any other.
    assert_eq!(story.run("plan --live new.json --output json").json()["zones"], plain.json()["zones"]);
}

#[test]
fn too_little_time_for_any_zone_is_a_failure_and_keeps_the_snapshot() {
    let story = story(3, 3);
    story.write("new.json", "");
    for (flags, said) in
        [("", "before any zone was read"), ("--new-snapshot other.json", "before the zones were listed")]
    {
        let run = story.run(&format!("plan --time-budget 1ns {flags}"));
        assert!(run.exit == 1 && run.stderr.contains(said), "{run}");
    }
    let run = story.run("plan --time-budget 10m --rate 1/3600 --new-snapshot other.json");
    assert!(
        run.exit == 1 && run.stderr.contains("the time budget of 10m ran out before any zone was read"),
        "{run}"
    );
    assert!(!story.path("other.json").exists());
}

#[test]
fn remaining_zones_are_reported_in_every_format_and_not_approved() {
    let story = story(6, 6);
    for zone in 0..6 {
        set(&story, zone, "ai_search", "block");
    }
    let said = "3 zones not reached within the time budget of 10m";
    for output in ["text", "markdown", "html", "sarif", "github"] {
        let run = story.run(&format!("{NIGHT} --output {output}"));
        assert!(run.stdout.replace("\n  ", " ").contains(said), "{output}: {run}");
    }
    assert_eq!(story.run(&format!("{NIGHT} --out plan.json")).exit, 0);
    let shown = story.run("show plan.json");
    assert!(shown.stdout.replace("\n  ", " ").contains(said), "{shown}");
    assert_eq!(story.run("apply plan.json").exit, 0);
    let is_written = |zone: &usize| story.live(&name(*zone))["ai_search"] == "disabled";
    assert_eq!((0..6).filter(is_written).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn zones_that_shards_did_not_reach_are_missing_in_the_merged_plan() {
    let story = story(12, 12);
    for shard in 1..=2 {
        let run = story.run(&format!("{NIGHT} --shard {shard}/2 --out plan-{shard}.json --output json"));
        assert_eq!(run.exit, 0, "{run}");
    }
    let merged = story.run("merge plan-1.json plan-2.json --output json");
    assert_eq!(
        (merged.exit, &merged.json()["selection"]["left"]),
        (0, &json!({"time_budget": "10m", "zones": 6})),
        "{merged}"
    );
}

#[test]
fn wrong_usage_is_reported_and_sends_nothing() {
    let story = story(1, 1);
    assert_eq!(story.run("snapshot last.json").exit, 0);
    let before = story.emulator().requests().len();
    for arguments in [
        "plan --time-budget 0s",
        "plan --time-budget -10m",
        "plan --time-budget 10",
        "plan --time-budget 1mo",
        "plan --time-budget 10m --live last.json",
        "plan --time-budget 10m --coverage",
        "plan --time-budget 10m --moved-since last.json --changed-by-log",
        "plan --time-budget 10m --new-record record.txt",
        "plan --time-budget 10m --new-snapshot new.json --zone z*",
        "plan --time-budget 10m --new-snapshot new.json --shard 1/2",
        "plan --time-budget 10m --moved-since last.json --new-snapshot last.json",
        "plan --moved-since last.json --new-snapshot new.json",
    ] {
        let run = story.run(arguments);
        assert_eq!(run.exit, 64, "{arguments}: {run}");
    }
    assert_eq!(story.emulator().requests().len(), before);
}

#[test]
fn a_change_by_hand_is_found_in_as_many_nights_as_it_takes_to_read_all() {
    const ZONES: usize = 20;
    let story = story(ZONES, ZONES);
    let (mut changed, mut found) = (BTreeMap::new(), BTreeMap::new());
    for number in 0..14 {
        // While the first nights go by, somebody changes a zone before each of them.
        if number < 7 {
            let zone = number * 13 % ZONES;
            set(&story, zone, "ai_search", "block");
            changed.insert(name(zone), number);
        }
        let (run, asked) = night(&story, number, "--output json");
        assert_eq!((run.exit, asked.len()), (0, 3), "{run}");
        let json = run.json();
        for zone in json["zones"].as_array().unwrap().iter().filter(|zone| zone["status"] == "change") {
            found.entry(zone["zone"].as_str().unwrap().to_owned()).or_insert(number);
        }
    }
    assert_eq!(changed.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>());
    for (zone, at) in &changed {
        // 20 zones, three a night.
        assert!(
            (*at..*at + 7).contains(&found[zone]),
            "{zone}: changed before {at}, found in {}",
            found[zone]
        );
    }
}
