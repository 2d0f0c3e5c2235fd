//! What happens on GitHub, from a pull request over its merge to the night after.

use crate::runner::{Event, Job};
use crate::stage::{A, B, C, Stage, read};
use serde_json::json;
use std::fs;

const IN_PULL_REQUEST: &str = "--ci github --review pull-request";

fn stage() -> Stage {
    Stage::new(IN_PULL_REQUEST)
}

fn block(zone: &str) -> impl FnOnce(&Stage) {
    let zone = zone.to_owned();
    move |stage| stage.change(&zone, "ai_search", "block")
}

/// A change that wants nothing else, whose plan shows what waits.
fn remark(stage: &Stage) {
    stage.git("echo '# a remark' >> zones/c.example.com.yaml");
}

#[test]
fn a_pull_request_is_planned_approved_merged_and_applied() {
    let mut stage = stage();
    let number = stage.open(|stage| {
        block(A)(stage);
        stage.set_traps();
    });
    assert_eq!(stage.plan(number), 0);
    let head = stage.forge.pull(number).head.clone();
    let comment = stage.forge.comment(number, "plan").unwrap();
    assert!(
        comment.contains(&format!("Commit {head}, 20")) && comment.contains("actions/runs/1000"),
        "{comment}"
    );
    assert!(comment.contains(A) && comment.contains("ai_search"), "{comment}");
    let digest = stage.forge.checks[&head][0]["output"]["title"].as_str().unwrap();
    assert!(comment.contains(&digest[..32]), "{digest} {comment}");
    stage.approve(number);
    stage.merge(number);
    assert_eq!((stage.apply(), stage.puts()), (0, 1));
    assert_eq!(stage.live(A, "ai_search"), "block");
    stage.expect_settled();
    let result = stage.forge.comment(number, "apply").unwrap();
    assert!(result.contains(A) && result.contains("applied"), "{result}");
    // The job is repeated.
    assert_eq!((stage.apply(), stage.puts()), (0, 1));
    stage.expect_traps();
}

/// Merges two pull requests that were planned together, the later one first or not. Where the job of the first merge is
/// dropped, the next one applies both.
fn merge_two(order: [usize; 2], jobs: usize) {
    let mut stage = stage();
    let pulls = [("ai_search", "block"), ("ai_bots_protection", "block")]
        .map(|(setting, value)| stage.open(|stage| stage.change(A, setting, value)));
    for number in pulls {
        stage.plan(number);
        stage.approve(number);
    }
    for (nth, index) in order.into_iter().enumerate() {
        stage.merge(pulls[index]);
        if nth == 1 || jobs == 2 {
            assert_eq!(stage.apply(), 0);
        }
    }
    assert_eq!([stage.live(A, "ai_search"), stage.live(A, "ai_bots_protection")], ["block", "block"]);
    assert_eq!(stage.puts(), jobs);
    stage.expect_settled();
    assert!(pulls.iter().all(|number| stage.forge.comment(*number, "apply").is_some()));
}

#[test]
#[ignore = "slow: CI runs it"]
fn of_two_that_were_planned_together_the_later_one_may_be_merged_first() {
    merge_two([1, 0], 2);
}

#[test]
#[ignore = "slow: CI runs it"]
fn two_that_were_planned_together_are_applied_at_once() {
    merge_two([0, 1], 1);
}

#[test]
#[ignore = "slow: CI runs it"]
fn two_that_were_planned_together_are_applied_in_order_or_at_once_in_the_other_order() {
    merge_two([0, 1], 2);
    merge_two([1, 0], 1);
}

/// Merges an approved pull request of two commits by a command of git.
fn merge_by(command: &str) {
    let mut stage = stage();
    let number = stage.open(|stage| {
        block(A)(stage);
        stage.git("git commit -q -a -m half");
        block(B)(stage);
    });
    stage.plan(number);
    stage.approve(number);
    stage.git("git commit -q --allow-empty -m meanwhile");
    stage.merge_by(number, command);
    assert_eq!((stage.apply(), stage.puts()), (0, 2));
    stage.expect_settled();
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_squash_brings_the_plan_of_the_head_that_was_approved() {
    merge_by("git merge -q --squash BRANCH && git commit -q -m squashed");
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_rebase_brings_the_plan_of_the_head_that_was_approved() {
    merge_by("git rebase -q main BRANCH && git switch -q main && git merge -q --ff-only BRANCH");
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_queue_brings_the_plans_of_several_at_once() {
    let mut stage = stage();
    let pulls = [A, B, C].map(|zone| stage.open(block(zone)));
    for number in pulls {
        stage.plan(number);
        stage.approve(number);
    }
    pulls.into_iter().for_each(|number| stage.merge(number));
    assert_eq!((stage.apply(), stage.puts()), (0, 3));
    stage.expect_settled();
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_zone_that_fails_is_left_and_the_repeated_job_finishes_it() {
    let mut stage = stage();
    stage.deliver(|stage| {
        block(A)(stage);
        block(B)(stage);
    });
    let refusal = json!({"on": "PUT", "nth": 1, "do": "forbidden_zone"});
    stage.emulator.edit(|world| world.script(Some(A), &refusal)).unwrap();
    assert_eq!((stage.apply(), stage.listed()), (3, vec![A.to_owned()]));
    assert_eq!([stage.live(A, "ai_search"), stage.live(B, "ai_search")], ["disabled", "block"]);
    assert_eq!((stage.apply(), stage.puts()), (0, 3));
    assert_eq!(stage.live(A, "ai_search"), "block");
    stage.expect_settled();
}

#[test]
#[ignore = "slow: CI runs it"]
fn drift_in_another_zone_stops_nobody_and_is_shown_at_night() {
    let mut stage = stage();
    stage.deliver(block(A));
    stage.set(B, "ai_search", "block");
    assert_eq!((stage.apply(), stage.puts()), (0, 1));
    assert_eq!([stage.live(A, "ai_search"), stage.live(B, "ai_search")], ["block", "block"]);

    let night = |stage: &mut Stage| {
        let mut job = stage.start("botform-nightly.yml", "nightly", Event::Schedule).unwrap();
        let before = job.stage.emulator.requests().len();
        let is_green = job.finish();
        let issue = fs::read_to_string(job.stage.path("issue.md")).ok();
        (is_green, issue, job.stage.emulator.requests().len() - before)
    };
    let (is_green, issue, requests) = night(&mut stage);
    let issue = issue.unwrap();
    assert!(is_green && issue.contains(B) && !issue.contains("fail"), "{issue}");
    assert!(issue.contains("by whom: no entry in the audit log yet"), "{issue}");
    // One list, one GET a zone, and one look at the audit log: the plan is made from the snapshot.
    assert_eq!(requests, 5);
    stage.set(B, "ai_search", "disabled");
    let (is_green, issue, _) = night(&mut stage);
    assert!(is_green && issue.is_none());
    // What no file manages is compared with the night before.
    stage.set(B, "crawler_protection", "enabled");
    let (is_green, issue, requests) = night(&mut stage);
    let issue = issue.unwrap();
    assert!(is_green && issue.contains("crawler_protection") && requests == 5, "{issue}");
    // A zone that cannot be read is told, makes the run red, and does not keep the others from being kept.
    let unreadable = json!({"on": "GET", "nth": 1, "do": "forbidden_zone", "count": 9});
    stage.emulator.edit(|world| world.script(Some(C), &unreadable)).unwrap();
    let (is_green, issue, _) = night(&mut stage);
    assert!(!is_green && issue.unwrap().contains(C));
    let kept = stage.path(&format!("artifacts/{}/botform-snapshot", stage.forge.runs.last().unwrap().id));
    assert!(fs::read_to_string(kept.join("snapshot.json")).unwrap().contains(B));
    assert!(kept.join("botform.prom").exists());
    assert_eq!(stage.puts(), 1);
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_revert_is_a_change_like_any_other() {
    let mut stage = stage();
    stage.deliver(block(A));
    assert_eq!(stage.apply(), 0);
    stage.deliver(|stage| stage.change(A, "ai_search", "disabled"));
    assert_eq!((stage.apply(), stage.puts()), (0, 2));
    assert_eq!(stage.live(A, "ai_search"), "disabled");
    stage.expect_settled();
}

#[test]
#[ignore = "slow: CI runs it"]
fn an_older_job_is_refused_before_it_claims() {
    let mut stage = stage();
    stage.deliver(block(A));
    let older = stage.git("git rev-parse main");
    assert_eq!(stage.apply(), 0);
    stage.deliver(|stage| stage.change(A, "ai_search", "disabled"));
    assert_eq!(stage.apply(), 0);
    let record = stage.record();
    let mut job = stage.start("botform-apply.yml", "apply", Event::Push(older)).unwrap();
    assert!(!job.finish());
    assert_eq!((job.codes["Claim"], job.codes.get("Apply")), (5, None));
    assert_eq!((stage.puts(), stage.record()), (2, record));
}

#[test]
#[ignore = "slow: CI runs it"]
fn what_was_pushed_directly_is_unapproved_until_a_plan_that_shows_it_is_approved() {
    let mut stage = stage();
    stage.change(A, "ai_search", "block");
    stage.git("git commit -q -a -m direct && git push -q origin main");
    let commit = stage.git("git rev-parse main");
    let mut job = stage.start("botform-apply.yml", "apply", Event::Push(commit)).unwrap();
    assert!(!job.finish());
    assert_eq!(job.codes["Apply"], 4);
    assert!(job.log.contains("botform plan --out plan.json"), "{}", job.log);
    assert_eq!((stage.puts(), stage.listed()), (0, vec![A.to_owned()]));
    // It does not keep others back.
    stage.deliver(block(B));
    assert_eq!((stage.apply(), stage.live(B, "ai_search"), stage.puts()), (0, "block".to_owned(), 2));
    assert_eq!(stage.live(A, "ai_search"), "block");
}

#[test]
#[ignore = "slow: CI runs it"]
fn what_is_unapproved_is_approved_by_hand_with_the_commands_that_are_told() {
    let mut stage = stage();
    stage.change(A, "ai_search", "block");
    stage.git("git commit -q -a -m direct && git push -q origin main && git branch -q --set-upstream-to origin/main");
    assert_eq!(stage.apply(), 4);
    let text = fs::read_to_string("examples/ci/README.md").unwrap();
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let is_it = |commands: &&str| commands.contains("botform apply plan.json --last-applied record.txt");
    let commands = blocks.into_iter().find(is_it).unwrap();
    stage.git(&format!("({commands}) 2>&1"));
    assert_eq!((stage.live(A, "ai_search").as_str(), stage.puts()), ("block", 1));
    stage.expect_settled();
    assert_eq!((stage.apply(), stage.puts()), (0, 1));
}

/// What is done to a pull request instead of planning its head and approving that.
type Spoil = fn(&mut Stage, u64);

fn expect_unapproved(ways: &[(&str, Spoil)]) {
    for (way, spoil) in ways {
        let mut stage = stage();
        let number = stage.open(block(A));
        spoil(&mut stage, number);
        stage.merge(number);
        assert_eq!((stage.apply(), stage.puts(), stage.listed()), (4, 0, vec![A.to_owned()]), "{way}");
        let result = stage.forge.comment(number, "apply").unwrap();
        assert!(result.contains("unapproved") || result.contains("not approved"), "{way}: {result}");
    }
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_plan_that_nobody_approved_or_of_another_head_or_without_its_digest_leaves_the_zones_unapproved() {
    expect_unapproved(&[
        ("nobody", |stage, number| {
            stage.plan(number);
        }),
        ("an older head", |stage, number| {
            stage.plan(number);
            stage.approve(number);
            let branch = stage.forge.pull(number).branch.clone();
            stage.git(&format!("git switch -q {branch} && git commit -q --allow-empty -m more"));
            stage.git(&format!("git push -q origin {branch}"));
            stage.forge.pull(number).head = stage.git("git rev-parse HEAD");
            stage.git("git switch -q main");
            stage.plan(number);
        }),
        ("without a digest", |stage, number| {
            stage.plan(number);
            stage.approve(number);
            stage.forge.checks.clear();
        }),
    ]);
}

#[test]
#[ignore = "slow: CI runs it"]
fn an_approval_that_does_not_count_leaves_the_zones_unapproved() {
    expect_unapproved(&[
        ("who may read only", |stage, number| {
            stage.plan(number);
            stage.forge.may.insert("ann".to_owned(), "read".to_owned());
            stage.approve(number);
        }),
        ("before the plan", |stage, number| {
            stage.approve(number);
            stage.plan(number);
        }),
        ("taken back", |stage, number| {
            stage.plan(number);
            stage.approve(number);
            stage.review(number, "ann", "CHANGES_REQUESTED");
        }),
        ("a remark", |stage, number| {
            stage.plan(number);
            stage.review(number, "ann", "COMMENTED");
        }),
        ("expired", |stage, number| {
            stage.plan(number);
            stage.approve(number);
            stage.forge.runs.last_mut().unwrap().artifacts[0].is_expired = true;
        }),
    ]);
}

#[test]
fn an_artifact_that_is_not_what_was_shown_is_refused_and_no_link_of_it_is_followed() {
    let mut stage = stage();
    let number = stage.deliver(block(A));
    let head = stage.forge.pull(number).head.clone();
    let check = stage.forge.checks[&head][0]["output"]["title"].clone();
    stage.forge.checks.get_mut(&head).unwrap()[0]["output"]["title"] = "0".repeat(64).into();
    let commit = stage.git("git rev-parse main");
    let claim = |stage: &mut Stage| {
        let mut job = stage.start("botform-apply.yml", "apply", Event::Push(commit.clone())).unwrap();
        assert!(!job.finish());
        (job.codes["Claim"], job.codes.contains_key("Push the claim"))
    };
    assert_eq!(claim(&mut stage), (5, false));
    stage.forge.checks.get_mut(&head).unwrap()[0]["output"]["title"] = check;
    for files in [
        vec![("plan.json".to_owned(), b"../../../etc/passwd".to_vec())],
        vec![("../../home/plan.json".to_owned(), b"{}".to_vec())],
    ] {
        let zip = crate::forge::zip(&files);
        let run = stage.forge.runs.iter_mut().find(|run| !run.artifacts.is_empty()).unwrap();
        run.artifacts[0].zip = zip;
        let commit = stage.git("git rev-parse main");
        let mut job = stage.start("botform-apply.yml", "apply", Event::Push(commit)).unwrap();
        assert!(!job.finish());
    }
    assert_eq!(stage.puts(), 0);
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_lost_lease_stops_before_anything_is_written() {
    let mut stage = stage();
    stage.deliver(block(A));
    let commit = stage.git("git rev-parse main");
    let mut job = stage.start("botform-apply.yml", "apply", Event::Push(commit)).unwrap();
    job.run_until("Push the claim");
    job.stage.git("git tag --force --annotate botform-applied --file ../temp/record.txt 2>&1");
    job.stage.git("git push -q --force origin refs/tags/botform-applied");
    assert!(!job.finish());
    assert!(job.codes["Push the claim"] != 0 && !job.codes.contains_key("Apply"));
    assert_eq!((stage.puts(), stage.record()["number"].as_u64()), (0, Some(1)));
    assert_eq!((stage.apply(), stage.puts()), (0, 1));
}

/// Ends a job after its claim; the next one looks, and a plan made since is applied.
fn end_after_claim(end: fn(&mut Job<'_>)) {
    let mut stage = stage();
    stage.deliver(block(A));
    let commit = stage.git("git rev-parse main");
    let mut job = stage.start("botform-apply.yml", "apply", Event::Push(commit)).unwrap();
    job.run_until("Apply");
    end(&mut job);
    assert_eq!(stage.record()["zones"][0]["in_doubt"]["since"], 2);
    let number = stage.forge.pulls[0].number;
    let commit = stage.git("git rev-parse main");
    let mut job = stage.start("botform-apply.yml", "apply", Event::Push(commit)).unwrap();
    assert!(!job.finish());
    assert_eq!(job.codes["Apply"], 4);
    assert!(job.log.contains("this run reads them and writes nothing there"), "{}", job.log);
    assert!(stage.forge.comment(number, "apply").is_some() && stage.puts() == 0);
    stage.deliver(remark);
    assert_eq!((stage.apply(), stage.puts()), (0, 1));
    assert_eq!(stage.live(A, "ai_search"), "block");
    stage.expect_settled();
}

#[test]
#[ignore = "slow: CI runs it"]
fn after_a_killed_job_the_next_one_looks_and_a_plan_made_since_is_applied() {
    end_after_claim(|_| {});
}

#[test]
#[ignore = "slow: CI runs it"]
fn after_a_cancelled_job_the_next_one_looks_and_a_plan_made_since_is_applied() {
    fn cancel(job: &mut Job<'_>) {
        job.cancel();
    }
    end_after_claim(cancel);
}

#[test]
fn the_schedule_writes_returns_while_a_merge_waits() {
    let mut stage = stage();
    let temporary = "temporary:\\n  - {setting: sbfm_definitely_automated, value: block, until: 2026-01-20, reason: test}\\n";
    stage.git(&format!(
        "printf '{temporary}' >> zones/{A}.yaml && git commit -q -a -m temporary && git push -q origin main"
    ));
    stage.set(A, "sbfm_definitely_automated", "block");
    // It was applied while it held.
    let (commit, day) = (stage.git("git rev-parse main"), stage.record()["day"].as_str().unwrap().to_owned());
    let first = stage.record()["commit"].as_str().unwrap().to_owned();
    stage.git(&format!("sed -i 's/{day}/2026-01-19/; s/{first}/{commit}/' ../temp/record.txt"));
    stage.git("git tag --force --annotate botform-applied --file ../temp/record.txt 2>&1");
    stage.git("git push -q --force origin refs/tags/botform-applied");
    // A merge waits, and somebody else moved another zone.
    stage.change(B, "ai_search", "block");
    stage.git("git commit -q -a -m waits && git push -q origin main");
    stage.set(C, "ai_search", "block");
    for puts in [1, 1] {
        let mut job = stage.start("botform-schedule.yml", "schedule", Event::Schedule).unwrap();
        assert!(job.finish(), "{}", job.log);
        assert_eq!(job.codes["Apply"], 0);
        assert_eq!((stage.puts(), stage.live(A, "sbfm_definitely_automated")), (puts, "allow".to_owned()));
        stage.set(A, "sbfm_definitely_automated", "allow");
    }
    assert_eq!([stage.live(B, "ai_search"), stage.live(C, "ai_search")], ["disabled", "block"]);
    // What somebody sets again is left.
    stage.set(A, "sbfm_definitely_automated", "block");
    let mut job = stage.start("botform-schedule.yml", "schedule", Event::Schedule).unwrap();
    assert!(job.finish());
    assert_eq!((stage.puts(), stage.live(A, "sbfm_definitely_automated")), (1, "block".to_owned()));
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_line_of_a_baseline_changes_each_zone_that_extends_it() {
    let text = |name: &str| {
        format!(
            "zone: {name}\nplan: sbfm_pro\nextends: ../baselines/default.yaml\nsettings:\n  ai_bots_protection: disabled\n"
        )
    };
    let names = (0..6).map(|n| format!("z{n}.example.com"));
    let files: Vec<_> = names.map(|name| (name.clone(), text(&name))).collect();
    let mut stage = Stage::of(IN_PULL_REQUEST, &files);
    stage.deliver(|stage| {
        stage.git("sed -i 's/^settings: {}/settings: {ai_search: block}/' baselines/default.yaml");
    });
    // One of them moved, and has to wait.
    stage.set("z4.example.com", "ai_bots_protection", "block");
    assert_eq!((stage.apply(), stage.puts()), (3, 5));
    assert_eq!(stage.listed(), ["z4.example.com"]);
    stage.deliver(|stage| drop(stage.git("echo '# a remark' >> zones/z0.example.com.yaml")));
    assert_eq!((stage.apply(), stage.puts()), (0, 6));
    assert_eq!(stage.live("z4.example.com", "ai_bots_protection"), "block");
}

#[test]
#[ignore = "slow: CI runs it"]
fn an_apply_is_undone_by_the_id_of_its_run_and_only_by_that() {
    let mut stage = stage();
    let number = stage.deliver(block(A));
    assert_eq!(stage.apply(), 0);
    let applied = stage.forge.runs.iter().find(|run| run.workflow == "botform-apply.yml").unwrap().id;
    let planned = stage.forge.runs.iter().find(|run| run.workflow == "botform-plan.yml").unwrap().id;
    // A pull request uploads what it likes.
    stage.git(&format!("cp -r ../artifacts/{applied}/botform-journal ../artifacts/{planned}/"));
    for (run, live) in [(planned, "block"), (applied, "disabled")] {
        let by_hand = Event::ByHand(vec![("run", run.to_string())]);
        let mut job = stage.start("botform-undo.yml", "undo", by_hand).unwrap();
        assert_eq!(job.finish(), live == "disabled", "{}", job.log);
        assert_eq!(stage.live(A, "ai_search"), live);
    }
    // The revert of the commit finds nothing to do.
    assert!(stage.forge.comment(number, "apply").is_some());
    stage.deliver(|stage| stage.change(A, "ai_search", "disabled"));
    assert_eq!((stage.apply(), stage.puts()), (0, 2));
    stage.expect_settled();
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_plan_from_the_snapshot_of_the_night_approves_as_any_other() {
    let mut stage = stage();
    let mut night = stage.start("botform-nightly.yml", "nightly", Event::Schedule).unwrap();
    assert!(night.finish());
    let from_snapshot = "examples/ci/github/review-in-pull-request/botform-plan-from-snapshot.yml";
    fs::copy(from_snapshot, stage.path("work/.github/workflows/botform-plan.yml")).unwrap();
    stage.git("git commit -q -a -m 'plan from snapshots' && git push -q origin main");
    let before = stage.emulator.requests().len();
    stage.deliver(block(A));
    assert_eq!(stage.emulator.requests().len(), before);
    assert_eq!((stage.apply(), stage.puts()), (0, 1));
    stage.expect_settled();
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_comment_never_stands_for_a_newer_commit() {
    let mut stage = stage();
    let number = stage.open(block(A));
    stage.plan(number);
    let branch = stage.forge.pull(number).branch.clone();
    stage.git(&format!(
        "git switch -q {branch} && echo 'nonsense: [' >> zones/{A}.yaml && git commit -q -a -m broken"
    ));
    stage.git(&format!("git push -q origin {branch}"));
    let head = stage.git("git rev-parse HEAD");
    stage.forge.pull(number).head.clone_from(&head);
    stage.git("git switch -q main");
    assert_ne!(stage.plan(number), 0);
    let comment = stage.forge.comment(number, "plan").unwrap();
    assert!(comment.contains(&head) && comment.contains("digest=\"none\""), "{comment}");
    assert!(!stage.forge.checks.contains_key(&head));
    let mut job = stage.start("botform-plan.yml", "validate", Event::Pull(number)).unwrap();
    assert!(!job.finish());
    // A job that ends before its plan says that there is none.
    let mut job = stage.start("botform-plan.yml", "plan", Event::Pull(number)).unwrap();
    job.run_until("Plan");
    job.cancel();
    let comment = stage.forge.comment(number, "plan").unwrap();
    assert!(comment.contains("**nothing was made**") && comment.contains(&head), "{comment}");
}

#[test]
#[ignore = "slow: CI runs it"]
fn at_apply_a_person_approves_the_plan_of_the_main_branch() {
    let mut stage = Stage::new("--ci github --review at-apply");
    let push = |stage: &Stage| Event::Push(stage.git("git rev-parse main"));
    let number = stage.open(block(A));
    assert_eq!(stage.plan(number), 0);
    stage.merge(number);
    let event = push(&stage);
    let mut planning = stage.start("botform-apply.yml", "plan", event).unwrap();
    assert!(planning.finish() && planning.log.contains("ai_search"));
    // Nobody approves it. The next one holds both merges; what somebody moved is shown, and left.
    let number = stage.open(block(B));
    stage.merge(number);
    stage.set(C, "ai_search", "block");
    let event = push(&stage);
    let mut planning = stage.start("botform-apply.yml", "plan", event.clone()).unwrap();
    assert!(planning.finish());
    let run = stage.forge.runs.len() - 1;
    assert_eq!(stage.puts(), 0);
    let mut applying = stage.start_in("botform-apply.yml", "apply", event.clone(), Some(run)).unwrap();
    assert!(applying.finish(), "{}", applying.log);
    assert_eq!(stage.puts(), 2);
    assert_eq!([A, B, C].map(|zone| stage.live(zone, "ai_search")), ["block", "block", "block"]);
    stage.expect_settled();
    // The job is repeated: what it planned is done.
    let mut again = stage.start_in("botform-apply.yml", "apply", event, Some(run)).unwrap();
    again.finish();
    assert_eq!(stage.puts(), 2);
}

#[test]
fn what_may_write_runs_on_the_default_branch_alone() {
    for review in ["pull-request", "at-apply"] {
        let mut stage = Stage::new(&format!("--ci github --review {review}"));
        let number = stage.open(block(A));
        let folder = stage.path("work/.github/workflows");
        let mut writing = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let workflow = read(path.to_str().unwrap());
            let name = path.file_name().unwrap().to_str().unwrap();
            let is_of_pull = workflow["on"].get("pull_request").is_some();
            for (job, body) in workflow["jobs"].as_object().unwrap() {
                let is_writing = body["environment"] == "botform-write";
                assert!(!(is_of_pull && is_writing), "{name}");
                // A job that needs another one runs where that does.
                if is_of_pull || !body["needs"].is_null() {
                    continue;
                }
                writing += usize::from(is_writing);
                assert!(stage.start(name, job, Event::Pull(number)).is_none(), "{name}");
            }
        }
        assert_eq!(writing, if review == "at-apply" { 3 } else { 4 });
    }
}
