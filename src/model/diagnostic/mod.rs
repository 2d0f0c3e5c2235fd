//! Messages: what is wrong, where, and what to do about it.

#[expect(clippy::module_inception, reason = "the message is what a newcomer looks for here")]
mod diagnostic;
mod message;
mod place;
mod wire;

pub use diagnostic::Diagnostic;
pub(crate) use diagnostic::{Answer, Marked};
pub use message::Message;
pub(crate) use message::Part;
pub use place::{DiagnosticKind, Place, Severity};
pub(crate) use place::{Excerpt, Related};
