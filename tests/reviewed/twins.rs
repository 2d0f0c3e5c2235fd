//! Two accounts that hold one name: a zone is its id, and its account with its name.

use crate::story::{Run, Story};
use serde_json::{Value, json};

const NAME: &str = "a.example.com";

fn account(letter: &str) -> String {
    letter.repeat(32)
}

fn id(letter: &str) -> String {
    format!("{letter}1").repeat(16)
}

fn file(letter: &str, search: &str, more: &str) -> String {
    let account = account(letter);
    format!("zone: {NAME}\naccount_id: {account}\nplan: sbfm_pro\nsettings:\n  ai_search: {search}\n{more}")
}

/// Two zones of one name with a file each, `zones/a.yaml` and `zones/b.yaml`.
fn story(live: [&str; 2], files: [&str; 2], more: [&str; 2]) -> Story {
    let zone = |letter: &str, search: &str| json!({"name": NAME, "id": id(letter), "plan": "pro", "account": account(letter), "live": {"enable_js": true, "ai_search": search, "sbfm_verified_bots": "allow"}});
    Story::new(json!([zone("a", live[0]), zone("b", live[1])]))
        .file("zones/a.yaml", file("a", files[0], more[0]))
        .file("zones/b.yaml", file("b", files[1], more[1]))
}

/// The members of the zones of a run, of account a before b.
fn each(run: &Run, member: &str) -> [String; 2] {
    let document = run.json();
    let of = |letter: &str| {
        let zones = document["zones"].as_array().unwrap();
        let zone = zones.iter().find(|zone| zone["account_id"] == account(letter)).unwrap();
        zone[member].as_str().unwrap_or_default().to_owned()
    };
    [of("a"), of("b")]
}

/// The ids of the zones that were written.
fn written(story: &Story) -> Vec<String> {
    let puts = story.emulator().requests().into_iter().filter(|request| request.method == "PUT");
    puts.map(|request| request.path.split('/').nth_back(1).unwrap().to_owned()).collect()
}

fn held(run: &Run) -> Vec<Value> {
    let zones = run.json()["zones"].as_array().unwrap().clone();
    let is_held = |zone: &Value| zone["settings"].to_string().contains("\"verdict\":\"held\"");
    zones.into_iter().filter(is_held).map(|zone| zone["file"].clone()).collect()
}

#[test]
fn each_is_compared_with_its_own_zone_of_the_earlier_plan() {
    let story = story(["block", "disabled"], ["block", "disabled"], ["", ""]);
    assert_eq!(story.run("plan --out applied.json").exit, 0);
    // Somebody tightens the zone of account b by hand; what its file wants is as it was.
    story.emulator().edit(|world| world.set_of(&id("b"), "ai_search", Some(json!("block"))));
    let run = story.run("plan --since-plan applied.json --output json");
    assert_eq!((run.exit, held(&run)), (0, vec![json!("zones/b.yaml")]), "{run}");
}

#[test]
fn a_name_alone_confirms_no_loosening_and_lifts_no_protection() {
    let protect = "protect: true\n";
    let story = story(["block", "block"], ["disabled", "disabled"], [protect, protect]);
    assert_eq!(story.run("plan --out applied.json").exit, 0);
    insta::assert_snapshot!(story.run("plan --unprotect a.example.com").stderr, @"
    error: `--unprotect a.example.com`: 2 zones of this run have this name

    hint: say which one: `--unprotect a.example.com@[id]` or `--unprotect a.example.com@[id]`
    ");
    let run = story.run("plan --since-plan applied.json --confirm-loosening a.example.com");
    assert!(run.exit == 64 && run.stderr.contains("2 zones of this run have this name"), "{run}");
    let run = story.run(&format!("plan --unprotect {NAME}@{}", account("c")));
    assert!(run.exit == 64 && run.stderr.contains("is not a zone of this run"), "{run}");
}

#[test]
fn protection_is_lifted_only_for_the_named_zone() {
    let protect = "protect: true\n";
    for called in [account("b"), account("B")] {
        let story = story(["block", "block"], ["disabled", "disabled"], [protect, protect]);
        let flag = format!("--unprotect {NAME}@{called}");
        let run = story.run(&format!("apply --auto-approve --output json {flag}"));
        assert_eq!(
            (run.exit, each(&run, "outcome")),
            (0, ["protected", "applied"].map(str::to_owned)),
            "{run}"
        );
        assert_eq!(written(&story), [id("b")]);
        assert_eq!(run.json()["overrides"]["unprotect"], json!([format!("{NAME}@{}", account("b"))]));
    }
    let story = story(["block", "block"], ["disabled", "disabled"], [protect, protect]);
    assert_eq!(story.run(&format!("plan --out plan.json --unprotect {NAME}@{}", account("a"))).exit, 0);
    let run = story.run("apply plan.json --output json");
    assert_eq!((run.exit, each(&run, "outcome")), (0, ["applied", "protected"].map(str::to_owned)), "{run}");
}

#[test]
fn a_loosening_is_confirmed_only_for_the_named_zone() {
    let story = story(["disabled", "disabled"], ["disabled", "disabled"], ["", ""]);
    assert_eq!(story.run("plan --out applied.json").exit, 0);
    for letter in ["a", "b"] {
        story.emulator().edit(|world| world.set_of(&id(letter), "ai_search", Some(json!("block"))));
    }
    for called in [account("a"), id("a")] {
        let flag = format!("--confirm-loosening {NAME}@{called}");
        let run = story.run(&format!("plan --since-plan applied.json --output json {flag}"));
        let is_account = called == account("a");
        // An id that no file gives is not known before the API is asked.
        assert_eq!(run.exit, if is_account { 0 } else { 64 }, "{run}");
        if is_account {
            assert_eq!(held(&run), [json!("zones/b.yaml")], "{run}");
        }
    }
}

#[test]
fn texts_and_saved_plans_distinguish_them() {
    let story = story(["disabled", "disabled"], ["block", "only_on_ad_pages"], ["", ""]);
    let (plan, apply) = (story.run("plan --out plan.json"), story.run("apply plan.json"));
    for letter in ["a", "b"] {
        let label = format!("{NAME}@{}", account(letter));
        assert!(plan.stdout.contains(&format!("~ {label} (sbfm_pro)")), "{plan}");
        assert!(apply.stdout.contains(&format!("applied       {label}")), "{apply}");
    }
    assert_eq!(written(&story).len(), 2);
    let alone = story.run("plan --detail zones/a.yaml");
    assert!(!alone.stdout.contains('@'), "{alone}");
}

#[test]
fn a_protection_that_came_after_the_plan_stops_the_one_that_it_is_of() {
    let story = story(["disabled", "disabled"], ["block", "block"], ["", ""]);
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    story.write("zones/b.yaml", file("b", "block", "protect: true\n"));
    let run = story.run("apply plan.json --output json");
    assert_eq!(each(&run, "outcome"), ["applied", "blocked"], "{run}");
    assert_eq!(written(&story), [id("a")]);
}

#[test]
fn each_is_chosen_and_left_out_with_its_account() {
    let story = story(["block", "block"], ["disabled", "disabled"], ["", ""]);
    let files = |flags: &str| {
        let run = story.run(&format!("plan --output json {flags}"));
        assert_eq!(run.exit, 0, "{run}");
        run.json()["zones"].as_array().unwrap().iter().map(|zone| zone["file"].clone()).collect::<Vec<_>>()
    };
    let b = format!("{NAME}@{}", account("b"));
    assert_eq!(files(&format!("--zone {b}")), ["zones/b.yaml"]);
    assert_eq!(files(&format!("--zone *@{}", account("B"))), ["zones/b.yaml"]);
    assert_eq!(files(&format!("--exclude {b}")), ["zones/a.yaml"]);
    assert_eq!(files(&format!("--zone {NAME}")).len(), 2);
    let run = story.run(&format!("plan --zone {NAME}@{}", account("c")));
    assert!(run.exit == 64 && !run.stderr.contains("did you mean"), "{run}");
    assert!(run.stderr.contains("hint: check the account id"), "{run}");
    // So are live zones.
    let run = story.run(&format!("import other --zone {b}"));
    assert_eq!(run.exit, 0, "{run}");
    assert!(story.read(&format!("other/{b}.yaml")).contains(&account("b")), "{run}");
    let run = story.run(&format!("snapshot live.json --exclude {b}"));
    assert!(run.exit == 0 && run.stdout.contains("1 zone in live.json"), "{run}");
}

#[test]
fn a_policy_and_its_exceptions_hold_for_the_account_that_they_name() {
    let policy =
        |more: &str| format!("policy:\n  - {{id: p, reason: r, pin: {{ai_search: block}}, {more}}}\n");
    let story = story(["block", "block"], ["disabled", "disabled"], ["", ""]);
    let a = format!("{NAME}@{}", account("a"));
    let except = format!("exceptions: [{{zone: '{a}', reason: r, until: 2999-12-31}}]");
    for (more, files) in [
        (format!("zones: ['{a}']"), ["zones/a.yaml", ""]),
        (except, ["", "zones/b.yaml"]),
        (String::new(), ["zones/a.yaml", "zones/b.yaml"]),
    ] {
        story.write("botform.yaml", policy(&more));
        for command in ["validate", "plan", "apply --auto-approve"] {
            let run = story.run(command);
            assert_eq!(run.exit, 5, "{more}: {run}");
            for file in ["zones/a.yaml", "zones/b.yaml"] {
                let is_told = run.stderr.contains(&format!("{file}:5"));
                assert_eq!(is_told, files.contains(&file), "{more}: {file}: {run}");
            }
        }
    }
    let run = story.run("plan");
    assert!(run.stderr.contains(&format!("{a} (zones/a.yaml:5)")), "{run}");
}

#[test]
fn hints_name_the_one_that_they_are_about_and_the_flag_takes_it() {
    let story = story(["disabled", "disabled"], ["disabled", "disabled"], ["", ""]);
    assert_eq!(story.run("plan --out applied.json").exit, 0);
    story.emulator().edit(|world| world.set_of(&id("b"), "ai_search", Some(json!("block"))));
    let label = format!("{NAME}@{}", account("b"));
    let run = story.run("plan --since-plan applied.json");
    assert!(run.stdout.contains(&format!("`--confirm-loosening {label}`")), "{run}");
    let run = story.run(&format!(
        "apply --auto-approve --journal j.jsonl --since-plan applied.json --confirm-loosening {label}"
    ));
    assert_eq!((run.exit, written(&story)), (0, vec![id("b")]), "{run}");

    story.write("zones/a.yaml", file("a", "block", ""));
    story.write("zones/b.yaml", file("b", "block", ""));
    assert_eq!(story.run("apply --auto-approve --journal k.jsonl").exit, 0);
    story.emulator().edit(|world| world.set_of(&id("b"), "ai_search", Some(json!("only_on_ad_pages"))));
    let run = story.run("undo k.jsonl --auto-approve");
    assert!(run.stdout.contains(&format!("`--undo-moved {label}`")), "{run}");
    assert_eq!((run.exit, written(&story).len()), (3, 4), "{run}");
    let run = story.run(&format!("undo k.jsonl --auto-approve --zone {label} --undo-moved {label}"));
    assert_eq!((run.exit, written(&story).last()), (0, Some(&id("b"))), "{run}");
}
