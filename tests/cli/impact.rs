//! `plan --impact` and `plan --check-effect`: what a change does to requests, and what voids a setting.

use super::story::{Story, TOKEN};
use insta::assert_snapshot;
use serde_json::{Value, json};

/// Traffic of a day that every zone has.
fn traffic() -> Value {
    let of = |requests: u32, who: &str, more: Value| {
        let mut class = json!({"requests": requests, "is": who, "minutes_ago": 20, "over_minutes": 1300});
        class.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        class
    };
    json!([
        of(1_243, "automated", json!({"solved": 31})),
        of(500, "likely_automated", json!({})),
        of(700, "verified_bot", json!({"category": "Search Engine Crawler"})),
        of(90, "verified_bot", json!({"category": "AI Crawler"})),
        of(40, "person", json!({})),
    ])
}

fn zone(name: &str, plan: &str, live: Value) -> Value {
    json!({"name": name, "plan": plan, "live": live, "traffic": traffic()})
}

fn business(name: &str) -> Value {
    let live = json!({"sbfm_definitely_automated": "managed_challenge", "sbfm_likely_automated": "allow", "sbfm_verified_bots": "allow", "enable_js": true, "ai_training": "disabled"});
    zone(name, "business", live)
}

const CHANGES: &str = "sbfm_definitely_automated: allow\nsbfm_likely_automated: block\nsbfm_verified_bots: block\nai_training: disallow\nenable_js: false";

fn shop() -> Story {
    Story::new(json!([business("shop.example.com")])).zone("shop.example.com", "sbfm_business", CHANGES)
}

#[test]
fn each_change_shows_the_requests_that_it_reaches_or_why_no_number_tells() {
    assert_snapshot!(shop().run("plan --impact"), @"
    ~ shop.example.com (sbfm_business)                         zones/shop.example.com.yaml
        ~ ai_training                disabled → disallow          tightens   :7
            would have kept out 90 requests in 24 h; AI Crawler 90
        ~ enable_js                  true → false                 loosens    :8
            no number of requests: it moves bot scores and has no rule of its own
        ~ sbfm_definitely_automated  managed_challenge → allow    loosens    :4
            would have let pass 1,243 requests in 24 h; 31 of their challenges were solved: probably people
        ~ sbfm_likely_automated      allow → block                tightens   :5
            would have kept out 500 requests in 24 h
        ~ sbfm_verified_bots         allow → block                tightens   shuts out search engines  :6
            would have kept out 790 requests in 24 h; Search Engine Crawler 700, AI Crawler 90
          0 settings in sync, [n] unmanaged

    Plan: 1 zone to change (5 settings), 0 in sync, 0 blocked, 0 failed. 1 change shuts out search engines. 2 changes loosen protection.
    Digest: [digest]
    ---- exit 0
    ");
}

#[test]
fn the_same_plan_with_and_without_evidence_has_the_same_digest_and_can_be_applied() {
    let story = shop();
    let digest = |run: &crate::story::Run| run.json()["digest"].clone();
    let (with, without) = (
        story.run("plan --impact=12h --check-effect --out saved --output json"),
        story.run("plan --output json"),
    );
    assert_eq!(digest(&with), digest(&without));
    assert_eq!((with.exit, without.exit), (0, 0));
    let row = |run: &crate::story::Run| run.json()["zones"][0]["settings"][1].clone();
    assert!(row(&with)["impact"].is_object() && row(&without).get("impact").is_none(), "{}", row(&with));
    let shown = story.run("show saved");
    assert!(shown.exit == 0 && !shown.stdout.contains("would have let pass 1,243 requests"), "{shown}");
    let applied = story.run("apply saved");
    assert!(applied.exit == 0 && story.bodies().len() == 1, "{applied}");
}

#[test]
fn markdown_and_html_show_it_in_the_row() {
    let story = shop();
    let markdown = story.run("plan --impact --output markdown").stdout;
    let row = markdown.lines().find(|line| line.contains("| `sbfm_definitely_automated` |")).unwrap();
    assert!(row.contains("<br>`would have let pass 1,243 requests in 24 h; 31 of their challenges were solved: probably people`"), "{row}");
    let html = story.run("plan --impact --output html").stdout;
    assert!(html.contains("would have let pass 1,243 requests in 24 h"));
}

#[test]
fn where_a_field_is_refused_no_format_shows_a_number() {
    let live =
        json!({"sbfm_definitely_automated": "allow", "sbfm_verified_bots": "allow", "enable_js": true});
    let mut refused = business("shop.example.com");
    refused["analytics"] = json!({"refused": ["botManagementDecision"]});
    let worlds = [
        (zone("shop.example.com", "pro", live), "sbfm_pro", "sbfm_definitely_automated: block"),
        (refused, "sbfm_business", "sbfm_likely_automated: block"),
    ];
    for (zone, variant, settings) in worlds {
        let story = Story::new(json!([zone])).zone("shop.example.com", variant, settings);
        let why = "no number of requests: the zone&#39;s plan";
        for format in ["text", "json", "markdown", "html"] {
            let run = story.run(&format!("plan --impact --output {format}"));
            assert_eq!(run.exit, 0, "{run}");
            let said = run.stdout.replace("\\u0027", "'");
            assert!(
                said.contains("the zone's plan does not include `botManagementDecision`")
                    || said.contains(why),
                "{format}: {run}"
            );
            for number in ["1,243", "1243", "500 request", "\"requests\""] {
                assert!(!run.stdout.contains(number), "{format} {number}: {run}");
            }
        }
    }
}

#[test]
fn only_zones_with_changes_are_asked_ten_to_a_query() {
    let names: Vec<_> = (0..25).map(|number| format!("shop-{number:02}.example.com")).collect();
    let story = Story::new(names.iter().map(|name| business(name)).collect());
    let story = names.iter().enumerate().fold(story, |story, (number, name)| {
        let value = if number < 12 { "allow" } else { "managed_challenge" };
        story.zone(name, "sbfm_business", &format!("sbfm_definitely_automated: {value}"))
    });
    let run = story.run("plan --impact");
    assert_eq!(run.exit, 0, "{run}");
    let queries: Vec<_> = story
        .emulator()
        .requests()
        .into_iter()
        .filter(|request| request.path.ends_with("/graphql"))
        .collect();
    let zones = |query: &botform::emulator::Recorded| {
        query.body.as_ref().unwrap()["variables"]["zones"].as_array().unwrap().len()
    };
    // What they may see, and the events of their rules.
    assert_eq!(queries.iter().map(zones).collect::<Vec<_>>(), [10, 2, 10, 2]);
    assert!(
        run.stdout.contains("would have let pass 14,916 requests in 24 h"),
        "the sum of twelve zones: {run}"
    );
}

#[test]
fn one_zone_without_an_answer_does_not_take_the_others_along() {
    let other = |name: &str, how: Value| {
        let mut zone = business(name);
        zone["analytics"] = how;
        zone
    };
    let story = Story::new(json!([
        business("a.example.com"),
        other("b.example.com", json!({"authorized": false})),
        other("c.example.com", json!({"overloaded": true})),
        other(
            "d.example.com",
            json!({"refused": ["firewallEventsAdaptive", "firewallEventsAdaptiveGroups"]})
        ),
    ]));
    let story = ["a", "b", "c", "d"].iter().fold(story, |story, name| {
        story.zone(&format!("{name}.example.com"), "sbfm_business", "sbfm_definitely_automated: allow")
    });
    assert_snapshot!(story.run("plan --impact").told(), @"
    ~ a.example.com (sbfm_business)                            zones/a.example.com.yaml
        ~ sbfm_definitely_automated  managed_challenge → allow    loosens    :4
            would have let pass 1,243 requests in 24 h; 31 of their challenges were solved: probably people
          0

    ~ b.example.com (sbfm_business)                            zones/b.example.com.yaml
        ~ sbfm_definitely_automated  managed_challenge → allow    loosens    :4
            no number of requests: the token may not read the analytics of the zone
          0

    ~ c.example.com (sbfm_business)                            zones/c.example.com.yaml
        ~ sbfm_definitely_automated  managed_challenge → allow    loosens    :4
            no number of requests: Cloudflare's analytics are too busy to answer
          0

    ~ d.example.com (sbfm_business)                            zones/d.example.com.yaml
        ~ sbfm_definitely_automated  managed_challenge → allow    loosens    :4
            no number of requests: the zone's plan does not include security events
          0

    Plan: 4, 4, 0, 0, 0, 4
    ---- exit 0
    ");
}

#[test]
fn a_used_up_limit_is_the_reason_in_each_row() {
    let world = json!({"zones": [business("shop.example.com")], "analytics": {"queries": 1}});
    let story = Story::world(&world).zone("shop.example.com", "sbfm_business", CHANGES);
    let run = story.run("plan --impact");
    assert_eq!(run.exit, 0, "{run}");
    let reason = "no number of requests: Cloudflare's limit of analytics queries is used up";
    assert_eq!(run.stdout.matches(reason).count(), 4, "{run}");
}

#[test]
fn a_time_without_meaning_is_wrong_usage() {
    for line in [
        "plan --impact=soon",
        "plan --impact --live snapshot.json",
        "plan --check-effect --live snapshot.json",
    ] {
        assert_eq!(shop().run(line).exit, 64, "{line}");
    }
}

/// A zone on which other things act.
fn around(plan: &str, live: Value, around: Value) -> Value {
    json!({"name": "shop.example.com", "plan": plan, "live": live, "around": around})
}

#[test]
fn what_voids_a_setting_is_named_with_its_id() {
    let rule = |id: &str, name: &str, action: &str, expression: &str, more: Value| json!({"id": id, "description": name, "action": action, "expression": expression, "enabled": true, "action_parameters": more});
    let rules = json!([
        rule("r1", "Health checks", "skip", "true", json!({"phases": ["http_request_sbfm"]})),
        rule("r2", "Cache", "skip", "true", json!({"phases": ["http_ratelimit"]})),
        {"id": "r3", "description": "Off", "action": "skip", "expression": "true", "enabled": false, "action_parameters": {"phases": ["http_request_sbfm"]}},
    ]);
    let live = json!({"sbfm_definitely_automated": "block", "sbfm_verified_bots": "allow", "enable_js": true, "ai_bots_protection": "block"});
    let story = Story::new(json!([around("pro", live, json!({
        "custom_rules": rules, "pay_per_crawl": {"enabled": true}, "security_level": "under_attack",
        "environments": [{"name": "Production", "locked_on_deployment": true}, {"name": "Staging"}],
        "access_rules": [{"id": "a1", "mode": "whitelist", "configuration": {"target": "ip", "value": "203.0.113.77"}, "notes": "office"}],
    }))]))
    .zone("shop.example.com", "sbfm_pro", "sbfm_definitely_automated: block");
    let run = story.run("plan --check-effect");
    assert!(!run.to_string().contains("203.0.113.77"), "{run}");
    assert_snapshot!(run.told(), @"
    = shop.example.com (sbfm_pro)  in sync                     zones/shop.example.com.yaml
          warning: `sbfm_definitely_automated` has no effect on requests that match custom rule «Health checks» (r1): it skips Super Bot Fight Mode
          warning: the zone is under Version Management, and `Production` is locked: what is written may not take effect there
            hint: deploy the version that was written: in the dashboard, under Version Management
          warning: pay per crawl has no effect on crawlers that `ai_bots_protection: block` already refuses
            hint: set `ai_bots_protection: disabled`, or switch pay per crawl off
          warning: the security level `under_attack` challenges everybody, whatever the bot settings say
          1

    Plan: 0, 1, 0, 0
    ---- exit 0
    ");
}

#[test]
fn an_allowed_address_voids_bot_fight_mode_where_it_acts() {
    let rules = json!({"access_rules": [
        {"id": "a1", "mode": "whitelist", "configuration": {"target": "ip", "value": "203.0.113.77"}, "notes": "office"},
        {"id": "a2", "mode": "block", "configuration": {"target": "country", "value": "XX"}, "notes": ""},
    ]});
    let live = |on: bool| json!({"fight_mode": on, "enable_js": true});
    let run = |on| {
        Story::new(json!([around("free", live(on), rules.clone())]))
            .zone("shop.example.com", "bot_fight_mode", "enable_js: true")
            .run("plan --check-effect")
    };
    let said = "`fight_mode` has no effect on requests that match IP access rule for an address «office» (a1): it allows them";
    assert!(run(true).stdout.contains(said), "{}", run(true));
    assert!(!run(false).stdout.contains("fight_mode"), "{}", run(false));
}

#[test]
fn custom_rules_on_the_bot_score_are_proved_or_found_missing() {
    let rule = |expression: &str| json!({"custom_rules": [{"id": "r1", "description": "Scores", "action": "managed_challenge", "expression": expression, "enabled": true}]});
    let live = json!({"auto_update_model": true, "enable_js": true});
    let run = |rules: Value| {
        let zone = around("enterprise", live.clone(), rules);
        let story = Story::new(json!([zone]));
        story
            .zone_with(
                "shop.example.com",
                "bm_enterprise",
                "enable_js: true",
                "custom_rules_in_place: true\n",
            )
            .run("plan --check-effect")
    };
    let proved = run(rule("(cf.bot_management.score lt 30)"));
    assert!(
        proved.stdout.contains(
            "note: `custom_rules_in_place` is true: custom rule «Scores» (r1) acts on the bot score"
        ),
        "{proved}"
    );
    for rules in [rule("(http.host eq \"a\")"), json!({})] {
        let missing = run(rules);
        assert!(
            missing.stdout.contains("but no custom rule of the zone blocks or challenges by the bot score"),
            "{missing}"
        );
    }
}

#[test]
fn a_missing_read_permission_is_reported_and_not_an_error() {
    let token = json!({"token": TOKEN, "permissions": ["zone_read", "bot_management_read", "settings_read"]});
    let zone = around("free", json!({"fight_mode": true, "enable_js": true}), json!({}));
    let story = Story::world(&json!({"tokens": [token], "zones": [zone]})).zone(
        "shop.example.com",
        "bot_fight_mode",
        "enable_js: true",
    );
    let run = story.run("plan --check-effect");
    assert_eq!(run.exit, 0, "{run}");
    for (what, permission) in
        [("custom rules", "Zone WAF Read"), ("IP access rules", "Zone Firewall Services Read")]
    {
        let said = format!(
            "note: the {what} could not be read, so it is not known what they void\n        hint: give the token the permission `{permission}`"
        );
        assert!(run.stdout.contains(&said), "{run}");
    }
    let doctor = story.run("doctor").stdout;
    assert!(doctor.contains("ok       Evidence: security level can be read of shop.example.com, but not analytics, custom rules, IP access rules, environments, pay per crawl\n"), "{doctor}");
}
