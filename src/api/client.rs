//! The client: what the interfaces share. A read is tried several times, a write once.

use super::breaker::{Breaker, Purpose};
use super::budget::Budget;
use super::envelope::{self, Answer, Shape};
use super::http::{Call, Wire};
use super::retry::Patience;
use super::{ApiError, Exchange, Options, Payload, Retry};
use crate::model::ZoneId;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A client of Cloudflare's API; clones share one connection pool, one request budget and one count of
/// authentication failures.
///
/// ```no_run
/// use botform::api::{Client, Credentials, Lookup, Options, ReadZones};
/// use botform::model::ZoneName;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::new(Options::new(Credentials::token("cfut_0123456789".to_owned())?))?;
/// let name = ZoneName::try_from("shop.example.com".to_owned())?;
/// let wanted = [Lookup { name, zone_id: None, account_id: None }];
/// for zone in client.resolve(&wanted).await {
///     let live = client.get(&zone?.id).await?;
///     println!("{:?}", live.to_object());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    wire: Wire,
    retry: Retry,
    budget: Budget,
    breaker: Breaker,
    /// The names of resolved zones, for the errors about them.
    names: Mutex<HashMap<ZoneId, Box<str>>>,
}

impl Client {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// The address of the API is none, or not a safe one.
    pub fn new(options: Options) -> Result<Self, ApiError> {
        let (retry, budget) = (options.retry, Budget::new(options.rate));
        let wire = Wire::new(options)?;
        Ok(Self(Arc::new(Inner {
            wire,
            retry,
            budget,
            breaker: Breaker::default(),
            names: Mutex::default(),
        })))
    }

    /// The address of the API, as checked: without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.0.wire.address()
    }

    /// How many requests the budget lets through at once; nothing if there is no budget.
    #[must_use]
    pub fn remaining_estimate(&self) -> Option<usize> {
        self.0.budget.remaining()
    }

    /// How long the budget makes that many further requests wait, at least.
    ///
    /// ```
    /// use botform::api::{Client, Credentials, Options};
    ///
    /// let client = Client::new(Options::new(Credentials::token("cfut_0123456789".to_owned())?))?;
    /// assert_eq!(client.eta(1200).as_secs(), 0);
    /// assert_eq!(client.eta(10_000).as_secs(), 8 * 300);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn eta(&self, requests: u64) -> Duration {
        self.0.budget.eta(requests)
    }

    /// Sends a read until its answer can be read, or no further attempt is worth it.
    pub(super) async fn read<T>(
        &self,
        call: Call,
        shape: Shape,
        parse: impl Fn(Answer) -> Result<T, Payload> + Sync,
    ) -> Result<T, ApiError> {
        let mut patience = Patience::new(self.0.retry);
        let mut attempt = 1;
        let result = loop {
            let error = match self.attempt(&call, attempt, shape, &parse).await {
                Ok(value) => break Ok(value),
                Err(error) => error,
            };
            let Some(pause) = patience.pause(&error, self.0.breaker.has_succeeded()) else {
                break Err(error);
            };
            tokio::time::sleep(pause).await;
            attempt += 1;
        };
        self.0.breaker.note(Purpose::Read, result.as_ref().err());
        result
    }

    /// Sends a write, once.
    pub(super) async fn write(&self, call: Call, shape: Shape) -> Result<(), ApiError> {
        let result = self.attempt(&call, 1, shape, &|_| Ok(())).await;
        self.0.breaker.note(Purpose::Write, result.as_ref().err());
        result
    }

    async fn attempt<T>(
        &self,
        call: &Call,
        attempt: u32,
        shape: Shape,
        parse: &(impl Fn(Answer) -> Result<T, Payload> + Sync),
    ) -> Result<T, ApiError> {
        self.0.breaker.check()?;
        let place = self.0.budget.acquire().await;
        self.0.breaker.check()?;
        let started = Instant::now();
        let reply = self.0.wire.send(call, attempt).await;
        let result = reply.and_then(|reply| {
            self.0.budget.learn(&reply.quota);
            let answer = envelope::read(&reply.exchange, &reply.body, shape, &self.0.wire.credentials)?;
            let exchange = reply.exchange;
            let status = exchange.status;
            parse(answer)
                .map(|value| (value, status))
                .map_err(|payload| ApiError::Payload { exchange, payload })
        });
        log(call, attempt, started.elapsed(), &result);
        if let Err(error) = &result {
            self.heed(error);
        }
        // Only now may the next request go, since the reply may have asked for a pause.
        drop(place);
        result.map(|(value, _)| value)
    }

    /// Holds all requests back while Cloudflare asks for it.
    fn heed(&self, error: &ApiError) {
        if let (true, Some(wait)) = (error.is_throttled(), error.retry_after()) {
            self.0.budget.pause(wait);
        }
    }

    /// Remembers the name of a zone for the errors about it.
    pub(super) fn remember(&self, id: &ZoneId, name: &str) {
        let mut names = self.0.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(id.clone(), self.clean(name).into());
    }

    /// The remembered name of a zone.
    pub(super) fn name_of(&self, id: &ZoneId) -> Option<String> {
        let names = self.0.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(id).map(ToString::to_string)
    }

    /// A name from outside made fit for a message.
    pub(super) fn clean(&self, text: &str) -> String {
        self.0.wire.credentials.clean(text, 253)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// One line for each request; never headers, query or body.
fn log<T>(call: &Call, attempt: u32, elapsed: Duration, result: &Result<(T, Option<u16>), ApiError>) {
    let status = match result {
        Ok((_, status)) => *status,
        Err(error) => error.exchange().and_then(|Exchange { status, .. }| *status),
    };
    let zone = call.zone.as_deref();
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(
        method = %call.method, path = call.path, zone.name = zone, status, attempt, elapsed_ms,
        failed = result.is_err(), "request"
    );
}

/// A result that must be a list; null and a missing one stand for an empty list where `nullable`.
pub(super) fn list(result: Json, nullable: bool) -> Result<Vec<Json>, Payload> {
    match result {
        Json::Array(items) => Ok(items),
        Json::Null if nullable => Ok(Vec::new()),
        _ => Err(Payload::Result),
    }
}
