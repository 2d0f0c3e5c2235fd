//! Outputs: formats, files, closed pipes, full disks, colours.

use crate::story::{Run, Story, TOKEN, signal, wait_until};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

/// Panics with the validator's own words unless a document fits the schema that the program prints.
fn assert_fits(story: &Story, document: &Value) {
    let schema = story.run("schema plan").json();
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource("plan.json", schema).unwrap();
    let schema = compiler.compile("plan.json", &mut schemas).unwrap();
    schemas.validate(document, schema).unwrap_or_else(|error| panic!("{error:#}"));
}

#[test]
fn json_fits_its_schema_before_and_after_an_apply_and_when_all_failed() {
    let story = Story::shop("ai_search: block\nenable_js: true");
    assert_fits(&story, &story.run("plan --output json").json());
    assert_fits(&story, &story.run("apply --output json --auto-approve").json());
    let failed = story
        .zone("lost.example.com", "sbfm_pro", "ai_search: block")
        .run("plan --output json --zone lost.example.com");
    let story = Story::shop("");
    assert_eq!(failed.exit, 1);
    assert_fits(&story, &failed.json());
}

#[test]
fn one_run_writes_any_number_of_outputs() {
    let story = Story::shop("ai_search: block");
    let run =
        story.run("apply --auto-approve --output json --output text=report.txt --output json=report.json");
    assert_eq!(run.stdout, story.read("report.json"));
    let report = Run { stdout: story.read("report.txt"), ..run };
    assert_snapshot!(report.told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 1, 1, 0, 0, 0, 1

      applied       shop.example.com   1 setting written and read back

    Apply: 1, 0, 0, 0, 0
    ---- exit 0
    ");
}

#[test]
fn a_plan_is_saved_shown_and_applied() {
    let story = Story::shop("ai_search: block");
    let plan = story.run("plan --out plan.json").stdout;
    assert_eq!(story.run("show plan.json").stdout, plan);
    let requests = story.emulator().requests().len();
    assert_eq!(story.run("show plan.json --output json").stdout, story.read("plan.json"));
    assert_eq!(story.emulator().requests().len(), requests, "show sends nothing");
    assert_eq!(story.run("apply plan.json").exit, 0);
    assert_eq!(story.live("shop.example.com")["ai_search"], "block");
}

#[test]
fn a_reader_that_closes_the_pipe_early_is_not_an_error() {
    let names: Vec<_> = (0..20).map(|n| format!("z{n:02}.example.com")).collect();
    let zones: Vec<_> = names.iter().map(|name| json!({"name": name, "plan": "pro"})).collect();
    let story = names
        .iter()
        .fold(Story::new(zones.into()), |story, name| story.zone(name, "sbfm_pro", "ai_search: block"));
    let mut command = story.command("plan --detail");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("~ z00.example.com"), "{first}");
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn an_apply_whose_reader_is_gone_still_writes_all() {
    let story = Story::shop("ai_search: block");
    let mut child =
        story.command("apply --auto-approve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(story.live("shop.example.com")["ai_search"], "block");
}

#[test]
fn a_full_disk_under_stdout_is_an_error() {
    let story = Story::shop("ai_search: block");
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else { return };
    let mut child = story
        .command("plan")
        .stdout(full)
        .stderr(File::create(story.path("stderr")).unwrap())
        .spawn()
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_snapshot!(story.read("stderr"), @"
    error: cannot write the result to stdout
      caused by: No space left on device (os error 28)
    ");
}

#[test]
fn a_full_disk_under_stdout_does_not_keep_an_apply_from_writing_its_other_outputs() {
    let story = Story::shop("ai_search: block");
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else { return };
    let mut command = story.command("apply --auto-approve --output text --output json=report.json");
    let mut child = command.stdout(full).stderr(File::create(story.path("stderr")).unwrap()).spawn().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "the exit code is about the zones");
    assert_eq!(story.live("shop.example.com")["ai_search"], "block");
    let report: Value = serde_json::from_str(&story.read("report.json")).unwrap();
    assert_eq!(report["zones"][0]["outcome"], "applied", "what was written is reported");
    assert!(story.read("stderr").contains("cannot write the result to stdout"), "{}", story.read("stderr"));
}

#[test]
fn an_output_that_cannot_be_written_is_an_error_before_anything_is_sent() {
    let story = Story::shop("ai_search: block");
    let run = story.run("apply --auto-approve --output json=no/such/folder/report.json");
    assert_snapshot!(run, @"
    ---- stderr
    error: cannot write no/such/folder/report.json: No such file or directory (os error 2)

    hint: choose a file in a folder that exists and that you may write to
    ---- exit 1
    ");
    assert!(story.emulator().requests().is_empty(), "a run whose report cannot be kept sends nothing");
}

#[test]
fn a_journal_that_cannot_be_kept_is_an_error_before_anything_is_sent() {
    let story = Story::shop("ai_search: block");
    let run = story.run("apply --auto-approve --journal no/such/folder/journal.jsonl");
    assert_snapshot!(run, @"
    ---- stderr
    error: cannot write no/such/folder/journal.jsonl: No such file or directory (os error 2)

    hint: choose a file in a folder that exists and that you may write to
    ---- exit 1
    ");
    assert!(story.emulator().requests().is_empty());
}

#[test]
fn outcomes_that_no_output_shows_go_to_stderr() {
    let story =
        Story::shop_with(json!({"on": "PUT", "nth": 1, "do": "silent_after_write"}), "ai_search: block");
    std::fs::create_dir(story.path("reports")).unwrap();
    let command = &mut story.command("apply --auto-approve --timeout 1 --output json=reports/report.json");
    let child = story.start(command);
    story.wait_for("the PUT", |world| world.requests().iter().any(|request| request.method == "PUT"));
    std::fs::remove_dir(story.path("reports")).unwrap();
    let run = story.finish(child);
    assert!(run.stderr.contains("  applied       shop.example.com") && run.exit == 0, "{run}");
}

#[test]
fn a_device_is_written_and_not_replaced() {
    let story = Story::shop("ai_search: block");
    assert_eq!(story.run("plan --output json=/dev/null --output text").exit, 0);
    use std::os::unix::fs::FileTypeExt as _;
    assert!(std::fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

#[test]
fn colour_is_only_where_it_is_wanted() {
    let story = Story::shop("ai_search: block");
    let is_coloured = |line: &str, no_color: bool| {
        let mut command = story.command(line);
        if no_color {
            command.env("NO_COLOR", "1");
        }
        story.end(command).stdout.contains('\u{1b}')
    };
    assert!(!is_coloured("plan", false));
    assert!(!is_coloured("plan --color auto", true));
    assert!(is_coloured("plan --color always", false));
    assert!(!is_coloured("plan --color never", false));
    assert!(!is_coloured("plan --color always --output json", false));
    story.run("plan --color always --output text=plan.txt");
    assert!(!story.read("plan.txt").contains('\u{1b}'));
}

#[test]
fn stdout_is_the_result_and_nothing_else() {
    let story = Story::shop("ai_search: block");
    let run = story.run("-vvv apply --auto-approve --output json");
    assert_eq!(run.json()["zones"][0]["outcome"], "applied");
    assert!(run.stderr.contains("PUT") && !run.stderr.contains(TOKEN));
}

#[test]
fn untrusted_names_cannot_control_the_terminal() {
    let live = json!({"sbfm_verified_bots": "allow", "ai_search": "\u{1b}[2Jgone", "\u{1b}]0;title\u{7}": "\r\nPlan: 0 zones"});
    let zones = json!([{"name": "shop.example.com", "plan": "pro", "live": live}]);
    let story = Story::new(zones).zone("shop.example.com", "sbfm_pro", "ai_search: block");
    let run = story.run("plan");
    assert!(run.stdout.chars().all(|c| c == '\n' || !c.is_control()), "{run}");
    assert_eq!(run.stdout.lines().filter(|line| line.starts_with("Plan: ")).count(), 1);
}

/// Starts a command whose output is never read.
fn start_unread(story: &Story, line: &str) -> Child {
    let stderr = File::create(story.path("stderr")).unwrap();
    story.command(line).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap()
}

#[test]
fn a_signal_ends_a_run_whose_output_is_not_read() {
    let names: Vec<_> = (0..60).map(|n| format!("z{n:02}.example.com")).collect();
    let zones: Vec<_> = names.iter().map(|name| json!({"name": name, "plan": "pro"})).collect();
    let story = names
        .iter()
        .fold(Story::new(zones.into()), |story, name| story.zone(name, "sbfm_pro", "ai_search: block"));
    let size = story.run("plan --output json").stdout.len();
    assert!(size > 65_536, "{size} bytes fit a pipe");
    for (times, name) in ["-INT", "-TERM"].into_iter().enumerate() {
        let mut child = start_unread(&story, "plan --output json");
        wait_until("all reads", || story.traffic().len() == 60 * (times + 2));
        signal(&child, name);
        let mut status = None;
        wait_until("the end", || {
            status = child.try_wait().unwrap();
            status.is_some()
        });
        assert_eq!(status.unwrap().code(), Some(1), "{name}");
    }
}

#[test]
fn every_long_run_announces_its_duration() {
    let story = Story::shop("ai_search: block");
    story.run("plan --out plan.json");
    assert_eq!(story.run("apply --auto-approve --journal jj").exit, 0);
    let reading = "reading 1 zone, 2 requests, about 17 minutes";
    let saved = "applying 1 zone, 5 requests, about 67 minutes";
    for (line, said) in [
        ("plan", reading),
        ("apply --auto-approve", reading),
        ("apply plan.json", saved),
        ("undo jj --auto-approve", reading),
    ] {
        let mut child = start_unread(&story, &format!("{line} --rate 1/1000"));
        wait_until(line, || story.read("stderr").contains(said));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn untrusted_names_are_not_commands_to_the_ci() {
    let bad =
        "zone: a.example.com\nplan: sbfm_pro\nsettings: {\"##[x]\": 1, \"##vso[y]\": 2, \"::error::z\": 3}\n";
    let story = Story::shop("").file("zones/##vso[task.x].yaml", bad).file("zones/::stop::.yaml", bad);
    for line in ["validate", "validate --output json", "plan"] {
        let run = story.run(line);
        for text in [&run.stdout, &run.stderr] {
            assert!(!text.contains("##[") && !text.contains("##vso["), "{run}");
            assert!(
                !text.lines().any(|line| line.trim_start().starts_with("::") && !line.contains("::: ")),
                "{run}"
            );
        }
    }
    let names = story.run("validate --output json").json().to_string();
    assert!(names.contains("##vso[task.x]"), "JSON means what it meant: {names}");
}

/// Each command with all files that it writes.
const LINES_WITH_FILES: [&str; 10] = [
    "plan --out plan --metrics metrics --output json=json --output text=text --output markdown=markdown",
    "apply --auto-approve --journal journal --metrics metrics --output json=json --output text=text",
    "validate --output json=json --output text=text --output junit=junit",
    "feedback list --output json=json --output table=text --output csv=csv --output jsonl=jsonl",
    "feedback plan feedback --output json=json --output text=text",
    "feedback submit feedback --auto-approve --output json=json --output text=text",
    "submissions --account 01a7362d577a6c3019a474fd6f485823 --output json=json --output table=text --output csv=csv --output jsonl=jsonl",
    "submissions --account 01a7362d577a6c3019a474fd6f485823 --summary --output json=json --output table=text --output jsonl=jsonl",
    "snapshot snapshot",
    "doctor --output json=json --output text=text",
];

/// Makes a story with the files of an earlier run.
fn with_files_of_yesterday() -> Story {
    let report = include_str!("../../examples/feedback/checkout-false-positive.yaml");
    let story = Story::shop("ai_search: block").file("feedback/a.yaml", report);
    assert_eq!(story.run("plan --out plan").exit + story.run("snapshot snapshot").exit, 0);
    for name in ["json", "text", "markdown", "junit", "csv", "jsonl", "metrics"] {
        story.write(name, "yesterday\n");
    }
    story
}

#[test]
fn a_run_that_fails_leaves_no_file_of_an_earlier_run() {
    for line in LINES_WITH_FILES {
        let story = with_files_of_yesterday();
        let mut command = story.command(line);
        if line.starts_with("validate") {
            story.write("zones/a.yaml", "zone: [\n");
        } else {
            command.env_remove("CLOUDFLARE_API_TOKEN");
        }
        assert_failed(&story, line, &story.end(command));
        if !line.starts_with("doctor") {
            let story = with_files_of_yesterday().file("botform.yaml", "polici: []\n");
            assert_failed(&story, line, &story.run(line));
        }
    }
    let story = with_files_of_yesterday();
    for line in [
        "show missing --output json=json --output text=text",
        "undo missing --output json=json --output text=text",
    ] {
        assert_failed(&story, line, &story.run(line));
    }
}

fn assert_failed(story: &Story, line: &str, run: &Run) {
    assert_eq!(run.exit, 1, "{line}: {run}");
    for name in line.split_whitespace().filter_map(|word| Some(word.rsplit_once('=')?.1)) {
        let Ok(text) = std::fs::read_to_string(story.path(name)) else {
            assert!(["csv", "jsonl"].contains(&name), "{line}: {name} says nothing");
            continue;
        };
        let says = ["error", "failed"].iter().any(|word| text.contains(word));
        assert!(says && !text.contains("yesterday"), "{line}: {name}: {text}");
        assert!(name != "json" || serde_json::from_str::<Value>(&text).is_ok(), "{line}: {text}");
    }
    assert!(!line.contains("--metrics") || !story.read("metrics").contains("yesterday"), "{line}: metrics");
    assert!(!line.contains("--out plan") || !story.path("plan").exists(), "{line}: the plan is yesterday's");
    // A failed `snapshot` keeps the old file: a snapshot records its own time, so an old one cannot pass for a new one.
    assert!(story.read("snapshot").contains("taken_at"), "{line}");
}

#[test]
fn wrong_usage_touches_no_file_and_foreign_files_stay() {
    let story = with_files_of_yesterday();
    for line in [
        "plan --zone nothing.example.com --out plan --output json=json --output text=text",
        "plan --out text --output json=json",
        "snapshot text",
        "submissions --account x --output json=json --output csv=csv",
        "feedback plan missing --wrong --output json=json",
    ] {
        let run = story.run(line);
        assert_eq!(run.exit, 64, "{line}: {run}");
        for name in ["json", "text", "csv"] {
            assert_eq!(story.read(name), "yesterday\n", "{line}");
        }
        assert!(story.path("plan").exists(), "{line}");
    }
}
