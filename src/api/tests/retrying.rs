//! What is tried again, how often, and when a run is stopped.

use super::{client, options, zone};
use crate::api::script::{Server, Step, json, reply, success};
use crate::api::{ApiError, Client, ReadZones as _, Refusal, WriteZones as _};
use serde_json::Map;
use std::time::{Duration, Instant};

const LIVE: &str = r#"{"enable_js":true}"#;

fn refusal(status: u16, code: u32) -> Step {
    json(status, &format!(r#"{{"success":false,"errors":[{{"code":{code},"message":"no"}}]}}"#))
}

/// How often a zone is asked for where every reply is this one.
async fn attempts(step: Step) -> usize {
    let server = Server::playing(vec![step]);
    client(&server).get(&zone()).await.unwrap_err();
    server.asked().len()
}

#[tokio::test]
async fn failed_reads_are_tried_five_times() {
    for step in [
        json(408, ""),
        json(409, ""),
        json(500, ""),
        json(520, "<html>"),
        json(200, "<html>"),
        json(200, ""),
        json(200, r#"{"success":true,"result":{"enable_js":"#),
        json(200, r#"{"success":true,"result":null}"#),
        json(200, r#"{"success":true,"result":{}}"#),
        json(200, r#"{"success":false,"errors":null}"#),
        refusal(400, 971),
        Step::Close,
        Step::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{".to_vec()),
    ] {
        assert_eq!(attempts(step.clone()).await, 5, "{step:?}");
    }
}

#[tokio::test]
async fn definite_refusals_are_not_tried_again() {
    for (status, code) in [(403, 9109), (403, 10000), (400, 6003), (404, 7003), (405, 10405), (400, 10400)] {
        assert_eq!(attempts(refusal(status, code)).await, 1, "{status} {code}");
    }
}

#[tokio::test]
async fn a_read_that_succeeds_in_the_end_is_one() {
    let server = Server::playing(vec![Step::Close, json(502, ""), json(200, "{"), success(LIVE)]);
    assert!(!client(&server).get(&zone()).await.unwrap().is_blank());
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn the_error_tells_how_often_it_was_tried() {
    let server = Server::playing(vec![json(502, "")]);
    let error = client(&server).get(&zone()).await.unwrap_err();
    assert!(error.to_string().ends_with("(5 attempts) failed with status 502"), "{error}");
}

#[tokio::test]
async fn a_write_is_sent_once() {
    for step in [json(500, ""), refusal(429, 971), Step::Close, json(200, "")] {
        let server = Server::playing(vec![step]);
        client(&server).put(&zone(), &Map::new()).await.unwrap_err();
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let server = Server::playing(vec![reply(429, "Retry-After: 1\r\n", ""), success(LIVE)]);
    let start = Instant::now();
    client(&server).get(&zone()).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_retry_after_beyond_reason_is_an_error_at_once() {
    let server = Server::playing(vec![reply(429, "Retry-After: 86400\r\n", "")]);
    let error = client(&server).put(&zone(), &Map::new()).await.unwrap_err();
    assert!(error.is_throttled() && error.retry_after() == Some(Duration::from_secs(86400)));
    let server = Server::playing(vec![reply(429, "Retry-After: 321\r\n", "")]);
    assert!(client(&server).get(&zone()).await.unwrap_err().is_throttled());
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_missing_permission_is_forgiven_once_after_a_success() {
    let server =
        Server::playing(vec![success(LIVE), refusal(403, 10000), success(LIVE), refusal(403, 10000)]);
    let client = client(&server);
    client.get(&zone()).await.unwrap();
    client.get(&zone()).await.unwrap();
    assert_eq!(server.asked().len(), 3);
    let error = client.get(&zone()).await.unwrap_err();
    assert!(matches!(error, ApiError::Refused { refusal: Refusal::Permission, .. }));
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn five_authentication_failures_in_a_row_stop_the_run() {
    for (status, code) in [(403, 10000), (400, 9106), (400, 9103), (400, 6003), (403, 10502)] {
        let server = Server::playing(vec![refusal(status, code)]);
        let client = client(&server);
        for _ in 0..5 {
            assert!(client.get(&zone()).await.unwrap_err().is_auth_failure());
        }
        let error = client.put(&zone(), &Map::new()).await.unwrap_err();
        assert!(error.is_stopped() && error.hint().is_some() && !error.is_ambiguous());
        assert_eq!(server.asked().len(), 5, "{code}");
    }
}

#[tokio::test]
async fn zones_outside_the_tokens_resources_never_stop_the_run() {
    let server = Server::playing(vec![refusal(403, 9109)]);
    let client = client(&server);
    for _ in 0..12 {
        let error = client.get(&zone()).await.unwrap_err();
        assert!(!error.is_stopped() && !error.is_auth_failure());
    }
}

#[tokio::test]
async fn a_success_starts_the_count_anew() {
    let server =
        Server::answering(|number, _| if number % 5 == 4 { success("{}") } else { refusal(403, 10000) });
    let client = client(&server);
    for _ in 0..20 {
        let _ = client.put(&zone(), &Map::new()).await;
    }
    assert_eq!(server.asked().len(), 20);
}

#[tokio::test]
async fn the_budget_learns_from_the_reply_headers() {
    let headers = "Ratelimit: \"default\";r=7;t=30\r\nRatelimit-Policy: \"default\";q=1200;w=300\r\n";
    let server =
        Server::playing(vec![reply(200, headers, r#"{"success":true,"result":{"enable_js":true}}"#)]);
    let client = Client::new(options(&server.url)).unwrap();
    assert_eq!(client.remaining_estimate(), Some(1200));
    client.get(&zone()).await.unwrap();
    assert_eq!(client.remaining_estimate(), Some(7));
    assert_eq!(client.eta(7), Duration::ZERO);
}
