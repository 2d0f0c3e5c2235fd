//! `--since` with baselines and temporary values: what counts is what they came to, then and now.

use crate::since::{commit, git, held, plan};
use crate::story::Story;
use serde_json::json;
use std::process::Command;

const ZONE: &str = "zone: a.example.com\nplan: sbfm_pro\nextends: ../baselines/all.yaml\n";
const ALL: &str = "settings:\n  ai_search: disabled\n  enable_js: true\n";

/// A repository in `main` with a zone that extends a baseline, tightened by hand after it was applied.
fn story() -> Story {
    let live = json!({"ai_search": "block"});
    let story = Story::new(json!([{"name": "a.example.com", "plan": "pro", "live": live}]))
        .file("main/zones/a.yaml", ZONE)
        .file("main/baselines/all.yaml", ALL);
    git(&story.path("main"), "init --quiet --initial-branch=main");
    commit(&story.path("main"));
    story
}

#[test]
fn a_value_of_a_baseline_is_held_while_what_is_resolved_stays() {
    let moved = "zone: a.example.com\nplan: sbfm_pro\nsettings: {ai_search: disabled}\n";
    for (what, file, text, is_held) in [
        ("nothing", "zones/a.yaml", ZONE, true),
        (
            "a comment in the baseline",
            "baselines/all.yaml",
            "# new\nsettings:\n  ai_search: disabled\n",
            true,
        ),
        ("the value moved into the zone file", "zones/a.yaml", moved, true),
        ("the baseline changed", "baselines/all.yaml", "settings: {ai_search: only_on_ad_pages}\n", false),
    ] {
        let story = story();
        story.write(&format!("main/{file}"), text);
        let run = plan(&story, &story.path("main"), "--since HEAD", &[]);
        assert_eq!(held(&run).len(), usize::from(is_held), "{what}: {run}");
    }
}

#[test]
fn a_baseline_that_cannot_be_read_at_the_revision_holds_its_zones() {
    let story = story();
    let main = story.path("main");
    git(&main, "rm --quiet --cached baselines/all.yaml");
    git(&main, "commit --quiet --message=change");
    let run = plan(&story, &main, "--since HEAD", &[]);
    assert_eq!(held(&run), ["a.example.com"], "{run}");
    assert!(run.stdout.contains("baselines/all.yaml is not in that commit"), "{run}");
    story.write("main/baselines/all.yaml", "settings: {ai_serch: block}\n");
    commit(&main);
    story.write("main/baselines/all.yaml", ALL);
    let run = plan(&story, &main, "--since HEAD", &[]);
    assert!(run.stdout.contains("baselines/all.yaml has errors"), "{run}");
}

#[test]
fn the_return_from_a_temporary_value_is_not_held_but_a_manual_change_is() {
    let entry = "temporary: [{setting: ai_search, value: block, until: 2020-06-30, reason: attack}]\n";
    for (live, is_held) in [("block", false), ("only_on_ad_pages", true)] {
        let story =
            Story::new(json!([{"name": "a.example.com", "plan": "pro", "live": {"ai_search": live}}]))
                .file("main/zones/a.yaml", format!("{ZONE}{entry}"))
                .file("main/baselines/all.yaml", ALL);
        let main = story.path("main");
        git(&main, "init --quiet --initial-branch=main");
        git(&main, "add --all");
        let mut command = Command::new("git");
        command.args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
            "commit",
            "--quiet",
            "--message=a",
        ]);
        command.env("GIT_COMMITTER_DATE", "2020-06-01T00:00:00Z").env("GIT_CONFIG_GLOBAL", "/dev/null");
        assert!(command.current_dir(&main).status().unwrap().success());
        let run = plan(&story, &main, "--since HEAD", &[]);
        assert_eq!(held(&run).len(), usize::from(is_held), "{live}: {run}");
    }
}
