//! `plan`: what it shows, what it never sends, and how it ends.

use crate::story::Story;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn a_plan_shows_each_change_and_writes_nothing() {
    let story =
        Story::shop("enable_js: true\nai_bots_protection: disabled\nsbfm_definitely_automated: block");
    assert_snapshot!(story.run("plan"), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_bots_protection         block → disabled             loosens    :5
        ~ sbfm_definitely_automated  allow → block                tightens   shuts out Cloudflare Tunnel and API clients  :6
          1 setting in sync, [n] unmanaged

    Plan: 1 zone to change (2 settings), 0 in sync, 0 blocked, 0 failed. 1 change loosens protection.
    Digest: [digest]
    ---- exit 0
    ");
    assert_eq!(story.traffic(), ["GET shop.example.com"]);
}

#[test]
fn detailed_exitcode_reports_pending_changes_with_2() {
    let story = Story::shop("ai_search: block");
    assert_eq!(story.run("plan").exit, 0);
    assert_eq!(story.run("plan --detailed-exitcode").exit, 2);
}

#[test]
fn detailed_exitcode_is_0_when_all_is_in_sync() {
    let story = Story::shop("enable_js: true");
    assert_snapshot!(story.run("plan --detailed-exitcode").told(), @"
    Plan: 0, 1, 0, 0
    ---- exit 0
    ");
}

#[test]
fn a_blocked_zone_next_to_a_usable_one_is_partial_and_alone_a_failure() {
    let zones =
        json!([{"name": "shop.example.com", "plan": "pro"}, {"name": "blog.example.com", "plan": "free"}]);
    let story = Story::new(zones).zone("shop.example.com", "sbfm_pro", "ai_search: block").zone(
        "blog.example.com",
        "sbfm_business",
        "sbfm_likely_automated: block\nai_search: block",
    );
    assert_snapshot!(story.run("plan --detailed-exitcode").told(), @"
    ! blog.example.com (sbfm_business)  blocked                zones/blog.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :5
        + sbfm_likely_automated   (not reported) → block       tightens   blocked  :4
          error: `sbfm_likely_automated: block` is not available on this zone (live is bot_fight_mode; needs sbfm_business)   :4
            hint: remove `sbfm_likely_automated`, write `allow`, or move the zone to another Cloudflare plan; `--send-unavailable sbfm_likely_automated` sends it anyway and shows Cloudflare's answer
          warning: the file says `plan: sbfm_business`, but live is bot_fight_mode   :2
            hint: write `plan: bot_fight_mode`
          0

    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 1, 1, 0, 1, 0, 1
    ---- exit 3
    ");
    assert_eq!(story.run("plan --detailed-exitcode --zone blog.example.com").exit, 1);
    story.run("apply --auto-approve");
    assert_eq!(story.bodies(), [json!({"ai_search": "block"})], "nothing of a blocked zone is sent");
}

#[test]
fn null_and_absence_mean_the_same() {
    let zone = |nulls: bool| json!([{"name": "a.example.com", "plan": "free", "nulls": nulls}]);
    let plan = |nulls| {
        let story = Story::new(zone(nulls)).zone(
            "a.example.com",
            "sbfm_pro",
            "sbfm_verified_bots: allow\nai_search: block",
        );
        let run = story.run("plan --output json");
        let zone = &run.json()["zones"][0];
        (run.exit, zone["changes"].clone(), zone["in_sync"].clone(), zone["base"].clone())
    };
    assert_eq!(plan(true), plan(false));
}

#[test]
fn unknown_keys_and_values_are_shown_and_kept() {
    let live = json!({"enable_js": true, "sbfm_verified_bots": "allow", "ai_search": "fortress", "ai_weather": {"rain": [1]}});
    let story = Story::new(json!([{"name": "shop.example.com", "plan": "pro", "live": live}])).zone(
        "shop.example.com",
        "sbfm_pro",
        "ai_search: block",
    );
    assert_snapshot!(story.run("plan").told(), @r#"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               fortress → block             loosens    shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
        ? ai_weather              {"rain":[1]}                 not known to this version
          note: this version does not know the live value "fortress" of `ai_search`   :4
          0

    Plan: 1, 1, 0, 0, 0, 1, 1
    ---- exit 0
    "#);
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    assert_eq!(story.live("shop.example.com")["ai_weather"], json!({"rain": [1]}));
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
}

#[test]
fn preference_sync_alone_is_blocked_while_robots_txt_is_managed() {
    let story = Story::shop("bot_preference_sync_enabled: false");
    assert_snapshot!(story.run("plan").told(), @"
    ! shop.example.com (sbfm_pro)  blocked                     zones/shop.example.com.yaml
        ~ bot_preference_sync_enabled  true → false                            :4
          error: `bot_preference_sync_enabled: false` needs `is_robots_txt_managed: false`, but live is true: Cloudflare silently turns it on again while robots.txt is managed   :4
            hint: write `is_robots_txt_managed: false` as well
          0

    Plan: 0, 0, 1, 0
    ---- exit 1
    ");
}

#[test]
fn preference_sync_and_robots_txt_go_together() {
    let story = Story::shop("bot_preference_sync_enabled: false\nis_robots_txt_managed: false");
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    assert_eq!(
        story.bodies(),
        [json!({"bot_preference_sync_enabled": false, "is_robots_txt_managed": false})]
    );
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
}

#[test]
fn fight_mode_without_enable_js_is_blocked_by_what_is_live() {
    let live = json!({"enable_js": false, "fight_mode": false});
    let story = Story::new(json!([{"name": "blog.example.com", "plan": "free", "live": live}])).zone(
        "blog.example.com",
        "bot_fight_mode",
        "fight_mode: true",
    );
    assert_snapshot!(story.run("plan").told(), @"
    ! blog.example.com (bot_fight_mode)  blocked               zones/blog.example.com.yaml
        ~ fight_mode              false → true                 tightens   allows no exceptions  :4
          error: `fight_mode: true` needs `enable_js: true`, but live is false: Cloudflare refuses it otherwise   :4
            hint: write `enable_js: true` as well
          0

    Plan: 0, 0, 1, 0
    ---- exit 1
    ");
    story.write(
        "zones/blog.example.com.yaml",
        "zone: blog.example.com\nplan: bot_fight_mode\nsettings: {fight_mode: true, enable_js: true}\n",
    );
    assert_eq!(story.run("apply --auto-approve").exit, 0);
}

#[test]
fn another_plan_variant_in_the_file_is_a_warning_if_all_settings_are_available() {
    let story = Story::new(json!([{"name": "a.example.com", "plan": "free"}])).zone(
        "a.example.com",
        "sbfm_pro",
        "ai_search: block",
    );
    assert_snapshot!(story.run("plan").told(), @"
    ~ a.example.com (sbfm_pro)                                 zones/a.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          warning: the file says `plan: sbfm_pro`, but live is bot_fight_mode   :2
            hint: write `plan: bot_fight_mode`
          0

    Plan: 1, 1, 0, 0, 0, 1
    ---- exit 0
    ");
}

#[test]
fn replies_that_prove_nothing_are_never_a_change() {
    let words = ["html", "empty", "cut", "success_false"];
    let broken = |word: &&str| json!({"name": format!("{}.example.com", word.replace('_', "-")), "plan": "pro", "faults": [{"on": "GET", "do": word}]});
    let mut zones: Vec<_> = words.iter().map(broken).collect();
    zones.push(json!({"name": "blank.example.com", "plan": "pro", "live": {}}));
    let names: Vec<_> = zones.iter().map(|zone| zone["name"].as_str().unwrap().to_owned()).collect();
    let story = names
        .iter()
        .fold(Story::new(json!(zones)), |story, name| story.zone(name, "sbfm_pro", "ai_search: block"));
    let run = story.run("plan");
    assert_snapshot!(run.told(), @"
    ! blank.example.com (sbfm_pro)  failed                     zones/blank.example.com.yaml
          error: GET /zones/[id]/bot_management (zone blank.example.com, 5 attempts) got an object without any bot setting
            CF-Ray [ray]
            hint: an empty object proves nothing about the zone: try again later

    ! cut.example.com (sbfm_pro)  failed                       zones/cut.example.com.yaml
          error: GET /zones/[id]/bot_management (zone cut.example.com, 5 attempts) got a truncated reply: error decoding response body: request or response body error: error reading a body from connection: end of file before message length reached
            CF-Ray [ray]
            hint: try again later, or with a lower `--concurrency`

    ! empty.example.com (sbfm_pro)  failed                     zones/empty.example.com.yaml
          error: GET /zones/[id]/bot_management (zone empty.example.com, 5 attempts) got an empty reply
            CF-Ray [ray]
            hint: check the API address and the proxy settings, or try again later

    ! html.example.com (sbfm_pro)  failed                      zones/html.example.com.yaml
          error: GET /zones/[id]/bot_management (zone html.example.com, 5 attempts) got a web page instead of JSON
            CF-Ray [ray]
            hint: a web page came back instead of the API's JSON, from a proxy or from Cloudflare's edge: check the API address and the proxy settings, or try again later

    ! success-false.example.com (sbfm_pro)  failed             zones/success-false.example.com.yaml
          error: GET /zones/[id]/bot_management (zone success-false.example.com, 5 attempts) was answered with `success: false` with status 200: no reason was given
            CF-Ray [ray]
            hint: try again later; Cloudflare support can look up the request by its CF-Ray

    Plan: 0, 0, 0, 5
    ---- exit 1
    ");
    assert!(story.bodies().is_empty());
}

#[test]
fn a_read_that_fails_at_first_is_tried_again() {
    let fault = json!({"on": "GET", "nth": 1, "count": 2, "do": "html"});
    let story = Story::shop_with(fault, "ai_search: block");
    assert_eq!(story.run("plan --detailed-exitcode").exit, 2);
    assert_eq!(story.traffic().len(), 3);
}

#[test]
fn the_bytes_of_a_plan_do_not_depend_on_concurrency() {
    let names: Vec<_> = (0..40).map(|n| format!("z{n:02}.example.com")).collect();
    let zones: Vec<_> = names.iter().map(|name| json!({"name": name, "plan": "pro"})).collect();
    let story = names.iter().fold(Story::new(json!(zones)), |story, name| {
        story.zone(name, "sbfm_pro", "ai_search: block\nenable_js: false")
    });
    let text = |run: &str| story.run(run).stdout;
    let digest = |run: &str| story.run(run).json()["digest"].clone();
    assert_eq!(text("plan --concurrency 1 --detail"), text("plan --concurrency 64 --detail"));
    assert_eq!(digest("plan --concurrency 1 --output json"), digest("plan --concurrency 64 --output json"));
}

#[test]
fn stale_settings_of_a_zone_in_sync_have_their_line_and_the_exit_stays_0() {
    let story = Story::new(json!([{"name": "shop.example.com", "plan": "pro", "stale": {"fight_mode": true, "sbfm_likely_automated": "Allow"}}]))
        .zone("shop.example.com", "sbfm_pro", "enable_js: true");
    assert_snapshot!(story.run("plan --detailed-exitcode").told(), @"
    = shop.example.com (sbfm_pro)  in sync                     zones/shop.example.com.yaml
        ? fight_mode              true                         stale, still acts on traffic; `stale: clean` would clean it
          1

    Plan: 0, 1, 0, 0, 1
    ---- exit 0
    ");
}

#[test]
fn many_zones_with_equal_changes_are_shown_as_one_group() {
    let names: Vec<_> = (0..30).map(|n| format!("z{n:02}.example.com")).collect();
    let zones: Vec<_> = names.iter().map(|name| json!({"name": name, "plan": "pro"})).collect();
    let story = names
        .iter()
        .fold(Story::new(json!(zones)), |story, name| story.zone(name, "sbfm_pro", "ai_search: block"));
    assert_snapshot!(story.run("plan").told(), @"
    ~ 30 zones (sbfm_pro)
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)
          z00.example.com, z01.example.com, z02.example.com, z03.example.com, z04.example.com, z05.example.com and 24 more (all with --detail)

    Plan: 30, 30, 0, 0, 0, 30
    ---- exit 0
    ");
}
