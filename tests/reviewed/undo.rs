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
    let run = story.run("apply --auto-approve --concurrency 1 --unprotect a.example.com --journal j.jsonl");
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
    insta::assert_snapshot!(run.told(), @r#"
    ~ a.example.com (sbfm_pro)                                 j.jsonl
        ~ ai_search               block → disabled             loosens    :2
          warning: cannot be restored: `ai_user` was "fortress", which this version cannot write
          warning: cannot be restored: `content_bots_protection` was not reported before, so its value is not known
          warning: cannot be restored: `fight_mode` was stale at true, left by an earlier plan variant; that cannot be written again
          0

    ~ b.example.com (sbfm_pro)                                 j.jsonl
        ~ ai_search               block → disabled             loosens    :6
        ? fight_mode              true                         stale, still acts on traffic; `stale: clean` would clean it
          warning: cannot be restored: `ai_user` was "fortress", which this version cannot write
          warning: cannot be restored: `content_bots_protection` was not reported before, so its value is not known
          0

    Plan: 2, 2, 0, 0, 0, 1, 2

      applied       a.example.com   1 setting written and read back
      applied       b.example.com   1 setting written and read back

    Apply: 2, 0, 0, 0, 0
    ---- stderr
    note: this changes the live zones, but not the zone files

    hint: revert the commit too, or the next `apply` writes it again
    ---- exit 0
    "#);
}

/// A zone that was applied, and whose setting the on-call tightened afterwards.
fn moved() -> Story {
    let live = json!({"ai_bots_protection": "disabled", "enable_js": false});
    let zones =
        ["a.example.com", "b.example.com"].map(|name| json!({"name": name, "plan": "pro", "live": live}));
    let settings = "ai_bots_protection: only_on_ad_pages\nenable_js: true";
    let story = Story::new(json!(zones)).zone("a.example.com", "sbfm_pro", settings).zone(
        "b.example.com",
        "sbfm_pro",
        settings,
    );
    assert_eq!(story.run("apply --auto-approve --concurrency 1 --journal j.jsonl").exit, 0);
    story.emulator().edit(|world| world.set("a.example.com", "ai_bots_protection", Some(json!("block"))));
    story
}

fn bots(story: &Story) -> [String; 2] {
    ["a.example.com", "b.example.com"]
        .map(|zone| story.live(zone)["ai_bots_protection"].as_str().unwrap().to_owned())
}

#[test]
fn a_setting_that_somebody_changed_after_the_apply_blocks_its_zone() {
    let story = moved();
    let run = story.run(BACK);
    assert_eq!(bots(&story), ["block", "disabled"]);
    assert_eq!(story.live("a.example.com")["enable_js"], true, "nothing of the zone is written");
    insta::assert_snapshot!(run.told(), @r#"
    ~ b.example.com (sbfm_pro)                                 j.jsonl
        ~ ai_bots_protection      only_on_ad_pages → disabled  loosens    :4
        ~ enable_js               true → false                 loosens    :4
          warning: the live settings do not show the plan variant: only settings that all variants share can be managed
          0

    ! a.example.com (sbfm_pro)  blocked                        j.jsonl
        ~ ai_bots_protection      block → disabled             loosens    :2
        ~ enable_js               true → false                 loosens    :2
          error: changed since the run to undo: `ai_bots_protection` was sent as "only_on_ad_pages" and is now "block"
            hint: find out who changed it and why; `--undo-moved a.example.com` restores it anyway
          warning: the live settings do not show the plan variant: only settings that all variants share can be managed
          0

    Plan: 1, 2, 0, 1, 0, 2

      applied       b.example.com   2 settings written and read back
      blocked       a.example.com

    Apply: 1, 0, 0, 1, 0
    ---- stderr
    note: this changes the live zones, but not the zone files

    hint: revert the commit too, or the next `apply` writes it again
    ---- exit 3
    "#);
}

#[test]
fn manual_changes_of_a_named_zone_are_overwritten_and_change_the_digest() {
    let story = moved();
    let unknown = story.run(&format!("{BACK} --undo-moved c.example.com"));
    assert_eq!((unknown.exit, bots(&story)), (64, ["block".to_owned(), "only_on_ad_pages".to_owned()]));
    let run = story.run(&format!("{BACK} --undo-moved A.example.com --output json"));
    assert_eq!((run.exit, bots(&story)), (0, ["disabled".to_owned(), "disabled".to_owned()]), "{run}");
    assert_eq!(run.json()["overrides"]["undo_moved"], json!(["a.example.com"]));
}

#[test]
fn a_setting_that_has_its_earlier_value_again_blocks_nothing() {
    let story = moved();
    story.emulator().edit(|world| world.set("a.example.com", "ai_bots_protection", Some(json!("disabled"))));
    let run = story.run(BACK);
    assert_eq!((run.exit, story.live("a.example.com")["enable_js"].clone()), (0, json!(false)), "{run}");
}

const STATE: &str = "home/.local/state/botform";

#[test]
fn without_a_journal_it_lists_those_of_the_state_folder_and_sends_nothing() {
    let story = moved();
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    let run = |api: &str| json!({"event": "begin", "format_version": "1.0", "tool_version": "0.1.0", "at": "2025-10-01T09:30:00Z", "api": api});
    let put = json!({"event": "put", "at": "", "zone": "x.example.com", "zone_id": "1", "plan": "sbfm_pro", "file": "x.yaml",
        "base": "", "before": {}, "stale_before": {}, "body": {}});
    story
        .write(&format!("{STATE}/apply-killed.jsonl"), format!("{}\n{put}\n", run("https://api.example/v4")));
    story.write(&format!("{STATE}/text.jsonl"), "hello\nworld\n");
    let before = story.emulator().requests().len();
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"apply-[0-9TZ-]+", "apply-[now]");
    settings.add_filter(r"(finished +)[0-9TZ:-]+", "$1[now]");
    settings.add_filter(r"written on .+", "written on [host]");
    let list = settings.bind(|| {
        let list = story.run("undo");
        insta::assert_snapshot!(list, @"
        finished    [now]  1 zone, 1 setting, 1 loosens protection  http://[api]/client/v4
            written on [host]
              applied: a.example.com
                ai_bots_protection      block → only_on_ad_pages  loosens
            [folder]/home/.local/state/botform/apply-[now].done.jsonl

        open        2025-10-01T09:30:00Z  1 zone, 0 settings  1 in flight  https://api.example/v4
              outcome not known: x.example.com
            [folder]/home/.local/state/botform/apply-killed.jsonl

        unreadable  line 1 of the journal [folder]/home/.local/state/botform/text.jsonl is not a journal record: expected value at line 1 column 1
            [folder]/home/.local/state/botform/text.jsonl

        3 journals; `botform undo JOURNAL` undoes the last run of one. Revert its commit too.
        ---- exit 0
        ");
        story.run("undo --output json").json()
    });
    assert_eq!(story.emulator().requests().len(), before);
    let rows: Vec<_> = list["journals"].as_array().unwrap().iter().map(|row| row["status"].clone()).collect();
    assert_eq!(rows, ["finished", "open", "unreadable"]);
    assert_eq!((&list["journals"][1]["zones"], &list["journals"][1]["in_flight"]), (&json!(1), &json!(1)));
    assert_eq!(list["journals"][1]["api"], "https://api.example/v4");
}

#[test]
fn a_folder_of_journals_is_listed_with_who_wrote_them_and_undos_are_told_apart() {
    let story = applied("");
    let in_job = |line: &str| {
        let mut command = story.command(line);
        command.envs([
            ("GITHUB_SERVER_URL", "https://github.example.com"),
            ("GITHUB_REPOSITORY", "owner/repository"),
            ("GITHUB_RUN_ID", "12"),
            ("GITHUB_JOB", "undo"),
            ("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567"),
        ]);
        // Of the environment nothing else is kept, and no credential.
        command.env("GITHUB_TOKEN", "ghs_not_for_journals").env("CI_JOB_NAME", crate::story::TOKEN);
        story.end(command)
    };
    std::fs::create_dir_all(story.path("night/12")).unwrap();
    assert_eq!(in_job("undo j.jsonl --auto-approve --journal night/12/journal.jsonl").exit, 0);
    let journal = story.read("night/12/journal.jsonl");
    assert!(!journal.contains("ghs_") && !journal.contains(crate::story::TOKEN), "{journal}");
    story.write("night/11/journal.jsonl", story.read("j.jsonl"));
    let before = story.emulator().requests().len();
    let list = story.run("undo night");
    assert_eq!((list.exit, story.emulator().requests().len()), (0, before), "{list}");
    let (undo, apply) = list.stdout.split_once("\n\n").unwrap();
    for words in [
        "an undo of j.jsonl, the run of 2",
        "job undo, https://github.example.com/owner/repository/actions/runs/12, commit 0123456789abcdef",
        "applied: a.example.com, b.example.com\n        ai_search               block → disabled  loosens\n",
    ] {
        assert!(undo.contains(words), "{words}: {list}");
    }
    assert!(!apply.contains("an undo of") && apply.contains("night/11/journal.jsonl"), "{list}");
    let rows = story.run("undo night --output json").json();
    assert_eq!(rows["journals"][0]["sent"][0]["zones"], json!(["a.example.com", "b.example.com"]));
    assert_eq!(rows["journals"][0]["writer"]["undoes"]["journal"], "j.jsonl");
}

#[test]
fn a_refused_plan_names_on_stderr_which_zone_moved_and_how() {
    let story = Story::shop("ai_search: block");
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    story.emulator().edit(|world| world.set("shop.example.com", "ai_user", Some(json!("block"))));
    let run = story.run("apply plan.json --journal j.jsonl");
    assert_eq!((run.exit, story.bodies().len()), (4, 0), "{run}");
    insta::assert_snapshot!(run.stderr, @r"
    journal: [file]
    error: the plan is stale: 1 zone changed after it was made; nothing was written
      shop.example.com: ai_user was disabled when planned and is block now

    hint: run `plan` again, or write the other zones with `--partial`
    ");
}

#[test]
fn a_list_of_no_journals_says_where_it_looked_and_takes_no_flag_of_an_undo() {
    let story = Story::shop("ai_search: block");
    let run = story.run("undo");
    assert!(run.exit == 0 && run.stdout.contains("no journals in "), "{run}");
    for flag in ["--auto-approve", "--zone shop.example.com", "--undo-moved shop.example.com", "--canary 1"] {
        let run = story.run(&format!("undo {flag}"));
        assert!(run.exit == 64 && run.stderr.contains("names no journal"), "{run}");
    }
}

#[test]
fn a_journal_is_shown_with_a_short_path() {
    let story = applied("");
    assert_eq!(story.run("apply --auto-approve --max-zones 9").exit, 0);
    let long = "deep/below/a/folder/with/a/long/name/and/another/one/apply-2026-11-25T183332Z-4711.jsonl";
    story.write(long, story.read("j.jsonl"));
    let run = story.run(&format!("undo {long}"));
    assert!(
        run.stdout.contains(" apply-2026-11-25T183332Z-4711.jsonl\n") && !run.stdout.contains("deep/"),
        "{run}"
    );
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
fn an_undo_does_not_take_the_journal_that_it_undoes_for_a_zone_file() {
    let story = applied("");
    assert_eq!(story.run(BACK).exit, 0);
    std::fs::remove_dir_all(story.path("zones")).unwrap();
    let run = story.run("undo back.jsonl --auto-approve --journal again.jsonl");
    assert_eq!(run.exit, 0, "{run}");
    assert_eq!(search(&story), ["block", "block"]);
}

#[test]
fn an_empty_folder_of_zone_files_protects_nothing() {
    let story = Story::shop("ai_search: block");
    assert_eq!(story.run("apply --auto-approve --journal j.jsonl").exit, 0);
    std::fs::remove_file(story.path("zones/shop.example.com.yaml")).unwrap();
    let run = story.run("undo j.jsonl --auto-approve");
    assert_eq!((run.exit, story.bodies().len()), (0, 2), "{run}");
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
fn a_file_that_is_not_a_journal_is_an_error() {
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

#[test]
fn a_journal_whose_id_cannot_be_read_overwrites_no_zone_by_its_name() {
    for key in ["zone_id", "account_id"] {
        let story = moved();
        let damaged = |line: &str| {
            let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
            if record["zone"] == "a.example.com" && record["event"] == "put" {
                record[key] = json!("nonsense");
            }
            record.to_string() + "\n"
        };
        let journal: String = story.read("j.jsonl").lines().map(damaged).collect();
        story.write("j.jsonl", journal);
        let run = story.run(BACK);
        assert_eq!(bots(&story), ["block", "disabled"], "{key}: {run}");
        assert!(run.stderr.contains("a.example.com: the journal does not name a zone"), "{key}: {run}");
    }
}
