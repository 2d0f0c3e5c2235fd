//! Journals: refused where they cannot be written, whole where they were, and told apart by API.

use crate::story::Story;
use botform::run::{Record, in_flight, read_journal};
use serde_json::{Value, json};

fn lines(story: &Story, path: &str) -> Vec<Value> {
    story.read(path).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn is_refused(story: &Story, journal: &str, why: &str) {
    let run = story.run(&format!("apply --auto-approve --output json --journal {journal}"));
    assert_eq!((run.exit, run.outcome().as_str()), (1, "not_attempted"), "{run}");
    assert!(run.stderr.contains(why), "{run}");
    assert!(story.bodies().is_empty());
}

#[test]
fn it_tells_each_put_before_and_after() {
    let zones = json!([{"name": "shop.example.com", "plan": "pro", "live": {"ai_search": "disabled", "sbfm_verified_bots": "allow"}, "stale": {"fight_mode": true}}]);
    let story = Story::new(zones).zone_with(
        "shop.example.com",
        "sbfm_pro",
        "ai_search: block\ncontent_bots_protection: block",
        "stale: clean\n",
    );
    assert_eq!(story.run("apply --auto-approve --journal j.jsonl").exit, 0);
    let told = lines(&story, "j.jsonl");
    let events: Vec<_> = told.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["begin", "put", "outcome", "end"]);
    assert_eq!(told[1]["before"], json!({"ai_search": "disabled", "content_bots_protection": null}));
    assert_eq!(told[1]["stale_before"], json!({"fight_mode": true}));
    assert_eq!(told[1]["body"], story.bodies()[0]);
    assert_eq!(told[2]["outcome"], "applied");
}

#[test]
fn it_fits_its_schema_and_holds_no_secret() {
    let story = Story::shop("ai_search: block");
    assert_eq!(story.run("apply --auto-approve --journal j.jsonl").exit, 0);
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("journal.json", botform::run::journal_schema()).unwrap();
    let schema = compiler.compile("journal.json", &mut schemas).unwrap();
    for line in lines(&story, "j.jsonl") {
        assert!(schemas.validate(&line, schema).is_ok(), "{line}");
    }
    assert!(!story.read("j.jsonl").contains(crate::story::TOKEN));
}

#[test]
fn one_that_cannot_be_written_refuses_the_run() {
    let story = Story::shop("ai_search: block").file("file", "x");
    for journal in ["file/j.jsonl", "missing/j.jsonl", "zones"] {
        let run = story.run(&format!("apply --auto-approve --journal {journal}"));
        assert!(run.exit == 1 && run.stderr.contains(&format!("cannot write {journal}: ")), "{run}");
    }
    assert!(story.emulator().requests().is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_refuses_the_run() {
    is_refused(&Story::shop("ai_search: block"), "/dev/full", "No space left on device");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_state_folder_does_not_hang_an_apply() {
    let story = Story::shop("ai_search: block").file("home/.local/state/botform/note", "");
    let pipe = story.path("home/.local/state/botform/pipe.jsonl");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    is_refused(&story, "home/.local/state/botform/pipe.jsonl", "a named pipe, not a file");
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    let run = story.run("undo home/.local/state/botform/pipe.jsonl");
    assert!(run.exit == 1 && run.stderr.contains("a named pipe, not a file"), "{run}");
}

#[cfg(target_os = "linux")]
#[test]
fn endless_and_huge_files_are_refused_by_what_reads_them() {
    let story = Story::shop("ai_search: block");
    std::fs::File::create(story.path("huge.json")).unwrap().set_len(3 << 30).unwrap();
    std::fs::File::create(story.path("long.jsonl")).unwrap().set_len(200 << 20).unwrap();
    for (arguments, exit, said) in [
        ("undo /dev/zero", 1, "a device, not a file"),
        ("undo huge.json", 1, "more than the 268435456 that are read"),
        ("undo long.jsonl", 1, "journal"),
        ("apply huge.json", 5, "more than the 268435456 that are read"),
        ("show /dev/zero", 1, "a device, not a file"),
        ("plan --emulate huge.json", 1, "more than the 33554432 that are read"),
        ("plan --emulate /dev/zero", 1, "a device, not a file"),
        ("plan --since-plan huge.json", 5, "more than the 268435456 that are read"),
    ] {
        let run = story.run(arguments);
        assert!(run.exit == exit && run.stderr.contains(said), "{arguments}: {run}");
    }
}

#[cfg(unix)]
#[test]
fn a_state_folder_that_is_no_folder_refuses_the_run() {
    let story = Story::shop("ai_search: block").file("state", "");
    let mut command = story.command("apply --auto-approve");
    command.env("XDG_STATE_HOME", story.path("state"));
    assert_eq!(story.end(command).exit, 1);
    assert!(story.bodies().is_empty());
}

#[test]
fn a_file_that_is_something_else_is_not_written_to() {
    let story = Story::shop("ai_search: block");
    story.write("notes.txt", "mine\n");
    is_refused(&story, "notes.txt", "is not a journal");
    assert_eq!(story.read("notes.txt"), "mine\n");
}

#[test]
fn several_runs_share_a_file() {
    let story = Story::shop("ai_search: block");
    assert_eq!(story.run("apply --auto-approve --journal j.jsonl").exit, 0);
    story.write(
        "zones/shop.example.com.yaml",
        "zone: shop.example.com\nplan: sbfm_pro\nsettings: {ai_user: block}\n",
    );
    assert_eq!(story.run("apply --auto-approve --journal j.jsonl").exit, 0);
    let records = read_journal(&story.path("j.jsonl")).unwrap();
    assert_eq!(records.iter().filter(|record| matches!(record, Record::Put { .. })).count(), 2);
}

/// What a killed run leaves: a PUT without its outcome.
fn killed(story: &Story, api: &str, torn: &str) {
    let id = story.emulator().world().zone_id("shop.example.com").unwrap().to_owned();
    let begin =
        json!({"event": "begin", "format_version": "1.0", "tool_version": "0.1.0", "at": "", "api": api});
    let put = json!({"event": "put", "at": "", "zone": "shop.example.com", "zone_id": id, "plan": "sbfm_pro", "file": "zones/shop.example.com.yaml",
        "base": "", "before": {"ai_search": "disabled"}, "stale_before": {}, "body": {"ai_search": "block"}});
    story.write("home/.local/state/botform/apply-1.jsonl", format!("{begin}\n{put}\n{torn}"));
}

#[test]
fn a_killed_run_is_settled_also_where_nothing_is_to_be_written() {
    for torn in ["", "{\"event\":\"outc", "{\"event\":\"put\",\"at\":\"\",\"zone\":\"sh"] {
        let story = Story::shop("ai_search: block");
        story.emulator().edit(|world| world.set("shop.example.com", "ai_search", Some(json!("block"))));
        killed(&story, &story.emulator().base_url(), torn);
        let run = story.run("apply");
        assert_eq!(run.exit, 0, "{run}");
        assert!(run.stderr.contains("  shop.example.com: applied, as a GET shows\n"), "{run}");
        let path = story.path("home/.local/state/botform/apply-1.jsonl");
        assert_eq!(in_flight(&read_journal(&path).unwrap()), []);
        assert_eq!(story.run("apply").stderr, "", "it is told once");
    }
}

#[test]
fn a_put_that_did_not_arrive_is_told_as_such_and_one_that_cannot_be_seen_too() {
    let story = Story::shop("{}")
        .file("zones/shop.example.com.yaml", "zone: shop.example.com\nplan: sbfm_pro\nsettings: {}\n");
    killed(&story, &story.emulator().base_url(), "");
    assert!(story.run("apply").stderr.contains("shop.example.com: not applied, as a GET shows"));
    story.emulator().edit(|world| world.set("shop.example.com", "ai_search", None));
    killed(&story, &story.emulator().base_url(), "");
    assert!(story.run("apply").stderr.contains("shop.example.com: unknown, since no GET can show it"));
}

#[test]
fn a_zone_that_cannot_be_read_stays_in_flight_for_the_next_apply() {
    let story = Story::shop("ai_search: disabled");
    killed(&story, &story.emulator().base_url(), "");
    let trouble = json!({"on": "GET", "nth": 2, "count": 5, "do": "status", "status": 502});
    story.emulator().edit(|world| world.script(Some("shop.example.com"), &trouble)).unwrap();
    assert!(story.run("apply").stderr.contains("cannot be read now; the next apply tries again"));
    assert!(story.run("apply").stderr.contains("shop.example.com: not applied, as a GET shows"));
}

#[test]
fn a_journal_of_another_api_is_left_alone() {
    let story = Story::shop("ai_search: disabled");
    killed(&story, "https://api.cloudflare.com/client/v4", "");
    assert_eq!(story.run("apply").stderr, "");
    let run = story.run("undo home/.local/state/botform/apply-1.jsonl --auto-approve");
    assert_eq!((run.exit, story.bodies().len()), (5, 0), "{run}");
}
