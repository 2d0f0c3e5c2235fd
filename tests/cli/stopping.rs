//! Ctrl-C: the zone in flight is finished and read back, and every zone is reported; a second Ctrl-C ends at once.

use crate::story::{Run, Story, signal, traffic, wait_until};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::fs::File;
use std::process::Stdio;

const NAMES: [&str; 3] = ["a.example.com", "b.example.com", "c.example.com"];

/// Three zones to change; a fault falls on the second.
fn three(fault: serde_json::Value) -> Story {
    let zones: Vec<_> = NAMES.iter().map(|name| json!({"name": name, "plan": "pro"})).collect();
    let story = NAMES
        .iter()
        .fold(Story::new(json!(zones)), |story, name| story.zone(name, "sbfm_pro", "ai_search: block"));
    story.emulator().edit(|world| world.script(Some(NAMES[1]), &fault)).unwrap();
    story
}

fn wait_for(story: &Story, request: &str, times: usize) {
    story.wait_for(request, |world| traffic(world).iter().filter(|line| *line == request).count() >= times);
}

#[test]
fn the_zone_in_flight_is_finished_and_no_further_one_is_started() {
    let story = three(json!({"on": "PUT", "nth": 1, "do": "silent_after_write"}));
    let child = story.start(&mut story.command("apply --auto-approve --concurrency 1 --timeout 2"));
    wait_for(&story, "PUT b.example.com", 1);
    signal(&child, "-INT");
    assert_snapshot!(story.finish(child).told(), @"
    ~ a.example.com (sbfm_pro)                                 zones/a.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    ~ b.example.com (sbfm_pro)                                 zones/b.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    ~ c.example.com (sbfm_pro)                                 zones/c.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 3, 3, 0, 0, 0, 3

      applied       a.example.com   1 setting written and read back
      applied       b.example.com   1 setting written and read back
          note: PUT /zones/[id]/bot_management (zone b.example.com) timed out: error sending request for url (http://[api]/client/v4/zones/[id]/bot_management): operation timed out; the read-back shows that it was taken
      not attempted c.example.com
          error: the run was stopped before the zone was started

    Apply: 2, 0, 0, 0, 1
    ---- stderr

    stopping: zones in flight are finished and read back, no other zone is started (press Ctrl-C again to end at once)
    ---- exit 3
    ");
    assert_eq!(story.live("b.example.com")["ai_search"], "block");
    assert_eq!(story.live("c.example.com")["ai_search"], "disabled");
}

#[test]
fn sigterm_acts_like_ctrl_c_and_reports_each_zone_in_json() {
    let story = three(json!({"on": "PUT", "nth": 1, "do": "silent"}));
    let child =
        story.start(&mut story.command("apply --auto-approve --concurrency 1 --timeout 1 --output json"));
    wait_for(&story, "PUT b.example.com", 1);
    signal(&child, "-TERM");
    let run = story.finish(child);
    let outcomes: Vec<_> = run.json()["zones"]
        .as_array()
        .unwrap()
        .iter()
        .map(|zone| zone["outcome"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        (outcomes, run.exit),
        (vec!["applied".to_owned(), "failed".to_owned(), "not_attempted".to_owned()], 3)
    );
}

#[test]
fn while_reading_nothing_is_written_and_each_zone_is_reported() {
    let story = three(json!({"on": "GET", "nth": 1, "do": "silent"}));
    let child = story.start(&mut story.command("apply --auto-approve --concurrency 1 --timeout 60"));
    wait_for(&story, "GET b.example.com", 1);
    signal(&child, "-INT");
    assert_snapshot!(story.finish(child).told(), @"
    ~ a.example.com (sbfm_pro)                                 zones/a.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    ! b.example.com (sbfm_pro)  failed                         zones/b.example.com.yaml
          error: interrupted before the zone was read
            hint: run the command again

    ! c.example.com (sbfm_pro)  failed                         zones/c.example.com.yaml
          error: interrupted before the zone was read
            hint: run the command again

    Plan: 1, 1, 0, 0, 2, 1

      not attempted a.example.com
          error: the run was stopped before the zone was started
      not attempted b.example.com
      not attempted c.example.com

    Apply: 0, 0, 0, 0, 3
    ---- stderr

    stopping: zones in flight are finished and read back, no other zone is started (press Ctrl-C again to end at once)
    ---- exit 1
    ");
    assert!(story.bodies().is_empty());
}

#[test]
fn a_second_signal_ends_the_run_at_once() {
    let story = three(json!({"on": "PUT", "nth": 1, "do": "silent"}));
    let child = story.start(&mut story.command("apply --auto-approve --concurrency 1 --timeout 600"));
    wait_for(&story, "PUT b.example.com", 1);
    signal(&child, "-INT");
    wait_until("the answer to the first", || story.read("stderr").contains("stopping"));
    signal(&child, "-INT");
    assert_eq!(story.finish(child).exit, 1);
}

/// The outcome of each zone with its first message.
fn ends(run: &Run) -> Vec<String> {
    let end = |zone: &Value| {
        let why = zone["diagnostics"].as_array().and_then(|all| all.last()).map(|why| why["message"].clone());
        format!(
            "{}: {}",
            zone["outcome"].as_str().unwrap(),
            why.as_ref().and_then(Value::as_str).unwrap_or("-")
        )
    };
    run.json()["zones"].as_array().unwrap().iter().map(end).collect()
}

#[test]
fn an_interrupted_canary_has_not_failed() {
    for flags in ["--canary 2", "--max-failures 0"] {
        let story = three(json!({"on": "GET", "nth": 2, "do": "silent"}));
        let arguments = format!("apply --auto-approve --concurrency 1 --timeout 600 --output json {flags}");
        let child = story.start(&mut story.command(&arguments));
        wait_for(&story, "GET b.example.com", 2);
        signal(&child, "-INT");
        let run = story.finish(child);
        let stopped = "not_attempted: the run was stopped before the zone was started";
        assert_eq!(ends(&run), ["applied: -", stopped, stopped], "{run}");
        assert_eq!(run.exit, 3);
    }
}

#[test]
fn a_put_is_not_repeated_before_retry_after_and_ctrl_c_ends_the_wait() {
    for wait in [30, 59, 86_400] {
        let story = three(json!({"on": "PUT", "nth": 1, "do": "status", "status": 503, "retry_after": wait}));
        let child = story.start(&mut story.command("apply --auto-approve --concurrency 1 --output json"));
        // The zone is read back, and then the wait begins.
        wait_for(&story, "GET b.example.com", 3);
        signal(&child, "-INT");
        let run = story.finish(child);
        let outcomes: Vec<_> =
            ends(&run).iter().map(|end| end.split(':').next().unwrap().to_owned()).collect();
        assert_eq!(outcomes, ["applied", "failed", "not_attempted"], "{run}");
        assert_eq!(story.bodies().len(), 2);
    }
}

#[test]
fn a_read_waits_no_longer_than_announced_and_ctrl_c_ends_the_wait() {
    for (fault, most, said) in [
        (json!({"on": "GET", "nth": 1, "do": "throttle", "retry_after": 86_400}), 6, "minutes"),
        (json!({"on": "GET", "nth": 1, "do": "status", "status": 503, "retry_after": 86_400}), 60, "seconds"),
    ] {
        let story = three(fault);
        let child = story.start(&mut story.command("plan --concurrency 1"));
        wait_until("the wait", || story.read("stderr").contains("because Cloudflare asks for it"));
        signal(&child, "-INT");
        let run = story.finish(child);
        let (_, wait) = run.stderr.split_once("asks for it (").unwrap();
        let (number, unit) = wait.split_once(')').unwrap().0.split_once(' ').unwrap();
        assert!(unit == said && number.parse::<u64>().unwrap() <= most, "{run}");
        assert_eq!(run.exit, 3, "{run}");
    }
}

#[test]
fn ctrl_c_ends_the_wait_of_a_throttled_write_and_each_zone_is_reported() {
    let story = three(json!({"on": "PUT", "nth": 1, "do": "throttle", "retry_after": 300}));
    let child = story.start(&mut story.command("apply --auto-approve --concurrency 1 --output json"));
    wait_for(&story, "PUT b.example.com", 1);
    signal(&child, "-TERM");
    let run = story.finish(child);
    let outcomes: Vec<_> = ends(&run).iter().map(|end| end.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(outcomes, ["applied", "unknown", "not_attempted"], "{run}");
}

#[test]
fn ctrl_c_ends_a_run_whose_stdout_is_not_read() {
    let story = three(json!({"on": "PUT", "nth": 1, "do": "silent"}));
    for number in 0..400 {
        let file = format!("zones/x{number}.yaml");
        story.write(
            &file,
            format!("zone: x{number}.example.com\nplan: sbfm_pro\nsettings: {{ai_search: block}}\n"),
        );
    }
    let mut command = story.command("plan --output json");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(story.path("stderr")).unwrap());
    let mut child = command.spawn().unwrap();
    wait_for(&story, "GET b.example.com", 1);
    signal(&child, "-INT");
    wait_until("the answer to the first", || story.read("stderr").contains("stopping"));
    signal(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_killed_apply_is_explained_by_the_next_one() {
    let story = three(json!({"on": "PUT", "nth": 1, "do": "silent_after_write"}));
    let mut child = story.start(&mut story.command("apply --auto-approve --concurrency 1 --timeout 600"));
    wait_for(&story, "PUT b.example.com", 1);
    child.kill().unwrap();
    child.wait().unwrap();
    let run = story.run("apply --auto-approve");
    let explained = run.stderr.replace(&*story.path("").display().to_string(), "/tmp/story/");
    let shown: Vec<_> = explained
        .lines()
        .filter(|line| !line.starts_with("journal: "))
        .map(|line| line.split("state/botform").next().unwrap())
        .collect();
    assert_snapshot!(shown.join("\n"), @"
    an earlier run left zones in flight (journal [folder]/home/.local/
      b.example.com: applied, as a GET shows
    ");
    assert_eq!(run.exit, 0);
}

#[test]
fn an_interrupted_snapshot_leaves_no_file_and_keeps_an_existing_one() {
    for before in [None, Some("{\n  \"taken_at\": \"2026-11-01T00:00:00Z\"\n}")] {
        let story = three(json!({"on": "GET", "nth": 1, "do": "silent"}));
        if let Some(text) = before {
            story.write("live.json", text);
        }
        let child = story.start(&mut story.command("snapshot live.json --concurrency 1 --timeout 60"));
        wait_for(&story, "GET b.example.com", 1);
        signal(&child, "-INT");
        let run = story.finish(child);
        assert!(run.exit == 1 && run.stderr.contains("interrupted: no snapshot was written"), "{run}");
        assert_eq!(std::fs::read_to_string(story.path("live.json")).ok().as_deref(), before);
    }
}

#[test]
fn an_interrupted_import_writes_what_was_read_and_counts_the_others() {
    let story = three(json!({"on": "GET", "nth": 1, "do": "silent"}));
    let child = story.start(&mut story.command("import fresh --concurrency 1 --timeout 60"));
    wait_for(&story, "GET b.example.com", 1);
    signal(&child, "-INT");
    let run = story.finish(child);
    assert_snapshot!(run, @"
    1 written, 2 unreadable; plan: 0 changes
    ---- stderr
    reading 3 zones

    stopping: zones in flight are finished and read back, no other zone is started (press Ctrl-C again to end at once)
    error: interrupted before b.example.com was read
    error: interrupted before c.example.com was read
    note: for completion in editors, run `botform schema zone > schemas/zone.schema.json` next to the folder first
    ---- exit 3
    ");
    assert!(story.path("fresh/a.example.com.yaml").exists());
    for name in [NAMES[1], NAMES[2]] {
        assert!(!story.path(&format!("fresh/{name}.yaml")).exists());
    }
}
