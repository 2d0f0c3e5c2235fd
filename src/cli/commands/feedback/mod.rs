//! `feedback`: reports of traffic that was misjudged.

mod list;
mod plan;
mod reports;
mod submit;

pub(crate) use reports::run;
