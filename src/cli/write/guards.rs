//! The guards of the arguments and of `botform.yaml`: a warning when planning, a refusal when applying.

use crate::cli::args::{Guards as Args, Writes};
use crate::cli::environment;
use crate::config::Project;
use crate::model::Guards;
use crate::plan::{Overrides, Plan, Refusal, guard};
use std::fmt::Write as _;

/// What the guards would refuse, as warnings.
pub(crate) fn warnings(args: &Args, project: &Project, plan: &Plan) -> String {
    tell("warning: apply would be refused", &refusals(args, project, plan))
}

/// Why the plan may not be applied; nothing if it may.
pub(crate) fn refuse(args: &Writes, project: &Project, plan: &Plan) -> Option<String> {
    let refusals = refusals(&args.guards, project, plan);
    (!refusals.is_empty()).then(|| tell("error: refused, nothing was written", &refusals))
}

fn refusals(args: &Args, project: &Project, plan: &Plan) -> Vec<Refusal> {
    let limits = Guards {
        max_zones: args.max_zones.or(project.guards.max_zones),
        max_loosening: args.max_loosening.or(project.guards.max_loosening),
        max_failures: project.guards.max_failures,
    };
    let overrides = Overrides { unprotect: args.unprotect.clone(), policies: args.override_policy.clone() };
    guard(plan, &limits, &project.policy, &overrides, environment::today())
}

fn tell(heading: &str, refusals: &[Refusal]) -> String {
    let mut text = String::new();
    for Refusal { guard, message, hint } in refusals {
        let (message, hint) = (crate::render::clean(message), crate::render::clean(hint));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{heading} (guard {guard}): {message}\n  hint: {hint}");
    }
    text
}
