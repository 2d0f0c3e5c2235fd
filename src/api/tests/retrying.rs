//! What the client retries, how often, and when it stops a run.

use super::script::{Server, Step, json, reply, success};
use super::{client, options, zone};
use crate::api::{ApiError, Client, Credentials, ReadZones as _, Refusal, StopReason, WriteZones as _};
use crate::model::AccountId;
use futures_util::future::{Either, select};
use serde_json::Map;
use std::pin::pin;
use std::time::Duration;

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
async fn a_read_that_succeeds_in_the_end_is_a_success() {
    let server = Server::playing(vec![Step::Close, json(502, ""), json(200, "{"), success(LIVE)]);
    assert!(!client(&server).get(&zone()).await.unwrap().is_blank());
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn the_error_shows_the_number_of_attempts() {
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
    let server = Server::playing(vec![reply(429, "Retry-After: 20\r\n", ""), success(LIVE)]);
    let (client, zone) = (client(&server), zone());
    let mut read = pin!(client.get(&zone));
    let Either::Right((wait, _)) = select(read.as_mut(), pin!(announced(&client))).await else {
        panic!("it is asked for again without a wait")
    };
    assert_eq!(server.asked().len(), 1);
    tokio::time::pause();
    tokio::time::advance(wait).await;
    tokio::time::resume();
    read.await.unwrap();
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn an_excessive_retry_after_is_capped_and_the_cap_is_announced() {
    for (status, seconds, capped) in
        [(429, 320, 320), (429, 321, 320), (429, 86_400, 320), (503, 61, 60), (503, 86_400, 60)]
    {
        let server = Server::playing(vec![reply(status, &format!("Retry-After: {seconds}\r\n"), "")]);
        let error = client(&server).put(&zone(), &Map::new()).await.unwrap_err();
        assert!(error.hint().unwrap().to_string().contains(&format!("wait {seconds} s")), "{error:?}");
        assert_eq!(error.retry_pause(Duration::ZERO).as_secs(), capped, "{status} {seconds}");
        let (client, zone) = (client(&server), zone());
        let (read, wait) = (pin!(client.get(&zone)), announced(&client));
        let wait = match select(read, pin!(wait)).await {
            Either::Right((wait, _)) => wait,
            Either::Left((read, _)) => panic!("{status} {seconds}: {read:?}"),
        };
        assert!(wait.as_secs() <= capped, "{status} {seconds}: {wait:?}");
    }
}

/// The wait that a client announces once Cloudflare has asked for one.
async fn announced(client: &Client) -> Duration {
    loop {
        if let Some(wait) = client.budget().waiting().filter(|wait| wait.is_asked) {
            return wait.left;
        }
        tokio::task::yield_now().await;
    }
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
    assert!((error.refusal() == Some(Refusal::Permission)));
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn a_refusal_without_a_code_is_not_forgiven() {
    let server = Server::playing(vec![success(LIVE), json(403, "{}"), success(LIVE)]);
    let client = client(&server);
    client.get(&zone()).await.unwrap();
    assert_eq!(client.get(&zone()).await.unwrap_err().refusal(), Some(Refusal::Permission));
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_pause_that_cloudflare_did_not_ask_for_is_not_announced() {
    let server = Server::playing(vec![json(503, "{}"), success(LIVE)]);
    let mut options = options(&server.url);
    options.retry.delay = Duration::from_secs(3600);
    let client = Client::new(options).unwrap();
    let pausing = async {
        while client.traffic().requests.is_empty() {
            tokio::task::yield_now().await;
        }
        client.budget().waiting()
    };
    let zone = zone();
    let Either::Right((waiting, _)) = select(pin!(client.get(&zone)), pin!(pausing)).await else {
        panic!("it is asked for again without a wait")
    };
    assert_eq!(waiting, None);
}

/// A server that refuses everything except the credentials' own endpoint.
fn refusing(status: u16, code: u32, own: Step) -> Server {
    Server::answering(move |_, asked| {
        if asked.line.ends_with("/user/tokens/verify") { own.clone() } else { refusal(status, code) }
    })
}

#[tokio::test]
async fn five_authentication_failures_in_a_row_stop_the_run_if_the_credentials_are_refused() {
    for (status, code) in [(403, 10000), (400, 9106), (400, 9103), (400, 6003), (403, 10502)] {
        for own in [refusal(401, 1000), success(r#"{"status":"expired"}"#)] {
            let server = refusing(status, code, own);
            let client = client(&server);
            for _ in 0..5 {
                assert!(client.get(&zone()).await.unwrap_err().is_auth_failure());
            }
            let error = client.put(&zone(), &Map::new()).await.unwrap_err();
            assert!(error.is_stopped() && error.hint().is_some() && !error.is_ambiguous());
            assert_eq!(server.asked().len(), 6, "{code}");
            client.reset();
            assert!(client.put(&zone(), &Map::new()).await.unwrap_err().is_auth_failure());
        }
    }
}

#[tokio::test]
async fn zones_without_the_permission_never_stop_a_run_whose_credentials_are_good() {
    for own in [success(r#"{"status":"active"}"#), json(502, ""), Step::Close] {
        let server = refusing(403, 10000, own);
        let client = client(&server);
        for _ in 0..12 {
            assert!(client.get(&zone()).await.unwrap_err().is_auth_failure());
        }
        // The credentials are checked once, whatever the answer.
        assert_eq!(server.asked().len(), 13);
    }
}

#[tokio::test]
async fn the_credentials_are_checked_once_however_many_zones_fail_at_once() {
    let server = refusing(403, 10000, success(r#"{"status":"active"}"#));
    let (client, zone) = (client(&server), zone());
    let failed = futures_util::future::join_all((0..16).map(|_| client.get(&zone))).await;
    assert!(failed.into_iter().all(|failed| failed.unwrap_err().is_auth_failure()));
    assert_eq!(server.asked().len(), 17);
}

#[tokio::test]
async fn an_account_owned_token_is_looked_up_in_its_account() {
    for (account, path) in [
        (Some("0".repeat(32)), format!("/accounts/{}/tokens/verify", "0".repeat(32))),
        (None, "/zones".to_owned()),
    ] {
        let server = Server::playing(vec![refusal(403, 10000)]);
        let mut options = options(&server.url);
        options.credentials = Credentials::token("cfat_hunter2hunter2".to_owned()).unwrap();
        options.account_id = account.map(|id| AccountId::try_from(id).unwrap());
        let is_own = options.account_id.is_some();
        let client = Client::new(options).unwrap();
        for _ in 0..5 {
            client.get(&zone()).await.unwrap_err();
        }
        assert!(server.lines()[5].ends_with(&path), "{:?}", server.lines());
        // The list of zones may only lack the permission.
        assert_eq!(client.get(&zone()).await.unwrap_err().is_stopped(), is_own);
    }
}

#[tokio::test]
async fn ten_requests_in_a_row_without_a_connection_stop_the_run() {
    let mut options = options("http://127.0.0.1:1");
    options.retry.attempts = 1;
    let client = Client::new(options).unwrap();
    for _ in 0..10 {
        assert!(!client.get(&zone()).await.unwrap_err().is_stopped());
    }
    let error = client.get(&zone()).await.unwrap_err();
    assert!(matches!(error, ApiError::Stopped { reason: StopReason::NoConnection, .. }), "{error:?}");
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
async fn a_success_resets_the_count() {
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
    assert_eq!(client.budget().remaining(), Some(1200));
    client.get(&zone()).await.unwrap();
    assert_eq!(client.budget().remaining(), Some(7));
    assert_eq!(client.budget().eta(7), Duration::ZERO);
}

/// An address at which nothing listens.
fn closed() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn a_first_connection_is_tried_for_a_while_by_all_requests_together() {
    let mut options = options(&format!("http://{}/client/v4", closed()));
    options.patience = Some(Duration::from_millis(20));
    let client = Client::new(options).unwrap();
    for attempts in [6, 5] {
        let error = client.get(&zone()).await.unwrap_err();
        let ApiError::Exchange(error) = error else { panic!("{error:?}") };
        assert_eq!(error.exchange.attempts, attempts);
    }
}

#[tokio::test]
async fn this_machine_is_not_waited_for() {
    let client = Client::new(options(&format!("http://{}/client/v4", closed()))).unwrap();
    let error = client.get(&zone()).await.unwrap_err();
    assert!(matches!(&error, ApiError::Exchange(error) if error.exchange.attempts == 5), "{error:?}");
}
