//! `apply`: the smallest PUT, the read-back, and every outcome in plain words.

use crate::story::Story;
use insta::assert_snapshot;
use serde_json::{Value, json};

#[test]
fn a_file_that_names_one_setting_sends_that_one_key() {
    let story = Story::shop("ai_search: block");
    let before = story.live("shop.example.com");
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 1, 1, 0, 0, 0, 1

      applied       shop.example.com   1 setting written and read back

    Apply: 1, 0, 0, 0, 0
    ---- exit 0
    ");
    assert_eq!(story.bodies(), [json!({"ai_search": "block"})]);
    let mut after = story.live("shop.example.com");
    after["ai_search"] = before["ai_search"].clone();
    assert_eq!(after, before, "all else is what it was");
    assert_eq!(
        story.traffic(),
        ["GET shop.example.com", "GET shop.example.com", "PUT shop.example.com", "GET shop.example.com"]
    );
}

#[test]
fn managed_robots_txt_stays_what_it_was() {
    let story = Story::new(json!([{"name": "a.example.com", "plan": "free", "live": {"enable_js": true, "fight_mode": false, "is_robots_txt_managed": true, "ai_search": "disabled"}}]))
        .zone("a.example.com", "bot_fight_mode", "ai_search: block");
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    assert_eq!(story.live("a.example.com")["is_robots_txt_managed"], true);
}

#[test]
fn cf_robots_variant_and_content_bots_protection_arrive() {
    let story = Story::shop("cf_robots_variant: \"policy_only\"\ncontent_bots_protection: block");
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    assert_eq!(
        story.bodies(),
        [json!({"cf_robots_variant": "policy_only", "content_bots_protection": "block"})]
    );
    assert_eq!(story.live("shop.example.com")["cf_robots_variant"], "policy_only");
}

#[test]
fn a_bare_off_is_a_word() {
    let story = Story::new(json!([{"name": "shop.example.com", "plan": "pro", "live": {"sbfm_verified_bots": "allow", "cf_robots_variant": "policy_only"}}]))
        .zone("shop.example.com", "sbfm_pro", "cf_robots_variant: off");
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    assert_eq!(story.live("shop.example.com")["cf_robots_variant"], "off");
}

#[test]
fn nothing_to_change_writes_nothing() {
    let story = Story::shop("enable_js: true");
    assert_snapshot!(story.run("apply").told(), @"
    Plan: 0, 1, 0, 0

    Apply: 0, 1, 0, 0, 0
    ---- exit 0
    ");
    assert!(story.bodies().is_empty());
}

#[test]
fn an_apply_converges() {
    let story =
        Story::shop("ai_search: block\nsbfm_definitely_automated: managed_challenge\nai_training: disallow");
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    assert_eq!(story.bodies().len(), 1, "the second apply sends nothing");
}

fn stale_shop(zone: Value, more: &str) -> Story {
    let mut all = json!({"name": "shop.example.com", "plan": "pro", "stale": {"fight_mode": true, "sbfm_likely_automated": "allow"}});
    all.as_object_mut().unwrap().extend(zone.as_object().unwrap().clone());
    Story::new(json!([all])).zone_with("shop.example.com", "sbfm_pro", "enable_js: true", more)
}

#[test]
fn a_clean_up_sends_only_what_is_stale_and_acts() {
    let story = stale_shop(json!({}), "stale: clean\n");
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        - fight_mode              true → false                 loosens    stale, left by an earlier plan variant
          1

    Plan: 1, 0, 1, 0, 0, 0, 1

      applied       shop.example.com   1 setting written and read back

    Apply: 1, 0, 0, 0, 0
    ---- exit 0
    ");
    assert_eq!(story.bodies(), [json!({"fight_mode": false})]);
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
}

#[test]
fn a_stale_setting_that_cloudflare_keeps_is_reported_once_with_a_hint_to_support() {
    let story = stale_shop(json!({"sticky": ["fight_mode"]}), "stale: clean\n");
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        - fight_mode              true → false                 loosens    stale, left by an earlier plan variant
          1

    Plan: 1, 0, 1, 0, 0, 0, 1

      not applied   shop.example.com
          fight_mode              stale, was sent as false, but Cloudflare keeps true: contact Cloudflare support to have it removed

    Apply: 0, 0, 1, 0, 0, 0
    ---- exit 1
    ");
    assert_eq!(story.bodies().len(), 1, "never a loop");
}

#[test]
fn a_clean_up_on_enterprise_asks_for_custom_rules() {
    let zones = json!([{"name": "bank.example.com", "plan": "bm_enterprise", "stale": {"sbfm_likely_automated": "block"}}]);
    let story =
        Story::new(zones).zone_with("bank.example.com", "bm_enterprise", "enable_js: true", "stale: clean\n");
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ! bank.example.com (bm_enterprise)  blocked                zones/bank.example.com.yaml
        - sbfm_likely_automated   block → allow                loosens    stale, left by an earlier plan variant
          error: `stale: clean` would switch off rules that still protect this zone; Cloudflare asks for custom rules first   :5
            hint: add custom rules that replace them, then set `custom_rules_in_place: true` in the file
          1

    Plan: 0, 0, 1, 0

      blocked       bank.example.com

    Apply: 0, 0, 0, 1, 0
    ---- exit 1
    ");
    assert!(story.bodies().is_empty());
    story.write("zones/bank.example.com.yaml", "zone: bank.example.com\nplan: bm_enterprise\nsettings: {}\nstale: clean\ncustom_rules_in_place: true\n");
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    assert_eq!(story.bodies(), [json!({"sbfm_likely_automated": "allow"})]);
}

#[test]
fn a_put_that_is_ignored_is_not_applied() {
    let story = Story::shop_with(json!({"on": "PUT", "do": "ignore"}), "ai_search: block");
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 1, 1, 0, 0, 0, 1

      not applied   shop.example.com
          ai_search               was sent as block, but live is still disabled

    Apply: 0, 0, 1, 0, 0, 0
    ---- exit 1
    ");
}

#[test]
fn other_settings_that_changed_are_named() {
    let fault = json!({"on": "PUT", "do": "collateral", "set": {"crawler_protection": "enabled"}});
    let story = Story::shop_with(fault, "ai_search: block");
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 1, 1, 0, 0, 0, 1

      collateral    shop.example.com
          crawler_protection      was not sent, but moved from disabled to enabled

    Apply: 0, 0, 1, 0, 0, 0
    ---- exit 1
    ");
}

#[test]
fn an_unreported_setting_is_unverified_and_not_a_failure() {
    let story = Story::new(
        json!([{"name": "shop.example.com", "plan": "pro", "unreported": ["content_bots_protection"]}]),
    )
    .zone("shop.example.com", "sbfm_pro", "content_bots_protection: block");
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    = shop.example.com (sbfm_pro)  in sync                     zones/shop.example.com.yaml
        + content_bots_protection  (not reported) → block       tightens   shuts out search engines (low confidence)  :4
          0

    Plan: 0, 1, 0, 0, 1

      unverified    shop.example.com
          content_bots_protection was sent as block; GET does not report it, so it cannot be verified

    Apply: 0, 1, 0, 0, 0, 0
    ---- exit 0
    ");
}

#[test]
fn an_override_shows_cloudflares_own_refusal() {
    let story = Story::new(json!([{"name": "shop.example.com", "plan": "pro"}])).zone(
        "shop.example.com",
        "sbfm_business",
        "sbfm_likely_automated: block",
    );
    assert_eq!(story.run("plan").exit, 1);
    assert_snapshot!(story.run("apply --auto-approve --send-unavailable sbfm_likely_automated").told(), @"
    ~ shop.example.com (sbfm_business)                         zones/shop.example.com.yaml
        + sbfm_likely_automated   (not reported) → block       tightens   :4
          warning: the file says `plan: sbfm_business`, but live is sbfm_pro   :2
            hint: write `plan: sbfm_pro`
          0

    Plan: 1, 1, 0, 0, 0

      refused       shop.example.com
          error: PUT /zones/[id]/bot_management (zone shop.example.com) was refused with status 400: zone not entitled to enable likely automated bots ruleset (code 10400)
            CF-Ray [ray]
            hint: the zone's plan does not include this: leave the setting out, or change the zone's plan

    Apply: 0, 0, 1, 0, 0, 0
    ---- exit 1
    ");
}

#[test]
fn an_edit_between_plan_and_put_makes_that_zone_stale_and_the_others_go_on() {
    let edit = json!([{"on": "GET", "nth": 2, "do": "edit", "set": {"enable_js": false}}]);
    let zones = json!([{"name": "a.example.com", "plan": "pro", "faults": edit}, {"name": "b.example.com", "plan": "pro"}]);
    let story = Story::new(zones).zone("a.example.com", "sbfm_pro", "ai_search: block").zone(
        "b.example.com",
        "sbfm_pro",
        "ai_search: block",
    );
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ~ a.example.com (sbfm_pro)                                 zones/a.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    ~ b.example.com (sbfm_pro)                                 zones/b.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 2, 2, 0, 0, 0, 2

      applied       b.example.com   1 setting written and read back
      stale         a.example.com
          enable_js               was true when planned and is false now
          error: the zone changed since it was planned; nothing was written
            hint: run `plan` again, then `apply`

    Apply: 1, 0, 0, 1, 0, 0
    ---- exit 3
    ");
    assert_eq!(story.live("a.example.com")["ai_search"], "disabled");
}

#[test]
fn the_same_change_made_by_someone_else_leaves_nothing_to_do() {
    let edit = json!({"on": "GET", "nth": 2, "do": "edit", "set": {"ai_search": "block"}});
    let story = Story::shop_with(edit, "ai_search: block");
    let run = story.run("apply --auto-approve --output json");
    assert_eq!((run.exit, run.outcome().as_str()), (0, "in_sync"));
    assert!(story.bodies().is_empty());
}

#[test]
fn without_a_terminal_and_without_approval_nothing_is_written() {
    let story = Story::shop("ai_search: block");
    assert_snapshot!(story.run("apply").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 1, 1, 0, 0, 0, 1

    Apply: 0, 0, 0, 0, 1
    ---- stderr
    error: nothing was written: there is no terminal to ask for approval

    hint: add `--auto-approve`, or apply a saved plan
    ---- exit 1
    ");
    assert!(story.bodies().is_empty());
}
