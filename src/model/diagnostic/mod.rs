//! Messages: what is wrong, where, and what to do about it.

#[expect(clippy::module_inception, reason = "the message is what a newcomer looks for here")]
mod diagnostic;
mod message;
mod place;
mod wire;

pub use diagnostic::{Answer, Diagnostic, Marked};
pub use message::{Message, Part};
pub use place::{DiagnosticKind, Excerpt, Place, Related, Severity};
