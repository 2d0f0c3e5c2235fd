//! `why`: what stopped a request, where the value comes from, and the ways out.

use super::story::{Story, TOKEN};
use insta::assert_snapshot;
use serde_json::{Value, json};

const RAY: &str = "8f1b2c3d4e5f6a7b";

/// An address of the documentation, which nothing may show.
const ADDRESS: &str = "203.0.113.77";

/// A request that a world tells of.
fn request(more: Value) -> Value {
    let mut request = json!({"requests": 1, "path": "/api/orders", "user_agent": "PartnerSync/2.1", "country": "DE", "asn": 3320, "address": ADDRESS, "ray": RAY, "minutes_ago": 7});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

/// A zone with these live settings and this request.
fn zone(plan: &str, live: Value, more: Value) -> Value {
    json!({"name": "shop.example.com", "plan": plan, "live": live, "traffic": [request(more)]})
}

/// The parts of a world's rule table: the plan, what is live, the request, the setting, and its line or its gap.
fn table() -> Vec<(&'static str, &'static str, Value, Value, &'static str)> {
    let sbfm = |name: &str, value: Value| json!({"sbfm_likely_automated": "allow", "enable_js": true, name: value});
    let bot = |category: &str| json!({"is": "verified_bot", "category": category});
    vec![
        ("free", "bot_fight_mode", json!({"enable_js": true, "fight_mode": true}), json!({"is": "automated"}), "fight_mode"),
        ("business", "sbfm_business", sbfm("sbfm_definitely_automated", json!("block")), json!({"is": "automated"}), "sbfm_definitely_automated"),
        ("business", "sbfm_business", sbfm("sbfm_likely_automated", json!("managed_challenge")), json!({"is": "likely_automated"}), "sbfm_likely_automated"),
        (
            "business",
            "sbfm_business",
            json!({"sbfm_likely_automated": "block", "sbfm_static_resource_protection": true}),
            json!({"is": "likely_automated", "static": true}),
            "sbfm_static_resource_protection",
        ),
        (
            "business",
            "sbfm_business",
            json!({"sbfm_likely_automated": "allow", "sbfm_definitely_automated": "block", "sbfm_static_resource_protection": true}),
            json!({"is": "automated", "static": true}),
            "sbfm_static_resource_protection",
        ),
        ("free", "bot_fight_mode", json!({"fight_mode": false, "ai_bots_protection": "block"}), bot("AI Crawler"), "ai_bots_protection"),
        ("free", "bot_fight_mode", json!({"fight_mode": false, "ai_search": "block"}), bot("AI Search"), "ai_search"),
        ("free", "bot_fight_mode", json!({"fight_mode": false, "ai_user": "block"}), bot("AI Assistant"), "ai_user"),
        ("free", "bot_fight_mode", json!({"fight_mode": false, "ai_training": "disallow"}), bot("AI Crawler"), "ai_training"),
        (
            "free",
            "bot_fight_mode",
            json!({"fight_mode": false, "ai_user": "only_on_ad_pages", "ai_search": "block"}),
            json!({"is": "verified_bot", "category": "AI Assistant", "ad_page": true}),
            "ai_user",
        ),
        ("free", "bot_fight_mode", json!({"fight_mode": false, "content_bots_protection": "block"}), json!({"content_bot": true}), "content_bots_protection"),
        ("free", "bot_fight_mode", json!({"fight_mode": false, "crawler_protection": "enabled"}), bot("AI Crawler"), "crawler_protection"),
    ]
}

/// The settings of a file as lines, from what is live.
fn lines(live: &Value) -> Vec<String> {
    live.as_object().unwrap().iter().map(|(name, value)| format!("{name}: {value}")).collect()
}

#[test]
fn every_rule_of_the_table_leads_to_its_setting_and_its_line() {
    for (plan, variant, live, more, setting) in table() {
        let lines = lines(&live);
        let story = Story::new(json!([zone(plan, live, more)])).zone("shop.example.com", variant, &lines.join("\n"));
        let run = story.run(&format!("why {RAY} --output json"));
        assert_eq!(run.exit, 0, "{setting}: {run}");
        let stop = &run.json()["why"]["zones"][0]["stops"][0];
        let acting = &stop["by"]["settings"]["settings"];
        assert_eq!((acting.as_array().unwrap().len(), &acting[0]["setting"]), (1, &json!(setting)), "{stop}");
        let line = 4 + lines.iter().position(|line| line.starts_with(setting)).unwrap();
        let file = &acting[0]["origin"]["file"];
        assert_eq!((&file["file"], &file["line"]), (&json!("zones/shop.example.com.yaml"), &json!(line)), "{stop}");
    }
}

#[test]
fn a_gap_of_the_table_is_told_in_cloudflares_own_words() {
    let live = json!({"sbfm_likely_automated": "allow", "sbfm_verified_bots": "block"});
    let story = Story::new(json!([zone("business", live, json!({"is": "verified_bot", "category": "Monitoring"}))]));
    let run = story.run(&format!("why {RAY}"));
    assert!(run.stdout.contains("blocked (block) by something that is not one of the bot settings"), "{run}");
    assert!(run.stdout.contains("«Manage verified bots» of firewallManaged"), "{run}");
}

/// The customer of a partner, who is challenged.
fn customer() -> Story {
    let live = json!({"enable_js": true, "sbfm_definitely_automated": "managed_challenge", "sbfm_likely_automated": "allow", "sbfm_verified_bots": "allow"});
    let mut zone = zone("business", live, json!({"is": "automated"}));
    let others = json!({"requests": 600, "is": "automated", "path": "/products", "over_minutes": 1000, "solved": 18});
    zone["traffic"].as_array_mut().unwrap().push(others);
    let settings = "enable_js: true\nsbfm_definitely_automated: managed_challenge";
    Story::new(json!([zone])).zone("shop.example.com", "sbfm_business", settings)
}

#[test]
fn a_challenged_customer_gets_the_line_and_the_ways_out() {
    let run = customer().run(&format!("why {RAY}-FRA"));
    let text = run.to_string();
    let settings = insta::Settings::clone_current();
    let mut settings = settings;
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[time]");
    settings.add_filter(r"until: \d{4}-\d\d-\d\d", "until: [day]");
    settings.bind(|| assert_snapshot!(text, @""));
    assert!(!text.contains(ADDRESS) && !text.contains(TOKEN));
}
