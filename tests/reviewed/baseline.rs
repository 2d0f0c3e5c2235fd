//! Drift told from pending changes, and the on-call who is not undone.

use crate::story::{Run, Story};
use serde_json::{Value, json};
use std::process::Command;

/// A checkout with a zone that has three settings, applied and committed; nothing without git.
fn checkout() -> Option<Story> {
    let live = json!({"enable_js": true, "ai_search": "disabled", "ai_user": "disabled", "ai_training": "disabled", "sbfm_verified_bots": "allow"});
    let story = Story::new(json!([{"name": "shop.example.com", "plan": "pro", "live": live}]));
    write(&story, "zones", ["disabled", "disabled", "disabled"]);
    #[expect(clippy::print_stderr, reason = "a test that is passed over says so")]
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("git is missing: not tested");
        return None;
    }
    git(&story, "init --quiet --initial-branch=main");
    commit(&story);
    assert_eq!(story.run("plan --out applied.json").exit, 0);
    Some(story)
}

fn git(story: &Story, arguments: &str) {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"])
        .args(arguments.split(' '))
        .current_dir(story.path(""))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

fn commit(story: &Story) {
    git(story, "add zones");
    git(story, "commit --quiet --message=change");
}

fn write(story: &Story, folder: &str, [search, user, training]: [&str; 3]) {
    let text = format!(
        "zone: shop.example.com\nplan: sbfm_pro\nsettings:\n  ai_search: {search}\n  ai_user: {user}\n  ai_training: {training}\n"
    );
    story.write(&format!("{folder}/shop.yaml"), text);
}

fn edit(story: &Story, key: &str, value: &str) {
    story.emulator().edit(|world| world.set("shop.example.com", key, Some(json!(value))));
}

/// The changes with who moved.
fn origins(run: &Run) -> Vec<(String, Value)> {
    let rows = run.json()["zones"][0]["settings"].as_array().unwrap().clone();
    let differs = |row: &&Value| row["effect"].is_string();
    rows.iter()
        .filter(differs)
        .map(|change| (change["setting"].as_str().unwrap().to_owned(), change["origin"].clone()))
        .collect()
}

fn is_held(run: &Run) {
    assert_eq!(run.exit, 0, "{run}");
    assert!(run.stdout.contains("held: live has `ai_search` at block"), "{run}");
    assert!(run.stdout.contains("Changes in 1 zone are held back."), "{run}");
}

#[test]
fn each_change_is_drift_pending_or_both() {
    let Some(story) = checkout() else { return };
    write(&story, "zones", ["disabled", "block", "disallow"]);
    commit(&story);
    edit(&story, "ai_search", "only_on_ad_pages");
    edit(&story, "ai_training", "block");
    for flags in ["--since HEAD~1", "--since-plan applied.json"] {
        let run = story.run(&format!("plan --output json {flags}"));
        let expected = [("ai_search", "drift"), ("ai_training", "both"), ("ai_user", "pending")];
        assert_eq!(origins(&run), expected.map(|(name, word)| (name.to_owned(), json!(word))), "{flags}");
        let text = story.run(&format!("plan {flags}")).stdout;
        assert!(
            text.contains(":4  live moved\n")
                && text.contains(":6  file and live moved\n")
                && text.contains(":5  file moved\n"),
            "{text}"
        );
    }
    let run = story.run("plan --output json");
    assert!(origins(&run).iter().all(|(_, origin)| origin.is_null()));
}

#[test]
fn a_tightened_setting_of_an_unchanged_file_is_held_back() {
    let Some(story) = checkout() else { return };
    edit(&story, "ai_search", "block");
    for flags in ["--since HEAD", "--since-plan applied.json"] {
        is_held(&story.run(&format!("plan {flags}")));
        assert_eq!(story.run(&format!("plan --detailed-exitcode {flags}")).exit, 2);
        let run = story.run(&format!("apply --auto-approve {flags}"));
        is_held(&run);
        assert!(run.stdout.contains("held          shop.example.com"), "{run}");
    }
    assert!(story.bodies().is_empty());
}

#[test]
fn it_is_released_by_name_or_by_a_change_of_the_wanted_value() {
    let Some(story) = checkout() else { return };
    edit(&story, "ai_search", "block");
    for flags in ["--since HEAD", "--since-plan applied.json"] {
        assert_eq!(story.run(&format!("plan {flags} --confirm-loosening shop.example.com")).exit, 0);
        assert_eq!(story.run(&format!("plan {flags} --confirm-loosening other.example.com")).exit, 64);
    }
    write(&story, "zones", ["only_on_ad_pages", "disabled", "disabled"]);
    for flags in ["--since HEAD", "--since-plan applied.json"] {
        let run = story.run(&format!("plan {flags}"));
        assert!(run.stdout.contains("block → only_on_ad_pages") && !run.stdout.contains("held"), "{run}");
    }
    assert_eq!(story.run("plan --confirm-loosening shop.example.com").exit, 64);
}

#[test]
fn another_change_of_the_file_does_not_release_it_and_is_written() {
    let Some(story) = checkout() else { return };
    edit(&story, "ai_search", "block");
    write(&story, "zones", ["disabled", "block", "disabled"]);
    for flags in ["--since HEAD", "--since-plan applied.json"] {
        is_held(&story.run(&format!("plan {flags}")));
    }
    assert_eq!(story.run("apply --auto-approve --since HEAD").exit, 0);
    let live = story.live("shop.example.com");
    assert_eq!((&live["ai_search"], &live["ai_user"]), (&json!("block"), &json!("block")));
}

#[test]
fn it_adopts_the_value_as_the_hint_says() {
    let Some(story) = checkout() else { return };
    edit(&story, "ai_search", "block");
    let run = story.run("plan --since HEAD");
    assert!(run.stdout.contains("hint: write `ai_search: block` in zones/shop.yaml to keep it"), "{run}");
    write(&story, "zones", ["block", "disabled", "disabled"]);
    assert_eq!(story.run("plan --since HEAD --detailed-exitcode").exit, 0);
}

#[test]
fn the_hold_does_not_depend_on_the_folder_of_the_run() {
    let Some(story) = checkout() else { return };
    edit(&story, "ai_search", "block");
    story.write("deep/er/note", "");
    let absolute = story.path("zones").display().to_string();
    for (folder, path) in [
        ("zones", "."),
        ("zones", "shop.yaml"),
        ("deep/er", "../../zones"),
        ("", absolute.as_str()),
        ("deep", absolute.as_str()),
    ] {
        for flags in
            ["--since HEAD".to_owned(), format!("--since-plan {}", story.path("applied.json").display())]
        {
            let mut command = story.command(&format!("plan {path} {flags}"));
            command.current_dir(story.path(folder));
            is_held(&story.end(command));
        }
    }
}

#[test]
fn a_file_that_was_only_moved_did_not_change() {
    let Some(story) = checkout() else { return };
    edit(&story, "ai_search", "block");
    std::fs::create_dir(story.path("zones/eu")).unwrap();
    git(&story, "mv zones/shop.yaml zones/eu/shop.yaml");
    for flags in ["--since HEAD", "--since-plan applied.json"] {
        is_held(&story.run(&format!("plan {flags}")));
    }
}

#[test]
fn a_file_that_is_new_is_pending() {
    let Some(story) = checkout() else { return };
    git(&story, "rm --quiet --cached zones/shop.yaml");
    git(&story, "commit --quiet --message=without");
    edit(&story, "ai_search", "block");
    let run = story.run("plan --output json --since HEAD");
    assert_eq!(origins(&run), [("ai_search".to_owned(), json!("pending"))]);
}

#[test]
fn tightening_is_never_held_back() {
    let Some(story) = checkout() else { return };
    write(&story, "zones", ["block", "disabled", "disabled"]);
    commit(&story);
    let run = story.run("plan --since HEAD --output json");
    assert_eq!((run.exit, origins(&run)), (0, vec![("ai_search".to_owned(), json!("drift"))]));
}

#[test]
fn an_invalid_revision_and_a_folder_outside_git_are_errors() {
    let Some(story) = checkout() else { return };
    for revision in ["nowhere", "--all", "HEAD~9"] {
        let mut command = story.command("plan");
        command.arg(format!("--since={revision}"));
        let run = story.end(command);
        assert_eq!(run.exit, 1, "{run}");
        assert!(run.stderr.contains("makes the first record"), "{run}");
    }
    let outside = Story::shop("ai_search: block");
    assert_eq!(outside.run("plan --since HEAD").exit, 1);
    assert_eq!(story.run("plan --since HEAD --since-plan applied.json").exit, 64);
}
