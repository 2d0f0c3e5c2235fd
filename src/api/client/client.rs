//! The client: what the interfaces share. A read is retried, a write is sent once.

use super::breaker::Breaker;
use super::envelope::{self, Answer, Shape};
use super::http::{Call, Meter, Size, Transport};
use super::options::{Options, Retry};
use super::patience::Patience;
use super::traffic::Traffic;
use crate::api::{ApiError, Budget, CredentialKind, ExchangeError, Payload, Reason, Refusal};
use crate::model::{AccountId, ZoneId};
use backon::Retryable as _;
use jiff::SignedDuration;
use serde_json::Value as Json;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tracing::Instrument as _;

/// The log target of requests: users filter by it, so it stays the same when this file moves.
const TARGET: &str = "botform::api::client";

/// A client of Cloudflare's API; clones share one connection pool, one request budget and one count of failures.
///
/// After five authentication failures in a row it asks Cloudflare whether the credentials are valid. If they are not,
/// or if ten requests in a row could not connect, it sends nothing more for a minute; then one request may try again.
///
/// ```no_run
/// use botform::api::{Client, Credentials, Lookup, Options, ReadZones};
/// use botform::model::ZoneName;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::new(Options::new(Credentials::token("cfut_0123456789".to_owned())?))?;
/// let name = ZoneName::try_from("shop.example.com".to_owned())?;
/// for zone in client.resolve(&[Lookup::new(name)]).await {
///     let live = client.get(&zone?).await?;
///     println!("{:?}", live.to_object());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    transport: Transport,
    retry: Retry,
    budget: Budget,
    /// The queries of the analytics have a limit of their own.
    queries: Budget,
    breaker: Breaker,
    patience: Patience,
    traffic: Mutex<Traffic>,
    account_id: Option<AccountId>,
    /// The address that plans record, if it differs from the one that requests go to.
    known_as: Option<String>,
}

impl Client {
    /// Builds a client; sends nothing.
    ///
    /// # Errors
    /// The API address is not a URL or not a safe one.
    pub fn new(options: Options) -> Result<Self, ApiError> {
        let (retry, budget) = (options.retry, options.budget.clone());
        let queries = options.queries.clone();
        let (account_id, known_as) = (options.account_id.clone(), options.known_as.clone());
        let asked = options.patience;
        let transport = Transport::new(options)?;
        let patience = Patience::new(asked, transport.is_loopback());
        let (breaker, traffic) = (Breaker::default(), Mutex::default());
        Ok(Self(Arc::new(Inner {
            transport,
            retry,
            budget,
            queries,
            breaker,
            patience,
            traffic,
            account_id,
            known_as,
        })))
    }

    /// Whether the two are clones of one client.
    pub(in crate::api) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What messages call its credentials.
    pub(crate) fn called(&self) -> Option<&str> {
        self.0.transport.called()
    }

    /// The kind of its credentials, as far as their prefix shows it.
    pub(crate) fn credential_kind(&self) -> CredentialKind {
        self.0.transport.credentials.kind()
    }

    /// The request budget.
    #[must_use]
    pub fn budget(&self) -> &Budget {
        &self.0.budget
    }

    /// The budget of the queries of the analytics.
    pub(crate) fn queries(&self) -> &Budget {
        &self.0.queries
    }

    /// How often a read is tried, and the pauses in between.
    pub(in crate::api) fn retry(&self) -> Retry {
        self.0.retry
    }

    fn budget_of(&self, call: &Call<'_>) -> &Budget {
        match call.meter {
            Meter::Calls => &self.0.budget,
            Meter::Queries => &self.0.queries,
        }
    }

    /// Forgets all failures: a client that [stopped sending](ApiError::is_stopped) sends again.
    pub fn reset(&self) {
        self.0.breaker.reset();
    }

    /// The checked API address, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.0.transport.address()
    }

    /// The address that plans record.
    pub(in crate::api) fn known_address(&self) -> &str {
        self.0.known_as.as_deref().unwrap_or_else(|| self.base_url())
    }

    /// What was sent so far, and how long requests waited.
    #[must_use]
    pub(crate) fn traffic(&self) -> Traffic {
        let traffic = self.0.traffic.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Traffic { waited: self.0.budget.waited(), ..traffic }
    }

    /// Sends a read until its reply can be read or a further attempt is pointless.
    pub(in crate::api) async fn read<T>(
        &self,
        call: Call<'_>,
        shape: Shape,
        parse: impl Fn(Answer) -> Result<T, Payload> + Sync,
    ) -> Result<T, ApiError> {
        let (attempt, mut forgives) = (AtomicU32::new(0), true);
        let mut result = (|| self.attempt(&call, attempt.fetch_add(1, Ordering::Relaxed) + 1, shape, &parse))
            .retry(self.0.retry.pauses())
            .sleep(tokio::time::sleep)
            .when(|error| self.may_pass(error, &mut forgives))
            .notify(|error, pause| {
                if error.retry_after().is_some() {
                    self.budget_of(&call).note_retry(pause);
                }
            })
            .adjust(|error, pause| pause.map(|pause| error.retry_pause(pause)))
            .await;
        // At the start of a run the network may not be up yet; once a request has succeeded, a lost connection is an
        // error.
        while let Err(error) = &result
            && !self.0.breaker.has_succeeded()
            && let Some(pause) = self.0.patience.pause(error)
        {
            tokio::time::sleep(pause).await;
            let next = attempt.fetch_add(1, Ordering::Relaxed) + 1;
            result = self.attempt(&call, next, shape, &parse).await;
        }
        self.note(&call, &result).await;
        result
    }

    /// Sends a write, once. Of its reply only the `CF-Ray` counts.
    pub(in crate::api) async fn write(
        &self,
        call: Call<'_>,
        shape: Shape,
    ) -> Result<Option<String>, ApiError> {
        let result = self.attempt(&call, 1, shape, &|answer| Ok(answer.cf_ray)).await;
        self.note(&call, &result).await;
        result
    }

    /// Whether a failed read is worth another attempt. A fresh token may be refused for a missing permission until it
    /// has propagated at Cloudflare, so that error is forgiven once.
    fn may_pass(&self, error: &ApiError, forgives: &mut bool) -> bool {
        let ApiError::Exchange(error) = error else { return false };
        let is_permission =
            matches!(error.reason, Reason::Refused { refusal: Refusal::Permission, code: Some(_) });
        if is_permission {
            return std::mem::take(forgives) && self.0.breaker.has_succeeded();
        }
        error.is_passing()
    }

    async fn attempt<T>(
        &self,
        call: &Call<'_>,
        attempt: u32,
        shape: Shape,
        parse: &(impl Fn(Answer) -> Result<T, Payload> + Sync),
    ) -> Result<T, ApiError> {
        let mut place = match call.lease {
            Some(lease) => lease.place().await,
            None => Some(self.budget_of(call).place().await),
        };
        // After the wait for a place, during which other requests may have tripped the breaker.
        self.0.breaker.admit()?;
        let (started, exchange) = (Instant::now(), &call.exchange);
        let span = tracing::debug_span!(
            target: TARGET, "request", method = %exchange.method, path = exchange.path,
            zone.id = call.zone_id.map(ZoneId::as_str), zone.name = exchange.zone
        );
        let reply = self.0.transport.send(call, attempt).instrument(span.clone()).await;
        let mut status = None;
        let result = reply.and_then(|reply| {
            status = reply.exchange.status;
            if let Some(place) = &mut place {
                place.learn(&reply.quota);
            }
            let answer = envelope::read(&reply.exchange, &reply.body, shape, &self.0.transport.credentials)?;
            parse(answer).map_err(|payload| ApiError::payload(reply.exchange, payload))
        });
        self.0.traffic.lock().unwrap_or_else(PoisonError::into_inner).count(status);
        let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let failed = result.is_err();
        span.in_scope(|| tracing::debug!(target: TARGET, status, attempt, elapsed_ms, failed, "request"));
        if let Err(error) = &result
            && let (true, Some(wait)) = (error.is_throttled(), error.retry_after())
        {
            self.budget_of(call).pause(wait);
        }
        // Release the place only now: the reply may have asked for a pause.
        drop(place);
        result
    }

    /// Records how a request ended, and checks the credentials if they seem to be bad.
    async fn note<T>(&self, call: &Call<'_>, result: &Result<T, ApiError>) {
        if !self.0.breaker.note(call.exchange.method, result) {
            return;
        }
        let Err(ApiError::Exchange(last)) = result else { return };
        match self.are_credentials_refused().await {
            Ok(true) => self.0.breaker.refuse(last),
            Ok(false) => {}
            Err(error) => tracing::debug!(target: TARGET, %error, "the credentials could not be checked"),
        }
    }

    /// Asks the credentials' own endpoint; an error means that the answer is unknown.
    async fn are_credentials_refused(&self) -> Result<bool, ApiError> {
        let (path, is_own) = self.own_endpoint();
        let call = Call::get(path, "", Size::List);
        let is_inactive = |answer: Answer| {
            let status = answer.result.get("status").and_then(Json::as_str);
            Ok(is_own && status.is_some_and(|status| status != "active"))
        };
        // Not by `read`, which would count this failure as well, and then ask again.
        match self.attempt(&call, 1, Shape::Bare, &is_inactive).await {
            Err(ApiError::Exchange(error)) if is_refusal(&error, is_own) => Ok(true),
            other => other,
        }
    }

    /// The path that shows whether the credentials are valid, and whether that endpoint is their own.
    pub(in crate::api) fn own_endpoint(&self) -> (String, bool) {
        self.0.transport.credentials.own_endpoint(self.0.account_id.as_ref())
    }

    /// How far the server's clock was ahead at the latest reply.
    pub(in crate::api) fn server_clock(&self) -> Option<SignedDuration> {
        self.0.transport.clock_offset()
    }

    /// A name from outside, made fit for a message.
    pub(in crate::api) fn clean(&self, text: &str) -> String {
        self.0.transport.credentials.clean(text, 253)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// Whether a reply of the credentials' endpoint refuses them. On an endpoint that is not their own, a permission may
/// be all that is missing.
fn is_refusal(error: &ExchangeError, is_own: bool) -> bool {
    let is_permission = matches!(error.reason, Reason::Refused { refusal: Refusal::Permission, .. });
    error.is_auth_failure() && (is_own || !is_permission)
}

/// What a null or missing list means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Absent {
    /// An empty list.
    Empty,
    /// An invalid reply.
    Wrong,
}

/// A result that must be a list.
pub(in crate::api) fn list(result: Json, absent: Absent) -> Result<Vec<Json>, Payload> {
    match result {
        Json::Array(items) => Ok(items),
        Json::Null if absent == Absent::Empty => Ok(Vec::new()),
        _ => Err(Payload::Result),
    }
}
