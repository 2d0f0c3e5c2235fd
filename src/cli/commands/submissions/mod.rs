//! `submissions`: mail that was asked to be reclassified.

mod list;
mod rows;
mod watch;

pub(crate) use list::run;
