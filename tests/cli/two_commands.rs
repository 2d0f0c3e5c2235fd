//! Two commands in a row, on the emulator and on an independent server: the second finds what the first has left.

use crate::formats_checked::{check_all, in_all_formats, samples};
use crate::plain_server::{json as answer, reply};
use crate::plain_zones::{Fault, PlainZone, PlainZones};
use crate::story::{Run, Story, signal, wait_until};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::process::Command;

const ZONE: &str = "shop.example.com";
const STATE: &str = "home/.local/state/botform";

/// The settings of a zone, as a server that is not the emulator keeps them.
fn live() -> Value {
    json!({"enable_js": true, "ai_search": "disabled", "sbfm_verified_bots": "allow"})
}

/// A file of one zone on a server that is not the emulator; the story's own emulator is asked nothing.
fn plain(settings: &str) -> (Story, PlainZones) {
    (Story::shop(settings), PlainZones::new([PlainZone::new(ZONE, live())]))
}

/// A successful reply that reports an exhausted quota: the next request must wait.
fn last_of_the_quota() -> Fault {
    Fault::After(reply(
        200,
        "Content-Type: application/json\r\nRatelimit: \"default\";r=0;t=300\r\n",
        r#"{"success":true,"errors":[],"messages":[],"result":{"ai_search":"block"}}"#,
    ))
}

/// Interrupts a command once it has sent its PUT.
fn interrupted(story: &Story, mut command: Command, is_sent: impl FnMut() -> bool) -> Run {
    let child = story.start(&mut command);
    wait_until("the PUT", is_sent);
    signal(&child, "-INT");
    story.finish(child)
}

/// The journals of the state folder: their names without what differs in each run, and their events.
fn journals(story: &Story) -> Vec<(bool, Vec<String>)> {
    let folder = std::fs::read_dir(story.path(STATE)).unwrap();
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let events = |text: String| -> Vec<String> {
        let event =
            |line: &str| serde_json::from_str::<Value>(line).unwrap()["event"].as_str().unwrap().to_owned();
        text.lines().map(event).collect()
    };
    let is_finished = |path: &std::path::Path| path.display().to_string().ends_with(".done.jsonl");
    paths.iter().map(|path| (is_finished(path), events(std::fs::read_to_string(path).unwrap()))).collect()
}

fn open(story: &Story) -> Value {
    let list = story.run("undo --output json").json();
    let journals = list["journals"].as_array().unwrap();
    journals.iter().map(|journal| json!([journal["status"], journal["in_flight"]])).collect()
}

/// What an interrupted write without a read-back leaves, and what the next apply makes of it.
fn is_settled_by_the_next(story: &Story, first: &Run, next: impl Fn() -> Run, found: &str) {
    assert_eq!((first.outcome().as_str(), first.exit), ("unknown", 1), "{first}");
    assert!(first.stderr.contains("the next `apply` checks what happened"), "{first}");
    assert_eq!(journals(story), [(false, vec!["begin".to_owned(), "put".to_owned()])], "{first}");
    assert_eq!(open(story), json!([["open", 1]]));
    let second = next();
    assert_eq!(second.exit, 0, "{second}");
    assert!(second.stderr.contains(&format!("  {ZONE}: {found}, as a GET shows\n")), "{second}");
    assert!(open(story).as_array().unwrap().iter().all(|journal| journal[0] == "finished"));
    assert!(!next().stderr.contains("in flight"), "it is reported once");
}

#[test]
fn ctrl_c_before_the_read_back_leaves_the_write_open_for_the_next_apply() {
    let arguments = "apply --auto-approve --output json";
    let throttle = json!({"on": "PUT", "nth": 1, "do": "throttle", "retry_after": 300});
    let story = Story::shop_with(throttle, "ai_search: block");
    let first = interrupted(&story, story.command(arguments), || story.traffic().len() >= 3);
    is_settled_by_the_next(&story, &first, || story.run(arguments), "not applied");
    assert_eq!(story.live(ZONE)["ai_search"], "block");

    let (story, zones) = plain("ai_search: block");
    zones.fail("PUT", 1, last_of_the_quota());
    let first = interrupted(&story, zones.command(&story, arguments), || zones.count("PUT") == 1);
    is_settled_by_the_next(&story, &first, || story.end(zones.command(&story, arguments)), "applied");
    assert_eq!((zones.count("PUT"), &zones.kept(ZONE)["ai_search"]), (1, &json!("block")));
}

#[test]
fn a_write_that_no_get_can_settle_stays_open_without_ctrl_c_too() {
    let arguments = "apply --auto-approve --output json";
    let faults = json!([{"on": "PUT", "do": "success_false_after_write"}, {"on": "GET", "nth": 3, "do": "forbidden_zone"}]);
    let story = Story::new(json!([{"name": ZONE, "plan": "pro", "faults": faults}]));
    let story = story.zone(ZONE, "sbfm_pro", "ai_search: block");
    let first = story.run(arguments);
    is_settled_by_the_next(&story, &first, || story.run(arguments), "applied");

    let (story, zones) = plain("ai_search: block");
    let forbidden =
        r#"{"success":false,"errors":[{"code":9109,"message":"Unauthorized to access requested resource"}]}"#;
    zones.fail("GET", 3, Fault::Instead(answer(403, forbidden)));
    let first = story.end(zones.command(&story, arguments));
    is_settled_by_the_next(&story, &first, || story.end(zones.command(&story, arguments)), "applied");
}

#[test]
fn an_undo_that_is_interrupted_stays_open_too() {
    let (story, zones) = plain("ai_search: block");
    assert_eq!(story.end(zones.command(&story, "apply --auto-approve --journal mine.jsonl")).exit, 0);
    zones.fail("PUT", 1, last_of_the_quota());
    let undo = zones.command(&story, "undo mine.jsonl --auto-approve --output json");
    let first = interrupted(&story, undo, || zones.count("PUT") == 2);
    assert_eq!((first.outcome().as_str(), open(&story)), ("unknown", json!([["open", 1]])), "{first}");
    let again = story.end(zones.command(&story, "undo mine.jsonl --auto-approve"));
    assert!(again.stderr.contains("shop.example.com: applied, as a GET shows"), "{again}");
    assert_eq!(open(&story), json!([["finished", 0]]));
}

#[test]
fn a_journal_given_by_flag_stays_open_until_an_answer_whatever_runs_append_to_it() {
    let arguments = "apply --auto-approve --output json --journal mine.jsonl";
    let (story, zones) = plain("ai_search: block");
    zones.fail("PUT", 1, last_of_the_quota());
    interrupted(&story, zones.command(&story, arguments), || zones.count("PUT") == 1);
    // A run against another address writes to the same file, and ends.
    assert_eq!(story.run(arguments).exit, 0);
    let third = story.end(zones.command(&story, arguments));
    assert!(third.stderr.contains("shop.example.com: applied, as a GET shows"), "{third}");
    assert!(!story.end(zones.command(&story, arguments)).stderr.contains("in flight"));
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_rate_below_one_transaction_still_writes_and_the_next_plan_is_empty() {
    let names = ["a", "b", "c", "d", "e"].map(|name| format!("{name}.example.com"));
    let files = || {
        let zones = names.iter().map(|name| json!({"name": name, "plan": "pro"}));
        let story = Story::new(zones.collect());
        names.iter().fold(story, |story, name| story.zone(name, "sbfm_pro", "ai_search: block"))
    };
    let is_written = |first: &Run, second: &Run| {
        assert!(first.exit == 0 && first.told().contains("Apply: 5, "), "{first}");
        assert_eq!(second.exit, 0, "{second}");
    };
    // Run both at the same time, since each waits for the rate limit.
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let story = files();
            is_written(&story.run("apply --auto-approve --rate 2/1"), &story.run("plan --detailed-exitcode"));
        });
        let (story, zones) =
            (files(), PlainZones::new(names.each_ref().map(|name| PlainZone::new(name, live()))));
        let run = |arguments: &str| story.end(zones.command(&story, arguments));
        is_written(&run("apply --auto-approve --rate 2/1"), &run("plan --detailed-exitcode"));
    });
}

/// A zone whose GET does not report the only setting of its file, on both servers.
fn unreported() -> (Story, PlainZones) {
    let hidden = "content_bots_protection";
    let story = Story::new(json!([{"name": ZONE, "plan": "pro", "unreported": [hidden]}]));
    let story = story.zone(ZONE, "sbfm_pro", "content_bots_protection: block");
    let settings = json!({"sbfm_verified_bots": "allow", hidden: "disabled"});
    (story, PlainZones::new([PlainZone::new(ZONE, settings).hiding(&[hidden])]))
}

#[test]
fn a_setting_that_get_does_not_report_is_sent_each_time_and_changes_nothing() {
    let (story, zones) = unreported();
    for plain in [false, true] {
        let run = |arguments: &str| match plain {
            true => story.end(zones.command(&story, arguments)),
            false => story.run(arguments),
        };
        let digests = [1, 2].map(|_| {
            let apply = run("apply --auto-approve --output json");
            assert_eq!((apply.outcome().as_str(), apply.exit), ("unverified", 0), "{apply}");
            let plan = run("plan --detailed-exitcode --output json");
            assert_eq!(plan.exit, 0, "{plan}");
            let document = plan.json();
            let zone = &document["zones"][0];
            let rows = zone["settings"].as_array().unwrap();
            let row = rows.iter().find(|row| row["setting"] == "content_bots_protection").unwrap();
            assert_eq!((&zone["status"], &row["verdict"]), (&json!("in_sync"), &json!("change")));
            assert_eq!(zone["body"], json!({"content_bots_protection": "block"}));
            let count = |name: &str| document["summary"][name].as_u64().unwrap();
            let counts = ["change", "in_sync", "settings", "tightens", "unreported"].map(count);
            assert_eq!(counts, [0, 1, 0, 0, 1]);
            document["digest"].clone()
        });
        assert_eq!(digests[0], digests[1]);
    }
    assert_eq!((story.bodies().len(), zones.count("PUT")), (2, 2));
    assert_snapshot!(story.run("plan --detailed-exitcode").told(), @"
    = shop.example.com (sbfm_pro)  in sync                     zones/shop.example.com.yaml
        + content_bots_protection  (not reported) → block       tightens   shuts out search engines (low confidence)  :4
          0

    Plan: 0, 1, 0, 0, 1
    ---- exit 0
    ");
}

#[test]
fn each_format_agrees_that_an_unreported_setting_is_not_a_difference() {
    let (story, _) = unreported();
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    let run = story.end(in_all_formats(&story, "plan --detailed-exitcode --metrics m.prom"));
    let told = check_all(&story, &run);
    assert_eq!((run.exit, told.count("change")), (0, 0));
    assert!(story.read("values").contains("changes=0\n"), "{}", story.read("values"));
    let measured = samples(&story.read("m.prom"));
    for (series, value) in [
        ("botform_zones{state=\"change\"}", 0.0),
        ("botform_zones{state=\"in_sync\"}", 1.0),
        ("botform_changes{effect=\"tightens\"}", 0.0),
        ("botform_unreported_settings", 1.0),
    ] {
        assert_eq!(measured[series], value, "{series}");
    }
    assert!(story.read("r.xml").contains("failures=\"0\""), "{}", story.read("r.xml"));
    let gitlab: Value = serde_json::from_str(&story.read("r.gitlab")).unwrap();
    assert_eq!(gitlab["update"], 0);
    let sarif: Value = serde_json::from_str(&story.read("r.sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&json!("unreported"), &json!("note")));
    assert_snapshot!(story.read("r.md"), @r#"
    <!-- botform key="plan" digest="[id]" truncated="no" -->
    ## botform plan: 1 setting not reported by GET, 1 zone in sync

    Exit code 0: nothing that GET reports differs.

    Digest: `[id]`

    Made [time], from the live zones at `http://[api]/client/v4`.

    - 1 setting is not reported by GET, so it is sent each time.

    <details><summary>Sent, but not reported by GET (1)</summary>

    | effect | setting | live → file | zone | file |
    | --- | --- | --- | --- | --- |
    | tightens; **shuts out search engines (low confidence)** | `content_bots_protection` | `(not reported)` → `block` | `shop.example.com` | [`zones/shop.example.com.yaml:4`](zones/shop.example.com.yaml#L4) |

    </details>
    "#);
    assert_snapshot!(story.read("r.github"), @"
    ::notice file=zones/shop.example.com.yaml,line=4,col=3,title=botform unreported::shop.example.com: content_bots_protection: (not reported) → block (tightens); shuts out search engines (low confidence)
    botform plan: 1 setting not reported by GET, 1 zone in sync (exit code 0: nothing that GET reports differs). Made [time], from the live zones at http://[api]/client/v4. 1 setting is not reported by GET, so it is sent each time. Digest: [digest]
    ");
}

#[test]
fn a_difference_next_to_an_unreported_setting_is_still_a_change() {
    let (story, _) = unreported();
    let lines = "content_bots_protection: block\nai_search: block";
    let story = story.zone(ZONE, "sbfm_pro", lines);
    let plan = story.run("plan --detailed-exitcode --output json");
    let summary = &plan.json()["summary"];
    assert_eq!(
        (plan.exit, &summary["settings"], &summary["unreported"]),
        (2, &json!(1), &json!(1)),
        "{plan}"
    );
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
}

#[test]
fn a_zone_that_is_only_sent_unreported_settings_has_its_true_outcome() {
    let (story, _) = unreported();
    let refused = story.run("apply --output json");
    assert_eq!((refused.outcome().as_str(), refused.exit), ("not_attempted", 1), "{refused}");
    let story = story.zone_with(ZONE, "sbfm_pro", "content_bots_protection: block", "protect: true\n");
    let protected = story.run("apply --auto-approve --output json");
    assert_eq!((protected.outcome().as_str(), protected.exit), ("protected", 0), "{protected}");
    assert!(story.bodies().is_empty());
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
}
