//! Promises about all commands: each common flag works on every command that accepts it.

use crate::feedback::reference;
use crate::story::Story;
use std::fs;

const REPORTS: &[&str] = &["text", "json", "markdown", "github", "sarif", "junit", "gitlab", "html"];
const DOCUMENTS: &[&str] = &["text", "json"];
const LISTS: &[&str] = &["table", "json", "jsonl", "csv"];

/// The commands that have `--output`, with a line of each that ends with 0, and their formats.
const OUTPUTS: [(&str, &str, &[&str]); 11] = [
    ("validate", "", REPORTS),
    ("plan", "", REPORTS),
    ("apply", "--auto-approve --journal applied", REPORTS),
    ("show", "saved", REPORTS),
    ("undo", "journal --auto-approve --journal undone", REPORTS),
    ("feedback list", "", LISTS),
    ("feedback plan", "", DOCUMENTS),
    ("feedback submit", "--auto-approve", DOCUMENTS),
    ("submissions", "--account 01a7362d577a6c3019a474fd6f485823", LISTS),
    ("doctor", "", DOCUMENTS),
    ("explain", "enable_js", &["text", "markdown", "json"]),
];

/// A zone with a plan that was saved, a journal, and a report.
fn story() -> Story {
    let world = serde_json::json!({
        "zones": [{"name": "shop.example.com", "plan": "enterprise", "account": "01a7362d577a6c3019a474fd6f485823"}],
    });
    let mut report = reference();
    report["expression"] = "(ip.src eq 203.0.113.1 and cf.bot_management.score lt 5)".into();
    let story = Story::world(&world)
        .zone("shop.example.com", "bm_enterprise", "ai_search: block")
        .file("feedback/a.json", report.to_string());
    for line in ["plan --out saved", "apply saved --journal journal"] {
        let run = story.run(line);
        assert_eq!(run.exit, 0, "{line}: {run}");
    }
    story
}

#[test]
fn every_format_of_a_command_is_written_and_another_is_refused() {
    let story = story();
    for (command, rest, formats) in OUTPUTS {
        for format in formats {
            let upper = format.to_uppercase();
            let run = story.run(&format!("{command} {rest} --output {upper}=result"));
            assert_eq!(run.exit, 0, "{command} {format}: {run}");
            // There is nothing to annotate, and no list has a row.
            let may_be_empty = ["github", "jsonl"].contains(format);
            assert!(may_be_empty || !story.read("result").is_empty(), "{command} {format}");
        }
        for wrong in REPORTS.iter().chain(LISTS).filter(|word| !formats.contains(word)) {
            let run = story.run(&format!("{command} {rest} --output {wrong}"));
            let choices = format!("[possible values: {}]", formats.join(", "));
            assert!(run.exit == 64 && run.stderr.contains(&choices), "{command} {wrong}: {run}");
        }
    }
}

#[test]
fn help_and_completion_name_the_formats_of_a_command() {
    let story = Story::shop("");
    for (command, _, formats) in OUTPUTS {
        let mut typing = story.command(&format!("-- botform {command} --output"));
        typing.env("BOTFORM_COMPLETE", "fish").arg("");
        let told = story.end(typing).stdout;
        let told: Vec<_> = told.lines().map(|line| line.split('\t').next().unwrap()).collect();
        assert_eq!(told, formats, "{command}");
        let help = story.run(&format!("{command} --help")).stdout;
        let about = &help[help.find("--output").unwrap()..];
        let words = about.lines().filter_map(|line| line.trim().strip_prefix("- ")?.split(':').next());
        assert_eq!(words.take(formats.len()).collect::<Vec<_>>(), formats, "{command}: {help}");
    }
}

#[test]
fn every_common_flag_is_judged_on_every_command_that_takes_it() {
    let story = story();
    let sent = story.emulator().requests().len();
    let zones: &[&str] = &[
        "validate",
        "plan",
        "apply",
        "undo journal",
        "import",
        "snapshot s",
        "feedback list",
        "feedback plan",
        "feedback submit",
    ];
    let accounts: &[&str] = &["import", "snapshot s", "feedback list", "submissions", "doctor"];
    let connected: &[&str] = &[
        "plan",
        "apply",
        "undo journal",
        "import",
        "snapshot s",
        "feedback list",
        "feedback plan",
        "feedback submit",
        "submissions",
        "doctor",
    ];
    let measured: &[&str] = &["plan", "apply", "undo journal"];
    for (flag, commands) in [
        ("--zone a,b", zones),
        ("--exclude=", zones),
        ("--account nope", accounts),
        ("--emulate nope.yaml", connected),
        ("--emulate zones", connected),
        ("--base-url nope", connected),
        ("--concurrency 0", connected),
        ("--rate 5", connected),
        ("--timeout 0", connected),
        ("--metrics -", measured),
        ("--metrics zones/shop.example.com.yaml", measured),
        ("--max-zones 101%", measured),
        ("--override-policy nope", measured),
        ("--unprotect nope", measured),
    ] {
        for command in commands {
            let run = story.run(&format!("{command} {flag}"));
            assert_eq!(run.exit, 64, "{command} {flag}: {run}");
        }
    }
    assert_eq!(story.emulator().requests().len(), sent, "nothing was sent for any of them");
}

#[test]
fn metrics_are_written_by_every_command_that_plans() {
    let story = story();
    for (line, exit) in [
        ("plan", 0),
        ("apply --auto-approve", 0),
        ("apply saved --max-zones 0", 5),
        ("undo journal --auto-approve", 0),
        ("undo nothing --auto-approve", 1),
    ] {
        let run = story.run(&format!("{line} --metrics numbers"));
        let numbers = story.read("numbers");
        let has_code = numbers.contains(&format!("\nbotform_exit_code {exit}\n"));
        assert!(run.exit == exit && has_code, "{line}: {run}\n{numbers}");
        fs::remove_file(story.path("numbers")).unwrap();
    }
}

#[test]
fn a_list_of_journals_takes_no_flag_of_an_undo() {
    let story = story();
    for flag in ["--metrics m.prom", "--output markdown", "--journal j", "--zone a", "--auto-approve"] {
        let run = story.run(&format!("undo {flag}"));
        assert!(run.exit == 64 && run.stderr.contains("names no journal to undo"), "{flag}: {run}");
    }
    assert!(!story.path("m.prom").exists());
}
