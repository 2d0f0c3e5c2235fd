//! A clean-up never takes a change along: it is sent after the changes, in a PUT of its own.

use crate::story::Story;
use insta::assert_snapshot;
use serde_json::{Value, json};

const ZONE: &str = "shop.example.com";

/// A Pro zone with Bot Fight Mode left on, of which Cloudflare behaves so, and a file that cleans it and blocks.
fn story(behaves: &Value) -> Story {
    let mut zone = json!({"name": ZONE, "plan": "pro", "stale": {"fight_mode": true}});
    zone.as_object_mut().unwrap().extend(behaves.as_object().unwrap().clone());
    let settings = "sbfm_definitely_automated: block";
    Story::new(json!([zone])).zone_with(ZONE, "sbfm_pro", settings, "stale: clean\n")
}

fn events(story: &Story) -> Vec<String> {
    let lines = story.read("j.jsonl");
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .map(|line| match line["outcome"].as_str() {
            Some(outcome) => outcome.to_owned(),
            None => line["event"].as_str().unwrap().to_owned(),
        })
        .collect()
}

const CHANGE: fn() -> Value = || json!({"sbfm_definitely_automated": "block"});
const CLEAN_UP: fn() -> Value = || json!({"fight_mode": false});

#[test]
fn a_refused_clean_up_leaves_the_change_done_and_says_what_to_do() {
    let story = story(&json!({"refused": ["fight_mode"]}));
    let plan = story.run("plan --output json").json();
    let body = json!({"fight_mode": false, "sbfm_definitely_automated": "block"});
    assert_eq!(plan["zones"][0]["body"], body, "the document has the whole");
    assert_snapshot!(story.run("apply --auto-approve --journal j.jsonl").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ sbfm_definitely_automated  allow → block                tightens   shuts out Cloudflare Tunnel and API clients  :4
        - fight_mode                 true → false                 loosens    stale, left by an earlier plan variant
          0

    Plan: 1, 1, 1, 0, 0, 0, 1

      not applied   shop.example.com
          fight_mode              stale, was sent as false, but Cloudflare keeps true: contact Cloudflare support to have it removed
          error: Cloudflare refuses to clean up what an earlier plan variant left, so it still acts on traffic
            hint: ask Cloudflare support to remove it; until then accept it (`accept:`, with an end), or leave it with `stale: report`
          error: PUT /zones/[id]/bot_management (zone shop.example.com) was refused with status 400: zone does not have access to fight mode (code 10400)
            CF-Ray [ray]

    Apply: 0, 0, 1, 0, 0, 0
    ---- exit 1
    ");
    assert_eq!(story.bodies(), [CHANGE(), CLEAN_UP()]);
    assert_eq!(story.live(ZONE)["sbfm_definitely_automated"], "block");
    assert_eq!(events(&story), ["begin", "put", "applied", "put", "not_applied", "end"]);
    let again = story.run("plan --output json").json();
    assert_eq!(again["zones"][0]["body"], CLEAN_UP(), "nothing but the leftover is left");
    assert_eq!(again["summary"]["settings"], 0);
}

#[test]
fn both_puts_are_accepted_under_one_approval_with_two_more_requests() {
    let story = story(&json!({}));
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    let before = story.traffic().len();
    let run = story.run("apply plan.json --journal j.jsonl --output json");
    assert_eq!((run.exit, run.outcome().as_str()), (0, "applied"), "{run}");
    let methods: Vec<_> = story.traffic().split_off(before).iter().map(|line| line[..3].to_owned()).collect();
    assert_eq!(methods, ["GET", "GET", "PUT", "GET", "PUT", "GET"], "confirmed, then written in two");
    assert_eq!(story.bodies(), [CHANGE(), CLEAN_UP()]);
    assert_eq!(events(&story), ["begin", "put", "applied", "put", "applied", "end"]);
    let undo = story.run("undo j.jsonl --auto-approve");
    assert!(undo.stdout.contains("`fight_mode` was stale at true"), "{undo}");
    assert_eq!(story.live(ZONE)["sbfm_definitely_automated"], "allow", "{undo}");
}

#[test]
fn a_refused_clean_up_is_not_applied_but_the_change_is() {
    let story = story(&json!({"sticky": true}));
    let run = story.run("apply --auto-approve --output json");
    assert_eq!((run.exit, run.outcome().as_str()), (1, "not_applied"), "{run}");
    let findings = &run.json()["zones"][0]["findings"];
    assert_eq!((&findings[0]["setting"], &findings[0]["kind"]), (&json!("fight_mode"), &json!("kept")));
    assert_eq!(
        (findings.as_array().unwrap().len(), story.live(ZONE)["sbfm_definitely_automated"].clone()),
        (1, json!("block"))
    );
}

#[test]
fn a_refused_change_prevents_its_clean_up() {
    let story = story(&json!({"refused": ["sbfm_definitely_automated"]}));
    let run = story.run("apply --auto-approve --output json");
    assert_eq!((run.exit, run.outcome().as_str()), (1, "refused"), "{run}");
    assert_eq!(story.bodies(), [CHANGE()]);
    assert_eq!(story.live(ZONE)["stale_zone_configuration"], json!({"fight_mode": true}));
}

#[test]
fn an_edit_between_the_two_puts_stops_the_clean_up() {
    let edit = json!({"on": "PUT", "nth": 1, "do": "edit_after", "set": {"ai_search": "block"}});
    let story = story(&json!({"faults": [edit]}));
    let run = story.run("apply --auto-approve --output json");
    assert_eq!((run.exit, run.outcome().as_str()), (1, "not_applied"), "{run}");
    let kinds: Vec<_> = run.json()["zones"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["setting"].clone(), finding["kind"].clone()))
        .collect();
    let kinds: Vec<_> =
        kinds.iter().map(|(name, kind)| (name.as_str().unwrap(), kind.as_str().unwrap())).collect();
    assert_eq!(kinds, [("fight_mode", "not_sent"), ("ai_search", "moved")]);
    assert_eq!(story.bodies(), [CHANGE()]);
}

#[test]
fn a_lone_clean_up_that_is_refused_for_its_value_is_not_applied_and_one_without_permission_is_refused() {
    let lone = |behaves: Value| {
        let story = story(&behaves);
        story.write(
            "zones/shop.example.com.yaml",
            "zone: shop.example.com\nplan: sbfm_pro\nsettings: {}\nstale: clean\n",
        );
        story.run("apply --auto-approve --output json").outcome()
    };
    assert_eq!(lone(json!({"refused": ["fight_mode"]})), "not_applied");
    let denied =
        json!({"on": "PUT", "do": "refuse", "status": 403, "code": 10000, "message": "Authentication error"});
    assert_eq!(lone(json!({"faults": [denied]})), "refused");
}
