//! A runner of GitHub: each job has a fresh clone, runs step by step, and may be killed between two of them.

use crate::expression::{evaluate, is_true, text};
use crate::forge::{Artifact, RunOf, zip};
use crate::stage::{Shell, Stage, TOKEN, read};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// What a workflow is started by.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A push to a pull request.
    Pull(u64),
    /// A push to the main branch, at this commit.
    Push(String),
    /// The time.
    Schedule,
    /// A person, with the inputs of the workflow.
    ByHand(Vec<(&'static str, String)>),
}

/// A job that runs.
pub(crate) struct Job<'a> {
    pub(crate) stage: &'a mut Stage,
    /// The folder of its files below the stage.
    folder: String,
    event: Event,
    /// Its name in the workflow.
    name: String,
    run: usize,
    /// Its number in a matrix, and how many there are.
    shard: (u64, usize),
    commit: String,
    branch: String,
    steps: Vec<Value>,
    next: usize,
    has_failed: bool,
    /// The outcome and outputs of the steps that have an id.
    known: BTreeMap<String, Value>,
    /// The exit code of each step that ran a script.
    pub(crate) codes: BTreeMap<String, i32>,
    /// All that its steps printed.
    pub(crate) log: String,
}

impl Stage {
    /// Starts a job of a workflow that `init` wrote; `None` if its condition is not met.
    pub(crate) fn start(&mut self, workflow: &str, job: &str, event: Event) -> Option<Job<'_>> {
        self.start_in(workflow, job, event, None)
    }

    /// The same for a further job of a run.
    pub(crate) fn start_in(
        &mut self,
        workflow: &str,
        job: &str,
        event: Event,
        run: Option<usize>,
    ) -> Option<Job<'_>> {
        let source = self.path(&format!("work/.github/workflows/{workflow}"));
        let document = read(source.to_str().unwrap());
        let name = job.to_owned();
        let job = &document["jobs"][job];
        assert!(job["timeout-minutes"].is_u64(), "{workflow} has no time limit");
        self.jobs += 1;
        let folder = format!("jobs/{}", self.jobs);
        for name in ["temp", "home"] {
            fs::create_dir_all(self.path(&folder).join(name)).unwrap();
        }
        let (commit, branch) = match &event {
            Event::Pull(number) => {
                let pull = self.forge.pull(*number);
                (pull.head.clone(), pull.branch.clone())
            }
            Event::Push(commit) => (commit.clone(), "main".to_owned()),
            Event::Schedule | Event::ByHand(_) => {
                (self.git("git --git-dir ../origin.git rev-parse main"), "main".to_owned())
            }
        };
        let run = run.unwrap_or_else(|| {
            let (event, at) = (event.name().to_owned(), self.forge.now());
            let (workflow, head, branch) = (workflow.to_owned(), commit.clone(), branch.clone());
            let id = 1000 + self.forge.runs.len() as u64;
            self.forge.runs.push(RunOf { id, workflow, event, head, branch, at, artifacts: Vec::new() });
            self.forge.runs.len() - 1
        });
        let steps = job["steps"].as_array().unwrap().clone();
        let condition = job["if"].clone();
        let shards = job["strategy"]["matrix"]["shard"].as_array().map_or(1, Vec::len);
        let job = Job {
            stage: self,
            folder,
            event,
            name,
            run,
            shard: (1, shards),
            commit,
            branch,
            steps,
            next: 0,
            has_failed: false,
            known: BTreeMap::new(),
            codes: BTreeMap::new(),
            log: String::new(),
        };
        (condition.is_null() || is_true(&job.value(condition.as_str().unwrap()))).then_some(job)
    }

    /// The same for one job of a matrix.
    pub(crate) fn start_shard(
        &mut self,
        (workflow, job): (&str, &str),
        event: Event,
        run: Option<usize>,
        shard: u64,
    ) -> Job<'_> {
        let mut job = self.start_in(workflow, job, event, run).unwrap();
        job.shard.0 = shard;
        job
    }

    /// Plans a pull request.
    #[track_caller]
    pub(crate) fn plan(&mut self, number: u64) -> i32 {
        let mut job = self.start("botform-plan.yml", "plan", Event::Pull(number)).unwrap();
        job.finish();
        job.codes["Plan"]
    }

    /// Runs the job of a push to the main branch: the exit code of its apply.
    #[track_caller]
    pub(crate) fn apply(&mut self) -> i32 {
        let commit = self.git("git --git-dir ../origin.git rev-parse main");
        let mut job = self.start("botform-apply.yml", "apply", Event::Push(commit)).unwrap();
        job.finish();
        job.codes.get("Apply").copied().unwrap_or(-1)
    }

    fn sync(&mut self) {
        let posted = self.path("posted");
        if let Ok(text) = fs::read_to_string(&posted) {
            self.forge.take(&text);
            fs::remove_file(&posted).unwrap();
        }
        let commits = self.git("git --git-dir ../origin.git rev-list --all");
        let commits: Vec<_> = commits.lines().map(str::to_owned).collect();
        self.forge.write(&self.path("forge"), &commits);
    }
}

impl Event {
    fn name(&self) -> &'static str {
        match self {
            Self::Pull(_) => "pull_request",
            Self::Push(_) => "push",
            Self::Schedule => "schedule",
            Self::ByHand(_) => "workflow_dispatch",
        }
    }
}

impl Job<'_> {
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.stage.path(&self.folder).join(path)
    }

    /// Runs all steps before one of this name, which must be there.
    #[track_caller]
    pub(crate) fn run_until(&mut self, name: &str) {
        while self.steps[self.next]["name"] != name {
            self.step();
        }
    }

    /// Runs all steps that are left: whether the job succeeded.
    #[track_caller]
    pub(crate) fn finish(&mut self) -> bool {
        while self.next < self.steps.len() {
            self.step();
        }
        // What the steps write lies in the folder of the runner, and nowhere else.
        let status = self.stage.git(&format!("git -C ../{}/work status --porcelain --ignored", self.folder));
        assert_eq!(status, "", "written into the checkout");
        assert_eq!(fs::read_dir(self.path("home")).unwrap().count(), 0, "written into the home folder");
        !self.has_failed
    }

    /// Ends as a job that is cancelled: only what runs always is run.
    #[track_caller]
    pub(crate) fn cancel(&mut self) {
        self.has_failed = true;
        self.finish();
    }

    /// The place of its run among all.
    pub(crate) fn run(&self) -> usize {
        self.run
    }

    /// The id of its run.
    pub(crate) fn id(&self) -> u64 {
        self.stage.forge.runs[self.run].id
    }

    #[track_caller]
    fn step(&mut self) {
        let step = self.steps[self.next].clone();
        self.next += 1;
        let condition = step["if"].as_str().unwrap_or("true_unless_failed");
        let is_asked = condition == "true_unless_failed" || is_true(&self.value(condition));
        let is_run = is_asked && (!self.has_failed || condition.contains("always()"));
        let mut state = json!({"outcome": "skipped", "outputs": {}});
        if is_run {
            let is_success = match step["uses"].as_str() {
                Some(action) => self.uses(action, &step["with"]),
                None => self.runs(&step, &mut state),
            };
            state["outcome"] = if is_success { "success" } else { "failure" }.into();
            self.has_failed |= !is_success;
        }
        if let Some(id) = step["id"].as_str() {
            self.known.insert(id.to_owned(), state);
        }
    }

    /// What stands for an action.
    fn uses(&mut self, action: &str, with: &Value) -> bool {
        let name = action.split('@').next().unwrap();
        match name {
            "actions/checkout" => self.check_out(),
            "actions/upload-artifact" => self.upload(with),
            _ => assert!(name.ends_with("/actions/botform"), "unknown action: {name}"),
        }
        true
    }

    fn check_out(&mut self) {
        self.stage.git(&format!("git clone -q ../origin.git ../{}/work", self.folder));
        let git = format!("git -C ../{}/work", self.folder);
        // What a pull request runs on is merged into the main branch.
        let script = match self.event {
            Event::Pull(_) => {
                // The forge makes one commit for all jobs.
                let at = "GIT_AUTHOR_DATE=2026-01-01T00:00:00Z GIT_COMMITTER_DATE=2026-01-01T00:00:00Z";
                let commit = &self.commit;
                format!("{git} switch -q --detach origin/main && {at} {git} merge -q -m merge {commit}")
            }
            _ => format!("{git} switch -q --detach {}", self.commit),
        };
        self.stage.git(&script);
    }

    fn upload(&mut self, with: &Value) {
        let (name, paths) = (self.expand(&with["name"]), self.expand(&with["path"]));
        let files: Vec<_> =
            paths.lines().map(|path| PathBuf::from(path.trim())).filter(|path| path.is_file()).collect();
        if files.is_empty() {
            assert_eq!(with["if-no-files-found"], "ignore", "nothing to upload: {paths}");
            return;
        }
        let kept = self.stage.path(&format!("artifacts/{}/{name}", self.id()));
        fs::create_dir_all(&kept).unwrap();
        let mut content = Vec::new();
        for file in files {
            let base = file.file_name().unwrap().to_str().unwrap().to_owned();
            fs::copy(&file, kept.join(&base)).unwrap();
            content.push((base, fs::read(&file).unwrap()));
        }
        if name == "botform-snapshot" {
            fs::write(self.stage.path("newest-night"), self.id().to_string()).unwrap();
        }
        let at = self.stage.forge.now();
        let id = self.stage.forge.runs.iter().map(|run| run.artifacts.len() as u64).sum::<u64>() + 500;
        let artifacts = &mut self.stage.forge.runs[self.run].artifacts;
        assert!(
            with["overwrite"] == true || artifacts.iter().all(|other| other.name != name),
            "{name} is uploaded twice without `overwrite`"
        );
        artifacts.retain(|other| other.name != name);
        let artifact = Artifact { id, name, at, is_expired: false, zip: zip(&content) };
        self.stage.forge.runs[self.run].artifacts.push(artifact);
    }

    fn runs(&mut self, step: &Value, state: &mut Value) -> bool {
        let script = step["run"].as_str().unwrap();
        let asks = script.contains("gh ") || script.contains(".github/botform/");
        if asks {
            self.stage.sync();
        }
        let environment = step["env"].as_object().into_iter().flatten();
        let own = [
            ("GITHUB_SERVER_URL", "https://github.example.com".to_owned()),
            ("GITHUB_REPOSITORY", "owner/repository".to_owned()),
            ("GITHUB_RUN_ID", self.id().to_string()),
            ("GITHUB_JOB", self.name.clone()),
            ("GITHUB_SHA", self.commit.clone()),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value));
        let environment = environment.map(|(name, value)| (name.clone(), self.expand(value)));
        let environment = own.into_iter().chain(environment).collect();
        let _ = fs::remove_file(self.path("output"));
        let output = self.stage.bash(Shell::of(step), script, &self.folder, &environment);
        if asks {
            self.stage.sync();
        }
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert!(!said.contains(TOKEN));
        self.log.push_str(&said);
        for line in fs::read_to_string(self.path("output")).unwrap_or_default().lines() {
            let (key, value) = line.split_once('=').unwrap();
            state["outputs"][key] = value.into();
        }
        let code = output.status.code().unwrap();
        self.codes.insert(step["name"].as_str().unwrap().to_owned(), code);
        code == 0
    }

    fn value(&self, expression: &str) -> Value {
        evaluate(expression, &|name| self.of_name(name))
    }

    /// What a name of a workflow stands for.
    fn of_name(&self, name: &str) -> Value {
        if let Some(rest) = name.strip_prefix("steps.") {
            let pointer = format!("/{}", rest.replace('.', "/"));
            return json!(self.known).pointer(&pointer).cloned().unwrap_or_default();
        }
        if let Some(input) = name.strip_prefix("inputs.") {
            let Event::ByHand(inputs) = &self.event else { return Value::Null };
            return inputs
                .iter()
                .find(|(name, _)| *name == input)
                .map_or(Value::Null, |(_, value)| value.as_str().into());
        }
        match (name, &self.event) {
            ("matrix.shard", _) => self.shard.0.into(),
            ("strategy.job-total", _) => self.shard.1.into(),
            ("needs.claim.result", _) => "success".into(),
            ("secrets.CLOUDFLARE_API_TOKEN", _) => TOKEN.into(),
            ("github.token", _) => "gh_token".into(),
            ("github.server_url", _) => "https://github.example.com".into(),
            ("github.repository" | "github.event.pull_request.head.repo.full_name", _) => {
                "owner/repository".into()
            }
            ("github.event.repository.default_branch" | "github.base_ref", _) => "main".into(),
            ("github.ref_name", _) => self.branch.as_str().into(),
            ("github.sha", _) => self.commit.as_str().into(),
            ("github.run_id", _) => self.id().into(),
            ("github.run_attempt", _) => 1.into(),
            ("runner.temp", _) => self.path("temp").to_str().unwrap().into(),
            ("github.event.pull_request.number", Event::Pull(number)) => (*number).into(),
            ("github.event.pull_request.head.sha", Event::Pull(_)) => self.commit.as_str().into(),
            (other, event) => panic!("no value for {other} in {event:?}"),
        }
    }

    fn expand(&self, value: &Value) -> String {
        let mut parts = value.as_str().unwrap().split("${{");
        let mut expanded = parts.next().unwrap().to_owned();
        for part in parts {
            let (expression, rest) = part.split_once("}}").unwrap();
            expanded.push_str(&text(&self.value(expression)));
            expanded.push_str(rest);
        }
        expanded
    }
}
