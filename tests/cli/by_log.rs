//! `plan --changed-by-log`: a night that grows with what changed, and not with the number of zones.

use crate::story::{Run, Story, TOKEN};
use insta::assert_snapshot;
use serde_json::{Value, json};

const NIGHT: &str = "plan --moved-since last.json --changed-by-log --new-snapshot new.json";

fn name(number: usize) -> String {
    format!("z{number:05}.example.com")
}

/// That many zones; the first so many have a file.
fn story(zones: usize, files: usize) -> Story {
    let world = (0..zones).map(|number| json!({"name": name(number), "plan": "pro"})).collect::<Vec<_>>();
    let story = Story::world(&json!({"tokens": [{"token": TOKEN}], "zones": world}));
    for number in 0..files {
        write(&story, number, "disabled");
    }
    story
}

fn write(story: &Story, number: usize, ai_search: &str) {
    let name = name(number);
    let text = format!("zone: {name}\nplan: sbfm_pro\nsettings:\n  ai_search: {ai_search}\n");
    story.write(&format!("zones/{name}.yaml"), text);
}

/// Takes the snapshot of the night before.
fn evening(story: &Story) {
    assert_eq!(story.run("snapshot last.json --rate 100000/1").exit, 0);
    let mut last: Value = serde_json::from_str(&story.read("last.json")).unwrap();
    let yesterday = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24);
    last["taken_at"] = json!(yesterday.round(jiff::Unit::Second).unwrap());
    story.write("last.json", serde_json::to_string_pretty(&last).unwrap());
}

/// Somebody sets a value by hand, which the log shows.
fn by_hand(story: &Story, number: usize, key: &str, value: &str) {
    silently(story, number, key, value);
    story.emulator().edit(|world| {
        let id = world.zone_id(&name(number)).unwrap().to_owned();
        let entry = json!({
            "minutes_ago": 90, "zone": {"name": name(number)},
            "actor": {"type": "user", "context": "dash", "email": "jane@example.com"},
            "raw": {"method": "PUT", "uri": format!("/zones/{id}/bot_management")},
            "resource": {"request": {key: value}},
        });
        world.log(&entry).unwrap();
    });
}

/// A change that leaves no entry.
fn silently(story: &Story, number: usize, key: &str, value: &str) {
    assert!(story.emulator().edit(|world| world.set(&name(number), key, Some(json!(value)))));
}

/// What a run asks: pages of zones, pages of the log, zones.
fn asked(story: &Story, run: impl FnOnce() -> Run) -> (Run, [usize; 3]) {
    let before = story.emulator().requests().len();
    let run = run();
    let requests = story.emulator().requests().split_off(before);
    let count = |end: &str| requests.iter().filter(|request| request.path.ends_with(end)).count();
    let counts = [count("/zones"), count("/logs/audit"), count("/bot_management")];
    assert_eq!(counts.iter().sum::<usize>(), requests.len(), "{requests:?}");
    (run, counts)
}

fn timeless() -> insta::internals::SettingsBindDropGuard {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[time]");
    settings.bind_to_scope()
}

#[test]
fn what_the_log_and_the_files_name_is_read_again_and_a_share_of_the_rest() {
    let story = story(21, 10);
    evening(&story);
    by_hand(&story, 15, "ai_training", "block");
    by_hand(&story, 2, "crawler_protection", "enabled");
    write(&story, 1, "block");
    let _times = timeless();
    let (run, counts) = asked(&story, || story.run(&format!("{NIGHT} --who --detailed-exitcode")));
    // 2 by the log, 1 by its file, 3 of 21 in turn; the log once for what was written and once for who it was.
    assert_eq!(counts, [1, 4, 6], "{run}");
    assert_snapshot!(run, @"
    ~ z00001.example.com (sbfm_pro)                            zones/z00001.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4  by whom: no entry in the audit log; Cloudflare's own migrations leave none
          0 settings in sync, [n] unmanaged

    = z00002.example.com (sbfm_pro)  in sync                   zones/z00002.example.com.yaml
        * crawler_protection      disabled → enabled           tightens   changed outside  by jane@example.com in the dashboard at [time]
          1 setting in sync, [n] unmanaged

    * zone z00015.example.com, which no file manages, changed outside: ai_training: disabled → block (tightens), by jane@example.com in the dashboard at [time]

    Plan: 1 zone to change (1 setting), 9 in sync, 0 blocked, 0 failed. 1 setting and 1 zone changed outside since [time] (6 zones compared, 15 not compared). 6 zones read again (2 with a write in the audit log, 1 with a changed file, 3 in rotation), 15 taken over. 1 change shuts out search engines. Incomplete: 15 zones taken over from earlier snapshots, the oldest of them read at [time].
    Planned from a snapshot that was 0m old, taken at [time].
    Digest: [digest]
    ---- exit 2
    ");
    let new: Value = serde_json::from_str(&story.read("new.json")).unwrap();
    let zones = new["zones"].as_array().unwrap();
    assert_eq!(zones.len(), 21);
    assert_eq!(zones.iter().filter(|zone| zone["taken_over"] == 1).count(), 15);
    assert_eq!(zones[15]["live"]["ai_training"], "block");
    assert!(zones[15].get("read_at").is_none() && zones[20]["read_at"].is_string());
}

#[test]
fn a_change_without_an_entry_is_found_on_the_seventh_night() {
    let story = story(14, 14);
    evening(&story);
    // Zones that were read at the same time take turns by their ids.
    let world = story.emulator().world();
    let last = (0..14).max_by_key(|number| world.zone_id(&name(*number)).unwrap().to_owned()).unwrap();
    silently(&story, last, "ai_search", "block");
    let mut found = None;
    for night in 1..=7 {
        let run = story.run(NIGHT);
        assert_eq!(run.exit, 0, "{run}");
        if run.stdout.contains(&name(last)) {
            found = Some(night);
            break;
        }
        std::fs::rename(story.path("new.json"), story.path("last.json")).unwrap();
    }
    assert_eq!(found, Some(7));
    let run = story.run(&format!("{NIGHT} --rotate 1/1"));
    assert!(run.stdout.contains(&name(last)), "{run}");
}

#[test]
fn a_night_is_not_complete_and_is_never_applied() {
    let story = story(9, 9);
    evening(&story);
    by_hand(&story, 3, "ai_search", "block");
    assert_eq!(story.run(&format!("{NIGHT} --out plan.json")).exit, 0);
    let saved: Value = serde_json::from_str(&story.read("plan.json")).unwrap();
    assert_eq!((&saved["requires"], &saved["source"]["kind"]), (&json!(["live"]), &json!("snapshot")));
    assert_eq!(saved["source"]["taken_over"]["zones"], 6);
    assert_eq!(saved["moved_since"]["by_log"]["written"], 1);
    assert_eq!(
        story.run("plan --output json").json()["digest"],
        saved["digest"],
        "the digest is that of the live zones"
    );
    let run = story.run("apply plan.json");
    assert!(run.exit == 5 && run.stderr.contains("made from a snapshot"), "{run}");
    assert!(story.bodies().is_empty());
    // Nor is a plan that is made of the new snapshot later: it says what was taken over.
    let run = story.run("plan --live new.json");
    assert!(run.stdout.replace('\n', " ").contains("6 zones taken over from earlier snapshots"), "{run}");
}

#[test]
fn a_log_that_is_refused_or_cut_short_means_that_all_is_read() {
    let story = story(12, 3);
    evening(&story);
    for fault in [
        json!({"on": "AUDIT", "do": "unauthorized"}),
        json!({"on": "AUDIT", "nth": 1, "do": "refuse", "status": 404, "code": 7003, "message": "no such log"}),
    ] {
        story.emulator().edit(|world| world.script(None, &fault)).unwrap();
        let (run, counts) = asked(&story, || story.run(NIGHT));
        assert_eq!(counts[2], 12, "{run}");
        assert!(run.exit == 0 && run.stderr.contains("was not used"), "{run}");
        assert!(run.stdout.contains("12 zones read again") && !run.stdout.contains("Not complete"), "{run}");
    }
}

#[test]
fn a_log_of_more_pages_than_it_can_save_is_not_read_to_its_end() {
    let story = story(8, 1);
    evening(&story);
    story.emulator().edit(|world| {
        for number in 0..11_000 {
            world
                .log(&json!({"id": format!("{number}"), "minutes_ago": 60, "raw": {"uri": "/user"}}))
                .unwrap();
        }
    });
    let (run, counts) = asked(&story, || story.run(NIGHT));
    assert_eq!(counts, [1, 10, 8], "{run}");
    assert!(run.stderr.replace('\n', " ").contains("more than 10 pages"), "{run}");
}

#[test]
fn zones_that_are_new_moved_to_another_plan_or_were_not_read_are_read() {
    let story = story(12, 2);
    evening(&story);
    let mut last: Value = serde_json::from_str(&story.read("last.json")).unwrap();
    let zones = last["zones"].as_array_mut().unwrap();
    zones.remove(11);
    zones[10]["legacy_id"] = json!("business");
    (zones[9]["live"], zones[9]["live_plan"], zones[9]["unread"]) =
        (json!(null), json!(null), json!("refused"));
    story.write("last.json", serde_json::to_string_pretty(&last).unwrap());
    let json = story.run(&format!("{NIGHT} --output json")).json();
    let by_log = &json["moved_since"]["by_log"];
    assert_eq!((&by_log["new"], &by_log["turn"], &by_log["taken_over"]), (&json!(3), &json!(2), &json!(7)));
}

#[test]
fn a_zone_that_cannot_be_read_is_a_failure_and_the_next_night_asks_again() {
    let story = story(6, 1);
    evening(&story);
    by_hand(&story, 5, "ai_search", "block");
    let fault = json!({"on": "GET", "do": "forbidden_zone"});
    story.emulator().edit(|world| world.script(Some(&name(5)), &fault)).unwrap();
    let run = story.run(NIGHT);
    assert!(run.exit == 3 && run.stderr.contains(&name(5)), "{run}");
    let new: Value = serde_json::from_str(&story.read("new.json")).unwrap();
    assert!(new["zones"][5]["unread"].is_string());
}

#[test]
fn wrong_usage_is_reported_and_sends_nothing() {
    let story = story(2, 1);
    evening(&story);
    let before = story.emulator().requests().len();
    for arguments in [
        "plan --changed-by-log",
        "plan --moved-since last.json --new-snapshot new.json",
        "plan --moved-since last.json --rotate 1/7",
        "plan --moved-since last.json --changed-by-log --rotate 7",
        "plan --moved-since last.json --changed-by-log --rotate 1/0",
        "plan --moved-since last.json --changed-by-log --zone z*",
        "plan --moved-since last.json --changed-by-log --coverage",
        "plan --moved-since last.json --changed-by-log --live last.json",
        "plan --moved-since last.json --changed-by-log --new-snapshot last.json",
        "plan --moved-since last.json --changed-by-log --new-snapshot zones/z00000.example.com.yaml",
    ] {
        let run = story.run(arguments);
        assert_eq!(run.exit, 64, "{arguments}: {run}");
    }
    assert_eq!(story.emulator().requests().len(), before);
}

/// 10,000 zones of which 12 were changed by hand, with and without the log.
#[test]
#[ignore = "slow: CI runs it"]
fn ten_thousand_zones_with_twelve_changes() {
    const ZONES: usize = 10_000;
    let story = story(ZONES, 100);
    evening(&story);
    for number in 0..12 {
        by_hand(&story, number * 800 + 7, "ai_training", "block");
    }
    let (_, whole) = asked(&story, || story.run("snapshot whole.json --rate 100000/1"));
    assert_eq!(whole, [200, 0, ZONES]);
    let (run, counts) = asked(&story, || story.run(&format!("{NIGHT} --rate 100000/1 --output json")));
    let by_log = &run.json()["moved_since"]["by_log"];
    assert_eq!((&by_log["written"], &by_log["turn"]), (&json!(12), &json!(1429)));
    assert_eq!(counts, [200, 2, 1441], "{by_log}");
    // With a longer turn the list of zones is most of it.
    let (_, counts) = asked(&story, || story.run(&format!("{NIGHT} --rate 100000/1 --rotate 1/30")));
    assert_eq!(counts, [200, 2, 12 + 334]);
    let found = run.json();
    let moved = found["moved_since"]["zones"].as_array().unwrap().len();
    let rows = &found["summary"]["changed_outside"];
    assert_eq!(moved as u64 + rows.as_u64().unwrap_or(0), 12);
}
