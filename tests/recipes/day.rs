//! Twelve stories of a day: each asks for the right write, the exit code, and a message that names what to do next.

use crate::runner::Event;
use crate::stage::{A, B, C, Shell, Stage, TOKEN};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

const IN_PULL_REQUEST: &str = "--ci github --review pull-request";

fn stage() -> Stage {
    Stage::new(IN_PULL_REQUEST)
}

/// The exit code of a command in the working folder, and all that it printed.
fn run(stage: &Stage, script: &str) -> (i32, String) {
    let names = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];
    let mut environment: BTreeMap<_, _> =
        names.map(|name| (name.to_owned(), "me@example.com".to_owned())).into();
    environment.insert("CLOUDFLARE_API_TOKEN".to_owned(), TOKEN.to_owned());
    let output = stage.bash(Shell::Named, script, "", &environment);
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    assert!(!text.contains(TOKEN));
    (output.status.code().unwrap(), text)
}

/// The same, which must end so and say so.
#[track_caller]
fn expect(stage: &Stage, script: &str, code: i32, words: &[&str]) -> String {
    let (exit, text) = run(stage, script);
    assert_eq!(exit, code, "{script}: {text}");
    says(&text, words);
    text
}

#[track_caller]
fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "no {word:?} in:\n{text}");
    }
}

/// The bodies of all PUTs so far.
fn bodies(stage: &Stage) -> Vec<Value> {
    let puts = stage.emulator.requests().into_iter().filter(|request| request.method == "PUT");
    puts.filter_map(|request| request.body).collect()
}

/// Plans a pull request: the exit code, what the job printed, and its comment.
fn plan(stage: &mut Stage, number: u64) -> (i32, String, String) {
    let mut job = stage.start("botform-plan.yml", "plan", Event::Pull(number)).unwrap();
    job.finish();
    let (code, log) = (job.codes["Plan"], job.log.clone());
    (code, log, stage.forge.comment(number, "plan").unwrap().to_owned())
}

/// Applies what was merged: the exit codes of the claim and of the apply, and what the job printed.
fn apply(stage: &mut Stage) -> (i32, Option<i32>, String) {
    let commit = stage.git("git --git-dir ../origin.git rev-parse main");
    let mut job = stage.start("botform-apply.yml", "apply", Event::Push(commit)).unwrap();
    job.finish();
    (job.codes["Claim"], job.codes.get("Apply").copied(), job.log)
}

/// A night: whether its run is green, what it printed, and the issue that is open after it.
fn night(stage: &mut Stage) -> (bool, String, Option<String>) {
    let mut job = stage.start("botform-nightly.yml", "nightly", Event::Schedule).unwrap();
    let is_green = job.finish();
    let log = job.log.clone();
    (is_green, log, fs::read_to_string(stage.path("issue.md")).ok())
}

/// Another world: what happened at Cloudflare without us.
fn becomes(stage: &Stage, zones: &Value) {
    let world = botform::emulator::World::read(&json!({ "zones": zones })).unwrap();
    stage.emulator.edit(|old| *old = world);
}

fn zone(name: &str, plan: &str) -> Value {
    let mut live = json!({"ai_bots_protection": "disabled", "ai_search": "disabled",
        "sbfm_definitely_automated": "allow"});
    if plan == "business" {
        live["sbfm_likely_automated"] = "allow".into();
    }
    json!({"name": name, "plan": plan, "live": live})
}

#[test]
fn the_first_import_follows_what_init_says_line_by_line() {
    let zones = [A, B, C].map(|name| zone(name, "pro"));
    let world = json!({ "zones": zones });
    let stage = Stage::before(&world);
    run(
        &stage,
        "git init -q -b main . && git init -q --bare ../origin.git && git remote add origin ../origin.git",
    );
    let told = expect(&stage, "botform init --ci github", 0, &["botform doctor --ci"]);
    // What is left is named, each with its way out.
    expect(
        &stage,
        "botform doctor --ci",
        1,
        &["failed   placeholders: left in ", "failed   pipeline: not committed", "failed   record: "],
    );
    let (_, next) = told.split_once("Next, line by line:\n").unwrap();
    // The forge's own commands need a forge.
    let lines = next.lines().map(str::trim).filter(|line| !line.starts_with('#') && !line.starts_with("gh "));
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let lines: Vec<_> =
        lines.map(|line| line.replace("COMMIT", commit).replace("OWNER/TEAM", "us/team")).collect();
    assert!(lines.len() >= 7, "{lines:?}");
    for line in &lines {
        let last = run(&stage, line);
        assert_eq!(last.0, 0, "{line}: {}", last.1);
    }
    let healthy = expect(
        &stage,
        "botform doctor --ci",
        0,
        &["ok       placeholders: none are left", "ok       record: "],
    );
    assert!(healthy.contains(" checks, 0 failed, "), "{healthy}");
    expect(&stage, "botform plan --detailed-exitcode", 0, &["3 in sync"]);
    assert_eq!(bodies(&stage), Vec::<Value>::new());
    assert_eq!(run(&stage, "git status --porcelain").1, "", "nothing that was written is left over");
}

#[test]
fn the_first_pull_request_shows_what_it_would_write() {
    let mut stage = stage();
    let number = stage.open(|stage| stage.change(A, "ai_bots_protection", "block"));
    let (code, log, comment) = plan(&mut stage, number);
    assert_eq!((code, stage.puts()), (0, 0));
    says(&comment, &[A, "ai_bots_protection", "`disabled` → `block`", "tightens"]);
    says(&log, &["apply it with", "botform apply"]);
}

#[test]
fn a_merge_writes_what_was_approved_and_says_so() {
    let mut stage = stage();
    let number = stage.deliver(|stage| stage.change(A, "ai_bots_protection", "block"));
    let (_, code, log) = apply(&mut stage);
    assert_eq!((code, bodies(&stage)), (Some(0), vec![json!({"ai_bots_protection": "block"})]));
    says(&log, &["applied       a.example.com", "journal: "]);
    says(stage.forge.comment(number, "apply").unwrap(), &["applied", A]);
    stage.expect_settled();
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_zone_that_was_deleted_names_the_file_that_goes() {
    let mut stage = stage();
    becomes(&stage, &json!([zone(B, "pro"), zone(C, "pro")]));
    let number = stage.open(|stage| stage.change(B, "ai_bots_protection", "block"));
    let (code, log, _) = plan(&mut stage, number);
    assert_eq!(code, 3, "{log}");
    says(&log, &["the zone was deleted, or the token cannot see it", "`git rm zones/a.example.com.yaml`"]);
    stage.approve(number);
    stage.merge(number);
    // The others are applied.
    assert_eq!(apply(&mut stage).1, Some(3));
    let number = stage.deliver(|stage| drop(stage.git("git rm -q zones/a.example.com.yaml")));
    assert_eq!(apply(&mut stage).1, Some(0));
    assert_eq!(bodies(&stage), [json!({"ai_bots_protection": "block"})]);
    assert!(stage.forge.comment(number, "apply").is_some());
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_zone_on_another_plan_names_the_line_to_write() {
    let mut stage = stage();
    becomes(&stage, &json!([zone(A, "business"), zone(B, "pro"), zone(C, "pro")]));
    let number = stage.open(|stage| stage.change(A, "ai_bots_protection", "block"));
    let (code, log, _) = plan(&mut stage, number);
    assert_eq!(code, 0, "{log}");
    says(&log, &["sbfm_business"]);
    // What the new plan has is managed once the file says so.
    stage.git("git switch -q change-7");
    stage.git(&format!("sed -i 's/^plan: .*/plan: sbfm_business/' zones/{A}.yaml"));
    stage.git(&format!("printf '  sbfm_likely_automated: managed_challenge\\n' >> zones/{A}.yaml"));
    stage.git("git commit -q -a -m business && git push -q origin change-7");
    stage.forge.pull(number).head = stage.git("git rev-parse HEAD");
    stage.git("git switch -q main");
    assert_eq!(plan(&mut stage, number).0, 0);
    stage.approve(number);
    stage.merge(number);
    assert_eq!(apply(&mut stage).1, Some(0));
    let want = json!({"ai_bots_protection": "block", "sbfm_likely_automated": "managed_challenge"});
    assert_eq!(bodies(&stage), [want]);
}

#[test]
fn a_new_zone_is_found_imported_and_managed() {
    let mut stage = stage();
    becomes(&stage, &json!([zone(A, "pro"), zone(B, "pro"), zone(C, "pro"), zone("d.example.com", "pro")]));
    expect(&stage, "botform plan --coverage", 0, &["d.example.com", "botform import"]);
    let number = stage.open(|stage| {
        expect(stage, "botform import zones --zone d.example.com", 0, &["1 written"]);
        stage.git("sed -i '/^settings:/,$d' zones/d.example.com.yaml");
        stage.git("printf 'settings:\\n  ai_bots_protection: block\\n' >> zones/d.example.com.yaml");
    });
    let (code, _, comment) = plan(&mut stage, number);
    assert_eq!(code, 0);
    says(&comment, &["d.example.com"]);
    stage.approve(number);
    stage.merge(number);
    assert_eq!(apply(&mut stage).1, Some(0));
    assert_eq!(bodies(&stage), [json!({"ai_bots_protection": "block"})]);
}

#[test]
#[ignore = "slow: CI runs it"]
fn an_edit_of_the_on_call_is_left_told_at_night_and_adopted() {
    let mut stage = stage();
    stage.set(A, "sbfm_definitely_automated", "block");
    stage.deliver(|stage| stage.change(A, "ai_bots_protection", "block"));
    // Who reviewed that plan saw the edit; what was not reviewed is not written.
    let (_, code, log) = apply(&mut stage);
    assert_eq!((code, stage.live(A, "sbfm_definitely_automated").as_str()), (Some(0), "block"), "{log}");
    assert_eq!(bodies(&stage), [json!({"ai_bots_protection": "block"})]);
    let (is_green, _, issue) = night(&mut stage);
    says(&issue.unwrap(), &[A, "sbfm_definitely_automated"]);
    assert!(is_green);
    stage.deliver(|stage| {
        expect(stage, &format!("botform import zones --zone {A}"), 0, &[]);
        assert_ne!(stage.git("git status --porcelain"), "", "the file takes the value");
    });
    assert_eq!(apply(&mut stage).1, Some(0));
    assert_eq!((night(&mut stage).2, stage.puts()), (None, 1));
}

#[test]
fn a_plan_that_is_not_the_one_which_was_shown_is_refused() {
    let mut stage = stage();
    let number = stage.deliver(|stage| stage.change(A, "ai_bots_protection", "block"));
    let head = stage.forge.pull(number).head.clone();
    stage.forge.checks.get_mut(&head).unwrap()[0]["output"]["title"] = "0".repeat(64).into();
    let (claim, code, log) = apply(&mut stage);
    assert_eq!((claim, code, stage.puts()), (5, None, 0));
    says(&log, &["digest", "hint: "]);
}

#[test]
fn the_schedule_writes_only_returns_from_temporary_values() {
    let mut stage = stage();
    let temporary = "temporary:\\n  - {setting: sbfm_definitely_automated, value: block, until: 2026-01-20, reason: test}\\n";
    stage.git(&format!(
        "printf '{temporary}' >> zones/{A}.yaml && git commit -q -a -m temporary && git push -q origin main"
    ));
    stage.set(A, "sbfm_definitely_automated", "block");
    // It was applied while it held.
    let record = stage.record();
    let (commit, day, first) = (
        stage.git("git rev-parse main"),
        record["day"].as_str().unwrap(),
        record["commit"].as_str().unwrap(),
    );
    stage.git(&format!("sed -i 's/{day}/2026-01-19/; s/{first}/{commit}/' ../temp/record.txt"));
    stage.git("git tag --force --annotate botform-applied --file ../temp/record.txt 2>&1");
    stage.git("git push -q --force origin refs/tags/botform-applied");
    stage.set(B, "ai_search", "block");
    let mut job = stage.start("botform-schedule.yml", "schedule", Event::Schedule).unwrap();
    assert!(job.finish(), "{}", job.log);
    says(&job.log, &["applied       a.example.com", "journal: "]);
    assert_eq!(bodies(&stage), [json!({"sbfm_definitely_automated": "allow"})]);
}

#[test]
fn the_night_is_quiet_until_something_differs() {
    let mut stage = stage();
    assert_eq!((night(&mut stage).0, night(&mut stage).2), (true, None));
    stage.set(B, "sbfm_definitely_automated", "block");
    let (is_green, log, issue) = night(&mut stage);
    says(&issue.unwrap(), &[B, "sbfm_definitely_automated"]);
    assert!(is_green, "{log}");
    stage.set(B, "sbfm_definitely_automated", "allow");
    assert_eq!((night(&mut stage).2, stage.puts()), (None, 0));
}

#[test]
#[ignore = "slow: CI runs it"]
fn an_apply_is_undone_with_the_four_commands_of_the_page() {
    let mut stage = stage();
    stage.deliver(|stage| stage.change(A, "sbfm_definitely_automated", "block"));
    assert_eq!(apply(&mut stage).1, Some(0));
    let merged = stage.git("git rev-parse main");
    let applied = stage.forge.runs.iter().find(|run| run.workflow == "botform-apply.yml").unwrap().id;
    let page = fs::read_to_string("examples/ci/night.md").unwrap();
    let commands = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let commands: Vec<_> = commands
        .lines()
        .map(|line| line.replace("RUN", &applied.to_string()).replace("COMMIT", &merged))
        .collect();
    let [download, list, undo, revert] = commands.as_slice() else { panic!("{commands:?}") };
    expect(&stage, download, 0, &[]);
    let told = expect(&stage, list, 0, &["applied: a.example.com", "allow → block  tightens", "job apply"]);
    says(&told, &[&format!("actions/runs/{applied}"), &format!("commit {merged}"), "botform undo JOURNAL"]);
    expect(&stage, undo, 0, &[]);
    let by_hand = Event::ByHand(vec![("run", applied.to_string())]);
    let mut job = stage.start("botform-undo.yml", "undo", by_hand).unwrap();
    assert!(job.finish(), "{}", job.log);
    says(&job.log, &["revert the commit too"]);
    let undone = job.id();
    assert_eq!(bodies(&stage)[1], json!({"sbfm_definitely_automated": "allow"}));
    // Its own journal is told apart.
    expect(&stage, &download.replace(&applied.to_string(), &undone.to_string()), 0, &[]);
    expect(
        &stage,
        list,
        0,
        &["an undo of journal.jsonl, the run of ", "block → allow  loosens", "1 loosens protection"],
    );
    expect(&stage, &revert.replace("git push", "git push -q"), 0, &[]);
    assert_eq!(stage.git("git status --porcelain"), "", "git ignores the downloaded files");
    stage.git("git switch -q main");
    stage.deliver(|stage| drop(stage.git("git merge -q revert")));
    assert_eq!((apply(&mut stage).1, stage.puts()), (Some(0), 2));
    stage.expect_settled();
}

#[test]
fn a_report_is_written_planned_merged_and_submitted_once() {
    let files = [(A.to_owned(), format!("zone: {A}\nplan: sbfm_business\nsettings: {{}}\n"))];
    let mut stage = Stage::of(IN_PULL_REQUEST, &files);
    becomes(&stage, &json!([zone(A, "business")]));
    let file = "feedback/checkout.yaml";
    let number = stage.open(|stage| {
        let made = format!("botform feedback new {file} --zone {A}");
        expect(stage, &made, 0, &["written feedback/checkout.yaml", "botform feedback plan feedback"]);
        expect(stage, "botform validate", 1, &["feedback/checkout.yaml"]);
        let values = [
            ("description", "shoppers were taken for bots"),
            ("expression", "(http.host eq \"a.example.com\" and cf.bot_management.score lt 30)"),
            ("first_request_seen_at", "2026-01-31T08:00:00Z"),
            ("last_request_seen_at", "2026-01-31T09:00:00Z"),
            ("requests", "100"),
            ("requests_by_score", "{1: 100}"),
            ("requests_by_score_src", "{machine_learning: 100}"),
        ];
        for (key, value) in values {
            stage.git(&format!(
                "sed -i 's|^{key}:$|{key}: {}|' {file}",
                value.replace('"', "\\\"").replace("\\\"", "\"")
            ));
        }
        expect(stage, "botform validate", 0, &["1 feedback report valid"]);
    });
    let mut job = stage.start("botform-feedback-plan.yml", "validate", Event::Pull(number)).unwrap();
    assert!(job.finish(), "{}", job.log);
    let mut job = stage.start("botform-feedback-plan.yml", "plan", Event::Pull(number)).unwrap();
    assert!(job.finish(), "{}", job.log);
    says(stage.forge.comment(number, "feedback").unwrap(), &[A, "1 report to submit"]);
    stage.approve(number);
    stage.merge(number);
    for words in ["submitted", "already"] {
        let commit = stage.git("git rev-parse main");
        let mut job = stage.start("botform-feedback-submit.yml", "submit", Event::Push(commit)).unwrap();
        assert!(job.finish(), "{}", job.log);
        says(&job.log, &[words]);
        assert_eq!(stage.emulator.world().feedback(A).map(<[_]>::len), Some(1));
    }
}
