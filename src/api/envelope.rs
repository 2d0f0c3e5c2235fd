//! Reads replies: `{success, errors, messages, result, result_info}` with all its oddities. Nothing here is sent.

use super::classify::classify;
use super::{ApiError, Cause, Credentials, Exchange, ExchangeError, Method, Payload, Reason};
use serde_json::{Map, Value as Json};

/// What may stand where the envelope is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// The envelope and nothing else.
    Envelope,
    /// The envelope, or the bare result.
    Bare,
    /// The envelope, the bare result, or nothing at all.
    Optional,
}

/// What a good reply holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answer {
    /// The result; null if it is missing.
    pub(super) result: Json,
    /// The number of pages of a list, if the reply says.
    pub(super) total_pages: Option<u64>,
}

/// One error of an envelope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) code: Option<i64>,
    pub(super) message: String,
    pub(super) chain: Vec<Self>,
}

/// The most errors of one reply that are kept.
const MOST: usize = 8;

/// How deep chains of errors are followed.
const DEEPEST: usize = 4;

/// Reads a reply whose status stands in `exchange`.
pub(super) fn read(
    exchange: &Exchange,
    body: &[u8],
    shape: Shape,
    credentials: &Credentials,
) -> Result<Answer, ApiError> {
    let parsed = parse(body, exchange.html, credentials);
    let is_success = exchange.status.is_some_and(|status| (200..300).contains(&status));
    match parsed {
        Ok(Json::Object(object)) if object.get("success") == Some(&Json::Bool(false)) || !is_success => {
            Err(refused(exchange, &entries(&object), None, credentials))
        }
        parsed if !is_success => Err(refused(exchange, &[], Some(&excerpt(body, parsed.err())), credentials)),
        parsed => answer(parsed, shape).map_err(|payload| ApiError::payload(exchange.clone(), payload)),
    }
}

/// Reads a reply as the client does; the fuzz targets call it.
///
/// # Errors
/// The reply is not a good one.
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
        Ok(Json::Object(mut object)) if object.get("success") == Some(&Json::Bool(true)) => Ok(Answer {
            result: object.remove("result").unwrap_or_default(),
            total_pages: object
                .get("result_info")
                .and_then(|info| info.get("total_pages"))
                .and_then(Json::as_u64),
        }),
        Ok(bare @ (Json::Object(_) | Json::Array(_) | Json::Null)) if shape != Shape::Envelope => {
            Ok(Answer { result: bare, total_pages: None })
        }
        Ok(_) => Err(Payload::NoEnvelope),
        Err(Payload::Empty) if shape == Shape::Optional => Ok(Answer::default()),
        Err(payload) => Err(payload),
    }
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

/// The errors of an envelope; its messages, where it has no errors.
fn entries(object: &Map<String, Json>) -> Vec<Entry> {
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

/// What a reply without an envelope says: the title of a web page, or the beginning of a text.
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
