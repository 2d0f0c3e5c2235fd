//! The recipes of a fleet in parts on GitHub: each part in a job of its own, one of them killed and repeated.

use crate::runner::Event;
use crate::stage::{A, C, Stage};
use botform::model::Shard;
use std::fs;

const PLAN: &str = "botform-plan.yml";
const APPLY: &str = "botform-apply.yml";
const SHARDS: u32 = 4;

/// A repository whose pull requests are planned and applied in parts.
fn stage() -> Stage {
    let stage = Stage::new("--ci github --review pull-request");
    for workflow in [PLAN, APPLY] {
        let sharded = format!("examples/ci/github/sharded/{workflow}");
        fs::copy(sharded, stage.path(&format!("work/.github/workflows/{workflow}"))).unwrap();
    }
    stage.git("git commit -q -a -m parts && git push -q origin main");
    stage
}

/// The part that a zone belongs to.
fn part_of(zone: &str) -> u64 {
    let holds = |number: &u32| Shard::new(*number, SHARDS).unwrap().holds(&zone.parse().unwrap());
    (1..=SHARDS).find(holds).unwrap().into()
}

/// Which job of a matrix is killed before which of its steps.
type Kill<'a> = Option<(u64, &'a str)>;

/// Runs all jobs of a matrix: their run.
fn matrix(
    stage: &mut Stage,
    (workflow, job): (&str, &str),
    event: &Event,
    mut run: Option<usize>,
    kill: Kill<'_>,
) -> usize {
    for shard in 1..=SHARDS.into() {
        let mut job = stage.start_shard((workflow, job), event.clone(), run, shard);
        match kill.filter(|(killed, _)| *killed == shard) {
            Some((_, before)) => job.run_until(before),
            None => drop(job.finish()),
        }
        run = Some(job.run());
    }
    run.unwrap()
}

/// Plans a pull request: the run, and how its parts were merged.
fn plan(stage: &mut Stage, number: u64, kill: Kill<'_>) -> (usize, i32) {
    let run = matrix(stage, (PLAN, "plan"), &Event::Pull(number), None, kill);
    (run, merge(stage, number, run))
}

fn merge(stage: &mut Stage, number: u64, run: usize) -> i32 {
    let mut job = stage.start_in(PLAN, "merge", Event::Pull(number), Some(run)).unwrap();
    job.finish();
    job.codes["Merge"]
}

/// Applies what was merged: the run, and the exit code of what settled it.
fn apply(stage: &mut Stage, kill: Kill<'_>) -> (usize, i32) {
    let event = Event::Push(stage.git("git --git-dir ../origin.git rev-parse main"));
    let run = matrix(stage, (APPLY, "plan"), &event, None, None);
    let mut claim = stage.start_in(APPLY, "claim", event.clone(), Some(run)).unwrap();
    assert!(claim.finish(), "{}", claim.log);
    matrix(stage, (APPLY, "apply"), &event, Some(run), kill);
    let code = settle(stage, &event, run);
    (run, code)
}

fn settle(stage: &mut Stage, event: &Event, run: usize) -> i32 {
    let mut job = stage.start_in(APPLY, "settle", event.clone(), Some(run)).unwrap();
    job.finish();
    job.codes["Settle"]
}

fn block(stage: &Stage) {
    stage.change(A, "ai_search", "block");
    stage.change(C, "ai_search", "block");
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_pull_request_is_planned_in_parts_with_one_comment_and_applied_in_parts() {
    let mut stage = stage();
    assert_ne!(part_of(A), part_of(C));
    let number = stage.open(|stage| {
        block(stage);
        stage.set_traps();
    });
    assert_eq!(plan(&mut stage, number, None).1, 0);
    let head = stage.forge.pull(number).head.clone();
    let comment = stage.forge.comment(number, "plan").unwrap();
    assert!(comment.contains(A) && comment.contains(C) && comment.contains(&head), "{comment}");
    let digest = stage.forge.checks[&head][0]["output"]["title"].as_str().unwrap();
    assert!(comment.contains(&digest[..32]), "{digest} {comment}");
    stage.approve(number);
    stage.merge(number);
    assert_eq!((apply(&mut stage, None).1, stage.puts()), (0, 2));
    assert_eq!([A, C].map(|zone| stage.live(zone, "ai_search")), ["block", "block"]);
    stage.expect_settled();
    let result = stage.forge.comment(number, "apply").unwrap();
    assert!(result.contains(A) && result.contains("applied"), "{result}");
    stage.expect_traps();
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_part_that_was_killed_is_missed_and_its_repetition_completes_the_whole() {
    let mut stage = stage();
    let number = stage.open(block);
    let (run, code) = plan(&mut stage, number, Some((part_of(A), "Plan")));
    assert_eq!(code, 3);
    let head = stage.forge.pull(number).head.clone();
    let comment = stage.forge.comment(number, "plan").unwrap();
    assert!(comment.contains(&format!("shard {}/4 is missing", part_of(A))), "{comment}");
    assert!(!stage.forge.checks.contains_key(&head), "a plan of some shards approves nothing");
    let mut part = stage.start_shard((PLAN, "plan"), Event::Pull(number), Some(run), part_of(A));
    assert!(part.finish());
    assert_eq!(merge(&mut stage, number, run), 0);
    assert!(stage.forge.comment(number, "plan").unwrap().contains(A));
    stage.approve(number);
    stage.merge(number);

    let (run, code) = apply(&mut stage, Some((part_of(A), "Apply")));
    assert_eq!((code, stage.puts()), (3, 1));
    assert_eq!(
        (stage.listed(), stage.record()["zones"][0]["in_doubt"]["since"].as_u64()),
        (vec![A.to_owned()], Some(2))
    );
    let event = Event::Push(stage.git("git rev-parse main"));
    let mut part = stage.start_shard((APPLY, "apply"), event.clone(), Some(run), part_of(A));
    assert!(part.finish(), "{}", part.log);
    assert_eq!((settle(&mut stage, &event, run), stage.puts()), (0, 2));
    stage.expect_settled();
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_part_of_an_older_run_is_refused_once_another_run_has_claimed() {
    let mut stage = stage();
    let number = stage.open(block);
    assert_eq!(plan(&mut stage, number, None).1, 0);
    stage.approve(number);
    stage.merge(number);
    let older = Event::Push(stage.git("git rev-parse main"));
    let (run, _) = apply(&mut stage, Some((part_of(A), "Apply")));
    // The next run looks at the zone that is in doubt.
    let number = stage.open(|stage| drop(stage.git("echo '# a remark' >> zones/b.example.com.yaml")));
    plan(&mut stage, number, None);
    stage.approve(number);
    stage.merge(number);
    apply(&mut stage, None);
    let (record, puts) = (stage.record(), stage.puts());
    assert_eq!(record["number"], 3);
    let mut part = stage.start_shard((APPLY, "apply"), older.clone(), Some(run), part_of(A));
    assert!(!part.finish());
    assert!(part.codes["Apply"] == 4 && part.log.contains("a later run has claimed it"), "{}", part.log);
    assert_eq!(settle(&mut stage, &older, run), 4);
    assert_eq!((stage.record(), stage.puts()), (record, puts));
}

#[test]
fn jobs_with_a_token_cannot_push_and_jobs_that_push_have_no_token() {
    for workflow in [PLAN, APPLY] {
        let file = crate::read(&format!("examples/ci/github/sharded/{workflow}"));
        for (name, job) in file["jobs"].as_object().unwrap() {
            let pushes = job["permissions"]["contents"] == "write";
            let mut found = Vec::new();
            crate::scalars(&job["steps"], "", &mut found);
            let has_token = found.iter().any(|(_, text)| text.contains("secrets.CLOUDFLARE_API_TOKEN"));
            assert!(!(pushes && has_token), "{workflow}: {name}");
            assert_eq!(has_token, !job["environment"].is_null(), "{workflow}: {name}");
            assert_eq!(has_token, !job["strategy"].is_null(), "{workflow}: {name}");
            let writes = job["environment"] == "botform-write";
            assert_eq!(writes, workflow == APPLY && name == "apply", "{workflow}: {name}");
        }
    }
}
