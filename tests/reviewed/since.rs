//! `--since` in real git: a tightening by hand is held exactly where the wanted value is as it was at REV.

use crate::story::{Run, Story};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;

const ZONES: [&str; 2] = ["a.example.com", "b.example.com"];

/// A repository in `main`, with a zone in each of two files, that somebody tightens by hand after it was applied.
fn story() -> Story {
    let live = json!({"ai_search": "block"});
    let zones = ZONES.map(|name| json!({"name": name, "plan": "pro", "live": live}));
    let story = Story::new(json!(zones));
    std::fs::create_dir(story.path("main")).unwrap();
    git(&story.path("main"), "init --quiet --initial-branch=main");
    for name in ZONES {
        story.write(&format!("main/zones/{name}.yaml"), zone(name, "disabled"));
    }
    commit(&story.path("main"));
    story
}

fn zone(name: &str, search: &str) -> String {
    format!("zone: {name}\nplan: sbfm_pro\nsettings:\n  ai_search: {search}\n  enable_js: true\n")
}

pub(crate) fn git(folder: &Path, arguments: &str) {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"])
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments.split(' '))
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) fn commit(folder: &Path) {
    git(folder, "add --all");
    git(folder, "commit --quiet --allow-empty --message=change");
}

/// Plans in a checkout, in an environment as git leaves it for hooks and aliases.
pub(crate) fn plan(story: &Story, folder: &Path, arguments: &str, variables: &[(&str, PathBuf)]) -> Run {
    let mut command = story.command(&format!("plan --output json {arguments}"));
    command.current_dir(folder).envs(variables.iter().cloned());
    story.end(command)
}

/// The zones that are held.
pub(crate) fn held(run: &Run) -> Vec<String> {
    let document: serde_json::Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"));
    let zones = document["zones"].as_array().unwrap().clone();
    let is_held = |zone: &&serde_json::Value| zone["settings"].to_string().contains("\"verdict\":\"held\"");
    zones.iter().filter(is_held).map(|zone| zone["zone"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn variables_that_git_leaves_behind_do_not_release_the_hold() {
    let story = story();
    let main = story.path("main");
    git(&main, "worktree add --quiet ../linked");
    git(&story.path(""), "init --quiet other");
    let linked = story.path("linked");
    let of_linked = main.join(".git/worktrees/linked");
    let cases: [(&Path, Vec<(&str, PathBuf)>); 7] = [
        (&main, vec![]),
        (&main, vec![("GIT_DIR", main.join(".git"))]),
        (&main, vec![("GIT_WORK_TREE", PathBuf::from("."))]),
        (&main, vec![("GIT_INDEX_FILE", story.path("other/.git/index"))]),
        (&main, vec![("GIT_DIR", story.path("other/.git")), ("GIT_PREFIX", PathBuf::from("zones/"))]),
        (&linked, vec![("GIT_DIR", of_linked.clone()), ("GIT_INDEX_FILE", of_linked.join("index"))]),
        (&linked, vec![("GIT_DIR", PathBuf::from("."))]),
    ];
    for (folder, variables) in cases {
        let run = plan(&story, folder, "--since HEAD", &variables);
        assert_eq!(held(&run), ZONES, "{folder:?} {variables:?}: {run}");
    }
}

#[test]
fn files_that_left_the_index_are_held() {
    let story = story();
    let main = story.path("main");
    git(&main, "rm --quiet -r --cached zones");
    assert_eq!(held(&plan(&story, &main, "--since HEAD", &[])), ZONES);
}

#[test]
fn a_branch_behind_its_base_is_compared_with_the_merge_base() {
    let story = story();
    let main = story.path("main");
    git(&main, "branch work");
    story.write("main/zones/a.example.com.yaml", zone(ZONES[0], "block"));
    commit(&main);
    git(&main, "checkout --quiet work");
    assert_eq!(held(&plan(&story, &main, "--since main", &[])), ZONES);
}

#[test]
fn a_file_that_did_not_parse_at_the_revision_holds_its_zone() {
    let story = story();
    let main = story.path("main");
    story.write("main/zones/a.example.com.yaml", "zone: a.example.com\nplan: [\n");
    commit(&main);
    story.write("main/zones/moved.yaml", zone(ZONES[0], "disabled"));
    std::fs::remove_file(main.join("zones/a.example.com.yaml")).unwrap();
    let run = plan(&story, &main, "--since HEAD", &[]);
    assert_eq!(held(&run), ZONES, "{run}");
    assert!(run.stdout.contains("zones/a.example.com.yaml cannot be read"), "{run}");
}

#[test]
fn zone_files_of_a_nested_repository_are_refused() {
    let story = story();
    let outer = story.path("outer");
    git(&story.path(""), "init --quiet outer");
    story.write("outer/zones/c.yaml", zone("c.example.com", "disabled"));
    git(&outer, &format!("submodule --quiet add {} zones/sub", story.path("main").display()));
    commit(&outer);
    for paths in ["zones", "zones/sub"] {
        let run = plan(&story, &outer, &format!("{paths} --since HEAD"), &[]);
        assert!(run.exit == 1 && run.stderr.contains("is in the repository"), "{run}");
    }
}

#[test]
fn bad_revisions_have_different_errors() {
    let story = story();
    let main = story.path("main");
    git(&main, "checkout --quiet --orphan alone");
    story.write("main/other", "");
    commit(&main);
    let missing = "1".repeat(40);
    let zeros = "0".repeat(40);
    for (revision, exit, said) in [
        ("", 64, "is empty"),
        ("main..HEAD", 64, "is a range"),
        ("main...alone", 64, "is a range"),
        ("HEAD^!", 64, "is a range"),
        (zeros.as_str(), 1, "is not a commit"),
        (missing.as_str(), 1, "is not in this clone"),
        ("nowhere", 1, "is not a commit"),
        ("HEAD:zones", 1, "is not a commit"),
        ("--all", 1, "is not a commit"),
        ("main", 1, "have no common commit"),
    ] {
        let mut command = story.command("plan");
        command.arg(format!("--since={revision}")).current_dir(&main);
        let run = story.end(command);
        assert!(run.exit == exit && run.stderr.contains(said), "{revision:?}: {run}");
    }
    let mut command = story.command("plan --since main");
    command.current_dir(&main);
    assert!(story.end(command).stderr.contains("fetch-depth"));
}

#[test]
fn a_file_that_names_its_zone_and_nothing_else_holds_it_wherever_it_was() {
    let story = story();
    let main = story.path("main");
    story.write("main/zones/a.example.com.yaml", "zone: a.example.com\nsettings: [\n");
    commit(&main);
    std::fs::remove_file(main.join("zones/a.example.com.yaml")).unwrap();
    story.write("main/zones/moved.yaml", zone(ZONES[0], "disabled"));
    assert_eq!(held(&plan(&story, &main, "--since HEAD", &[])), ZONES);
}

#[test]
fn two_files_of_a_zone_hold_it_where_they_differ() {
    for (other, reason) in [
        ("disabled", "the file has not changed this setting since HEAD"),
        ("block", "zones/a.example.com.yaml and zones/b2.yaml differ"),
    ] {
        let story = story();
        let main = story.path("main");
        story.write("main/zones/b2.yaml", zone(ZONES[0], other));
        commit(&main);
        for name in ["zones/a.example.com.yaml", "zones/b2.yaml"] {
            std::fs::remove_file(main.join(name)).unwrap();
        }
        story.write("main/zones/moved.yaml", zone(ZONES[0], "disabled"));
        let run = plan(&story, &main, "--since HEAD", &[]);
        assert_eq!(held(&run), ZONES, "{run}");
        let reasons: Vec<_> = run.json()["zones"][0]["settings"].as_array().unwrap().clone();
        assert!(
            reasons.iter().any(|row| row["reason"].as_str().is_some_and(|why| why.contains(reason))),
            "{run}"
        );
    }
}
