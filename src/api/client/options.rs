//! The options of a client; the caller reads the environment and passes it in here. The API address is checked once, so
//! that credentials only ever travel over TLS or to this machine.

use crate::api::{ApiError, Budget, Credentials, SetupError};
use crate::model::{AccountId, Rate};
use backon::ExponentialBuilder;
use reqwest::Url;
use std::net::IpAddr;
use std::time::Duration;

/// The address of Cloudflare's API.
pub(super) const DEFAULT_BASE_URL: &str = "https://api.cloudflare.com/client/v4";

/// The longest pause between two attempts that Cloudflare did not ask for.
const LONGEST_DELAY: Duration = Duration::from_secs(8);

/// How often a read is tried, and the pauses between the attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often a read is sent at most.
    pub attempts: u32,
    /// The first pause; each further one is twice as long, with jitter, up to eight seconds.
    pub delay: Duration,
}

impl Retry {
    /// The pauses between the attempts.
    pub(in crate::api) fn pauses(self) -> ExponentialBuilder {
        ExponentialBuilder::new()
            .with_min_delay(self.delay)
            .with_max_delay(LONGEST_DELAY.max(self.delay))
            .with_factor(2.0)
            .with_max_times(self.attempts.saturating_sub(1) as usize)
            .with_jitter()
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 5, delay: Duration::from_millis(300) }
    }
}

/// The options of a [`Client`](super::Client).
///
/// ```
/// use botform::api::{Budget, Credentials, Options};
/// use botform::model::Rate;
///
/// // Both clients together send at most 600 requests in 5 minutes.
/// let budget = Budget::new(Rate::new(600, 300)?);
/// let mut one = Options::new(Credentials::token("cfut_0123456789".to_owned())?);
/// let mut other = Options::new(Credentials::token("cfut_9876543210".to_owned())?);
/// one.budget = budget.clone();
/// other.budget = budget;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The address of the API: `https://`, or `http://` to this machine.
    pub base_url: String,
    /// The address that plans record, if it differs: an in-process emulator has another port each time.
    pub known_as: Option<String>,
    /// The credentials that sign every request.
    pub credentials: Credentials,
    /// What messages call the credentials where a run has several, such as the name of their variable.
    pub called: Option<String>,
    /// The account of an account-owned token (`cfat_…`): only that account's endpoint can verify it.
    pub account_id: Option<AccountId>,
    /// The request budget. Cloudflare's limit is per user, so all clients of a user should share one budget.
    pub budget: Budget,
    /// The budget of the queries of the analytics, which Cloudflare counts apart.
    pub queries: Budget,
    /// How long a whole request may take.
    pub timeout: Duration,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// Whether to use the system's proxies; they are never used for a loopback address.
    pub proxy: bool,
    /// How reads are retried.
    pub retry: Retry,
    /// How long the first connection is tried for; by default a minute, and to this machine not at all.
    pub patience: Option<Duration>,
}

impl Options {
    /// Cloudflare's API, with its request budget, the usual time-outs and the system's proxies.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self {
            base_url: DEFAULT_BASE_URL.to_owned(),
            known_as: None,
            credentials,
            called: None,
            account_id: None,
            budget: Budget::new(Rate::CLOUDFLARE),
            queries: Budget::new(Rate::QUERIES),
            timeout: Duration::from_secs(15),
            connect_timeout: Duration::from_secs(5),
            proxy: true,
            retry: Retry::default(),
            patience: None,
        }
    }
}

/// The address in the form that the client uses and plans record.
///
/// # Errors
/// The text is not a URL or not a safe one.
pub(crate) fn normal_address(text: &str) -> Result<String, ApiError> {
    Address::new(text).map(|Address(address)| address)
}

/// A checked address, without a trailing slash.
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

    /// Whether it is this machine: such a request may be plain text, so no proxy may see it.
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
        return Err("it contains white space, control characters or `\\`");
    }
    let scheme = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    if !scheme.starts_with("https://") && !scheme.starts_with("http://") {
        return Err("it does not begin with `https://`");
    }
    if authority(text).contains('@') {
        return Err("it must not contain credentials");
    }
    let url = Url::parse(text).map_err(|_| "it is not a URL")?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it must not contain `?` or `#`");
    }
    if url.scheme() != "https" && !url.host_str().is_some_and(is_loopback) {
        return Err("only a loopback address may use `http://`");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn is_loopback(host: &str) -> bool {
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    // Canonical, since `::ffff:127.0.0.1` is this machine too.
    host == "localhost" || ip.is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// The address for messages: without credentials and without query and fragment, which may hold secrets.
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
    fn https_and_loopback_addresses_are_accepted() {
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
    fn other_addresses_are_rejected_with_the_rule() {
        insta::assert_snapshot!(refusal("api.cloudflare.com"), @"`api.cloudflare.com` is not an API address: it does not begin with `https://`");
        insta::assert_snapshot!(refusal("http://api.cloudflare.com"), @"`http://api.cloudflare.com` is not an API address: only a loopback address may use `http://`");
        insta::assert_snapshot!(refusal("http://127.0.0.1.evil.example"), @"`http://127.0.0.1.evil.example` is not an API address: only a loopback address may use `http://`");
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

    #[test]
    fn an_address_is_shown_without_what_may_be_a_secret() {
        for (text, expected) in [
            ("https://api.example/v4", "https://api.example/v4"),
            ("https://user:secret@api.example/v4?key=secret#secret", "***@api.example/v4"),
            ("secret@secret@host", "***@host"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
