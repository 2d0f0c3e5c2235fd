//! Requests and replies as the rules see them: the envelope, and the refusals with the API's codes.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// A request. It holds credentials, so it cannot be printed.
#[derive(Default)]
pub(in crate::emulator) struct Request {
    pub(in crate::emulator) method: String,
    pub(in crate::emulator) path: String,
    pub(in crate::emulator) query: Vec<(String, String)>,
    pub(in crate::emulator) authorization: Option<String>,
    pub(in crate::emulator) email: Option<String>,
    pub(in crate::emulator) key: Option<String>,
    pub(in crate::emulator) content_type: Option<String>,
    pub(in crate::emulator) agent: Option<String>,
    /// `None` if it exceeded the size limit.
    pub(in crate::emulator) body: Option<Vec<u8>>,
    pub(in crate::emulator) now: Timestamp,
}

impl Request {
    /// The last value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// An integer of the query.
    pub(super) fn number(&self, name: &str, otherwise: u32, least: u32, most: u32) -> Result<u32, Reply> {
        let Some(text) = self.query(name) else { return Ok(otherwise) };
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| Reply::error(400, 10001, format!("{name} must be from {least} to {most}")))
    }

    /// The path without the prefix of the public API.
    pub(super) fn route(&self) -> &str {
        match self.path.strip_prefix("/client/v4") {
            Some(route) if route.is_empty() || route.starts_with('/') => route,
            _ => &self.path,
        }
    }

    /// The body as JSON, if it parses.
    pub(super) fn json(&self) -> Option<Json> {
        self.body.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok())
    }

    /// Whether the content type is JSON.
    pub(super) fn says_json(&self) -> bool {
        let said = self.content_type.as_deref().unwrap_or_default();
        said.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
    }
}

/// A request that was answered, without its headers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The path of the request.
    pub path: String,
    /// The query, decoded, in the order it was sent; in JSON a mapping that has the last value of each name.
    #[serde(serialize_with = "mapping")]
    pub query: Vec<(String, String)>,
    /// The body, if it was JSON.
    pub body: Option<Json>,
    /// The status of the reply; `None` if no reply was sent.
    pub status: Option<u16>,
    /// The seconds of its `Retry-After`, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

fn mapping<S: Serializer>(query: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(query.iter().map(|(name, value)| (name, value)).collect::<BTreeMap<_, _>>())
}

/// The body of a reply.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::emulator) enum Body {
    Json(Json),
    Html(String),
    Empty,
}

/// How a reply is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::emulator) enum Delivery {
    /// It arrives completely.
    Whole,
    /// The headers and half of the body arrive, then the connection ends.
    Cut,
    /// Nothing ever arrives.
    Silent,
    /// The connection ends before the first byte.
    Reset,
}

/// How long a client should wait, in one of the two formats of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RetryAfter {
    pub(super) seconds: u64,
    pub(super) as_date: bool,
}

impl RetryAfter {
    /// The value of the header.
    pub(super) fn header(self, now: Timestamp) -> String {
        let seconds = i64::try_from(self.seconds).unwrap_or(i64::MAX);
        let then = now.saturating_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(now);
        let date = || jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&then).ok();
        self.as_date.then(date).flatten().unwrap_or_else(|| self.seconds.to_string())
    }
}

/// A reply of the rules, before the headers that every reply has.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Body,
    pub(super) retry_after: Option<RetryAfter>,
    pub(super) delivery: Delivery,
    pub(super) delay: Duration,
}

/// A reply with all its headers.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::emulator) struct Answer {
    pub(in crate::emulator) status: u16,
    pub(in crate::emulator) headers: Vec<(&'static str, String)>,
    pub(in crate::emulator) body: Body,
    pub(in crate::emulator) delivery: Delivery,
    /// How long it is delayed.
    pub(in crate::emulator) delay: Duration,
}

impl Reply {
    pub(super) fn new(status: u16, body: Body) -> Self {
        Self { status, body, retry_after: None, delivery: Delivery::Whole, delay: Duration::ZERO }
    }

    /// 200 with a result in the envelope.
    pub(super) fn ok(result: Json) -> Self {
        Self::new(200, Body::Json(envelope(result)))
    }

    /// One page of a list.
    pub(super) fn page(result: Vec<Json>, info: Json) -> Self {
        let mut body = envelope(Json::Array(result));
        body["result_info"] = info;
        Self::new(200, Body::Json(body))
    }

    /// The same page with another `result_info`; `None` removes it.
    pub(super) fn with_info(mut self, info: Option<Json>) -> Self {
        if let Body::Json(Json::Object(page)) = &mut self.body {
            page.remove("result_info");
            page.extend(info.map(|info| ("result_info".to_owned(), info)));
        }
        self
    }

    /// A refusal in the envelope.
    pub(super) fn error(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self::errors(status, json!([{ "code": code, "message": message.into() }]))
    }

    /// A refusal with a list of errors.
    pub(super) fn errors(status: u16, errors: Json) -> Self {
        Self::new(
            status,
            Body::Json(json!({ "success": false, "errors": errors, "messages": [], "result": null })),
        )
    }

    /// The refusal of a body by Bot Management.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::error(400, 10400, message)
    }

    /// The refusal of an unknown object.
    pub(super) fn no_such(route: &str) -> Self {
        let message = format!("Could not route to {route}, perhaps your object identifier is invalid?");
        Self::error(404, 7003, message)
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::error(405, 10405, "Method not allowed")
    }

    /// The refusal of an invalid token below a zone, or of a missing permission.
    pub(super) fn unauthorized() -> Self {
        Self::error(403, 10000, "Authentication error")
    }

    /// The refusal of an object outside the token's resources.
    pub(super) fn forbidden() -> Self {
        Self::error(403, 9109, "Unauthorized to access requested resource")
    }

    /// The refusal of too many requests, in one of the two wordings.
    pub(super) fn throttled(code: u32, retry_after: RetryAfter) -> Self {
        let message = match code {
            10429 => "Rate limited. Please wait and consider throttling your request speed",
            _ => "Please wait and consider throttling your request speed",
        };
        Self { retry_after: Some(retry_after), ..Self::error(429, code, message) }
    }

    /// A server error: a web page for the statuses of the edge, the envelope for all others.
    pub(super) fn failure(status: u16, retry_after: Option<RetryAfter>) -> Self {
        let reply = match status {
            502 | 520..=526 => Self::new(status, Body::Html(edge_page(status))),
            429 => {
                let second = RetryAfter { seconds: 1, as_date: false };
                return Self::throttled(971, retry_after.unwrap_or(second));
            }
            _ => Self::error(status, 1000, format!("failed with status {status}")),
        };
        Self { retry_after, ..reply }
    }
}

/// The envelope around a result.
fn envelope(result: Json) -> Json {
    json!({ "success": true, "errors": [], "messages": [], "result": result })
}

/// A web page like the one that the edge sends instead of an API reply.
pub(super) fn edge_page(status: u16) -> String {
    let line = format!("<html><head><title>{status}</title></head><body><h1>Error {status}</h1>");
    format!("<!DOCTYPE html>\n{line}<p>The web server reported an error.</p></body></html>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_a_number_or_a_date() {
        let header = |as_date| RetryAfter { seconds: 90, as_date }.header(Timestamp::UNIX_EPOCH);
        assert_eq!(header(false), "90");
        assert_eq!(header(true), "Thu, 01 Jan 1970 00:01:30 GMT");
    }
}
