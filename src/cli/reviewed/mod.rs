//! What was reviewed before: saved plans, and what the zone files said at a git revision.

mod before;
mod changed;
mod earlier;
mod extended;
mod git;
mod head;
mod record;
mod remote;
mod revision;
mod rules;
mod saved;
mod tree;

pub(crate) use before::{Before, leaves};
pub(crate) use changed::{Changed, changed_since};
pub(crate) use earlier::{load, may_loosen, rules_at, since};
pub(crate) use head::commit_at;
pub(crate) use record::{NEW as NEW_RECORD, Recorded, approvals, check_last_claim, say_other_apis};
pub(crate) use remote::{CloneState, record_at};
pub(crate) use rules::Rules;
pub(crate) use saved::{
    Saved, is_saved_plan, load as load_plan, load_plan_or_result, may_replace, may_replace_by,
    may_replace_record, warn_of_changed_inputs,
};
