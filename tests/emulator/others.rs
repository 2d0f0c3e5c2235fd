//! Feedback reports and email-security submissions.

use crate::api::Api;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

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
        let api = Api::zone("business", json!({ "feedback_shape": shape })).await;
        let (_, body) = api.get("/zones/ZONE/bot_management/feedback").await;
        assert_eq!(if shape == "bare" { &body } else { &body["result"] }, &listed);
    }
}

#[tokio::test]
async fn a_report_is_stored_with_its_time_even_if_the_reply_is_lost() {
    let faults = json!([{"on": "POST", "nth": 1, "do": "cut_after_write"}]);
    let api = Api::zone("business", json!({ "faults": faults })).await;
    let post = || api.request(Method::POST, "/zones/ZONE/bot_management/feedback").json(&report()).send();
    assert!(post().await.unwrap().bytes().await.is_err());
    assert_eq!(post().await.unwrap().status(), 201);
    let (_, body) = api.get("/zones/ZONE/bot_management/feedback").await;
    assert_eq!(body["result"].as_array().unwrap().len(), 2);
    assert!(body["result"][0]["created_at"].is_string());
}

#[tokio::test]
async fn a_report_stored_late_is_missing_from_some_listings() {
    let faults = json!([{"on": "POST", "nth": 1, "do": "store_late", "listings": 2}, {"on": "POST", "nth": 1, "do": "reset_after_write"}]);
    let api = Api::zone("business", json!({ "faults": faults })).await;
    let post = api.request(Method::POST, "/zones/ZONE/bot_management/feedback").json(&report());
    assert!(post.send().await.is_err());
    let mut counts = Vec::new();
    for _ in 0..4 {
        let (_, body) = api.get("/zones/ZONE/bot_management/feedback").await;
        counts.push(body["result"].as_array().unwrap().len());
    }
    assert_eq!(counts, [0, 0, 1, 1]);
}

async fn submissions(world: Value, query: &str) -> Value {
    let api = Api::serve(json!({ "submissions": world })).await;
    let account = "ac000000000000000000000000000001";
    api.get(&format!("/accounts/{account}/email-security/submissions?{query}")).await.1
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
        let (_, body) = api.get(&format!("/accounts/ac000000000000000000000000000001/{query}")).await;
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
