//! Whatever acts on traffic, or would, is said: each situation in text, Markdown, JSON and HTML, with its exit code.
//! The same words are missing where nothing acts, so that each of them says something.

use crate::story::Story;
use serde_json::{Value, json};

const ZONE: &str = "shop.example.com";

/// The formats that show each situation, besides the text.
const FORMATS: [&str; 3] = ["markdown", "json", "html"];

/// What shows a situation: in texts for people, and in JSON.
struct Words {
    text: &'static str,
    markdown: &'static str,
    html: &'static str,
    json: &'static str,
}

const fn words(text: &'static str, json: &'static str) -> Words {
    Words { text, markdown: text, html: text, json }
}

/// A Pro zone on which nothing acts that its file does not say.
fn live() -> Value {
    json!({"enable_js": true, "ai_bots_protection": "block", "ai_search": "disabled", "ai_training": "disabled",
        "crawler_protection": "enabled", "optimize_wordpress": false, "sbfm_definitely_automated": "allow",
        "sbfm_verified_bots": "allow", "sbfm_static_resource_protection": false})
}

fn with(key: &str, value: Value) -> Value {
    let mut live = live();
    live[key] = value;
    live
}

fn zone(live: &Value, stale: &Value) -> Value {
    json!({"name": ZONE, "plan": "pro", "live": live, "stale": stale})
}

/// The zone with a file that names these settings.
fn shop(live: &Value, settings: &str, more: &str) -> Story {
    Story::new(json!([zone(live, &json!({}))])).zone_with(ZONE, "sbfm_pro", settings, more)
}

/// Runs a command, and returns its exit code and what it says in each format.
fn run(story: &Story, command: &str) -> (i32, [(&'static str, String); 4]) {
    let outputs: String = FORMATS.iter().map(|format| format!(" --output {format}={format}.out")).collect();
    let run = story.run(&format!("{command} --output text{outputs}"));
    let [markdown, json, html] = FORMATS.map(|format| {
        std::fs::read_to_string(story.path(&format!("{format}.out")))
            .unwrap_or_else(|_| panic!("{format}: {run}"))
    });
    let json: Value = serde_json::from_str(&json).unwrap();
    let said = [
        ("text", run.to_string()),
        ("markdown", markdown),
        ("json", json.to_string()),
        ("html", page(&html)),
    ];
    (run.exit, said)
}

/// What a page says: its own text and its data, without its program and the columns, which are there of any plan.
fn page(html: &str) -> String {
    let (_, body) = html.split_once("</style>").unwrap();
    let (text, rest) = body.split_once(r#"<script id="data" type="application/json">"#).unwrap();
    let mut data: Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
    data.as_object_mut().unwrap().remove("settings");
    format!("{text}\n{data}")
}

/// Every format shows a situation, and shows nothing of it where there is none.
fn is_shown(story: &Story, command: &str, exit: i32, words: &Words) {
    let parts = [words.text, words.markdown, words.json, words.html];
    let (code, said) = run(story, command);
    let silent: Vec<_> = said.iter().zip(parts).filter(|((_, said), part)| !said.contains(part)).collect();
    assert!(silent.is_empty(), "missing: {silent:#?}");
    assert_eq!(code, exit, "{}", said[0].1);
    let quiet = shop(&live(), "ai_bots_protection: block", "");
    let (code, said) = run(&quiet, "plan --detailed-exitcode");
    assert_eq!(code, 0, "{}", said[0].1);
    let loud: Vec<_> = said.iter().zip(parts).filter(|((_, said), part)| said.contains(part)).collect();
    assert!(loud.is_empty(), "shown without a cause: {loud:#?}");
}

const PLAN: &str = "plan --detailed-exitcode";
const SINCE: &str = "plan --detailed-exitcode --moved-since last.json";

/// The zone in sync, and a snapshot of it that is of an earlier day.
fn then(story: Story, edit: impl FnOnce(&mut Value)) -> Story {
    assert_eq!(story.run("snapshot last.json").exit, 0);
    let mut snapshot: Value = serde_json::from_str(&story.read("last.json")).unwrap();
    snapshot["taken_at"] = json!("2026-01-01T00:00:00Z");
    edit(&mut snapshot);
    story.write("last.json", serde_json::to_string_pretty(&snapshot).unwrap());
    story
}

fn in_sync() -> Story {
    shop(&live(), "ai_bots_protection: block", "")
}

#[test]
fn a_leftover_of_an_earlier_plan_variant() {
    let story = Story::new(json!([zone(&live(), &json!({"fight_mode": true}))])).zone(
        ZONE,
        "sbfm_pro",
        "ai_bots_protection: block",
    );
    is_shown(&story, PLAN, 0, &words("still acts on traffic", "\"stale\":true"));
}

#[test]
fn a_leftover_that_cannot_be_cleaned() {
    let story = Story::new(json!([zone(&live(), &json!({"moon": "full"}))])).zone(
        ZONE,
        "sbfm_pro",
        "ai_bots_protection: block",
    );
    is_shown(&story, PLAN, 0, &words("moon", "\"verdict\":\"cannot_clean\""));
}

#[test]
fn a_leftover_that_cloudflare_keeps() {
    let mut zone = zone(&live(), &json!({"fight_mode": true}));
    zone["sticky"] = json!(true);
    let story =
        Story::new(json!([zone])).zone_with(ZONE, "sbfm_pro", "ai_bots_protection: block", "stale: clean\n");
    is_shown(&story, "apply --auto-approve", 1, &words("Cloudflare support", "\"kind\":\"kept\""));
}

#[test]
fn a_setting_that_somebody_turned_on() {
    let story = then(in_sync(), |_| {});
    story.emulator().edit(|world| world.set(ZONE, "ai_training", Some(json!("block"))));
    is_shown(&story, SINCE, 2, &words("shuts out search engines", "\"verdict\":\"changed_outside\""));
}

#[test]
fn a_setting_that_somebody_turned_off() {
    let story = then(in_sync(), |_| {});
    story.emulator().edit(|world| world.set(ZONE, "crawler_protection", Some(json!("disabled"))));
    is_shown(&story, SINCE, 2, &words("changed outside", "\"before\":\"enabled\""));
}

#[test]
fn a_value_whose_meaning_changed() {
    let story = shop(&with("ai_training", json!("disallow")), "ai_training: block", "");
    is_shown(&story, PLAN, 2, &words("shuts out search engines", "\"kind\":\"search_engines\""));
}

#[test]
fn a_zone_on_another_plan_variant_than_its_file() {
    let story = Story::new(json!([zone(&live(), &json!({}))])).zone(
        ZONE,
        "sbfm_business",
        "ai_bots_protection: block",
    );
    is_shown(&story, PLAN, 0, &words("but live is sbfm_pro", "but live is sbfm_pro"));
}

#[test]
fn a_zone_that_moved_to_another_plan_variant() {
    let story = then(in_sync(), |last| {
        let zone = &mut last["zones"][0];
        zone["live_plan"] = json!("bot_fight_mode");
        zone["live"] = json!({"enable_js": true, "fight_mode": false, "ai_bots_protection": "block"});
    });
    is_shown(&story, SINCE, 2, &words("is on another plan variant", "\"what\":\"variant\""));
}

#[test]
fn a_new_zone() {
    let story = then(in_sync(), |last| last["zones"] = json!([]));
    is_shown(&story, SINCE, 2, &words("is new", "\"what\":\"new\""));
}

#[test]
fn a_zone_that_is_gone() {
    let story = then(in_sync(), |last| {
        let mut old = last["zones"][0].clone();
        (old["zone"], old["zone_id"]) = (json!("old.example.com"), json!("1".repeat(32)));
        last["zones"].as_array_mut().unwrap().insert(0, old);
    });
    is_shown(&story, SINCE, 2, &words("is gone", "\"what\":\"gone\""));
}

#[test]
fn another_zone_under_an_old_name() {
    let story = then(in_sync(), |last| last["zones"][0]["zone_id"] = json!("2".repeat(32)));
    is_shown(&story, SINCE, 2, &words("is a different zone", "\"what\":\"other_id\""));
}

#[test]
fn a_zone_without_a_file() {
    let story = Story::new(json!([zone(&live(), &json!({})), {"name": "blog.example.com", "plan": "free"}]))
        .zone(ZONE, "sbfm_pro", "ai_bots_protection: block");
    is_shown(
        &story,
        "plan --detailed-exitcode --coverage",
        0,
        &words("blog.example.com", "blog.example.com"),
    );
}

#[test]
fn a_zone_without_a_file_that_changed_outside() {
    let story = Story::new(json!([zone(&live(), &json!({})), {"name": "blog.example.com", "plan": "free"}]))
        .zone(ZONE, "sbfm_pro", "ai_bots_protection: block");
    let story = then(story, |_| {});
    story.emulator().edit(|world| world.set("blog.example.com", "ai_search", Some(json!("block"))));
    // A zone without a file is read for the snapshot alone: no plan needs a request for it.
    assert_eq!(story.run("snapshot tonight.json").exit, 0);
    let command = "plan --detailed-exitcode --live tonight.json --moved-since last.json";
    is_shown(&story, command, 2, &words("which no file manages, changed outside", "\"what\":\"settings\""));
}

#[test]
fn a_loosening_that_is_held() {
    let story = shop(&live(), "sbfm_definitely_automated: allow", "");
    assert_eq!(story.run("plan --out then.json").exit, 0);
    story.emulator().edit(|world| world.set(ZONE, "sbfm_definitely_automated", Some(json!("block"))));
    is_shown(
        &story,
        "plan --detailed-exitcode --since-plan then.json",
        2,
        &words("held", "\"verdict\":\"held\""),
    );
}

#[test]
fn a_deviation_that_is_waived() {
    let more = "accept:\n- {setting: ai_bots_protection, reason: a partner crawls, until: 2999-12-31}\n";
    let story = shop(&with("ai_bots_protection", json!("disabled")), "ai_bots_protection: block", more);
    is_shown(&story, PLAN, 0, &words("a partner crawls", "\"verdict\":\"accepted\""));
}

#[test]
fn a_protected_zone_that_differs() {
    let story =
        shop(&with("ai_bots_protection", json!("disabled")), "ai_bots_protection: block", "protect: true\n");
    is_shown(&story, PLAN, 2, &words("protected", "\"protected\":1"));
}

#[test]
fn a_frozen_zone_that_differs() {
    let more = "freeze: {reason: Black Friday, until: 2999-12-31}\n";
    let story = shop(&with("ai_bots_protection", json!("disabled")), "ai_bots_protection: block", more);
    is_shown(&story, PLAN, 2, &words("Black Friday", "Black Friday"));
}

#[test]
fn a_temporary_value() {
    let more = "temporary:\n- {setting: ai_bots_protection, value: disabled, until: 2999-12-31, reason: load test}\n";
    let story = shop(&live(), "ai_bots_protection: block", more);
    is_shown(&story, PLAN, 2, &words("load test", "load test"));
}

#[test]
fn a_temporary_value_that_acts_already() {
    let more = "temporary:\n- {setting: ai_bots_protection, value: disabled, until: 2999-12-31, reason: load test}\n";
    let story = shop(&with("ai_bots_protection", json!("disabled")), "ai_bots_protection: block", more);
    is_shown(&story, PLAN, 0, &words("2999-12-31", "2999-12-31"));
}

#[test]
fn a_temporary_value_that_has_ended() {
    let more = "temporary:\n- {setting: ai_bots_protection, value: disabled, until: 2026-01-01, reason: load test}\n";
    let story = shop(&with("ai_bots_protection", json!("disabled")), "ai_bots_protection: block", more);
    is_shown(&story, PLAN, 2, &words("2026-01-01", "2026-01-01"));
}

#[test]
fn a_waiver_that_has_ended() {
    let more = "accept:\n- {setting: ai_bots_protection, reason: a partner crawls, until: 2026-01-01}\n";
    let story = shop(&with("ai_bots_protection", json!("disabled")), "ai_bots_protection: block", more);
    is_shown(
        &story,
        PLAN,
        1,
        &words("the waiver for `ai_bots_protection` ended", "the waiver for `ai_bots_protection` ended"),
    );
}

#[test]
fn a_value_that_a_stale_one_overrides() {
    let live = json!({"enable_js": true, "fight_mode": false, "ai_bots_protection": "block"});
    let zones =
        json!([{"name": ZONE, "plan": "free", "live": live, "stale": {"sbfm_verified_bots": "block"}}]);
    let story = Story::new(zones).zone(ZONE, "sbfm_pro", "sbfm_verified_bots: allow");
    let words =
        Words { markdown: "(stale)", ..words("left by an earlier plan variant", "\"leftover\":true") };
    is_shown(&story, PLAN, 2, &words);
}

#[test]
fn a_policy_that_live_breaks() {
    let policy =
        "policy:\n- {id: bots, reason: search engines pass, forbid: {sbfm_verified_bots: [block]}}\n";
    let story = shop(&with("sbfm_verified_bots", json!("block")), "ai_bots_protection: block", "")
        .file("botform.yaml", policy);
    is_shown(&story, PLAN, 0, &words("is broken live", "is broken live"));
}

#[test]
fn a_live_value_that_this_version_does_not_know() {
    let story = shop(&with("ai_search", json!("fortress")), "ai_search: disabled", "");
    is_shown(&story, PLAN, 2, &words("fortress", "\"live\":\"fortress\""));
}

#[test]
fn a_value_that_get_does_not_show() {
    let mut zone = zone(&live(), &json!({}));
    zone["unreported"] = json!(["ai_search"]);
    let story = Story::new(json!([zone])).zone(ZONE, "sbfm_pro", "ai_search: block");
    is_shown(&story, PLAN, 0, &words("not reported", "\"unreported\":1"));
}

#[test]
fn a_value_that_nobody_can_verify() {
    let mut zone = zone(&live(), &json!({}));
    zone["unreported"] = json!(["ai_search"]);
    let story = Story::new(json!([zone])).zone(ZONE, "sbfm_pro", "ai_search: block");
    is_shown(&story, "apply --auto-approve", 0, &words("unverified", "\"outcome\":\"unverified\""));
}
