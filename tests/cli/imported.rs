//! Import, then plan: imported files can be planned together with the existing ones.

use crate::plain_zones::{PlainZone, PlainZones};
use crate::story::{Run, Story};
use serde_json::{Value, json};

const ZONE: &str = "a.example.com";

/// The ids of the two zones that have one name.
const IDS: [&str; 2] = ["00000000000000000000000000000001", "00000000000000000000000000000002"];

fn accounts() -> [String; 2] {
    ["a", "b"].map(|letter| letter.repeat(32))
}

/// The settings of a zone.
fn live(ai_search: &str) -> Value {
    json!({"enable_js": true, "ai_search": ai_search, "sbfm_verified_bots": "allow"})
}

fn file(more: &str) -> String {
    format!("zone: {ZONE}\n{more}plan: sbfm_pro\nsettings:\n  ai_search: disabled\n")
}

/// Two zones of one name on the emulator, and a file that there is.
fn story(path: &str, more: &str) -> Story {
    let [one, other] = accounts();
    let zone = |id: &str, account: &str, ai_search| json!({"name": ZONE, "id": id, "account": account, "plan": "pro", "live": live(ai_search)});
    Story::new(json!([zone(IDS[0], &one, "disabled"), zone(IDS[1], &other, "block")])).file(path, file(more))
}

/// Runs both commands, on the emulator and on a server that is not.
fn both(path: &str, more: &str, import: &str) -> [[Run; 2]; 2] {
    let [one, other] = accounts();
    let plain = PlainZones::new([
        PlainZone::new(ZONE, live("disabled")).in_account(&one),
        PlainZone::new(ZONE, live("block")).in_account(&other),
    ]);
    let (emulated, served) = (story(path, more), story(path, more));
    [
        [import, "plan"].map(|arguments| emulated.run(arguments)),
        [import, "plan"].map(|arguments| served.end(plain.command(&served, arguments))),
    ]
}

#[test]
fn a_pinned_file_without_an_account_and_its_twin_are_two_zones() {
    for [import, plan] in both("zones/a.example.com.yaml", &format!("zone_id: \"{}\"\n", IDS[0]), "import") {
        assert_eq!(import.exit, 0, "{import}");
        assert!(plan.exit == 0 && plan.told().contains("Plan: 0, 2, 0, 0"), "{import}\n{plan}");
    }
}

#[test]
fn a_file_in_the_surrounding_folder_is_the_file_of_its_zone() {
    let pinned = format!("zone_id: \"{}\"\naccount_id: {}\n", IDS[0], accounts()[0]);
    for [import, plan] in both("zones/a.example.com.yaml", &pinned, "import zones/new") {
        assert_eq!(import.exit, 0, "{import}");
        assert!(plan.exit == 0 && plan.told().contains("Plan: 0, 2, 0, 0"), "{import}\n{plan}");
    }
}

#[test]
fn a_file_that_matches_two_zones_of_one_name_stops_the_import_of_both() {
    for [import, plan] in both("zones/a.example.com.yaml", "", "import") {
        assert!(import.exit == 1 && import.stderr.contains("several accounts have a zone named"), "{import}");
        assert!(plan.exit == 1 && plan.stdout.contains("was found 2 times"), "{plan}");
    }
}
