//! The HTTP client: credentials, envelope, retries, request budget, errors with their hints; one file per interface.
//! It uses the catalogue and the model only, and reads no environment and no files: the caller passes in all it needs.

mod access;
mod address;
mod bot_management;
mod breaker;
mod budget;
mod cause;
mod classify;
mod client;
mod credentials;
mod envelope;
mod error;
mod exchange;
mod hint;
mod http;
mod options;
mod quota;
mod resolve;
mod submissions;
mod zone;
mod zones;

#[cfg(test)]
mod script;
#[cfg(test)]
mod tests;

pub use access::{Body, ReadFeedback, ReadSubmissions, ReadZones, WriteFeedback, WriteZones};
pub use address::normal_address;
pub use budget::{Budget, Lease};
pub use cause::Cause;
pub use client::Client;
pub use credentials::{CredentialError, Credentials};
#[doc(hidden)]
pub use envelope::read_reply;
pub use error::{ApiError, ResolveError, SetupError, StopReason};
pub use exchange::{Exchange, ExchangeError, Failure, Method, Payload, Reason, Refusal};
pub use options::{DEFAULT_BASE_URL, Options, Retry};
pub use submissions::{InvalidFilter, SubmissionPages, SubmissionQuery};
pub use zone::{Lookup, ZoneEntry, ZoneRef};
