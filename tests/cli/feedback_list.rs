//! `feedback list`: all reports of the account's zones, in every format.

use crate::story::Story;
use insta::assert_snapshot;
use serde_json::{Value, json};

fn report(kind: &str, created_at: &str) -> Value {
    json!({
        "created_at": created_at, "type": kind, "description": "shoppers", "expression": "(cf.bot_management.score lt 5)",
        "first_request_seen_at": "2025-09-30T08:00:00Z", "last_request_seen_at": "2025-09-30T09:00:00Z", "requests": 1200,
        "requests_by_score": {"1": 200, "10": 1000}, "requests_by_score_src": {"ml": 1200}, "requests_by_attribute": {},
        "tomorrow": {"kept": true},
    })
}

fn story() -> Story {
    Story::new(json!([
        {"name": "a.example.com", "plan": "business", "feedback_shape": "bare", "feedback": [
            report("false_positive", "2026-01-31T12:00:00.749712Z"), report("false_negative", "2026-02-01T12:00:00Z")]},
        {"name": "b.example.com", "plan": "business", "feedback_shape": "null"},
        {"name": "c.example.org", "plan": "enterprise", "feedback_shape": "envelope", "feedback": [report("false_positive", "2026-03-01T00:00:00Z")]},
    ]))
}

fn failing() -> Story {
    let story = story();
    let fault = json!({"on": "GET_FEEDBACK", "do": "refuse", "status": 403, "code": 9109, "message": "Unauthorized to access requested resource"});
    story.emulator().edit(|world| world.script(Some("b.example.com"), &fault)).unwrap();
    story
}

/// The dates of the listed reports.
fn listed(story: &Story, arguments: &str) -> Vec<String> {
    let run = story.run(&format!("feedback list --output jsonl {arguments}"));
    assert_eq!(run.exit, 0, "{run}");
    let lines = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| line["report"]["created_at"].as_str().unwrap()[..10].to_owned()).collect()
}

#[test]
fn the_table_shows_every_zone_whatever_shape_its_list_has() {
    assert_snapshot!(story().run("feedback list"), @"
    a.example.com   2 reports
      2026-01-31T12:00:00Z  false_positive  -                            1200  shoppers
          score         1 █▌ 200  10 ████████ 1000
          source        ml ████████ 1200
          (cf.bot_management.score lt 5)
      2026-02-01T12:00:00Z  false_negative  -                            1200  shoppers
          score         1 █▌ 200  10 ████████ 1000
          source        ml ████████ 1200
          (cf.bot_management.score lt 5)

    c.example.org   1 report
      2026-03-01T00:00:00Z  false_positive  -                            1200  shoppers
          score         1 █▌ 200  10 ████████ 1000
          source        ml ████████ 1200
          (cf.bot_management.score lt 5)

    no reports for b.example.com

    Feedback: 3 reports in 3 zones, 0 failed.
    ---- exit 0
    ");
}

#[test]
fn zones_are_selected_by_name_and_pattern_and_need_no_files() {
    let story = story();
    assert_eq!(listed(&story, "--zone *.example.com").len(), 2);
    assert_eq!(listed(&story, "--zone c.example.org"), ["2026-03-01"]);
    let run = story.run("feedback list --zone c.exmaple.org");
    assert!(run.exit == 64 && run.stderr.contains("did you mean `c.example.org`?"), "{run}");
}

#[test]
fn reports_are_filtered_by_type_and_time() {
    let story = story();
    assert_eq!(listed(&story, "--type false_negative"), ["2026-02-01"]);
    assert_eq!(listed(&story, "--since 2026-02-01"), ["2026-02-01", "2026-03-01"]);
    assert_eq!(listed(&story, "--until 2026-01-31"), ["2026-01-31"]);
    assert_eq!(
        listed(&story, "--since 2026-01-31T12:00:00.749712Z --until 2026-02-01T11:00:00Z"),
        ["2026-01-31"]
    );
    assert_eq!(listed(&story, "--until 1000w"), Vec::<String>::new());
    for wrong in ["--since yesterday", "--since 2026-02-01 --until 2026-01-31", "--type wrong"] {
        assert_eq!(story.run(&format!("feedback list {wrong}")).exit, 64, "{wrong}");
    }
}

#[test]
fn one_zones_failure_stops_only_that_zone_in_every_format() {
    let story = failing();
    let run = story
        .run("feedback list --output table --output json=a.json --output jsonl=a.jsonl --output csv=a.csv");
    assert_eq!(run.exit, 3, "{run}");
    assert!(run.stdout.contains("b.example.com   failed") && run.stdout.ends_with("in 3 zones, 1 failed.\n"));
    let json: Value = serde_json::from_str(&story.read("a.json")).unwrap();
    let zones = json["zones"].as_array().unwrap();
    assert_eq!(json["format_version"], "1.0");
    assert_eq!(zones.iter().map(|zone| &zone["status"]).collect::<Vec<_>>(), ["listed", "failed", "listed"]);
    assert_eq!(zones[0]["reports"][0]["tomorrow"], json!({"kept": true}));
    assert_eq!(zones[1]["diagnostics"][0]["code"], 9109);
    assert_eq!((story.read("a.jsonl").lines().count(), story.read("a.csv").lines().count()), (3, 4));
    let quiet = story.run("feedback list --output csv");
    assert!(quiet.stderr.contains("error: zone b.example.com: "), "{quiet}");
}

#[test]
fn all_zones_failing_is_1() {
    let story = failing();
    assert_eq!(story.run("feedback list --zone b.example.com").exit, 1);
}

#[test]
fn an_account_narrows_the_zones() {
    let (mine, other) = ("1".repeat(32), "2".repeat(32));
    let story = Story::world(
        &json!({"accounts": [{"id": mine, "name": "mine"}, {"id": other, "name": "other"}], "zones": [
        {"name": "a.example.com", "plan": "business", "account": mine}, {"name": "b.example.com", "plan": "business", "account": other}]}),
    );
    let zones = |run: crate::story::Run| run.json()["zones"].as_array().unwrap().len();
    assert_eq!(zones(story.run("feedback list --output json")), 2);
    assert_eq!(zones(story.run(&format!("feedback list --output json --account {mine}"))), 1);
    let mut command = story.command("feedback list --output json");
    command.env("CLOUDFLARE_ACCOUNT_ID", &other);
    assert_eq!(zones(story.end(command)), 1);
    story.write("botform.yaml", format!("account_id: \"{mine}\"\n"));
    assert_eq!(zones(story.run("feedback list --output json")), 1);
    assert_eq!(story.run("feedback list --account 1").exit, 64);
}

#[test]
fn an_account_without_zones_is_an_error_and_not_an_empty_list() {
    let run = Story::new(json!([])).run("feedback list --output json");
    assert!(
        run.exit == 1 && run.stdout.is_empty() && run.stderr.contains("the credentials see no zone"),
        "{run}"
    );
}

#[test]
fn a_bare_emulate_is_wrong_usage_for_commands_without_zone_files() {
    for command in ["feedback list --emulate", "submissions --emulate"] {
        let run = Story::new(json!([])).run(command);
        assert!(run.exit == 64 && run.stderr.contains("needs a world file here"), "{run}");
    }
}

#[test]
fn zones_by_name_are_asked_for_by_name_alone() {
    let story = story();
    assert_eq!(listed(&story, "--zone C.example.org"), ["2026-03-01"]);
    let asked = story.emulator().requests();
    let paths: Vec<_> = asked.iter().map(|asked| asked.path.as_str()).collect();
    assert!(paths.len() == 2 && paths[0].ends_with("/zones") && paths[1].ends_with("/feedback"), "{paths:?}");
}
