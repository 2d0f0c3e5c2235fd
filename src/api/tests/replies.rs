//! How the client reads each kind of reply.

use super::script::{Server, Step, json, reply, success};
use super::{ID, TOKEN, client, options, shown, zone};
use crate::api::{
    ApiError, Client, Exchange, Failure, Method, Payload, ReadZones as _, Reason, Refusal, WriteZones as _,
};
use serde_json::{Map, json as value};
use std::time::Duration;

fn body() -> Map<String, serde_json::Value> {
    Map::from_iter([("enable_js".to_owned(), value!(true))])
}

async fn put(step: Step) -> ApiError {
    client(&Server::playing(vec![step])).put(&zone(), &body()).await.unwrap_err()
}

async fn get(step: Step) -> ApiError {
    let server = Server::playing(vec![step]);
    let mut options = options(&server.url);
    options.retry.attempts = 1;
    Client::new(options).unwrap().get(&zone()).await.unwrap_err()
}

#[tokio::test]
async fn a_put_sends_exactly_its_members_and_the_credentials() {
    let server = Server::playing(vec![success("{}")]);
    client(&server).put(&zone(), &body()).await.unwrap();
    let asked = &server.asked()[0];
    assert_eq!(asked.line, format!("PUT /client/v4/zones/{ID}/bot_management"));
    assert_eq!(asked.body, r#"{"enable_js":true}"#);
    assert_eq!(asked.headers["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(asked.headers["user-agent"], concat!("botform/", env!("CARGO_PKG_VERSION")));
    assert_eq!(asked.headers["content-type"], "application/json");
    assert!(!asked.headers.contains_key("cloudflare-version"));
}

#[tokio::test]
async fn a_web_page_instead_of_json_is_reported_as_such() {
    let page = "<!doctype html>\n<title>Bad gateway</title><p>sorry</p>";
    insta::assert_snapshot!(shown(&get(reply(502, "Content-Type: text/html\r\n", page)).await), @r"
    GET /zones/023e105f4ecef8ad9ca31a8372d0c353/bot_management failed with status 502: the reply is a web page: Bad gateway
    hint: a web page came back instead of the API's JSON, from a proxy or from Cloudflare's edge: check the API address and the proxy settings, or try again later
    ");
    let error = put(reply(200, "", page)).await;
    assert!((error.reason() == Some(Reason::Payload(Payload::Html))) && error.is_ambiguous());
    assert!(error.hint().unwrap().to_string().starts_with("a web page"));
}

#[tokio::test]
async fn a_truncated_reply_is_a_failed_read_and_an_ambiguous_write() {
    let cut = || Step::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"success\":true,\"res".to_vec());
    let error = put(cut()).await;
    assert!((error.reason() == Some(Reason::Transport(Failure::Cut))) && error.is_ambiguous());
    let error = get(cut()).await;
    assert!((error.reason() == Some(Reason::Transport(Failure::Cut))) && !error.is_ambiguous());
    let error = get(reply(200, "", r#"{"success":true,"result":{"enable_js":tr"#)).await;
    assert!((error.reason() == Some(Reason::Payload(Payload::NotJson))), "{error:?}");
}

#[tokio::test]
async fn success_false_with_status_200_is_ambiguous_and_not_believed() {
    for body in [
        r#"{"success":false,"errors":null,"result":{"enable_js":true}}"#,
        r#"{"success":false}"#,
        r#"{"success":false,"errors":"odd","messages":[{"message":"wait"}]}"#,
    ] {
        let error = put(json(200, body)).await;
        assert!((error.refusal() == Some(Refusal::Unsuccessful)), "{error:?}");
        assert!(error.is_ambiguous() && !error.is_auth_failure(), "{body}");
    }
}

#[tokio::test]
async fn no_odd_reply_passes_as_a_live_object() {
    for body in [
        "",
        " ",
        "null",
        "[]",
        "7",
        "{}",
        r#"{"success":"true","result":{"enable_js":true}}"#,
        r#"{"result":{"enable_js":true}}"#,
        r#"{"success":true}"#,
        r#"{"success":true,"result":null}"#,
        r#"{"success":true,"result":[{"enable_js":true}]}"#,
        r#"{"success":true,"result":{}}"#,
        r#"{"success":true,"result":{"enable_js":null,"using_latest_model":true,"tomorrow":1}}"#,
    ] {
        let error = get(json(200, body)).await;
        assert!(matches!(error.reason(), Some(Reason::Payload(_))), "{body} {error:?}");
        assert_eq!((error.http_status(), error.cf_ray()), (Some(200), Some("8f1b2c3d4e5f6a7b-FRA")));
    }
}

#[tokio::test]
async fn a_put_only_succeeds_with_the_complete_envelope() {
    for step in
        [json(200, ""), json(200, "[]"), json(201, "{}"), json(200, "{\"success\":true"), json(204, "")]
    {
        assert!(put(step).await.is_ambiguous());
    }
}

#[tokio::test]
async fn server_errors_and_time_outs_are_ambiguous_and_definite_refusals_are_not() {
    for status in [408, 500, 502, 520, 524] {
        assert!(put(json(status, "")).await.is_ambiguous(), "{status}");
    }
    for status in [400, 401, 403, 404, 405, 409, 422, 429] {
        let error = put(json(status, r#"{"success":false,"errors":[{"code":1,"message":"no"}]}"#)).await;
        assert!(!error.is_ambiguous(), "{status}");
    }
    assert!(put(Step::Close).await.is_ambiguous());
}

#[tokio::test]
async fn a_reply_that_never_comes_is_ambiguous_after_the_time_out() {
    let server = Server::playing(vec![Step::Silence]);
    let mut options = options(&server.url);
    options.timeout = Duration::from_millis(50);
    let error = Client::new(options).unwrap().put(&zone(), &body()).await.unwrap_err();
    assert!((error.reason() == Some(Reason::Transport(Failure::Timeout))), "{error:?}");
    assert!(error.is_ambiguous());
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let mut options = options("http://127.0.0.1:1");
    options.retry.attempts = 1;
    let error = Client::new(options).unwrap().put(&zone(), &body()).await.unwrap_err();
    assert!((error.reason() == Some(Reason::Transport(Failure::Connect))), "{error:?}");
    assert!(!error.is_ambiguous());
    assert!(
        error.diagnostic().message.to_string().contains("Connection refused"),
        "{}",
        error.diagnostic().message
    );
}

#[tokio::test]
async fn a_server_without_tls_has_its_own_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = options(&format!("https://{}", listener.local_addr().unwrap()));
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        std::io::Read::read_to_end(&mut stream, &mut Vec::new())
    });
    options.retry.attempts = 5;
    let error = Client::new(options).unwrap().get(&zone()).await.unwrap_err();
    assert!(
        error.reason() == Some(Reason::Transport(Failure::Tls)) && error.exchange().unwrap().attempts == 1
    );
}

#[tokio::test]
async fn an_oversized_reply_is_not_read() {
    let error = get(Step::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec())).await;
    assert!((error.reason() == Some(Reason::Transport(Failure::TooLarge))), "{error:?}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let target = Server::playing(vec![success(r#"{"enable_js":true}"#)]);
    let location = format!("Location: {}\r\n", target.url);
    let server = Server::playing(vec![reply(307, &location, "")]);
    let error = client(&server).get(&zone()).await.unwrap_err();
    assert!((error.refusal() == Some(Refusal::Redirect)), "{error:?}");
    assert_eq!((server.asked().len(), target.asked().len()), (1, 0));
}

#[tokio::test]
async fn a_reply_that_echoes_the_token_does_not_leak_it() {
    let texts = [
        (
            403,
            format!(
                r#"{{"success":false,"errors":[{{"code":9109,"message":"bad {TOKEN}","error_chain":[{{"message":"{TOKEN}"}}]}}]}}"#
            ),
        ),
        (500, format!("<title>{TOKEN}</title>")),
        (502, format!("no route for {TOKEN}")),
        (200, format!(r#"{{"success":false,"messages":["{TOKEN}"]}}"#)),
    ];
    for (status, text) in texts {
        let headers = format!("CF-Ray: {}\r\n", TOKEN.replace('_', "-"));
        let error = put(reply(status, &headers, &text)).await;
        assert!(!format!("{error:?}{}", shown(&error)).contains(TOKEN), "{error:?}");
    }
}

#[tokio::test]
async fn long_texts_and_terminal_escapes_are_neutralized() {
    let message = format!("\\u001b[31mred\\n{}", "x".repeat(10_000));
    let error = put(json(
        400,
        &format!(r#"{{"success":false,"errors":[{{"code":"10400","message":"{message}"}}]}}"#),
    ))
    .await;
    let text = shown(&error);
    assert!(text.len() < 700 && text.contains("\\u{1b}[31mred xxx"), "{text}");
    assert_eq!(error.code(), Some(10400));
}

#[test]
fn neither_the_client_nor_its_options_show_the_token() {
    let options = options("http://localhost:1");
    let shown = format!("{options:?}{:?}", Client::new(options.clone()).unwrap());
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn errors_are_small() {
    assert!(size_of::<ApiError>() <= 88, "{}", size_of::<ApiError>());
}

#[tokio::test]
async fn a_live_object_that_echoes_the_token_is_redacted_on_arrival() {
    let shouted = TOKEN.to_uppercase();
    let server = Server::playing(vec![success(&format!(
        r#"{{"enable_js":true,"tomorrow":"{shouted}","x{TOKEN}":["\u0063{}"]}}"#,
        &TOKEN[1..]
    ))]);
    let live = client(&server).get(&zone()).await.unwrap().to_object();
    let live = serde_json::Value::Object(live);
    assert_eq!(live, value!({"enable_js": true, "tomorrow": "***", "x***": ["***"]}));
}

#[tokio::test]
async fn a_reply_about_a_zone_is_at_most_a_mebibyte() {
    let padding = "x".repeat(1 << 20);
    let error = get(success(&format!(r#"{{"enable_js":true,"tomorrow":"{padding}"}}"#))).await;
    assert!(error.reason() == Some(Reason::Transport(Failure::TooLarge)), "{error:?}");
    assert!(
        error
            .diagnostic()
            .message
            .to_string()
            .ends_with("got a reply that is too large: it is larger than 1 MiB")
    );
    // That much is read, and no more where the reply does not say how much it is.
    let whole = |length: usize| {
        let reply = r#"{"success":true,"result":{"enable_js":true}}"#;
        format!("{reply}{}", " ".repeat(length - reply.len()))
    };
    let server = Server::playing(vec![reply(200, "", &whole(1 << 20))]);
    client(&server).get(&zone()).await.unwrap();
    let endless = format!("HTTP/1.1 200 X\r\nConnection: close\r\n\r\n{}", whole((1 << 20) + 1));
    let error = get(Step::Raw(endless.into_bytes())).await;
    assert!(error.reason() == Some(Reason::Transport(Failure::TooLarge)), "{error:?}");
}

#[test]
fn a_refusal_without_a_reply_is_open_unless_nothing_can_have_been_sent() {
    let of = |method, refusal| ApiError::refused(Exchange::new(method, "/"), refusal, "no").is_ambiguous();
    for (refusal, is_open) in
        [(Refusal::Server, true), (Refusal::Throttled, false), (Refusal::Rejected, false)]
    {
        assert_eq!(of(Method::Put, refusal), is_open, "{refusal:?}");
        assert!(!of(Method::Get, refusal), "{refusal:?}");
    }
}
