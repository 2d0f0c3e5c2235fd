//! Wrong usage: exit 64, and what was meant.

use crate::story::Story;
use insta::assert_snapshot;

#[test]
fn wrong_usage_exits_64() {
    let story = Story::shop("ai_search: block");
    for line in [
        "",
        "paln",
        "plan --no-such-flag",
        "plan --concurrency 0",
        "plan --rate 5",
        "plan --timeout 0",
        "plan --emulate= --base-url http://127.0.0.1:1",
        "plan --output yaml",
        "plan --output json=",
        "plan --output text --output json",
        "plan --send-unavailable using_latest_model",
        "apply --partial",
        "apply --expect 0123456789",
        "schema nothing",
    ] {
        let run = story.run(line);
        assert_eq!(run.exit, 64, "{line}: {run}");
        assert!(
            run.stdout.is_empty() && run.stderr.starts_with("error: ") || line.is_empty(),
            "{line}: {run}"
        );
    }
    assert!(story.emulator().requests().is_empty());
}

#[test]
fn help_and_version_are_no_errors() {
    let story = Story::shop("");
    for line in ["--help", "--version", "help plan", "apply --help"] {
        let run = story.run(line);
        assert!(run.exit == 0 && run.stderr.is_empty() && !run.stdout.is_empty(), "{line}: {run}");
    }
}

#[test]
fn a_pattern_selects_zones_and_one_without_a_match_is_an_error() {
    let names = ["a.shop.example.com", "b.shop.example.com", "c.example.com"];
    let zones: Vec<_> = names.iter().map(|name| serde_json::json!({"name": name, "plan": "pro"})).collect();
    let story = names
        .iter()
        .fold(Story::new(zones.into()), |story, name| story.zone(name, "sbfm_pro", "ai_search: block"));
    let planned = |line: &str| {
        let zones = story.run(line).json()["zones"].clone();
        zones
            .as_array()
            .unwrap()
            .iter()
            .map(|zone| zone["zone"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        planned("plan --output json --zone *.shop.example.com"),
        ["a.shop.example.com", "b.shop.example.com"]
    );
    assert_eq!(
        planned("plan --output json --zone c.example.com --zone a.*"),
        ["a.shop.example.com", "c.example.com"]
    );
    assert_snapshot!(story.run("plan --zone d.example.com"), @"
    ---- stderr
    error: `d.example.com` matches none of the 3 zones

    hint: did you mean `c.example.com`?
    ---- exit 1
    ");
    assert_snapshot!(story.run("plan --zone *.example.org"), @"
    ---- stderr
    error: `*.example.org` matches none of the 3 zones

    hint: did you mean `c.example.com`?
    ---- exit 1
    ");
}
