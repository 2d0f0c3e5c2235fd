//! Journals: refused where they cannot be written, whole where they were, and told apart by API.

use crate::story::{Story, signal, traffic};
use botform::run::{Record, in_flight, read_journal};
use insta::assert_snapshot;
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
fn it_lists_each_put_with_the_values_before_and_after() {
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
    assert_eq!(events, ["begin", "put", "outcome", "put", "outcome", "end"]);
    assert_eq!(told[1]["before"], json!({"ai_search": "disabled", "content_bots_protection": null}));
    assert_eq!(told[1]["stale_before"], json!({}));
    assert_eq!(told[3]["stale_before"], json!({"fight_mode": true}));
    for (put, body) in [(&told[1], 0), (&told[3], 1)] {
        assert_eq!(put["body"], story.bodies()[body]);
    }
    assert_eq!((&told[2]["outcome"], &told[4]["outcome"]), (&json!("applied"), &json!("applied")));
}

#[test]
fn it_fits_its_schema_and_holds_no_secret() {
    let story = Story::shop("ai_search: block");
    assert_eq!(story.run("apply --auto-approve --journal j.jsonl").exit, 0);
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    let schema = serde_json::from_str(include_str!("../../schemas/journal.schema.json")).unwrap();
    compiler.add_resource("journal.json", schema).unwrap();
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
        ("undo huge.json", 1, "the limit is 268435456"),
        ("undo long.jsonl", 1, "journal"),
        ("apply huge.json", 5, "the limit is 268435456"),
        ("show /dev/zero", 1, "a device, not a file"),
        ("plan --emulate huge.json", 1, "the limit is 33554432"),
        ("plan --emulate /dev/zero", 1, "a device, not a file"),
        ("plan --since-plan huge.json", 5, "the limit is 268435456"),
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
fn a_killed_run_is_settled_even_if_there_is_nothing_to_write() {
    for torn in ["", "{\"event\":\"outc", "{\"event\":\"put\",\"at\":\"\",\"zone\":\"sh"] {
        let story = Story::shop("ai_search: block");
        story.emulator().edit(|world| world.set("shop.example.com", "ai_search", Some(json!("block"))));
        killed(&story, &story.emulator().base_url(), torn);
        let run = story.run("apply");
        assert_eq!(run.exit, 0, "{run}");
        assert!(run.stderr.contains("  shop.example.com: applied, as a GET shows\n"), "{run}");
        let path = story.path("home/.local/state/botform/apply-1.done.jsonl");
        assert_eq!(in_flight(&read_journal(&path).unwrap()), []);
        assert_eq!(story.run("apply").stderr, "", "it is told once");
    }
}

#[test]
fn a_lost_put_and_an_unverifiable_one_are_reported_as_such() {
    let story = Story::shop("{}")
        .file("zones/shop.example.com.yaml", "zone: shop.example.com\nplan: sbfm_pro\nsettings: {}\n");
    killed(&story, &story.emulator().base_url(), "");
    assert!(story.run("apply").stderr.contains("shop.example.com: not applied, as a GET shows"));
    story.emulator().edit(|world| world.set("shop.example.com", "ai_search", None));
    std::fs::remove_file(story.path("home/.local/state/botform/apply-1.done.jsonl")).unwrap();
    killed(&story, &story.emulator().base_url(), "");
    assert!(story.run("apply").stderr.contains("shop.example.com: unknown, because no GET can show it"));
}

#[test]
fn a_zone_that_cannot_be_read_stays_in_flight_for_the_next_apply() {
    let story = Story::shop("ai_search: disabled");
    killed(&story, &story.emulator().base_url(), "");
    let trouble = json!({"on": "GET", "nth": 2, "count": 5, "do": "status", "status": 502});
    story.emulator().edit(|world| world.script(Some("shop.example.com"), &trouble)).unwrap();
    assert!(story.run("apply").stderr.contains("unknown, because of an error: GET"));
    assert!(story.run("apply").stderr.contains("shop.example.com: not applied, as a GET shows"));
}

const KILLED: &str = "home/.local/state/botform/apply-1.jsonl";

/// Two zones that a killed run left in flight, neither of which took its PUT.
fn killed_pair() -> Story {
    let zone = |name: &str| json!({"name": name, "plan": "pro"});
    let story = Story::new(json!([zone("shop.example.com"), zone("blog.example.com")]))
        .zone("shop.example.com", "sbfm_pro", "ai_search: disabled")
        .zone("blog.example.com", "sbfm_pro", "ai_search: disabled");
    killed(&story, &story.emulator().base_url(), "");
    let id = story.emulator().world().zone_id("blog.example.com").unwrap().to_owned();
    let mut put = lines(&story, KILLED)[1].clone();
    (put["zone"], put["zone_id"]) = (json!("blog.example.com"), json!(id));
    story.write(KILLED, format!("{}{put}\n", story.read(KILLED)));
    story
}

#[test]
#[ignore = "slow: CI runs it"]
fn only_an_answer_about_the_zone_settles_it() {
    let refuse =
        |status: u16, code: i64| json!({"do": "refuse", "status": status, "code": code, "message": "no"});
    let faults = [
        refuse(403, 10000),
        refuse(403, 9109),
        refuse(401, 10000),
        refuse(405, 10405),
        json!({"do": "status", "status": 404}),
        json!({"do": "status", "status": 502}),
    ];
    for mut fault in faults {
        let story = killed_pair();
        let before = story.read(KILLED);
        (fault["on"], fault["nth"], fault["count"]) = (json!("GET"), json!(2), json!(9));
        for zone in ["shop.example.com", "blog.example.com"] {
            story.emulator().edit(|world| world.script(Some(zone), &fault)).unwrap();
        }
        let run = story.run("apply");
        assert!(run.stderr.contains("shop.example.com: unknown, because "), "{fault}: {run}");
        assert_eq!(story.read(KILLED), before, "{fault}: {run}");
    }
}

#[test]
fn a_zone_that_is_gone_is_settled_as_unknown() {
    let story = killed_pair();
    let fault = json!({"on": "GET", "nth": 2, "count": 9, "do": "refuse", "status": 404, "code": 7003, "message": "Could not route"});
    story.emulator().edit(|world| world.script(Some("shop.example.com"), &fault)).unwrap();
    let run = story.run("apply");
    assert!(run.stderr.contains("  shop.example.com: unknown, because no GET can show it\n"), "{run}");
    assert_eq!(story.run("apply").stderr, "");
}

#[cfg(unix)]
#[test]
fn zones_in_flight_are_asked_for_at_once_and_ctrl_c_ends_the_wait() {
    let story = killed_pair();
    let before = story.read(KILLED);
    let fault = json!({"on": "GET", "nth": 2, "do": "silent"});
    for zone in ["shop.example.com", "blog.example.com"] {
        story.emulator().edit(|world| world.script(Some(zone), &fault)).unwrap();
    }
    let child = story.start(&mut story.command("apply --timeout 600"));
    story.wait_for("both", |world| traffic(world).len() >= 4);
    signal(&child, "-INT");
    let run = story.finish(child);
    assert!(run.stderr.contains("  shop.example.com: unknown, because the run was stopped"), "{run}");
    assert_eq!(story.read(KILLED), before);
    assert!(run.told().contains("Apply: 0, 2, "), "{run}");
}

#[test]
fn unreadable_files_of_the_state_folder_are_reported_and_kept() {
    let story = Story::shop("ai_search: disabled");
    killed(&story, &story.emulator().base_url(), "{\"event\":\"pause\",\"at\":\"\"}\n");
    story.write("home/.local/state/botform/notes.jsonl", "hello\nworld\n");
    let before = story.read(KILLED);
    let run = story.run("apply");
    assert_eq!(run.exit, 0, "{run}");
    assert_snapshot!(run.stderr, @"
    warning: cannot tell whether an earlier run left zones in flight: line 3 of the journal [folder]/home/.local/state/botform/apply-1.jsonl is not a journal record: unknown variant `pause`, expected one of `begin`, `claim`, `put`, `outcome`, `end` at line 1 column 16
    warning: cannot tell whether an earlier run left zones in flight: line 1 of the journal [folder]/home/.local/state/botform/notes.jsonl is not a journal record: expected value at line 1 column 1
    ");
    assert_eq!(story.read(KILLED), before);
}

#[test]
fn with_a_journal_of_its_own_an_apply_settles_the_state_folder_too() {
    let story = Story::shop("ai_search: disabled");
    killed(&story, &story.emulator().base_url(), "");
    let run = story.run("apply --journal mine.jsonl");
    assert!(run.stderr.contains("shop.example.com: not applied, as a GET shows"), "{run}");
    assert!(!run.stderr.contains("warning:"), "{run}");
}

#[test]
fn a_continued_journal_is_checked_once_and_keeps_its_name() {
    let story = Story::shop("ai_search: disabled");
    let absolute = story.path(KILLED).display().to_string();
    let dotted = KILLED.replace("state/", "state/../state/");
    for own in [absolute.as_str(), KILLED, dotted.as_str(), "mine.jsonl"] {
        killed(&story, &story.emulator().base_url(), "");
        if own == "mine.jsonl" {
            std::fs::rename(story.path(KILLED), story.path(own)).unwrap();
        }
        let run = story.run(&format!("apply --journal {own}"));
        let told = run.stderr.matches("shop.example.com: not applied, as a GET shows").count();
        assert_eq!(told, 1, "{own}: {run}");
        assert_eq!(in_flight(&read_journal(&story.path(own)).unwrap()), [], "{own}: {run}");
    }
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_journal_is_not_finished_while_anything_is_in_flight_here_or_elsewhere() {
    let story = killed_pair();
    let trouble = json!({"on": "GET", "nth": 2, "count": 5, "do": "status", "status": 502});
    story.emulator().edit(|world| world.script(Some("shop.example.com"), &trouble)).unwrap();
    assert!(story.run("apply").stderr.contains("blog.example.com: not applied"));
    let run = story.run("apply");
    assert!(run.stderr.contains("shop.example.com: not applied") && !run.stderr.contains("blog"), "{run}");

    let story = Story::shop("ai_search: disabled");
    killed(&story, "https://api.cloudflare.com/client/v4", "");
    let elsewhere = story.read(KILLED).replace("zone_id\":\"", "zone_id\":\"f");
    killed(&story, &story.emulator().base_url(), &elsewhere);
    let run = story.run("apply");
    assert!(run.stderr.contains("shop.example.com: not applied, as a GET shows"), "{run}");
    assert_eq!(in_flight(&read_journal(&story.path(KILLED)).unwrap()).len(), 1, "{run}");
}

#[test]
fn a_journal_that_another_run_is_writing_is_left_alone() {
    let story = Story::shop("ai_search: disabled");
    killed(&story, &story.emulator().base_url(), "");
    let writer = std::fs::File::open(story.path(KILLED)).unwrap();
    writer.lock().unwrap();
    let run = story.run("apply");
    assert_eq!(run.stderr.lines().count(), 1, "{run}");
    assert!(run.stderr.starts_with("note: another apply is still running (journal "), "{run}");
    // Until it executes its program, a process that another test starts meanwhile shares the file and so its lock.
    writer.unlock().unwrap();
    assert!(story.run("apply").stderr.contains("shop.example.com: not applied, as a GET shows"));
}

/// A journal whose run ended.
fn finished() -> String {
    let begin = json!({"event": "begin", "format_version": "1.0", "tool_version": "0.1.0", "at": "", "api": "http://api.example"});
    format!("{begin}\n{}\n", json!({"event": "end", "at": ""}))
}

#[test]
fn old_finished_journals_are_removed_and_no_other() {
    let story = Story::shop("ai_search: block");
    killed(&story, "http://api.example", "");
    let open = story.read(KILLED);
    let state = "home/.local/state/botform";
    let recent = jiff::Timestamp::now().strftime("%Y-%m-%dT%H%M%SZ").to_string();
    let kept = [
        ("apply-2020-01-01T000000Z-2.done.jsonl", open.as_str()),
        ("apply-2020-01-01T000000Z-3.jsonl", open.as_str()),
        ("apply-2020-01-01T000000Z-4.done.jsonl", "hello\n"),
        ("apply-1.done.jsonl", &finished()),
        ("mine.done.jsonl", &finished()),
        (&format!("apply-{recent}-5.done.jsonl"), &finished()),
    ];
    for (name, text) in kept {
        story.write(&format!("{state}/{name}"), text);
    }
    story.write(&format!("{state}/apply-2020-01-01T000000Z-1.done.jsonl"), finished());
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    for (name, text) in kept {
        assert_eq!(story.read(&format!("{state}/{name}")), text, "{name}");
    }
    assert!(!story.path(&format!("{state}/apply-2020-01-01T000000Z-1.done.jsonl")).exists());
    // A finished one has a name by which later runs know it without opening it.
    let names = std::fs::read_dir(story.path(state)).unwrap();
    let done =
        names.filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().ends_with(".done.jsonl"));
    assert_eq!(done.count(), 6);
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "slow: CI runs it"]
fn a_process_that_may_open_no_more_files_names_that_limit() {
    let story = Story::shop("ai_search: block");
    let limited = |most: usize| {
        let mut command = std::process::Command::new("sh");
        let script = format!("ulimit -n {most}; exec {} apply --auto-approve", crate::story::BOTFORM);
        command.args(["-c", &script]).current_dir(story.path("")).env_clear();
        command.env("CLOUDFLARE_API_TOKEN", crate::story::TOKEN).env("HOME", story.path("home"));
        command.env("CLOUDFLARE_BASE_URL", story.emulator().base_url());
        story.end(command)
    };
    // How many files a run needs until it opens its journal is not written in stone.
    let runs: Vec<_> = (8..24).map(limited).collect();
    let refused: Vec<_> = runs.iter().filter(|run| run.stderr.contains("cannot write the journal")).collect();
    assert!(!refused.is_empty(), "{runs:?}");
    for run in refused {
        assert!(run.stderr.contains("`ulimit -n`") && !run.stderr.contains("another place"), "{run}");
    }
}

#[test]
fn a_journal_of_another_api_is_left_alone() {
    let story = Story::shop("ai_search: disabled");
    killed(&story, "https://api.cloudflare.com/client/v4", "");
    assert_eq!(story.run("apply").stderr, "");
    let run = story.run("undo home/.local/state/botform/apply-1.jsonl --auto-approve");
    assert_eq!((run.exit, story.bodies().len()), (5, 0), "{run}");
}
