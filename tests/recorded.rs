//! Recorded replies of Cloudflare against the client: what each error is taken for, and what a real zone reads as.

#![expect(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

#[path = "../src/api/tests/script.rs"]
#[expect(dead_code, reason = "shared with the unit tests, which use all of it")]
mod script;

use botform::api::{
    ApiError, Client, Credentials, Options, ReadFeedback as _, ReadZones as _, Retry, WriteZones as _,
};
use botform::catalogue::Variant;
use botform::model::{Live, ZoneId};
use script::{Server, Step, json, success};
use serde_json::{Map, Value as Json};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

const TOKEN: &str = "cfut_hunter2hunter2hunter2hunter2hunter2";
const ID: &str = "023e105f4ecef8ad9ca31a8372d0c353";

fn recorded(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

fn client(server: &Server) -> Client {
    let mut options = Options::new(Credentials::token(TOKEN.to_owned()).unwrap());
    options.base_url.clone_from(&server.url);
    options.proxy = false;
    options.retry = Retry { attempts: 2, delay: Duration::from_millis(1) };
    LazyLock::force(&LOG);
    Client::new(options).unwrap()
}

/// All that is logged, at any level; global, since the tests' threads share what is enabled.
static LOG: LazyLock<Arc<Mutex<Vec<u8>>>> = LazyLock::new(|| {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    subscriber.with_writer(move || writer.clone()).init();
    log.0
});

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn zone() -> ZoneId {
    ZoneId::try_from(ID.to_owned()).unwrap()
}

async fn live(reply: &Json) -> Live {
    let server = Server::playing(vec![success(&reply["result"].to_string())]);
    client(&server).get(&zone()).await.unwrap()
}

async fn put(body: &Json, reply: Step) -> (Result<(), ApiError>, String) {
    let server = Server::playing(vec![reply]);
    let body: Map<String, Json> = body.as_object().unwrap().clone();
    let result = client(&server).put(&zone(), &body).await;
    (result, server.asked()[0].body.clone())
}

/// What the recorded outcome of a PUT says the reply was.
fn reply_of(outcome: &str) -> Step {
    let quoted = outcome.split('"').skip(1).step_by(2).filter(|text| text.contains(' '));
    let message = quoted.max_by_key(|text| text.len()).unwrap_or("Bad Request");
    let is_taken = outcome.starts_with("accepted") || outcome.starts_with("200");
    if is_taken {
        return success("{}");
    }
    let error = serde_json::json!({"code": 10400, "message": message});
    json(400, &serde_json::json!({"success": false, "errors": [error], "result": null}).to_string())
}

#[tokio::test]
async fn each_recorded_error_is_reported_with_its_hint() {
    let errors = recorded(include_str!("recorded/errors.json"));
    let mut told = Vec::new();
    for error in errors.as_array().unwrap() {
        let status = u16::try_from(error["http"].as_u64().unwrap()).unwrap();
        let server = Server::playing(vec![json(status, &error["body"].to_string())]);
        let error = client(&server).get(&zone()).await.unwrap_err();
        let diagnostic = error.diagnostic();
        let written = serde_json::to_value(&diagnostic).unwrap();
        assert_eq!((&written["http_status"], written["cf_ray"].is_string()), (&status.into(), true));
        told.push(format!(
            "{}\n  code {}, sent {}x, auth {}, throttled {}\n  hint: {}",
            diagnostic.message.to_string().replace(ID, "ID"),
            written["code"],
            server.asked().len(),
            error.is_auth_failure(),
            error.is_throttled(),
            diagnostic.hint.clone().unwrap_or_else(|| "-".into()).to_string().replace(ID, "ID"),
        ));
    }
    insta::assert_snapshot!(told.join("\n"), @"
    GET /zones/ID/bot_management was refused with status 403: Authentication error (code 10000)
      code 10000, sent 1x, auth true, throttled false
      hint: check that the token is right and not expired, and give it the permission `Bot Management Read` for zone ID
    GET /zones/ID/bot_management was refused with status 403: Unauthorized to access requested resource (code 9109)
      code 9109, sent 1x, auth false, throttled false
      hint: the token has no access to zone ID: add it to the token's resources
    GET /zones/ID/bot_management was refused with status 400: Invalid request headers (code 6003): Invalid format for X-Auth-Key header (code 6103)
      code 6003, sent 1x, auth true, throttled false
      hint: set CLOUDFLARE_API_TOKEN to a valid API token, or both CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY
    GET /zones/ID/bot_management was refused with status 404: Could not route to /client/v4/zones/smccloud.com/dns_records, perhaps your object identifier is invalid? (code 7003)
      code 7003, sent 1x, auth false, throttled false
      hint: there is no zone ID at this API address: it was deleted, or the token cannot see it
    GET /zones/ID/bot_management was refused with status 400: Could not route to /zones/notazone/workers/script/bindings, perhaps your object identifier is invalid? (code 7003); No route for that URI (code 7000)
      code 7003, sent 1x, auth false, throttled false
      hint: there is no zone ID at this API address: it was deleted, or the token cannot see it
    GET /zones/ID/bot_management was refused with status 400: Missing X-Auth-Key, X-Auth-Email or Authorization headers (code 9106)
      code 9106, sent 1x, auth true, throttled false
      hint: set CLOUDFLARE_API_TOKEN to a valid API token, or both CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY
    GET /zones/ID/bot_management (2 attempts) was throttled with status 429: Please wait and consider throttling your request speed (code 971)
      code 971, sent 2x, auth false, throttled true
      hint: wait 300 s, or give a lower `--rate` than 1200/300: Cloudflare counts the requests of all tokens of a user together
    GET /zones/ID/bot_management (2 attempts) was throttled with status 429: Rate limited. Please wait and consider throttling your request speed (code 10429)
      code 10429, sent 2x, auth false, throttled true
      hint: wait 300 s, or give a lower `--rate` than 1200/300: Cloudflare counts the requests of all tokens of a user together
    GET /zones/ID/bot_management was refused with status 400: Bad Request (code 10400)
      code 10400, sent 1x, auth false, throttled false
      hint: Cloudflare gives no reason: check that the zone's plan includes every setting that was sent, and that `fight_mode: true` comes with `enable_js: true`
    GET /zones/ID/bot_management was refused with status 405: Method not allowed (code 10405)
      code 10405, sent 1x, auth false, throttled false
      hint: check the API address: it does not support this request
    ");
}

#[tokio::test]
async fn the_recorded_free_zone_reads_whole() {
    let reply = recorded(include_str!("recorded/free-2026-06.json"));
    let live = live(&reply).await;
    assert_eq!(live.variant(), Some(Variant::BotFightMode));
    assert!(live.unknown().next().is_none() && live.stale().next().is_none());
    let mut expected = reply["result"].clone();
    expected.as_object_mut().unwrap().remove("using_latest_model");
    assert_eq!(serde_json::Value::Object(live.to_object()), expected);
}

#[tokio::test]
async fn the_recorded_pro_zone_reads_whole() {
    let reply = recorded(include_str!("recorded/pro-2026-08-selection.json"));
    let live = live(&reply).await;
    assert_eq!(live.variant(), Some(Variant::SbfmPro));
    assert_eq!(serde_json::Value::Object(live.to_object()), reply["result"]);
}

#[tokio::test]
async fn recorded_puts_are_sent_as_they_are_and_end_as_recorded() {
    let transcripts = recorded(include_str!("recorded/put-transcripts.json"));
    let mut refused = Vec::new();
    for transcript in transcripts.as_array().unwrap() {
        let outcome = transcript["outcome"].as_str().unwrap();
        if !transcript["body"].is_object() {
            continue;
        }
        let (result, sent) = put(&transcript["body"], reply_of(outcome)).await;
        assert_eq!(recorded(&sent), transcript["body"]);
        assert_eq!(
            result.is_ok(),
            outcome.starts_with("accepted") || outcome.starts_with("200"),
            "{outcome}"
        );
        if let Err(error) = result {
            assert!(!error.is_ambiguous() && !error.is_auth_failure());
            let hint = error.hint().unwrap_or_else(|| "-".into());
            refused.push(format!(
                "{}\n  hint: {hint}",
                error.diagnostic().message.to_string().replace(ID, "ID")
            ));
        }
    }
    insta::assert_snapshot!(refused.join("\n"), @"
    PUT /zones/ID/bot_management was refused with status 400: Bad Request (code 10400)
      hint: Cloudflare gives no reason: check that the zone's plan includes every setting that was sent, and that `fight_mode: true` comes with `enable_js: true`
    PUT /zones/ID/bot_management was refused with status 400: cannot enable Fight_Mode while EnableJS is disabled (code 10400)
      hint: set `enable_js: true` together with `fight_mode: true`
    PUT /zones/ID/bot_management was refused with status 400: zone not entitled to enable likely automated bots ruleset (code 10400)
      hint: the zone's plan does not include this: leave the setting out, or change the zone's plan
    PUT /zones/ID/bot_management was refused with status 400: zone not entitled to disable (code 10400)
      hint: the zone's plan does not include this: leave the setting out, or change the zone's plan
    PUT /zones/ID/bot_management was refused with status 400: Bad Request (code 10400)
      hint: Cloudflare gives no reason: check that the zone's plan includes every setting that was sent, and that `fight_mode: true` comes with `enable_js: true`
    ");
}

#[tokio::test]
async fn the_recorded_report_is_read_and_known_again() {
    let list = recorded(include_str!("recorded/feedback-list.json"));
    let server =
        Server::playing(vec![json(200, &list["body"].to_string()), success(&list["body"].to_string())]);
    let client = client(&server);
    let bare = client.list_feedback(&zone()).await.unwrap();
    let wrapped = client.list_feedback(&zone()).await.unwrap();
    assert_eq!((bare.len(), bare[0].requests()), (1, Some(100)));
    assert!(bare[0].same_as(&wrapped[0]));
    assert_eq!(bare[0].counts("requests_by_score"), [("1", 50), ("10", 50)]);
}

#[tokio::test]
async fn recorded_zone_plans_never_stop_the_list() {
    let plans = recorded(include_str!("recorded/zone-plan-samples.json"));
    let rows: Vec<Json> = plans
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .map(|(number, plan)| {
            serde_json::json!({"id": format!("{number:032x}"), "name": format!("z{number}.example"), "plan": plan})
        })
        .collect();
    let server = Server::playing(vec![success(&Json::from(rows).to_string())]);
    let zones = client(&server).all_zones(None).await.unwrap();
    let legacy_ids: Vec<_> = zones.iter().filter_map(|zone| zone.legacy_id.as_deref()).collect();
    assert_eq!(legacy_ids, ["free", "free", "pro"]);
}

#[tokio::test]
async fn the_log_has_each_request_and_neither_token_nor_body() {
    let server = Server::playing(vec![json(502, TOKEN), success(r#"{"enable_js":true}"#)]);
    let zone = ZoneId::try_from("f".repeat(32)).unwrap();
    client(&server).get(&zone).await.unwrap();
    let body = Map::from_iter([("ai_training".to_owned(), Json::from("only_on_ad_pages"))]);
    client(&server).put(&zone, &body).await.unwrap();
    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    let requests: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("botform::api::client: request") && line.contains(zone.as_str()))
        .collect();
    assert_eq!(requests.len(), 3, "{requests:?}");
    assert!(requests[0].contains("method=GET") && requests[0].contains("status=502 attempt=1"));
    assert!(requests[1].contains("status=200 attempt=2") && requests[2].contains("method=PUT"));
    assert!(!log.contains("hunter2") && !log.contains("only_on_ad_pages"));
}
