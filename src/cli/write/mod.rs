//! From a plan to its outcomes.

mod apply;
mod approve;
mod journals;
mod outcomes;

pub(crate) use apply::{Approval, Writing, block_protected, guarded, say_refusals};
pub(crate) use approve::is_approved;
