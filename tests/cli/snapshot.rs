//! `snapshot` and `plan --live`: a plan without a token, for review.

use crate::story::{Run, Story, command};
use insta::assert_snapshot;
use serde_json::{Value, json};

fn story() -> Story {
    let forbidden = json!([{"on": "GET", "do": "forbidden_zone"}]);
    let zones = json!([
        {"name": "shop.example.com", "plan": "pro", "stale": {"fight_mode": true}},
        {"name": "blog.example.com", "plan": "free"},
        {"name": "closed.example.com", "plan": "free", "faults": forbidden},
        {"name": "unmanaged.example.com", "plan": "bm_enterprise"},
    ]);
    Story::new(zones).zone("shop.example.com", "sbfm_pro", "ai_search: block").zone(
        "blog.example.com",
        "bot_fight_mode",
        "ai_search: disabled",
    )
}

/// Runs a command without credentials and without an address.
fn offline(story: &Story, arguments: &str) -> Run {
    story.end(command(&story.path(""), arguments))
}

/// The times of a snapshot and of a plan, which are never the same.
fn timeless() -> insta::internals::SettingsBindDropGuard {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[time]");
    settings.bind_to_scope()
}

#[test]
fn a_plan_from_a_snapshot_has_the_digest_of_a_live_plan_and_is_not_applied() {
    let story = story();
    let taken = story.run("snapshot live.json");
    assert_snapshot!(taken, @"
    3 zones in live.json, 1 unreadable
    ---- stderr
    reading 4 zones
    error: GET /zones/[id]/bot_management (zone closed.example.com) was refused with status 403: Unauthorized to access requested resource (code 9109) (CF-Ray [ray])

    hint: the token has no access to zone closed.example.com: add it to the token's resources
    ---- exit 3
    ");
    let requests = story.emulator().requests().len();
    let _times = timeless();
    let run = offline(&story, "plan --live live.json --out review.json");
    assert_snapshot!(run.told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
        ? fight_mode              true                         stale, still acts on traffic; `stale: clean` would clean it
          0

    Plan: 1, 1, 1, 0, 0, 1, 1
    Planned from a snapshot that was 0m old, taken at [time].
    ---- exit 0
    ");
    assert_eq!(story.emulator().requests().len(), requests, "nothing is sent");
    let saved: Value = serde_json::from_str(&story.read("review.json")).unwrap();
    assert_eq!(saved["requires"], json!(["live"]));
    assert_eq!(saved["source"]["kind"], "snapshot");
    assert_eq!(saved["api"], story.emulator().base_url());
    let live = story.run("plan --output json").json();
    assert_eq!(saved["digest"], live["digest"], "an approval carries over");
    assert_snapshot!(story.run("apply review.json"), @"
    ---- stderr
    error: the plan was made from a snapshot: it can be reviewed, but not applied

    hint: run `plan --out FILE` without `--live`, then `apply FILE --expect [id]`: the digest is the same if no zone has moved
    ---- exit 5
    ");
    assert!(story.bodies().is_empty());
    assert!(offline(&story, "show review.json").stdout.contains("Planned from a snapshot that was"));
    let expect = saved["digest"].as_str().unwrap();
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    assert_eq!(story.run(&format!("apply plan.json --expect {expect}")).exit, 0);
}

#[test]
fn zones_that_the_snapshot_lacks_are_failures_with_their_reason() {
    let story = story().zone("closed.example.com", "bot_fight_mode", "ai_search: block").zone(
        "gone.example.com",
        "bot_fight_mode",
        "ai_search: block",
    );
    assert_eq!(story.run("snapshot live.json").exit, 3);
    let _times = timeless();
    assert_snapshot!(offline(&story, "plan --live live.json").told(), @"
    ! closed.example.com (bot_fight_mode)  failed              zones/closed.example.com.yaml
          error: zone closed.example.com is not in the snapshot: GET /zones/[id]/bot_management (zone closed.example.com) was refused with status 403: Unauthorized to access requested resource (code 9109)
            hint: take a new snapshot with a token that sees the zone, or plan without `--live`

    ! gone.example.com (bot_fight_mode)  failed                zones/gone.example.com.yaml
          error: zone gone.example.com is not in the snapshot
            hint: take a new snapshot with a token that sees the zone, or plan without `--live`

    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
        ? fight_mode              true                         stale, still acts on traffic; `stale: clean` would clean it
          0

    Plan: 1, 1, 1, 0, 2, 1, 1
    Planned from a snapshot that was 0m old, taken at [time].
    ---- exit 3
    ");
}

#[test]
fn a_snapshot_is_one_file_for_its_owner_without_secrets_and_always_the_same() {
    let story = story();
    let run = story.run("snapshot live.json --exclude closed.example.com");
    assert_eq!(run.exit, 0, "{run}");
    let first: Value = serde_json::from_str(&story.read("live.json")).unwrap();
    assert!(!story.read("live.json").contains(crate::story::TOKEN));
    let names: Vec<_> =
        first["zones"].as_array().unwrap().iter().map(|zone| zone["zone"].as_str().unwrap()).collect();
    assert_eq!(names, ["blog.example.com", "shop.example.com", "unmanaged.example.com"]);
    assert_eq!(first["zones"][1]["live_plan"], "sbfm_pro");
    assert_eq!(first["zones"][1]["live"]["stale_zone_configuration"], json!({"fight_mode": true}));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(story.path("live.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    story.run("snapshot again.json --exclude closed.example.com --concurrency 1");
    let again: Value = serde_json::from_str(&story.read("again.json")).unwrap();
    assert_eq!(first["zones"], again["zones"]);
    let printed = story.run("snapshot - --exclude closed.example.com").json();
    assert_eq!(first["zones"], printed["zones"]);
    let schema = boon_schema(&story.run("schema snapshot").json());
    assert!(schema(&first), "the schema describes it");
    assert!(!schema(&json!({"zones": []})));
}

fn boon_schema(schema: &Value) -> impl Fn(&Value) -> bool + use<> {
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("mem:///snapshot.json", schema.clone()).unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("mem:///snapshot.json", &mut schemas).unwrap();
    move |value| schemas.validate(value, index).is_ok()
}

#[test]
fn a_hostile_snapshot_is_refused() {
    let story = story();
    story.run("snapshot live.json");
    let good = story.read("live.json");
    let mut zones: Value = serde_json::from_str(&good).unwrap();
    zones["zones"][1]["zone_id"] = zones["zones"][0]["zone_id"].clone();
    let mut blank: Value = serde_json::from_str(&good).unwrap();
    blank["zones"][0]["live"] = json!({"tomorrow": 1});
    let mut lie: Value = serde_json::from_str(&good).unwrap();
    lie["zones"][0]["live_plan"] = json!("bm_enterprise");
    for (text, told) in [
        ("{}".to_owned(), "missing field"),
        ("[".repeat(100_000), "the file is not a snapshot"),
        (good.replace("\"1.0\"", "\"2.0\""), "format version 2.0"),
        (good.replace("blog.example.com", "../../etc/passwd"), "is not a zone name"),
        (good.replacen("\"ai_search\":", "\"ai_search\": \"block\", \"ai_search\":", 1), "appears twice"),
        (zones.to_string(), "its id appears twice"),
        (blank.to_string(), "no setting"),
        (lie.to_string(), "`live_plan`"),
    ] {
        story.write("hostile.json", &text);
        for arguments in ["plan --live hostile.json", "import other --from hostile.json"] {
            let run = offline(&story, arguments);
            assert_eq!(run.exit, 1, "{run}");
            assert!(run.stderr.contains(told), "{told}: {run}");
        }
    }
    assert!(!story.path("other").exists());
}

#[test]
fn a_plan_that_hides_its_snapshot_is_refused() {
    let story = story();
    story.run("snapshot live.json");
    offline(&story, "plan --live live.json --out review.json");
    let saved: Value = serde_json::from_str(&story.read("review.json")).unwrap();
    let mut hidden = saved.clone();
    hidden["requires"] = json!([]);
    let mut other = saved;
    other["requires"] = json!(["live", "moon"]);
    for (plan, told) in [(hidden, "does not say so"), (other, "requires `moon`")] {
        story.write("hostile.json", plan.to_string());
        let run = story.run("apply hostile.json");
        assert_eq!(run.exit, 5, "{run}");
        assert!(run.stderr.contains(told), "{run}");
    }
    assert!(story.bodies().is_empty());
}

#[test]
fn live_cannot_be_combined_with_another_source() {
    let story = story();
    for other in ["--emulate=", "--base-url http://127.0.0.1:1"] {
        assert_eq!(story.run(&format!("plan --live live.json {other}")).exit, 64);
    }
    assert_eq!(story.run("plan --live missing.json").exit, 1);
    assert_eq!(story.run("snapshot zones/blog.example.com.yaml/x.json").exit, 1);
}

#[test]
fn a_snapshot_replaces_nothing_but_a_snapshot() {
    let story = story().file("plain.json", "{}").file("empty.json", "");
    let zone = "zones/a.example.com.yaml";
    story.write(zone, "zone: a.example.com\nplan: sbfm_pro\nsettings: {}\n");
    assert_eq!(story.run("plan --out plan.json").exit % 64, story.run("plan").exit);
    for file in [zone, "plan.json", "plain.json"] {
        let before = story.read(file);
        let run = story.run(&format!("snapshot {file}"));
        assert!(
            run.exit == 64 && run.stderr.contains("would replace a file that is not a snapshot"),
            "{run}"
        );
        assert_eq!(story.read(file), before);
    }
    for file in ["empty.json", "empty.json", "new.json"] {
        let run = story.run(&format!("snapshot {file}"));
        assert!(run.stdout.contains(&format!("in {file}")), "{run}");
    }
}
