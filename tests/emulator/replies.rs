//! Known behaviours of the API, one per test.

use crate::api::{Api, read, refusal};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::time::Duration;

/// A reply of a Free zone, as it was recorded.
const FREE: &str = r#"{"enable_js": true, "fight_mode": false, "ai_bots_protection": "block",
    "content_bots_protection": "disabled", "crawler_protection": "disabled", "is_robots_txt_managed": true,
    "cf_robots_variant": "off", "using_latest_model": true}"#;

/// A selection of a Pro zone's reply, as it was recorded.
const PRO: &str = r#"{"enable_js": true, "sbfm_definitely_automated": "allow", "sbfm_verified_bots": "allow",
    "sbfm_static_resource_protection": false, "ai_bots_protection": "block", "content_bots_protection": "disabled",
    "crawler_protection": "disabled", "ai_training": "disabled", "ai_search": "disabled", "ai_user": "disabled",
    "is_robots_txt_managed": true}"#;

fn recorded(text: &str) -> Value {
    json!({ "live": serde_json::from_str::<Value>(text).unwrap() })
}

#[tokio::test]
async fn get_shows_a_recorded_reply_as_it_was() {
    let api = Api::zone("free", recorded(FREE)).await;
    let (status, body) = api.get("/zones/ZONE/bot_management").await;
    assert_eq!(status, 200);
    let result = serde_json::from_str::<Value>(FREE).unwrap();
    assert_eq!(body, json!({"success": true, "errors": [], "messages": [], "result": result}));
}

#[tokio::test]
async fn every_reply_carries_the_ray_and_the_limit_if_there_is_one() {
    for (limit, announced) in [(json!({"requests": 1200, "seconds": 300}), true), (Value::Null, false)] {
        let zones = json!([{"name": "a.example", "plan": "free"}]);
        let api = Api::serve(json!({"zones": zones, "limit": limit})).await;
        for path in ["/zones", "/zones/ZONE/bot_management", "/nowhere"] {
            let response = api.request(Method::GET, path).send().await.unwrap();
            let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
            assert!(header("cf-ray").unwrap().ends_with("-LHR"));
            assert_eq!(header("content-type"), Some("application/json"));
            assert_eq!(header("ratelimit").is_some_and(|left| left.starts_with("\"default\";r=")), announced);
            let policy = announced.then_some("\"default\";q=1200;w=300");
            assert_eq!(header("ratelimit-policy"), policy);
        }
    }
}

#[tokio::test]
async fn the_prefix_of_the_public_api_may_be_left_out() {
    let api = Api::zone("free", json!({})).await;
    let url = format!("http://{}/zones", api.emulator.addr());
    assert_eq!(api.client.get(url).bearer_auth("abc").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn put_merges_and_shows_the_whole_object() {
    let api = Api::zone("pro", recorded(PRO)).await;
    let mut wanted = api.live().await;
    assert_eq!(api.put(json!({})).await.1["result"], wanted);
    wanted["ai_search"] = json!("block");
    let (status, body) = api.put(json!({"ai_search": "block"})).await;
    assert_eq!((status, &body["result"]), (200, &wanted));
    assert_eq!(api.live().await, wanted);
}

#[tokio::test]
async fn put_refuses_what_the_api_refuses_and_stores_nothing() {
    let api = Api::zone("pro", json!({})).await;
    let before = api.live().await;
    let mut replies = Vec::new();
    for body in [
        json!({"using_latest_model": true, "ai_search": "block"}),
        json!({"stale_zone_configuration": {}, "ai_search": "block"}),
        json!({"sbfm_likely_automated": "block", "ai_search": "block"}),
        json!({"auto_update_model": false}),
        json!({"ai_training": "allow"}),
        json!([1]),
    ] {
        replies.push(refusal(&api.put(body).await));
    }
    insta::assert_snapshot!(replies.join("\n"), @"
    400 10400 cannot write to read-only value 'using_latest_model'
    400 10400 cannot write to read-only value 'stale_zone_configuration'
    400 10400 zone not entitled to enable likely automated bots ruleset
    400 10400 zone not entitled to disable auto update model
    400 10400 invalid value for 'ai_training'
    400 10400 Bad Request
    ");
    assert_eq!(api.live().await, before);
}

#[tokio::test]
async fn neutral_values_of_another_plan_are_accepted_and_add_no_key() {
    let api = Api::zone("pro", recorded(PRO)).await;
    let before = api.live().await;
    assert_eq!(api.put(json!({"sbfm_likely_automated": "allow", "auto_update_model": true})).await.0, 200);
    assert_eq!(api.live().await, before);
}

#[tokio::test]
async fn fight_mode_needs_enable_js() {
    let api = Api::zone("free", json!({"live": {"enable_js": false, "fight_mode": false}})).await;
    let reply = api.put(json!({"fight_mode": true})).await;
    assert_eq!(refusal(&reply), "400 10400 cannot enable Fight_Mode while EnableJS is disabled");
    assert_eq!(api.put(json!({"fight_mode": true, "enable_js": true})).await.0, 200);
    assert_eq!(api.put(json!({"enable_js": false})).await.0, 400);
}

#[tokio::test]
async fn the_sync_silently_reverts_while_robots_txt_is_managed() {
    let api = Api::zone("free", json!({})).await;
    let (status, body) = api.put(json!({"bot_preference_sync_enabled": false})).await;
    assert_eq!((status, &body["result"]["bot_preference_sync_enabled"]), (200, &json!(false)));
    assert_eq!(api.live().await["bot_preference_sync_enabled"], true);
}

#[tokio::test]
async fn a_stale_setting_goes_with_its_neutral_value_or_sticks() {
    let stale = json!({"fight_mode": true, "sbfm_likely_automated": "block"});
    let api = Api::zone("pro", json!({"stale": stale, "sticky": ["fight_mode"]})).await;
    assert_eq!(api.put(json!({"fight_mode": false, "sbfm_likely_automated": "allow"})).await.0, 200);
    let live = api.live().await;
    assert_eq!(live["stale_zone_configuration"], json!({"fight_mode": true}));
    assert!(live.get("fight_mode").is_none());
}

#[tokio::test]
async fn no_other_method_exists_on_bot_management() {
    let api = Api::zone("pro", json!({})).await;
    for method in [Method::PATCH, Method::POST, Method::DELETE] {
        let response = api.request(method, "/zones/ZONE/bot_management").send().await.unwrap();
        assert_eq!(refusal(&read(response).await), "405 10405 Method not allowed");
    }
}

#[tokio::test]
async fn an_unknown_id_and_an_unknown_route_have_different_errors() {
    let api = Api::zone("pro", json!({})).await;
    let mut replies = Vec::new();
    for path in [
        "/zones/notazone/bot_management",
        "/zones/00000000000000000000000000000000/bot_management",
        "/zones/notazone/workers",
        "/nowhere",
    ] {
        replies.push(refusal(&api.get(path).await));
    }
    insta::assert_snapshot!(replies.join("\n"), @"
    404 7003 Could not route to /zones/notazone/bot_management, perhaps your object identifier is invalid?
    404 7003 Could not route to /zones/00000000000000000000000000000000/bot_management, perhaps your object identifier is invalid?
    400 7003 Could not route to /zones/notazone/workers, perhaps your object identifier is invalid?
    400 7000 No route for that URI
    ");
}

#[tokio::test]
async fn credentials_are_checked_before_anything_else() {
    let api = Api::zone("pro", json!({})).await;
    let url = format!("{}/nowhere", api.emulator.base_url());
    let with = |headers: &[(&str, &str)]| {
        headers.iter().fold(api.client.get(&url), |request, (name, value)| request.header(*name, *value))
    };
    let mut replies = Vec::new();
    for headers in [
        [].as_slice(),
        &[("Authorization", "Basic abc")],
        &[("X-Auth-Email", "a@b.c"), ("X-Auth-Key", "no key")],
        &[("X-Auth-Email", "a@b.c"), ("X-Auth-Key", "144c9defac04969c7bfad8efaa8ea194")],
    ] {
        let reply = read(with(headers).send().await.unwrap()).await;
        let chain = reply.1["errors"][0]["error_chain"][0]["code"].clone();
        replies.push(format!("{} {chain}", refusal(&reply)));
    }
    insta::assert_snapshot!(replies.join("\n"), @"
    400 9106 Missing X-Auth-Key, X-Auth-Email or Authorization headers null
    400 6003 Invalid request headers 6111
    400 6003 Invalid request headers 6103
    400 7000 No route for that URI null
    ");
}

#[tokio::test]
async fn a_token_reaches_its_resources_and_nothing_else() {
    let world = |token: Value| {
        let zones = json!([{"name": "a.example", "plan": "pro"}, {"name": "b.example", "plan": "pro"}]);
        json!({"tokens": [token], "zones": zones})
    };
    let read_only = json!({"token": "abc", "permissions": ["bot_management_read", "zone_read"]});
    let api = Api::serve(world(read_only)).await;
    assert_eq!(api.get("/zones/ZONE/bot_management").await.0, 200);
    assert_eq!(refusal(&api.put(json!({})).await), "403 10000 Authentication error");
    let other = json!({"token": "abc", "zones": ["b.*"]});
    let api = Api::serve(world(other)).await;
    let reply = api.get("/zones/ZONE/bot_management").await;
    assert_eq!(refusal(&reply), "403 9109 Unauthorized to access requested resource");
    let (_, listed) = api.get("/zones").await;
    assert_eq!(listed["result_info"]["total_count"], 1);
}

#[tokio::test]
async fn the_refusal_of_a_bad_token_differs_by_path() {
    let zones = json!([{"name": "a.example", "plan": "pro"}]);
    let api = Api::serve(json!({"tokens": [{"token": "another"}], "zones": zones})).await;
    let mut replies = Vec::new();
    for path in [
        "/user/tokens/verify",
        "/accounts/ac000000000000000000000000000001/tokens/verify",
        "/zones",
        "/accounts",
        "/zones/ZONE",
        "/zones/ZONE/bot_management",
        "/accounts/ac000000000000000000000000000001/email-security/submissions",
    ] {
        replies.push(refusal(&api.get(path).await));
    }
    insta::assert_snapshot!(replies.join("\n"), @"
    401 1000 Invalid API Token
    401 1000 Invalid API Token
    403 9109 Invalid access token
    403 9109 Invalid access token
    403 10000 Authentication error
    403 10000 Authentication error
    403 10000 Authentication error
    ");
}

#[tokio::test]
async fn a_global_key_is_checked_by_its_own_call() {
    let api = Api::serve(json!({"tokens": [{"token": "144c9defac04969c7bfad8efaa8ea194"}]})).await;
    let user = async |key: &str| {
        let request = api.client.get(format!("{}/user", api.emulator.base_url()));
        read(request.header("X-Auth-Email", "a@b.c").header("X-Auth-Key", key).send().await.unwrap()).await
    };
    assert_eq!(user("144c9defac04969c7bfad8efaa8ea194").await.1["result"]["email"], "a@b.c");
    assert_eq!(refusal(&user("1234567890").await), "403 9103 Unknown X-Auth-Key or X-Auth-Email");
}

#[tokio::test]
async fn a_token_of_an_account_is_verified_there_and_a_token_of_a_user_is_not() {
    let zones = json!([{"name": "a.example", "plan": "pro"}]);
    let tokens = json!([{"token": "cfat_abc"}, {"token": "abc"}]);
    let api = Api::serve(json!({"zones": zones, "tokens": tokens})).await;
    let status = async |token: &str, path: &str| {
        let url = format!("{}/{path}/tokens/verify", api.emulator.base_url());
        api.client.get(url).bearer_auth(token).send().await.unwrap().status().as_u16()
    };
    let account = "accounts/ac000000000000000000000000000001";
    assert_eq!((status("cfat_abc", account).await, status("abc", account).await), (200, 401));
    assert_eq!((status("cfat_abc", "user").await, status("abc", "user").await), (401, 200));
    assert_eq!(status("cfat_abc", "accounts/00000000000000000000000000000000").await, 404);
}

#[tokio::test]
async fn verify_reports_the_status_of_a_token() {
    let api = Api::serve(json!({"tokens": [{"token": "abc", "status": "disabled"}]})).await;
    assert_eq!(api.get("/user/tokens/verify").await.1["result"]["status"], "disabled");
    assert_eq!(api.get("/zones").await.0, 403);
}

#[tokio::test]
async fn past_the_limit_every_call_is_refused() {
    let api = Api::serve(json!({"limit": {"requests": 2, "seconds": 300}})).await;
    assert_eq!((api.get("/zones").await.0, api.get("/zones").await.0), (200, 200));
    let response = api.request(Method::GET, "/zones").send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "300");
    assert_eq!(response.headers()["ratelimit"], "\"default\";r=0;t=300");
    assert_eq!(response.headers()["ratelimit-policy"], "\"default\";q=2;w=300");
    let refusal = refusal(&read(response).await);
    assert_eq!(refusal, "429 971 Please wait and consider throttling your request speed");
}

#[tokio::test]
async fn zones_come_in_pages_and_by_exact_name() {
    let zones: Vec<Value> =
        (0..120).map(|n| json!({"name": format!("z{n}.example"), "plan": "free"})).collect();
    let api = Api::serve(json!({ "zones": zones })).await;
    let (_, body) = api.get("/zones?page=3&per_page=50").await;
    assert_eq!(body["result"].as_array().unwrap().len(), 20);
    assert_eq!(
        body["result_info"],
        json!({"page": 3, "per_page": 50, "count": 20, "total_count": 120, "total_pages": 3})
    );
    let (_, body) = api.get("/zones?name=z7.example").await;
    assert_eq!(body["result"][0]["plan"]["legacy_id"], "free");
    assert_eq!(body["result_info"]["count"], 1);
}

#[tokio::test]
async fn a_page_has_5_to_50_zones_and_the_probe_with_one_is_answered() {
    let zones: Vec<Value> =
        (0..7).map(|n| json!({"name": format!("z{n}.example"), "plan": "free"})).collect();
    let api = Api::serve(json!({ "zones": zones })).await;
    for (per_page, shown) in [("1", 1), ("5", 5), ("50", 7)] {
        let (_, body) = api.get(&format!("/zones?per_page={per_page}")).await;
        assert_eq!(body["result"].as_array().unwrap().len(), shown, "{per_page}");
    }
    for query in ["per_page=0", "per_page=2", "per_page=4", "per_page=51", "per_page=x", "page=0"] {
        assert_eq!(api.get(&format!("/zones?{query}")).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn zones_are_listed_by_account_and_by_status() {
    let zone = |name: &str, account: &str, status: &str| json!({"name": name, "plan": "free", "account": account, "status": status});
    let (one, two) = ("1".repeat(32), "2".repeat(32));
    let zones = [zone("a.example", &one, "active"), zone("a.example", &two, "pending")];
    let api = Api::serve(json!({ "zones": zones })).await;
    let count =
        async |query: String| api.get(&format!("/zones?{query}")).await.1["result"].as_array().unwrap().len();
    assert_eq!(count("name=a.example".to_owned()).await, 2);
    assert_eq!(count(format!("name=a.example&account.id={one}")).await, 1);
    assert_eq!(count("status=pending".to_owned()).await, 1);
    assert_eq!(count(format!("account.id={one}&status=pending")).await, 0);
}

#[tokio::test]
async fn one_zone_is_shown_with_its_plan_and_its_account() {
    let api = Api::zone("business", json!({"legacy_id": "enterprise"})).await;
    let (_, body) = api.get("/zones/ZONE").await;
    assert_eq!(body["result"]["plan"]["legacy_id"], "enterprise");
    assert_eq!(body["result"]["account"]["id"], "ac000000000000000000000000000001");
}

#[tokio::test]
async fn null_stands_for_what_the_plan_lacks() {
    let api = Api::zone("pro", json!({"nulls": true})).await;
    assert_eq!(api.live().await.get("fight_mode"), Some(&Value::Null));
}

#[tokio::test]
async fn unknown_keys_and_values_are_shown() {
    let live = json!({"enable_js": true, "ai_weather": "sunny", "ai_training": "audit"});
    let api = Api::zone("free", json!({ "live": live })).await;
    let shown = api.live().await;
    assert_eq!((&shown["ai_weather"], &shown["ai_training"]), (&json!("sunny"), &json!("audit")));
}

#[tokio::test]
async fn unreported_settings_are_accepted_anyway() {
    let api = Api::zone("free", json!({"unreported": ["content_bots_protection"]})).await;
    assert_eq!(api.put(json!({"content_bots_protection": "block"})).await.0, 200);
    assert!(api.live().await.get("content_bots_protection").is_none());
}

#[tokio::test]
async fn ten_thousand_zones_are_served_quickly() {
    let zones: Vec<Value> =
        (0..10_000).map(|n| json!({"name": format!("z{n}.example"), "plan": "free"})).collect();
    let api = Api::serve(json!({ "zones": zones })).await;
    let (_, body) = api.get("/zones?page=200&per_page=50").await;
    assert_eq!(body["result_info"]["count"], 50);
}

#[tokio::test]
async fn a_dropped_emulator_no_longer_answers() {
    let Api { emulator, client } = Api::zone("free", json!({})).await;
    let url = format!("{}/zones", emulator.base_url());
    assert!(client.get(&url).bearer_auth("abc").send().await.is_ok());
    drop(emulator);
    let fresh = Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
    while fresh.get(&url).bearer_auth("abc").send().await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn requests_are_logged_without_their_headers() {
    let api = Api::zone("pro", json!({})).await;
    api.put(json!({"ai_search": "block"})).await;
    let requests = api.emulator.requests();
    assert_eq!((requests[0].method.as_str(), requests[0].status), ("PUT", Some(200)));
    assert_eq!(requests[0].body, Some(json!({"ai_search": "block"})));
    assert!(!format!("{requests:?}").contains("abc\""));
}

#[tokio::test]
async fn an_oversized_or_broken_body_is_refused() {
    let api = Api::zone("pro", json!({})).await;
    let send = |body: String| {
        let request = api.request(Method::PUT, "/zones/ZONE/bot_management");
        request.header("content-type", "application/json").body(body).send()
    };
    assert_eq!(send("{\"enable_js\":".to_owned()).await.unwrap().status(), 400);
    assert_eq!(send("[".repeat(100_000)).await.unwrap().status(), 400);
    // The rest of so large a body is not read, so the reply may be lost.
    assert!(send(" ".repeat(2 << 20)).await.map_or(true, |response| response.status() == 413));
}
