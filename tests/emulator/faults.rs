//! Scripted faults of the emulator over real loopback HTTP, and the two other interfaces.

use botform::emulator::{Emulator, World};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

struct Api {
    emulator: Emulator,
    client: Client,
}

impl Api {
    async fn serve(world: Value) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let world = World::read(&world).unwrap_or_else(|errors| panic!("{errors:?}"));
        let emulator = Emulator::start(world, "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let client = Client::builder().no_proxy().timeout(Duration::from_millis(500)).build().unwrap();
        Self { emulator, client }
    }

    /// A Pro zone on whose first PUT a fault falls.
    async fn fault(mut fault: Value) -> Self {
        fault["on"] = json!("PUT");
        fault["nth"] = json!(1);
        Self::serve(json!({"zones": [{"name": "a.example", "plan": "pro", "faults": [fault]}]})).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let id = self.emulator.world().zone_id("a.example").unwrap_or_default().to_owned();
        let path = path.replace("ZONE", &id);
        self.client.request(method, format!("{}{path}", self.emulator.base_url())).bearer_auth("abc")
    }

    async fn get(&self, path: &str) -> Value {
        read(self.request(Method::GET, path).send().await.unwrap()).await.1
    }

    /// Blocks AI search bots; `block` afterwards means that it was stored.
    async fn put(&self) -> reqwest::Result<Response> {
        let request = self.request(Method::PUT, "/zones/ZONE/bot_management");
        request.json(&json!({"ai_search": "block"})).send().await
    }

    fn is_stored(&self) -> bool {
        self.emulator.world().object("a.example").unwrap()["ai_search"] == "block"
    }
}

async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

#[tokio::test]
async fn edge_failures_are_pages_with_the_write_stored_or_not() {
    for (word, stored) in [("status", false), ("status_after_write", true)] {
        for status in [502, 520, 524] {
            let api = Api::fault(json!({"do": word, "status": status})).await;
            let response = api.put().await.unwrap();
            assert_eq!(response.status(), status);
            assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
            assert!(response.text().await.unwrap().starts_with("<!DOCTYPE html>"));
            assert_eq!(api.is_stored(), stored, "{word} {status}");
        }
    }
}

#[tokio::test]
async fn other_failures_come_in_the_envelope() {
    for status in [408, 409, 500, 503] {
        let api = Api::fault(json!({"do": "status", "status": status})).await;
        let (told, body) = read(api.put().await.unwrap()).await;
        assert_eq!((told, &body["success"]), (status, &json!(false)));
        assert!(!api.is_stored());
    }
}

#[tokio::test]
async fn a_cut_reply_has_headers_and_half_a_body() {
    for (word, stored) in [("cut", false), ("cut_after_write", true)] {
        let api = Api::fault(json!({ "do": word })).await;
        let mut response = api.put().await.unwrap();
        let whole = response.content_length().unwrap();
        let half = response.chunk().await.unwrap().unwrap();
        assert!(!half.is_empty() && (half.len() as u64) < whole);
        assert!(response.chunk().await.is_err());
        assert_eq!(api.is_stored(), stored, "{word}");
    }
}

#[tokio::test]
async fn a_silent_request_runs_into_the_time_out_of_the_client() {
    for (word, stored) in [("silent", false), ("silent_after_write", true)] {
        let api = Api::fault(json!({ "do": word })).await;
        let request = api.request(Method::PUT, "/zones/ZONE/bot_management");
        let request = request.timeout(Duration::from_millis(100)).json(&json!({"ai_search": "block"}));
        assert!(request.send().await.unwrap_err().is_timeout());
        assert_eq!(api.is_stored(), stored, "{word}");
        assert_eq!(api.emulator.requests()[0].status, None);
    }
}

#[tokio::test]
async fn a_reset_connection_brings_no_reply() {
    for (word, stored) in [("reset", false), ("reset_after_write", true)] {
        let api = Api::fault(json!({ "do": word })).await;
        let error = api.put().await.unwrap_err();
        assert!(error.is_request() && !error.is_timeout(), "{error:?}");
        assert_eq!(api.is_stored(), stored, "{word}");
        assert!(api.put().await.is_ok());
    }
}

#[tokio::test]
async fn throttling_comes_in_two_spellings_with_three_headers() {
    for (word, code) in [("throttle", 971), ("throttle_10429", 10429)] {
        let api = Api::fault(json!({"do": word, "retry_after": 7})).await;
        let response = api.put().await.unwrap();
        assert_eq!(response.headers()["retry-after"], "7");
        assert_eq!(response.headers()["ratelimit"], "\"default\";r=0;t=7");
        assert!(response.headers().contains_key("ratelimit-policy"));
        let (status, body) = read(response).await;
        assert_eq!((status, &body["errors"][0]["code"]), (429, &json!(code)));
        assert!(!api.is_stored());
    }
}

#[tokio::test]
async fn success_false_proves_nothing() {
    for (word, stored) in [("success_false", false), ("success_false_after_write", true)] {
        let api = Api::fault(json!({ "do": word })).await;
        let (status, body) = read(api.put().await.unwrap()).await;
        assert_eq!((status, &body["success"], &body["errors"]), (200, &json!(false), &Value::Null));
        assert_eq!(api.is_stored(), stored, "{word}");
    }
}

#[tokio::test]
async fn an_ignored_write_shows_the_wanted_value_and_stores_nothing() {
    let api = Api::fault(json!({"do": "ignore"})).await;
    let (status, body) = read(api.put().await.unwrap()).await;
    assert_eq!((status, &body["result"]["ai_search"]), (200, &json!("block")));
    assert!(!api.is_stored());
}

#[tokio::test]
async fn collateral_moves_another_field_with_the_write() {
    let api = Api::fault(json!({"do": "collateral", "set": {"crawler_protection": "enabled"}})).await;
    assert!(api.put().await.is_ok() && api.is_stored());
    assert_eq!(api.emulator.world().object("a.example").unwrap()["crawler_protection"], "enabled");
}

#[tokio::test]
async fn refusals_can_be_scripted() {
    let custom = json!({"do": "refuse", "status": 400, "code": 10400, "message": "not today"});
    for (fault, status, code) in [
        (custom, 400, 10400),
        (json!({"do": "unauthorized"}), 403, 10000),
        (json!({"do": "forbidden_zone"}), 403, 9109),
    ] {
        let api = Api::fault(fault).await;
        let (told, body) = read(api.put().await.unwrap()).await;
        assert_eq!((told, &body["errors"][0]["code"]), (status, &json!(code)));
        assert!(!api.is_stored());
    }
}

#[tokio::test]
async fn empty_and_html_replies_say_200() {
    for (word, content) in [("empty", ""), ("html", "<!DOCTYPE html>")] {
        let response = Api::fault(json!({ "do": word })).await.put().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.text().await.unwrap().starts_with(content));
    }
}

#[tokio::test]
async fn someone_else_edits_right_before_or_right_after() {
    for (word, seen) in [("edit", "enabled"), ("edit_after", "disabled")] {
        let api = Api::fault(json!({"do": word, "set": {"crawler_protection": "enabled"}})).await;
        let (_, body) = read(api.put().await.unwrap()).await;
        assert_eq!(body["result"]["crawler_protection"], seen, "{word}");
        assert_eq!(api.emulator.world().object("a.example").unwrap()["crawler_protection"], "enabled");
    }
}

#[tokio::test]
async fn a_fault_is_over_after_its_requests() {
    let api = Api::fault(json!({"do": "status", "status": 500, "count": 2})).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(api.put().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [500, 500, 200]);
}

#[tokio::test]
async fn the_calls_of_the_account_have_faults_too() {
    let api = Api::serve(json!({"faults": [{"on": "ZONES", "nth": 1, "do": "status", "status": 503}]})).await;
    assert_eq!(api.get("/zones").await["success"], false);
    assert_eq!(api.get("/zones").await["success"], true);
}

fn report() -> Value {
    json!({
        "type": "false_positive", "description": "Legitimate customers having low score",
        "expression": "(cf.bot_management.score le 46)", "requests": 100,
        "first_request_seen_at": "2022-08-01T00:00:00Z", "last_request_seen_at": "2022-08-10T00:00:00Z",
        "requests_by_score": {"1": 50, "10": 50},
        "requests_by_score_src": {"heuristics": 25, "machine_learning": 75},
        "requests_by_attribute": {"topIPs": [{"metric": "10.75.34.1", "requests": 100}]},
    })
}

#[tokio::test]
async fn feedback_is_listed_bare_in_the_envelope_or_as_null() {
    for (shape, listed) in [("bare", json!([])), ("envelope", json!([])), ("null", Value::Null)] {
        let zone = json!({"name": "a.example", "plan": "business", "feedback_shape": shape});
        let api = Api::serve(json!({ "zones": [zone] })).await;
        let body = api.get("/zones/ZONE/bot_management/feedback").await;
        assert_eq!(if shape == "bare" { &body } else { &body["result"] }, &listed);
    }
}

#[tokio::test]
async fn a_report_is_appended_with_its_time_also_when_the_reply_is_lost() {
    let faults = json!([{"on": "POST", "nth": 1, "do": "cut_after_write"}]);
    let zone = json!({"name": "a.example", "plan": "business", "faults": faults});
    let api = Api::serve(json!({ "zones": [zone] })).await;
    let post = || api.request(Method::POST, "/zones/ZONE/bot_management/feedback").json(&report()).send();
    assert!(post().await.unwrap().bytes().await.is_err());
    assert_eq!(post().await.unwrap().status(), 201);
    let body = api.get("/zones/ZONE/bot_management/feedback").await;
    assert_eq!(body["result"].as_array().unwrap().len(), 2);
    assert!(body["result"][0]["created_at"].is_string());
}

async fn submissions(world: Value, query: &str) -> Value {
    let api = Api::serve(json!({ "submissions": world })).await;
    let account = "ac000000000000000000000000000001";
    api.get(&format!("/accounts/{account}/email-security/submissions?{query}")).await
}

#[tokio::test]
async fn the_total_of_submissions_ignores_the_filters() {
    let body = submissions(json!({"generate": {"count": 90}}), "status=escalated&per_page=1000").await;
    let rows = body["result"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["customer_status"] == "escalated"));
    assert_eq!(body["result_info"]["total_count"], 90);
    assert_eq!(body["result_info"]["count"], rows.len());
}

#[tokio::test]
async fn rows_repeat_across_pages_and_none_is_left_out() {
    let world = json!({"submissions": {"generate": {"count": 100}, "repeat_across_pages": 3}});
    let api = Api::serve(world).await;
    let (mut sent, mut ids) = (0, BTreeSet::new());
    for page in 1.. {
        let query = format!("email-security/submissions?per_page=20&order=subject&page={page}");
        let body = api.get(&format!("/accounts/ac000000000000000000000000000001/{query}")).await;
        let rows = body["result"].as_array().unwrap();
        sent += rows.len();
        ids.extend(rows.iter().map(|row| row["submission_id"].as_str().unwrap().to_owned()));
        if rows.len() < 20 {
            break;
        }
    }
    assert_eq!(ids.len(), 100);
    assert!(sent > 100);
}

#[tokio::test]
async fn submissions_older_than_thirty_days_need_a_start() {
    let row = json!({"submission_id": "1", "requested_at": "2020-01-01T00:00:00Z"});
    assert_eq!(submissions(json!({"rows": [row]}), "").await["result"], json!([]));
    let body = submissions(json!({"rows": [row]}), "start=2019-12-31T00:00:00Z").await;
    assert_eq!(body["result"], json!([row]));
}

#[tokio::test]
async fn pages_and_words_outside_the_limits_are_refused() {
    for query in ["per_page=1001", "per_page=0", "page=0", "type=BOT", "order=age", "start=yesterday"] {
        assert_eq!(submissions(json!({}), query).await["success"], false, "{query}");
    }
}
