//! Saved plans: written, shown, expected, empty, partly failed, and what is no plan.

use crate::story::{Story, command};
use serde_json::{Value, json};

fn shop() -> Story {
    let story = Story::shop("ai_search: block");
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    story
}

#[test]
fn out_and_json_to_stdout_are_the_same_bytes() {
    let story = Story::shop("ai_search: block");
    let run = story.run("plan --out plan.json --output json --output json=second.json");
    assert_eq!(run.stdout, story.read("plan.json"));
    assert_eq!(run.stdout, story.read("second.json"));
}

#[test]
fn show_needs_neither_credentials_nor_the_api() {
    let story = shop();
    let show = |arguments: &str| story.end(command(&story.path(""), arguments));
    let asked = story.emulator().requests().len();
    let text = show("show plan.json");
    assert_eq!((text.exit, text.stdout.as_str()), (0, story.run("plan").stdout.as_str()));
    assert_eq!(show("show plan.json --output json").stdout, story.read("plan.json"));
    assert_eq!(show("show zones/shop.example.com.yaml").exit, 5);
    assert_eq!(show("show missing.json").exit, 1);
    assert_eq!(story.emulator().requests().len(), asked + 2, "the plan in between");
}

#[test]
fn expect_takes_the_digest_that_was_printed_or_all_of_it() {
    let digest = |story: &Story| {
        let plan: Value = serde_json::from_str(&story.read("plan.json")).unwrap();
        plan["digest"].as_str().unwrap().to_owned()
    };
    for length in [32, 33, 64] {
        let story = shop();
        assert_eq!(story.run(&format!("apply plan.json --expect {}", &digest(&story)[..length])).exit, 0);
    }
    let story = shop();
    let all = digest(&story);
    assert!(story.run("show plan.json").stdout.contains(&format!("Digest: {}\n", &all[..32])));
    let exit = |expected: &str| story.run(&format!("apply plan.json --expect {expected}")).exit;
    let other = if all.starts_with('0') { "1" } else { "0" }.repeat(32);
    assert_eq!(
        (exit(&all[..31]), exit("not-a-digest"), exit(&other), exit(&format!("{all}0"))),
        (64, 64, 5, 5)
    );
    assert!(story.bodies().is_empty());
}

#[test]
fn a_plan_that_cannot_be_saved_is_an_error() {
    let story = Story::shop("ai_search: block").file("file", "");
    for place in ["missing/plan.json", "file/plan.json", "zones"] {
        let run = story.run(&format!("plan --out {place}"));
        assert_eq!(run.exit, 1, "{run}");
        assert!(run.stderr.contains("cannot write"), "{run}");
    }
}

#[test]
fn the_result_of_an_apply_is_no_plan() {
    let story = shop();
    assert_eq!(story.run("apply plan.json --output json=result.json").exit, 0);
    for command in ["apply result.json", "show result.json", "plan --since-plan result.json"] {
        let run = story.run(command);
        assert_eq!(run.exit, 5, "{run}");
        assert!(run.stderr.contains("it is a report, not a plan"), "{run}");
    }
}

#[test]
fn a_plan_without_changes_is_applied_without_a_terminal() {
    let story = Story::shop("ai_search: disabled");
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    let run = story.run("apply plan.json");
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""), "{run}");
    assert_eq!(story.run("apply").exit, 0);
}

#[test]
fn blocked_and_failed_zones_of_a_plan_keep_the_exit_from_0() {
    let zone = |name: &str| json!({"name": name, "plan": "pro"});
    let story = Story::new(json!([zone("a.example.com"), zone("b.example.com")]))
        .zone("a.example.com", "sbfm_pro", "ai_search: block")
        .zone("b.example.com", "sbfm_business", "sbfm_likely_automated: block")
        .zone("c.example.com", "sbfm_pro", "ai_search: block");
    assert_eq!(story.run("plan --out plan.json").exit, 3);
    let run = story.run("apply plan.json --output json");
    let outcomes: Vec<_> =
        run.json()["zones"].as_array().unwrap().iter().map(|zone| zone["outcome"].clone()).collect();
    assert_eq!((run.exit, outcomes), (3, vec![json!("applied"), json!("blocked"), json!("failed")]));
    let story = Story::shop("ai_search: block").zone("b.example.com", "sbfm_pro", "ai_search: block");
    assert_eq!(story.run("plan --zone b.example.com --out plan.json").exit, 1);
    assert_eq!(story.run("apply plan.json").exit, 1);
}

#[test]
fn what_is_for_making_a_plan_is_wrong_usage_with_a_saved_one() {
    let story = shop();
    for flags in [
        "--zone shop.example.com",
        "--send-unavailable ai_search",
        "--since HEAD",
        "--since-plan plan.json",
        "--confirm-loosening shop.example.com",
    ] {
        assert_eq!(story.run(&format!("apply plan.json {flags}")).exit, 64, "{flags}");
    }
    for flags in ["--partial", "--expect 00000000"] {
        assert_eq!(story.run(&format!("apply zones {flags}")).exit, 64, "{flags}");
    }
    assert!(story.bodies().is_empty());
}

#[test]
fn an_input_that_is_no_file_is_not_read() {
    let story = shop();
    let mut plan: Value = serde_json::from_str(&story.read("plan.json")).unwrap();
    plan["inputs"][0]["path"] = json!("/dev/zero");
    story.write("plan.json", plan.to_string());
    assert_eq!(story.run("apply plan.json").exit, 0);
}

#[test]
fn out_replaces_a_plan_and_an_empty_file_and_nothing_else() {
    let zone = "zone: b.example.com\nplan: sbfm_pro\nsettings: {}\n";
    let story = Story::shop("ai_search: block")
        .file("other/a.yaml", zone)
        .file("note.json", "{\"a\": 1}")
        .file("empty", "");
    for out in ["other/a.yaml", "note.json", "zones/shop.example.com.yaml"] {
        let before = story.read(out);
        let run = story.run(&format!("plan --out {out}"));
        assert_eq!((run.exit, story.read(out)), (64, before), "{run}");
        assert!(story.emulator().requests().is_empty());
    }
    for out in ["empty", "new.json", "new.json"] {
        assert_eq!(story.run(&format!("plan --out {out}")).exit, 0);
    }
    let run = story.run("plan --out note.json");
    insta::assert_snapshot!(run.stderr, @"
    error: `--out note.json` would replace a file that is not a plan

    hint: name another file, or remove this one first
    ");
}

#[test]
fn a_plan_and_a_snapshot_are_compressed_by_name_and_read_by_content() {
    let story = Story::shop("ai_search: block");
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    let packed = story.run("plan --out plan.json.gz --output json=shown.json.gz --output text");
    assert!(packed.exit == 0 && packed.stderr.contains("botform apply plan.json.gz --expect"), "{packed}");
    let size = |name: &str| std::fs::metadata(story.path(name)).unwrap().len();
    assert!(size("plan.json.gz") * 2 < size("plan.json"));
    let digest = |name: &str| story.run(&format!("show {name} --output json")).json()["digest"].clone();
    assert_eq!(digest("plan.json.gz"), digest("plan.json"));
    assert_eq!(digest("shown.json.gz"), digest("plan.json"));
    assert_eq!(story.run("snapshot seen.json.gz").exit, 0);
    assert_eq!(story.run("plan --live seen.json.gz").exit, 0);
    // The file keeps its name and its place in the run: it is no zone file, and nothing but a plan is replaced by one.
    assert_eq!(story.run("validate plan.json.gz").exit, 64);
    std::fs::write(story.path("other.gz"), "notes").unwrap();
    assert_eq!(story.run("plan --out other.gz").exit, 64);
    std::fs::write(story.path("cut.json.gz"), &std::fs::read(story.path("plan.json.gz")).unwrap()[..200])
        .unwrap();
    let cut = story.run("show cut.json.gz");
    assert!(cut.exit != 0 && cut.stderr.contains("cut.json.gz"), "{cut}");
    assert_eq!(story.run("apply plan.json.gz").exit, 0);
}
