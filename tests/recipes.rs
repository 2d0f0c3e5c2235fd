//! The recipes of `examples/ci`: every step of theirs is run, with a real repository, an emulator behind the API and a
//! stand-in for `gh`, from a pull request over its merge to the night after.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use botform::config;
use botform::emulator::{Emulator, World};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const TOKEN: &str = "cfut_of_the_recipes_00000000000000000000";

/// Notes what it is called with, and answers what the recipes ask for.
const GH: &str = r#"#!/bin/sh
echo "gh $*" >> "$STAGE/gh.log"
case "$*" in
  *"/pulls"*) echo 7 ;;
  *"/comments --jq"*digest*) sed -n '1s/.*digest="\([0-9a-f]\{32\}\)".*/\1/p' "$STAGE/work/plan.md" ;;
  *"run list"*) echo 42 ;;
  *"run download"*) cp "$STAGE/snapshot.json" snapshot.json ;;
esac
"#;

/// How a runner starts bash for a step.
#[derive(Clone, Copy)]
enum Shell {
    /// The step names no shell: a failure in front of a pipe goes unseen.
    Unnamed,
    /// The step says `shell: bash`.
    Named,
    /// A job of GitLab.
    Gitlab,
}

impl Shell {
    fn of(step: &Value) -> Self {
        match step["shell"].as_str() {
            None => Self::Unnamed,
            Some("bash") => Self::Named,
            Some(other) => panic!("no such shell here: {other}"),
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Unnamed => &["-e"],
            Self::Named => &["--noprofile", "--norc", "-e", "-o", "pipefail"],
            Self::Gitlab => &["-e", "-o", "pipefail"],
        }
    }
}

/// A repository with a remote, `gh` and `botform` on the path, and an API.
struct Stage {
    folder: TempDir,
    emulator: Emulator,
    outputs: BTreeMap<String, String>,
}

fn read(path: &str) -> Value {
    let text = fs::read(path).unwrap();
    let document = config::parse_document(path, &text, config::Options::default());
    document.unwrap_or_else(|problems| panic!("{path}: {problems:?}")).root().clone()
}

fn serve(world: World) -> Emulator {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let emulator = Emulator::start(world, "127.0.0.1:0".parse().unwrap()).await.unwrap();
            send.send(emulator).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receive.recv().unwrap()
}

impl Stage {
    /// Three zones that are as their files want them, applied and pushed.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let zones = ["a.example.com", "b.example.com", "c.example.com"];
        let world = serde_json::json!({"zones": zones.map(|name| serde_json::json!({"name": name, "plan": "pro",
            "live": {"ai_search": "disabled", "enable_js": true}}))});
        let emulator = serve(World::read(&world).unwrap());
        let stage = Self { folder, emulator, outputs: BTreeMap::new() };
        for name in zones {
            stage.zone(name, "disabled");
        }
        fs::create_dir_all(stage.path("bin")).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_botform"), stage.path("bin/botform")).unwrap();
        fs::write(stage.path("bin/gh"), GH).unwrap();
        fs::set_permissions(stage.path("bin/gh"), fs::Permissions::from_mode(0o755)).unwrap();
        stage.git("git init -q --bare ../origin.git && git init -q -b main . && git add zones");
        stage.git("git commit -q -m first && git remote add origin ../origin.git && git push -q origin main");
        stage.git("git tag botform-applied && git push -q origin botform-applied && git switch -q -c change");
        stage
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn zone(&self, name: &str, ai_search: &str) {
        fs::create_dir_all(self.path("work/zones")).unwrap();
        let text = format!("zone: {name}\nplan: sbfm_pro\nsettings:\n  ai_search: {ai_search}\n");
        fs::write(self.path(&format!("work/zones/{name}.yaml")), text).unwrap();
    }

    fn git(&self, script: &str) {
        let output = self.bash(Shell::Named, script, &BTreeMap::new());
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs a script as the runners do, in an environment that holds nothing else.
    fn bash(&self, shell: Shell, script: &str, environment: &BTreeMap<String, String>) -> Output {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let insteadof = "url.../origin.git.insteadOf";
        Command::new("bash")
            .args(shell.arguments())
            .args(["-c", script])
            .current_dir(self.path("work"))
            .env_clear()
            .envs([("PATH", path.as_str()), ("CLOUDFLARE_BASE_URL", &self.emulator.base_url())])
            .env("HOME", self.folder.path())
            .env("STAGE", self.folder.path())
            .env("GITHUB_OUTPUT", self.path("output"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary.md"))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "me")))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "me@example.com")))
            .envs([("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", insteadof)])
            .env("GIT_CONFIG_VALUE_0", "https://botform:tag@ci.example.com/group/project.git")
            .envs(environment)
            .output()
            .unwrap()
    }

    /// What an expression of a workflow stands for.
    fn value(&self, expression: &str) -> String {
        let output = |name: &str| self.outputs.get(name).cloned().unwrap_or_default();
        match expression {
            "secrets.CLOUDFLARE_API_TOKEN" => TOKEN.to_owned(),
            "github.base_ref" | "github.event.repository.default_branch" => "main".to_owned(),
            "github.repository" => "owner/repository".to_owned(),
            "github.token" => "gh_token".to_owned(),
            "github.event.pull_request.number" => "7".to_owned(),
            "github.sha" => "0123456789012345678901234567890123456789".to_owned(),
            "inputs.digest || steps.reviewed.outputs.digest" => output("digest"),
            other => panic!("no value for {other}"),
        }
    }

    fn expand(&self, text: &str) -> String {
        let mut parts = text.split("${{");
        let mut expanded = parts.next().unwrap().to_owned();
        for part in parts {
            let (expression, rest) = part.split_once("}}").unwrap();
            expanded.push_str(&self.value(expression.trim()));
            expanded.push_str(rest);
        }
        expanded
    }

    /// Runs one step of a workflow by its name; its outputs are kept.
    fn step(&mut self, workflow: &Value, job: &str, name: &str) -> Output {
        let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no step {name}"));
        self.run(step)
    }

    fn run(&mut self, step: &Value) -> Output {
        let environment = step["env"].as_object().into_iter().flatten();
        let environment =
            environment.map(|(name, value)| (name.clone(), self.expand(value.as_str().unwrap()))).collect();
        let output = self.bash(Shell::of(step), step["run"].as_str().unwrap(), &environment);
        let written = fs::read_to_string(self.path("output")).unwrap_or_default();
        self.outputs.extend(
            written
                .lines()
                .filter_map(|line| line.split_once('='))
                .map(|(key, value)| (key.into(), value.into())),
        );
        output
    }

    /// Runs a job of GitLab.
    fn gitlab(&self, job: &Value) -> Output {
        let variables = [
            ("CLOUDFLARE_API_TOKEN", TOKEN),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
            ("CI_SERVER_HOST", "ci.example.com"),
            ("CI_PROJECT_PATH", "group/project"),
            ("TAG_TOKEN", "tag"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let lines = job["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
        self.bash(Shell::Gitlab, &lines.collect::<Vec<_>>().join("\n"), &variables)
    }

    /// The PUTs that the API got so far.
    fn puts(&self) -> usize {
        self.emulator.requests().iter().filter(|request| request.method == "PUT").count()
    }

    fn gh(&self) -> String {
        fs::read_to_string(self.path("gh.log")).unwrap_or_default()
    }
}

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
    succeeded(&stage.step(&plan, "validate", "Validate"));
    succeeded(&stage.step(&plan, "plan", "Plan"));
    succeeded(&stage.step(&plan, "plan", "Comment"));
    assert!(
        stage.gh().contains("--method POST repos/owner/repository/issues/7/comments --field body=@plan.md")
    );
    let comment = fs::read_to_string(stage.path("work/plan.md")).unwrap();
    assert!(
        comment.starts_with("<!-- botform key=\"plan\" ") && comment.contains("a.example.com"),
        "{comment}"
    );

    // The same plan without a token, from the snapshot of the night.
    succeeded(&stage.step(&nightly, "snapshot", "Snapshot"));
    fs::rename(stage.path("work/snapshot.json"), stage.path("snapshot.json")).unwrap();
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
    stage.zone("b.example.com", "block");
    succeeded(&stage.step(&nightly, "drift", "Plan"));
    assert_eq!(stage.outputs["code"], "2");
    succeeded(&stage.step(&nightly, "drift", "Open or update the issue"));
    assert!(stage.gh().contains("gh issue create --label botform-drift"), "{}", stage.gh());
    assert!(!stage.step(&nightly, "drift", "Alert").status.success());
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
    let is_scheduled = |job: &&Value| job["rules"].to_string().contains("schedule");
    let jobs: Vec<_> = pipeline.as_object().unwrap().values().filter(is_scheduled).collect();
    assert!(!jobs.is_empty());
    for job in jobs {
        stage.gitlab(job);
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
    for (job, code) in [("validate", 0), ("plan", 0), ("drift", 2), ("apply", 0), ("drift", 0)] {
        let output = stage.gitlab(&pipeline[job]);
        assert_eq!(output.status.code(), Some(code), "{job}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(stage.emulator.world().object("a.example.com").unwrap()["ai_search"], "block");
    for report in ["validate.xml", "plan.xml", "gitlab.json", "plan.md", "drift.xml"] {
        assert!(stage.path("work").join(report).exists(), "{report}");
    }
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
