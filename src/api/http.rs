//! Sends one request and reads its reply whole: TLS, proxies, time-outs, no redirects, a limit on the reply's size.

use super::address::Address;
use super::quota::{Quota, retry_after};
use super::{ApiError, Cause, Credentials, Exchange, Failure, Options};
use reqwest::header::HeaderMap;
use reqwest::{Method, Response, redirect};
use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A request, before it is sent.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) permission: &'static str,
    pub(super) zone: Option<String>,
}

impl Call {
    /// A GET.
    pub(super) fn get(path: impl Into<String>, permission: &'static str) -> Self {
        let path = path.into();
        Self { method: Method::GET, path, query: Vec::new(), body: None, permission, zone: None }
    }

    /// A request with a JSON object.
    pub(super) fn send(method: Method, path: String, permission: &'static str, body: &super::Body) -> Self {
        let body = serde_json::Value::Object(body.clone()).to_string().into_bytes();
        Self { method, body: Some(body), ..Self::get(path, permission) }
    }

    fn exchange(&self, attempts: u32) -> Exchange {
        let method = match self.method {
            Method::GET => "GET",
            Method::PUT => "PUT",
            _ => "POST",
        };
        let (path, zone) = (self.path.clone(), self.zone.clone());
        Exchange { method, path, zone, permission: self.permission, attempts, ..Exchange::default() }
    }
}

/// A whole reply.
pub(super) struct Reply {
    pub(super) exchange: Arc<Exchange>,
    pub(super) body: Vec<u8>,
    pub(super) quota: Quota,
}

/// The largest reply that is read.
const LARGEST: usize = 64 << 20;

/// The connection to the API, built when it is first needed.
#[derive(Debug)]
pub(super) struct Wire {
    address: Address,
    pub(super) credentials: Credentials,
    timeout: Duration,
    connect_timeout: Duration,
    proxy: bool,
    client: OnceLock<reqwest::Client>,
}

impl Wire {
    pub(super) fn new(options: Options) -> Result<Self, ApiError> {
        let Options { base_url, credentials, timeout, connect_timeout, proxy, rate: _, retry: _ } = options;
        let address = Address::new(&base_url)?;
        Ok(Self { address, credentials, timeout, connect_timeout, proxy, client: OnceLock::new() })
    }

    pub(super) fn address(&self) -> &str {
        self.address.as_str()
    }

    /// Sends a request and reads the reply.
    pub(super) async fn send(&self, call: &Call, attempt: u32) -> Result<Reply, ApiError> {
        let exchange = call.exchange(attempt);
        let failed = |error: &reqwest::Error| self.broken(exchange.clone(), failure(error), error);
        let response = self.request(call)?.send().await.map_err(|error| failed(&error))?;
        self.receive(exchange, response).await
    }

    fn request(&self, call: &Call) -> Result<reqwest::RequestBuilder, ApiError> {
        let url = self.address.join(&call.path, &call.query);
        let url = url.ok_or_else(|| self.setup(&["the address of the request is no URL"]))?;
        let request = self.client()?.request(call.method.clone(), url);
        Ok(match &call.body {
            Some(body) => request.header("content-type", "application/json").body(body.clone()),
            None => request,
        })
    }

    async fn receive(&self, mut exchange: Exchange, mut response: Response) -> Result<Reply, ApiError> {
        let headers = response.headers();
        exchange.status = Some(response.status().as_u16());
        exchange.cf_ray = cf_ray(headers).map(|ray| self.credentials.redact(ray));
        exchange.retry_after = retry_after(headers);
        let quota = Quota::read(headers);
        if response.content_length().is_some_and(|length| length > LARGEST as u64) {
            return Err(self.broken(exchange, Failure::TooLarge, &too_large()));
        }
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST => {
                    return Err(self.broken(exchange, Failure::TooLarge, &too_large()));
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
        Ok(Reply { exchange: Arc::new(exchange), body, quota })
    }

    fn broken(&self, exchange: Exchange, failure: Failure, error: &(dyn Error + 'static)) -> ApiError {
        let source = Arc::new(Cause::of(&self.credentials, error));
        ApiError::Transport { exchange: Arc::new(exchange), failure, source }
    }

    fn setup(&self, texts: &[&str]) -> ApiError {
        ApiError::Setup { source: Arc::new(Cause::chain(&self.credentials, texts)) }
    }

    fn client(&self) -> Result<&reqwest::Client, ApiError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self.build()?;
        Ok(self.client.get_or_init(|| client))
    }

    fn build(&self) -> Result<reqwest::Client, ApiError> {
        // Building a client panics without a provider; an error only says that there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let headers =
            self.credentials.headers().map_err(|_| self.setup(&["the credentials fit no header"]))?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("botform/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(self.connect_timeout)
            .timeout(self.timeout);
        if self.address.is_loopback() {
            // Also where a resolver says something else of the name.
            let loopback = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
            builder = builder.resolve_to_addrs("localhost", &loopback.map(|ip| SocketAddr::new(ip, 0)));
        }
        if !self.proxy || self.address.is_loopback() {
            builder = builder.no_proxy();
        }
        builder
            .build()
            .map_err(|error| ApiError::Setup { source: Arc::new(Cause::of(&self.credentials, &error)) })
    }
}

/// The header as it may be shown: it is of letters, digits and `-`.
fn cf_ray(headers: &HeaderMap) -> Option<&str> {
    let ray = headers.get("cf-ray")?.to_str().ok()?;
    let is_ray = ray.len() <= 64 && ray.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_ray.then_some(ray)
}

fn too_large() -> io::Error {
    io::Error::other("it was not read to its end")
}

fn failure(error: &reqwest::Error) -> Failure {
    if !error.is_connect() {
        return if error.is_timeout() { Failure::Timeout } else { Failure::NoReply };
    }
    if error.is_timeout() {
        Failure::ConnectTimeout
    } else if error.is_dns() {
        Failure::Dns
    } else if is_tls(error) {
        Failure::Tls
    } else {
        Failure::Connect
    }
}

/// Whether TLS stands in the chain; `io::Error` hides what it wraps from `source`.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<rustls::Error>()
        || wrapped.is_some_and(|inner| is_tls(inner))
        || error.source().is_some_and(is_tls)
}
