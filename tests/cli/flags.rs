//! Common to all commands: help, colours, logs, and the lookup of the project file, the account and journals.

use crate::story::{BOTFORM, Story};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

#[test]
fn help_and_version_are_not_errors() {
    let story = Story::shop("");
    for line in ["--help", "--version", "help plan", "apply --help"] {
        let run = story.run(line);
        assert!(run.exit == 0 && run.stderr.is_empty() && !run.stdout.is_empty(), "{line}: {run}");
    }
}

#[test]
fn help_lists_the_commands_own_flags_first_and_an_example() {
    let story = Story::shop("");
    for line in [
        "validate",
        "plan",
        "apply",
        "show",
        "import",
        "snapshot",
        "init",
        "doctor",
        "undo",
        "feedback list",
        "feedback plan",
        "feedback submit",
        "submissions",
        "schema",
        "explain",
        "emulator",
        "completions",
    ] {
        let help = story.run(&format!("{line} --help")).stdout;
        let at = |what: &str| help.find(what).unwrap_or_else(|| panic!("{line}: {what}"));
        assert!(
            at("Global options:") > at("Usage:") && at("Example: botform") > at("--log-format"),
            "{help}"
        );
        assert!(help.contains(&format!("Example: botform {line}")), "{help}");
        assert!(!help.contains("API options:") || at("API options:") < at("Global options:"), "{help}");
    }
}

#[test]
fn requested_colour_applies_to_help_and_errors_too() {
    let story = Story::shop("enable_js: true");
    for line in [
        "--help --color always",
        "plan --color=always --help",
        "plan --nope --color always",
        "--color always plan nope",
        "validate --color always",
    ] {
        let run = story.run(line);
        assert!(format!("{run}").contains('\u{1b}'), "{line}: {run}");
        assert!(!format!("{}", story.run(&line.replace("always", "never"))).contains('\u{1b}'), "{line}");
    }
}

#[test]
fn with_a_json_log_all_of_stderr_is_json() {
    let story = Story::shop("ai_search: block").file("botform.yaml", "policy: []\n");
    for line in ["plan -v --out p", "apply p --journal jj", "plan --zone nope", "validate nope"] {
        let run = story.run(&format!("--log-format json {line}"));
        let levels: Vec<_> = run
            .stderr
            .lines()
            .map(|line| {
                let line: serde_json::Value =
                    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {run}"));
                assert!(
                    line["fields"]["message"].as_str().is_some_and(|message| !message.is_empty()),
                    "{run}"
                );
                line["level"].as_str().unwrap().to_owned()
            })
            .collect();
        assert!(
            !levels.is_empty() && levels.contains(&"ERROR".to_owned()) == (run.exit != 0),
            "{line}: {run}"
        );
    }
}

#[test]
fn a_hint_is_a_separate_member_in_a_json_log() {
    let run = Story::shop("ai_search: block").run("--log-format json apply");
    let line: serde_json::Value = serde_json::from_str(run.stderr.lines().last().unwrap()).unwrap();
    let fields = serde_json::json!({
        "message": "nothing was written: there is no terminal to ask for approval",
        "hint": "add `--auto-approve`, or apply a saved plan",
    });
    assert_eq!((&line["level"], &line["fields"]), (&"ERROR".into(), &fields), "{run}");
}

#[test]
fn the_log_shows_each_step_of_a_plan_too() {
    let story = Story::shop("ai_search: block").file("botform.yaml", "policy: []\n");
    let run = story.run("plan -v");
    assert!(run.stderr.contains("planned zone.name=\"shop.example.com\""), "{run}");
    assert!(run.stderr.contains("the project file") && run.stderr.contains("botform.yaml"), "{run}");
    assert!(story.run("-v plan -v").stderr.contains("request status=200"), "both count");
    let run = story.run("-v apply --auto-approve");
    assert!(run.stderr.contains("done zone.name=\"shop.example.com\" outcome=\"applied\""), "{run}");
}

#[test]
fn a_project_file_in_a_parent_folder_is_named_and_none_above_the_checkout_is_used() {
    let story = Story::shop("ai_search: block")
        .file("botform.yaml", "guards: {max_zones: 0}\n")
        .file("repo/.git/HEAD", "")
        .file(
            "repo/sub/zones/a.yaml",
            "zone: shop.example.com\nplan: sbfm_pro\nsettings: {ai_search: block}\n",
        )
        .file(
            "outside/zones/a.yaml",
            "zone: shop.example.com\nplan: sbfm_pro\nsettings: {ai_search: block}\n",
        );
    let plan = |folder: &str| {
        let mut command = story.command("plan");
        command.current_dir(story.path(folder));
        story.end(command)
    };
    assert_eq!(story.run("plan").stderr.matches("note:").count(), 0, "it is in the current folder");
    let above = plan("outside");
    assert!(above.exit == 5 && above.stderr.starts_with("note: the project file is /"), "{above}");
    let run = plan("repo/sub");
    assert!(run.exit == 0 && run.stderr.is_empty(), "it lies above the checkout: {run}");
    story.write("repo/botform.yaml", "guards: {max_zones: 0}\n");
    let run = plan("repo/sub");
    assert!(run.exit == 5 && run.stderr.contains("repo/botform.yaml\n"), "{run}");
}

#[test]
fn the_account_of_the_environment_applies_to_zones_that_do_not_name_one() {
    let id = |n: u32| format!("{n:032x}");
    let zone =
        |account: String| serde_json::json!({"name": "shop.example.com", "plan": "pro", "account": account});
    let story = Story::new(serde_json::json!([zone(id(1)), zone(id(2))])).zone(
        "shop.example.com",
        "sbfm_pro",
        "ai_search: block",
    );
    let run = story.run("plan");
    assert!(run.exit == 1 && run.stdout.contains("hint: add `account_id`"), "{run}");
    let with = |line: &str, account: &str| {
        let mut command = story.command(line);
        command.env("CLOUDFLARE_ACCOUNT_ID", account);
        story.end(command)
    };
    let run = with("plan --output json", &id(2));
    assert_eq!(run.json()["zones"][0]["account_id"], id(2), "{run}");
    assert_eq!(with("plan", "nope").exit, 64);
    assert_eq!(with("plan --emulate=", &id(9)).exit, 0, "the emulator has accounts of its own");
    assert_eq!(with("validate", "nope").exit, 0, "it asks for no account");
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
fn colours_are_not_forced_by_a_zero() {
    let story = Story::shop("ai_search: block");
    let is_coloured = |value: &str| {
        let mut command = story.command("plan");
        command.env("CLICOLOR_FORCE", value);
        story.end(command).stdout.contains('\u{1b}')
    };
    assert!(is_coloured("1") && !is_coloured("0"));
}

#[test]
fn a_closed_stdout_changes_nothing() {
    // As `> /dev/null`, as systemd and Python's `subprocess.DEVNULL` open it, and none at all.
    for stdout in [">/dev/null", "1<>/dev/null", ">&-"] {
        let story = Story::shop("ai_search: block");
        for (line, exit) in [
            ("plan", 0),
            ("plan --output json", 0),
            ("plan --detailed-exitcode", 2),
            ("plan --output json=plan.json --max-zones 0", 5),
            ("validate", 0),
            ("schema zone", 0),
            ("plan --output text --output json=plan.json --metrics metrics", 0),
            ("apply --auto-approve --output text --output json=applied.json --journal journal", 0),
        ] {
            let command = story.command(line);
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(format!("exec \"$0\" \"$@\" {stdout}")).arg(BOTFORM).args(command.get_args());
            shell.current_dir(story.path("")).env_clear();
            shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let child = shell.stdin(Stdio::null()).stderr(File::create(story.path("said")).unwrap()).spawn();
            let code = child.unwrap().wait().unwrap().code();
            assert_eq!(code, Some(exit), "{line} {stdout}: {}", story.read("said"));
        }
        assert_eq!(story.live("shop.example.com")["ai_search"], "block");
        // No file was opened in the place of stdout, and none holds the text that was meant for it.
        for name in ["plan.json", "applied.json"] {
            serde_json::from_str::<serde_json::Value>(&story.read(name)).unwrap();
        }
        for line in story.read("journal").lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
        assert!(story.read("metrics").lines().all(|line| line.starts_with(['#', 'b'])), "{stdout}");
    }
}

#[test]
fn a_hint_fits_the_command_that_prints_it() {
    let story = Story::shop("ai_search: block");
    let hint = |line: &str| story.run(line).stderr.lines().last().unwrap_or_default().to_owned();
    assert_eq!(hint("apply"), "hint: add `--auto-approve`, or apply a saved plan");
    assert_eq!(story.run("apply --auto-approve --journal jj").exit, 0);
    assert_eq!(hint("undo jj"), "hint: add `--auto-approve`");
}

#[test]
fn an_emulator_that_listens_everywhere_prints_an_address_of_this_machine() {
    let story = Story::shop("");
    for listen in ["0.0.0.0:0", "127.0.0.1:0"] {
        let mut command = story.command(&format!("emulator --listen {listen}"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    }
}

#[test]
fn a_long_live_value_is_shortened_in_messages() {
    let live = serde_json::json!({"sbfm_verified_bots": "allow", "ai_search": "x".repeat(300_000)});
    let story = Story::new(serde_json::json!([{"name": "shop.example.com", "plan": "pro", "live": live}]))
        .zone("shop.example.com", "sbfm_pro", "ai_search: block");
    let note = &story.run("plan --output json").json()["zones"][0]["diagnostics"][0]["message"];
    assert!(note.as_str().unwrap().len() < 200, "{note}");
}

#[test]
fn two_project_files_in_one_folder_are_an_error() {
    let story = Story::shop("ai_search: block").file("botform.yml", "guards: {max_zones: 0}\n");
    assert_eq!(story.run("plan").exit, 5, "botform.yml is a project file too");
    story.write("botform.yaml", "guards: {max_zones: 9}\n");
    let run = story.run("plan");
    assert!(
        run.exit == 1 && run.stderr.contains("a second project file next to botform.yaml\n--> botform.yml"),
        "{run}"
    );
}

#[test]
fn a_waiver_without_a_deviation_is_warned_about() {
    let more = "accept: [{setting: enable_js, reason: r, until: 2999-12-31}]\n";
    let story = Story::shop("").zone_with("shop.example.com", "sbfm_pro", "ai_search: block", more);
    let run = story.run("plan");
    assert!(run.exit == 0 && run.stdout.contains("`accept` has no effect on `enable_js`"), "{run}");
}
