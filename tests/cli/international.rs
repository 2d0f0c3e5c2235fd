//! Zones with international names: listed in Unicode, compared and stored as A-labels, shown in both forms.

use crate::listings::{run_on, serving};
use crate::story::Story;
use serde_json::{Value, json};

const UNICODE: &str = "bücher.example";
const ASCII: &str = "xn--bcher-kva.example";

fn story() -> Story {
    let live = json!({"ai_search": "disabled"});
    Story::new(json!([
        {"name": UNICODE, "plan": "pro", "live": live},
        {"name": "a.example.com", "plan": "pro", "live": live},
    ]))
}

#[test]
fn a_file_names_it_in_either_form() {
    for name in [UNICODE, ASCII] {
        let story = story().zone("a.example.com", "sbfm_pro", "ai_search: disabled").file(
            "zones/books.yaml",
            format!("zone: {name}\nplan: sbfm_pro\nsettings:\n  ai_search: block\n"),
        );
        let plan = story.run("plan");
        assert_eq!(plan.exit, 0, "{plan}");
        assert!(plan.stdout.contains("~ bücher.example (xn--bcher-kva.example)"), "{plan}");
        assert_eq!(story.run("apply --auto-approve --zone bücher.*").exit, 0);
        assert_eq!(story.live(ASCII)["ai_search"], "block");
        for selected in ["bücher.example", "BÜCHER.example", "xn--*"] {
            let run = story.run(&format!("plan --zone {selected}"));
            assert!(run.stdout.contains("1 in sync"), "{run}");
        }
        let alone = story.run("plan zones/books.yaml --output json");
        assert_eq!(alone.json()["zones"][0]["zone"], ASCII);
    }
}

#[test]
fn every_text_shows_it_in_both_forms() {
    let both = format!("{UNICODE} ({ASCII})");
    let story = story().zone(ASCII, "sbfm_pro", "ai_search: block");
    for command in ["plan", "plan --output markdown", "feedback list"] {
        let run = story.run(command);
        assert!(run.stdout.contains(&both), "{command}: {run}");
    }
    std::fs::remove_file(story.path(&format!("zones/{ASCII}.yaml"))).unwrap();
    let story = story.zone("a.example.com", "sbfm_pro", "ai_search: disabled");
    for output in ["text", "markdown"] {
        let run = story.run(&format!("plan --coverage --output {output}"));
        assert!(run.stdout.contains(&both), "{output}: {run}");
    }
}

#[test]
fn import_snapshot_and_coverage_do_not_fail_for_it() {
    let story = story();
    let imported = story.run("import zones");
    assert_eq!(imported.exit, 0, "{imported}");
    assert!(story.read(&format!("zones/{ASCII}.yaml")).contains(&format!("zone: {ASCII}")));
    assert_eq!(story.run("plan --coverage --detailed-exitcode").exit, 0);
    assert_eq!(story.run("snapshot snapshot.json").exit, 0);
    let plan = story.run("plan --live snapshot.json --detailed-exitcode");
    assert_eq!(plan.exit, 0, "{plan}");
}

#[test]
fn a_pinned_id_is_that_of_the_name_in_either_form() {
    let story = story();
    let id = story.emulator().edit(|world| world.zone_id(ASCII).map(str::to_owned)).unwrap();
    let story = story.file(
        "zones/books.yaml",
        format!("zone: {UNICODE}\nzone_id: {id}\nplan: sbfm_pro\nsettings:\n  ai_search: disabled\n"),
    );
    let plan = story.run("plan");
    assert!(plan.exit == 0 && plan.stdout.contains("1 in sync"), "{plan}");
}

/// The number of zones of a fleet, of which five have international names and one has none that can be converted.
const FLEET: usize = 300;

fn names() -> Vec<String> {
    let name = |n: usize| match n {
        0 => "\u{202e}moc.elpmaxe.example".to_owned(),
        1..=5 => format!("bücher-{n}.example"),
        _ => format!("shop-{n:03}.example.com"),
    };
    (0..FLEET).map(name).collect()
}

fn row(n: usize, name: &str) -> Value {
    json!({"id": format!("{n:032x}"), "name": name, "account": {"id": "a".repeat(32), "name": "Shops"}})
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_fleet_of_three_hundred_with_such_names_and_a_broken_one_goes_the_whole_way() {
    let names = names();
    let server = serving(names.iter().enumerate().map(|(n, name)| row(n, name)).collect(), None);
    let story = Story::new(json!([]));
    let run = |arguments: &str, exit: i32, part: &str| {
        let run = run_on(&story, &server, arguments);
        assert!(run.exit == exit && run.to_string().contains(part), "{arguments}: `{part}`\n{run}");
        run.to_string()
    };
    let imported = run("import", 3, "299 written, 1 not imported; plan: 0 changes");
    assert!(imported.contains("is not a zone name") && !imported.contains('\u{202e}'), "{imported}");
    run("plan --detailed-exitcode", 0, "299 in sync");
    for (n, name) in names.iter().enumerate().take(11).skip(1) {
        let file = match name {
            name if n <= 5 => format!("zones/{}.yaml", idna::domain_to_ascii(name).unwrap()),
            name => format!("zones/{name}.yaml"),
        };
        story.write(&file, story.read(&file).replace("settings:\n", "settings:\n  ai_search: block\n"));
    }
    let plan = run("plan", 0, "Plan: 10 zones to change");
    assert!(plan.contains("bücher-3.example (xn--bcher-3-"), "{plan}");
    run("apply --auto-approve --journal j.jsonl", 0, "10 applied");
    run("plan --detailed-exitcode", 0, "299 in sync");
    run("snapshot live.json", 3, "299 zones in live.json, 1 unreadable");
    run("plan --live live.json --detailed-exitcode", 0, "299 in sync");
    run("plan --moved-since live.json --detailed-exitcode", 0, "Nothing changed outside since");
    run("undo j.jsonl --auto-approve", 0, "10 applied");
    run("plan", 0, "Plan: 10 zones to change");
    run("plan --zone bücher-*", 0, "Plan: 5 zones to change");
    run("feedback list", 3, "0 reports in 299 zones");
    run("feedback list --zone bücher-1.example", 0, "no reports for bücher-1.example (xn--bcher-1-");
    let mut report: Value = crate::feedback::reference();
    report["zone"] = json!(names[1]);
    story.write("feedback/books.json", report.to_string());
    run("feedback plan", 0, "xn--bcher-1-");
}
