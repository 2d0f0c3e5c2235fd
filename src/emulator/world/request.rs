//! A request as the rules see it, and what is kept of it.

use super::reply::Reply;
use jiff::Timestamp;
use serde_json::Value as Json;

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
    /// Nothing if it was larger than the server takes.
    pub(in crate::emulator) body: Option<Vec<u8>>,
    pub(in crate::emulator) now: Timestamp,
}

impl Request {
    /// The last value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A whole number of the query.
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

    /// The body as JSON, if it is.
    pub(super) fn json(&self) -> Option<Json> {
        self.body.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok())
    }

    /// Whether the body is said to be JSON.
    pub(super) fn says_json(&self) -> bool {
        let said = self.content_type.as_deref().unwrap_or_default();
        said.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
    }
}

/// A request that was answered, without its headers.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The path as it was asked for.
    pub path: String,
    /// The query, decoded, in the order it was sent.
    pub query: Vec<(String, String)>,
    /// The body, if it was JSON.
    pub body: Option<Json>,
    /// The status of the reply; nothing if none was sent.
    pub status: Option<u16>,
}
