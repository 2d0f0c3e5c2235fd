//! `custom_rules_in_place` in a file that does not need it.

use super::ZoneFile;
use crate::catalogue::Variant;
use crate::model::{Diagnostic, Severity, StalePolicy};

/// Warns of `custom_rules_in_place` if the file does not clean the stale settings that require it.
pub(super) fn without_effect(zone: &ZoneFile<'_>) -> Vec<Diagnostic> {
    let is_said = |value: &serde_json::Value| *value == true;
    let said = zone.root.get("custom_rules_in_place").filter(|at| is_said(at.value()));
    let is_asked =
        // An unknown plan variant is an error of its own, and no reason for a second message.
        zone.plan.is_none_or(|plan| plan == Variant::BmEnterprise) && zone.stale == StalePolicy::Clean;
    let warning = said.filter(|_| !is_asked).map(|at| {
        let problem = at.problem_at_key("`custom_rules_in_place` has no effect here");
        let problem = problem.label("only `stale: clean` on bm_enterprise needs it");
        problem.severity(Severity::Warning).hint("remove it")
    });
    warning.into_iter().collect()
}
