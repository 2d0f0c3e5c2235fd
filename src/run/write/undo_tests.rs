//! What a journal says is to be brought back.

use super::*;
use crate::diff::Context;
use crate::model::Live;
use serde_json::json;

const API: &str = "https://api.example";

fn begin(api: &str) -> Json {
    json!({"event": "begin", "format_version": "1.0", "tool_version": "0.1.0", "at": "", "api": api})
}

fn put(zone: &str, id: &str, before: Json, stale_before: Json, body: Json) -> Json {
    json!({"event": "put", "at": "", "zone": zone, "zone_id": id.repeat(32), "plan": "sbfm_pro",
        "file": "zones/a.yaml", "base": "", "before": before, "stale_before": stale_before, "body": body})
}

/// A PUT of `ai_search`, which was disabled.
fn search(zone: &str, id: &str) -> Json {
    put(zone, id, json!({"ai_search": "disabled"}), json!({}), json!({"ai_search": "block"}))
}

fn undo(lines: &[Json]) -> Undo {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.jsonl");
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(&path, text).unwrap();
    Undo::read(&path).unwrap()
}

fn names(undo: &Undo) -> Vec<String> {
    undo.zones.iter().map(|zone| zone.zone.to_string()).collect()
}

fn settings(zone: &Desired) -> Vec<(&'static str, String)> {
    zone.settings().map(|(setting, wanted)| (setting.name, wanted.value.to_string())).collect()
}

/// The plan of an undo at an address, of zones that are live so.
fn planned(undo: &Undo, api: &str, live: &Json) -> Plan {
    let live = Live::read(live.as_object().unwrap().clone());
    let context = Context::of_day(jiff::civil::Date::default());
    let zone = |want: &Desired| ZonePlan::build(want, want.zone_id.clone().unwrap(), live.clone(), &context);
    let made = Provenance { api: api.to_owned(), ..Provenance::default() };
    let mut plan = Plan::build(made, undo.zones.iter().map(zone).collect());
    undo.block(&mut plan);
    plan
}

fn blocks(plan: &Plan) -> Vec<String> {
    plan.zones().iter().flat_map(|zone| &zone.blocks).map(|block| block.message.to_string()).collect()
}

#[test]
fn only_the_last_run_that_sent_anything_is_undone() {
    let earlier = [begin("https://earlier.example"), search("a.example.com", "a")];
    let last = [begin(API), search("c.example.com", "b"), search("b.example.com", "c")];
    // A run that only settled an earlier one sent nothing.
    let found = undo(&[earlier.as_slice(), &last, &[begin("https://later.example")]].concat());
    assert_eq!(
        (found.api.as_str(), names(&found)),
        (API, vec!["b.example.com".to_owned(), "c.example.com".to_owned()])
    );
    let nothing = undo(&[begin(API)]);
    assert_eq!((nothing.api.as_str(), names(&nothing)), (API, Vec::new()));
}

#[test]
fn of_two_puts_of_a_zone_the_first_says_what_was_there_before() {
    let second = put(
        "a.example.com",
        "a",
        json!({"ai_search": "block", "enable_js": false, "sbfm_verified_bots": "allow"}),
        json!({"sbfm_verified_bots": "block"}),
        json!({"ai_search": "only_on_ad_pages", "enable_js": true, "sbfm_verified_bots": "allow"}),
    );
    let found = undo(&[begin(API), search("a.example.com", "a"), second]);
    // Where the stale member acted, its value is what there was.
    let expected = [("ai_search", "disabled"), ("enable_js", "false"), ("sbfm_verified_bots", "block")];
    let expected: Vec<_> = expected.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    assert_eq!((settings(&found.zones[0]), found.lost.clone()), (expected, Vec::new()));
    let live = json!({"ai_search": "block", "enable_js": true, "sbfm_verified_bots": "allow"});
    assert_eq!(blocks(&planned(&found, API, &live)), Vec::<String>::new(), "as the run left it");
    let again = json!({"ai_search": "disabled", "enable_js": true, "sbfm_verified_bots": "allow"});
    assert_eq!(
        blocks(&planned(&found, API, &again)),
        Vec::<String>::new(),
        "one has its earlier value again"
    );
    assert_eq!(found.files, BTreeSet::from(["zones/a.yaml".to_owned()]));
}

#[test]
fn a_zone_in_which_nothing_is_written_is_not_blocked() {
    let before = json!({"ai_search": "disabled", "ai_bots_protection": null});
    let body = json!({"ai_search": "block", "ai_bots_protection": "block"});
    let found = undo(&[begin(API), put("a.example.com", "a", before, json!({}), body)]);
    let live = json!({"ai_search": "disabled", "ai_bots_protection": "only_on_ad_pages"});
    assert_eq!(blocks(&planned(&found, API, &live)), Vec::<String>::new());
}

#[test]
fn what_cannot_be_written_again_is_lost() {
    let before = json!({"ai_search": null, "tomorrow": 1, "ai_bots_protection": "someday"});
    let record = put("a.example.com", "a", before, json!({"fight_mode": true}), json!({}));
    let found = undo(&[begin(API), record]);
    let lost: Vec<_> = found.lost.iter().map(|lost| lost.what.as_str()).collect();
    assert_eq!(
        lost,
        [
            "`ai_bots_protection` was \"someday\", which this version cannot write",
            "`ai_search` was not reported before, so its value is not known",
            "`fight_mode` was stale at true, left by an earlier plan variant; that cannot be written again",
            "`tomorrow` is not known to this version",
        ]
    );
}

#[test]
fn a_zone_keeps_its_account() {
    let mut record = search("a.example.com", "a");
    record["account_id"] = json!("c".repeat(32));
    let found = undo(&[begin(API), record]);
    assert_eq!(found.zones[0].account_id.as_ref().map(ToString::to_string), Some("c".repeat(32)));
}

#[test]
fn a_zone_that_somebody_changed_since_is_blocked_by_its_name_or_by_its_id() {
    let one = undo(&[begin(API), search("a.example.com", "a")]);
    let moved = planned(&one, API, &json!({"ai_search": "only_on_ad_pages"}));
    let hint = |plan: &Plan| plan.zones()[0].blocks[0].hint.as_ref().unwrap().to_string();
    assert!(hint(&moved).contains("`--undo-moved a.example.com` "), "{}", hint(&moved));
    // It has the value from before already: nothing is written, and nothing blocked.
    assert_eq!(blocks(&planned(&one, API, &json!({"ai_search": "disabled"}))), Vec::<String>::new());
    let two = undo(&[begin(API), search("a.example.com", "a"), search("a.example.com", "b")]);
    let moved = planned(&two, API, &json!({"ai_search": "only_on_ad_pages"}));
    assert!(hint(&moved).contains("`--undo-moved a.example.com@"), "{}", hint(&moved));
}

#[test]
fn a_value_that_get_leaves_out_since_it_is_neutral_has_not_moved() {
    let sent = |before: &str, sent: &str| {
        undo(&[
            begin(API),
            put("a.example.com", "a", json!({"ai_search": before}), json!({}), json!({"ai_search": sent})),
        ])
    };
    let (absent, other) = (json!({"enable_js": true}), json!({"ai_search": "only_on_ad_pages"}));
    let neutral = sent("block", "disabled");
    assert_eq!(blocks(&planned(&neutral, API, &absent)), Vec::<String>::new());
    assert_eq!(blocks(&planned(&neutral, API, &other)).len(), 1, "another value was set since");
    let block = sent("only_on_ad_pages", "block");
    assert_eq!(blocks(&planned(&block, API, &absent)).len(), 1, "absent is not what was sent");
}

#[test]
fn a_plan_for_another_api_writes_nothing_since_an_id_may_be_that_of_another_zone() {
    let found = undo(&[begin(API), search("a.example.com", "a")]);
    let plan = planned(&found, "https://other.example", &json!({"ai_search": "block"}));
    assert_eq!(
        blocks(&plan),
        ["the run to undo wrote to the API at `https://api.example`, but this is `https://other.example`"]
    );
}
