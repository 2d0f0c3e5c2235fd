//! What was reviewed before: saved plans, and what the zone files said at a git revision.

mod earlier;
mod extended;
mod git;
mod revision;
mod saved;

pub(crate) use earlier::{load, may_loosen};
pub(crate) use saved::{load as load_plan, warn_of_changed_inputs};
