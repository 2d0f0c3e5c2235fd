//! Deviations that a file accepts for a while.

use crate::story::Story;
use serde_json::{Value, json};

fn story(live: Value, stale: Value, settings: &str, more: &str) -> Story {
    let mut object = json!({"enable_js": true, "sbfm_verified_bots": "allow"});
    object.as_object_mut().unwrap().extend(live.as_object().unwrap().clone());
    let zone = json!({"name": "shop.example.com", "plan": "pro", "live": object, "stale": stale, "sticky": stale.as_object().unwrap().keys().collect::<Vec<_>>()});
    Story::new(json!([zone])).zone_with("shop.example.com", "sbfm_pro", settings, more)
}

fn accept(setting: &str, until: &str) -> String {
    format!("accept: [{{setting: {setting}, reason: agreed with support, until: {until}}}]\n")
}

#[test]
fn an_accepted_deviation_is_shown_and_counted_separately() {
    let story = story(
        json!({"ai_search": "block"}),
        json!({}),
        "ai_search: disabled",
        &accept("ai_search", "2999-12-31"),
    );
    insta::assert_snapshot!(story.run("plan --detailed-exitcode").told(), @"
    = shop.example.com (sbfm_pro)  in sync                     zones/shop.example.com.yaml
        · ai_search               block (file: disabled)       accepted until 2999-12-31: agreed with support
          0

    Plan: 0, 1, 0, 0, 1, 2999, 12, 31
    ---- exit 0
    ");
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    assert!(story.bodies().is_empty());
}

#[test]
fn a_waiver_that_has_ended_blocks_the_zone_with_its_reason() {
    let story = story(
        json!({"ai_search": "block"}),
        json!({}),
        "ai_search: disabled",
        &accept("ai_search", "2001-01-01"),
    );
    insta::assert_snapshot!(story.run("plan").told(), @"
    ! shop.example.com (sbfm_pro)  blocked                     zones/shop.example.com.yaml
        ~ ai_search               block → disabled             loosens    :4
          error: the waiver for `ai_search` ended on 2001-01-01: agreed with support   :5
            hint: remove the waiver and let the setting be written, or give it a new reason and end
          0

    Plan: 0, 0, 1, 0
    ---- exit 1
    ");
}

#[test]
fn a_waiver_that_has_ended_is_silent_beside_a_later_one_that_counts() {
    for ends in [["2001-01-01", "2999-12-31"], ["2999-12-31", "2001-01-01"]] {
        let waivers =
            ends.map(|until| format!("  - {{setting: ai_search, reason: agreed, until: {until}}}\n"));
        let more = format!("accept:\n{}", waivers.concat());
        let story = story(json!({"ai_search": "block"}), json!({}), "ai_search: disabled", &more);
        let plan = story.run("plan --detailed-exitcode");
        assert!(plan.exit == 0 && plan.stdout.contains("accepted until 2999-12-31"), "{plan}");
        assert!(!plan.stdout.contains("ended on"), "{plan}");
    }
}

#[test]
fn a_waiver_that_has_ended_is_silent_once_the_deviation_is_gone() {
    let story = story(
        json!({"ai_search": "disabled"}),
        json!({}),
        "ai_search: disabled",
        &accept("ai_search", "2001-01-01"),
    );
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
}

#[test]
fn a_sticky_stale_setting_is_sent_once_and_with_a_waiver_never_again() {
    let story = story(json!({}), json!({"fight_mode": true}), "", "stale: clean\n");
    let run = story.run("apply --auto-approve --output json");
    assert_eq!((run.exit, run.outcome().as_str()), (1, "not_applied"), "{run}");
    assert_eq!(story.bodies().len(), 1);
    let text = story.read("zones/shop.example.com.yaml") + &accept("fight_mode", "2999-12-31");
    story.write("zones/shop.example.com.yaml", text);
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    assert_eq!(story.bodies().len(), 1);
}

#[test]
fn a_saved_plan_with_waivers_reads_back() {
    let zones = json!([{"name": "shop.example.com", "plan": "pro", "live": {"enable_js": false, "ai_search": "block",
        "ai_user": "block", "sbfm_verified_bots": "allow"}, "stale": {"fight_mode": true}}]);
    let waivers = "accept:\n  - {setting: ai_search, reason: a, until: 2999-12-31}\n  - {setting: fight_mode, reason: b, until: 2999-12-31}\n  - {setting: content_bots_protection, reason: c, until: 2999-12-31}\n";
    let story = Story::new(zones).zone_with(
        "shop.example.com",
        "sbfm_pro",
        "enable_js: true\nai_search: disabled\ncontent_bots_protection: block",
        &format!("stale: clean\n{waivers}"),
    );
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    let run = story.run("apply plan.json");
    assert_eq!(run.exit, 0, "{run}");
    assert_eq!(story.bodies(), [json!({"enable_js": true})]);
}
