//! Saved plans beside the record of what was applied: each is written once, and none by an older HEAD.

use crate::since::{commit, git};
use crate::story::{Run, Story};
use serde_json::json;

const ZONE: &str = "a.example.com";

/// A repository whose only zone wants `disabled`, as it is live and recorded, and `block` in the newest commit, and a
/// plan of that.
fn story() -> Story {
    let story = Story::new(json!([{"name": ZONE, "plan": "pro", "live": {"ai_search": "disabled"}}]));
    std::fs::create_dir(story.path("main")).unwrap();
    git(&story.path("main"), "init --quiet --initial-branch=main");
    want(&story, "disabled");
    record(&story);
    want(&story, "block");
    let planned = run(&story, "plan --since applied --out plan.json");
    assert!(planned.exit == 0 && planned.stdout.contains("disabled → block"), "{planned}");
    story
}

fn want(story: &Story, search: &str) {
    let file = format!("zone: {ZONE}\nplan: sbfm_pro\nsettings:\n  ai_search: {search}\n");
    story.write(&format!("main/zones/{ZONE}.yaml"), file);
    commit(&story.path("main"));
}

/// Records what is live at HEAD.
fn record(story: &Story) {
    let recorded = run(story, "plan --new-record ../record.txt");
    assert_eq!(recorded.exit, 0, "{recorded}");
    tag(story);
}

fn tag(story: &Story) {
    git(&story.path("main"), "tag --force --annotate applied --file ../record.txt");
}

fn run(story: &Story, arguments: &str) -> Run {
    let mut command = story.command(arguments);
    command.current_dir(story.path("main"));
    story.end(command)
}

fn apply(story: &Story) -> Run {
    run(story, "apply plan.json --last-applied ../record.txt")
}

fn live(story: &Story) -> String {
    story.live(ZONE)["ai_search"].as_str().unwrap().to_owned()
}

#[test]
fn a_saved_plan_is_written_once() {
    let story = story();
    let applied = apply(&story);
    assert_eq!((applied.exit, live(&story).as_str()), (0, "block"), "{applied}");
    tag(&story);
    // Somebody has taken it back, so that live is what the plan saw.
    story.emulator().edit(|world| world.set(ZONE, "ai_search", Some(json!("disabled"))));
    let again = apply(&story);
    assert_eq!((again.exit, live(&story).as_str()), (0, "disabled"), "{again}");
    assert!(
        again.stderr.contains("1 zone of the plan skipped: already applied, according to `applied`"),
        "{again}"
    );
}

#[test]
fn a_saved_plan_is_stale_once_the_record_has_changed() {
    let story = story();
    // What differs is in doubt in a new record.
    record(&story);
    let applied = apply(&story);
    assert_eq!((applied.exit, live(&story).as_str()), (4, "disabled"), "{applied}");
    let said = format!("the plan is stale: the record `applied` of {ZONE} has changed");
    assert!(applied.stderr.contains(&said), "{applied}");
}

#[test]
fn an_older_head_claims_nothing() {
    let story = story();
    git(&story.path("main"), "commit --quiet --allow-empty --message=newer");
    record(&story);
    let recorded = std::fs::read_to_string(story.path("record.txt")).unwrap();
    git(&story.path("main"), "checkout --quiet --detach HEAD~1");
    for older in [
        "apply plan.json --last-applied ../record.txt",
        "apply --since applied --only-ended --last-applied ../record.txt",
        "plan --since applied --only-ended --last-applied ../record.txt",
    ] {
        let refused = run(&story, older);
        assert!(refused.exit == 5 && refused.stderr.contains("HEAD is older than `applied`"), "{refused}");
        assert_eq!(std::fs::read_to_string(story.path("record.txt")).unwrap(), recorded, "{older}");
    }
    assert_eq!(live(&story), "disabled");
}
