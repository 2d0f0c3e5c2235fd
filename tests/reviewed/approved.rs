//! Approval by row, and the record: pull requests, merges and jobs in real git, through the binary.

use crate::since::git;
use crate::story::{Run, Story};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::process::Command;

const A: &str = "a.example.com";
const B: &str = "b.example.com";

/// A repository whose zones are as their files want them, with the record of that, and what is live behind it.
struct Repository {
    story: Story,
}

/// The settings of the zones: all are live, and the files want them.
const LIVE: [(&str, &str); 3] =
    [("ai_bots_protection", "disabled"), ("ai_search", "disabled"), ("sbfm_definitely_automated", "allow")];

impl Repository {
    fn new() -> Self {
        Self::behaving(&json!({}))
    }

    /// The same with members that each zone of the world has besides.
    fn behaving(more: &Value) -> Self {
        let live: serde_json::Map<_, _> =
            LIVE.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let zones = [A, B].map(|name| {
            let mut zone = json!({"name": name, "plan": "pro", "live": live});
            zone.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            zone
        });
        let repository = Self { story: Story::new(json!(zones)) };
        for zone in [A, B] {
            repository.want(zone, &LIVE);
        }
        std::fs::create_dir(repository.story.path("out")).unwrap();
        std::fs::write(repository.story.path(".gitignore"), "out\nhome\nstate\nstdout\nstderr\n").unwrap();
        repository.git("init --quiet --initial-branch=main");
        repository.commit();
        let made = repository.story.run("plan --new-record out/record");
        assert_eq!(made.exit, 0, "{made}");
        repository.tag();
        repository
    }

    fn git(&self, arguments: &str) {
        git(&self.story.path(""), arguments);
    }

    fn commit(&self) -> String {
        self.git("add --all");
        self.git("commit --quiet --allow-empty --message=change");
        self.head()
    }

    fn head(&self) -> String {
        let output =
            Command::new("git").args(["rev-parse", "HEAD"]).current_dir(self.story.path("")).output();
        String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned()
    }

    /// What a push of the record does.
    fn tag(&self) {
        self.git("tag --force --annotate applied --file out/record");
    }

    /// Writes a zone file.
    fn want(&self, zone: &str, settings: &[(&str, &str)]) {
        self.want_with(zone, settings, "");
    }

    fn want_with(&self, zone: &str, settings: &[(&str, &str)], more: &str) {
        let mut text = format!("zone: {zone}\nplan: sbfm_pro\nsettings:\n");
        settings
            .iter()
            .for_each(|(name, value)| writeln!(text, "  {name}: {value}\n  # far\n  # apart").unwrap());
        self.story.write(&format!("zones/{zone}.yaml"), format!("{text}{more}"));
    }

    /// The settings of a file with one of them changed.
    fn change(&self, zone: &str, setting: &str, value: &str) {
        let path = format!("zones/{zone}.yaml");
        let text = self.story.read(&path);
        let is_it = |line: &&str| line.trim_start().starts_with(&format!("{setting}:"));
        let line = text.lines().find(is_it).unwrap().to_owned();
        self.story.write(&path, text.replace(&line, &format!("  {setting}: {value}")));
    }

    /// A pull request with one change, whose plan a reviewer sees and approves.
    fn pull_request(&self, name: &str, zone: &str, setting: &str, value: &str) -> Run {
        self.git(&format!("switch --quiet --create {name} main"));
        self.change(zone, setting, value);
        self.commit();
        let plan = self.plan(name);
        self.git("switch --quiet main");
        plan
    }

    fn plan(&self, name: &str) -> Run {
        let plan = self.story.run(&format!("plan --since applied --out out/{name}.json"));
        assert!(matches!(plan.exit, 0 | 3), "{plan}");
        plan
    }

    /// Merges a pull request: the plan and its merge, as `--approved` takes them.
    fn merge(&self, name: &str) -> String {
        self.git(&format!("merge --quiet --no-ff --message=merge {name}"));
        format!("--approved out/{name}.json@{}", self.head())
    }

    fn claim(&self, arguments: &str) -> Run {
        self.story
            .run(&format!("plan --since applied {arguments} --out out/run.json --last-applied out/record"))
    }

    /// What the job of a merge does: it claims, pushes, applies, and pushes again.
    fn job(&self, arguments: &str) -> Run {
        let claim = self.claim(arguments);
        assert!(matches!(claim.exit, 0 | 3 | 4), "{claim}");
        self.tag();
        let run = self.story.run("apply out/run.json --partial --last-applied out/record");
        self.tag();
        run
    }

    fn live(&self, zone: &str, setting: &str) -> Value {
        self.story.live(zone)[setting].clone()
    }

    fn set(&self, zone: &str, setting: &str, value: &str) {
        assert!(self.story.emulator().edit(|world| world.set(zone, setting, Some(value.into()))));
    }

    fn puts(&self) -> usize {
        self.story.traffic().iter().filter(|line| line.starts_with("PUT ")).count()
    }

    fn record(&self) -> Value {
        let text = self.story.read("out/record");
        serde_json::from_str(text.split_once('\n').unwrap().1).unwrap()
    }

    /// The zones that the record lists.
    fn listed(&self) -> Vec<String> {
        let record = self.record();
        let zones = record["zones"].as_array().cloned().unwrap_or_default();
        zones.iter().map(|zone| zone["zone"].as_str().unwrap().to_owned()).collect()
    }
}

#[track_caller]
fn ends(run: &Run, code: i32, text: &str) {
    assert_eq!(run.exit, code, "{run}");
    assert!(run.stdout.contains(text) || run.stderr.contains(text), "no {text:?} in {run}");
}

#[test]
fn an_approved_change_is_written_once_and_the_record_moves() {
    let repository = Repository::new();
    repository.pull_request("one", A, "ai_bots_protection", "block");
    let one = repository.merge("one");
    ends(&repository.job(&one), 0, "applied       a.example.com");
    assert_eq!((repository.live(A, "ai_bots_protection"), repository.puts()), (json!("block"), 1));
    assert_eq!((&repository.record()["commit"], repository.listed()), (&json!(repository.head()), vec![]));
    // Somebody takes it back: that is drift, and what was approved has been used.
    repository.set(A, "ai_bots_protection", "disabled");
    ends(&repository.job(&one), 0, "held          a.example.com");
    assert_eq!(repository.puts(), 1);
}

#[test]
fn approvals_are_read_from_a_file_and_an_empty_one_approves_nothing() {
    let repository = Repository::new();
    repository.pull_request("one", A, "ai_bots_protection", "block");
    let one = repository.merge("one");
    repository.story.write("out/approved", "");
    ends(&repository.job("--approved-from out/approved"), 4, "1 unapproved");
    assert_eq!(repository.puts(), 0);
    let line = one.strip_prefix("--approved ").unwrap();
    repository.story.write("out/approved", format!("{line}\nout/one.json\n"));
    ends(&repository.claim("--approved-from out/approved"), 1, "line 2: ");
    ends(&repository.claim("--approved-from out/none"), 1, "out/none");
    ends(&repository.claim("--approved-from out/approved --only-ended"), 64, "--only-ended");
    repository.story.write("out/approved", format!("{line}\n"));
    ends(&repository.job("--approved-from out/approved"), 0, "1 applied");
    assert_eq!(repository.puts(), 1);
}

/// Merges two pull requests on one zone, and applies them in so many jobs.
fn merge_both(first: &str, second: &str, jobs: usize) {
    let repository = Repository::new();
    repository.pull_request("one", A, "ai_bots_protection", "block");
    repository.pull_request("two", A, "ai_search", "block");
    let mut merged = repository.merge(first);
    if jobs == 2 {
        ends(&repository.job(&merged), 0, "1 applied");
        merged.clear();
    }
    merged = format!("{merged} {}", repository.merge(second));
    ends(&repository.job(&merged), 0, "1 applied");
    assert_eq!(repository.puts(), jobs);
    let live = ["ai_bots_protection", "ai_search"].map(|setting| repository.live(A, setting));
    assert_eq!(live, ["block", "block"], "{first} {second} {jobs}");
}

#[test]
fn two_pull_requests_on_one_zone_are_applied_together_or_apart() {
    merge_both("one", "two", 1);
    merge_both("two", "one", 2);
}

#[test]
#[ignore = "slow: CI runs it"]
fn two_pull_requests_on_one_zone_are_applied_together_or_apart_in_the_other_order() {
    merge_both("two", "one", 1);
    merge_both("one", "two", 2);
}

#[test]
fn of_two_pull_requests_on_one_setting_the_second_needs_a_new_plan() {
    let repository = Repository::new();
    repository.pull_request("one", A, "sbfm_definitely_automated", "block");
    repository.pull_request("two", A, "sbfm_definitely_automated", "managed_challenge");
    ends(&repository.job(&repository.merge("one")), 0, "1 applied");
    repository.git("merge --quiet --strategy-option=theirs --no-ff --message=merge two");
    let two = format!("--approved out/two.json@{}", repository.head());
    ends(&repository.job(&two), 4, "no approved plan holds");
    assert_eq!((repository.puts(), repository.listed()), (1, vec![A.to_owned()]));
    // A plan of what is merged, approved as it is.
    repository.plan("again");
    let again = repository.story.run("apply out/again.json --last-applied out/record");
    ends(&again, 0, "1 applied");
    repository.tag();
    assert_eq!(
        (repository.listed(), repository.live(A, "sbfm_definitely_automated")),
        (vec![], json!("managed_challenge"))
    );
    ends(&repository.job(&two), 0, "2 in sync");
}

#[test]
fn a_repeated_job_finishes_what_failed() {
    let repository = Repository::new();
    repository.git("switch --quiet --create one main");
    for zone in [A, B] {
        repository.change(zone, "ai_search", "block");
    }
    repository.commit();
    repository.plan("one");
    repository.git("switch --quiet main");
    let one = repository.merge("one");
    let refusal =
        json!({"on": "PUT", "nth": 1, "do": "refuse", "status": 403, "code": 10000, "message": "no"});
    repository.story.emulator().edit(|world| world.script(Some(A), &refusal)).unwrap();
    ends(&repository.job(&one), 3, "1 applied");
    assert_eq!(
        (repository.listed(), repository.live(A, "ai_search")),
        (vec![A.to_owned()], json!("disabled"))
    );
    ends(&repository.job(&one), 0, "1 applied");
    assert_eq!((repository.listed(), repository.live(A, "ai_search")), (vec![], json!("block")));
    assert_eq!(repository.puts(), 3);
}

#[test]
fn drift_blocks_nothing_and_is_never_written() {
    let repository = Repository::new();
    repository.pull_request("one", A, "ai_search", "block");
    let one = repository.merge("one");
    repository.set(B, "ai_search", "block");
    repository.set(B, "sbfm_definitely_automated", "block");
    let run = repository.job(&one);
    ends(&run, 0, "1 applied");
    ends(&run, 0, "held          b.example.com");
    assert_eq!(repository.live(B, "ai_search"), "block");
}

#[test]
fn a_zone_that_changed_since_the_plan_is_not_written() {
    let repository = Repository::new();
    repository.pull_request("one", A, "ai_search", "block");
    let one = repository.merge("one");
    repository.set(A, "sbfm_definitely_automated", "block");
    let run = repository.job(&one);
    ends(&run, 4, "`sbfm_definitely_automated` was allow and is block");
    assert_eq!((repository.puts(), repository.listed()), (0, vec![A.to_owned()]));
    // What a plan saw already does not keep the change back, and is not written.
    repository.plan("seen");
    repository.git("switch --quiet --detach main~1");
    repository.git("switch --quiet main");
    let seen = format!("{one} --approved out/seen.json@{}", repository.head());
    ends(&repository.job(&seen), 0, "1 applied");
    assert_eq!(repository.live(A, "sbfm_definitely_automated"), "block");
}

#[test]
fn a_revert_after_a_killed_job_is_not_lost() {
    let repository = Repository::new();
    repository.pull_request("open", A, "ai_search", "block");
    let open = repository.merge("open");
    // The job claims and writes, and dies before it says so.
    assert_eq!(repository.claim(&open).exit, 0);
    repository.tag();
    std::fs::copy(repository.story.path("out/record"), repository.story.path("out/claimed")).unwrap();
    ends(&repository.story.run("apply out/run.json --partial"), 0, "1 applied");
    // The revert is planned while the zone is in doubt: the plan shows it.
    repository.git("switch --quiet --create revert main");
    repository.change(A, "ai_search", "disabled");
    repository.commit();
    repository.plan("revert");
    repository.git("switch --quiet main");
    let revert = repository.merge("revert");
    // The first job that finds the doubt looks, and dates it anew.
    let looked = repository.job(&format!("{open} {revert}"));
    ends(&looked, 4, "this run only reads it");
    assert_eq!((repository.live(A, "ai_search"), repository.puts()), (json!("block"), 1));
    assert_eq!(repository.record()["zones"][0]["in_doubt"], json!({"since": 3, "looked_at": true}));
    // A plan that was made before does not fit, one that was made since does.
    ends(&repository.job(&revert), 4, "no approved plan holds it");
    repository.plan("fresh");
    let fresh = format!("--approved out/fresh.json@{}", repository.head());
    ends(&repository.job(&fresh), 0, "1 applied");
    assert_eq!((repository.live(A, "ai_search"), repository.listed()), (json!("disabled"), vec![]));
}

#[test]
fn a_doubt_ends_where_the_zone_is_in_sync_or_the_journal_shows_no_put() {
    let repository = Repository::new();
    repository.pull_request("one", A, "ai_search", "block");
    let one = repository.merge("one");
    assert_eq!(repository.claim(&one).exit, 0);
    repository.tag();
    ends(&repository.story.run("apply out/run.json --partial"), 0, "1 applied");
    ends(&repository.job(&one), 0, "2 in sync");
    assert_eq!(repository.listed(), Vec::<String>::new());

    repository.pull_request("two", A, "ai_bots_protection", "block");
    let two = repository.merge("two");
    assert_eq!(repository.claim(&two).exit, 0);
    repository.tag();
    let number = repository.record()["number"].as_u64().unwrap();
    let begin = json!({"event": "begin", "format_version": "1.0", "tool_version": "0", "at": "", "api": "x"});
    let claim = json!({"event": "claim", "at": "", "number": number});
    repository.story.write("out/journal", format!("{begin}\n{claim}\n"));
    ends(&repository.job(&format!("{two} --last-journal out/journal")), 0, "1 applied");
    assert_eq!(repository.listed(), Vec::<String>::new());
}

#[test]
fn an_older_head_is_refused_and_a_selected_zone_leaves_the_others_listed() {
    let repository = Repository::new();
    let before = repository.head();
    repository.git("switch --quiet --create both main");
    for zone in [A, B] {
        repository.change(zone, "ai_search", "block");
    }
    repository.commit();
    repository.plan("both");
    repository.git("switch --quiet main");
    let both = repository.merge("both");
    ends(&repository.job(&format!("{both} --zone {A}")), 0, "1 applied");
    assert_eq!(
        (repository.listed(), repository.live(B, "ai_search")),
        (vec![B.to_owned()], json!("disabled"))
    );
    ends(&repository.job(&both), 0, "1 applied");
    assert_eq!((repository.listed(), repository.live(B, "ai_search")), (vec![], json!("block")));
    repository.git(&format!("switch --quiet --detach {before}"));
    ends(&repository.story.run(&format!("apply --since applied {both}")), 5, "older than");
}

#[test]
fn the_schedule_writes_a_return_once_while_a_merge_waits() {
    let repository = Repository::new();
    let temporary = "temporary:\n  - {setting: sbfm_definitely_automated, value: block, until: 2026-11-20, reason: test}\n";
    repository.want_with(A, &LIVE, temporary);
    repository.commit();
    // As it was applied while the value counted.
    let record = repository.story.read("out/record");
    let day = repository.record()["day"].as_str().unwrap().to_owned();
    let commit = repository.record()["commit"].as_str().unwrap().to_owned();
    let record = record.replace(&day, "2026-11-19").replace(&commit, &repository.head());
    repository.story.write("out/record", record);
    repository.tag();
    repository.set(A, "sbfm_definitely_automated", "block");
    repository.change(A, "ai_search", "block");
    repository.commit();
    ends(&repository.job("--only-ended"), 0, "applied       a.example.com");
    assert_eq!(
        [repository.live(A, "sbfm_definitely_automated"), repository.live(A, "ai_search")],
        ["allow", "disabled"]
    );
    assert_eq!(repository.listed(), [A]);
    // What somebody sets again is theirs.
    repository.set(A, "sbfm_definitely_automated", "block");
    ends(&repository.job("--only-ended"), 0, "held          a.example.com");
    assert_eq!(repository.puts(), 1);
}

#[test]
fn what_was_merged_before_is_marked_and_no_guard_counts_it() {
    let repository = Repository::new();
    repository.set(A, "ai_search", "block");
    repository.want(A, &[("ai_search", "block")]);
    repository.commit();
    assert_eq!(repository.story.run("plan --new-record out/record").exit, 0);
    repository.tag();
    repository.pull_request("one", A, "ai_search", "disabled");
    repository.merge("one");
    repository.git("switch --quiet --create two main");
    repository.change(B, "ai_bots_protection", "block");
    repository.commit();
    let plan = "plan --since applied --max-loosening 0 --max-zones 1";
    ends(&repository.story.run(plan), 5, "2 of 2 zones would change");
    let run = repository.story.run(&format!("{plan} --base main"));
    ends(&run, 0, ":4  file moved, merged before");
    ends(&run, 0, ":4  file moved");
}

#[test]
fn a_plan_without_changes_is_an_approval_of_nothing() {
    let repository = Repository::new();
    repository.git("switch --quiet --create words main");
    repository.story.write("zones/note.txt", "words");
    repository.commit();
    ends(&repository.plan("words"), 0, "2 in sync");
    repository.git("switch --quiet main");
    let words = repository.merge("words");
    ends(&repository.job(&words), 0, "2 in sync");
    assert_eq!((&repository.record()["commit"], repository.puts()), (&json!(repository.head()), 0));
}

#[test]
fn what_cannot_be_an_approval_or_a_record_is_refused_before_anything_is_written() {
    let repository = Repository::new();
    repository.pull_request("one", A, "ai_search", "block");
    let one = repository.merge("one");
    let apply = |arguments: &str| repository.story.run(&format!("apply {arguments}"));
    let wrong = one.replace("one.json@", "one.json=0123456789abcdef0123456789abcdef@");
    ends(&apply(&format!("--since applied {wrong}")), 5, "but 0123456789abcdef0123456789abcdef was approved");
    ends(&apply(&one), 1, "`--approved` needs a record");
    ends(&apply(&format!("--since missing {one}")), 1, "missing");
    repository.git("tag plain");
    ends(&apply(&format!("--since plain {one}")), 1, "--new-record");
    let absent = "0123456789012345678901234567890123456789";
    ends(&apply(&format!("--since applied --approved out/one.json@{absent}")), 1, absent);
    repository
        .story
        .write("out/broken", "botform record 7: x\n\n{\"format_version\": \"1.0\", \"number\": 1");
    repository.git("tag --annotate broken --file out/broken");
    ends(&apply(&format!("--since broken {one}")), 1, "the record at `broken`");
    repository.change(B, "ai_search", "block");
    let other = "the values at HEAD differ from those of the file";
    ends(&apply(&format!("--since applied {one}")), 1, &format!("zones/{B}.yaml: {other}"));
    repository.change(A, "ai_search", "only_on_ad_pages");
    ends(&apply(&format!("--since applied {one}")), 1, &format!("zones/{A}.yaml and 1 other file: {other}"));
    repository.git("checkout --quiet -- zones");
    for usage in ["plan.json@", "@main", "plan.json=@main"] {
        ends(&apply(&format!("--since applied --approved {usage}")), 64, "'--approved <PLAN");
    }
    assert_eq!(repository.puts(), 0);
}

#[test]
fn an_approved_apply_takes_no_more_requests_than_one_of_paths() {
    let count = |arguments: &dyn Fn(&Repository) -> String| {
        let repository = Repository::new();
        repository.pull_request("one", A, "ai_search", "block");
        let arguments = format!("apply {}", arguments(&repository));
        let before = repository.story.traffic().len();
        ends(&repository.story.run(&arguments), 0, "1 applied");
        repository.story.traffic().len() - before
    };
    let approved = count(&|repository| format!("--since applied {}", repository.merge("one")));
    let paths = count(&|repository| {
        repository.merge("one");
        "--auto-approve".to_owned()
    });
    assert_eq!(approved, paths);
}

#[test]
fn a_leftover_that_cloudflare_keeps_is_tried_once_and_left_alone_from_then_on() {
    let repository = Repository::behaving(&json!({"stale": {"fight_mode": true}, "refused": ["fight_mode"]}));
    repository.git("switch --quiet --create pr main");
    repository.change(A, "sbfm_definitely_automated", "block");
    let path = format!("zones/{A}.yaml");
    repository.story.write(&path, repository.story.read(&path) + "stale: clean\n");
    repository.commit();
    repository.plan("pr");
    repository.git("switch --quiet main");
    let approved = repository.merge("pr");
    let run = repository.job(&approved);
    ends(&run, 3, "Cloudflare refuses to clean up what an earlier plan variant left");
    assert_eq!(repository.live(A, "sbfm_definitely_automated"), "block");
    assert_eq!((repository.puts(), repository.listed()), (2, Vec::new()), "it counts as applied");
    let again = repository.job("--approved out/pr.json@HEAD");
    ends(&again, 0, "");
    assert_eq!(repository.puts(), 2, "it is not tried for ever");
    let plan = repository.claim("--approved out/pr.json@HEAD");
    ends(&plan, 0, "left alone: `fight_mode` (its clean-up was applied before, and it still acts)");
}
