//! The recipes of `examples/ci`: every step of theirs is run, with a real repository, an emulator behind the API and a
//! stand-in for `gh`, from a pull request over its merge to the night after.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod stage;

use serde_json::Value;
use stage::{Shell, Stage, TOKEN, read};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

#[track_caller]
fn succeeded(output: &Output) {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    assert!(!text(&output.stdout).contains(TOKEN) && !text(&output.stderr).contains(TOKEN));
}

#[test]
fn a_pull_request_is_planned_merged_applied_and_watched_on_github() {
    let [plan, apply, nightly, snapshot] = ["plan", "apply", "nightly", "plan-from-snapshot"]
        .map(|name| read(&format!("examples/ci/github/botform-{name}.yml")));
    let mut stage = Stage::new();
    stage.zone("a.example.com", "block");
    stage.git("git commit -q -a -m change");
    stage.set_traps();
    succeeded(&stage.step(&plan, "validate", "Validate"));
    succeeded(&stage.step(&plan, "plan", "Plan"));
    succeeded(&stage.step(&plan, "plan", "Comment"));
    assert!(stage.gh().contains("--method POST repos/owner/repository/issues/7/comments"));
    let comment = fs::read_to_string(stage.path("comment.md")).unwrap();
    assert!(
        comment.starts_with("<!-- botform key=\"plan\" ") && comment.contains("a.example.com"),
        "{comment}"
    );

    // The same plan without a token, from the snapshot of the night.
    succeeded(&stage.step(&nightly, "snapshot", "Snapshot"));
    fs::rename(stage.path("temp/snapshot.json"), stage.path("snapshot.json")).unwrap();
    succeeded(&stage.step(&snapshot, "plan", "Fetch the newest snapshot"));
    succeeded(&stage.step(&snapshot, "plan", "Plan"));

    stage.git("git switch -q main && git merge -q change && git push -q origin main");
    succeeded(&stage.step(&apply, "apply", "Find the digest that was reviewed"));
    assert_eq!(stage.outputs["digest"].len(), 32);
    succeeded(&stage.step(&apply, "apply", "Apply what was reviewed"));
    succeeded(&stage.step(&apply, "apply", "Remember what was applied"));
    assert_eq!(stage.emulator.world().object("a.example.com").unwrap()["ai_search"], "block");

    succeeded(&stage.step(&nightly, "drift", "Plan"));
    assert_eq!(stage.outputs["code"], "0");
    succeeded(&stage.step(&nightly, "drift", "Close the issue"));
    stage.git("git status --porcelain --ignored | diff /dev/null -");
    stage.zone("b.example.com", "block");
    succeeded(&stage.step(&nightly, "drift", "Plan"));
    assert_eq!(stage.outputs["code"], "2");
    succeeded(&stage.step(&nightly, "drift", "Open or update the issue"));
    assert!(stage.gh().contains("gh issue create --label botform-drift"), "{}", stage.gh());
    assert!(fs::read_to_string(stage.path("issue.md")).unwrap().contains("b.example.com"));
    assert!(!stage.step(&nightly, "drift", "Alert").status.success());
    stage.expect_traps();
}

#[test]
fn a_digest_that_nobody_reviewed_is_not_applied() {
    let apply = read("examples/ci/github/botform-apply.yml");
    let mut stage = Stage::new();
    stage.zone("a.example.com", "block");
    for digest in ["", "0123456789abcdef0123456789abcdef"] {
        stage.outputs.insert("digest".to_owned(), digest.to_owned());
        assert!(!stage.step(&apply, "apply", "Apply what was reviewed").status.success());
        assert_eq!(stage.emulator.world().object("a.example.com").unwrap()["ai_search"], "disabled");
    }
}

/// Whether a condition of GitHub lets a step run in a scheduled run.
fn runs_on_schedule(step: &Value) -> bool {
    let condition = step["if"].as_str().unwrap_or_default();
    !condition.contains("!= 'schedule'") && !condition.contains("== 'push'")
}

#[test]
fn what_runs_on_a_schedule_writes_nothing() {
    let mut stage = Stage::new();
    // A change that was merged and refused, and a setting that the on-call opened by hand.
    stage.zone("a.example.com", "block");
    stage.git("git switch -q main && git commit -q -a -m merged && git push -q origin main");
    stage.emulator.edit(|world| world.set("b.example.com", "enable_js", Some(false.into())));
    for entry in fs::read_dir("examples/ci/github").unwrap() {
        let path = entry.unwrap().path();
        let Some("yml") = path.extension().and_then(|end| end.to_str()) else { continue };
        let workflow = read(path.to_str().unwrap());
        if workflow["on"]["schedule"].is_null() {
            continue;
        }
        for job in workflow["jobs"].as_object().unwrap().values() {
            let steps = job["steps"].as_array().unwrap().iter();
            for step in steps.filter(|step| step["run"].is_string() && runs_on_schedule(step)) {
                let output = stage.run(step);
                assert!(!String::from_utf8_lossy(&output.stdout).contains(TOKEN));
            }
        }
    }
    let pipeline = read("examples/ci/gitlab/.gitlab-ci.yml");
    let is_scheduled = |(_, job): &(&String, &Value)| job["rules"].to_string().contains("schedule");
    let jobs: Vec<_> = pipeline.as_object().unwrap().iter().filter(is_scheduled).collect();
    assert!(!jobs.is_empty());
    for (job, _) in jobs {
        stage.gitlab(&pipeline, job);
    }
    assert_eq!(stage.puts(), 0);
    assert!(!stage.emulator.requests().is_empty());
}

#[test]
fn every_job_of_gitlab_runs() {
    let pipeline = read("examples/ci/gitlab/.gitlab-ci.yml");
    let stage = Stage::new();
    stage.zone("a.example.com", "block");
    stage.git("git commit -q -a -m change");
    stage.set_traps();
    for (job, code) in [("validate", 0), ("plan", 0), ("drift", 2), ("apply", 0), ("drift", 0)] {
        let output = stage.gitlab(&pipeline, job);
        assert_eq!(output.status.code(), Some(code), "{job}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(stage.emulator.world().object("a.example.com").unwrap()["ai_search"], "block");
    stage.expect_traps();
    // What a job keeps as an artifact is what that job wrote, and not what stood in the checkout.
    for (name, job) in pipeline.as_object().unwrap().iter().filter(|(_, job)| !job["artifacts"].is_null()) {
        stage.git("git switch -q --detach && git checkout -q -f main && git clean -q -ffdx");
        stage.gitlab(&pipeline, name);
        let mut kept = Vec::new();
        scalars(&job["artifacts"], "", &mut kept);
        let kept: Vec<_> =
            kept.iter().filter(|(_, value)| value.contains('.') || value.contains('/')).collect();
        assert!(!kept.is_empty(), "{name}");
        for (_, path) in kept {
            let path = stage.path("work").join(path);
            let is_optional = path.ends_with("journal.jsonl");
            assert!(is_optional || path.exists(), "{name}: {}", path.display());
            assert!(
                !path.exists() || !path.canonicalize().unwrap().ends_with("secret"),
                "{name}: {}",
                path.display()
            );
        }
    }
}

/// Notes where it was started. As rustup does, it becomes the program that the nearest `rust-toolchain.toml` names.
const CARGO: &str = r#"#!/bin/sh
echo "$PWD cargo $*" >> "$STAGE/cargo.log"
folder=$PWD
while [ -n "$folder" ] && [ ! -f "$folder/rust-toolchain.toml" ]; do folder=${folder%/*}; done
[ -z "$folder" ] || exec "$(sed -n 's/^path = "\(.*\)"$/\1/p' "$folder/rust-toolchain.toml")/bin/cargo"
"#;

fn write_program(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_action_builds_in_its_own_folder_and_not_in_the_checkout() {
    let stage = Stage::new();
    for folder in ["action/.github/actions/botform", "action/src"] {
        fs::create_dir_all(stage.path(folder)).unwrap();
    }
    for file in ["Cargo.toml", "Cargo.lock", "src/main.rs"] {
        fs::write(stage.path("action").join(file), "").unwrap();
    }
    write_program(&stage.path("bin/cargo"), CARGO);
    // What a pull request commits.
    let hostile = stage.path("work/toolchain");
    write_program(&hostile.join("bin/cargo"), "#!/bin/sh\ntouch \"$STAGE/was-here\"\n");
    let toolchain = format!("[toolchain]\npath = \"{}\"\n", hostile.display());
    fs::write(stage.path("work/rust-toolchain.toml"), toolchain).unwrap();
    let action = read(".github/actions/botform/action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap().iter().filter(|step| step["run"].is_string());
    for step in steps {
        succeeded(&stage.bash(Shell::of(step), step["run"].as_str().unwrap(), &BTreeMap::new()));
    }
    assert!(!stage.path("was-here").exists());
    let log = fs::read_to_string(stage.path("cargo.log")).unwrap();
    let root = stage.path("action").canonicalize().unwrap();
    // Where cargo is started also decides whose `.cargo/config.toml` counts.
    assert!(log.starts_with(&format!("{} cargo install --locked", root.display())), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
}

/// All scalars of a document with the keys that lead to them.
fn scalars(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| scalars(value, &format!("{path}/{key}"), found));
        }
        Value::Array(items) => items.iter().for_each(|item| scalars(item, path, found)),
        Value::String(text) => found.push((path.to_owned(), text.clone())),
        _ => {}
    }
}

#[test]
fn actions_are_pinned_permissions_are_minimal_and_no_foreign_text_reaches_a_shell() {
    let folder = Path::new("examples/ci/github");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "yml")).collect();
    assert_eq!(files.len(), 4);
    for path in &files {
        assert_eq!(read(path.to_str().unwrap())["permissions"], serde_json::json!({}), "{}", path.display());
    }
    files.push(".github/actions/botform/action.yml".into());
    for path in files {
        let mut found = Vec::new();
        scalars(&read(path.to_str().unwrap()), "", &mut found);
        for (key, text) in found {
            if key.ends_with("/uses") {
                let (_, pin) = text.split_once('@').unwrap();
                assert!(pin.len() == 40 && pin.bytes().all(|b| b.is_ascii_hexdigit()), "{text}");
            }
            assert!(!key.ends_with("/run") || !text.contains("${{"), "{}: {text}", path.display());
        }
    }
}

#[test]
fn the_commit_hook_runs_what_there_is() {
    let hooks = read(".pre-commit-hooks.yaml");
    let hook = &hooks[0];
    let stage = Stage::new();
    let words = format!("{} {}", hook["entry"].as_str().unwrap(), hook["args"][0].as_str().unwrap());
    succeeded(&stage.bash(Shell::Named, &words, &BTreeMap::new()));
}
