//! `doctor`: what it checks, and that it writes nothing and shows no secret.

use super::story::{Run, Story, TOKEN};
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn a_healthy_setup_passes_and_nothing_is_written() {
    let story = Story::shop("enable_js: true");
    let run = story.run("doctor");
    assert_snapshot!(run, @"
    ok       version: botform 0.2.0
    ok       zone files: 1 zone file valid
    skipped  project: no botform.yaml: no guards or policies apply
    ok       proxy: none
    ok       address: http://[api]/client/v4
    ok       credentials: an API token of a user
    ok       token: active, does not expire
    ok       Zone Read: 1 zone visible
    ok       zones: all zones in the files are visible; 0 visible zones without a file
    ok       Bot Management Read: shop.example.com can be read
    ok       Bot Management Feedback Report Read: shop.example.com can be read
    ok       Evidence: analytics, custom rules, IP access rules, environments, pay per crawl, security level can be read of shop.example.com
    skipped  Bot Management Write: not tried, because `doctor` writes nothing; `plan` does not need it, and `apply` reports it if it is missing
    skipped  Cloud Email Security Read: no account is given; only `submissions` needs one
    ok       budget: 1191 requests may be sent at once
    ok       clock: matches the server

    16 checks, 0 failed, 0 warnings.
    ---- exit 0
    ");
    assert!(story.bodies().is_empty());
}

#[test]
fn a_missing_permission_is_named_with_the_place_to_grant_it() {
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

/// A world of one zone with a token of this status, and what the environment holds.
fn with_token(token: &str, status: &str) -> (Story, String) {
    let world = json!({
        "tokens": [{"token": token, "status": status}],
        "accounts": [{"id": ACCOUNT, "name": "Shops"}],
        "zones": [{"name": "shop.example.com", "plan": "pro", "account": ACCOUNT}],
    });
    (Story::world(&world).zone("shop.example.com", "sbfm_pro", ""), token.to_owned())
}

const ACCOUNT: &str = "01a7362d577a6c3019a474fd6f485823";

/// What `doctor` says with this token, which must not be in it.
fn said((story, token): &(Story, String), line: &str) -> Run {
    let mut command = story.command(line);
    command.env("CLOUDFLARE_API_TOKEN", token);
    let run = story.end(command);
    assert!(!run.to_string().contains(token), "{run}");
    run
}

#[test]
fn an_inactive_token_fails_with_the_place_to_fix_it() {
    for (token, place) in [
        ("cfut_0123456789abcdef", "https://dash.cloudflare.com/profile/api-tokens"),
        ("cfat_0123456789abcdef", "Account API Tokens"),
    ] {
        for status in ["disabled", "expired"] {
            let run = said(&with_token(token, status), &format!("doctor --account {ACCOUNT}"));
            assert_eq!(run.exit, 1, "{run}");
            assert!(
                run.stdout.contains(&format!("failed   token: Cloudflare reports it as {status}\n")),
                "{run}"
            );
            assert!(run.stdout.contains(place), "{run}");
            assert!(
                run.stdout.contains("skipped  permissions: not checked, because the check of the token"),
                "{run}"
            );
        }
    }
}

#[test]
fn the_token_of_an_account_is_looked_up_in_its_account() {
    let account = with_token("cfat_0123456789abcdef", "active");
    let run = said(&account, "doctor");
    assert!(run.exit == 0 && run.stdout.contains("credentials: an API token of an account\n"), "{run}");
    assert!(
        run.stdout.contains("token: accepted\n         hint: add `--account ID` to see when it expires"),
        "{run}"
    );
    let run = said(&account, &format!("doctor --account {ACCOUNT}"));
    assert!(run.exit == 0 && run.stdout.contains("token: active, does not expire\n"), "{run}");
    assert!(run.stdout.contains("ok       Cloud Email Security Read: submissions can be read"), "{run}");
}

#[test]
fn the_global_key_is_reported_as_such() {
    let story = Story::shop("enable_js: true");
    let mut command = story.command("doctor");
    command.env_remove("CLOUDFLARE_API_TOKEN");
    command.env("CLOUDFLARE_EMAIL", "a@example.com").env("CLOUDFLARE_API_KEY", "cfk_0123456789abcdef");
    let run = story.end(command);
    assert!(
        run.exit == 0 && run.stdout.contains("ok       credentials: the global API key of a user\n"),
        "{run}"
    );
    assert!(run.stdout.contains("ok       key: accepted\n"), "{run}");
    assert!(!run.to_string().contains("cfk_0"), "{run}");
    let mut command = story.command("doctor");
    command.env("CLOUDFLARE_API_KEY", "cfk_0123456789abcdef");
    let run = story.end(command);
    assert!(run.exit == 0 && run.stdout.contains("CLOUDFLARE_API_KEY is also set, but not used"), "{run}");
    assert!(!run.to_string().contains("cfk_0"), "{run}");
}

#[test]
fn two_zones_of_one_name_are_distinguished_by_the_ids_in_the_files() {
    let other = "11a7362d577a6c3019a474fd6f485823";
    let world = json!({
        "accounts": [{"id": ACCOUNT, "name": "Shops"}, {"id": other, "name": "Blogs"}],
        "zones": [
            {"name": "shop.example.com", "plan": "pro", "account": ACCOUNT},
            {"name": "shop.example.com", "plan": "pro", "account": other},
        ],
    });
    let story = Story::world(&world).zone("shop.example.com", "sbfm_pro", "");
    let run = story.run("doctor");
    assert!(run.exit == 1 && run.stdout.contains("Zone Read: 2 zones visible"), "{run}");
    assert!(
        run.stdout.contains("failed   zone names: several accounts have a zone named shop.example.com\n"),
        "{run}"
    );
    let story = story.zone_with("shop.example.com", "sbfm_pro", "", &format!("account_id: {other}\n"));
    let run = story.run("doctor");
    assert!(run.exit == 0 && run.stdout.contains("are visible; 1 visible zone without a file\n"), "{run}");
    let run = story.run(&format!("doctor --account {ACCOUNT}"));
    assert_eq!(run.exit, 0, "the account of the submissions hides no zone: {run}");
    let pinned = "zone_id: 023e105f4ecef8ad9ca31a8372d0c353\n";
    let run = story.zone_with("shop.example.com", "sbfm_pro", "", pinned).run("doctor");
    assert!(
        run.exit == 1 && run.stdout.contains("does not see shop.example.com with the `zone_id`"),
        "{run}"
    );
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_dead_network_costs_the_retries_of_one_check() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let story = Story::shop("enable_js: true");
    let run = story.run(&format!("doctor --base-url http://{closed}/client/v4"));
    assert_eq!(run.exit, 1, "{run}");
    assert!(run.stdout.contains("failed   connection: GET /user/tokens/verify"), "{run}");
    assert!(run.stdout.ends_with(
        "skipped  permissions: not checked, because the check of the connection failed\n\n8 checks, 1 failed, 0 warnings.\n"
    ), "{run}");
}

#[test]
fn an_emulator_needs_no_credentials_and_takes_no_account_of_the_environment() {
    let story = Story::shop("enable_js: true");
    let mut command = story.command("doctor --emulate=");
    command.env_remove("CLOUDFLARE_API_TOKEN").env_remove("CLOUDFLARE_BASE_URL");
    command.env("CLOUDFLARE_ACCOUNT_ID", ACCOUNT);
    let run = story.end(command);
    assert!(run.exit == 0 && run.stdout.contains("ok       address: emulate:\n"), "{run}");
    assert!(run.stdout.contains("16 checks, 0 failed, 0 warnings.\n"), "{run}");
}

#[test]
fn invalid_arguments_are_wrong_usage() {
    let story = Story::shop("enable_js: true");
    for line in ["doctor --account nope", "doctor --base-url foo", "doctor --emulate nope.yaml"] {
        let run = story.run(line);
        assert!(run.exit == 64 && run.stdout.is_empty(), "{line}: {run}");
    }
}
