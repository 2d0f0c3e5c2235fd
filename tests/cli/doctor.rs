//! `doctor`: what it finds right, what is missing, and that it writes nothing and tells no secret.

use super::story::{Story, TOKEN};
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn a_doctor_finds_all_well_and_writes_nothing() {
    let story = Story::shop("enable_js: true");
    let run = story.run("doctor");
    assert_snapshot!(run, @"
    ok       version: botform 0.1.0
    ok       zone files: 1 zone file valid
    skipped  project: there is no botform.yaml: no guards, no policies
    ok       proxy: none
    ok       address: http://[api]/client/v4
    ok       credentials: an API token of a user
    ok       token: active, without an end
    ok       Zone Read: 1 zone visible
    ok       zones: all zones of the files are visible; 0 visible zones without a file
    ok       Bot Management Read: shop.example.com can be read
    ok       Bot Management Feedback Report Read: shop.example.com can be read
    skipped  Bot Management Write: not tried, since nothing is written; `plan` needs none, `apply` says if it is missing
    skipped  Cloud Email Security Read: no account is named; only `submissions` needs it
    ok       budget: 1196 requests may be sent at once
    ok       clock: as the server's

    15 checks, 0 failed, 0 warnings.
    ---- exit 0
    ");
    assert!(story.bodies().is_empty());
}

#[test]
fn a_permission_that_is_missing_is_named_with_where_to_grant_it() {
    let refused = json!({"on": "GET", "do": "refuse", "status": 403, "code": 10000});
    let story = Story::shop_with(refused, "enable_js: true");
    let run = story.run("doctor --output json");
    assert_eq!(run.exit, 1, "{run}");
    let checks = run.json()["checks"].clone();
    let check =
        checks.as_array().unwrap().iter().find(|check| check["name"] == "Bot Management Read").unwrap();
    assert_eq!(check["status"], "failed");
    assert!(check["hint"].as_str().unwrap().contains("Bot Management Read"), "{check}");
}

#[test]
fn a_zone_of_the_files_that_the_token_does_not_see_fails() {
    let story = Story::shop("enable_js: true").zone("lost.example.com", "sbfm_pro", "");
    let run = story.run("doctor");
    assert_eq!(run.exit, 1, "{run}");
    assert!(run.stdout.contains("failed   zones: the token does not see lost.example.com"), "{run}");
}

#[test]
fn without_credentials_the_files_are_still_checked() {
    let story = Story::shop("enable_js: maybe");
    let mut command = story.command("doctor");
    command.env_remove("CLOUDFLARE_API_TOKEN");
    let run = story.end(command);
    assert_eq!(run.exit, 1, "{run}");
    assert!(run.stdout.contains("failed   zone files: 1 error"), "{run}");
    assert!(run.stdout.contains("failed   credentials: no credentials for the Cloudflare API"), "{run}");
}

#[test]
fn a_wrong_token_ends_the_checks_and_is_not_shown() {
    let world = json!({"tokens": [{"token": "cfut_another_one_0000"}], "zones": [{"name": "shop.example.com", "plan": "pro"}]});
    let run = Story::world(&world).zone("shop.example.com", "sbfm_pro", "").run("doctor");
    assert_eq!(run.exit, 1, "{run}");
    assert!(run.stdout.contains("failed   token: "), "{run}");
    assert!(!run.to_string().contains(TOKEN), "{run}");
}
