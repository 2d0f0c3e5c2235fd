//! Sends one request and reads its complete reply: TLS, proxies, time-outs, no redirects, a limit on the reply's size.

use super::options::{Address, Options};
use crate::api::budget::Quota;
use crate::api::{
    ApiError, Body, Cause, CredentialKind, Credentials, Exchange, ExchangeError, Failure, Lease, Method,
    Reason, SetupError, ZoneRef,
};
use crate::model::{Rate, ZoneId};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;
use reqwest::{Response, redirect};
use rustls_platform_verifier::BuilderVerifierExt as _;
use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// How large a reply may be.
#[derive(Clone, Copy, Debug)]
pub(in crate::api) enum Size {
    /// One object, such as a zone's settings.
    Object,
    /// A page of zones, each of some 3 KB.
    Page,
    /// A page of up to 1000 rows, or a list without pages.
    List,
}

impl Size {
    const fn bytes(self) -> usize {
        match self {
            Self::Object => 1 << 20,
            Self::Page => 2 << 20,
            Self::List => 16 << 20,
        }
    }
}

/// The limit that a request counts towards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::api) enum Meter {
    /// The limit of all REST calls.
    #[default]
    Calls,
    /// The limit of analytics queries, which Cloudflare counts separately.
    Queries,
}

/// A request, before it is sent.
#[derive(Clone, Debug)]
pub(in crate::api) struct Call<'a> {
    pub(in crate::api) exchange: Exchange,
    pub(in crate::api) query: Vec<(&'static str, String)>,
    pub(in crate::api) zone_id: Option<&'a ZoneId>,
    pub(in crate::api) lease: Option<&'a Lease>,
    pub(in crate::api) meter: Meter,
    body: Option<Vec<u8>>,
    size: Size,
}

impl<'a> Call<'a> {
    pub(in crate::api) fn get(
        path: impl Into<String>,
        permission: impl Into<Option<&'static str>>,
        size: Size,
    ) -> Self {
        let exchange = Exchange { permission: permission.into(), ..Exchange::new(Method::Get, path) };
        let meter = Meter::default();
        Self { exchange, query: Vec::new(), zone_id: None, lease: None, meter, body: None, size }
    }

    /// A request with a JSON object.
    pub(in crate::api) fn send(method: Method, path: String, permission: &'static str, body: &Body) -> Self {
        let body = serde_json::Value::Object(body.clone()).to_string().into_bytes();
        let mut call = Self::get(path, permission, Size::Object);
        call.exchange.method = method;
        Self { body: Some(body), ..call }
    }

    /// A query of the analytics: a POST that only reads.
    pub(in crate::api) fn query(body: &Body) -> Self {
        let call = Self::send(Method::Post, "/graphql".to_owned(), "Zone Analytics Read", body);
        Self { meter: Meter::Queries, size: Size::List, ..call }
    }

    /// The same request about a zone.
    pub(in crate::api) fn about(mut self, zone: ZoneRef<'a>) -> Self {
        self.exchange.zone = zone.name.map(str::to_owned);
        Self { zone_id: Some(zone.id), lease: zone.lease, ..self }
    }

    /// The same request about a zone of which only the name is known.
    pub(in crate::api) fn named(mut self, zone: &str) -> Self {
        self.exchange.zone = Some(zone.to_owned());
        self
    }
}

pub(super) struct Reply {
    pub(super) exchange: Exchange,
    pub(super) body: Vec<u8>,
    pub(super) quota: Quota,
}

/// How long a connection may stay idle. After a run has waited for its budget, an idle connection may be dead: routers
/// drop idle ones silently.
const IDLE: Duration = Duration::from_secs(30);

/// How often a connection with requests in flight is probed, and how long a probe may take: a dead connection is not
/// reused.
const PROBE: Duration = Duration::from_secs(5);

/// The HTTP client, built on first use.
#[derive(Debug)]
pub(super) struct Transport {
    address: Address,
    pub(super) credentials: Credentials,
    /// What messages call them.
    called: Option<Arc<str>>,
    timeout: Duration,
    connect_timeout: Duration,
    proxy: bool,
    rate: Option<Rate>,
    client: OnceLock<reqwest::Client>,
    /// How far the server's clock was ahead at the latest reply.
    clock_offset: Mutex<Option<SignedDuration>>,
}

impl Transport {
    pub(super) fn new(options: Options) -> Result<Self, ApiError> {
        let Options { base_url, credentials, called, timeout, connect_timeout, proxy, budget, .. } = options;
        let address = Address::new(&base_url)?;
        let proxy = proxy && !address.is_loopback();
        let (client, clock_offset) = (OnceLock::new(), Mutex::default());
        let (rate, called) = (budget.rate(), called.map(Into::into));
        Ok(Self { address, credentials, called, timeout, connect_timeout, proxy, rate, client, clock_offset })
    }

    /// How far the server's clock was ahead of this machine's at the latest reply.
    pub(super) fn clock_offset(&self) -> Option<SignedDuration> {
        *self.clock_offset.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn called(&self) -> Option<&str> {
        self.called.as_deref()
    }

    pub(super) fn address(&self) -> &str {
        self.address.as_str()
    }

    /// Whether that is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.address.is_loopback()
    }

    /// Sends a request and reads the reply.
    pub(super) async fn send(&self, call: &Call<'_>, attempt: u32) -> Result<Reply, ApiError> {
        let account_token = self.credentials.kind() == CredentialKind::AccountToken;
        let credential = self.called.clone();
        let exchange = Exchange {
            attempts: attempt,
            rate: self.rate,
            account_token,
            credential,
            ..call.exchange.clone()
        };
        let response = match self.request(call)?.send().await {
            Ok(response) => response,
            Err(error) => return Err(self.broken(exchange, failure(&error), &error)),
        };
        self.receive(exchange, response, call.size.bytes()).await
    }

    fn request(&self, call: &Call<'_>) -> Result<reqwest::RequestBuilder, ApiError> {
        let url = self.address.join(&call.exchange.path, &call.query);
        let url = url.ok_or_else(|| self.setup(&["the address of the request is not a URL"]))?;
        let method = match call.exchange.method {
            Method::Get => reqwest::Method::GET,
            Method::Put => reqwest::Method::PUT,
            Method::Post => reqwest::Method::POST,
        };
        let request = self.client()?.request(method, url);
        Ok(match &call.body {
            Some(body) => request.header("content-type", "application/json").body(body.clone()),
            None => request,
        })
    }

    async fn receive(
        &self,
        mut exchange: Exchange,
        mut response: Response,
        largest: usize,
    ) -> Result<Reply, ApiError> {
        let headers = response.headers();
        exchange.status = Some(response.status().as_u16());
        exchange.cf_ray = cf_ray(headers).map(|ray| self.credentials.redact(ray));
        exchange.retry_after = retry_after(headers);
        let quota = Quota::read(headers);
        if let Some(date) = date(headers) {
            let offset = date.duration_since(Timestamp::now());
            *self.clock_offset.lock().unwrap_or_else(PoisonError::into_inner) = Some(offset);
        }
        // A reply that says how large it is need not be read to be refused; the length may also be missing or wrong.
        if response.content_length().is_some_and(|length| length > largest as u64) {
            return Err(self.broken(exchange, Failure::TooLarge, &too_large(largest)));
        }
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > largest => {
                    return Err(self.broken(exchange, Failure::TooLarge, &too_large(largest)));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => {
                    let failure = if error.is_timeout() { Failure::Timeout } else { Failure::Cut };
                    return Err(self.broken(exchange, failure, &error));
                }
            }
        }
        exchange.html = body.trim_ascii_start().starts_with(b"<");
        Ok(Reply { exchange, body, quota })
    }

    fn broken(&self, exchange: Exchange, failure: Failure, error: &(dyn Error + 'static)) -> ApiError {
        let cause = Some(Cause::of(&self.credentials, error));
        ExchangeError { exchange, reason: Reason::Transport(failure), cause }.into()
    }

    fn setup(&self, texts: &[&str]) -> ApiError {
        SetupError::Client { source: Arc::new(Cause::chain(&self.credentials, texts)) }.into()
    }

    fn failed_setup(&self, error: &dyn Error) -> ApiError {
        SetupError::Client { source: Arc::new(Cause::of(&self.credentials, error)) }.into()
    }

    fn client(&self) -> Result<&reqwest::Client, ApiError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self.build()?;
        Ok(self.client.get_or_init(|| client))
    }

    fn build(&self) -> Result<reqwest::Client, ApiError> {
        let headers = self
            .credentials
            .headers()
            .map_err(|_| self.setup(&["the credentials are not a valid header value"]))?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls().map_err(|error| self.failed_setup(&error))?)
            .user_agent(concat!("botform/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            // A redirect would carry the credentials to another address.
            .redirect(redirect::Policy::none())
            // A write must be sent exactly once; reads are retried by the client.
            .retry(reqwest::retry::never())
            .connect_timeout(self.connect_timeout)
            .timeout(self.timeout)
            .pool_idle_timeout(IDLE)
            .http2_keep_alive_interval(PROBE)
            .http2_keep_alive_timeout(PROBE);
        if self.address.is_loopback() {
            // Pinned, so that a resolver cannot send `localhost` elsewhere.
            let loopback = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
            builder = builder.resolve_to_addrs("localhost", &loopback.map(|ip| SocketAddr::new(ip, 0)));
        }
        if !self.proxy {
            builder = builder.no_proxy();
        }
        builder.build().map_err(|error| self.failed_setup(&error))
    }

    /// TLS with the system's certificates and ring, for this client alone: no crypto provider is installed
    /// process-wide.
    fn tls(&self) -> Result<rustls::ClientConfig, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = rustls::ClientConfig::builder_with_provider(provider);
        let versions = versions.with_safe_default_protocol_versions()?;
        // A plain address needs no certificates, and reading them takes longer than the rest of a short run. Without
        // them no other address is trusted.
        let verified = match self.address.as_str().starts_with("http://") {
            true => versions.with_root_certificates(rustls::RootCertStore::empty()),
            false => versions.with_platform_verifier()?,
        };
        let mut config = verified.with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// The header, if it is safe to print: only letters, digits and `-`.
fn cf_ray(headers: &HeaderMap) -> Option<&str> {
    let ray = headers.get("cf-ray")?.to_str().ok()?;
    let is_ray = ray.len() <= 64 && ray.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_ray.then_some(ray)
}

fn too_large(largest: usize) -> io::Error {
    io::Error::other(format!("it is larger than {} MiB", largest >> 20))
}

fn failure(error: &reqwest::Error) -> Failure {
    if !error.is_connect() {
        return if error.is_timeout() { Failure::Timeout } else { Failure::NoReply };
    }
    if is_too_many_files(error) {
        Failure::TooManyFiles
    } else if error.is_timeout() {
        Failure::ConnectTimeout
    } else if error.is_dns() {
        Failure::Dns
    } else if is_tls(error) {
        Failure::Tls
    } else {
        Failure::Connect
    }
}

/// Whether the process has reached its limit of open files.
fn is_too_many_files(error: &(dyn Error + 'static)) -> bool {
    #[cfg(unix)]
    let is_limit = matches!(
        error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error),
        Some(libc::EMFILE | libc::ENFILE)
    );
    #[cfg(not(unix))]
    let is_limit = false;
    is_limit || error.source().is_some_and(is_too_many_files)
}

/// Whether the chain holds a TLS error; `io::Error` hides the error it wraps from `source`.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<rustls::Error>()
        || wrapped.is_some_and(|inner| is_tls(inner))
        || error.source().is_some_and(is_tls)
}

/// Reads `Retry-After`: seconds, or an HTTP date, which is taken relative to the reply's own `Date`.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = http_date(asked)?;
    let now = date(headers).unwrap_or_else(Timestamp::now);
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

/// The server's clock.
fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers.get("date")?.to_str().ok()?.trim())
}

/// A time such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let mut headers = HeaderMap::new();
        headers.insert("date", "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        for (text, seconds) in [
            ("20", Some(20)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
        ] {
            headers.insert("retry-after", text.parse().unwrap());
            assert_eq!(retry_after(&headers).map(|wait| wait.as_secs()), seconds, "{text}");
        }
    }

    #[test]
    fn an_invalid_ray_id_is_not_shown() {
        let mut headers = HeaderMap::new();
        for (ray, is_shown) in
            [("8f1b-FRA", true), (&"a".repeat(64), true), (&"a".repeat(65), false), ("a b", false)]
        {
            headers.insert("cf-ray", ray.parse().unwrap());
            assert_eq!(cf_ray(&headers), is_shown.then_some(ray));
        }
    }
}
