//! Wrong usage: exit code 64, and a suggestion.

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
        "plan --max-loosening 1000000000",
        "plan --max-loosening many",
        "plan --max-zones 101%",
        "plan --since=",
        "plan --since main..HEAD",
        "plan --send-unavailable nope",
        "plan --send-unavailable fight_mode",
        "plan --send-unavailable=",
        "plan --unprotect nope",
        "plan --unprotect=",
        "plan --override-policy nope",
        "plan --override-policy=",
        "plan --confirm-loosening nope --since main",
        "plan --exclude nope",
        "plan --exclude=",
        "plan --exclude shop.example.com",
        "plan --zone a.example,b.example",
        "plan --zone [ab]*",
        "plan --zone 023e105f4ecef8ad9ca31a8372d0c353",
        "plan --out -",
        "plan --out=",
        "apply --journal -",
        "apply --canary 0",
        "apply --canary=-1",
        "apply --max-failures x",
        "emulator --world nope.yaml",
        "emulator --listen nope",
        "completions nope",
        "feedback list --account nope",
        "feedback list --type nope",
        "feedback list --since nope",
        "submissions",
        "submissions --account nope",
        "submissions --since 1d --until 2d --account 01a7362d577a6c3019a474fd6f485823",
        "submissions --detailed-exitcode",
        "submissions --emulate=",
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
            run.stdout.is_empty() && run.stderr.starts_with("error: ") && !run.stderr.contains("panic")
                || line.is_empty(),
            "{line}: {run}"
        );
    }
    assert!(story.emulator().requests().is_empty());
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
    assert_eq!(
        planned("plan --output json --zone *.SHOP.example.com --exclude B.*"),
        ["a.shop.example.com"],
        "patterns in any case, less those that are excluded"
    );
    let plan = story.run("plan --output json --exclude *.shop.example.com").json();
    assert_eq!(plan["selection"], serde_json::json!({"zones": [], "exclude": ["*.shop.example.com"]}));
    for line in ["validate", "plan", "apply --auto-approve"] {
        assert_eq!(story.run(&format!("{line} --exclude c.example.com")).exit, 0, "{line}");
        let all = story.run(&format!("{line} --zone c.* --exclude c.*"));
        assert!(all.exit == 64 && all.stderr.contains("no zone is left"), "{line}: {all}");
    }
    assert_snapshot!(story.run("plan --zone c"), @"
    ---- stderr
    error: `c` matches none of the 3 zones

    hint: did you mean `c.example.com`?
    ---- exit 64
    ");
    assert_snapshot!(story.run("plan --exclude c.exmaple.com"), @"
    ---- stderr
    error: `c.exmaple.com` matches none of the 3 zones

    hint: did you mean `c.example.com`?
    ---- exit 64
    ");
    assert_snapshot!(story.run("plan --zone c.example.com,d.example.com"), @"
    ---- stderr
    error: invalid value 'c.example.com,d.example.com' for '--zone <NAME|GLOB|ID>': write one name or pattern, and repeat the flag for more

    For more information, try '--help'.
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
fn a_flag_of_another_tool_gets_a_hint_with_the_equivalent() {
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
fn a_flag_with_an_unknown_value_suggests_the_right_one() {
    let story = Story::shop("ai_search: block")
        .zone("blog.example.com", "sbfm_pro", "ai_search: block")
        .file("botform.yaml", "policy: [{id: floor, reason: r, pin: {ai_search: block}}]\n");
    for (line, said) in [
        (
            "plan --unprotect shop.exmaple.com",
            "is not a zone of this run\n\nhint: did you mean `shop.example.com`?",
        ),
        ("plan --zone blog.* --unprotect shop.example.com", "is not a zone of this run\n"),
        ("plan --override-policy flor", "has no policy with this id\n\nhint: did you mean `floor`?"),
        ("plan --send-unavailable enable-js", "is not a setting\n\nhint: did you mean `enable_js`?"),
        ("plan --send-unavailable enable_js", "no zone file of this run has `enable_js`\n"),
        ("plan --confirm-loosening x.example.com --since main", "is not a zone of this run\n"),
    ] {
        let run = story.run(line);
        assert!(run.exit == 64 && run.stderr.contains(said), "{line}: {run}");
    }
    assert!(story.emulator().requests().is_empty());
    for line in ["plan --unprotect Shop.Example.com", "plan --send-unavailable AI_search"] {
        let run = story.run(&format!("{line} --zone shop.*"));
        assert_eq!(run.exit, 0, "in any letter case: {line}: {run}");
    }
}

#[test]
fn words_of_flags_are_accepted_in_any_letter_case() {
    let story = Story::shop("ai_search: block");
    for line in [
        "plan --output JSON",
        "plan --color NEVER",
        "schema Zone",
        "completions Bash",
        "feedback list --type False_Positive",
    ] {
        let run = story.run(line);
        assert_eq!(run.exit, 0, "{line}: {run}");
    }
}

#[test]
fn a_canary_that_covers_all_zones_is_warned_about() {
    let story = Story::shop("ai_search: block").zone("blog.example.com", "sbfm_pro", "ai_search: block");
    let run = story.run("apply --auto-approve --zone shop.* --canary 1");
    assert!(
        run.exit == 0 && run.stderr.contains("warning: `--canary 1` holds nothing back: only 1 zone will"),
        "{run}"
    );
    let run = story.run("apply --auto-approve --zone shop.* --canary 1");
    assert!(run.exit == 0 && run.stderr.is_empty(), "nothing to write: {run}");
}

#[test]
fn a_saved_plan_prints_the_exact_command_to_apply_it() {
    let story = Story::shop("ai_search: block");
    assert_snapshot!(story.run("plan --out tfplan").stderr, @"
    saved to tfplan; apply it with
      botform apply tfplan --expect [id]
    ");
    let said = story.run("plan --out it's.json").stderr;
    let command = said
        .lines()
        .last()
        .unwrap()
        .trim()
        .trim_start_matches("botform ")
        .replace(r"'it'\''s.json'", "it's.json");
    let run = story.run(&command);
    assert!(run.exit == 0 && run.stdout.contains("  applied  "), "{run}");
    assert_eq!(story.run("plan --out again").stderr, "saved to again\n", "there is nothing to apply");
    assert!(story.run("plan --emulate= --out other").stderr.ends_with("saved to other\n"));
}

#[test]
fn a_plan_file_is_recognized_by_its_content_whatever_its_name() {
    let story = Story::shop("ai_search: block");
    assert_eq!(story.run("plan --out tfplan").exit, 0);
    assert_eq!(story.run("plan --out p.yaml").exit, 0);
    for line in
        ["validate tfplan", "plan p.yaml", "plan zones tfplan", "apply tfplan zones", "feedback plan tfplan"]
    {
        let run = story.run(line);
        assert!(run.exit == 64 && run.stderr.lines().count() == 3, "one mistake: {line}: {run}");
    }
    assert_snapshot!(story.run("validate tfplan"), @"
    ---- stderr
    error: tfplan is a saved plan, not a file that this command reads

    hint: `botform show tfplan` shows it; `botform apply tfplan`, without other paths, applies it
    ---- exit 64
    ");
    assert_eq!(story.run("show p.yaml").exit, 0);
    assert_eq!(story.run("plan --since-plan tfplan").exit, 0);
    assert_eq!(story.run("apply tfplan").exit, 0);
    assert_eq!(story.live("shop.example.com")["ai_search"], "block");
}

/// Each row of the table of exit codes.

#[test]
fn exit_codes_are_those_of_the_table() {
    let story = || Story::shop("ai_search: block");
    let run = |line: &str| story().run(line).exit;
    assert_eq!([run("plan"), run("apply --auto-approve"), run("validate")], [0; 3], "0: in sync, or applied");
    assert_eq!(
        [run("plan nope"), run("validate nope"), run("undo nope"), run("show nope.json"), run("apply")],
        [1; 5],
        "1: failed"
    );
    assert_eq!(run("plan --detailed-exitcode"), 2, "2: changes pending");
    let partial = story().zone("lost.example.com", "sbfm_pro", "ai_search: block");
    assert_eq!(
        [
            partial.run("plan").exit,
            partial.run("plan --detailed-exitcode").exit,
            partial.run("apply --auto-approve").exit
        ],
        [3; 3]
    );
    assert_eq!(partial.run("plan --zone lost.*").exit, 1, "nothing usable");
    let stale = story();
    stale.run("plan --out p");
    stale.run("apply --auto-approve");
    stale.write(
        "zones/shop.example.com.yaml",
        "zone: shop.example.com\nplan: sbfm_pro\nsettings: {ai_search: disabled}\n",
    );
    stale.run("apply --auto-approve");
    stale.emulator().edit(|world| world.set("shop.example.com", "enable_js", Some(false.into())));
    assert_eq!(stale.run("apply p").exit, 4, "4: stale");
    assert_eq!([run("plan --max-zones 0"), run("apply --auto-approve --max-zones 0")], [5; 2], "5: a guard");
    let policy = story().file("botform.yaml", "policy: [{id: x, reason: r, forbid: {ai_search: [block]}}]\n");
    assert_eq!(policy.run("plan").exit, 5, "5: a policy");
    policy.write("p.json", policy.run("plan --output json").stdout.replace("block", "disabled"));
    assert_eq!(policy.run("show p.json").exit, 5, "5: a plan file that fails its checks");
    assert_eq!(run("plan --nope"), 64, "64: wrong usage");
}

#[test]
fn a_lost_output_fails_read_commands_but_not_write_commands() {
    let story = Story::shop("ai_search: block");
    if !story.path("/dev/full").exists() {
        return;
    }
    assert_eq!(story.run("plan --output json=/dev/full").exit, 1);
    assert_eq!(story.run("plan --detailed-exitcode --output json=/dev/full").exit, 1);
    assert_eq!(story.run("plan --max-zones 0 --output json=/dev/full").exit, 5);
    assert_eq!(story.run("plan --out /dev/full").exit, 1);
    assert_eq!(story.run("validate --output json=/dev/full").exit, 1);
    assert_eq!(story.run("apply --auto-approve --journal jj --output json=/dev/full").exit, 0);
    assert_eq!(story.run("undo jj --auto-approve --journal jk --output json=/dev/full").exit, 0);
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
    assert!(run.told().contains("Plan: 1, ") && run.stderr.contains("apply would be refused"), "{run}");
    assert_eq!(story.run("apply --auto-approve").exit, 5);
    assert_eq!(story.run("plan --max-zones 1").exit, 0);
}

#[test]
fn each_shell_gets_a_script_that_calls_the_program() {
    let story = Story::shop("");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = story.run(&format!("completions {shell}"));
        assert!(run.exit == 0 && run.stdout.contains("BOTFORM_COMPLETE"), "{run}");
    }
}

#[test]
fn a_shell_completes_settings_zones_and_formats() {
    let story = Story::shop("enable_js: true").zone("blog.example.com", "sbfm_pro", "");
    let told = |words: &str| {
        let mut command = story.command(&format!("-- botform {words}"));
        command.env("BOTFORM_COMPLETE", "fish");
        story.end(command).stdout
    };
    assert!(told("explain sbfm_v").starts_with("sbfm_verified_bots\t"), "{}", told("explain sbfm_v"));
    assert_eq!(told("plan --zone b").trim(), "blog.example.com");
    assert!(told("apply --output j").starts_with("json"), "{}", told("apply --output j"));
    assert!(told("explain bm_e").starts_with("bm_enterprise\t"), "{}", told("explain bm_e"));
    assert_eq!(told("validate zones/s").trim(), "zones/shop.example.com.yaml");
    assert!(told("init --ci gith").starts_with("github"), "{}", told("init --ci gith"));
    assert!(told("plan --send-unavailable enable").starts_with("enable_js\t"));
    let story = story.zone("shop.example.com", "sbfm_pro", "ai_search: block");
    assert_eq!(story.run("apply --auto-approve --zone shop.*").exit, 0);
    let mut command = story.command("-- botform undo");
    command.env("BOTFORM_COMPLETE", "fish").arg("");
    let told = story.end(command).stdout;
    assert!(told.lines().any(|line| line.ends_with(".jsonl")), "{told}");
}

#[test]
fn a_world_with_tokens_works_with_emulate() {
    let world = "tokens: [{token: cfut_another_0123456789}]\nzones: [{name: shop.example.com, plan: pro}]\n";
    let story = Story::shop("ai_search: block").file("world.yaml", world);
    let run = story.run("plan --emulate=world.yaml --output github");
    assert!(run.exit == 0 && run.stdout.contains("1 zone to change"), "{run}");
}

#[test]
fn a_package_installs_scripts_and_manual_pages_from_the_program_alone() {
    let story = Story::shop("");
    let run = story.run("completions --share share");
    assert_eq!(run.exit, 0, "{run}");
    for path in [
        "bash-completion/completions/botform",
        "zsh/site-functions/_botform",
        "fish/vendor_completions.d/botform.fish",
        "man/man1/botform.1",
        "man/man1/botform-feedback-submit.1",
    ] {
        assert!(run.stdout.contains(&format!("written share/{path}\n")), "{run}");
        assert!(!story.read(&format!("share/{path}")).is_empty(), "{path}");
    }
    // The synopsis is that of the command line, and nothing depends on the day or on an earlier run.
    let page = story.read("share/man/man1/botform-plan.1");
    assert!(page.contains("\\fB\\-\\-out\\fR") && page.contains("botform plan zones"), "{page}");
    assert_eq!(story.run("completions --share share").exit, 0);
    assert_eq!(story.read("share/man/man1/botform-plan.1"), page);
    for wrong in ["completions", "completions bash --share share", "completions --share -"] {
        assert_eq!(story.run(wrong).exit, 64, "{wrong}");
    }
}
