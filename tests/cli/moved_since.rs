//! `plan --moved-since`: what changed outside since an earlier snapshot.

use crate::story::{Run, Story, command};
use insta::assert_snapshot;
use serde_json::{Value, json};

const NIGHT: &str = "plan --live tonight.json --moved-since last.json";

/// A zone in sync with its file, one that no file manages, and a snapshot of both.
fn story() -> Story {
    let zones = json!([
        {"name": "blog.example.com", "plan": "free"},
        {"name": "shop.example.com", "plan": "pro", "stale": {"fight_mode": true}},
    ]);
    let story = Story::new(zones).zone("shop.example.com", "sbfm_pro", "ai_search: disabled");
    assert_eq!(story.run("snapshot last.json").exit, 0);
    // A snapshot states seconds, and this one is of an earlier day whenever the test runs.
    edit(&story, "last.json", |last| last["taken_at"] = json!("2026-01-01T00:00:00Z"));
    story
}

fn set(story: &Story, zone: &str, key: &str, value: Value) {
    assert!(story.emulator().edit(|world| world.set(zone, key, Some(value))));
}

/// Edits a snapshot.
fn edit(story: &Story, file: &str, edit: impl FnOnce(&mut Value)) {
    let mut snapshot: Value = serde_json::from_str(&story.read(file)).unwrap();
    edit(&mut snapshot);
    story.write(file, serde_json::to_string_pretty(&snapshot).unwrap());
}

/// Takes a snapshot and runs a plan from it, without credentials.
fn night(story: &Story, flags: &str) -> Run {
    assert_eq!(story.run("snapshot tonight.json").exit, 0);
    story.end(command(&story.path(""), &format!("{NIGHT} {flags}")))
}

fn timeless() -> insta::internals::SettingsBindDropGuard {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[time]");
    settings.bind_to_scope()
}

fn move_all(story: &Story) {
    set(story, "shop.example.com", "crawler_protection", json!("enabled"));
    set(story, "shop.example.com", "ai_training", json!("block"));
    set(story, "blog.example.com", "ai_search", json!("block"));
    story.emulator().edit(|world| world.set_stale("shop.example.com", "fight_mode", None));
    story
        .emulator()
        .edit(|world| world.set_stale("shop.example.com", "sbfm_likely_automated", Some(json!("block"))));
}

#[test]
fn what_changed_outside_is_a_row_and_exit_2() {
    let story = story();
    move_all(&story);
    let _times = timeless();
    let run = night(&story, "--detailed-exitcode");
    assert_snapshot!(run, @"
    = shop.example.com (sbfm_pro)  in sync                     zones/shop.example.com.yaml
        * ai_training             disabled → block             tightens   shuts out search engines  blocks social previews (low confidence)  changed outside
        * crawler_protection      disabled → enabled           tightens   changed outside
        * fight_mode              true → (not reported)        loosens    changed outside; stale
        * sbfm_likely_automated   (not reported) → block       tightens   changed outside; stale, still acts on traffic
          1 setting in sync, [n] unmanaged

    * zone blog.example.com, which no file manages, changed outside: ai_search: disabled → block (tightens)

    Plan: 0 zones to change, 1 in sync, 0 blocked, 0 failed. 1 stale setting still acts on traffic. 4 settings and 1 zone changed outside since [time] (2 zones compared).
    Planned from a snapshot that was 0m old, taken at [time].
    Digest: [digest]
    ---- exit 2
    ");
    assert_eq!(story.run("plan --moved-since last.json --detailed-exitcode").exit, 2);
    assert_eq!(story.run("plan --moved-since last.json").exit, 0);
}

#[test]
fn an_unchanged_zone_is_reported() {
    let story = story();
    let _times = timeless();
    let run = night(&story, "--detailed-exitcode");
    assert_snapshot!(run, @"
    = shop.example.com (sbfm_pro)  in sync                     zones/shop.example.com.yaml
        ? fight_mode              true                         stale, still acts on traffic; `stale: clean` would clean it
          1 setting in sync, [n] unmanaged

    Plan: 0 zones to change, 1 in sync, 0 blocked, 0 failed. 1 stale setting still acts on traffic. Nothing changed outside since [time] (2 zones compared).
    Planned from a snapshot that was 0m old, taken at [time].
    Digest: [digest]
    ---- exit 0
    ");
}

#[test]
fn comparing_a_snapshot_with_itself_is_reported() {
    let story = story();
    let run = story.run("plan --live last.json --moved-since last.json");
    assert!(run.stderr.starts_with("warning: both snapshots are the same"), "{run}");
}

#[test]
fn a_managed_value_is_not_listed_as_changed_outside() {
    let story = story();
    set(&story, "shop.example.com", "ai_search", json!("block"));
    let json = night(&story, "--output json").json();
    assert!(json["summary"].get("changed_outside").is_none());
    assert_eq!(json["summary"]["change"], 1);
}

#[test]
fn the_digest_and_the_body_do_not_contain_it() {
    let story = story().zone("shop.example.com", "sbfm_pro", "ai_search: block");
    move_all(&story);
    let with = night(&story, "--output json").json();
    let without = story.run("plan --output json").json();
    assert_eq!(
        (&with["digest"], &with["zones"][0]["body"]),
        (&without["digest"], &json!({"ai_search": "block"}))
    );
}

#[test]
fn a_saved_plan_shows_it_and_a_false_one_is_refused() {
    let story = story().zone("shop.example.com", "sbfm_pro", "ai_search: block");
    move_all(&story);
    let shown = story.run("plan --moved-since last.json --out plan.json").stdout;
    assert!(shown.contains("changed outside"), "{shown}");
    assert_eq!(story.run("show plan.json").stdout, shown);
    let good = story.read("plan.json");
    let plan: Value = serde_json::from_str(&good).unwrap();
    let rows = plan["zones"][0]["settings"].as_array().unwrap();
    let row = |name: &str, stale: bool| {
        let is_it = |row: &&Value| row["setting"] == name && row.get("stale").is_some() == stale;
        rows.iter().find(is_it).unwrap()
    };
    let gone = row("fight_mode", true);
    assert_eq!(
        (&gone["before"], &gone["live"], &gone["verdict"], &gone["effect"]),
        (&json!(true), &json!(null), &json!("changed_outside"), &json!("loosens"))
    );
    let come = row("sbfm_likely_automated", true);
    assert_eq!(
        (&come["before"], &come["live"], &come["effect"]),
        (&json!(null), &json!("block"), &json!("tightens"))
    );
    assert_eq!(plan["summary"]["changed_outside"], 4);
    for (from, to) in [
        ("\"before\": \"disabled\"", "\"before\": \"enabled\""),
        ("\"changed_outside\": 4", "\"changed_outside\": 3"),
    ] {
        let lie = good.replacen(from, to, 1);
        assert_ne!(lie, good, "{from}");
        story.write("lie.json", lie);
        assert_eq!(story.run("show lie.json").exit, 5, "{from}");
    }
    assert_eq!(story.run("apply plan.json").exit, 0);
    assert_eq!(story.bodies(), [json!({"ai_search": "block"})]);
}

#[test]
fn every_format_says_it() {
    let story = story();
    move_all(&story);
    let formats = ["json", "markdown", "github", "sarif", "junit", "html", "gitlab"];
    let outputs: String = formats.iter().map(|format| format!(" --output {format}={format}.out")).collect();
    let run = night(&story, &format!("--output text --metrics m.prom{outputs}"));
    assert!(run.stdout.contains("changed outside since"), "{run}");
    for format in formats.iter().filter(|format| **format != "gitlab") {
        let text = story.read(&format!("{format}.out"));
        assert!(text.contains("crawler_protection"), "{format}: {text}");
        assert!(text.contains("blog.example.com"), "{format}: {text}");
        assert!(text.contains("changed outside") || text.contains("changed_outside"), "{format}: {text}");
    }
    assert!(story.read("sarif.out").contains("\"ruleId\": \"changed-outside\""));
    let metrics = story.read("m.prom");
    assert!(metrics.contains("botform_changed_outside{what=\"settings\"} 4"), "{metrics}");
    assert!(metrics.contains("botform_changed_outside{what=\"zones\"} 1"), "{metrics}");
}

#[test]
fn new_deleted_changed_and_replaced_zones_are_reported() {
    let story = story();
    let id = |n: u8| format!("{n}").repeat(32);
    edit(&story, "last.json", |last| {
        let mut old = last["zones"][0].clone();
        (old["zone"], old["zone_id"]) = (json!("old.example.com"), json!(id(1)));
        last["zones"][1]["zone_id"] = json!(id(2));
        last["zones"].as_array_mut().unwrap().push(old);
    });
    edit(&story, "last.json", |last| {
        last["zones"][0]["live_plan"] = json!("sbfm_pro");
        let live = last["zones"][0]["live"].as_object_mut().unwrap();
        live.remove("fight_mode");
        live.insert("sbfm_verified_bots".to_owned(), json!("allow"));
    });
    let _times = timeless();
    let run = night(&story, "--detailed-exitcode");
    assert_snapshot!(run, @"
    = shop.example.com (sbfm_pro)  in sync                     zones/shop.example.com.yaml
        ? fight_mode              true                         stale, still acts on traffic; `stale: clean` would clean it
          1 setting in sync, [n] unmanaged

    * zone blog.example.com is on another plan variant: sbfm_pro → bot_fight_mode
    * zone old.example.com is gone, or the credentials cannot see it (zone id [id])
    * zone shop.example.com is a different zone: its id was [id] and is now [id]

    Plan: 0 zones to change, 1 in sync, 0 blocked, 0 failed. 1 stale setting still acts on traffic. 3 zones changed outside since [time] (1 zone compared).
    Planned from a snapshot that was 0m old, taken at [time].
    Digest: [digest]
    ---- exit 2
    ");
    edit(&story, "last.json", |last| {
        last["zones"].as_array_mut().unwrap().remove(0);
    });
    let run = night(&story, "--output json").json();
    let moved = &run["moved_since"]["zones"];
    assert_eq!((&moved[0]["zone"], &moved[0]["what"]), (&json!("blog.example.com"), &json!("new")));
}

#[test]
fn zones_that_were_not_compared_are_reported() {
    let story = story();
    let fault = json!({"on": "GET", "do": "forbidden_zone"});
    story.emulator().edit(|world| world.script(Some("shop.example.com"), &fault)).unwrap();
    assert_eq!(story.run("snapshot tonight.json").exit, 3);
    let _times = timeless();
    let run = story.end(command(&story.path(""), NIGHT));
    assert_snapshot!(run, @"
    ! shop.example.com (sbfm_pro)  failed                      zones/shop.example.com.yaml
          error: zone shop.example.com is not in the snapshot: GET /zones/[id]/bot_management (zone shop.example.com) was refused with status 403: Unauthorized to access requested resource (code 9109)
            hint: take a new snapshot with a token that sees the zone, or plan without `--live`

    * zone shop.example.com is not compared with the snapshot: it was not read

    Plan: 0 zones to change, 0 in sync, 0 blocked, 1 failed. Nothing changed outside since [time] (1 zone compared, 1 not compared).
    Planned from a snapshot that was 0m old, taken at [time].
    Digest: [digest]
    ---- exit 1
    ");
    // The other way round: it was not read then.
    std::fs::rename(story.path("tonight.json"), story.path("cut.json")).unwrap();
    std::fs::copy(story.path("last.json"), story.path("tonight.json")).unwrap();
    edit(&story, "cut.json", |cut| cut["taken_at"] = json!("2026-01-01T00:00:00Z"));
    let run = story.end(command(&story.path(""), "plan --live tonight.json --moved-since cut.json"));
    assert!(
        run.stdout.contains("zone shop.example.com is not compared with the snapshot: it was not read then"),
        "{run}"
    );
}

#[test]
fn a_snapshot_of_some_zones_says_what_it_is_limited_to() {
    let story = story();
    assert_eq!(story.run("snapshot last.json --zone shop*").exit, 0);
    let run = night(&story, "--detailed-exitcode");
    assert!(run.exit == 0 && !run.stdout.contains("is new"), "{run}");
    let run = run.stdout.replace(['\n'], " ").replace("  ", " ");
    assert!(run.contains("1 zone compared, 1 not compared, limited to --zone shop*)"), "{run}");
    let run = story.run("plan --moved-since last.json --zone shop.example.com --output json").json();
    let moved = &run["moved_since"];
    assert_eq!((&moved["compared"], &moved["not_compared"]), (&json!(1), &json!(0)));
}

#[test]
fn a_snapshot_that_cannot_be_compared_is_refused() {
    let story = story();
    assert_eq!(story.run("snapshot tonight.json").exit, 0);
    let good = story.read("last.json");
    let requests = story.emulator().requests().len();
    for (key, value, told) in [
        ("api", "https://api.example", "was taken from https://api.example, but this run uses"),
        ("taken_at", "2099-01-01T00:00:00Z", "is later than"),
    ] {
        edit(&story, "last.json", |last| last[key] = json!(value));
        for arguments in [NIGHT, "plan --moved-since last.json"] {
            let run = story.run(arguments);
            assert!(run.exit == 64 && run.stderr.replace('\n', " ").contains(told), "{run}");
        }
        story.write("last.json", &good);
    }
    assert_eq!(story.emulator().requests().len(), requests, "nothing is sent");
    story.write("last.json", &good[..good.len() / 2]);
    let run = story.run(NIGHT);
    assert!(run.exit == 1 && run.stderr.contains("is refused"), "{run}");
    story.write("last.json", good.replace("\"account_id\": \"", "\"account_id\": \"0"));
    assert_eq!(story.run(NIGHT).exit, 1);
    story.write("last.json", &good);
    edit(&story, "last.json", |last| {
        for zone in last["zones"].as_array_mut().unwrap() {
            zone["account_id"] = json!("9".repeat(32));
        }
    });
    let run = story.run(NIGHT);
    assert!(run.exit == 3 && run.stderr.contains("nothing was compared"), "{run}");
}

#[test]
fn the_list_of_zones_is_read_once_for_coverage_too() {
    let story = story();
    let lists = |story: &Story| {
        let requests = story.emulator().requests();
        requests.iter().filter(|request| request.path.ends_with("/zones")).count()
    };
    let before = lists(&story);
    assert_eq!(story.run("plan --coverage").exit, 0);
    let of_coverage = lists(&story) - before;
    let run = story.run("plan --coverage --moved-since last.json");
    assert!(run.stdout.contains("\nCoverage: ") && run.stdout.contains("changed outside since"), "{run}");
    assert_eq!(lists(&story) - before, 2 * of_coverage);
    let fault = json!({"on": "ZONES", "do": "unauthorized"});
    story.emulator().edit(|world| world.script(None, &fault)).unwrap();
    let run = story.run("plan --moved-since last.json");
    assert!(run.exit != 0 && !run.stdout.contains("Nothing changed"), "{run}");
}

#[test]
fn cautions_about_values_changed_outside_are_in_every_format() {
    let story = story();
    set(&story, "shop.example.com", "sbfm_verified_bots", json!("block"));
    for format in ["text", "markdown", "json", "html", "github", "sarif"] {
        let run = night(&story, &format!("--output {format}"));
        let said = if format == "json" { "search_engines" } else { "shuts out search engines" };
        assert!(run.stdout.contains(said) || run.stderr.contains(said), "{format}: {run}");
    }
}
