//! The files of a run are compared by identity, not by path: an output is never an input, the journal or another
//! output.

use crate::story::Story;
use serde_json::json;
use std::fs;

const REPORT: &str = "zone: shop.example.com\ntype: false_positive\ndescription: x\nexpression: 'true'\n";

/// A story with one file of each kind.
fn story() -> Story {
    let story = Story::shop("ai_search: block")
        .file("botform.yaml", "guards: {max_zones: 5}\n")
        .file("feedback/a.yaml", REPORT)
        .file("world.yaml", json!({"zones": [{"name": "shop.example.com", "plan": "pro"}]}).to_string());
    assert_eq!(story.run("plan --out p.json").exit, 0);
    assert_eq!(story.run("apply --auto-approve --journal jj").exit, 0);
    fs::hard_link(story.path("p.json"), story.path("hard.json")).unwrap();
    std::os::unix::fs::symlink("zones", story.path("linked")).unwrap();
    story
}

#[test]
fn an_output_that_is_another_file_of_the_run_is_wrong_usage() {
    let story = story();
    let files =
        ["botform.yaml", "feedback/a.yaml", "world.yaml", "p.json", "jj", "zones/shop.example.com.yaml"];
    let before: Vec<_> = files.iter().map(|file| story.read(file)).collect();
    let requests = story.emulator().requests().len();
    for line in [
        "apply --auto-approve --journal jj --output json=jj",
        "apply --auto-approve --journal ./new --output json=new",
        "undo jj --auto-approve --output json=./jj",
        "undo jj --auto-approve --journal jj",
        "apply p.json --output json=p.json",
        "apply p.json --journal p.json",
        "apply p.json --output json=hard.json",
        "show p.json --output text=zones/../p.json",
        "plan --output json=zones/shop.example.com.yaml",
        "plan --output json=linked/shop.example.com.yaml",
        "plan --output json=a.json --output text=./a.json",
        "plan --output json=a.json --out a.json",
        "plan --out botform.yaml",
        "plan --out zones/p.yaml",
        "plan --since-plan p.json --out p.json",
        "plan --emulate world.yaml --output json=world.yaml",
        "validate --output json=zones/shop.example.com.yaml",
        "feedback plan --output json=feedback/a.yaml",
        "feedback submit --auto-approve --output json=feedback/a.yaml",
        "feedback submit --auto-approve --output json=feedback/new.yaml",
        "submissions --account 01a7362d577a6c3019a474fd6f485823 --output csv=botform.yaml",
    ] {
        let run = story.run(line);
        assert_eq!(run.exit, 64, "{line}: {run}");
        assert!(run.stdout.is_empty() && run.stderr.starts_with("error: `"), "{line}: {run}");
    }
    let after: Vec<_> = files.iter().map(|file| story.read(file)).collect();
    assert_eq!(before, after);
    assert_eq!(story.emulator().requests().len(), requests, "nothing is sent");
    for made in ["new", "a.json", "zones/p.yaml", "feedback/new.yaml"] {
        assert!(!story.path(made).exists(), "{made}");
    }
}

#[test]
fn wrong_usage_is_reported_before_problems_in_files() {
    let story = story().file("zones/broken.yaml", "zone: [");
    for line in ["plan --output json=zones/broken.yaml", "validate --output json=zones/broken.yaml"] {
        let run = story.run(line);
        assert_eq!(run.exit, 64, "{line}: {run}");
    }
    assert_eq!(story.read("zones/broken.yaml"), "zone: [");
}

#[test]
fn an_output_over_an_older_one_is_fine() {
    let story = story();
    assert_eq!(story.run("plan --out p.json --output json=r.json").exit, 0);
    assert_eq!(story.run("plan --out p.json --output json=r.json --output text=-").exit, 0);
    assert_eq!(story.run("apply --auto-approve --journal jj --output json=r.json").exit, 0);
    assert_eq!(story.run("plan --output json=/dev/null --output text=/dev/null").exit, 0);
}
