//! Wrong usage: exit 64, and what was meant.

use crate::story::Story;
use insta::assert_snapshot;
use std::fs;

#[test]
fn wrong_usage_exits_64() {
    let story = Story::shop("ai_search: block");
    for line in [
        "",
        "paln",
        "plan --no-such-flag",
        "plan --concurrency 0",
        "plan --concurrency 257",
        "plan --rate 5",
        "plan --timeout 0",
        "plan --emulate= --base-url http://127.0.0.1:1",
        "plan --output yaml",
        "plan --output json=",
        "plan --output text --output json",
        "plan --send-unavailable using_latest_model",
        "plan --confirm-loosening shop.example.com",
        "plan --zone nope",
        "plan --zone=",
        "plan --base-url foo",
        "plan --emulate nope.yaml",
        "plan --output json=- --output text",
        "explain nope",
        "submissions --submission-id=",
        "apply --partial",
        "apply --expect 0123456789",
        "schema nothing",
    ] {
        let run = story.run(line);
        assert_eq!(run.exit, 64, "{line}: {run}");
        assert!(
            run.stdout.is_empty() && run.stderr.starts_with("error: ") || line.is_empty(),
            "{line}: {run}"
        );
    }
    assert!(story.emulator().requests().is_empty());
}

#[test]
fn help_and_version_are_no_errors() {
    let story = Story::shop("");
    for line in ["--help", "--version", "help plan", "apply --help"] {
        let run = story.run(line);
        assert!(run.exit == 0 && run.stderr.is_empty() && !run.stdout.is_empty(), "{line}: {run}");
    }
}

#[test]
fn a_pattern_selects_zones_and_one_without_a_match_is_an_error() {
    let names = ["a.shop.example.com", "b.shop.example.com", "c.example.com"];
    let zones: Vec<_> = names.iter().map(|name| serde_json::json!({"name": name, "plan": "pro"})).collect();
    let story = names
        .iter()
        .fold(Story::new(zones.into()), |story, name| story.zone(name, "sbfm_pro", "ai_search: block"));
    let planned = |line: &str| {
        let zones = story.run(line).json()["zones"].clone();
        zones
            .as_array()
            .unwrap()
            .iter()
            .map(|zone| zone["zone"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        planned("plan --output json --zone *.shop.example.com"),
        ["a.shop.example.com", "b.shop.example.com"]
    );
    assert_eq!(
        planned("plan --output json --zone c.example.com --zone a.*"),
        ["a.shop.example.com", "c.example.com"]
    );
    assert_snapshot!(story.run("plan --zone d.example.com"), @"
    ---- stderr
    error: `d.example.com` matches none of the 3 zones

    hint: did you mean `c.example.com`?
    ---- exit 64
    ");
    assert_snapshot!(story.run("plan --zone *.example.org"), @"
    ---- stderr
    error: `*.example.org` matches none of the 3 zones

    hint: did you mean `c.example.com`?
    ---- exit 64
    ");
}

#[test]
fn a_flag_of_another_tool_gets_a_hint_with_ours() {
    let story = Story::shop("ai_search: block");
    for (line, hint) in [
        ("plan --baseline plan.json", "`--baseline` is now `--since-plan`"),
        ("apply --yes", "use `--auto-approve`"),
        ("plan -o json", "use `--output FORMAT[=FILE]`"),
        ("plan --target=shop.example.com", "use `--zone`"),
        ("plan --parallelism 3", "use `--concurrency`"),
    ] {
        let run = story.run(line);
        assert!(run.exit == 64 && run.stderr.ends_with(&format!("\nhint: {hint}\n")), "{run}");
    }
}

#[test]
fn one_maximum_holds_for_the_concurrency_of_flag_and_project() {
    let story = Story::shop("ai_search: block");
    for (number, exits) in [(256, [0, 0]), (257, [64, 1])] {
        let flag = story.run(&format!("plan --concurrency {number}")).exit;
        story.write("botform.yaml", format!("concurrency: {number}\n"));
        assert_eq!([flag, story.run("plan").exit], exits, "{number}");
        fs::remove_file(story.path("botform.yaml")).unwrap();
    }
}

#[test]
fn plan_exits_as_apply_would() {
    let story = Story::shop("ai_search: block").file("botform.yaml", "guards: {max_zones: 0}\n");
    let run = story.run("plan --detailed-exitcode");
    assert_eq!(run.exit, 5, "{run}");
    assert!(
        run.stdout.contains("Plan: 1 zone to change") && run.stderr.contains("apply would be refused"),
        "{run}"
    );
    assert_eq!(story.run("apply --auto-approve").exit, 5);
    assert_eq!(story.run("plan --max-zones 1").exit, 0);
}

#[test]
fn journals_are_kept_with_the_user_or_in_the_current_folder() {
    let story = Story::shop("ai_search: block");
    let journals = |folder: &str| fs::read_dir(story.path(folder)).map_or(0, Iterator::count);
    let apply = |home: Option<&str>, state: &str, value: &str| {
        story.write(
            "zones/shop.example.com.yaml",
            format!("zone: shop.example.com\nplan: sbfm_pro\nsettings: {{ai_search: {value}}}\n"),
        );
        let mut command = story.command("apply --auto-approve");
        match home {
            Some(home) => command.env("HOME", story.path(home)),
            None => command.env_remove("HOME"),
        };
        command.env("XDG_STATE_HOME", state);
        let run = story.end(command);
        assert_eq!(run.exit, 0, "{run}");
    };
    apply(Some("home"), "relative", "block");
    assert_eq!(
        (journals("home/.local/state/botform"), journals("relative")),
        (1, 0),
        "a relative folder is ignored"
    );
    apply(Some("home"), story.path("state").to_str().unwrap(), "disabled");
    assert_eq!(journals("state/botform"), 1);
    apply(None, "", "block");
    assert_eq!(journals(".botform/journals"), 1);
}

#[test]
fn a_shell_is_told_settings_zones_and_formats_while_typing() {
    let story = Story::shop("enable_js: true").zone("blog.example.com", "sbfm_pro", "");
    let told = |words: &str| {
        let mut command = story.command(&format!("-- botform {words}"));
        command.env("BOTFORM_COMPLETE", "fish");
        story.end(command).stdout
    };
    assert!(told("explain sbfm_v").starts_with("sbfm_verified_bots\t"), "{}", told("explain sbfm_v"));
    assert_eq!(told("plan --zone b").trim(), "blog.example.com");
    assert!(told("apply --output j").starts_with("json"), "{}", told("apply --output j"));
}
