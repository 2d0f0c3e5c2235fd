//! Entries of a list that make no sense spoil only themselves: no command stops for the others.

use crate::listings::{run_on, serving};
use crate::plain_server::Server;
use crate::story::{Run, Story};
use serde_json::{Value, json};

fn id(number: usize) -> String {
    format!("{number:032x}")
}

fn row(number: usize, name: &str) -> Value {
    json!({"id": id(number), "name": name, "account": {"id": id(77), "name": "Shops"}})
}

/// Two zones among entries that cannot be used.
fn server() -> Server {
    let mut zones = vec![
        row(1, "a.example.com"),
        row(2, "b.example.com"),
        json!(null),
        json!("a.example.com"),
        json!(7),
        json!([]),
        json!({}),
        json!({"id": id(10), "name": null}),
        json!({"id": id(11)}),
        json!({"id": 12, "name": "numbered.example.com"}),
        json!({"name": "nameless.example.com", "account": "none"}),
        row(13, "../../etc"),
        row(14, "twin-one.example.com"),
        row(14, "twin-two.example.com"),
    ];
    zones.push(
        json!({"id": "../../zones", "name": "path.example.com", "account": null, "plan": [], "status": 1}),
    );
    serving(zones, None)
}

fn story() -> Story {
    Story::new(json!([])).zone("a.example.com", "sbfm_pro", "ai_search: disabled").zone(
        "b.example.com",
        "sbfm_pro",
        "ai_search: block",
    )
}

fn run(arguments: &str) -> (Story, Run) {
    let (story, server) = (story(), server());
    let run = run_on(&story, &server, arguments);
    (story, run)
}

#[test]
fn a_plan_and_an_apply_have_the_others() {
    let (_, plan) = run("plan --detailed-exitcode");
    assert!(plan.exit == 2 && plan.stdout.contains("~ b.example.com"), "{plan}");
    let (_, apply) = run("apply --auto-approve");
    assert!(apply.exit == 0 && apply.stdout.contains("1 applied"), "{apply}");
}

#[test]
fn coverage_lists_them_as_what_no_file_manages() {
    let (_, run) = run("plan --coverage");
    assert!(run.exit == 0 && run.stdout.contains("Coverage: 13 of 15 zones without a file"), "{run}");
    assert!(run.stderr.contains("it has neither") && run.stderr.contains("another zone has its id"), "{run}");
}

#[test]
fn a_snapshot_has_the_others_and_can_be_read() {
    let (story, server) = (story(), server());
    let taken = run_on(&story, &server, "snapshot live.json");
    assert!(taken.exit == 3 && taken.stdout.contains("2 zones in live.json, 13 unreadable"), "{taken}");
    let plan = story.run("plan --live live.json --moved-since live.json");
    assert!(plan.exit == 0 && plan.stdout.contains("~ b.example.com"), "{plan}");
    let live = run_on(&story, &server, "plan --moved-since live.json");
    assert!(live.exit == 0 && live.stdout.contains("Nothing changed outside since"), "{live}");
}

#[test]
fn an_import_writes_the_others() {
    let (story, run) = run("import imported");
    assert_eq!(run.exit, 3, "{run}");
    for name in ["a.example.com", "b.example.com"] {
        assert!(story.path(&format!("imported/{name}.yaml")).exists(), "{run}");
    }
    assert_eq!(std::fs::read_dir(story.path("imported")).unwrap().count(), 2, "{run}");
}

#[test]
#[ignore = "slow: CI runs it"]
fn the_doctor_names_the_first_counts_the_others_and_ends_its_checks() {
    let (_, run) = run("doctor");
    assert_eq!(run.exit, 1, "{run}");
    for line in
        ["Zone Read: 2 zones visible", "failed   zone list: ", "so are 12 more", "Bot Management Read: "]
    {
        assert!(run.stdout.contains(line), "{line}: {run}");
    }
}

#[test]
fn the_reports_of_the_others_are_listed() {
    let (_, run) = run("feedback list");
    assert_eq!(run.exit, 3, "{run}");
    assert!(run.stdout.contains("no reports for a.example.com, b.example.com"), "{run}");
    assert!(run.stderr.contains("it has neither"), "{run}");
    let (_, named) = self::run("feedback list --zone b.example.com");
    assert!(named.exit == 0 && !named.stdout.contains("a.example.com"), "{named}");
}
