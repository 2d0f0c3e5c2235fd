//! `feedback`: reports of traffic that was misjudged.

pub(crate) mod list;
pub(crate) mod plan;
pub(crate) mod submit;
