//! From a plan to its outcomes.

mod apply;
pub(crate) mod approve;
pub(crate) mod guards;
mod journals;
pub(crate) mod protection;

pub(crate) use apply::{Approval, Writing};
