//! What happens on GitLab: each job in a fresh clone, with a stand-in for `curl` that answers for the forge.

use crate::stage::{A, B, C, Shell, Stage, TOKEN, read, write_program};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Answers from files, each under the very request, if the token is the one that may read.
const CURL: &str = r#"#!/bin/bash
echo "curl $*" >> "$STAGE/curl.log"
out=/dev/stdout token=
while [ $# -gt 0 ]; do
  case $1 in
    --fail | --silent | --show-error | --location) ;;
    --config) token=$(sed -n 's/^header = "\(.*\)"$/\1/p' "$2"); shift ;;
    --header) token=$2; shift ;;
    --output) out=$2; shift ;;
    *) url=$1 ;;
  esac
  shift
done
path=${url#https://ci.example.com/api/v4/projects/5/}
file=$STAGE/forge/${path//\//,}
if [ "${token/: /:}" != PRIVATE-TOKEN:may-read ] || [ ! -f "$file" ]; then
  echo "curl: (22) 404 $url" >&2
  exit 22
fi
cat "$file" > "$out"
"#;

/// A job that ran.
struct Ran {
    code: i32,
    folder: PathBuf,
    log: String,
    /// The folders that the jobs which need it are given.
    kept: Vec<&'static str>,
}

struct Project {
    stage: Stage,
    pipeline: Value,
}

impl Project {
    fn new(review: &str) -> Self {
        let stage = Stage::new(&format!("--ci gitlab --review {review}"));
        write_program(&stage.path("bin/curl"), CURL);
        let mut pipeline = read(stage.path("work/.gitlab-ci.yml").to_str().unwrap());
        // As `include` has it.
        assert_eq!(pipeline["include"][0]["local"], ".gitlab/botform/botform-apply.yml");
        let included = read(stage.path("work/.gitlab/botform/botform-apply.yml").to_str().unwrap());
        for (name, job) in included.as_object().unwrap() {
            pipeline[name] = job.clone();
        }
        Self { stage, pipeline }
    }

    /// The same with the parts of a fleet, as the recipe for them says.
    fn sharded() -> Self {
        let mut project = Self::new("pull-request");
        let own = "work/.gitlab/botform/botform-apply.yml";
        fs::copy("examples/ci/gitlab/sharded/botform-apply.yml", project.stage.path(own)).unwrap();
        project.stage.git("git commit -q -a -m parts && git push -q origin main");
        let included = read(project.stage.path(own).to_str().unwrap());
        for (name, job) in included.as_object().unwrap() {
            project.pipeline[name] = job.clone();
        }
        project
    }

    /// Runs a job at a commit, with what an earlier one left; what runs after it runs however it ended.
    fn job(&mut self, name: &str, commit: &str, needs: &[&Ran], more: &[(&str, &str)]) -> Ran {
        self.start(name, commit, needs, more, usize::MAX)
    }

    /// The same for a job that is killed after some of its commands.
    fn start(&mut self, name: &str, commit: &str, needs: &[&Ran], more: &[(&str, &str)], most: usize) -> Ran {
        self.stage.jobs += 1;
        let folder = format!("jobs/{}", self.stage.jobs);
        for name in ["temp", "home"] {
            fs::create_dir_all(self.stage.path(&folder).join(name)).unwrap();
        }
        let clone = format!("git -C ../{folder}/work");
        self.stage.git(&format!(
            "git clone -q ../origin.git ../{folder}/work && {clone} switch -q --detach {commit}"
        ));
        let job = self.pipeline[name].clone();
        for ran in needs {
            assert!(!job["needs"].is_null(), "{name} is given no artifacts");
            let from = ran.folder.display();
            for kept in &ran.kept {
                self.stage.git(&format!("cp -r {from}/{kept} ../{folder}/work/"));
            }
        }
        let variables = [
            ("CLOUDFLARE_API_TOKEN", TOKEN),
            ("CI_DEFAULT_BRANCH", "main"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
            ("CI_SERVER_HOST", "ci.example.com"),
            ("CI_API_V4_URL", "https://ci.example.com/api/v4"),
            ("CI_PROJECT_ID", "5"),
            ("CI_PROJECT_PATH", "group/project"),
            ("TAG_TOKEN", "tag"),
            ("BOTFORM_API_TOKEN", "may-read"),
        ];
        let variables = variables.iter().chain(more);
        let variables: BTreeMap<_, _> =
            variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let lines = |list: &Value| -> Vec<String> {
            list.as_array().into_iter().flatten().map(|line| line.as_str().unwrap().to_owned()).collect()
        };
        let script: Vec<_> =
            [lines(&self.pipeline["default"]["before_script"]), lines(&job["script"])].concat();
        let script: Vec<_> = script.into_iter().take(most).collect();
        let output = self.stage.bash(Shell::Gitlab, &script.join("\n"), &folder, &variables);
        let mut log = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
        if most == usize::MAX {
            let after = lines(&job["after_script"]).join("\n");
            let after = self.stage.bash(Shell::Gitlab, &after, &folder, &variables);
            log.push_str(&String::from_utf8_lossy(&after.stderr));
            assert!(after.status.success(), "{log}");
        }
        assert!(!log.contains(TOKEN), "{log}");
        let home = self.stage.path(&folder).join("home");
        assert_eq!(fs::read_dir(home).unwrap().count(), 0, "written into the home folder");
        let folder = self.stage.path(&folder).join("work");
        // What others are given: the folders that are made for that.
        let kept = ["botform-plan", "botform-parts", "botform-run", "botform-results"];
        let kept = kept.into_iter().filter(|kept| job["artifacts"]["paths"].to_string().contains(*kept));
        let kept = kept.filter(|kept| folder.join(kept).is_dir()).collect();
        Ran { code: output.status.code().unwrap(), folder, log, kept }
    }

    /// Plans a commit, in parts where there are any.
    fn planned(&mut self, commit: &str) -> Ran {
        if self.pipeline["plan-part"].is_null() {
            return self.job("plan", commit, &[], &[]);
        }
        let parts = self.parts("plan-part", commit, &[], None);
        self.job("plan", commit, &parts.iter().collect::<Vec<_>>(), &[])
    }

    /// Runs the jobs of a `parallel` one; of one of them only so many commands, where it is killed.
    fn parts(&mut self, name: &str, commit: &str, needs: &[&Ran], killed: Option<(u64, usize)>) -> Vec<Ran> {
        let total = self.pipeline[name]["parallel"].as_u64().unwrap();
        let run = |number: u64| {
            let most = killed.filter(|(killed, _)| *killed == number).map_or(usize::MAX, |(_, most)| most);
            let node = [("CI_NODE_INDEX", number.to_string()), ("CI_NODE_TOTAL", total.to_string())];
            let node = node.each_ref().map(|(name, value)| (*name, value.as_str()));
            self.start(name, commit, needs, &node, most)
        };
        (1..=total).map(run).collect()
    }

    fn answer(&self, path: &str, reply: &[u8]) {
        fs::create_dir_all(self.stage.path("forge")).unwrap();
        fs::write(self.stage.path("forge").join(path.replace('/', ",")), reply).unwrap();
    }

    /// A merge request with a plan in a pipeline of its merged result; who approves it, and when.
    fn deliver(&mut self, number: u64, change: impl FnOnce(&Stage), approved: &[(u64, &str)]) {
        let branch = format!("change-{number}");
        self.stage.git(&format!("git switch -q -c {branch} main"));
        change(&self.stage);
        self.stage.git(&format!(
            "git add --all && git commit -q --allow-empty -m change && git push -q origin {branch}"
        ));
        let head = self.stage.git("git rev-parse HEAD");
        // What the pipeline runs on is merged into the target, and is not the head.
        self.stage.git("git switch -q --detach main && git commit -q --allow-empty -m meanwhile");
        self.stage.git(&format!("git merge -q --no-ff -m result {branch}"));
        let result = self.stage.git("git rev-parse HEAD");
        self.stage.git(&format!("git push -q origin HEAD:refs/heads/result-{number} && git switch -q main"));
        let plan = self.planned(&result);
        assert_eq!(plan.code, 0, "{}", plan.log);
        let before = self.stage.git("git rev-parse main");
        self.stage.git(&format!("git merge -q --no-ff -m merge {branch} && git push -q origin main"));
        let commits = self.stage.git(&format!("git rev-list --first-parent {before}..main"));
        let request = json!([{"iid": number, "state": "merged", "target_branch": "main", "sha": head,
            "source_project_id": 5, "target_project_id": 5, "author": {"id": 1}}]);
        for commit in commits.lines() {
            let path = format!("repository/commits/{commit}/merge_requests?per_page=100");
            self.answer(&path, request.to_string().as_bytes());
        }
        let by: Vec<_> = approved.iter().map(|(who, _)| json!({"user": {"id": who}})).collect();
        let of = format!("merge_requests/{number}");
        self.answer(&format!("{of}/approvals"), json!({"approved_by": by}).to_string().as_bytes());
        let notes = approved.iter().map(|(who, at)| {
            json!({"system": true, "body": "approved this merge request", "author": {"id": who}, "created_at": at})
        });
        let stranger = json!({"system": false, "body": "approved this merge request", "author": {"id": 2},
            "created_at": "2030-01-01T00:00:00Z"});
        let notes: Vec<_> = notes.chain([stranger]).collect();
        self.answer(
            &format!("{of}/notes?sort=asc&order_by=created_at&per_page=100"),
            json!(notes).to_string().as_bytes(),
        );
        let (train, merged) = (number * 10 + 1, number * 10);
        let pipelines = json!([
            {"id": train, "sha": result, "ref": format!("refs/merge-requests/{number}/train")},
            {"id": merged, "sha": result, "ref": format!("refs/merge-requests/{number}/merge")}]);
        self.answer(&format!("{of}/pipelines?per_page=100"), pipelines.to_string().as_bytes());
        let parents = json!({"parent_ids": ["0".repeat(40), head]});
        self.answer(&format!("repository/commits/{result}"), parents.to_string().as_bytes());
        let jobs = json!([
            {"id": number * 100, "name": "plan", "finished_at": "2026-01-01T10:00:00.000+01:00"},
            {"id": number * 100 + 1, "name": "plan", "finished_at": "2026-01-01T23:00:00.000Z"},
            {"id": number * 100 + 2, "name": "validate", "finished_at": "2026-01-01T09:10:00.000Z"}]);
        self.answer(
            &format!("pipelines/{merged}/jobs?include_retried=true&per_page=100"),
            jobs.to_string().as_bytes(),
        );
        let path = format!("jobs/{}/artifacts/botform-reports/plan.json", number * 100);
        self.answer(&path, &fs::read(plan.folder.join("botform-reports/plan.json")).unwrap());
    }

    fn main(&self) -> String {
        self.stage.git("git rev-parse main")
    }

    /// Commits that came by no merge request have none.
    fn answer_others(&self) {
        for commit in self.stage.git("git rev-list --all").lines() {
            let path = format!("repository/commits/{commit}/merge_requests?per_page=100");
            if !self.stage.path("forge").join(path.replace('/', ",")).exists() {
                self.answer(&path, b"[]");
            }
        }
    }

    fn apply(&mut self) -> Ran {
        self.answer_others();
        let main = self.main();
        self.job("apply", &main, &[], &[])
    }
}

/// By another than its author, while the day began: in another time zone.
const APPROVED: &[(u64, &str)] = &[(2, "2026-01-01T11:30:00.500+02:00")];

#[test]
fn a_merge_request_is_planned_approved_merged_and_applied() {
    let mut project = Project::new("pull-request");
    project.deliver(7, |stage| stage.change(A, "ai_search", "block"), APPROVED);
    let ran = project.apply();
    assert_eq!((ran.code, project.stage.puts()), (0, 1), "{}", ran.log);
    assert_eq!(project.stage.live(A, "ai_search"), "block");
    project.stage.expect_settled();
    // What the job left is undone by its id.
    project.answer("jobs/70", json!({"ref": "main", "tag": false, "name": "apply"}).to_string().as_bytes());
    let journal = fs::read(ran.folder.join("botform-reports/journal.jsonl")).unwrap();
    project.answer("jobs/70/artifacts/botform-reports/journal.jsonl", &journal);
    project
        .answer("jobs/71", json!({"ref": "change-7", "tag": false, "name": "apply"}).to_string().as_bytes());
    let main = project.main();
    assert_ne!(project.job("undo", &main, &[], &[("UNDO_JOB", "71")]).code, 0);
    let ran = project.job("undo", &main, &[], &[("UNDO_JOB", "70")]);
    assert_eq!((ran.code, project.stage.live(A, "ai_search").as_str()), (0, "disabled"), "{}", ran.log);
}

#[test]
#[ignore = "slow: CI runs it"]
fn what_its_author_alone_approved_and_what_was_pushed_directly_is_unapproved() {
    let mut project = Project::new("pull-request");
    project.deliver(7, |stage| stage.change(A, "ai_search", "block"), &[(1, "2026-01-01T11:30:00Z")]);
    project.stage.change(B, "ai_search", "block");
    project.stage.git("git commit -q -a -m direct && git push -q origin main");
    let ran = project.apply();
    assert_eq!((ran.code, project.stage.puts()), (4, 0), "{}", ran.log);
    assert!(ran.log.contains("botform plan --out plan.json"), "{}", ran.log);
    assert_eq!(project.stage.listed(), [A, B]);
    // One that is approved before it was planned is none either.
    let mut project = Project::new("pull-request");
    let early = &[(2, "2026-01-01T08:59:59Z")];
    project.deliver(7, |stage| stage.change(A, "ai_search", "block"), early);
    assert_eq!((project.apply().code, project.stage.puts()), (4, 0));
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_job_that_dies_after_its_claim_is_looked_at_by_the_next_one() {
    let mut project = Project::new("pull-request");
    project.deliver(7, |stage| stage.change(A, "ai_search", "block"), APPROVED);
    let script = project.pipeline["apply"]["script"].as_array().unwrap().clone();
    let apply = script.iter().position(|line| line.as_str().unwrap().starts_with("botform apply")).unwrap();
    let main = project.main();
    project.answer_others();
    let killed = project.start("apply", &main, &[], &[], 3 + apply);
    assert_eq!((killed.code, project.stage.puts()), (0, 0), "{}", killed.log);
    assert_eq!(project.stage.record()["zones"][0]["in_doubt"]["since"], 2);
    assert_eq!((project.apply().code, project.stage.puts()), (4, 0));
    project.deliver(8, |_| {}, APPROVED);
    assert_eq!((project.apply().code, project.stage.puts()), (0, 1));
    project.stage.expect_settled();
}

#[test]
#[ignore = "slow: CI runs it"]
fn at_apply_who_may_deploy_approves_the_plan_of_the_default_branch() {
    let mut project = Project::new("at-apply");
    project.stage.change(A, "ai_search", "block");
    project.stage.git("git commit -q -a -m change && git push -q origin main");
    let main = project.main();
    let planned = project.job("plan-main", &main, &[], &[]);
    assert_eq!((planned.code, project.stage.puts()), (0, 0), "{}", planned.log);
    assert_eq!(project.pipeline["apply"]["rules"][1]["when"], "manual");
    let ran = project.job("apply", &main, &[&planned], &[]);
    assert_eq!((ran.code, project.stage.puts()), (0, 1), "{}", ran.log);
    project.stage.expect_settled();
}

#[test]
#[ignore = "slow: CI runs it"]
fn what_a_job_keeps_is_what_it_wrote_and_not_what_was_committed() {
    let mut project = Project::new("pull-request");
    project.stage.set_traps();
    project.stage.change(A, "ai_search", "block");
    project.stage.git("git add --all && git commit -q -m traps && git push -q origin main");
    let main = project.main();
    for (name, code) in [("validate", 0), ("plan", 0), ("schedule", 0), ("nightly", 2)] {
        let ran = project.job(name, &main, &[], &[]);
        assert_eq!(ran.code, code, "{name}: {}", ran.log);
        let mut kept = Vec::new();
        crate::scalars(&project.pipeline[name]["artifacts"], "", &mut kept);
        let kept: Vec<_> =
            kept.iter().filter(|(key, _)| key.contains("/paths") || key.contains("/reports")).collect();
        assert!(!kept.is_empty(), "{name}");
        for (_, path) in kept {
            let path = ran.folder.join(path);
            let is_optional = path.ends_with("journal.jsonl");
            assert!(is_optional || path.exists(), "{name}: {}", path.display());
            let is_own = !path.exists() || !path.canonicalize().unwrap().ends_with("secret");
            assert!(is_own, "{name}: {}", path.display());
        }
    }
    project.stage.expect_traps();
    assert_eq!(project.stage.puts(), 0);
}

/// Applies what was merged in parts, one of which may be killed: how its parts ended, and what settled it.
fn apply_in_parts(project: &mut Project, killed: Option<(u64, usize)>) -> (Ran, Vec<Ran>, Ran) {
    project.answer_others();
    let main = project.main();
    let planned = project.parts("apply-plan", &main, &[], None);
    let claim = project.job("claim", &main, &planned.iter().collect::<Vec<_>>(), &[]);
    assert_eq!(claim.code, 0, "{}", claim.log);
    let parts = project.parts("apply", &main, &[&claim], killed);
    let settled = settle(project, &claim, &parts);
    (claim, parts, settled)
}

fn settle(project: &mut Project, claim: &Ran, parts: &[Ran]) -> Ran {
    let main = project.main();
    let needs: Vec<_> = [claim].into_iter().chain(parts).collect();
    project.job("settle", &main, &needs, &[])
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_fleet_is_planned_and_applied_in_parts_and_one_that_was_killed_is_repeated() {
    let mut project = Project::sharded();
    let change = |stage: &Stage| {
        stage.change(A, "ai_search", "block");
        stage.change(C, "ai_search", "block");
    };
    project.deliver(7, change, APPROVED);
    let script = project.pipeline["apply"]["script"].as_array().unwrap();
    let before = script.iter().position(|line| line.as_str().unwrap().starts_with("botform apply")).unwrap();
    // a.example.com is of the second part. Three commands come before the script.
    let (claim, mut parts, settled) = apply_in_parts(&mut project, Some((2, 3 + before)));
    assert_eq!((settled.code, project.stage.puts()), (3, 1), "{}", settled.log);
    assert_eq!(project.stage.listed(), [A]);
    let main = project.main();
    let node = [("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "4")];
    parts[1] = project.job("apply", &main, &[&claim], &node);
    assert_eq!(parts[1].code, 0, "{}", parts[1].log);
    let settled = settle(&mut project, &claim, &parts);
    assert_eq!((settled.code, project.stage.puts()), (0, 2), "{}", settled.log);
    project.stage.expect_settled();
    // One part is undone by the id of its job.
    let of_job = json!({"ref": "main", "tag": false, "name": "apply 2/4"});
    project.answer("jobs/70", of_job.to_string().as_bytes());
    let journal = fs::read(parts[1].folder.join("botform-reports/journal.jsonl")).unwrap();
    project.answer("jobs/70/artifacts/botform-reports/journal.jsonl", &journal);
    let ran = project.job("undo", &main, &[], &[("UNDO_JOB", "70")]);
    assert_eq!((ran.code, project.stage.live(A, "ai_search").as_str()), (0, "disabled"), "{}", ran.log);
}

#[test]
#[ignore = "slow: CI runs it"]
fn what_was_committed_in_the_place_of_a_part_stands_for_none() {
    let mut project = Project::sharded();
    project.stage.git("mkdir botform-parts && echo '{}' > botform-parts/plan-9.json");
    project.stage.git("git add --force --all && git commit -q -m forged && git push -q origin main");
    let main = project.main();
    assert_ne!(project.planned(&main).code, 0);
    project.answer_others();
    let planned = project.parts("apply-plan", &main, &[], None);
    assert_ne!(project.job("claim", &main, &planned.iter().collect::<Vec<_>>(), &[]).code, 0);
    assert_eq!(project.stage.record()["number"], 1);
}
