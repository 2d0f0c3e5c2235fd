//! What a client is made of; the caller reads the environment and passes it in here.

use super::{Budget, Credentials};
use crate::model::{AccountId, Rate};
use backon::ExponentialBuilder;
use std::time::Duration;

/// The address of Cloudflare's API.
pub const DEFAULT_BASE_URL: &str = "https://api.cloudflare.com/client/v4";

/// The longest pause between two attempts that Cloudflare did not ask for.
const LONGEST_DELAY: Duration = Duration::from_secs(8);

/// How often a read is tried, and with what pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often a read is sent at most.
    pub attempts: u32,
    /// The first pause; each further one is twice as long, with jitter, up to eight seconds.
    pub delay: Duration,
}

impl Retry {
    /// The pauses between the attempts.
    pub(super) fn pauses(self) -> ExponentialBuilder {
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

/// What a [`Client`](super::Client) is made of.
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
    /// Who asks.
    pub credentials: Credentials,
    /// The account of an account-owned token (`cfat_…`): only there can Cloudflare be asked whether it is valid.
    pub account_id: Option<AccountId>,
    /// The request budget; the limit is the user's, so that all clients of a user should share one.
    pub budget: Budget,
    /// How long a whole request may take.
    pub timeout: Duration,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// Whether the proxies of the system are used; never for this machine.
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
            account_id: None,
            budget: Budget::new(Rate::CLOUDFLARE),
            timeout: Duration::from_secs(15),
            connect_timeout: Duration::from_secs(5),
            proxy: true,
            retry: Retry::default(),
        }
    }
}
