//! The change made between plan and apply, and what happens: each row of the table in the README, through the command
//! line and through the library. Both end alike, say the same, and send as many PUTs.

use crate::story::Story;
use botform::Disk;
use botform::api::{Client, Credentials, Options};
use botform::config::{Loader, Project};
use botform::model::Digest;
use botform::plan::{FilesNow, Refusals};
use botform::run::{Apply, Guarded, Rules, ZoneFiles};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::{self, File};
use std::path::PathBuf;

const README: &str = include_str!("../../README.md");

/// How a plan is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
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
enum End {
    /// The outcomes of both zones, and the number of PUTs.
    Outcomes([String; 2], usize),
    /// Nothing is written, with a message that has these words.
    Refused(&'static str),
}

struct Row {
    /// How the row of the README begins.
    readme: &'static str,
    moves: fn(&Story),
    manner: Manner,
    exit: i32,
    end: End,
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

fn rows() -> Vec<Row> {
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
            "1 changes would loosen protection, and at most 0 may",
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
            "the summary does not count its zones",
        ),
        refused(
            "a value, a body, a verdict or a count",
            |story| replace(story, "\"digest\": \"", "\"digest\": \"0"),
            "was changed after it was written",
        ),
        refused(
            "... and the digest was computed again",
            |story| forge(story, "/zones/0/body", |_| json!({"ai_search": "block"})),
            "its body is not that of its changes",
        ),
        refused("... and the digest was computed again", forge_a_plan, "was approved").by(AsReviewed),
        refused(
            "... ids of zones were swapped in it",
            swap_ids,
            "an id in it belongs to another zone than it says",
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
fn story() -> Story {
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

fn expected(story: &Story, manner: Manner) -> Option<String> {
    match manner {
        Expecting(digest) => Some(digest.to_owned()),
        AsReviewed => Some(story.read("reviewed")),
        Plain | Partial | OneByOne | Elsewhere => None,
    }
}

/// The outcomes of both zones, or of the only one.
fn both(outcomes: &[String]) -> [String; 2] {
    [0, 1].map(|zone| outcomes.get(zone).cloned().unwrap_or_else(|| "in_sync".to_owned()))
}

/// The exit code and the end of the command line, as far as the message is the expected one.
fn by_command(story: &Story, Row { manner, end, .. }: &Row) -> (i32, End) {
    let digest = expected(story, *manner).map(|digest| format!("--expect {digest}"));
    let flags = match manner {
        Partial => "--partial",
        OneByOne => "--concurrency 1",
        Elsewhere => "--base-url http://127.0.0.1:1/client/v4",
        Plain | Expecting(_) | AsReviewed => "",
    };
    let run = story.run(&format!("apply plan.json --output json {flags} {}", digest.unwrap_or_default()));
    if let End::Refused(says) = end {
        assert!(run.stderr.contains(says), "{run}");
        assert_eq!(story.bodies().len(), 0, "{run}");
        return (run.exit, end.clone());
    }
    let plan = run.json();
    let zones = plan["zones"].as_array().unwrap();
    let outcomes: Vec<_> = zones.iter().map(|zone| zone["outcome"].as_str().unwrap().to_owned()).collect();
    (run.exit, End::Outcomes(both(&outcomes), story.bodies().len()))
}

/// What a program does with the library that does what `apply plan.json` does.
async fn applied(story: &Story, manner: Manner) -> Result<Vec<String>, Box<dyn Error>> {
    let folder = story.path("");
    let plan = botform::plan::read(File::open(story.path("plan.json"))?)?;
    if let Some(digest) = expected(story, manner) {
        plan.expect(&digest)?;
    }
    let loader = Loader::new(&Disk, &folder);
    let file = loader.find_project(&folder);
    let project = file.as_ref().map_or_else(Project::default, |file| loader.project(file).unwrap());
    let places: BTreeSet<_> = plan.sources().map(PathBuf::from).collect();
    let places: Vec<_> = places.into_iter().filter(|place| folder.join(place).exists()).collect();
    let found = loader.load_in(file.as_ref().and_then(|file| file.parent()), &places);
    let now = jiff::Timestamp::now();
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let files = FilesNow::new(found.zones, found.others, found.problems, today);

    let mut rules = Rules::new(now);
    (rules.limits, rules.policies, rules.files) = (project.guards, &project.policy, ZoneFiles::Now(&files));
    let mut guarded = Guarded::check(&plan, &rules)?;
    if manner == Partial {
        guarded = guarded.partial();
    }
    let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned())?);
    options.base_url = match manner {
        Elsewhere => "http://127.0.0.1:1/client/v4".to_owned(),
        Plain | Partial | OneByOne | Expecting(_) | AsReviewed => story.emulator().base_url(),
    };
    let client = Client::new(options)?;
    let mut apply = Apply::new(&client);
    if manner == OneByOne {
        apply.concurrency = 1;
    }
    let applied = apply.run(&guarded, &|_, _| {}).await;
    match applied.refused {
        Some(refused) if applied.outcomes.iter().all(|end| end.outcome.word() != "stale") => {
            Err(refused.into())
        }
        _ => Ok(applied.outcomes.iter().map(|end| end.outcome.word().to_owned()).collect()),
    }
}

/// The end of the library, as far as the message is the expected one.
fn by_library(story: &Story, Row { manner, end, .. }: &Row) -> End {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match runtime.block_on(applied(story, *manner)) {
        Ok(outcomes) => End::Outcomes(both(&outcomes), story.bodies().len()),
        Err(error) => {
            let End::Refused(says) = end else { panic!("{error}") };
            assert!(error.to_string().contains(says), "{error}");
            assert_eq!(story.bodies().len(), 0, "{error}");
            assert!(error.is::<Refusals>() || !says.contains("at most"), "{error}");
            end.clone()
        }
    }
}

#[test]
fn each_row_ends_alike_at_the_command_line_and_in_the_library() {
    for row in rows() {
        let stories = [story(), story()];
        stories.iter().for_each(|story| (row.moves)(story));
        let name = format!("{} ({:?})", row.readme, row.manner);
        assert_eq!(by_command(&stories[0], &row), (row.exit, row.end.clone()), "{name}, the command line");
        assert_eq!(by_library(&stories[1], &row), row.end, "{name}, the library");
    }
}

#[test]
fn each_row_of_the_readme_is_tried_with_each_of_its_exit_codes() {
    let table = README.split("| between `plan --out`").nth(1).unwrap();
    let lines = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let told = lines.map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let exits = cells[2].split(|c: char| !c.is_ascii_digit()).filter_map(|exit| exit.parse().ok());
        (cells[0].to_owned(), exits.collect::<BTreeSet<i32>>())
    });
    let told: BTreeMap<_, _> = told.collect();
    let mut tried: BTreeMap<String, BTreeSet<i32>> = BTreeMap::new();
    for Row { readme, exit, .. } in rows() {
        let named: Vec<_> = told.keys().filter(|name| name.starts_with(readme)).collect();
        let [name] = named[..] else { panic!("{readme}: {named:?}") };
        tried.entry(name.clone()).or_default().insert(exit);
    }
    assert_eq!(tried, told);
}
