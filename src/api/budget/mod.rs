//! The request budget: how fast requests may be sent, the leases that keep those of one zone together, and what
//! Cloudflare's headers say of both.

#[expect(clippy::module_inception, reason = "the budget is what a newcomer looks for here")]
mod budget;
mod lease;
mod quota;

pub use budget::Budget;
pub(super) use budget::LONGEST_THROTTLE;
pub(crate) use budget::Wait;
pub use lease::Lease;
pub(super) use quota::Quota;
