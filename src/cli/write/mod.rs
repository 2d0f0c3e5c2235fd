//! From a plan to its outcomes.

mod apply;
mod journals;
mod killed;

pub(crate) use apply::{Approval, Writing, block_protected, guarded, say_refusals};
pub(crate) use journals::journals_in_state;
