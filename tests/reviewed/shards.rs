//! A fleet on several machines: each plans and writes one shard, `merge` makes one plan and one result of them.

use crate::since::{commit, git};
use crate::story::{Run, Story, wait_until};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::{Child, Stdio};

const SHARDS: usize = 4;

fn name(zone: usize) -> String {
    format!("zone-{zone:02}.example.com")
}

/// A fleet of which each zone is to change.
fn fleet(zones: usize) -> Story {
    let live = json!({"ai_search": "disabled"});
    let world: Vec<_> =
        (0..zones).map(|zone| json!({"name": name(zone), "plan": "pro", "live": live})).collect();
    let story = Story::new(json!(world));
    (0..zones).fold(story, |story, zone| story.zone(&name(zone), "sbfm_pro", "ai_search: block"))
}

/// Starts a command of each shard at once; `#` stands for the number of the shard.
fn start(story: &Story, arguments: &str) -> Vec<Child> {
    let of = |shard: usize| {
        let mut command = story.command(&arguments.replace('#', &shard.to_string()));
        command.env("XDG_STATE_HOME", story.path("state"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    (1..=SHARDS).map(of).collect()
}

/// Runs a command of each shard at once, and gives how each ended.
fn all(story: &Story, arguments: &str) -> Vec<Option<i32>> {
    start(story, arguments).into_iter().map(|mut child| child.wait().unwrap().code()).collect()
}

fn plan(story: &Story) {
    let planned = all(story, "plan --shard #/4 --rate 300/300 --out plan-#.json --output json=/dev/null");
    assert_eq!(planned, [Some(0); SHARDS]);
}

/// Merges the files of all shards, or of those that are named.
fn merge(story: &Story, files: &str, shards: impl IntoIterator<Item = usize>, flags: &str) -> Run {
    let files: Vec<_> = shards.into_iter().map(|shard| files.replace('#', &shard.to_string())).collect();
    story.run(&format!("merge {} {flags}", files.join(" ")))
}

fn outcomes(run: &Run) -> Value {
    run.json()["summary"]["outcomes"].clone()
}

#[test]
fn the_shards_of_a_plan_are_one_plan_with_the_digest_of_a_single_run() {
    let story = fleet(24);
    plan(&story);
    let merged = merge(&story, "plan-#.json", 1..=SHARDS, "--out plan.json --output json");
    let single = story.run("plan --output json");
    assert_eq!((merged.exit, &merged.json()["digest"]), (0, &single.json()["digest"]), "{merged}");
    assert_eq!(merged.json()["zones"], single.json()["zones"]);
    let sizes = (1..=SHARDS).map(|shard| {
        let plan: Value = serde_json::from_str(&story.read(&format!("plan-{shard}.json"))).unwrap();
        assert_eq!(plan["selection"]["shard"], format!("{shard}/{SHARDS}"));
        plan["zones"].as_array().unwrap().len()
    });
    assert_eq!(sizes.sum::<usize>(), 24);
    // One GET a zone and one page of the list a shard, and the same for the single run.
    let pages = story.emulator().requests().len() - 2 * 24;
    assert!(pages <= SHARDS + 1, "{pages} pages");
}

#[test]
fn a_shard_that_was_killed_is_named_and_its_repetition_completes_the_result() {
    let story = fleet(24);
    plan(&story);
    assert_eq!(merge(&story, "plan-#.json", 1..=SHARDS, "--out plan.json").exit, 0);
    story.emulator().edit(|world| world.set_latency(std::time::Duration::from_millis(20)));
    let mut children = start(&story, "apply plan.json --partial --shard #/4 --output json=result-#.json");
    let has_written = |story: &Story| story.traffic().iter().any(|request| request.starts_with("PUT"));
    wait_until("the first PUT", || has_written(&story));
    children[2].kill().unwrap();
    let ends: Vec<_> = children.into_iter().map(|mut child| child.wait().unwrap().code()).collect();
    assert_eq!((ends[0], ends[1], ends[3]), (Some(0), Some(0), Some(0)));
    std::fs::remove_file(story.path("result-3.json")).ok();
    let lacking = merge(&story, "result-#.json", [1, 2, 4], "plan.json --output json");
    assert_eq!(lacking.exit, 3, "{lacking}");
    assert!(lacking.stderr.contains("error: shard 3/4 is missing"), "{lacking}");
    assert!(outcomes(&lacking)["unknown"].as_u64().unwrap() > 0, "{lacking}");

    let mut foreign: Value = serde_json::from_str(&story.read("result-1.json")).unwrap();
    foreign["zones"][0]["base"] = json!("0".repeat(64));
    story.write("foreign.json", foreign.to_string());
    let refused = story.run("merge plan.json foreign.json");
    assert!(
        refused.exit == 3 && refused.stderr.contains("is the result of another plan: `zones` differs"),
        "{refused}"
    );

    let again = story.run("apply plan.json --partial --shard 3/4 --output json=result-3.json");
    assert_eq!(again.exit, 0, "{again}");
    let merged = merge(&story, "result-#.json", 1..=SHARDS, "plan.json --output json");
    let done = |word: &str| outcomes(&merged)[word].as_u64().unwrap_or(0);
    assert_eq!((merged.exit, done("applied") + done("in_sync")), (0, 24), "{merged}");
    assert!((0..24).all(|zone| story.live(&name(zone))["ai_search"] == "block"));
    let written: BTreeSet<_> =
        story.traffic().into_iter().filter(|request| request.starts_with("PUT")).collect();
    assert_eq!(written.len(), 24, "each zone was written by its shard");
}

#[test]
fn mismatched_shards_are_named_and_nothing_is_saved() {
    let story = fleet(12);
    plan(&story);
    let refused = |shards: &[usize], more: &str| {
        let run = merge(&story, "plan-#.json", shards.iter().copied(), &format!("{more} --out merged.json"));
        assert!(!story.path("merged.json").exists(), "{run}");
        assert_eq!(run.exit, 3, "{run}");
        run.stderr
    };
    let missing = refused(&[1, 4], "");
    assert!(
        missing.contains("shard 2/4 is missing") && missing.contains("shard 3/4 is missing"),
        "{missing}"
    );
    let twice = refused(&[1, 2, 2, 3, 4], "");
    assert!(twice.contains("plan-2.json and plan-2.json are both shard 2/4"), "{twice}");
    assert_eq!(story.run("plan --shard 1/3 --out other.json").exit, 0);
    let counts = refused(&[1, 2, 3, 4], "other.json");
    assert!(counts.contains("other.json is shard 1/3, but plan-1.json is one of 4"), "{counts}");
    assert_eq!(story.run("plan --out whole.json").exit, 0);
    let whole = refused(&[1, 2, 3, 4], "whole.json");
    assert!(whole.contains("whole.json is not a shard: it was made without `--shard`"), "{whole}");
    story.write(
        &format!("zones/{}.yaml", name(0)),
        format!("zone: {}\nplan: sbfm_pro\nsettings: {{}}\n", name(0)),
    );
    assert_eq!(story.run("plan --shard 3/4 --out plan-3.json").exit, 0);
    let mixed = refused(&[1, 2, 3, 4], "");
    assert!(
        mixed.contains("plan-3.json and plan-1.json were made from different inputs: `inputs` differs"),
        "{mixed}"
    );
}

#[test]
fn a_guard_judges_the_whole_plan_and_not_a_shard() {
    let story = fleet(12).file("botform.yaml", "guards: {max_zones: 11}\n");
    plan(&story);
    let merged = merge(&story, "plan-#.json", 1..=SHARDS, "--out plan.json");
    assert!(merged.exit == 5 && merged.stderr.contains("guard max-zones"), "{merged}");
    let applied = story.run("apply plan.json --shard 1/4");
    assert!(applied.exit == 5 && applied.stderr.contains("12 of 12 zones would change"), "{applied}");
    assert_eq!(story.bodies(), [json!(null); 0]);
}

#[test]
fn a_shard_is_named_by_the_index_of_its_pod() {
    let story = fleet(12);
    let mut command = story.command("plan --shards 4 --output json");
    command.env("JOB_COMPLETION_INDEX", "1");
    let indexed = story.end(command).json();
    assert_eq!(indexed["selection"]["shard"], "2/4");
    assert_eq!(indexed["zones"], story.run("plan --shard 2/4 --output json").json()["zones"]);
    for (index, said) in [("4", "counted from 0"), ("x", "counted from 0"), ("", "is not set")] {
        let mut command = story.command("plan --shards 4");
        command.env("JOB_COMPLETION_INDEX", index);
        let refused = story.end(command);
        assert!(refused.exit == 64 && refused.stderr.contains(said), "{refused}");
    }
    for wrong in ["plan --shard 5/4", "plan --shard 1/4 --shards 4", "plan --shard 1/4 --coverage"] {
        assert_eq!(story.run(wrong).exit, 64, "{wrong}");
    }
}

/// A repository of a fleet whose newest commit asks for a change of each zone, with a record of what was before.
fn repository() -> Story {
    let story = fleet(8);
    std::fs::create_dir(story.path("main")).unwrap();
    git(&story.path("main"), "init --quiet --initial-branch=main");
    want(&story, 0..8, "disabled");
    assert_eq!(run(&story, "plan --new-record ../record.txt").exit, 0);
    git(&story.path("main"), "tag --force --annotate applied --file ../record.txt");
    story
}

fn want(story: &Story, zones: impl IntoIterator<Item = usize>, search: &str) {
    for zone in zones {
        let text = format!("zone: {}\nplan: sbfm_pro\nsettings:\n  ai_search: {search}\n", name(zone));
        story.write(&format!("main/zones/{}.yaml", name(zone)), text);
    }
    commit(&story.path("main"));
}

fn run(story: &Story, arguments: &str) -> Run {
    let mut command = story.command(arguments);
    command.current_dir(story.path("main")).env("XDG_STATE_HOME", story.path("state"));
    story.end(command)
}

#[test]
fn merge_claims_the_record_for_all_shards_and_settles_it_by_their_results() {
    let story = repository();
    want(&story, 0..8, "block");
    for shard in 1..=2 {
        assert_eq!(
            run(&story, &format!("plan --since applied --shard {shard}/2 --out ../plan-{shard}.json")).exit,
            0
        );
    }
    let claimed =
        run(&story, "merge ../plan-1.json ../plan-2.json --out ../plan.json --last-applied ../record.txt");
    assert_eq!(claimed.exit, 0, "{claimed}");
    assert_eq!(story.read("record.txt").matches("in_doubt").count(), 8, "{}", story.read("record.txt"));
    let first = run(&story, "apply ../plan.json --partial --shard 1/2 --output json=../result-1.json");
    assert_eq!(first.exit, 0, "{first}");
    let partly = story.read("record.txt");
    let lacking = run(&story, "merge ../plan.json ../result-1.json --last-applied ../partly.txt");
    assert!(
        lacking.exit == 5 && lacking.stderr.contains("partly.txt"),
        "the claim is in another file: {lacking}"
    );
    let lacking = run(&story, "merge ../plan.json ../result-1.json --last-applied ../record.txt");
    assert_eq!(lacking.exit, 3, "{lacking}");
    let doubts = story.read("record.txt").matches("in_doubt").count();
    assert!((1..8).contains(&doubts), "the zones of shard 2 stay in doubt: {}", story.read("record.txt"));

    story.write("record.txt", partly);
    let second = run(&story, "apply ../plan.json --partial --shard 2/2 --output json=../result-2.json");
    assert_eq!(second.exit, 0, "{second}");
    let settled =
        run(&story, "merge ../plan.json ../result-1.json ../result-2.json --last-applied ../record.txt");
    assert_eq!(settled.exit, 0, "{settled}");
    assert_eq!(story.read("record.txt").matches("in_doubt").count(), 0, "{}", story.read("record.txt"));
}

/// Plans both parts of a fleet of which each zone is to change, and merges them with a claim.
fn claimed() -> (Story, Run) {
    let story = repository();
    want(&story, 0..8, "block");
    for shard in 1..=2 {
        let planned =
            run(&story, &format!("plan --since applied --shard {shard}/2 --out ../plan-{shard}.json"));
        assert_eq!(planned.exit, 0, "{planned}");
    }
    let merged =
        run(&story, "merge ../plan-1.json ../plan-2.json --out ../plan.json --last-applied ../record.txt");
    (story, merged)
}

/// Makes the record that a run left the one of the tag.
fn tag(story: &Story) {
    git(&story.path("main"), "tag --force --annotate applied --file ../record.txt");
}

fn doubts(story: &Story) -> usize {
    story.read("record.txt").matches("in_doubt").count()
}

/// The lines of a journal with an event.
fn events(story: &Story, journal: &str, event: &str) -> Vec<Value> {
    let lines = story.read(journal);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["event"] == event).collect()
}

/// The zones whose rows are of a run that is not known to have ended.
fn in_doubt(story: &Story, journals: &str) -> Vec<String> {
    let planned = run(story, &format!("plan --since applied {journals} --output json"));
    let json = planned.json();
    let zones = json["zones"].as_array().unwrap().iter();
    let is_meant = |zone: &&Value| {
        zone["settings"].as_array().unwrap().iter().any(|row| row["last_applied"]["in_doubt"].is_number())
    };
    zones.filter(is_meant).map(|zone| zone["zone"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_journals_of_all_shards_end_the_doubts_and_the_one_of_some_those_of_their_zones() {
    let (story, merged) = claimed();
    assert_eq!((merged.exit, doubts(&story)), (0, 8), "{merged}");
    tag(&story);
    let zones = |shard: u32| -> Vec<String> {
        let saved: Value = serde_json::from_str(&story.read(&format!("plan-{shard}.json"))).unwrap();
        let zones = saved["zones"].as_array().unwrap().iter();
        zones.map(|zone| zone["zone"].as_str().unwrap().to_owned()).collect()
    };
    let parts = [zones(1), zones(2)];
    // Nothing is sent to the last zone of each part, and no result settles anything.
    // It was read for the record and for its plan; the third time is that of the apply.
    let fault = json!({"on": "GET", "nth": 3, "count": 1, "do": "forbidden_zone"});
    for part in &parts {
        story.emulator().edit(|world| world.script(part.last().map(String::as_str), &fault)).unwrap();
    }
    for shard in 1..=2 {
        let flags = format!("--partial --shard {shard}/2 --journal ../journal-{shard}");
        let applied = run(&story, &format!("apply ../plan.json {flags}"));
        assert_eq!(applied.exit, 3, "{applied}");
        let claims = events(&story, &format!("journal-{shard}"), "claim");
        let claim =
            json!({"event": "claim", "at": claims[0]["at"], "number": 2, "shard": format!("{shard}/2")});
        assert_eq!(claims, [claim]);
    }
    let sent = |part: &[String]| part[..part.len() - 1].to_vec();
    let sorted = |mut zones: Vec<String>| {
        zones.sort();
        zones
    };
    assert_eq!(in_doubt(&story, "").len(), 8);
    let [one, two] = &parts;
    // The journal of one part says nothing of the zones of the other.
    assert_eq!(in_doubt(&story, "--last-journal ../journal-1"), sorted([sent(one), two.clone()].concat()));
    let both = "--last-journal ../journal-1 --last-journal ../journal-2";
    assert_eq!(in_doubt(&story, both), sorted([sent(one), sent(two)].concat()));
}

#[test]
fn merge_claims_nothing_of_a_plan_that_a_guard_refuses() {
    let story = repository();
    want(&story, 0..8, "block");
    story.write("main/botform.yaml", "guards: {max_zones: 7}\n");
    let before = story.read("record.txt");
    for shard in 1..=2 {
        run(&story, &format!("plan --since applied --shard {shard}/2 --out ../plan-{shard}.json"));
    }
    let merged =
        run(&story, "merge ../plan-1.json ../plan-2.json --out ../plan.json --last-applied ../record.txt");
    assert!(merged.exit == 5 && merged.stderr.contains("guard max-zones"), "{merged}");
    assert_eq!(story.read("record.txt"), before);
    let applied = run(&story, "apply ../plan.json --partial --shard 1/2");
    assert_eq!((applied.exit, story.bodies().len()), (5, 0), "{applied}");
}

#[test]
fn a_shard_of_a_claim_that_is_not_the_last_one_writes_nothing() {
    let (story, merged) = claimed();
    assert_eq!(merged.exit, 0, "{merged}");
    tag(&story);
    let first = run(&story, "apply ../plan.json --partial --shard 1/2 --output json=../result-1.json");
    assert_eq!(first.exit, 0, "{first}");
    let written = story.bodies().len();
    // The second one was killed; the next run looks, and claims the record anew.
    let next = run(&story, "plan --since applied --only-ended --out ../next.json --last-applied ../next.txt");
    assert!([0, 4].contains(&next.exit), "{next}");
    git(&story.path("main"), "tag --force --annotate applied --file ../next.txt");
    let late = run(&story, "apply ../plan.json --partial --shard 2/2 --output json=../result-2.json");
    assert!(late.exit == 4 && late.stderr.contains("a later run has claimed it as number 3"), "{late}");
    let settled = run(&story, "merge ../plan.json ../result-1.json --last-applied ../record.txt");
    assert_eq!(settled.exit, 4, "{settled}");
    assert_eq!(story.bodies().len(), written);
    // Where the record was not fetched, nobody knows.
    git(&story.path("main"), "tag --delete applied");
    let blind = run(&story, "apply ../plan.json --partial --shard 2/2");
    assert!(blind.exit == 1 && blind.stderr.contains("which is not in this clone"), "{blind}");
    assert_eq!(story.bodies().len(), written);
}

#[test]
fn a_shard_without_a_result_does_not_affect_the_others() {
    let (story, merged) = claimed();
    assert_eq!(merged.exit, 0, "{merged}");
    let first = run(&story, "apply ../plan.json --partial --shard 1/2 --output json=../result-1.json");
    assert_eq!(first.exit, 0, "{first}");
    let mut command =
        story.command("apply ../plan.json --partial --shard 2/2 --output json=../result-2.json");
    command.current_dir(story.path("main")).env_remove("CLOUDFLARE_API_TOKEN");
    let refused = story.end(command);
    assert_eq!(refused.exit, 1, "{refused}");
    let claimed = story.read("record.txt");
    let settled =
        run(&story, "merge ../plan.json ../result-1.json ../result-2.json --last-applied ../record.txt");
    assert_eq!(settled.exit, 3, "{settled}");
    for said in ["result-2.json: the run ended without a result: no credentials", "shard 2/2 is missing"] {
        assert!(settled.stderr.replace("\n  ", " ").contains(said), "{settled}");
    }
    assert!((1..8).contains(&doubts(&story)), "{}", story.read("record.txt"));
    // Of none at all nothing is settled.
    story.write("record.txt", claimed);
    let none = run(&story, "merge ../plan.json ../result-2.json --last-applied ../record.txt");
    assert_eq!((none.exit, doubts(&story)), (1, 8), "{none}");
}

#[test]
fn a_zone_that_is_protected_after_its_part_was_planned_is_never_written() {
    let story = fleet(12);
    plan(&story);
    let protect = |zone: usize| {
        let text = story.read(&format!("zones/{}.yaml", name(zone)));
        story.write(&format!("zones/{}.yaml", name(zone)), format!("{text}protect: true\n"));
    };
    protect(3);
    let merged = merge(&story, "plan-#.json", 1..=SHARDS, "--out plan.json --output json");
    assert_eq!((merged.exit, &merged.json()["summary"]["blocked"]), (3, &json!(1)), "{merged}");
    protect(7);
    let ends = all(&story, "apply plan.json --partial --shard #/4 --output json=result-#.json");
    assert!(ends.iter().all(|end| matches!(end, Some(0 | 3))), "{ends:?}");
    let done = merge(&story, "result-#.json", 1..=SHARDS, "plan.json --output json");
    assert_eq!(done.exit, 3, "{done}");
    assert_eq!(outcomes(&done), json!({"applied": 10, "blocked": 2}), "{done}");
    let is_untouched = |zone: &usize| story.live(&name(*zone))["ai_search"] == "disabled";
    assert_eq!((0..12).filter(is_untouched).collect::<Vec<_>>(), [3, 7]);
}

#[test]
fn only_zones_with_changed_files_are_planned() {
    let story = repository();
    let planned = |flags: &str| {
        let run = run(&story, &format!("plan --only-changed --output json {flags}"));
        let json = run.json();
        let zones = json["zones"].as_array().unwrap().iter();
        let zones: Vec<_> = zones.map(|zone| zone["zone"].as_str().unwrap().to_owned()).collect();
        (json["selection"]["changed_since"].clone(), zones)
    };
    assert_eq!(planned("--since applied"), (json!("applied"), Vec::new()));
    want(&story, [2, 5], "block");
    assert_eq!(planned("--since applied"), (json!("applied"), vec![name(2), name(5)]));
    // A comment, and another file of the same values, are no change.
    let path = format!("main/zones/{}.yaml", name(1));
    let text = story.read(&path);
    story.write(&path, format!("# why\n{text}"));
    std::fs::rename(story.path(&format!("main/zones/{}.yaml", name(3))), story.path("main/zones/moved.yaml"))
        .unwrap();
    assert_eq!(planned("--since main"), (json!("main"), Vec::new()));
    // What a baseline says counts as if the file said it, and so does what no setting is.
    story.write("main/zones/baselines/all.yaml", "settings: {enable_js: false}\n");
    story.write(&path, format!("extends: baselines/all.yaml\n{text}"));
    let path = format!("main/zones/{}.yaml", name(6));
    let text = story.read(&path);
    story.write(&path, format!("{text}protect: true\n"));
    assert_eq!(planned("--since main"), (json!("main"), vec![name(1), name(6)]));
    for output in ["text", "markdown", "html"] {
        let shown = run(&story, &format!("plan --only-changed --since main --shard 1/1 --output {output}"));
        let said = "only zones whose files want other values than at";
        assert!(
            shown.stdout.contains(said) && shown.stdout.contains("this is shard 1/1"),
            "{output}: {shown}"
        );
    }
    let needs = run(&story, "plan --only-changed");
    assert!(needs.exit == 64 && needs.stderr.contains("--since origin/main"), "{needs}");
}
