//! The way back: planned, reviewed, guarded and proved like any apply.

use crate::story::{Run, Story};
use serde_json::json;

const BACK: &str = "undo j.jsonl --auto-approve --journal back.jsonl";

/// Two Pro zones that were applied with a journal.
fn applied(more: &str) -> Story {
    let live = json!({"enable_js": true, "ai_search": "disabled", "ai_user": "fortress", "sbfm_verified_bots": "allow"});
    let zone = |name: &str| json!({"name": name, "plan": "pro", "live": live, "stale": {"fight_mode": true}});
    let settings = "ai_search: block\nai_user: block\ncontent_bots_protection: block";
    let story = Story::new(json!([zone("a.example.com"), zone("b.example.com")]))
        .zone_with("a.example.com", "sbfm_pro", settings, &format!("stale: clean\n{more}"))
        .zone("b.example.com", "sbfm_pro", settings);
    let run = story.run("apply --auto-approve --unprotect a.example.com --journal j.jsonl");
    assert_eq!(run.exit, 0, "{run}");
    story
}

fn search(story: &Story) -> [String; 2] {
    ["a.example.com", "b.example.com"].map(|zone| story.live(zone)["ai_search"].as_str().unwrap().to_owned())
}

fn refused(story: &Story, run: &Run, exit: i32) {
    assert_eq!(run.exit, exit, "{run}");
    assert_eq!(search(story), ["block", "block"]);
}

#[test]
fn it_says_what_it_cannot_bring_back() {
    let story = applied("");
    let run = story.run(BACK);
    assert_eq!(search(&story), ["disabled", "disabled"]);
    insta::assert_snapshot!(run, @r#"
    ~ a.example.com (sbfm_pro)                                 j.jsonl
        ~ ai_search               block → disabled             loosens    :1
          warning: cannot be brought back: `ai_user` was "fortress", which this version cannot write
          warning: cannot be brought back: `content_bots_protection` was not reported before, so its value is not known
          warning: cannot be brought back: `fight_mode` was stale at true, left by an earlier plan variant; that cannot be written again
          0 settings in sync, 4 unmanaged

    ~ b.example.com (sbfm_pro)                                 j.jsonl
        ~ ai_search               block → disabled             loosens    :1
        ? fight_mode              true                         stale, still acts on traffic; `stale: clean` would clean it
          warning: cannot be brought back: `ai_user` was "fortress", which this version cannot write
          warning: cannot be brought back: `content_bots_protection` was not reported before, so its value is not known
          0 settings in sync, 4 unmanaged

    Plan: 2 zones to change (2 settings), 0 in sync, 0 blocked, 0 failed. 1 stale setting still acts on traffic. 2 changes loosen protection.
    Digest: [digest]

      applied       a.example.com   1 setting written and read back
      applied       b.example.com   1 setting written and read back

    Apply: 2 applied, 0 in sync, 0 failed, 0 blocked, 0 not attempted.
    ---- stderr
    journal: [file]
    ---- exit 0
    "#);
}

#[test]
fn one_zone_can_be_undone_alone() {
    let story = applied("");
    assert_eq!(story.run(&format!("{BACK} --zone a.example.com")).exit, 0);
    assert_eq!(search(&story), ["disabled", "block"]);
    let run = story.run(&format!("{BACK} --zone c.example.com"));
    assert_eq!(run.exit, 64, "{run}");
}

#[test]
fn an_undo_can_be_undone() {
    let story = applied("");
    assert_eq!(story.run(BACK).exit, 0);
    assert_eq!(story.run("undo back.jsonl --auto-approve --journal again.jsonl").exit, 0);
    assert_eq!(search(&story), ["block", "block"]);
}

#[test]
fn an_undo_of_what_is_undone_already_writes_nothing() {
    let story = applied("");
    assert_eq!(story.run(BACK).exit, 0);
    let puts = story.bodies().len();
    assert_eq!(story.run(BACK).exit, 0);
    assert_eq!(story.bodies().len(), puts);
}

#[test]
fn guards_hold_for_an_undo() {
    let story = applied("");
    refused(&story, &story.run(&format!("{BACK} --max-zones 1")), 5);
    refused(&story, &story.run(&format!("{BACK} --max-loosening 1")), 5);
    story.write("botform.yaml", "policy: [{id: ai, reason: agreed, pin: {ai_search: block}}]\n");
    refused(&story, &story.run(BACK), 5);
    assert_eq!(story.run(&format!("{BACK} --override-policy ai")).exit, 0);
}

#[test]
fn a_protected_zone_is_not_undone_without_its_override() {
    let story = applied("protect: true\n");
    let run = story.run(BACK);
    assert_eq!((run.exit, search(&story)), (3, ["block".to_owned(), "disabled".to_owned()]), "{run}");
    assert_eq!(story.run(&format!("{BACK} --unprotect a.example.com")).exit, 0);
}

#[test]
fn without_a_terminal_nothing_is_undone_unasked() {
    let story = applied("");
    refused(&story, &story.run("undo j.jsonl"), 1);
}

#[test]
fn a_journal_of_another_api_is_refused() {
    let story = applied("");
    refused(&story, &story.run(&format!("{BACK} --base-url http://127.0.0.1:1")), 5);
}

#[test]
fn what_is_no_journal_is_an_error() {
    let story = applied("").file("empty.jsonl", "").file("text.jsonl", "hello\n");
    for path in ["empty.jsonl", "text.jsonl", "zones/a.example.com.yaml", "missing.jsonl", "zones"] {
        let run = story.run(&format!("undo {path} --auto-approve"));
        refused(&story, &run, 1);
    }
}

#[test]
fn an_edit_that_came_after_the_apply_is_shown_and_only_what_was_written_goes_back() {
    let story = applied("");
    story.emulator().edit(|world| world.set("a.example.com", "enable_js", Some(json!(false))));
    assert_eq!(story.run(BACK).exit, 0);
    assert_eq!(story.live("a.example.com")["enable_js"], false);
}
