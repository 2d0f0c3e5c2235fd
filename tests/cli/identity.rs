//! Identity and credentials: names, ids, accounts, tokens.

use crate::story::{Story, TOKEN, command};
use insta::assert_snapshot;
use serde_json::{Value, json};

const ID: &str = "023e105f4ecef8ad9ca31a8372d0c353";

#[test]
fn a_zone_that_is_not_found_is_reported_with_a_similar_one() {
    let zones =
        json!([{"name": "shop.example.com", "plan": "pro"}, {"name": "blog.example.com", "plan": "free"}]);
    let story = Story::new(zones).zone("shopp.example.com", "sbfm_pro", "ai_search: block").zone(
        "blog.example.com",
        "bot_fight_mode",
        "ai_search: block",
    );
    assert_snapshot!(story.run("plan").told(), @"
    ~ blog.example.com (bot_fight_mode)                        zones/blog.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    ! shopp.example.com (sbfm_pro)  failed                     zones/shopp.example.com.yaml
          error: zone shopp.example.com was not found
            hint: did you mean `shop.example.com`? Otherwise check the name; the zone was deleted, or the token cannot see it (permission `Zone Read` for it). If it was deleted: `git rm zones/shopp.example.com.yaml`

    Plan: 1, 1, 0, 0, 1, 1
    ---- exit 3
    ");
}

#[test]
fn one_name_in_two_accounts_is_an_error_that_lists_both() {
    let account = |letter: &str| letter.repeat(32);
    let world = json!({
        "accounts": [{"id": account("a"), "name": "Shops"}, {"id": account("b"), "name": "Labs"}],
        "zones": [{"name": "shop.example.com", "plan": "pro", "account": "Shops"}, {"name": "shop.example.com", "plan": "pro", "account": "Labs"}],
    });
    let story = Story::world(&world).zone("shop.example.com", "sbfm_pro", "ai_search: block");
    assert_snapshot!(story.run("plan").told(), @"
    ! shop.example.com (sbfm_pro)  failed                      zones/shop.example.com.yaml
          error: zone shop.example.com was found 2 times: in account `Shops` ([id], active, zone id [id]), in account `Labs` ([id], active, zone id [id])
            hint: add `account_id` or `zone_id` to the zone file to select one of them

    Plan: 0, 0, 0, 1
    ---- exit 1
    ");
    let more = format!("account_id: {}\n", account("a"));
    let story = story.zone_with("shop.example.com", "sbfm_pro", "ai_search: block", &more);
    assert_eq!(story.run("apply --auto-approve").exit, 0);
}

#[test]
fn a_pinned_id_of_another_zone_blocks() {
    let story = Story::new(json!([{"name": "old.example.com", "plan": "pro", "id": ID}, {"name": "shop.example.com", "plan": "pro"}]))
        .zone_with("shop.example.com", "sbfm_pro", "ai_search: block", &format!("zone_id: {ID}\n"));
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ! shop.example.com (sbfm_pro)  blocked                     zones/shop.example.com.yaml
          error: zone id [id] is not shop.example.com but old.example.com   :1
            hint: correct `zone` or `zone_id` in the zone file: both must name the same zone

    Plan: 0, 0, 1, 0

      blocked       shop.example.com

    Apply: 0, 0, 0, 1, 0
    ---- exit 1
    ");
    assert!(story.bodies().is_empty());
}

#[test]
fn an_unknown_pinned_id_gets_cloudflares_own_answer() {
    let story = Story::new(json!([])).zone_with(
        "shop.example.com",
        "sbfm_pro",
        "ai_search: block",
        &format!("zone_id: {ID}\n"),
    );
    assert_snapshot!(story.run("plan").told(), @"
    ! shop.example.com (sbfm_pro)  failed                      zones/shop.example.com.yaml
          error: GET /zones/[id] (zone shop.example.com) was refused with status 404: Could not route to /zones/[id], perhaps your object identifier is invalid? (code 7003)
            CF-Ray [ray]
            hint: there is no zone shop.example.com at this API address: it was deleted, or the token cannot see it. If it was deleted: `git rm zones/shop.example.com.yaml`

    Plan: 0, 0, 0, 1
    ---- exit 1
    ");
}

fn with_token(token: Value, names: &[&str]) -> Story {
    let zones: Vec<_> = names.iter().map(|name| json!({"name": name, "plan": "pro"})).collect();
    let story = Story::world(&json!({"zones": zones, "tokens": [token]}));
    names.iter().fold(story, |story, name| story.zone(name, "sbfm_pro", "ai_search: block"))
}

#[test]
fn the_error_for_a_read_only_token_names_the_permission_and_the_zone() {
    let token = json!({"token": TOKEN, "permissions": ["zone_read", "bot_management_read"]});
    let story = with_token(token, &["shop.example.com"]);
    assert_eq!(story.run("plan").exit, 0);
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 1, 1, 0, 0, 0, 1

      refused       shop.example.com
          error: PUT /zones/[id]/bot_management (zone shop.example.com) was refused with status 403: Authentication error (code 10000)
            CF-Ray [ray]
            hint: check that the token is right and not expired, and give it the permission `Bot Management Write` for zone shop.example.com

    Apply: 0, 0, 1, 0, 0, 0
    ---- exit 1
    ");
}

#[test]
fn a_zone_outside_the_token_stops_only_that_zone() {
    let zones = json!([{"name": "a.example.com", "plan": "pro", "faults": [{"on": "GET", "do": "forbidden_zone"}]}, {"name": "b.example.com", "plan": "pro"}]);
    let story = Story::new(zones).zone("a.example.com", "sbfm_pro", "ai_search: block").zone(
        "b.example.com",
        "sbfm_pro",
        "ai_search: block",
    );
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ! a.example.com (sbfm_pro)  failed                         zones/a.example.com.yaml
          error: GET /zones/[id]/bot_management (zone a.example.com) was refused with status 403: Unauthorized to access requested resource (code 9109)
            CF-Ray [ray]
            hint: the token has no access to zone a.example.com: add it to the token's resources

    ~ b.example.com (sbfm_pro)                                 zones/b.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 1, 1, 0, 0, 1, 1

      applied       b.example.com   1 setting written and read back
      failed        a.example.com

    Apply: 1, 0, 1, 0, 0
    ---- exit 3
    ");
    assert_eq!(
        story.traffic().iter().filter(|line| line.ends_with("a.example.com")).count(),
        1,
        "9109 is never retried"
    );
}

#[test]
fn a_missing_permission_stops_no_run_whose_token_is_valid() {
    let token = json!({"token": TOKEN, "permissions": ["zone_read", "bot_management_read"]});
    let names: Vec<_> = (0..9).map(|n| format!("z{n}.example.com")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let story = with_token(token, &names);
    let run = story.run("apply --auto-approve --concurrency 1 --output json");
    let outcomes: Vec<_> = run.json()["zones"]
        .as_array()
        .unwrap()
        .iter()
        .map(|zone| zone["outcome"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(outcomes, ["refused"; 9]);
    assert_eq!(run.exit, 1);
    assert_eq!(story.bodies().len(), 9);
    let asked = story.emulator().requests().iter().filter(|asked| asked.path.ends_with("/verify")).count();
    assert_eq!(asked, 1, "the token's own endpoint confirms it once");
}

#[test]
fn a_token_that_may_not_write_ends_the_run_after_ten_zones() {
    let token = json!({"token": TOKEN, "permissions": ["zone_read", "bot_management_read"]});
    let names: Vec<_> = (0..30).map(|n| format!("z{n:02}.example.com")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let story = with_token(token, &names);
    let run = story.run("apply --auto-approve --concurrency 1");
    let end = run.stdout.split_once("Digest: [").map_or(run.stdout.as_str(), |(_, end)| end);
    assert!(run.told().contains("Apply: 0, 0, 10, 0, 0, 20"), "{run}");
    assert_eq!(end.matches("ten writes in a row").count(), 1, "{run}");
    assert_eq!((run.exit, story.bodies().len()), (1, 10));
    let begun = story.traffic().iter().filter(|line| line.starts_with("GET ")).count();
    assert_eq!(begun, 30 + 2 * 10, "zones that are not attempted are not read either");
}

#[test]
fn one_success_among_refusals_keeps_a_run_going_and_a_zone_outside_the_token_does_not_count() {
    let refusal = |zone: usize| match zone {
        9 => json!([]),
        5 | 15 => json!([{"on": "PUT", "do": "refuse", "status": 403, "code": 9109}]),
        _ => json!([{"on": "PUT", "do": "refuse", "status": 403, "code": 10000}]),
    };
    let name = |zone: usize| format!("z{zone:02}.example.com");
    let zones: Vec<_> =
        (0..20).map(|zone| json!({"name": name(zone), "plan": "pro", "faults": refusal(zone)})).collect();
    let story = (0..20).fold(Story::new(json!(zones)), |story, zone| {
        story.zone(&name(zone), "sbfm_pro", "ai_search: block")
    });
    let run = story.run("apply --auto-approve --concurrency 1 --output json");
    assert_eq!((run.exit, story.bodies().len()), (3, 20), "{run}");
    assert!(!run.stdout.contains("not_attempted\""), "{run}");
}

#[test]
fn a_wrong_token_is_reported_once_for_all_zones_and_not_retried() {
    let token = json!({"token": "another"});
    let story = with_token(token, &["a.example.com", "b.example.com"]);
    assert_snapshot!(story.run("plan").told(), @"
    ! a.example.com (sbfm_pro)  failed                         zones/a.example.com.yaml
          error: GET /zones was refused with status 403: Invalid access token (code 9109)
            CF-Ray [ray]
            hint: set CLOUDFLARE_API_TOKEN to a valid API token, or both CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY

    ! b.example.com (sbfm_pro)  failed                         zones/b.example.com.yaml
          error: GET /zones was refused with status 403: Invalid access token (code 9109)
            CF-Ray [ray]
            hint: set CLOUDFLARE_API_TOKEN to a valid API token, or both CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY

    Plan: 0, 0, 0, 2
    ---- exit 1
    ");
    assert!(story.emulator().requests().len() <= 5);
}

#[test]
fn without_credentials_nothing_is_sent() {
    let story = Story::shop("ai_search: block");
    let mut plan = story.command("plan");
    plan.env_remove("CLOUDFLARE_API_TOKEN");
    assert_snapshot!(story.end(plan), @"
    ---- stderr
    error: no credentials for the Cloudflare API

    hint: set CLOUDFLARE_API_TOKEN (permission `Bot Management Write`, or `Read` for plan), or CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY; `--emulate` needs none
    ---- exit 1
    ");
    assert!(story.emulator().requests().is_empty());
}

#[test]
fn a_token_with_a_newline_in_it_is_refused_before_it_is_sent() {
    let story = Story::shop("ai_search: block");
    let mut plan = story.command("plan");
    plan.env("CLOUDFLARE_API_TOKEN", format!("{TOKEN}\nX-Evil: 1"));
    let run = story.end(plan);
    assert_snapshot!(run, @"
    ---- stderr
    error: the API token contains white space

    hint: set only the value, without `Bearer` or quotes
    ---- exit 1
    ");
    assert!(story.emulator().requests().is_empty());
}

#[test]
fn an_email_and_a_key_work_too() {
    let story = Story::shop("ai_search: block");
    let mut plan = story.command("plan --detailed-exitcode");
    plan.env_remove("CLOUDFLARE_API_TOKEN")
        .env("CLOUDFLARE_EMAIL", "ops@example.com")
        .env("CLOUDFLARE_API_KEY", "0123456789abcdef");
    assert_eq!(story.end(plan).exit, 2);
}

#[test]
fn an_address_that_is_not_a_url_is_refused() {
    let story = Story::shop("ai_search: block");
    let run = |address: &str| story.run(&format!("plan --base-url {address}"));
    assert_snapshot!(run("not-a-url"), @"
    ---- stderr
    error: `not-a-url` is not an API address: it does not begin with `https://`

    hint: an API address looks like `https://api.cloudflare.com/client/v4`
    ---- exit 64
    ");
    assert_snapshot!(run("http://api.example.com/client/v4"), @"
    ---- stderr
    error: `http://api.example.com/client/v4` is not an API address: only a loopback address may use `http://`

    hint: an API address looks like `https://api.cloudflare.com/client/v4`
    ---- exit 64
    ");
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_refused_connection_is_reported_for_each_zone() {
    let story = Story::shop("ai_search: block");
    assert_snapshot!(story.run("plan --base-url http://127.0.0.1:1/client/v4").told(), @"
    ! shop.example.com (sbfm_pro)  failed                      zones/shop.example.com.yaml
          error: GET /zones (zone shop.example.com, 5 attempts) could not connect: error sending request for url (http://[api]/client/v4/zones?name=shop.example.com&per_page=50): client error (Connect): tcp connect error: Connection refused (os error 111)
            hint: check the API address, the network, and the proxy settings (`HTTPS_PROXY`, `NO_PROXY`)

    Plan: 0, 0, 0, 1
    ---- exit 1
    ");
}

#[test]
fn an_emulator_in_the_process_needs_neither_credentials_nor_the_network() {
    let story = Story::shop("ai_search: block");
    let mut plan = command(&story.path(""), "plan --emulate");
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        plan.env(name, "http://127.0.0.1:1");
    }
    plan.env("CLOUDFLARE_BASE_URL", "http://127.0.0.1:1");
    assert_snapshot!(story.end(plan).told(), @"
    Plan: 0, 1, 0, 0
    ---- exit 0
    ");
}
