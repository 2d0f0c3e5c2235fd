//! The configurations of the acceptance tests of Terraform's `cloudflare_bot_management`, written anew as zone files:
//! each step plans what its author expected, ends with the values that were expected, and leaves nothing to plan.
//!
//! Two things that Terraform sends are not for a zone file, since the zone's plan variant has no such setting:
//! `fight_mode: false` on Enterprise, and `auto_update_model: true` without the add-on. Cloudflare accepts both and
//! they change nothing, so that leaving them out is the same.

use super::story::Story;
use serde_json::{Value, json};

const ZONE: &str = "shop.example.com";

/// The settings of a step, and those of them that differ from the zone before it.
type Step = (Value, &'static [&'static str]);

/// A zone with the add-on, one without, and one on Business: the tests run on all of them.
const ENTERPRISE: &str = "bm_enterprise";
const BUSINESS: &str = "sbfm_business";

/// The live values that a story begins with.
fn before(variant: &str) -> Value {
    let mut live = json!({
        "enable_js": true, "ai_bots_protection": "disabled", "crawler_protection": "disabled",
        "is_robots_txt_managed": false, "using_latest_model": true,
    });
    let own = match variant {
        ENTERPRISE => json!({"auto_update_model": true, "suppress_session_score": false}),
        _ => json!({
            "optimize_wordpress": false, "sbfm_definitely_automated": "allow", "sbfm_likely_automated": "allow",
            "sbfm_verified_bots": "allow", "sbfm_static_resource_protection": false,
        }),
    };
    live.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    live
}

fn write(story: &Story, variant: &str, settings: &Value) {
    let text = format!("zone: {ZONE}\nplan: {variant}\nsettings: {settings}\n");
    story.write(&format!("zones/{ZONE}.yaml"), text);
}

fn plays(name: &str, variant: &str, steps: &[Step]) {
    let story = Story::new(json!([{"name": ZONE, "plan": variant, "live": before(variant)}]));
    for (settings, changed) in steps {
        let was = story.live(ZONE);
        write(&story, variant, settings);
        let plan = story.run("plan --output json").json();
        let rows = plan["zones"][0]["settings"].as_array().unwrap().clone();
        let rows = rows.iter().filter(|row| row["verdict"] == "change").map(|row| row["setting"].clone());
        assert_eq!(rows.collect::<Vec<_>>(), *changed, "{name}: {plan:#}");
        let apply = story.run("apply --auto-approve");
        assert_eq!(apply.exit, 0, "{name}: {apply}");
        let after = story.run("plan --detailed-exitcode");
        assert_eq!(after.exit, 0, "{name}: {after}");
        let mut expected = was;
        expected.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        assert_eq!(story.live(ZONE), expected, "{name}: only what the file names moves");
    }
    let import = story.run("import zones");
    assert!(import.stdout.is_empty() || import.stdout.contains("1 unchanged"), "{name}: {import}");
}

/// The configurations for a zone with the add-on.
fn entitled() -> Vec<(&'static str, Vec<Step>)> {
    let js = |on: bool| json!({"enable_js": on, "ai_bots_protection": "disabled"});
    let score = |on: bool| json!({"suppress_session_score": on});
    let ai = |value: &str| json!({"ai_bots_protection": value});
    let crawlers = json!({"enable_js": true, "ai_bots_protection": "block", "crawler_protection": "enabled"});
    let several = json!({
        "enable_js": true, "auto_update_model": true, "suppress_session_score": false, "ai_bots_protection": "block",
    });
    vec![
        ("enable js", vec![(js(false), &["enable_js"]), (js(true), &["enable_js"])]),
        ("session score", vec![(score(false), &[]), (score(true), &["suppress_session_score"])]),
        ("ai bots", vec![(ai("block"), &["ai_bots_protection"]), (ai("disabled"), &["ai_bots_protection"])]),
        ("state consistency", vec![(json!({"enable_js": false, "auto_update_model": true}), &["enable_js"])]),
        (
            "permutations",
            vec![
                (
                    json!({"enable_js": true, "suppress_session_score": false, "ai_bots_protection": "block"}),
                    &["ai_bots_protection"],
                ),
                (
                    json!({"enable_js": false, "suppress_session_score": true, "ai_bots_protection": "disabled"}),
                    &["ai_bots_protection", "enable_js", "suppress_session_score"],
                ),
            ],
        ),
        ("null fields drift", vec![(json!({"enable_js": true}), &[]), (json!({"enable_js": true}), &[])]),
        ("existing resource", vec![(crawlers, &["ai_bots_protection", "crawler_protection"])]),
        ("minimal", vec![(json!({}), &[])]),
        ("computed", vec![(json!({"auto_update_model": true, "is_robots_txt_managed": false}), &[])]),
        (
            "suppression",
            vec![(
                json!({"auto_update_model": true, "enable_js": false, "suppress_session_score": false}),
                &["enable_js"],
            )],
        ),
        ("model consistency", vec![(json!({"auto_update_model": true}), &[])]),
        ("several, from v4", vec![(several, &["ai_bots_protection"])]),
        ("basic, from v5", vec![(json!({"enable_js": true, "auto_update_model": true}), &[])]),
    ]
}

#[test]
fn each_setting_of_an_entitled_zone_does_what_its_author_expected() {
    let told = ["session score", "permutations", "null fields drift", "existing resource", "minimal"];
    for (name, steps) in entitled().iter().filter(|(name, _)| told.contains(name)) {
        plays(name, ENTERPRISE, steps);
    }
}

#[test]
#[ignore = "slow: CI runs it"]
fn each_configuration_of_an_entitled_zone_does_what_its_author_expected() {
    for (name, steps) in entitled() {
        plays(name, ENTERPRISE, &steps);
    }
}

#[test]
fn each_configuration_of_super_bot_fight_mode_does_what_its_author_expected() {
    let groups = |definitely: &str, likely: &str, fixed: bool| {
        json!({
            "sbfm_definitely_automated": definitely, "sbfm_likely_automated": likely, "sbfm_verified_bots": "allow",
            "sbfm_static_resource_protection": fixed,
        })
    };
    let mut all = groups("managed_challenge", "block", false);
    all["enable_js"] = json!(true);
    all["optimize_wordpress"] = json!(true);
    let mismatch = json!({
        "sbfm_definitely_automated": "block", "sbfm_verified_bots": "allow", "sbfm_static_resource_protection": true,
        "optimize_wordpress": false,
    });
    let table: Vec<(&str, Vec<Step>)> = vec![
        ("all", vec![(all, &["optimize_wordpress", "sbfm_definitely_automated", "sbfm_likely_automated"])]),
        (
            "permutations",
            vec![
                (
                    groups("block", "managed_challenge", true),
                    &[
                        "sbfm_definitely_automated",
                        "sbfm_likely_automated",
                        "sbfm_static_resource_protection",
                    ],
                ),
                (
                    groups("managed_challenge", "allow", false),
                    &[
                        "sbfm_definitely_automated",
                        "sbfm_likely_automated",
                        "sbfm_static_resource_protection",
                    ],
                ),
            ],
        ),
        (
            "plan mismatch",
            vec![(mismatch, &["sbfm_definitely_automated", "sbfm_static_resource_protection"])],
        ),
        ("a zone without the add-on", vec![(json!({}), &[])]),
    ];
    for (name, steps) in table {
        plays(name, BUSINESS, &steps);
    }
}

#[test]
fn settings_that_terraform_sends_to_every_zone_are_rejected_for_another_variant() {
    for (variant, settings, said) in [
        (ENTERPRISE, json!({"fight_mode": false}), "`fight_mode` is not available on "),
        (BUSINESS, json!({"auto_update_model": true}), "`auto_update_model` is not available on "),
        (BUSINESS, json!({"fight_mode": false}), "`fight_mode` is not available on "),
    ] {
        let story = Story::new(json!([{"name": ZONE, "plan": variant, "live": before(variant)}]));
        write(&story, variant, &settings);
        let run = story.run("plan");
        assert!(run.exit == 1 && run.stderr.contains(said), "{run}");
        assert!(story.bodies().is_empty());
    }
}

#[test]
fn a_zone_without_the_add_on_may_not_turn_the_model_update_off() {
    let story = Story::new(json!([{"name": ZONE, "plan": BUSINESS, "live": before(BUSINESS)}]));
    write(&story, ENTERPRISE, &json!({"auto_update_model": false}));
    let blocked = story.run("apply --auto-approve --output json");
    assert!(blocked.exit == 1 && blocked.outcome() == "blocked", "{blocked}");
    let refused = story.run("apply --auto-approve --send-unavailable auto_update_model --output json");
    assert!(refused.exit == 1 && refused.outcome() == "refused", "{refused}");
    assert!(refused.stdout.contains("not entitled"), "{refused}");
}
