//! What a change shuts out or breaks stands beside it, in every format, and a policy can refuse what shuts out search
//! engines.

use crate::story::Story;
use insta::assert_snapshot;
use serde_json::{Value, json};

/// Two zones whose files shut out search engines, one of them also Cloudflare Tunnel.
fn story(more: &str) -> Story {
    let zone = |name: &str| json!({"name": name, "plan": "pro"});
    let story = Story::new(json!([zone("a.example.com"), zone("b.example.com")]));
    story.zone("a.example.com", "sbfm_pro", "sbfm_verified_bots: block").zone(
        "b.example.com",
        "sbfm_pro",
        &format!("sbfm_verified_bots: block\n{more}"),
    )
}

#[test]
fn the_caution_is_shown_with_the_row_and_the_verdict_counts_only_search_engines() {
    let story = story("sbfm_definitely_automated: block\nenable_js: false");
    assert_snapshot!(story.run("plan").told(), @"
    ~ b.example.com (sbfm_pro)                                 zones/b.example.com.yaml
        ~ enable_js                  true → false                 loosens    :6
        ~ sbfm_definitely_automated  allow → block                tightens   shuts out Cloudflare Tunnel and API clients  :5
        ~ sbfm_verified_bots         allow → block                tightens   shuts out search engines  :4
          0

    ~ a.example.com (sbfm_pro)                                 zones/a.example.com.yaml
        ~ sbfm_verified_bots         allow → block                tightens   shuts out search engines  :4
          0

    Plan: 2, 4, 0, 0, 0, 2, 1
    ---- exit 0
    ");
    let last = story.run("plan").stdout;
    let end = "2 changes shut out search engines. 1 change loosens protection.";
    assert!(last.contains(end), "before what loosens: {last}");
    let plan = story.run("plan --output json").json();
    assert_eq!(plan["summary"]["shuts_out"], 2);
    let rows = plan["zones"][1]["settings"].as_array().unwrap();
    let cautions = |name: &str| {
        let row = rows.iter().find(|row| row["setting"] == name).unwrap();
        row["cautions"][0].as_object().map(|caution| (caution["kind"].clone(), caution["confidence"].clone()))
    };
    let said = |kind: &str| Some((Value::from(kind), Value::from("high")));
    assert_eq!(cautions("sbfm_verified_bots"), said("search_engines"));
    assert_eq!(cautions("sbfm_definitely_automated"), said("tunnel_and_api_clients"));
    assert_eq!(cautions("enable_js"), None);
}

#[test]
fn every_format_shows_it() {
    let story = story("");
    for format in ["text", "json", "markdown", "html", "github", "sarif", "junit"] {
        let run = story.run(&format!("plan --output {format}"));
        assert_eq!(run.exit, 0, "{run}");
        let said = run.stdout.replace("shuts out search engines", "").len() < run.stdout.len();
        let kind = run.stdout.contains("\"search_engines\"");
        assert!(said || (format == "json" && kind), "{format}: {run}");
        let count = run.stdout.contains("2 changes shut out search engines");
        assert!(count || (format == "json" && run.stdout.contains("\"shuts_out\": 2")), "{format}: {run}");
    }
}

#[test]
fn zones_in_sync_are_not_listed_again() {
    let story = story("");
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    let plan = story.run("plan");
    assert!(!plan.stdout.contains("search engines"), "{plan}");
}

const POLICY: &str =
    "policy:\n- {id: bots, reason: search engines pass, forbid: {shuts_out: search_engines}}\n";

#[test]
fn a_policy_refuses_what_is_certain_and_warns_of_the_rest() {
    let story = story("").file("botform.yaml", POLICY);
    for command in ["validate", "plan", "apply --auto-approve"] {
        let run = story.run(command);
        assert_eq!(run.exit, 5, "{run}");
        let why = "`sbfm_verified_bots: block` shuts out search engines";
        assert!(run.to_string().contains(why), "{run}");
    }
    assert!(story.bodies().is_empty());
    let once = story.run("plan --override-policy bots");
    assert_eq!(once.exit, 0, "{once}");
    let open = POLICY.replace(
        "search_engines}}",
        "search_engines}, exceptions: [{zone: '*', reason: private, until: 2999-12-31}]}",
    );
    story.write("botform.yaml", open);
    assert_eq!(story.run("plan").exit, 0);
    let doubtful = Story::shop("ai_search: block").file("botform.yaml", POLICY);
    let run = doubtful.run("plan");
    let warning = "policy `bots` (search engines pass) may be broken: `ai_search: block` shuts out search engines (medium confidence)";
    assert!(run.exit == 0 && run.to_string().contains(warning), "{run}");
}

#[test]
fn validate_warns_offline_with_the_line() {
    let run = story("").run("validate");
    assert_eq!(run.exit, 0, "{run}");
    assert!(run.stderr.contains("`sbfm_verified_bots: block` shuts out search engines"), "{run}");
    assert!(run.stderr.contains("zones/a.example.com.yaml:4"), "{run}");
}

#[test]
fn the_rule_is_the_only_one_and_accepts_its_word() {
    for (rule, problem) in [
        ("{shuts_out: search_engines, sbfm_verified_bots: [block]}", "`shuts_out` stands alone in `forbid`"),
        ("{shuts_out: search_engine}", "`search_engine` is not a value of `shuts_out`"),
    ] {
        let policy = format!("policy:\n- {{id: a, reason: b, forbid: {rule}}}\n");
        let run = story("").file("botform.yaml", policy).run("validate");
        assert!(run.exit == 1 && run.stderr.contains(problem), "{run}");
    }
}

#[test]
fn the_policy_of_init_is_active() {
    let story = story("");
    assert_eq!(story.run("init").exit, 0);
    let run = story.run("plan");
    assert!(run.exit == 5 && run.to_string().contains("policy `search-engines`"), "{run}");
}

#[test]
fn later_steps_of_a_workflow_get_the_count() {
    let story = story("sbfm_definitely_automated: block");
    let mut command = story.command("plan --output github");
    command.env("GITHUB_OUTPUT", story.path("values"));
    let run = story.end(command);
    assert_eq!(run.exit, 0, "{run}");
    let values = story.read("values");
    assert!(values.contains("\nshuts-out=2\n"), "{values}");
}
