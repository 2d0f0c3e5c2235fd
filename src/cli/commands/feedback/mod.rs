//! `feedback`: reports of traffic that was misjudged.

pub(crate) mod list;
pub(crate) mod plan;
mod reports;
pub(crate) mod submit;
