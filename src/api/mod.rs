//! The HTTP client: credentials, envelope, retries, request budget, errors with their hints; one file per interface.
//! It uses the catalogue and the model only, and reads no environment and no files: the caller passes in all it needs.

mod access;
mod analytics;
mod around;
mod audit;
mod bot_management;
mod budget;
mod client;
mod clients;
mod credentials;
mod error;
mod exchange;
mod hint;
mod resolve;
mod submissions;
mod verify;
mod zone;
mod zones;

#[cfg(test)]
mod tests;

pub use access::{ReadFeedback, ReadZones, WriteFeedback, WriteZones};
pub(crate) use analytics::{Condition, Counted, RequestKind, Shown, Tables};
pub(crate) use audit::AuditQuery;
pub(crate) use budget::Wait;
pub use budget::{Budget, Lease};
#[doc(hidden)]
pub use client::read_reply;
pub use client::{Client, Options, Retry};
pub(crate) use client::{Traffic, normal_address};
pub(crate) use clients::Budgets;
pub use clients::Clients;
pub(crate) use credentials::Cause;
pub use credentials::{CredentialError, Credentials};
pub use error::{ApiError, SetupError, StopReason};
pub use exchange::{Exchange, ExchangeError, Failure, Method, Payload, Reason, Refusal};
pub use resolve::ResolveError;
pub(crate) use submissions::SubmissionPages;
pub use submissions::{InvalidFilter, ReadSubmissions, SubmissionQuery};
pub(crate) use verify::CredentialKind;
pub use zone::{Body, Lookup, UnusableZone, ZoneEntry, ZoneRef};
pub(crate) use zones::Listed;
