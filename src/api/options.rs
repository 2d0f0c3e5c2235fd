//! What a client is made of; the caller reads the environment and passes it in here.

use super::Credentials;
use crate::model::Rate;
use std::time::Duration;

/// The address of Cloudflare's API.
pub const DEFAULT_BASE_URL: &str = "https://api.cloudflare.com/client/v4";

/// How often and how patiently a read is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often a read is sent at most.
    pub attempts: u32,
    /// The first pause; each further one is twice as long, with jitter, up to eight seconds.
    pub delay: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 5, delay: Duration::from_millis(300) }
    }
}

/// What a [`Client`](super::Client) is made of.
///
/// ```
/// use botform::api::{Credentials, Options};
/// use botform::model::Rate;
///
/// let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned())?);
/// options.rate = Some(Rate::new(600, 300)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// The address of the API: `https://`, or `http://` to this machine.
    pub base_url: String,
    /// Who asks.
    pub credentials: Credentials,
    /// The request budget of the whole process; without one the client does not hold back.
    pub rate: Option<Rate>,
    /// How long a whole request may take.
    pub timeout: Duration,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// Whether the proxies of the system are used.
    pub proxy: bool,
    /// How reads are retried.
    pub retry: Retry,
}

impl Options {
    /// Cloudflare's API, with its request budget, the usual time-outs and the system's proxies.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self {
            base_url: DEFAULT_BASE_URL.to_owned(),
            credentials,
            rate: Some(Rate::CLOUDFLARE),
            timeout: Duration::from_secs(15),
            connect_timeout: Duration::from_secs(5),
            proxy: true,
            retry: Retry::default(),
        }
    }
}
