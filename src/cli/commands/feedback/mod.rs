//! `feedback`: reports of misjudged traffic.

pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod plan;
pub(crate) mod submit;
