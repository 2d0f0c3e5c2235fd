//! From a plan to its outcomes.

mod apply;
mod journals;

pub(crate) use apply::{Approval, Writing, block_protected, guarded, say_refusals};
