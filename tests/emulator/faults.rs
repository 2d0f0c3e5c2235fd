//! Scripted faults: what the client sees, and whether the write was stored.

use crate::api::{Api, read};
use futures_util::future::{Either, select};
use futures_util::poll;
use reqwest::Response;
use serde_json::{Value, json};
use std::pin::pin;

/// A Pro zone on whose first PUT a fault falls.
async fn fault(mut fault: Value) -> Api {
    fault["on"] = json!("PUT");
    fault["nth"] = json!(1);
    Api::zone("pro", json!({ "faults": [fault] })).await
}

/// Blocks AI search bots; `block` afterwards means that it was stored.
async fn put(api: &Api) -> reqwest::Result<Response> {
    api.send_put(&json!({"ai_search": "block"})).await
}

fn is_stored(api: &Api) -> bool {
    api.emulator.world().object("a.example").unwrap()["ai_search"] == "block"
}

#[tokio::test]
async fn edge_failures_are_pages_with_the_write_stored_or_not() {
    for (word, stored) in [("status", false), ("status_after_write", true)] {
        for status in [502, 520, 524] {
            let api = fault(json!({"do": word, "status": status})).await;
            let response = put(&api).await.unwrap();
            assert_eq!(response.status(), status);
            assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
            assert!(response.text().await.unwrap().starts_with("<!DOCTYPE html>"));
            assert_eq!(is_stored(&api), stored, "{word} {status}");
        }
    }
}

#[tokio::test]
async fn other_failures_come_in_the_envelope() {
    for status in [408, 409, 500, 503] {
        let api = fault(json!({"do": "status", "status": status})).await;
        let (status_seen, body) = read(put(&api).await.unwrap()).await;
        assert_eq!((status_seen, &body["success"]), (status, &json!(false)));
        assert!(!is_stored(&api));
    }
}

#[tokio::test]
async fn a_cut_reply_has_headers_and_half_a_body() {
    for (word, stored) in [("cut", false), ("cut_after_write", true)] {
        let api = fault(json!({ "do": word })).await;
        let mut response = put(&api).await.unwrap();
        let whole = response.content_length().unwrap();
        let half = response.chunk().await.unwrap().unwrap();
        assert!(!half.is_empty() && (half.len() as u64) < whole);
        assert!(response.chunk().await.is_err());
        assert_eq!(is_stored(&api), stored, "{word}");
    }
}

#[tokio::test]
async fn a_silent_request_is_received_and_never_answered() {
    for (word, stored) in [("silent", false), ("silent_after_write", true)] {
        let api = fault(json!({ "do": word })).await;
        let mut reply = pin!(put(&api));
        let taken = api.emulator.until(|world| !world.requests().is_empty());
        assert!(matches!(select(reply.as_mut(), pin!(taken)).await, Either::Right(_)), "{word}");
        // A reply would be here before that of a request which is sent later.
        assert_eq!(api.get("/zones").await.0, 200);
        assert!(poll!(reply).is_pending(), "{word}");
        assert_eq!(is_stored(&api), stored, "{word}");
        assert_eq!(api.emulator.requests()[0].status, None);
    }
}

#[tokio::test]
async fn a_reset_connection_brings_no_reply() {
    for (word, stored) in [("reset", false), ("reset_after_write", true)] {
        let api = fault(json!({ "do": word })).await;
        let error = put(&api).await.unwrap_err();
        assert!(error.is_request() && !error.is_timeout(), "{error:?}");
        assert_eq!(is_stored(&api), stored, "{word}");
        assert!(put(&api).await.is_ok());
    }
}

#[tokio::test]
async fn throttling_comes_in_two_spellings_with_three_headers() {
    for (word, code) in [("throttle", 971), ("throttle_10429", 10429)] {
        let api = fault(json!({"do": word, "retry_after": 7})).await;
        let response = put(&api).await.unwrap();
        assert_eq!(response.headers()["retry-after"], "7");
        assert_eq!(response.headers()["ratelimit"], "\"default\";r=0;t=7");
        assert!(response.headers().contains_key("ratelimit-policy"));
        let (status, body) = read(response).await;
        assert_eq!((status, &body["errors"][0]["code"]), (429, &json!(code)));
        assert!(!is_stored(&api));
    }
}

#[tokio::test]
async fn retry_after_is_a_number_or_a_date() {
    for fault_of in [json!({"do": "throttle"}), json!({"do": "status", "status": 503})] {
        for spelling in ["seconds", "date"] {
            let mut fault_of = fault_of.clone();
            (fault_of["retry_after"], fault_of["retry_after_as"]) = (json!(7), json!(spelling));
            let api = fault(fault_of).await;
            let response = put(&api).await.unwrap();
            let header = response.headers()["retry-after"].to_str().unwrap();
            assert_eq!(header == "7", spelling == "seconds", "{header}");
            assert_eq!(header.ends_with(" GMT"), spelling == "date", "{header}");
        }
    }
}

#[tokio::test]
async fn a_refusal_can_come_with_200() {
    let api = fault(json!({"do": "refuse", "status": 200, "code": 971, "message": "Please wait"})).await;
    let (status, body) = read(put(&api).await.unwrap()).await;
    assert_eq!((status, &body["success"], &body["errors"][0]["code"]), (200, &json!(false), &json!(971)));
    assert!(!is_stored(&api));
}

#[tokio::test]
async fn faults_count_per_zone_and_kind_of_request() {
    let fault = json!([{"on": "GET", "nth": 2, "do": "status", "status": 500}]);
    let zone = |name: &str| json!({"name": name, "plan": "pro", "faults": fault});
    let api = Api::serve(json!({"zones": [zone("a.example"), zone("b.example")]})).await;
    let id = api.emulator.world().zone_id("b.example").unwrap().to_owned();
    let other = format!("/zones/{id}/bot_management");
    assert_eq!(api.get("/zones/ZONE/bot_management").await.0, 200);
    assert_eq!((api.get(&other).await.0, put(&api).await.unwrap().status().as_u16()), (200, 200));
    assert_eq!(api.get("/zones/ZONE/bot_management").await.0, 500);
    assert_eq!(api.get(&other).await.0, 500);
}

#[tokio::test]
async fn success_false_proves_nothing() {
    for (word, stored) in [("success_false", false), ("success_false_after_write", true)] {
        let api = fault(json!({ "do": word })).await;
        let (status, body) = read(put(&api).await.unwrap()).await;
        assert_eq!((status, &body["success"], &body["errors"]), (200, &json!(false), &Value::Null));
        assert_eq!(is_stored(&api), stored, "{word}");
    }
}

#[tokio::test]
async fn an_ignored_write_shows_the_wanted_value_and_stores_nothing() {
    let api = fault(json!({"do": "ignore"})).await;
    let (status, body) = read(put(&api).await.unwrap()).await;
    assert_eq!((status, &body["result"]["ai_search"]), (200, &json!("block")));
    assert!(!is_stored(&api));
}

#[tokio::test]
async fn collateral_moves_another_field_with_the_write() {
    let api = fault(json!({"do": "collateral", "set": {"crawler_protection": "enabled"}})).await;
    assert!(put(&api).await.is_ok() && is_stored(&api));
    assert_eq!(api.emulator.world().object("a.example").unwrap()["crawler_protection"], "enabled");
}

#[tokio::test]
async fn refusals_can_be_scripted() {
    let custom = json!({"do": "refuse", "status": 400, "code": 10400, "message": "not today"});
    for (refusal, status, code) in [
        (custom, 400, 10400),
        (json!({"do": "unauthorized"}), 403, 10000),
        (json!({"do": "forbidden_zone"}), 403, 9109),
    ] {
        let api = fault(refusal).await;
        let (status_seen, body) = read(put(&api).await.unwrap()).await;
        assert_eq!((status_seen, &body["errors"][0]["code"]), (status, &json!(code)));
        assert!(!is_stored(&api));
    }
}

#[tokio::test]
async fn empty_and_html_replies_have_status_200() {
    for (word, content) in [("empty", ""), ("html", "<!DOCTYPE html>")] {
        let response = put(&fault(json!({ "do": word })).await).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.text().await.unwrap().starts_with(content));
    }
}

#[tokio::test]
async fn someone_else_edits_right_before_or_right_after() {
    for (word, seen) in [("edit", "enabled"), ("edit_after", "disabled")] {
        let api = fault(json!({"do": word, "set": {"crawler_protection": "enabled"}})).await;
        let (_, body) = read(put(&api).await.unwrap()).await;
        assert_eq!(body["result"]["crawler_protection"], seen, "{word}");
        assert_eq!(api.emulator.world().object("a.example").unwrap()["crawler_protection"], "enabled");
    }
}

#[tokio::test]
async fn someone_else_edits_between_two_requests() {
    let edit = json!({"on": "GET", "nth": 2, "do": "edit", "set": {"ai_user": "block"}, "set_stale": {"fight_mode": true}});
    let api = Api::zone("pro", json!({"faults": [edit]})).await;
    assert_eq!(api.live().await["ai_user"], "disabled");
    let live = api.live().await;
    assert_eq!(
        (&live["ai_user"], &live["stale_zone_configuration"]["fight_mode"]),
        (&json!("block"), &json!(true))
    );
}

#[tokio::test]
async fn a_fault_ends_after_its_requests() {
    let api = fault(json!({"do": "status", "status": 500, "count": 2})).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(put(&api).await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [500, 500, 200]);
}

#[tokio::test]
async fn the_calls_of_the_account_have_faults_too() {
    let api = Api::serve(json!({"faults": [{"on": "ZONES", "nth": 1, "do": "status", "status": 503}]})).await;
    assert_eq!(api.get("/zones").await.1["success"], false);
    assert_eq!(api.get("/zones").await.1["success"], true);
}
