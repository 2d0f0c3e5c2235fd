//! Where the recipes run: a repository with a remote, a forge, and an emulator behind the API.

use crate::forge::{Forge, GH, Pull};
use botform::config;
use botform::emulator::{Emulator, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

pub(crate) const TOKEN: &str = "cfut_of_the_recipes_00000000000000000000";

pub(crate) const A: &str = "a.example.com";
pub(crate) const B: &str = "b.example.com";
pub(crate) const C: &str = "c.example.com";

/// Names of files that recipes write or have written, and of their folders.
const TRAPS: [&str; 16] = [
    "plan.md",
    "plan.json",
    "plan.xml",
    "night.md",
    "night.xml",
    "record.txt",
    "run.json",
    "result.md",
    "validate.xml",
    "gitlab.json",
    "journal.jsonl",
    "snapshot.json",
    "botform.prom",
    "botform-plan",
    "botform-reports",
    "approved",
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
    pub(crate) forge: Forge,
    pub(crate) jobs: usize,
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

pub(crate) fn write_program(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The settings of a zone, apart from each other, so that git merges changes of two of them.
fn zone_text(name: &str) -> String {
    let settings =
        ["ai_bots_protection: disabled", "ai_search: disabled", "sbfm_definitely_automated: allow"];
    let apart = "\n  #\n  #\n  #\n  #\n  ";
    format!("zone: {name}\nplan: sbfm_pro\nsettings:\n  {}\n", settings.join(apart))
}

impl Stage {
    /// Three zones that are as their files want them, the recipes of a family, and the first record.
    pub(crate) fn new(arguments: &str) -> Self {
        Self::of(arguments, &[A, B, C].map(|name| (name.to_owned(), zone_text(name))))
    }

    /// An empty folder in front of a world.
    pub(crate) fn before(world: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let emulator = serve(World::read(world).unwrap());
        let stage = Self { folder, emulator, forge: Forge::default(), jobs: 0 };
        for folder in ["bin", "temp", "work"] {
            fs::create_dir_all(stage.path(folder)).unwrap();
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_botform"), stage.path("bin/botform")).unwrap();
        write_program(&stage.path("bin/gh"), GH);
        stage
    }

    /// The same with other zone files.
    pub(crate) fn of(arguments: &str, files: &[(String, String)]) -> Self {
        let live = json!({"ai_bots_protection": "disabled", "ai_search": "disabled",
            "sbfm_definitely_automated": "allow"});
        let zones = files.iter().map(|(name, _)| json!({"name": name, "plan": "pro", "live": live}));
        let world = json!({"zones": zones.collect::<Vec<_>>()});
        let stage = Self::before(&world);
        // A few zones are soon more than a share of all of them.
        stage.git(&format!("botform init {arguments} >&2 && sed -i '/^  max_zones:/d' botform.yaml"));
        for (name, text) in files {
            fs::write(stage.path(&format!("work/zones/{name}.yaml")), text).unwrap();
        }
        stage.git("git init -q --bare ../origin.git && git init -q -b main . && git add --all");
        stage.git("git commit -q -m first && git remote add origin ../origin.git && git push -q origin main");
        stage.git("botform plan --new-record ../temp/record.txt");
        stage.git("git tag --annotate botform-applied --file ../temp/record.txt");
        stage.git("git push -q origin botform-applied");
        stage
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Changes a setting in a file of the working folder.
    pub(crate) fn change(&self, zone: &str, setting: &str, value: &str) {
        self.git(&format!("sed -i 's/^  {setting}: .*/  {setting}: {value}/' zones/{zone}.yaml"));
    }

    /// Sets a live value by hand.
    pub(crate) fn set(&self, zone: &str, setting: &str, value: &str) {
        assert!(self.emulator.edit(|world| world.set(zone, setting, Some(value.into()))));
    }

    pub(crate) fn live(&self, zone: &str, setting: &str) -> String {
        self.emulator.world().object(zone).unwrap()[setting].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn git(&self, script: &str) -> String {
        let identity = ["AUTHOR", "COMMITTER"].into_iter().flat_map(|who| {
            [
                (format!("GIT_{who}_NAME"), "me".to_owned()),
                (format!("GIT_{who}_EMAIL"), "me@example.com".to_owned()),
            ]
        });
        let token = ("CLOUDFLARE_API_TOKEN".to_owned(), TOKEN.to_owned());
        let output = self.bash(Shell::Named, script, "", &identity.chain([token]).collect());
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs a script as the runners do, in an environment that holds nothing else. A job has a folder of its own.
    pub(crate) fn bash(
        &self,
        shell: Shell,
        script: &str,
        job: &str,
        environment: &BTreeMap<String, String>,
    ) -> Output {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let job = self.path(job);
        let insteadof = format!("url.{}.insteadOf", self.path("origin.git").display());
        Command::new("bash")
            .args(shell.arguments())
            .args(["-c", script])
            .current_dir(job.join("work"))
            .env_clear()
            .envs([("PATH", path.as_str()), ("CLOUDFLARE_BASE_URL", &self.emulator.base_url())])
            .env("HOME", job.join("home"))
            .env("STAGE", self.folder.path())
            .env("RUNNER_TEMP", job.join("temp"))
            .env("GITHUB_ACTION_PATH", self.path("action/.github/actions/botform"))
            .env("GITHUB_PATH", job.join("added-to-path"))
            .env("GITHUB_OUTPUT", job.join("output"))
            .env("GITHUB_STEP_SUMMARY", job.join("summary.md"))
            .envs([("GIT_CONFIG_COUNT", "2"), ("GIT_CONFIG_KEY_0", &insteadof)])
            .env("GIT_CONFIG_VALUE_0", "https://botform:tag@ci.example.com/group/project.git")
            // No sample hooks and no housekeeping: a story has a dozen clones, each of which lives for one job.
            .envs([("GIT_CONFIG_KEY_1", "maintenance.auto"), ("GIT_CONFIG_VALUE_1", "false")])
            .env("GIT_TEMPLATE_DIR", "")
            .envs(environment)
            .output()
            .unwrap()
    }

    /// Commits what a stranger would: links with the names of files that a recipe may write, to a file that none may.
    pub(crate) fn set_traps(&self) {
        fs::write(self.path("secret"), "not yours").unwrap();
        for name in TRAPS {
            std::os::unix::fs::symlink(self.path("secret"), self.path("work").join(name)).unwrap();
            // Git is told to ignore some of them.
            self.git(&format!("git add --force {name}"));
        }
    }

    pub(crate) fn expect_traps(&self) {
        assert_eq!(fs::read_to_string(self.path("secret")).unwrap(), "not yours");
        for text in self.forge.comments.values().flatten() {
            assert!(!text.contains("not yours"), "{text}");
        }
    }

    /// The PUTs that the API got so far.
    pub(crate) fn puts(&self) -> usize {
        self.emulator.requests().iter().filter(|request| request.method == "PUT").count()
    }

    /// Opens a pull request with a change of the working folder: its number.
    pub(crate) fn open(&mut self, change: impl FnOnce(&Self)) -> u64 {
        let number = self.forge.pulls.len() as u64 + 7;
        let branch = format!("change-{number}");
        self.git(&format!("git switch -q main && git switch -q -c {branch}"));
        change(self);
        self.git(&format!(
            "git add --all && git commit -q --allow-empty -m change && git push -q origin {branch}"
        ));
        let (head, base) = (self.git("git rev-parse HEAD"), "main".to_owned());
        self.forge.pulls.push(Pull { number, branch, head, base, merged: None, reviews: Vec::new() });
        self.git("git switch -q main");
        number
    }

    /// Somebody reviews the head of a pull request.
    pub(crate) fn review(&mut self, number: u64, who: &str, state: &str) {
        let at = self.forge.now();
        let pull = self.forge.pull(number);
        let review =
            json!({"user": {"login": who}, "state": state, "commit_id": pull.head, "submitted_at": at});
        pull.reviews.push(review);
    }

    pub(crate) fn approve(&mut self, number: u64) {
        self.review(number, "ann", "APPROVED");
    }

    /// Merges a pull request by a command of git: `git merge --no-ff BRANCH`, for example.
    pub(crate) fn merge_by(&mut self, number: u64, command: &str) {
        let branch = self.forge.pull(number).branch.clone();
        let before = self.git("git rev-parse main");
        self.git(&format!("git switch -q main && {}", command.replace("BRANCH", &branch)));
        self.git("git push -q origin main");
        let commits = self.git(&format!("git rev-list --first-parent {before}..main"));
        let at = self.forge.now();
        self.forge.pull(number).merged = Some((at, commits.lines().map(str::to_owned).collect()));
    }

    pub(crate) fn merge(&mut self, number: u64) {
        self.merge_by(number, "git merge -q --no-ff -m merge BRANCH");
    }

    /// A pull request that is planned, approved and merged.
    pub(crate) fn deliver(&mut self, change: impl FnOnce(&Self)) -> u64 {
        let number = self.open(change);
        self.plan(number);
        self.approve(number);
        self.merge(number);
        number
    }

    /// The record at the remote.
    pub(crate) fn record(&self) -> Value {
        let text = self
            .git("git --git-dir ../origin.git for-each-ref --format='%(contents)' refs/tags/botform-applied");
        serde_json::from_str(text.split_once('\n').unwrap().1).unwrap()
    }

    /// The zones that the record lists.
    pub(crate) fn listed(&self) -> Vec<String> {
        let record = self.record();
        let zones = record["zones"].as_array().cloned().unwrap_or_default();
        zones.iter().map(|zone| zone["zone"].as_str().unwrap().to_owned()).collect()
    }

    /// Whether nothing is left to do: the record is at the head of the main branch and lists no zone.
    #[track_caller]
    pub(crate) fn expect_settled(&self) {
        assert_eq!(self.record()["commit"], self.git("git rev-parse origin/main").as_str());
        assert_eq!(self.listed(), Vec::<String>::new());
    }
}
