//! A new setting of Cloudflare's is one new row: one that the table does not have, from its file to `explain`.

use super::commands::explain::explain;
use crate::api::{Client, Credentials, Options};
use crate::catalogue::{Kind, Need, STALE_KEY, Setting, Value, Variant, added};
use crate::config::{check_text, zone_schema};
use crate::emulator::{Emulator, World, ZoneSeed};
use crate::model::{Desired, Outcome, ZoneOutcome};
use crate::plan::{Plan, Provenance, ZonePlan};
use crate::run::{Apply, Guarded, Planning, Rules, plan_zones};
use serde_json::json;
use std::time::Duration;

static NEW: Setting = Setting {
    name: "sbfm_moonlight",
    kind: Kind::Toggle { on: "bots get moonlight", off: "bots get none", protects: Some(true) },
    settable_on: &[Variant::SbfmPro, Variant::SbfmBusiness],
    stale_on: &[Variant::BotFightMode],
    neutral: Some(Value::Toggle(false)),
    needs: &[Need {
        value: Value::Toggle(true),
        of: "enable_js",
        is: Value::Toggle(true),
        why: "the moon is a script",
    }],
    cautions: &[],
    doubts: &[],
    meaning_since: None,
    identifies: Some(Variant::SbfmPro),
    idle_while: &[("sbfm_verified_bots", Value::Word("allow"))],
    instead: &[],
    summary: "Shines on bots.",
    beware: None,
    docs: "https://example.com/moonlight",
};

/// The plan of one zone, and its outcome.
async fn run(emulator: &Emulator, want: &Desired) -> (ZonePlan, Vec<ZoneOutcome>) {
    let credentials = Credentials::token("emulator-token".to_owned()).unwrap();
    let options = Options { base_url: emulator.base_url(), ..Options::new(credentials) };
    let client = Client::new(options).unwrap();
    let planning = Planning::new(jiff::civil::date(2026, 11, 23));
    let zones = plan_zones(&client, vec![want.clone()], &planning, &|_| {}).await;
    let at = "2026-11-23T00:00:00Z".parse().unwrap();
    let plan = Plan::build(Provenance::new(at, emulator.base_url()), zones);
    let apply = Apply { pause: Duration::from_millis(1), ..Apply::new(&client) };
    let guarded = Guarded::check(&plan, &Rules::new(at)).unwrap();
    let applied = apply.run(&guarded, &|_, _| {}).await;
    (plan.zones()[0].clone(), applied.outcomes)
}

async fn emulator(world: World) -> Emulator {
    Emulator::start(world, "127.0.0.1:0".parse().unwrap()).await.unwrap()
}

/// A file of a zone, without anything wrong.
fn file(text: &str) -> Desired {
    let (desired, problems) = check_text("a.yaml", text.as_bytes());
    assert!(problems.iter().all(|problem| !problem.is_error()), "{problems:?}");
    desired.unwrap()
}

fn seed(plan: Variant, live: &[(&str, serde_json::Value)]) -> World {
    let settings = live.iter().map(|(name, value)| {
        let setting = crate::catalogue::find(name).unwrap();
        (setting, setting.read(value).unwrap())
    });
    World::matching([ZoneSeed {
        name: "a.example".to_owned(),
        id: None,
        account: None,
        variant: plan,
        settings: settings.collect(),
    }])
}

#[test]
fn a_new_row_is_in_the_schema_and_its_needs_are_checked_offline() {
    let _added = added::add(&NEW);
    let schema = zone_schema();
    assert_eq!(schema["definitions"][NEW.name]["type"], "boolean");
    assert!(schema["definitions"]["sbfm_pro"]["properties"].get(NEW.name).is_some());
    assert_eq!(schema["definitions"]["bm_enterprise"]["properties"][NEW.name]["doNotSuggest"], true);
    assert!(schema["allOf"].to_string().contains("the moon is a script"));
    let with = |plan: &str, js: bool| {
        let text =
            format!("zone: a.example\nplan: {plan}\nsettings: {{{}: true, enable_js: {js}}}\n", NEW.name);
        let (_, problems) = check_text("a.yaml", text.as_bytes());
        problems.into_iter().map(|problem| problem.message.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(with("sbfm_pro", true), Vec::<String>::new());
    assert_eq!(with("sbfm_pro", false), ["`sbfm_moonlight: true` needs `enable_js: true`"]);
    assert_eq!(
        with("bm_enterprise", true),
        ["`sbfm_moonlight` is not available on bm_enterprise (needs sbfm_pro or sbfm_business)"]
    );
}

#[tokio::test]
async fn a_new_row_is_planned_written_and_read_back() {
    let _added = added::add(&NEW);
    let want = file("zone: a.example\nplan: sbfm_pro\nsettings: {sbfm_moonlight: true}\n");
    let emulator = emulator(seed(Variant::SbfmPro, &[("enable_js", json!(true))])).await;
    let (planned, outcomes) = run(&emulator, &want).await;
    assert_eq!(outcomes[0].outcome, Outcome::Applied, "{:?}", outcomes[0].diagnostics);
    assert_eq!(emulator.world().object("a.example").unwrap()[NEW.name], true);
    let puts = emulator.requests().into_iter().filter(|request| request.method == "PUT");
    assert_eq!(puts.filter_map(|put| put.body).collect::<Vec<_>>(), [json!({ NEW.name: true })]);
    let messages: Vec<_> = planned.diagnostics().map(|found| found.message.to_string()).collect();
    assert_eq!(messages, ["`sbfm_moonlight` has no effect together with `sbfm_verified_bots: allow`"]);
    let (_, again) = run(&emulator, &want).await;
    assert_eq!(again[0].outcome, Outcome::InSync);
}

#[tokio::test]
async fn the_needs_of_a_new_row_block_a_zone_whose_live_setting_breaks_them() {
    let _added = added::add(&NEW);
    let want = file("zone: a.example\nplan: sbfm_pro\nsettings: {sbfm_moonlight: true}\n");
    let emulator = emulator(seed(Variant::SbfmPro, &[("enable_js", json!(false))])).await;
    let (planned, outcomes) = run(&emulator, &want).await;
    let messages: Vec<_> = planned.blocks.iter().map(|block| block.message.to_string()).collect();
    assert_eq!(
        messages,
        ["`sbfm_moonlight: true` needs `enable_js: true`, but live is false: the moon is a script"]
    );
    assert_eq!(outcomes[0].outcome, Outcome::Blocked);
}

#[tokio::test]
async fn a_new_row_that_was_left_behind_is_cleaned() {
    let _added = added::add(&NEW);
    let want = file("zone: a.example\nplan: bot_fight_mode\nsettings: {}\nstale: clean\n");
    let emulator = emulator(seed(Variant::BotFightMode, &[])).await;
    emulator.edit(|world| world.set_stale("a.example", NEW.name, Some(json!(true))));
    let (_, outcomes) = run(&emulator, &want).await;
    assert_eq!(outcomes[0].outcome, Outcome::Applied, "{:?}", outcomes[0].diagnostics);
    assert!(emulator.world().object("a.example").unwrap().get(STALE_KEY).is_none());
}

#[test]
fn a_new_row_is_explained() {
    let _added = added::add(&NEW);
    let text = explain(Some(NEW.name)).unwrap().to_string();
    insta::assert_snapshot!(text, @"
    sbfm_moonlight
      Shines on bots.

      true                bots get moonlight
      false               bots get none  (neutral)

      plan variants:  sbfm_pro, sbfm_business
      may be stale on: bot_fight_mode
      note: `true` needs `enable_js: true`: the moon is a script
      note: `sbfm_moonlight` has no effect together with `sbfm_verified_bots: allow`
      note: after a change of the Cloudflare plan its old value may still act, and is then what counts: `false` in the file, or `stale: clean`, switches it off
      documentation: https://example.com/moonlight
    ");
}
