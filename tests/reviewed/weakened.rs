//! What a change softens of its own rules is said first, in every format, and is part of what is approved.

use crate::since::{commit, git};
use crate::story::{Run, Story};
use serde_json::{Value, json};

const NAMES: [&str; 2] = ["a.example.com", "b.example.com"];

const RULES: &str = "since: applied\nguards: {max_zones: 1, max_loosening: 0, max_failures: 1}\npolicy:\n  \
    - {id: bots, reason: no scraping, zones: ['*.example.com'], forbid: {ai_bots_protection: [disabled]}}\n  \
    - {id: floor, reason: no gaps, at_least: {ai_search: block}}\n";

/// What each zone file of the record says besides its settings.
const LOCKS: [&str; 2] = ["protect: true\n", "freeze: {reason: sale, until: 2099-12-31}\n"];

/// A checkout whose rules are those of the tag `applied`, with two zones that are as their files want them.
fn story() -> Story {
    let live = json!({"ai_search": "block", "ai_bots_protection": "block", "enable_js": true});
    let zones = NAMES.map(|name| json!({"name": name, "plan": "pro", "live": live}));
    let story = Story::new(json!(zones));
    std::fs::create_dir(story.path("main")).unwrap();
    git(&story.path("main"), "init --quiet --initial-branch=main");
    story.write("main/botform.yaml", RULES);
    for (name, lock) in NAMES.into_iter().zip(LOCKS) {
        story.write(&format!("main/zones/{name}.yaml"), zone(name, "block", lock));
    }
    commit(&story.path("main"));
    git(&story.path("main"), "tag applied");
    story
}

fn zone(name: &str, ai_bots: &str, more: &str) -> String {
    format!(
        "zone: {name}\nplan: sbfm_pro\nsettings:\n  ai_bots_protection: {ai_bots}\n  ai_search: block\n{more}"
    )
}

fn run(story: &Story, arguments: &str) -> Run {
    let mut command = story.command(arguments);
    command.current_dir(story.path("main"));
    story.end(command)
}

/// Softens every kind of rule: zone `a` loses a value that a policy kept, and its protection.
fn soften(story: &Story) {
    story.write(
        "main/botform.yaml",
        "since: HEAD\nguards: {max_zones: 2, max_failures: 100%}\npolicy:\n  \
         - {id: floor, reason: no gaps, at_least: {ai_search: block}, exceptions: [{zone: b.*, reason: test, until: 2099-01-01}]}\n",
    );
    story.write(&format!("main/zones/{}.yaml", NAMES[0]), zone(NAMES[0], "disabled", ""));
    let waiver = "accept:\n  - {setting: enable_js, reason: known, until: 2099-01-01}\n";
    story.write(&format!("main/zones/{}.yaml", NAMES[1]), zone(NAMES[1], "block", waiver));
}

/// What is weakened, with its kind.
fn weakened(document: &Value) -> Vec<(String, String)> {
    let found = document["weakened"].as_array().cloned().unwrap_or_default();
    let text = |found: &Value, key: &str| found[key].as_str().unwrap_or_default().to_owned();
    found.iter().map(|found| (text(found, "kind"), text(found, "what"))).collect()
}

#[test]
fn each_kind_is_named_first_in_the_text_and_counted() {
    let story = story();
    soften(&story);
    let run = run(&story, "plan --since applied");
    insta::assert_snapshot!(run, @r#"
    ! weakened: policy `bots` is gone: `ai_bots_protection` not disabled (botform.yaml); this plan breaks it: a.example.com: `ai_bots_protection` may not be disabled (zones/a.example.com.yaml:4)
    ! weakened: guard `max_failures` is different: 1 → 100% (botform.yaml)
    ! weakened: guard `max_loosening` is gone: 0 (botform.yaml); this plan breaks it: 1 change would loosen protection, and at most 0 may: a.example.com
    ! weakened: guard `max_zones` is raised: 1 → 2 (botform.yaml)
    ! weakened: policy `floor` has a new exception until 2099-01-01, in b.* (botform.yaml:4)
    ! weakened: `protect: true` is removed, in a.example.com (zones/a.example.com.yaml:1); this plan breaks it: a.example.com: the zone would be written (zones/a.example.com.yaml:1)
    ! weakened: the freeze is removed: until 2099-12-31, in b.example.com (zones/b.example.com.yaml:1)
    ! weakened: a new waiver for `enable_js` until 2099-01-01, in b.example.com (zones/b.example.com.yaml:7)
    ! weakened: `since` is another revision: applied → HEAD (botform.yaml)

    ~ a.example.com (sbfm_pro)                                 zones/a.example.com.yaml
        ~ ai_bots_protection      block → disabled             loosens    :4  file moved
          warning: the live settings do not show the plan variant: only settings that all variants share can be managed
          1 setting in sync, [n] unmanaged

    = b.example.com (sbfm_pro)  in sync                        zones/b.example.com.yaml
          warning: the live settings do not show the plan variant: only settings that all variants share can be managed
          warning: `accept` has no effect on `enable_js`, which does not deviate   :7
            hint: remove the waiver
          2 settings in sync, [n] unmanaged

    Plan: 1 zone to change (1 setting), 1 in sync, 0 blocked, 0 failed. 9 rules weakened. Compared with applied: 1 setting moved in the file. 1 change loosens protection.
    Made [time], from the live zones at http://[api]/client/v4.
    Digest: [digest]
    ---- exit 0
    "#);
}

#[test]
fn each_kind_is_in_the_document_with_what_the_plan_breaks() {
    let story = story();
    assert_eq!(weakened(&run(&story, "plan --output json").json()), []);
    soften(&story);
    let document = run(&story, "plan --since applied --output json").json();
    let kinds: Vec<_> = weakened(&document).into_iter().map(|(kind, _)| kind).collect();
    let all = ["policy", "guard", "guard", "guard", "exception", "protection", "freeze", "waiver", "since"];
    assert_eq!(kinds, all, "{document:#}");
    let bots = &document["weakened"][0];
    assert_eq!(
        bots["breaks"],
        json!([{"what": "`ai_bots_protection` may not be disabled", "zone": NAMES[0],
            "file": "zones/a.example.com.yaml", "line": 4}])
    );
    let loosening =
        document["weakened"].as_array().unwrap().iter().find(|found| found["name"] == "max_loosening");
    assert!(loosening.unwrap()["breaks"][0]["what"].as_str().unwrap().contains("1 change would loosen"));
}

#[test]
fn an_earlier_guard_counts_the_zones_of_the_plan() {
    let story = story();
    for (name, lock) in NAMES.into_iter().zip(LOCKS) {
        story.write(&format!("main/zones/{name}.yaml"), zone(name, "only_on_ad_pages", lock));
    }
    let rules = |most: &str| RULES.replace("max_zones: 1, max_loosening: 0", &format!("max_zones: {most}"));
    story.write("main/botform.yaml", rules("50%"));
    let lifted = format!("--unprotect {} --unprotect {}", NAMES[0], NAMES[1]);
    let plan = run(&story, &format!("plan --output json {lifted}"));
    assert_eq!(plan.exit, 5, "half of two is one, and the guard of today refuses: {plan}");
    story.write("main/botform.yaml", rules("2"));
    let plan = run(&story, &format!("plan --output json {lifted}"));
    assert_eq!(plan.exit, 0, "what the reviewers see refuses nothing: {plan}");
    let document = plan.json();
    let found = |name: &str| {
        let all = document["weakened"].as_array().unwrap();
        all.iter().find(|found| found["name"] == name).unwrap()["breaks"][0]["what"].clone()
    };
    assert_eq!(
        found("max_zones"),
        "2 of 2 zones would change, and at most 1 may: a.example.com, b.example.com"
    );
    assert_eq!(
        found("max_loosening"),
        "2 changes would loosen protection, and at most 0 may: a.example.com, b.example.com"
    );
    let output = story.path("output");
    let mut command = story.command(&format!("plan --output github {lifted}"));
    command.current_dir(story.path("main")).env("GITHUB_OUTPUT", &output);
    story.end(command);
    assert!(story.read("output").contains("\nweakened=2\n"), "{}", story.read("output"));
}

#[test]
fn every_format_names_it_before_what_it_lets_pass() {
    let story = story();
    soften(&story);
    let formats = ["text", "markdown", "github", "html", "json", "sarif", "junit"];
    let outputs: Vec<_> = formats.iter().map(|format| format!("--output {format}=../{format}")).collect();
    let run = run(&story, &format!("plan --since applied {}", outputs.join(" ")));
    assert_eq!(run.exit, 0, "{run}");
    for format in formats {
        let text = story.read(format);
        let softer = text
            .find("is gone: `ai_bots_protection` not disabled")
            .unwrap_or_else(|| panic!("{format}: {text}"));
        // What passes by it: the row of a value, or where it is data.
        let passes = match format {
            "html" => "id=\"data\"",
            "json" => "\"inputs\"",
            "markdown" => "### Changes",
            "sarif" => "\"ruleId\": \"loosens\"",
            "junit" => "block → disabled (loosens)",
            "github" => "1 change loosens",
            _ => "loosens",
        };
        let passes = text.find(passes).unwrap_or_else(|| panic!("{format}: {text}"));
        assert!(softer < passes, "{format}: {text}");
        let counted = text.contains("9 rules weakened") || matches!(format, "json" | "junit");
        assert!(counted, "{format}: {text}");
        assert!(text.contains("may not be disabled"), "{format}: {text}");
    }
}

#[test]
fn a_saved_plan_shows_it_again_with_a_different_digest() {
    let story = story();
    story.write(&format!("main/zones/{}.yaml", NAMES[0]), zone(NAMES[0], "only_on_ad_pages", LOCKS[0]));
    // A zone that may be written, so that there is something to approve.
    story.write("main/zones/b.example.com.yaml", zone(NAMES[1], "only_on_ad_pages", ""));
    let saved = |out: &str, more: &str| {
        run(&story, &format!("plan --max-loosening 9 --out ../{out} {more} --output json")).json()
    };
    let softer = saved("softer.json", "--since applied");
    let other = saved("other.json", "--since HEAD");
    assert_eq!(
        weakened(&softer),
        [("freeze".to_owned(), "the freeze is removed: until 2099-12-31".to_owned())]
    );
    assert_eq!(softer["weakened"][0]["breaks"][0]["what"], "the zone would be written");
    assert_eq!(softer["digest"], other["digest"], "HEAD is the tag");
    commit(&story.path("main"));
    let same = saved("same.json", "--since HEAD");
    assert_eq!(weakened(&same), []);
    assert_ne!(softer["digest"], same["digest"]);
    let shown = run(&story, "show ../softer.json");
    assert!(
        shown.stdout.starts_with("! weakened: the freeze is removed: until 2099-12-31, in b.example.com"),
        "{shown}"
    );
    assert!(shown.stdout.contains("1 rule weakened."), "{shown}");
    // Who takes it out of the file takes what was approved with it.
    let cut = |text: String| {
        let mut document: Value = serde_json::from_str(&text).unwrap();
        document.as_object_mut().unwrap().remove("weakened");
        document.to_string()
    };
    story.write("cut.json", cut(story.read("softer.json")));
    let refused = run(&story, "show ../cut.json");
    assert!(refused.exit == 5 && refused.stderr.contains("changed after it was written"), "{refused}");
}

#[test]
fn validate_names_what_is_weakened_and_what_the_files_break() {
    let story = story();
    soften(&story);
    let run_of = |arguments: &str| run(&story, &format!("validate {arguments}"));
    insta::assert_snapshot!(run_of("--since applied"), @r#"
    ! weakened: policy `bots` is gone: `ai_bots_protection` not disabled (botform.yaml); this plan breaks it: a.example.com: `ai_bots_protection` may not be disabled (zones/a.example.com.yaml:4)
    ! weakened: guard `max_failures` is different: 1 → 100% (botform.yaml)
    ! weakened: guard `max_loosening` is gone: 0 (botform.yaml)
    ! weakened: guard `max_zones` is raised: 1 → 2 (botform.yaml)
    ! weakened: policy `floor` has a new exception until 2099-01-01, in b.* (botform.yaml:4)
    ! weakened: `protect: true` is removed, in a.example.com (zones/a.example.com.yaml:1)
    ! weakened: the freeze is removed: until 2099-12-31, in b.example.com (zones/b.example.com.yaml:1)
    ! weakened: a new waiver for `enable_js` until 2099-01-01, in b.example.com (zones/b.example.com.yaml:7)
    ! weakened: `since` is another revision: applied → HEAD (botform.yaml)

    2 zone files valid
    ---- exit 0
    "#);
    let document = run_of("--since applied --output json").json();
    assert_eq!(weakened(&document).len(), 9, "{document:#}");
    assert_eq!(
        run_of("--output json").json().get("weakened").map(|found| found.as_array().unwrap().len()),
        Some(9)
    );
    let usage = run_of("--since a..b");
    assert_eq!(usage.exit, 64, "{usage}");
    let unknown = run_of("--since nowhere");
    assert!(unknown.exit == 1 && unknown.stderr.contains("`nowhere` is not a commit"), "{unknown}");
}

#[test]
fn the_project_says_what_plans_are_compared_with_unless_a_flag_does() {
    let story = story();
    let since =
        |arguments: &str| run(&story, &format!("plan --output json {arguments}")).json()["since"].clone();
    assert_eq!(since(""), "applied");
    assert_eq!(since("--since HEAD"), "HEAD");
    run(&story, "plan --out ../plan.json");
    assert_eq!(since("--since-plan ../plan.json"), "../plan.json");
    let applied = run(&story, "apply --auto-approve --output json").json();
    assert_eq!(applied["since"], "applied");
    git(&story.path("main"), "tag --delete applied");
    let missing = run(&story, "plan");
    assert!(missing.exit == 1 && missing.stderr.contains("`applied` is not a commit"), "{missing}");
}

#[test]
fn a_project_file_that_is_removed_or_put_nearer_hides_nothing() {
    let story = story();
    let kinds = |folder: &str, paths: &str| {
        let mut command = story.command(&format!("plan {paths} --since applied --output json"));
        command.current_dir(story.path(folder));
        let run = story.end(command);
        weakened(&run.json()).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>()
    };
    let all = ["policy", "policy", "guard", "guard", "guard", "since"];
    story.write("main/zones/botform.yaml", "{}");
    assert_eq!(kinds("main/zones", "."), all);
    std::fs::remove_file(story.path("main/zones/botform.yaml")).unwrap();
    std::fs::remove_file(story.path("main/botform.yaml")).unwrap();
    assert_eq!(kinds("main", "zones"), all);
}

#[test]
fn rules_that_could_not_be_read_then_are_reported() {
    let story = story();
    story.write("main/botform.yaml", "guards: [\n");
    story.write("main/zones/a.example.com.yaml", "zone: a.example.com\nplan: [\n");
    commit(&story.path("main"));
    story.write("main/botform.yaml", "{}");
    story.write("main/zones/a.example.com.yaml", zone(NAMES[0], "block", ""));
    for command in ["plan", "validate"] {
        let run = run(&story, &format!("{command} --since HEAD"));
        assert!(run.exit == 0 && run.stderr.contains("botform.yaml cannot be read as of HEAD"), "{run}");
        assert!(run.stderr.contains("whether 1 zone lost protection is unknown"), "{run}");
    }
}

#[test]
fn without_rules_then_nothing_is_weakened() {
    let story = story();
    let main = story.path("main");
    std::fs::remove_file(main.join("botform.yaml")).unwrap();
    commit(&main);
    soften(&story);
    let document = run(&story, "plan --since HEAD --output json").json();
    let kinds: Vec<_> = weakened(&document).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["protection", "freeze", "waiver"], "zones had theirs");
}

#[test]
fn what_a_stranger_writes_into_a_rule_stays_text() {
    let story = story();
    let hostile = "x` <img src=x> | @all\\u001b[2J::error::";
    let rules = format!("policy:\n  - {{id: \"{hostile}\", reason: r, pin: {{enable_js: true}}}}\n");
    story.write("main/botform.yaml", rules);
    commit(&story.path("main"));
    story.write("main/botform.yaml", "{}");
    let files: Vec<_> = ["text", "markdown", "github", "html"]
        .map(|format| (format, format!("--output {format}=../{format}")))
        .into();
    let outputs: Vec<_> = files.iter().map(|(_, output)| output.as_str()).collect();
    run(&story, &format!("plan --since HEAD {}", outputs.join(" ")));
    for (format, _) in files {
        let text = story.read(format);
        assert!(text.contains("is gone") && !text.contains('\u{1b}'), "{format}: {text}");
        assert!(!text.lines().any(|line| line.starts_with("::error::")), "{text}");
        // In Markdown it is code, and in HTML text.
        let is_inert = match format {
            "markdown" => text.contains("| ``policy `x` <img src=x> \\| @all"),
            "html" => !text.contains("<img"),
            _ => true,
        };
        assert!(is_inert, "{format}: {text}");
    }
}

#[test]
fn a_flag_that_lifts_protection_is_not_a_weaker_rule() {
    let story = story();
    let document = run(&story, &format!("plan --unprotect {} --output json", NAMES[0])).json();
    assert_eq!(weakened(&document), []);
}
