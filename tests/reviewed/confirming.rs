//! The zones of a saved plan are confirmed by name and id: what cannot be confirmed is not written.

use crate::story::{Run, Story, TOKEN};
use botform::emulator::World;
use botform::model::Digest;
use serde_json::{Value, json};

const NAMES: [&str; 2] = ["a.example.com", "b.example.com"];

fn zones() -> Value {
    NAMES.map(|name| json!({"name": name, "plan": "pro"})).into_iter().collect()
}

/// A saved plan of two changes, and then a token that may do less.
fn story(token: Value) -> Story {
    let story = NAMES
        .iter()
        .fold(Story::new(zones()), |story, name| story.zone(name, "sbfm_pro", "ai_search: block"));
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    let mut token = token;
    token["token"] = json!(TOKEN);
    let world = World::read(&json!({"zones": zones(), "tokens": [token]})).unwrap();
    story.emulator().edit(|old| *old = world);
    story
}

fn no_zone_read() -> Value {
    json!({"permissions": ["bot_management_read", "bot_management_write"]})
}

fn outcomes(run: &Run) -> Vec<String> {
    let zones = run.json()["zones"].as_array().unwrap().clone();
    zones.iter().map(|zone| zone["outcome"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn zones_that_the_token_may_not_look_up_are_not_written() {
    let story = story(no_zone_read());
    let run = story.run("apply plan.json --output json");
    assert_eq!((run.exit, outcomes(&run)), (1, ["failed"; 2].map(str::to_owned).to_vec()), "{run}");
    assert!(story.bodies().is_empty());
}

#[test]
fn an_unconfirmed_zone_does_not_stop_the_other() {
    let story = story(json!({"zones": [NAMES[1]]}));
    let run = story.run("apply plan.json --output json");
    assert_eq!((run.exit, outcomes(&run)), (3, ["failed", "applied"].map(str::to_owned).to_vec()), "{run}");
    assert_eq!(story.bodies().len(), 1);
}

/// The plan with the ids of its two zones swapped and the digest computed anew.
fn forge(story: &Story) {
    let mut plan: Value = serde_json::from_str(&story.read("plan.json")).unwrap();
    let ids = [0, 1].map(|n: usize| plan["zones"][n]["zone_id"].clone());
    (plan["zones"][0]["zone_id"], plan["zones"][1]["zone_id"]) = (ids[1].clone(), ids[0].clone());
    let zones: Value = plan["zones"]
        .as_array()
        .unwrap()
        .iter()
        .map(|zone| json!({"base": zone["base"], "body": zone["body"], "zone": zone["zone"], "zone_id": zone["zone_id"]}))
        .collect();
    let approved = json!({"api": plan["api"], "overrides": plan["overrides"], "zones": zones});
    plan["digest"] = Digest::of_json(&approved).as_str().into();
    story.write("plan.json", plan.to_string());
}

#[test]
fn a_swapped_id_is_never_written_whether_it_can_be_looked_up_or_not() {
    for (token, exit) in [(no_zone_read(), 1), (json!({}), 5), (json!({"zones": [NAMES[1]]}), 5)] {
        let story = story(token.clone());
        forge(&story);
        let run = story.run("apply plan.json --output json");
        assert_eq!((run.exit, story.bodies().len()), (exit, 0), "{token} {run}");
    }
}

#[test]
fn a_comment_does_not_change_what_is_approved() {
    let story = story(json!({}));
    let digest = |story: &Story| {
        assert_eq!(story.run("plan --out plan.json").exit, 0);
        let plan: Value = serde_json::from_str(&story.read("plan.json")).unwrap();
        plan["digest"].clone()
    };
    let before = digest(&story);
    story.write("zones/a.example.com.yaml", format!("# hello\n{}", story.read("zones/a.example.com.yaml")));
    assert_eq!(digest(&story), before);
    story.write(
        "zones/a.example.com.yaml",
        story.read("zones/a.example.com.yaml").replace("block", "only_on_ad_pages"),
    );
    assert_ne!(digest(&story), before);
}
