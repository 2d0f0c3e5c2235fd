//! Incidents that people reported in public, one of each kind, as stories of a few lines: what botform says of each
//! before it happens, or while it does.

use crate::story::Story;
use serde_json::{Value, json};

const SHOP: &str = "shop.example.com";

fn told(story: &Story, command: &str, exit: i32, parts: &[&str]) {
    let run = story.run(command);
    assert_eq!(run.exit, exit, "{run}");
    parts.iter().for_each(|part| assert!(run.to_string().contains(part), "`{part}` is not said:\n{run}"));
}

fn zone(plan: &str, live: Value) -> Value {
    json!({"name": SHOP, "plan": plan, "live": live})
}

/// "Google cannot crawl my site any more", after a migration that nobody asked for.
#[test]
fn the_site_left_the_search_engines_after_the_meaning_of_a_value_changed() {
    let story =
        Story::new(json!([zone("pro", json!({"ai_training": "disallow", "sbfm_verified_bots": "allow"}))]));
    let story = story.zone(SHOP, "sbfm_pro", "ai_training: block");
    told(
        &story,
        "plan",
        0,
        &["disallow → block", "shuts out search engines", "1 change shuts out search engines"],
    );
    assert_eq!(story.run("init").exit, 0);
    told(&story, "apply --auto-approve", 5, &["policy `search-engines`"]);
    assert!(story.bodies().is_empty());
}

/// "Bot Fight Mode was on and I never turned it on": it blocks an API.
#[test]
fn bot_fight_mode_was_turned_on_by_somebody() {
    let live = json!({"enable_js": true, "fight_mode": false, "ai_search": "disabled"});
    let story = Story::new(json!([zone("free", live)])).zone(SHOP, "bot_fight_mode", "ai_search: disabled");
    assert_eq!(story.run("snapshot last.json").exit, 0);
    story.emulator().edit(|world| world.set(SHOP, "fight_mode", Some(json!(true))));
    told(&story, "plan", 0, &["1 in sync"]);
    told(
        &story,
        "plan --moved-since last.json --detailed-exitcode",
        2,
        &["fight_mode", "false → true", "changed outside"],
    );
}

/// "We downgraded, and Super Bot Fight Mode still challenges our users."
#[test]
fn rules_of_a_cancelled_plan_still_challenge() {
    let mut zone = zone("free", json!({"enable_js": true, "fight_mode": false}));
    zone["stale"] = json!({"sbfm_definitely_automated": "managed_challenge"});
    let story =
        Story::new(json!([zone])).zone_with(SHOP, "bot_fight_mode", "enable_js: true", "stale: clean\n");
    told(
        &story,
        "plan --detailed-exitcode",
        2,
        &["sbfm_definitely_automated", "managed_challenge → allow", "left by an earlier plan variant"],
    );
    told(&story, "apply --auto-approve", 0, &["1 applied"]);
    assert!(story.live(SHOP).get("stale_zone_configuration").is_none());
}

/// "After the upgrade Bot Fight Mode cannot be turned off, and the dashboard does not show it."
#[test]
fn bot_fight_mode_stays_after_an_upgrade() {
    let mut zone =
        zone("pro", json!({"enable_js": true, "sbfm_verified_bots": "allow", "ai_search": "disabled"}));
    (zone["stale"], zone["sticky"]) = (json!({"fight_mode": true}), json!(true));
    let story = Story::new(json!([zone])).zone_with(SHOP, "sbfm_pro", "ai_search: block", "stale: clean\n");
    told(&story, "apply --auto-approve", 1, &["not applied", "Cloudflare support"]);
    assert_eq!(story.live(SHOP)["ai_search"], "block", "the change went first");
    told(&story, "plan", 0, &["fight_mode", "stale"]);
}

/// "cloudflared stopped working after we set definitely automated to block."
#[test]
fn the_tunnel_is_cut_off() {
    let story = Story::shop("sbfm_definitely_automated: block");
    told(&story, "plan", 0, &["shuts out Cloudflare Tunnel and API clients"]);
}

/// "Link previews on Facebook show 403."
#[test]
fn link_previews_are_refused() {
    let story = Story::shop("ai_training: block");
    told(&story, "plan", 0, &["ai_training", "blocks social previews"]);
}

/// "Terraform turned managed robots.txt off in all our zones."
#[test]
fn managed_robots_txt_was_turned_off_by_another_tool() {
    let live = json!({"enable_js": true, "is_robots_txt_managed": true, "sbfm_verified_bots": "allow"});
    let story = Story::new(json!([zone("pro", live)])).zone(SHOP, "sbfm_pro", "is_robots_txt_managed: true");
    assert_eq!(story.run("plan --out last.json").exit, 0);
    story.emulator().edit(|world| world.set(SHOP, "is_robots_txt_managed", Some(json!(false))));
    told(
        &story,
        "plan --since-plan last.json --detailed-exitcode",
        2,
        &["is_robots_txt_managed", "false → true"],
    );
    told(&story, "apply --auto-approve", 0, &["1 applied"]);
}

/// "Under attack we challenged everything by hand, and the pipeline undid it."
#[test]
fn a_rule_made_by_hand_under_attack_is_not_undone_by_the_pipeline() {
    let story = Story::shop("sbfm_definitely_automated: allow");
    assert_eq!(story.run("plan --out last.json").exit, 0);
    story.emulator().edit(|world| world.set(SHOP, "sbfm_definitely_automated", Some(json!("block"))));
    told(&story, "apply --auto-approve --since-plan last.json", 0, &["held"]);
    assert!(story.bodies().is_empty());
}

/// "The API says success, and nothing changed."
#[test]
fn success_was_answered_and_nothing_changed() {
    let story = Story::shop_with(json!({"on": "PUT", "do": "ignore"}), "ai_search: block");
    told(&story, "apply --auto-approve", 1, &["not applied", "ai_search"]);
}

/// "A new domain was added, and nobody configured bots for it."
#[test]
fn a_new_domain_has_no_file() {
    let story = Story::shop("ai_search: disabled");
    assert_eq!(story.run("snapshot last.json").exit, 0);
    let zones = json!([{"name": SHOP, "plan": "pro"}, {"name": "new.example.com", "plan": "free"}]);
    let then = story.read("last.json");
    let id = story.emulator().edit(|world| world.zone_id(SHOP).map(str::to_owned)).unwrap();
    let mut with_id = zones;
    with_id[0]["id"] = json!(id);
    story
        .emulator()
        .edit(|world| *world = botform::emulator::World::read(&json!({"zones": with_id})).unwrap());
    story.write("last.json", then);
    told(&story, "plan --moved-since last.json --detailed-exitcode", 2, &["new.example.com is new"]);
    told(&story, "plan --coverage", 0, &["new.example.com"]);
}
