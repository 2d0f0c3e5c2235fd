//! Real git as one table: each way to have a repository × each thing that can be done to its files. A zone is held
//! exactly where the value that is wanted is as it was at the revision, wherever that value stands.

use crate::since::{commit, git, held, plan};
use crate::story::{BOTFORM, Run, Story};
use serde_json::json;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The zones: two that say what they want themselves, one by its baseline, one by a temporary value. `new` has no file.
const ZONES: [&str; 5] = ["a", "b", "extending", "temporary", "new"];

const OWN: &str = "plan: sbfm_pro\nsettings:\n  ai_search: disabled\n  enable_js: true\n";
const EXTENDING: &str = "zone: extending.example\nplan: sbfm_pro\nextends: ../baselines/shared.yaml\n";
const SHARED: &str = "settings:\n  ai_search: disabled\n";
const ENTRY: &str =
    "temporary:\n  - {setting: ai_search, value: only_on_ad_pages, until: 2999-12-31, reason: x}\n";

/// A repository in `main` whose zones somebody tightened by hand after they were applied.
fn story() -> Story {
    let live = json!({"ai_search": "block", "enable_js": true});
    let zones = ZONES.map(|name| json!({"name": format!("{name}.example"), "plan": "pro", "live": live}));
    let story = Story::new(json!(zones))
        .file("main/zones/a.yaml", format!("zone: a.example\n{OWN}"))
        .file("main/zones/b.yaml", format!("zone: b.example\n{OWN}"))
        .file("main/zones/extending.yaml", EXTENDING)
        .file("main/zones/temporary.yaml", format!("zone: temporary.example\n{OWN}{ENTRY}"))
        .file("main/baselines/shared.yaml", SHARED);
    git(&story.path("main"), "init --quiet --initial-branch=main");
    commit(&story.path("main"));
    let hook =
        format!("#!/bin/sh\n\"{BOTFORM}\" plan --output json --since rev >\"$OUT\" 2>\"$OUT.errors\"\n");
    let story = story.file("hooks/post-merge", hook);
    fs::set_permissions(story.path("hooks/post-merge"), fs::Permissions::from_mode(0o755)).unwrap();
    story
}

/// What is done to the files after the revision, and the zones that are not held any more.
struct Edit {
    what: &'static str,
    make: fn(&Path),
    released: &'static [&'static str],
}

const fn kept(what: &'static str, make: fn(&Path)) -> Edit {
    Edit { what, make, released: &[] }
}

const fn releases(released: &'static [&'static str], what: &'static str, make: fn(&Path)) -> Edit {
    Edit { what, make, released }
}

const ALL_FILES: [&str; 5] =
    ["zones/a.yaml", "zones/b.yaml", "zones/extending.yaml", "zones/temporary.yaml", "baselines/shared.yaml"];

const EDITS: [Edit; 26] = [
    kept("untouched", |_| {}),
    kept("mode changed", |at| {
        ALL_FILES.iter().for_each(|file| {
            fs::set_permissions(at.join(file), fs::Permissions::from_mode(0o755)).unwrap();
        });
    }),
    kept("line ends", |at| each(at, |text| text.replace('\n', "\r\n"))),
    kept("line ends by attribute", |at| {
        fs::write(at.join(".gitattributes"), "*.yaml text eol=crlf\n").unwrap();
        each(at, |text| text.replace('\n', "\r\n"));
    }),
    kept("comment added", |at| each(at, |text| format!("# a comment\n{text}"))),
    kept("reformatted", |at| {
        each(at, |text| {
            text.replace("disabled", "\"disabled\"").replace("plan: sbfm_pro", "plan:   sbfm_pro")
        });
    }),
    kept("moved", |at| {
        fs::create_dir(at.join("zones/eu")).unwrap();
        ["a", "b", "temporary"].iter().for_each(|name| {
            rename(at, &format!("zones/{name}.yaml"), &format!("zones/eu/{name}-moved.yaml"));
        });
    }),
    kept("moved with a comment", |at| {
        edit(at, "zones/a.yaml", |text| format!("# moved\n{text}"));
        rename(at, "zones/a.yaml", "zones/z.yaml");
    }),
    releases(&["a"], "moved with another value", |at| {
        edit(at, "zones/a.yaml", |text| text.replace("disabled", "only_on_ad_pages"));
        rename(at, "zones/a.yaml", "zones/z.yaml");
    }),
    kept("moved behind a linked folder", |at| {
        fs::create_dir(at.join("fleet")).unwrap();
        rename(at, "zones", "fleet/zones");
        rename(at, "baselines", "fleet/baselines");
        symlink("fleet/zones", at.join("zones")).unwrap();
    }),
    kept("moved behind a linked file", |at| {
        fs::create_dir(at.join("fleet")).unwrap();
        rename(at, "zones/a.yaml", "fleet/a.yaml");
        symlink("../fleet/a.yaml", at.join("zones/a.yaml")).unwrap();
    }),
    kept("swapped", |at| swap(at, "a", "b")),
    releases(&["b"], "swapped with another value", |at| {
        swap(at, "a", "b");
        edit(at, "zones/a.yaml", |text| text.replace("disabled", "only_on_ad_pages"));
    }),
    kept("swapped with what extends", |at| swap(at, "a", "extending")),
    releases(&["a"], "renamed inside to one that was there", |at| {
        fs::remove_file(at.join("zones/b.yaml")).unwrap();
        edit(at, "zones/a.yaml", |text| text.replace("a.example", "b.example"));
    }),
    releases(&["a"], "renamed inside to a new one", |at| {
        edit(at, "zones/a.yaml", |text| text.replace("a.example", "new.example"));
    }),
    releases(&["a"], "really changed", |at| {
        edit(at, "zones/a.yaml", |text| text.replace("disabled", "only_on_ad_pages"));
    }),
    releases(&["extending"], "the baseline really changed", |at| {
        edit(at, "baselines/shared.yaml", |text| text.replace("disabled", "only_on_ad_pages"));
    }),
    kept("the baseline moved", |at| {
        fs::create_dir(at.join("shared")).unwrap();
        rename(at, "baselines/shared.yaml", "shared/all.yaml");
        edit(at, "zones/extending.yaml", |text| text.replace("baselines/shared", "shared/all"));
    }),
    kept("the baseline moved behind a link", |at| {
        rename(at, "baselines/shared.yaml", "baselines/all.yaml");
        symlink("all.yaml", at.join("baselines/shared.yaml")).unwrap();
    }),
    kept("a baseline between", |at| {
        fs::write(at.join("baselines/between.yaml"), "extends: shared.yaml\n").unwrap();
        edit(at, "zones/extending.yaml", |text| text.replace("shared", "between"));
    }),
    kept("the baseline's value in the zone file", |at| {
        edit(at, "zones/extending.yaml", |text| format!("{text}settings: {{ai_search: disabled}}\n"));
    }),
    releases(&["extending"], "another value over the baseline's", |at| {
        edit(at, "zones/extending.yaml", |text| format!("{text}settings: {{ai_search: only_on_ad_pages}}\n"));
    }),
    kept("the temporary value extended", |at| {
        edit(at, "zones/temporary.yaml", |text| text.replace("2999-12-31", "2998-01-01"));
    }),
    releases(&["temporary"], "the temporary value taken out", |at| {
        edit(at, "zones/temporary.yaml", |text| text.replace(ENTRY, ""));
    }),
    releases(&["temporary"], "the temporary value ended", |at| {
        edit(at, "zones/temporary.yaml", |text| text.replace("2999-12-31", "2020-01-01"));
    }),
];

fn edit(at: &Path, file: &str, change: impl Fn(String) -> String) {
    let text = change(fs::read_to_string(at.join(file)).unwrap());
    fs::write(at.join(file), text).unwrap();
}

fn each(at: &Path, change: fn(String) -> String) {
    ALL_FILES.iter().for_each(|file| edit(at, file, change));
}

fn rename(at: &Path, from: &str, to: &str) {
    fs::rename(at.join(from), at.join(to)).unwrap();
}

fn swap(at: &Path, one: &str, other: &str) {
    let [one, other] = [one, other].map(|name| format!("zones/{name}.yaml"));
    rename(at, &one, "x");
    rename(at, &other, &one);
    rename(at, "x", &other);
}

/// A way to have the repository: where it is made from `main`, and how the plan is run there.
struct Way {
    make: fn(&Story) -> PathBuf,
    run: fn(&Story, &Path) -> Run,
}

fn in_folder(story: &Story, at: &Path) -> Run {
    plan(story, at, "--since rev", &[])
}

/// Commits what was done and merges it, so that git starts the plan as its hook.
fn in_hook(story: &Story, at: &Path) -> Run {
    commit(at);
    git(at, "branch --quiet --force edited");
    git(at, "reset --quiet --hard rev");
    let mut command = Command::new("git");
    let like = story.command("");
    command.env_clear().envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("OUT", story.path("out")).env("GIT_CONFIG_GLOBAL", "/dev/null").current_dir(at);
    command.arg("-c").arg(format!("core.hooksPath={}", story.path("hooks").display()));
    assert!(command.args(["merge", "--quiet", "edited"]).output().unwrap().status.success());
    Run { stdout: story.read("out"), stderr: story.read("out.errors"), exit: 0 }
}

fn copied(story: &Story, arguments: &str) -> PathBuf {
    git(&story.path(""), &format!("{arguments} copy"));
    story.path("copy")
}

fn cloned(story: &Story) -> PathBuf {
    copied(story, "clone --quiet main")
}

fn linked(story: &Story) -> PathBuf {
    git(&story.path("main"), "worktree add --quiet ../copy");
    story.path("copy")
}

/// Does edits in one repository, and gives the cells that are wrong.
fn check<'e>(way: &Way, edits: impl IntoIterator<Item = &'e Edit>) {
    let story = story();
    let at = (way.make)(&story);
    git(&at, "tag rev");
    let mut wrong = Vec::new();
    for edit in edits {
        (edit.make)(&at);
        let run = (way.run)(&story, &at);
        let is_expected = |name: &&&str| **name != "new" && !edit.released.contains(name);
        let mut expected: Vec<_> =
            ZONES.iter().filter(is_expected).map(|name| format!("{name}.example")).collect();
        expected.sort();
        let found = if run.stdout.starts_with('{') { held(&run) } else { vec![run.to_string()] };
        if found != expected {
            wrong.push(format!("{}: {found:?} instead of {expected:?}\n{}", edit.what, run.stderr));
        }
        git(&at, "add --all");
        git(&at, "reset --quiet --hard rev");
    }
    assert!(wrong.is_empty(), "{} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn depth_1(story: &Story) -> PathBuf {
    copied(story, &format!("clone --quiet --depth=1 file://{}", story.path("main").display()))
}

fn blobless(story: &Story) -> PathBuf {
    git(&story.path("main"), "config uploadpack.allowFilter true");
    copied(story, &format!("clone --quiet --filter=blob:none file://{}", story.path("main").display()))
}

fn submodule(story: &Story) -> PathBuf {
    git(&story.path(""), "init --quiet outer");
    let main = story.path("main");
    git(&story.path("outer"), &format!("submodule --quiet add {} sub", main.display()));
    story.path("outer/sub")
}

fn with_its_variables(story: &Story, at: &Path) -> Run {
    plan(story, at, "--since rev", &[("GIT_DIR", at.join(".git")), ("GIT_WORK_TREE", at.to_owned())])
}

fn with_variables_of_another_repository(story: &Story, at: &Path) -> Run {
    let main = story.path("main");
    let variables = [
        ("GIT_DIR", main.join(".git")),
        ("GIT_WORK_TREE", PathBuf::from(".")),
        ("GIT_INDEX_FILE", main.join(".git/index")),
    ];
    plan(story, &at.join("zones"), ". --since rev", &variables)
}

/// The ways besides a plain clone.
const OTHER_WAYS: [Way; 8] = [
    Way { make: depth_1, run: in_folder },
    Way { make: blobless, run: in_folder },
    Way { make: linked, run: in_folder },
    Way { make: cloned, run: in_hook },
    Way { make: linked, run: in_hook },
    Way { make: cloned, run: with_its_variables },
    Way { make: cloned, run: with_variables_of_another_repository },
    Way { make: submodule, run: in_folder },
];

#[test]
#[ignore = "slow: CI runs it"]
fn each_edit_in_a_clone() {
    check(&Way { make: cloned, run: in_folder }, &EDITS);
}

#[test]
#[ignore = "slow: CI runs it"]
fn each_edit_in_one_of_the_other_ways() {
    for (nth, way) in OTHER_WAYS.iter().enumerate() {
        check(way, EDITS.iter().skip(nth).step_by(OTHER_WAYS.len()));
    }
}

#[test]
#[ignore = "slow: CI runs it"]
fn each_edit_in_each_of_the_other_ways() {
    OTHER_WAYS.iter().for_each(|way| check(way, &EDITS));
}

#[test]
fn blobs_that_a_partial_clone_does_not_have_hold_their_zones() {
    let story = story();
    let main = story.path("main");
    git(&main, "tag rev");
    git(&main, "config uploadpack.allowFilter true");
    edit(&main, "zones/a.yaml", |text| text.replace("disabled", "only_on_ad_pages"));
    edit(&main, "baselines/shared.yaml", |text| text.replace("disabled", "only_on_ad_pages"));
    commit(&main);
    let at = copied(&story, &format!("clone --quiet --filter=blob:none file://{}", main.display()));
    let run = in_folder(&story, &at);
    let all = ["a", "b", "extending", "temporary"].map(|name| format!("{name}.example"));
    assert_eq!(held(&run), all, "{}", run.stderr);
    let reasons = run
        .stdout
        .lines()
        .filter(|line| line.contains("\"reason\"") && line.contains("is not in this partial clone"));
    assert_eq!(reasons.count(), 2, "{run}");
}

#[test]
fn a_repository_given_only_by_variables_is_not_a_checkout() {
    let story = story();
    git(&story.path(""), "clone --quiet --bare main bare.git");
    let at = story.path("files");
    git(&story.path(""), "--git-dir=main/.git worktree list");
    fs::create_dir(&at).unwrap();
    git(&story.path("main"), &format!("--work-tree={} checkout --quiet --force main -- .", at.display()));
    let variables = [("GIT_DIR", story.path("bare.git")), ("GIT_WORK_TREE", at.clone())];
    let run = plan(&story, &at, "--since main", &variables);
    assert!(run.exit == 1 && run.stderr.contains("is not in a git checkout"), "{run}");
}
