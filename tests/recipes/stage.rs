//! Where the recipes run: a repository with a remote, a stand-in for `gh`, and an emulator behind the API.

use botform::config;
use botform::emulator::{Emulator, World};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;

pub(crate) const TOKEN: &str = "cfut_of_the_recipes_00000000000000000000";

/// Notes what it is called with, and answers what the recipes ask for.
const GH: &str = r#"#!/bin/sh
echo "gh $*" >> "$STAGE/gh.log"
case "$*" in
  *"/pulls"*) echo 7 ;;
  *"/comments --jq"*digest*) sed -n '1s/.*digest="\([0-9a-f]\{32\}\)".*/\1/p' "$STAGE/comment.md" ;;
  *"body=@"*) cp "${*##*body=@}" "$STAGE/comment.md" ;;
  *"--body-file"*) cp "${*##*--body-file }" "$STAGE/issue.md" ;;
  *"run list"*) echo 42 ;;
  *"run download"*) cp "$STAGE/snapshot.json" "${*##*--dir }/snapshot.json" ;;
esac
"#;

/// Names of files that recipes have written, and a folder.
pub(crate) const TRAPS: [&str; 11] = [
    "plan.md",
    "plan.json",
    "plan.xml",
    "drift.md",
    "drift.xml",
    "validate.xml",
    "gitlab.json",
    "journal.jsonl",
    "snapshot.json",
    "botform.prom",
    "botform-reports",
];

/// How a runner starts bash for a step.
#[derive(Clone, Copy)]
pub(crate) enum Shell {
    /// The step names no shell: a failure in front of a pipe goes unseen.
    Unnamed,
    /// The step says `shell: bash`.
    Named,
    /// A job of GitLab.
    Gitlab,
}

impl Shell {
    pub(crate) fn of(step: &Value) -> Self {
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
pub(crate) struct Stage {
    folder: TempDir,
    pub(crate) emulator: Emulator,
    pub(crate) outputs: BTreeMap<String, String>,
}

pub(crate) fn read(path: &str) -> Value {
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
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let zones = ["a.example.com", "b.example.com", "c.example.com"];
        let world = serde_json::json!({"zones": zones.map(|name| serde_json::json!({"name": name, "plan": "pro",
            "live": {"ai_search": "disabled", "enable_js": true}}))});
        let emulator = serve(World::read(&world).unwrap());
        let stage = Self { folder, emulator, outputs: BTreeMap::new() };
        for name in zones {
            stage.zone(name, "disabled");
        }
        for folder in ["bin", "temp"] {
            fs::create_dir_all(stage.path(folder)).unwrap();
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_botform"), stage.path("bin/botform")).unwrap();
        fs::write(stage.path("bin/gh"), GH).unwrap();
        fs::set_permissions(stage.path("bin/gh"), fs::Permissions::from_mode(0o755)).unwrap();
        stage.git("git init -q --bare ../origin.git && git init -q -b main . && git add zones");
        stage.git("git commit -q -m first && git remote add origin ../origin.git && git push -q origin main");
        stage.git("git tag botform-applied && git push -q origin botform-applied && git switch -q -c change");
        stage
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn zone(&self, name: &str, ai_search: &str) {
        fs::create_dir_all(self.path("work/zones")).unwrap();
        let text = format!("zone: {name}\nplan: sbfm_pro\nsettings:\n  ai_search: {ai_search}\n");
        fs::write(self.path(&format!("work/zones/{name}.yaml")), text).unwrap();
    }

    pub(crate) fn git(&self, script: &str) {
        let output = self.bash(Shell::Named, script, &BTreeMap::new());
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs a script as the runners do, in an environment that holds nothing else.
    pub(crate) fn bash(&self, shell: Shell, script: &str, environment: &BTreeMap<String, String>) -> Output {
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
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_ACTION_PATH", self.path("action/.github/actions/botform"))
            .env("GITHUB_PATH", self.path("added-to-path"))
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
            "runner.temp" => self.path("temp").display().to_string(),
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
    pub(crate) fn step(&mut self, workflow: &Value, job: &str, name: &str) -> Output {
        let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no step {name}"));
        self.run(step)
    }

    pub(crate) fn run(&mut self, step: &Value) -> Output {
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

    /// Runs a job of a pipeline of GitLab.
    pub(crate) fn gitlab(&self, pipeline: &Value, job: &str) -> Output {
        let variables = [
            ("CLOUDFLARE_API_TOKEN", TOKEN),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
            ("CI_SERVER_HOST", "ci.example.com"),
            ("CI_PROJECT_PATH", "group/project"),
            ("TAG_TOKEN", "tag"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let lists = [&pipeline["default"]["before_script"], &pipeline[job]["script"]];
        let lines =
            lists.into_iter().flat_map(|list| list.as_array().unwrap()).map(|line| line.as_str().unwrap());
        self.bash(Shell::Gitlab, &lines.collect::<Vec<_>>().join("\n"), &variables)
    }

    /// Commits what a stranger would: links with the names of files that a recipe may write, to a file that none may.
    pub(crate) fn set_traps(&self) {
        fs::write(self.path("secret"), "not yours").unwrap();
        for name in TRAPS {
            std::os::unix::fs::symlink(self.path("secret"), self.path("work").join(name)).unwrap();
        }
        self.git("git add --all && git commit -q -m traps");
    }

    pub(crate) fn expect_traps(&self) {
        assert_eq!(fs::read_to_string(self.path("secret")).unwrap(), "not yours");
        for posted in ["comment.md", "issue.md"] {
            let text = fs::read_to_string(self.path(posted)).unwrap_or_default();
            assert!(!text.contains("not yours"), "{posted}: {text}");
        }
    }

    /// The PUTs that the API got so far.
    pub(crate) fn puts(&self) -> usize {
        self.emulator.requests().iter().filter(|request| request.method == "PUT").count()
    }

    pub(crate) fn gh(&self) -> String {
        fs::read_to_string(self.path("gh.log")).unwrap_or_default()
    }
}
