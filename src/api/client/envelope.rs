//! Reads replies: `{success, errors, messages, result, result_info}` with all its quirks. The kind of a refusal is
//! found by HTTP status, then code, then message, since codes are reused across products. Nothing here is sent.

use crate::api::{ApiError, Cause, Credentials, Exchange, ExchangeError, Method, Payload, Reason, Refusal};
use serde_json::{Map, Value as Json};

/// What a reply may hold in place of the envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Shape {
    /// The envelope and nothing else.
    Envelope,
    /// The envelope, or the bare result.
    Bare,
    /// The envelope, the bare result, or nothing at all.
    Optional,
}

/// The contents of a successful reply.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::api) struct Answer {
    /// The result; null if it is missing.
    pub(in crate::api) result: Json,
    /// The number of pages of a list, if the reply reports it.
    pub(in crate::api) total_pages: Option<u64>,
    /// The number of items on all pages, if the reply reports it.
    pub(in crate::api) total_count: Option<u64>,
    /// Where the next page of a list begins, if the reply reports it.
    pub(in crate::api) cursor: Option<String>,
    /// The `CF-Ray` of the reply.
    pub(in crate::api) cf_ray: Option<String>,
}

/// One error of an envelope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Entry {
    code: Option<i64>,
    message: String,
    chain: Vec<Self>,
}

/// The most errors of one reply that are kept: a reply is untrusted text.
const MOST: usize = 8;

/// How deep `error_chain` is followed.
const DEEPEST: usize = 4;

/// Reads a reply; `exchange` holds its status.
pub(super) fn read(
    exchange: &Exchange,
    body: &[u8],
    shape: Shape,
    credentials: &Credentials,
) -> Result<Answer, ApiError> {
    let parsed = parse(body, exchange.html, credentials);
    let is_success = exchange.status.is_some_and(|status| (200..300).contains(&status));
    match parsed {
        // `success: false` can come with status 200, so the status alone does not mean success.
        Ok(Json::Object(object)) if object.get("success") == Some(&Json::Bool(false)) || !is_success => {
            Err(refused(exchange, &entries(&object), None, credentials))
        }
        parsed if !is_success => Err(refused(exchange, &[], Some(&excerpt(body, parsed.err())), credentials)),
        parsed => match answer(parsed, shape) {
            Ok(answer) => Ok(Answer { cf_ray: exchange.cf_ray.clone(), ..answer }),
            Err(payload) => Err(ApiError::payload(exchange.clone(), payload)),
        },
    }
}

/// Reads a reply as the client does; the fuzz targets call it.
///
/// # Errors
/// The reply is not a success.
#[doc(hidden)]
pub fn read_reply(credentials: &Credentials, status: u16, body: &[u8]) -> Result<Json, ApiError> {
    let html = body.trim_ascii_start().starts_with(b"<");
    let exchange = Exchange { status: Some(status), html, ..Exchange::new(Method::Get, "/") };
    read(&exchange, body, Shape::Optional, credentials).map(|answer| answer.result)
}

fn parse(body: &[u8], html: bool, credentials: &Credentials) -> Result<Json, Payload> {
    if body.trim_ascii().is_empty() {
        return Err(Payload::Empty);
    }
    credentials.parse(body).map_err(|_| if html { Payload::Html } else { Payload::NotJson })
}

fn answer(parsed: Result<Json, Payload>, shape: Shape) -> Result<Answer, Payload> {
    match parsed {
        Ok(Json::Object(mut object)) if object.get("success") == Some(&Json::Bool(true)) => {
            let result = object.remove("result").unwrap_or_default();
            let info = object.get("result_info").unwrap_or(&Json::Null);
            let total = |key| info.get(key)?.as_u64();
            Ok(Answer {
                result,
                total_pages: total("total_pages"),
                total_count: total("total_count"),
                cursor: cursor(info),
                cf_ray: None,
            })
        }
        Ok(bare @ (Json::Object(_) | Json::Array(_) | Json::Null)) if shape != Shape::Envelope => {
            Ok(Answer { result: bare, ..Answer::default() })
        }
        Ok(_) => Err(Payload::NoEnvelope),
        Err(Payload::Empty) if shape == Shape::Optional => Ok(Answer::default()),
        Err(payload) => Err(payload),
    }
}

/// Where the next page begins: interfaces report it in two forms.
fn cursor(info: &Json) -> Option<String> {
    let plain = info.get("cursor").and_then(Json::as_str);
    let after = || info.get("cursors")?.get("after")?.as_str();
    plain
        .filter(|cursor| !cursor.is_empty())
        .or_else(after)
        .filter(|cursor| !cursor.is_empty())
        .map(str::to_owned)
}

fn refused(
    exchange: &Exchange,
    entries: &[Entry],
    excerpt: Option<&str>,
    credentials: &Credentials,
) -> ApiError {
    let (refusal, code) = classify(exchange.status.unwrap_or_default(), entries);
    let mut texts = Vec::new();
    flatten(entries, &mut texts);
    texts.extend(excerpt.map(str::to_owned));
    let (exchange, cause) = (exchange.clone(), Some(Cause::chain(credentials, &texts)));
    ExchangeError { exchange, reason: Reason::Refused { refusal, code }, cause }.into()
}

/// One text for each level of the chain of errors.
fn flatten(entries: &[Entry], texts: &mut Vec<String>) {
    if entries.is_empty() {
        return;
    }
    let text = |entry: &Entry| match entry.code {
        Some(code) if entry.message.is_empty() => format!("code {code}"),
        Some(code) => format!("{} (code {code})", entry.message),
        None => entry.message.clone(),
    };
    texts.push(entries.iter().map(text).collect::<Vec<_>>().join("; "));
    let deeper: Vec<Entry> = entries.iter().flat_map(|entry| entry.chain.clone()).collect();
    flatten(&deeper, texts);
}

/// The errors of an envelope; its messages if it has no errors.
fn entries(object: &Map<String, Json>) -> Vec<Entry> {
    // `errors` may be null or missing.
    let errors = list(object.get("errors"), 0);
    if errors.is_empty() { list(object.get("messages"), 0) } else { errors }
}

fn list(value: Option<&Json>, depth: usize) -> Vec<Entry> {
    let items = match value {
        Some(Json::Array(items)) => items.as_slice(),
        Some(item @ (Json::Object(_) | Json::String(_))) => std::slice::from_ref(item),
        _ => &[],
    };
    if depth == DEEPEST {
        return Vec::new();
    }
    items.iter().take(MOST).filter_map(|item| entry(item, depth)).collect()
}

fn entry(item: &Json, depth: usize) -> Option<Entry> {
    let Json::Object(object) = item else {
        return Some(Entry { message: item.as_str()?.to_owned(), ..Entry::default() });
    };
    let code = object.get("code").and_then(|code| code.as_i64().or_else(|| code.as_str()?.parse().ok()));
    let mut message = object.get("message").and_then(Json::as_str).unwrap_or_default().to_owned();
    if let Some(pointer) =
        object.get("source").and_then(|source| source.get("pointer")).and_then(Json::as_str)
    {
        message.push_str(" at ");
        message.push_str(pointer);
    }
    Some(Entry { code, message, chain: list(object.get("error_chain"), depth + 1) })
}

/// A summary of a reply without an envelope: the title of a web page, or the beginning of the text.
fn excerpt(body: &[u8], problem: Option<Payload>) -> String {
    let text = String::from_utf8_lossy(body);
    match problem {
        Some(Payload::Empty) => "the reply is empty".to_owned(),
        Some(Payload::Html) => title(&text).map_or_else(
            || "the reply is a web page".to_owned(),
            |title| format!("the reply is a web page: {title}"),
        ),
        _ => text.into_owned(),
    }
}

fn title(html: &str) -> Option<&str> {
    let start = html.find("<title>")? + "<title>".len();
    let rest = html.get(start..)?;
    rest.get(..rest.find("</title>")?)
}

/// The kind of refusal, and the code that decided it (otherwise the first code).
fn classify(status: u16, errors: &[Entry]) -> (Refusal, Option<i64>) {
    for entry in errors {
        if let Some(refusal) = by_code(status, entry) {
            return (refusal, entry.code);
        }
    }
    let mut refusal = by_status(status);
    let says_entitled = |entry: &Entry| entry.message.to_ascii_lowercase().contains("not entitled");
    if matches!(refusal, Refusal::Rejected | Refusal::Permission) && errors.iter().any(says_entitled) {
        refusal = Refusal::NotEntitled;
    }
    (refusal, errors.iter().find_map(|entry| entry.code))
}

fn by_code(status: u16, entry: &Entry) -> Option<Refusal> {
    let text = entry.message.to_ascii_lowercase();
    let code = entry.code?;
    // 971 has been seen inside other statuses, so these two count whatever the status.
    if matches!(code, 971 | 10429) {
        return Some(Refusal::Throttled);
    }
    if status == 429 || status == 408 || status >= 500 {
        return None;
    }
    let is_auth_status = matches!(status, 400 | 401 | 403) || status < 300;
    let is_path_status = matches!(status, 400 | 404) || status < 300;
    // Codes are reused across Cloudflare's products, so most only count with a status that fits.
    match code {
        10000 if is_auth_status => Some(Refusal::Permission),
        10001 if is_auth_status && text.contains("auth") => Some(Refusal::Permission),
        9109 if text.contains("auth failures") || text.contains("too many") => Some(Refusal::LockedOut),
        9109 if text.contains("invalid access token") => Some(Refusal::WrongToken),
        9109 => Some(Refusal::Resource),
        6003 | 9103 | 9106 if is_auth_status => Some(Refusal::WrongToken),
        10502 => Some(Refusal::LockedOut),
        1001 | 7000 | 7003 if is_path_status => Some(Refusal::NoSuchObject),
        10405 => Some(Refusal::Method),
        _ => None,
    }
}

fn by_status(status: u16) -> Refusal {
    match status {
        ..=299 => Refusal::Unsuccessful,
        300..=399 => Refusal::Redirect,
        401 => Refusal::WrongToken,
        403 => Refusal::Permission,
        404 => Refusal::NoSuchObject,
        405 => Refusal::Method,
        409 => Refusal::Conflict,
        429 => Refusal::Throttled,
        408 | 500.. => Refusal::Server,
        _ => Refusal::Rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, code: i64, message: &str) -> Refusal {
        classify(status, &[Entry { code: Some(code), message: message.to_owned(), chain: Vec::new() }]).0
    }

    #[test]
    fn throttling_is_recognized_inside_any_status() {
        for status in [200, 400, 403, 429, 500] {
            assert_eq!(of(status, 971, "Please wait"), Refusal::Throttled);
        }
        assert_eq!(classify(429, &[]), (Refusal::Throttled, None));
    }

    #[test]
    fn the_status_of_a_server_error_beats_a_reused_code() {
        assert_eq!(of(500, 10000, "Internal error"), Refusal::Server);
        assert_eq!(of(502, 1000, "timeout"), Refusal::Server);
        assert_eq!(of(400, 1000, "bad"), Refusal::Rejected);
        let resource = "Unauthorized to access requested resource";
        for (status, refusal) in [
            (408, Refusal::Server),
            (429, Refusal::Throttled),
            (499, Refusal::Resource),
            (500, Refusal::Server),
            (501, Refusal::Server),
        ] {
            assert_eq!(of(status, 9109, resource), refusal, "{status}");
        }
    }

    #[test]
    fn the_message_separates_the_three_meanings_of_9109() {
        assert_eq!(of(403, 9109, "Unauthorized to access requested resource"), Refusal::Resource);
        assert_eq!(of(403, 9109, "Invalid access token"), Refusal::WrongToken);
        assert_eq!(of(403, 9109, "Max auth failures reached, please check"), Refusal::LockedOut);
        assert_eq!(of(400, 10502, "Too many authentication failures"), Refusal::LockedOut);
    }

    #[test]
    fn a_missing_entitlement_is_a_separate_kind() {
        assert_eq!(of(400, 10400, "zone not entitled to disable"), Refusal::NotEntitled);
        assert_eq!(of(400, 10400, "Bad Request"), Refusal::Rejected);
        assert_eq!(of(500, 10400, "not entitled"), Refusal::Server);
    }

    #[test]
    fn the_deciding_code_is_kept_even_behind_others() {
        let entry = |code| Entry { code: Some(code), message: String::new(), chain: Vec::new() };
        assert_eq!(classify(400, &[entry(1234), entry(7003)]), (Refusal::NoSuchObject, Some(7003)));
        assert_eq!(classify(400, &[entry(1234), entry(10400)]), (Refusal::Rejected, Some(1234)));
    }

    #[test]
    fn the_messages_of_a_refusal_without_errors_say_why() {
        let said =
            serde_json::json!({"errors": [], "messages": [{"code": 10400, "message": "not entitled"}]});
        let entries = entries(said.as_object().unwrap());
        assert_eq!(classify(400, &entries), (Refusal::NotEntitled, Some(10400)));
        assert_eq!(of(400, 10001, "Authentication error"), Refusal::Permission);
        assert_eq!(of(400, 10001, "Bad request"), Refusal::Rejected);
    }

    #[test]
    fn a_chain_of_errors_is_followed_four_levels_deep() {
        let deepest = serde_json::json!({"message": "9"});
        let error = (0..9).rev().fold(
            deepest,
            |inner, level| serde_json::json!({"message": level.to_string(), "error_chain": [inner]}),
        );
        let said = serde_json::json!({"errors": [error]});
        let mut texts = Vec::new();
        flatten(&entries(said.as_object().unwrap()), &mut texts);
        assert_eq!(texts, ["0", "1", "2", "3"]);
    }
}
