//! The HTTP client: credentials, envelope, retries, request budget, errors with their way out; one file per interface.
//! It uses the catalogue and the model only, and reads no environment and no files: all it needs is passed in.

mod access;
mod address;
mod bot_management;
mod breaker;
mod budget;
mod cause;
mod classify;
mod client;
mod credentials;
mod diagnose;
mod envelope;
mod error;
mod feedback;
mod hint;
mod http;
mod listing;
mod options;
mod quota;
mod resolve;
mod retry;
mod seen;
mod submissions;
mod zones;

#[cfg(test)]
mod script;
#[cfg(test)]
mod tests;

pub use access::{Body, Lookup, ReadFeedback, ReadZones, WriteFeedback, WriteZones, ZoneEntry};
pub use address::normal_address;
pub use cause::Cause;
pub use client::Client;
pub use credentials::{CredentialError, Credentials};
pub use error::{ApiError, Exchange, Failure, Payload, Refusal};
pub use options::{DEFAULT_BASE_URL, Options, Retry};
pub use submissions::{SubmissionPages, SubmissionQuery};
