//! The rows of the table in `examples/reviewed`: what happens between plan and apply, and how it ends.

use crate::story::Story;
use botform::model::Digest;
use serde_json::{Value, json};
use std::fs;

/// How a plan is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Plain,
    Partial,
    /// `--concurrency 1`.
    OneByOne,
    /// With the digest of a plan that was reviewed.
    Expecting(&'static str),
    /// With the digest that the plan had before it was touched.
    AsReviewed,
    /// At another address.
    Elsewhere,
}
use Manner::{AsReviewed, Elsewhere, Expecting, OneByOne, Partial, Plain};

/// How it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The outcomes of both zones, and the number of PUTs.
    Outcomes([String; 2], usize),
    /// Nothing is written, with a message that has these words.
    Refused(&'static str),
}

/// A row, or one of the ways to come to it.
pub(crate) struct Row {
    /// How the row of the page begins.
    pub(crate) readme: &'static str,
    pub(crate) moves: fn(&Story),
    pub(crate) manner: Manner,
    pub(crate) exit: i32,
    pub(crate) end: End,
}

fn row(readme: &'static str, moves: fn(&Story), exit: i32, outcomes: [&str; 2], puts: usize) -> Row {
    Row { readme, moves, manner: Plain, exit, end: End::Outcomes(outcomes.map(str::to_owned), puts) }
}

fn refused(readme: &'static str, moves: fn(&Story), says: &'static str) -> Row {
    Row { readme, moves, manner: Plain, exit: 5, end: End::Refused(says) }
}

impl Row {
    fn by(self, manner: Manner) -> Self {
        Self { manner, ..self }
    }
}

/// Nothing of a stale plan is written, and with `--partial` the other zone is.
fn stale(readme: &'static str, moves: fn(&Story)) -> [Row; 2] {
    [
        row(readme, moves, 4, ["stale", "not_attempted"], 0),
        row(readme, moves, 3, ["stale", "applied"], 1).by(Partial),
    ]
}

/// All of them.
pub(crate) fn rows() -> Vec<Row> {
    let edited = [
        stale("somebody edited a setting that the plan changes", |story| {
            set(story, "ai_bots_protection", json!("only_on_ad_pages"));
        }),
        stale("... a managed setting that was in sync", |story| set(story, "enable_js", json!(false))),
        stale("... an unmanaged setting", |story| set(story, "ai_search", json!("block"))),
        stale("... a stale setting", |story| set_stale(story, "fight_mode", None)),
        stale("... a stale setting", |story| set_stale(story, "sbfm_likely_automated", Some(json!("allow")))),
        stale("... a key that botform does not know", |story| set(story, "tomorrow", json!(2))),
        stale("... a key that botform does not know", |story| set(story, "day_after", json!(true))),
    ];
    let files = [
        row("nothing", |_| {}, 0, ["applied", "applied"], 2),
        row("a zone file was edited or renamed", edit_and_rename, 0, ["applied", "applied"], 2),
        row("a zone file says `protect: true` or", |story| add(story, PROTECT), 3, BLOCKED, 1),
        row("a zone file says `protect: true` or", |story| add(story, FREEZE), 3, BLOCKED, 1),
        row(
            "a zone file says `protect: true` or",
            |story| move_to(story, "zones/new.yaml", PROTECT),
            3,
            BLOCKED,
            1,
        ),
        row(
            "a zone file says `protect: true` or",
            |story| move_to(story, "zones/sub/a.yml", FREEZE),
            3,
            BLOCKED,
            1,
        ),
        row("a zone file says `protect: true` or", move_out_of_the_folder, 3, BLOCKED, 1),
        row("a zone file can no longer be checked", |story| add(story, "tomorrow: 1"), 3, BLOCKED, 1),
        row("a zone file can no longer be checked", |story| add(story, "settings: ["), 3, BLOCKED, 1),
        row("a zone file can no longer be checked", |story| add(story, "\tzone"), 3, BLOCKED, 1),
        row("a zone file can no longer be checked", remove, 3, BLOCKED, 1),
    ];
    let zones = [
        row(
            "`using_latest_model` moved",
            |story| set(story, "using_latest_model", json!(false)),
            0,
            ["applied", "applied"],
            2,
        ),
        row(
            "somebody made the same change by hand",
            |story| set(story, "ai_bots_protection", json!("block")),
            0,
            ["in_sync", "applied"],
            1,
        ),
        row(
            "the plan was applied already",
            |story| assert_eq!(story.run("apply plan.json").exit, 0),
            0,
            ["in_sync", "in_sync"],
            2,
        ),
        row(
            "the edit came after all zones were read",
            |story| edit_at(story, "GET", 3),
            3,
            ["stale", "applied"],
            1,
        )
        .by(OneByOne),
        row("the edit came after all zones were read", edit_at_the_only_zone, 4, ["stale", "in_sync"], 0),
        row(
            "the edit came after the zone's last GET",
            |story| edit_at(story, "PUT", 1),
            3,
            ["collateral", "applied"],
            2,
        ),
        row("a zone was removed, or cannot be read", is_gone, 3, ["failed", "applied"], 1),
    ];
    let plans = [
        refused(
            "a guard or a policy was set",
            |story| story.write("botform.yaml", "guards: {max_zones: 1}\n"),
            "2 of 2 zones would change, and at most 1 may",
        ),
        refused(
            "a guard or a policy was set",
            |story| story.write("botform.yaml", POLICY),
            "policy `p` (agreed): `ai_bots_protection` may not be block: a.example.com (zones/",
        ),
        refused(
            "a guard or a policy was set",
            save_a_guard,
            "1 change would loosen protection, and at most 0 may",
        ),
        row("white space, order of keys, time or tool version", rewrite, 0, ["applied", "applied"], 2),
        refused(
            "a value, a body, a verdict or a count",
            |story| replace(story, "\"block\"", "\"disabled\""),
            "zone `a.example.com` of the plan file: ",
        ),
        refused(
            "a value, a body, a verdict or a count",
            |story| replace(story, "\"zones\": 2,", "\"zones\": 3,"),
            "the summary does not match its zones",
        ),
        refused(
            "a value, a body, a verdict or a count",
            |story| replace(story, "\"digest\": \"", "\"digest\": \"0"),
            "was changed after it was written",
        ),
        refused(
            "... and the digest was computed again",
            |story| forge(story, "/zones/0/body", |_| json!({"ai_search": "block"})),
            "its body does not match its changes",
        ),
        refused("... and the digest was computed again", forge_a_plan, "was approved").by(AsReviewed),
        refused(
            "... ids of zones were swapped in it",
            swap_ids,
            "an id in it belongs to another zone than the file says",
        ),
        refused("another API address is in use", |_| {}, "the plan was made for").by(Elsewhere),
        refused(
            "the plan file has a newer major version",
            |story| replace(story, "\"1.0\"", "\"2.0\""),
            "has format version 2.0, and this version of botform reads 1.x",
        ),
        refused("the reviewer's `--expect` names another digest", |_| {}, "0123456789abcdef was approved")
            .by(Expecting("0123456789abcdef0123456789abcdef")),
    ];
    edited.into_iter().flatten().chain(files).chain(zones).chain(plans).collect()
}

const BLOCKED: [&str; 2] = ["blocked", "applied"];
const PROTECT: &str = "protect: true";
const FREEZE: &str = "freeze: {reason: sale, until: 2999-12-31}";
const POLICY: &str = "policy: [{id: p, reason: agreed, forbid: {ai_bots_protection: [block]}}]\n";
const FILE: &str = "zones/a.example.com.yaml";

/// Two zones with a change each: `a.example.com` is the one that something happens to.
pub(crate) fn story() -> Story {
    let live = json!({"enable_js": true, "ai_bots_protection": "disabled", "ai_search": "disabled",
        "is_robots_txt_managed": true, "sbfm_verified_bots": "allow", "tomorrow": 1});
    let zone = |name: &str| json!({"name": name, "plan": "pro", "live": live, "stale": {"fight_mode": true}});
    let settings = "ai_bots_protection: block\nenable_js: true";
    let story = Story::new(json!([zone("a.example.com"), zone("b.example.com")]))
        .zone("a.example.com", "sbfm_pro", settings)
        .zone("b.example.com", "sbfm_pro", settings);
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    story
}

fn set(story: &Story, key: &str, value: Value) {
    assert!(story.emulator().edit(|world| world.set("a.example.com", key, Some(value))));
}

fn set_stale(story: &Story, key: &str, value: Option<Value>) {
    story.emulator().edit(|world| world.set_stale("a.example.com", key, value));
}

fn edit_at(story: &Story, method: &str, nth: u32) {
    let edit = json!({"on": method, "nth": nth, "do": "edit", "set": {"ai_search": "block"}});
    story.emulator().edit(|world| world.script(Some("a.example.com"), &edit)).unwrap();
}

fn edit_at_the_only_zone(story: &Story) {
    assert!(story.emulator().edit(|world| world.set(
        "b.example.com",
        "ai_bots_protection",
        Some(json!("block"))
    )));
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    edit_at(story, "GET", 4);
}

fn is_gone(story: &Story) {
    let gone =
        json!({"on": "GET", "do": "refuse", "status": 404, "code": 7003, "message": "Could not route"});
    story.emulator().edit(|world| world.script(Some("a.example.com"), &gone)).unwrap();
}

fn add(story: &Story, line: &str) {
    story.write(FILE, format!("{}{line}\n", story.read(FILE)));
}

fn remove(story: &Story) {
    fs::remove_file(story.path(FILE)).unwrap();
}

fn move_to(story: &Story, to: &str, line: &str) {
    story.write(to, format!("{}{line}\n", story.read(FILE)));
    remove(story);
}

fn move_out_of_the_folder(story: &Story) {
    move_to(story, "sites/a.yaml", PROTECT);
    story.write("botform.yaml", "guards: {}");
}

fn edit_and_rename(story: &Story) {
    story.write(FILE, "zone: a.example.com\nplan: sbfm_pro\nsettings: {}\n");
    fs::rename(story.path("zones/b.example.com.yaml"), story.path("zones/c.yaml")).unwrap();
}

fn replace(story: &Story, from: &str, to: &str) {
    let text = story.read("plan.json");
    assert!(text.contains(from), "{text}");
    story.write("plan.json", text.replace(from, to));
}

fn rewrite(story: &Story) {
    let mut plan: Value = serde_json::from_str(&story.read("plan.json")).unwrap();
    (plan["created_at"], plan["tool_version"]) = (json!("2000-01-01T00:00:00Z"), json!("9.9.9"));
    story.write("plan.json", plan.to_string());
}

/// A plan that loosens, saved by somebody who says that nothing may. `plan` exits with 5 and saves it all the same.
fn save_a_guard(story: &Story) {
    assert!(story.emulator().edit(|world| world.set("b.example.com", "enable_js", Some(json!(true)))));
    story.write(FILE, "zone: a.example.com\nplan: sbfm_pro\nsettings: {sbfm_verified_bots: allow, is_robots_txt_managed: false}\n");
    assert_eq!(story.run("plan --zone a.example.com --max-loosening 0 --out plan.json").exit, 5);
}

/// Changes a value of the plan, and computes its digest again.
fn forge(story: &Story, pointer: &str, value: fn(&Value) -> Value) {
    let mut plan: Value = serde_json::from_str(&story.read("plan.json")).unwrap();
    *plan.pointer_mut(pointer).unwrap() = value(&plan);
    let zone = |zone: &Value| json!({"base": zone["base"], "body": zone["body"], "zone": zone["zone"], "zone_id": zone["zone_id"]});
    let zones: Vec<_> = plan["zones"].as_array().unwrap().iter().map(zone).collect();
    let approved = json!({"api": plan["api"], "overrides": plan["overrides"], "zones": zones});
    plan["digest"] = Digest::of_json(&approved).as_str().into();
    story.write("plan.json", plan.to_string());
}

/// A plan without a contradiction that nobody reviewed.
fn forge_a_plan(story: &Story) {
    let reviewed: Value = serde_json::from_str(&story.read("plan.json")).unwrap();
    story.write("reviewed", reviewed["digest"].as_str().unwrap());
    forge(story, "/overrides", |_| json!({"max_zones": "9"}));
}

fn swap_ids(story: &Story) {
    forge(story, "/zones", |plan| {
        let mut zones = plan["zones"].clone();
        zones[0]["zone_id"] = plan["zones"][1]["zone_id"].clone();
        zones[1]["zone_id"] = plan["zones"][0]["zone_id"].clone();
        zones
    });
}
