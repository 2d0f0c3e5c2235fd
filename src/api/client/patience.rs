//! Waits for the first connection: a network, a resolver or a sidecar proxy may take some seconds to start.

use crate::api::{ApiError, Failure, Reason};
use std::sync::OnceLock;
use std::time::Duration;
use tokio::time::Instant;

/// How long the first connection is tried for.
const MOST: Duration = Duration::from_secs(60);

/// The pause between two tries.
const PAUSE: Duration = Duration::from_secs(5);

/// How long the first connection is still tried for, shared by all requests of a client.
#[derive(Debug)]
pub(super) struct Patience {
    most: Duration,
    since: OnceLock<Instant>,
}

impl Patience {
    /// The given time, else a minute. A server on this machine is not waited for: it runs, or it does not.
    pub(super) fn new(asked: Option<Duration>, is_loopback: bool) -> Self {
        let most = asked.unwrap_or(if is_loopback { Duration::ZERO } else { MOST });
        Self { most, since: OnceLock::new() }
    }

    /// The pause before the next try; `None` for any other error, or if the time is over.
    pub(super) fn pause(&self, error: &ApiError) -> Option<Duration> {
        let ApiError::Exchange(error) = error else { return None };
        let Reason::Transport(Failure::Dns | Failure::Connect | Failure::ConnectTimeout) = error.reason
        else {
            return None;
        };
        let mut is_first = false;
        let since = self.since.get_or_init(|| {
            is_first = true;
            Instant::now()
        });
        let left = self.most.checked_sub(since.elapsed()).filter(|left| !left.is_zero())?;
        if is_first {
            let seconds = self.most.as_secs();
            tracing::warn!(%error, "no connection to the API yet; retrying for {seconds} seconds");
        }
        Some(PAUSE.min(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Exchange, ExchangeError, Method};

    fn error(failure: Failure) -> ApiError {
        let exchange = Exchange::new(Method::Get, "/zones");
        ExchangeError { exchange, reason: Reason::Transport(failure), cause: None }.into()
    }

    #[tokio::test(start_paused = true)]
    async fn a_missing_connection_is_tried_again_for_a_minute() {
        let patience = Patience::new(None, false);
        let mut tries = 0;
        while let Some(pause) = patience.pause(&error(Failure::Dns)) {
            tries += 1;
            tokio::time::advance(pause).await;
        }
        assert_eq!(tries, 12);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_else_is_waited_for() {
        assert_eq!(Patience::new(None, false).pause(&error(Failure::Tls)), None);
        assert_eq!(Patience::new(None, false).pause(&error(Failure::Cut)), None);
        assert_eq!(Patience::new(None, true).pause(&error(Failure::Connect)), None);
    }
}
