//! `submissions`: filters, formats, summary, watching, and pages that repeat rows or fail.

use crate::story::{Run, Story, signal, wait_until};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::{Child, Stdio};

const ACCOUNT: &str = "01a7362d577a6c3019a474fd6f485823";

/// The time range of the fixed rows.
const WINDOW: &str = "--since 2026-01-01 --until 2026-12-31";

fn story(submissions: Value) -> Story {
    let mut submissions = submissions;
    submissions["account"] = ACCOUNT.into();
    let story = Story::world(
        &json!({"accounts": [{"id": ACCOUNT, "name": "Example Ltd"}], "submissions": submissions}),
    );
    story.file("botform.yaml", format!("account_id: {ACCOUNT}\n"))
}

fn generated(count: u32, repeat: u32) -> Story {
    story(
        json!({"generate": {"count": count, "start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}, "repeat_across_pages": repeat}),
    )
}

fn rows(run: &Run) -> Vec<Value> {
    assert_eq!(run.exit, 0, "{run}");
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The queries of all requests, as they were sent.
fn queries(story: &Story) -> Vec<String> {
    let query = |pairs: &[(String, String)]| {
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    };
    story.emulator().requests().iter().map(|request| query(&request.query)).collect()
}

fn three() -> Story {
    story(json!({"rows": [
        {"submission_id": "a-1", "requested_at": "2026-03-01T08:00:00.123Z", "requested_ts": "old", "type": "Team", "customer_status": "unreviewed",
            "original_disposition": "NONE", "requested_disposition": "SPAM", "outcome_disposition": null, "subject": "Invoice\u{1b}[31m", "requested_by": "a@example.com", "tomorrow": 1},
        {"submission_id": "a-2", "requested_at": "2026-03-02T08:00:00Z", "type": "User", "customer_status": "reviewed",
            "original_disposition": "MALICIOUS", "outcome_disposition": "SPAM", "subject": null},
        {"submission_id": "a-3", "requested_at": "2026-03-03T08:00:00Z"},
    ]}))
}

#[test]
fn the_table_has_a_line_for_each_row_whatever_is_null() {
    assert_snapshot!(three().run(&format!("submissions {WINDOW}")), @r"
    REQUESTED             REVIEW      WHO   BEFORE      ASKED FOR   AFTER       BY                        SUBJECT                           ID
    2026-03-03T08:00:00Z  -           -     -           -           -           -                         -                                 a-3
    2026-03-02T08:00:00Z  reviewed    User  MALICIOUS   -           SPAM        -                         -                                 a-2
    2026-03-01T08:00:00Z  unreviewed  Team  NONE        SPAM        -           a@example.com             Invoice\u{1b}[31m                 a-1

    3 submissions.
    ---- exit 0
    ");
}

#[test]
fn json_has_the_members_of_the_api_without_the_deprecated_one() {
    let json = three().run(&format!("submissions {WINDOW} --output json --direction asc")).json();
    assert_eq!(json["format_version"], "1.0");
    assert_eq!(json["submissions"].as_array().unwrap().len(), 3);
    let first = &json["submissions"][0];
    assert_eq!((&first["submission_id"], &first["tomorrow"]), (&json!("a-1"), &json!(1)));
    assert!(first.get("requested_ts").is_none() && first["outcome_disposition"].is_null());
}

#[test]
fn no_rows_are_a_valid_result_in_every_format() {
    let story = generated(0, 0);
    let run =
        story.run(&format!("submissions {WINDOW} --output json --output jsonl=a.jsonl --output csv=a.csv"));
    assert_eq!(run.json(), json!({"format_version": "1.0", "submissions": []}));
    assert_eq!((run.exit, story.read("a.jsonl").as_str(), story.read("a.csv").lines().count()), (0, "", 1));
}

#[test]
fn every_filter_is_sent_in_the_words_of_the_api() {
    let story = generated(10, 0);
    let filters = "--type team --status UNREVIEWED --original-disposition spam --requested-disposition Bulk --outcome-disposition none \
        --escalated-from-user false --query invoice --submission-id x --order Subject --direction ASC";
    let run = story.run(&format!("submissions --since 2026-01-01 --until 2026-01-31T00:00:00Z {filters}"));
    assert_eq!(run.exit, 0, "{run}");
    assert_snapshot!(queries(&story).join("\n"), @"end=2026-01-31T00:00:00Z&per_page=1000&start=2026-01-01T00:00:00Z&type=TEAM&status=unreviewed&original_disposition=SPAM&requested_disposition=BULK&outcome_disposition=NONE&escalated_from_user=false&query=invoice&submission_id=x&order=subject&direction=asc&page=1");
}

#[test]
fn unknown_filter_words_are_wrong_usage() {
    let story = generated(1, 0);
    for wrong in [
        "--type teem",
        "--status done",
        "--order age",
        "--direction up",
        "--escalated-from-user maybe",
        "--original-disposition good",
        "--since soon",
        "--since 2026-02-01 --until 2026-01-01",
        "--max-age 45d",
        "--max-age 7d --status reviewed",
        "--detailed-exitcode",
        "--summary --output csv",
    ] {
        let run = story.run(&format!("submissions {wrong}"));
        assert_eq!(run.exit, 64, "{wrong}: {run}");
    }
    assert!(story.emulator().requests().is_empty());
}

#[test]
fn the_default_time_range_is_announced_and_sent() {
    let story = story(json!({"generate": {"count": 100, "days": 100}}));
    let run = story.run("submissions --output jsonl");
    assert!(run.stderr.starts_with("note: showing the last 30 days, since 20"), "{run}");
    assert!((25..35).contains(&rows(&run).len()));
    let query = &queries(&story)[0];
    assert!(query.contains("start=") && query.contains("end=") && query.contains("per_page=1000"), "{query}");
    assert!(story.run(&format!("submissions {WINDOW}")).stderr.is_empty());
}

#[test]
#[ignore = "slow: CI runs it"]
fn pages_keep_one_end_time_and_stop_at_a_short_page_whatever_the_total() {
    let story = generated(2500, 0);
    let run = story.run("submissions --since 2026-01-01 --status escalated --output jsonl");
    assert!(rows(&run).iter().all(|row| row["customer_status"] == "escalated"));
    let run = story.run("submissions --since 2026-01-01 --output jsonl");
    assert_eq!(rows(&run).len(), 2500);
    let queries = queries(&story);
    let pages: Vec<_> = queries[1..].iter().map(|query| query.split("&page=").collect::<Vec<_>>()).collect();
    assert_eq!(pages.iter().map(|page| page[1]).collect::<Vec<_>>(), ["1", "2", "3"]);
    assert!(pages.iter().all(|page| page[0] == pages[0][0]));
}

/// Fails unless there are so many rows, each once, in the order of their times.
fn assert_each_once(rows: &[Value], count: usize, ascending: bool) {
    let ids: BTreeSet<&str> = rows.iter().map(|row| row["submission_id"].as_str().unwrap()).collect();
    assert_eq!((rows.len(), ids.len()), (count, count));
    let times = rows.iter().map(|row| row["requested_at"].as_str().unwrap());
    assert!(if ascending { times.is_sorted() } else { times.rev().is_sorted() });
}

#[test]
#[ignore = "slow: CI runs it"]
fn rows_repeated_across_pages_are_listed_once_and_in_order() {
    let story = generated(2_100, 7);
    for (direction, ascending) in [("asc", true), ("desc", false)] {
        let run = story.run(&format!("submissions {WINDOW} --output jsonl --direction {direction}"));
        assert_each_once(&rows(&run), 2_100, ascending);
    }
}

/// The highest resident size of a process so far, in KiB.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// The highest resident size of a run that lists so many rows, in KiB; each comes once.
#[cfg(target_os = "linux")]
fn memory(count: u32) -> u64 {
    let story = generated(count, 7);
    let command = format!("submissions {WINDOW} --output jsonl --output csv=rows.csv");
    let mut child = story.start(&mut story.command(&command));
    let mut highest = 0;
    wait_until("the end of the command", || {
        highest = highest.max(peak(&child).unwrap_or(0));
        child.try_wait().unwrap().is_some()
    });
    let count = count as usize;
    assert_each_once(&rows(&story.finish(child)), count, false);
    assert_eq!(story.read("rows.csv").lines().count(), count + 1);
    assert!(highest > 1_000, "{highest} KiB");
    highest
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "slow: CI runs it"]
fn a_hundred_thousand_rows_take_no_more_memory_than_a_thousand() {
    let (few, many) = (memory(1_000), memory(100_000));
    // Keeping the rows would take some 50 MB.
    assert!(many < few + 6_000, "{few} KiB, then {many} KiB");
}

#[test]
fn the_summary_counts_instead_of_listing() {
    let story = three();
    let run = story.run(&format!("submissions {WINDOW} --summary --output json"));
    let summary = &run.json()["summary"];
    assert_eq!(summary["submissions"], 3);
    assert_eq!(summary["customer_status"], json!({"unreviewed": 1, "reviewed": 1, "(none)": 1}));
    assert!(summary["unreviewed_median_age_seconds"].as_i64().unwrap() > 0);
}

#[test]
fn overdue_unreviewed_submissions_are_listed_and_exit_2() {
    let story = three();
    let run = story.run(&format!("submissions {WINDOW} --max-age 7d --detailed-exitcode --output jsonl"));
    assert_eq!((run.exit, run.stdout.lines().count()), (2, 3));
    assert_snapshot!(run.stderr, @r"
    warning: 1 unreviewed submission is older than 7d:
      2026-03-01T08:00:00.123Z  a-1  Invoice\u{1b}[31m
    ");
    let run = story.run(&format!("submissions {WINDOW} --max-age 7d --output jsonl"));
    assert_eq!(run.exit, 0, "{run}");
    let run = story.run(&format!("submissions {WINDOW} --max-age 7d --detailed-exitcode --query a-2"));
    assert_eq!(run.exit, 0, "{run}");
}

#[test]
#[ignore = "slow: CI runs it"]
fn an_error_between_pages_is_partial_and_leaves_no_incomplete_file() {
    let story = generated(2500, 0);
    let fault = json!({"on": "SUBMISSIONS", "nth": 3, "do": "refuse", "status": 403, "code": 9109, "message": "Unauthorized to access requested resource"});
    story.emulator().edit(|world| world.script(None, &fault)).unwrap();
    let run = story.run(&format!("submissions {WINDOW} --output json --output csv=rows.csv"));
    assert_eq!(run.exit, 3, "{}", run.stderr);
    let json = run.json();
    assert_eq!((&json["complete"], json["submissions"].as_array().unwrap().len()), (&json!(false), 2000));
    assert!(
        !story.path("rows.csv").exists() && run.stderr.contains("Unauthorized to access"),
        "{}",
        run.stderr
    );
    story
        .emulator()
        .edit(|world| world.script(None, &json!({"on": "SUBMISSIONS", "do": "html", "nth": 4, "count": 9})))
        .unwrap();
    let run = story.run(&format!("submissions {WINDOW} --output json=rows.json"));
    assert!(run.exit == 1 && run.stdout.is_empty(), "{run}");
    let json: Value = serde_json::from_str(&story.read("rows.json")).unwrap();
    assert!(json.get("submissions").is_none() && json["problems"][0]["severity"] == "error", "{json}");
}

#[test]
fn an_interrupted_run_ends_at_once_and_reports_missing_rows() {
    let story = generated(2500, 0);
    let fault = json!({"on": "SUBMISSIONS", "nth": 2, "do": "silent"});
    story.emulator().edit(|world| world.script(None, &fault)).unwrap();
    let child = story.start(&mut story.command(&format!("submissions {WINDOW} --output json")));
    story.wait_for("the second page", |world| world.requests().len() == 2);
    signal(&child, "-INT");
    let run = story.finish(child);
    assert_eq!((run.exit, &run.json()["complete"]), (3, &json!(false)));
}

#[test]
fn a_reader_that_closes_the_pipe_early_is_not_an_error_and_ends_the_paging() {
    let story = generated(20_000, 0);
    let mut command = story.command(&format!("submissions {WINDOW} --output jsonl"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert!(story.emulator().requests().len() < 20);
}

#[test]
fn a_page_that_fails_once_is_requested_again() {
    let story = generated(1500, 0);
    let fault = json!({"on": "SUBMISSIONS", "nth": 2, "do": "status", "status": 502});
    story.emulator().edit(|world| world.script(None, &fault)).unwrap();
    assert_eq!(rows(&story.run(&format!("submissions {WINDOW} --output jsonl"))).len(), 1500);
}

#[test]
fn an_account_must_be_named() {
    let story = generated(1, 0);
    std::fs::remove_file(story.path("botform.yaml")).unwrap();
    let run = story.run("submissions");
    assert!(run.exit == 64 && run.stderr.contains("CLOUDFLARE_ACCOUNT_ID"), "{run}");
    let mut command = story.command(&format!("submissions {WINDOW} --output jsonl"));
    command.env("CLOUDFLARE_ACCOUNT_ID", ACCOUNT);
    assert_eq!(rows(&story.end(command)).len(), 1);
}
