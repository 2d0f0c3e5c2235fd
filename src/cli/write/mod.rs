//! From a plan to its outcomes.

mod apply;
mod journals;
mod killed;
mod protection;

pub(crate) use apply::{Approval, Writing, guarded, say_refusals};
pub(crate) use journals::journals_in_state;
pub(crate) use protection::look;
