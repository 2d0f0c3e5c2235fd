//! The address of the API: checked once, so that credentials only ever go over TLS or to this machine.

use super::{ApiError, SetupError};
use reqwest::Url;
use std::net::IpAddr;

/// An address as the client would use it, and as plans state it.
///
/// ```
/// use botform::api::normal_address;
///
/// let address = normal_address("HTTPS://API.cloudflare.com:443/client/v4/")?;
/// assert_eq!(address, "https://api.cloudflare.com/client/v4");
/// # Ok::<(), botform::api::ApiError>(())
/// ```
///
/// # Errors
/// The text is not an address, or not a safe one.
pub fn normal_address(text: &str) -> Result<String, ApiError> {
    Address::new(text).map(|Address(address)| address)
}

/// A checked address, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address(String);

impl Address {
    /// Checks the text of an address.
    pub(super) fn new(text: &str) -> Result<Self, ApiError> {
        check(text).map(Self).map_err(|rule| SetupError::Address { address: shown(text).into(), rule }.into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is this machine: no proxy may see such a request, which may be in clear text.
    pub(super) fn is_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| url.host_str().is_some_and(is_loopback))
    }

    /// The whole address of a request.
    pub(super) fn join(&self, path: &str, query: &[(&'static str, String)]) -> Option<Url> {
        let mut url = Url::parse(&format!("{}{path}", self.0)).ok()?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Some(url)
    }
}

fn check(text: &str) -> Result<String, &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err("it has white space, control characters or `\\` in it");
    }
    let scheme = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    if !scheme.starts_with("https://") && !scheme.starts_with("http://") {
        return Err("it does not begin with `https://`");
    }
    if authority(text).contains('@') {
        return Err("credentials do not belong in it");
    }
    let url = Url::parse(text).map_err(|_| "it is not a URL")?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it may not have a `?` or a `#`");
    }
    if url.scheme() != "https" && !url.host_str().is_some_and(is_loopback) {
        return Err("only `https://` is allowed, except for this machine");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn is_loopback(host: &str) -> bool {
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// The address as a message may show it: without credentials and without what stands behind a `?` or a `#`.
fn shown(text: &str) -> String {
    let head = text.split(['?', '#']).next().unwrap_or_default();
    let end = head.rfind('@').map_or(0, |at| at + 1);
    let scheme = if end == 0 { "" } else { "***@" };
    let tail: String = head.get(end..).unwrap_or_default().chars().take(100).collect();
    format!("{scheme}{}", tail.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Address::new(text).unwrap_err().to_string()
    }

    #[test]
    fn https_and_this_machine_are_taken() {
        for (text, kept) in [
            ("https://api.cloudflare.com/client/v4/", "https://api.cloudflare.com/client/v4"),
            ("https://gateway.example:8443", "https://gateway.example:8443"),
            ("http://localhost:8787/client/v4", "http://localhost:8787/client/v4"),
            ("http://127.0.0.2:1", "http://127.0.0.2:1"),
            ("http://[::1]:80/x", "http://[::1]/x"),
            ("http://LOCALHOST:1", "http://localhost:1"),
            ("http://127.1:1", "http://127.0.0.1:1"),
            ("http://[::ffff:127.0.0.1]:1", "http://[::ffff:7f00:1]:1"),
        ] {
            assert_eq!(Address::new(text).unwrap().as_str(), kept);
            assert_eq!(Address::new(text).unwrap().is_loopback(), kept.starts_with("http://"), "{text}");
        }
    }

    #[test]
    fn all_else_is_refused_with_its_rule() {
        insta::assert_snapshot!(refusal("api.cloudflare.com"), @"`api.cloudflare.com` is not an API address: it does not begin with `https://`");
        insta::assert_snapshot!(refusal("http://api.cloudflare.com"), @"`http://api.cloudflare.com` is not an API address: only `https://` is allowed, except for this machine");
        insta::assert_snapshot!(refusal("http://127.0.0.1.evil.example"), @"`http://127.0.0.1.evil.example` is not an API address: only `https://` is allowed, except for this machine");
        for text in [
            "",
            "https://",
            "https://a b",
            "http://localhost.evil.example",
            "http://0.0.0.0",
            "http://[::]",
            "https:api.example",
            "ftp://x",
            "https://x\n",
            "https://[::1",
        ] {
            assert!(Address::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn secrets_in_an_address_are_refused_and_not_shown() {
        for text in ["https://me:hunter2@x/", "https://x/?key=hunter2", "https://x/#hunter2", "hunter2@x"] {
            assert!(!refusal(text).contains("hunter2"), "{text}");
        }
    }
}
