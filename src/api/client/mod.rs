//! The client and its parts: options, transport, the envelope of replies, and a circuit breaker that stops pointless
//! requests. The interfaces build on `Call` and `Answer`.

mod breaker;
#[expect(clippy::module_inception, reason = "the client itself is the main file of its folder")]
mod client;
mod envelope;
mod http;
mod options;
mod patience;
mod traffic;

pub use client::Client;
pub(super) use client::{Absent, list};
#[doc(hidden)]
pub use envelope::read_reply;
pub(super) use envelope::{Answer, Shape};
pub(super) use http::{Call, Size};
pub(crate) use options::normal_address;
pub use options::{Options, Retry};
pub(crate) use traffic::Traffic;
