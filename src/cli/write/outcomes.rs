//! The outcomes of a plan that was not written, and the exit code of one that was.

use super::Approval;
use crate::cli::Exit;
use crate::model::{Diagnostic, Outcome, ZoneOutcome};
use crate::plan::{Plan, ZonePlan};
use crate::run::Stop;

/// The outcomes of a plan that is not written at all.
pub(super) fn not_attempted(plan: &Plan, why: &str) -> Vec<ZoneOutcome> {
    plan.zones().iter().map(|zone| unwritten(zone, why)).collect()
}

fn unwritten(zone: &ZonePlan, why: &str) -> ZoneOutcome {
    if zone.is_written() {
        return ZoneOutcome::because(zone.unwritten(), Diagnostic::error(why));
    }
    ZoneOutcome::plain(zone.unwritten())
}

/// The exit code of an apply.
pub(super) fn exit(outcomes: &[ZoneOutcome], approval: Approval, stop: &Stop) -> Exit {
    let failures = outcomes.iter().filter(|outcome| !outcome.outcome.is_success()).count();
    let written = outcomes.iter().filter(|outcome| outcome.outcome.has_written()).count();
    let is_stale = outcomes.iter().any(|outcome| outcome.outcome == Outcome::Stale);
    let usable = if stop.is_requested() { written } else { outcomes.len() - failures };
    let is_refused = match approval {
        Approval::Saved { partial } => is_stale && written == 0 && (!partial || usable == 0),
        Approval::Given | Approval::Asked => false,
    };
    if is_refused { Exit::Stale } else { Exit::of_failures(failures, usable) }
}
