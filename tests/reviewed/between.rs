//! The change made between plan and apply, and what happens: what the rows of `both_doors.rs` do not say.

use crate::story::{Run, Story};
use crate::table::story;
use serde_json::json;

fn outcomes(run: &Run) -> Vec<(i32, String)> {
    let zones = run.json()["zones"].as_array().unwrap().clone();
    zones.iter().map(|zone| (run.exit, zone["outcome"].as_str().unwrap().to_owned())).collect()
}

/// Applies the plan and gives the exit code, the outcomes of both zones and the number of PUTs.
fn applied(story: &Story, arguments: &str) -> (i32, [String; 2], usize) {
    let run = story.run(&format!("apply plan.json --output json {arguments}"));
    let outcomes = outcomes(&run);
    assert_eq!(outcomes.len(), 2, "{run}");
    (run.exit, [outcomes[0].1.clone(), outcomes[1].1.clone()], story.bodies().len())
}

fn is(found: (i32, [String; 2], usize), exit: i32, outcomes: [&str; 2], puts: usize) {
    assert_eq!(found, (exit, outcomes.map(str::to_owned), puts));
}

fn refused(story: &Story, arguments: &str, why: &str) {
    let run = story.run(&format!("apply plan.json {arguments}"));
    assert_eq!(run.exit, 5, "{run}");
    assert!(run.stderr.contains(why), "{run}");
    assert!(story.bodies().is_empty());
}

#[test]
fn a_zone_file_was_edited_or_renamed() {
    let story = story();
    story.write("zones/a.example.com.yaml", "zone: a.example.com\nplan: sbfm_pro\nsettings: {}\n");
    std::fs::rename(story.path("zones/b.example.com.yaml"), story.path("zones/c.yaml")).unwrap();
    let run = story.run("apply plan.json");
    assert_eq!((run.exit, story.bodies().len()), (0, 2), "{run}");
    let told =
        "warning: zones/a.example.com.yaml changed after the plan was made; the plan is applied as it is\n";
    assert!(run.stderr.starts_with(told), "{run}");
    assert!(!run.stderr.contains("zones/b.example.com.yaml"), "{run}");
}

#[test]
fn a_stale_plan_is_refused_with_the_number_of_zones_that_moved() {
    let story = story();
    for zone in ["a.example.com", "b.example.com"] {
        assert!(story.emulator().edit(|world| world.set(zone, "ai_search", Some("block".into()))));
    }
    let run = story.run("apply plan.json");
    assert_eq!((run.exit, story.bodies().len()), (4, 0), "{run}");
    let told = "the plan is stale: 2 zones changed after it was made; nothing was written";
    assert!(run.stderr.contains(told), "{run}");
}

#[test]
fn a_zone_file_was_removed() {
    let story = story();
    std::fs::remove_file(story.path("zones/a.example.com.yaml")).unwrap();
    let run = story.run("apply plan.json");
    assert_eq!((run.exit, story.bodies().len()), (3, 1), "{run}");
    assert!(run.stdout.contains("error: no file of a.example.com is found now"), "{run}");
}

#[test]
fn the_plan_is_applied_in_another_folder() {
    let story = story();
    std::fs::create_dir(story.path("elsewhere")).unwrap();
    let mut command = story.command("apply ../plan.json");
    command.current_dir(story.path("elsewhere"));
    let run = story.end(command);
    assert_eq!((run.exit, story.bodies().len()), (1, 0), "{run}");
    assert!(run.stdout.contains("error: no file of b.example.com is found now"), "{run}");
    // Below a project file its zone files are found wherever the plan is applied.
    story.write("botform.yaml", "guards: {}\n");
    let mut command = story.command("apply ../plan.json");
    command.current_dir(story.path("elsewhere"));
    let run = story.end(command);
    assert_eq!((run.exit, story.bodies().len()), (0, 2), "{run}");
}

#[test]
fn a_zone_file_can_no_longer_be_checked() {
    for broken in ["protect: true\ntomorrow: 1\n", "settings: [\n", "\tzone\n"] {
        let story = story();
        let text = story.read("zones/a.example.com.yaml");
        story.write("zones/a.example.com.yaml", format!("{text}{broken}"));
        let run = story.run("apply plan.json");
        assert_eq!((run.exit, story.bodies().len()), (3, 1), "{run}");
        let told = "error: zones/a.example.com.yaml cannot be checked now, so the zone counts as protected: ";
        assert!(run.stdout.contains(told), "{run}");
    }
}

#[test]
fn the_zone_was_protected_and_its_file_renamed_or_moved() {
    for (project, to) in [("", "zones/renamed.yaml"), ("", "zones/sub/a.yml"), ("guards: {}", "sites/a.yaml")]
    {
        let story = story();
        let text = story.read("zones/a.example.com.yaml");
        std::fs::remove_file(story.path("zones/a.example.com.yaml")).unwrap();
        story.write(to, format!("{text}protect: true\n"));
        if !project.is_empty() {
            story.write("botform.yaml", project);
        }
        let run = story.run("apply plan.json");
        assert_eq!((run.exit, story.bodies().len()), (3, 1), "{run}");
        assert!(run.stdout.contains(&format!("error: {to} protects the zone now: ")), "{run}");
    }
}

#[test]
fn no_output_replaces_a_zone_file_that_is_looked_at() {
    let story = story();
    let before = story.read("zones/b.example.com.yaml");
    let run = story.run("apply plan.json --output json=zones/b.example.com.yaml");
    assert_eq!((run.exit, story.bodies().len()), (64, 0), "{run}");
    assert_eq!(story.read("zones/b.example.com.yaml"), before);
}

#[test]
fn a_plan_of_named_files_finds_the_zone_in_the_folder_as_well() {
    let story = story();
    assert_eq!(story.run("plan zones/a.example.com.yaml --out plan.json").exit, 0);
    let text = story.read("zones/a.example.com.yaml");
    std::fs::remove_file(story.path("zones/a.example.com.yaml")).unwrap();
    story.write("zones/new.yaml", format!("{text}freeze: {{reason: sale, until: 2999-12-31}}\n"));
    let run = story.run("apply plan.json");
    assert_eq!((run.exit, story.bodies().len()), (1, 0), "{run}");
    assert!(
        run.stdout.contains("error: zones/new.yaml protects the zone now until 2999-12-31: sale"),
        "{run}"
    );
}

#[test]
fn a_named_file_is_read_wherever_it_is() {
    for path in ["elsewhere/a.yaml", "elsewhere/a.yml"] {
        let story = story();
        let text = story.read("zones/a.example.com.yaml");
        std::fs::remove_file(story.path("zones/a.example.com.yaml")).unwrap();
        story.write(path, &text);
        assert_eq!(story.run(&format!("plan {path} --out plan.json")).exit, 0);
        story.write(path, format!("{text}protect: true\n"));
        let run = story.run("apply plan.json");
        assert_eq!((run.exit, story.bodies().len()), (1, 0), "{run}");
        assert!(run.stdout.contains(&format!("error: {path} protects the zone now: ")), "{run}");
        story.write(path, &text);
        assert_eq!((story.run("apply plan.json").exit, story.bodies().len()), (0, 1), "{path}");
    }
}

#[test]
fn another_api_is_in_use() {
    let story = story();
    refused(&story, "--base-url http://127.0.0.1:1/client/v4", "this run would write to");
    refused(&story, "--emulate", "this run would write to");
}

#[test]
fn the_same_api_is_written_in_another_way() {
    let story = story();
    let address = story.emulator().base_url().replace("http://", "HTTP://");
    is(applied(&story, &format!("--base-url {address}/")), 0, ["applied", "applied"], 2);
}

#[test]
fn the_zone_was_protected() {
    let story = story();
    let text = story.read("zones/a.example.com.yaml");
    for protection in ["protect: true", "freeze: {reason: sale, until: 2999-12-31}"] {
        story.write("zones/a.example.com.yaml", format!("{}\n{protection}\n", text.trim_end()));
        let run = story.run("show plan.json");
        assert_eq!(run.exit, 0, "{run}");
    }
    is(applied(&story, ""), 3, ["blocked", "applied"], 1);
}

#[test]
fn the_zone_of_that_name_in_another_account_was_protected() {
    let account = |letter: &str| letter.repeat(32);
    let zones =
        ["Shops", "Labs"].map(|account| json!({"name": "a.example.com", "plan": "pro", "account": account}));
    let world = json!({"zones": zones,
        "accounts": [{"id": account("a"), "name": "Shops"}, {"id": account("b"), "name": "Labs"}]});
    let file = |letter: &str| {
        let id = account(letter);
        format!("zone: a.example.com\naccount_id: {id}\nplan: sbfm_pro\nsettings:\n  ai_search: block\n")
    };
    let story = Story::world(&world).file("zones/a.yaml", file("a")).file("zones/b.yaml", file("b"));
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    story.write("zones/a.yaml", file("a") + "protect: true\n");
    let run = story.run("apply plan.json --output json");
    let found = run.json()["zones"].as_array().unwrap().clone();
    let of =
        |id: &str| found.iter().find(|zone| zone["account_id"] == account(id)).unwrap()["outcome"].clone();
    assert_eq!((run.exit, of("a"), of("b")), (3, json!("blocked"), json!("applied")), "{run}");
}
