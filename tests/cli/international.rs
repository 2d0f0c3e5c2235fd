//! Zones with international names: listed in Unicode, compared and stored as A-labels, shown in both forms.

use crate::story::Story;
use serde_json::json;

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
