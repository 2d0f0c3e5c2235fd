//! The recipes of `examples/ci`: every step of theirs is run, with a real repository, an emulator behind the API and a
//! stand-in for `gh`, from a pull request over its merge to the night after.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod day;
mod expression;
mod forge;
mod github;
mod gitlab;
mod kubernetes;
mod release;
mod runner;
mod sharded;
mod stage;

use serde_json::Value;
use stage::{Shell, Stage, read, write_program};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Output;

#[track_caller]
fn succeeded(output: &Output) {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
}

/// Notes where it was started. As rustup does, it becomes the program that the nearest `rust-toolchain.toml` names.
const CARGO: &str = r#"#!/bin/sh
echo "$PWD cargo $*" >> "$STAGE/cargo.log"
folder=$PWD
while [ -n "$folder" ] && [ ! -f "$folder/rust-toolchain.toml" ]; do folder=${folder%/*}; done
[ -z "$folder" ] || exec "$(sed -n 's/^path = "\(.*\)"$/\1/p' "$folder/rust-toolchain.toml")/bin/cargo"
"#;

#[test]
fn the_action_builds_in_its_own_folder_and_not_in_the_checkout() {
    let stage = Stage::new("");
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
    // As if it was asked to build.
    let steps = action["runs"]["steps"].as_array().unwrap().iter();
    let steps = steps.filter(|step| step["run"].is_string() && step["name"] != "Download");
    for step in steps {
        succeeded(&stage.bash(Shell::of(step), step["run"].as_str().unwrap(), "", &BTreeMap::new()));
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

/// All workflows of GitHub, of both families.
fn workflows() -> Vec<PathBuf> {
    let files =
        walkdir::WalkDir::new("examples/ci/github").into_iter().map(|entry| entry.unwrap().into_path());
    files.filter(|path| path.extension().is_some_and(|end| end == "yml")).collect()
}

#[test]
fn actions_are_pinned_permissions_are_minimal_and_no_foreign_text_reaches_a_shell() {
    let mut files = workflows();
    assert_eq!(files.len(), 11);
    for path in &files {
        let workflow = read(path.to_str().unwrap());
        assert_eq!(workflow["permissions"], serde_json::json!({}), "{}", path.display());
        assert!(!workflow["concurrency"]["group"].is_null(), "{}", path.display());
        for job in workflow["jobs"].as_object().unwrap().values() {
            let pushes = job["permissions"]["contents"] == "write";
            let mut steps = job["steps"].as_array().unwrap().iter();
            let checkout = steps.find(|step| step["uses"].to_string().contains("actions/checkout@")).unwrap();
            assert_eq!(checkout["with"]["persist-credentials"] != false, pushes, "{}", path.display());
        }
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
    let stage = Stage::new("");
    let words = format!("{} {}", hook["entry"].as_str().unwrap(), hook["args"][0].as_str().unwrap());
    succeeded(&stage.bash(Shell::Named, &words, "", &BTreeMap::new()));
}
