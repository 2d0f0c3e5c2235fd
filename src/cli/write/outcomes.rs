//! The outcomes of a plan that was not written, and the exit code of one that was.

use super::Approval;
use crate::cli::Exit;
use crate::model::{Diagnostic, Outcome, ZoneOutcome};
use crate::plan::{Plan, ZonePlan};
use crate::run::{Mistaken, Moved, Stop};

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

/// The outcomes of a plan with ids of other zones.
pub(super) fn mistaken(plan: &Plan, mistaken: &[Mistaken]) -> Vec<ZoneOutcome> {
    let outcome = |zone: &ZonePlan| match mistaken
        .iter()
        .find(|mistaken| zone.zone_id.as_ref() == Some(&mistaken.zone))
    {
        Some(mistaken) => ZoneOutcome::because(Outcome::Blocked, mistaken.why.clone()),
        None => unwritten(zone, "another zone of the plan has the id of a third one"),
    };
    plan.zones().iter().map(outcome).collect()
}

/// The outcomes of a plan whose zones moved.
pub(super) fn stale(plan: &Plan, moved: &[Moved]) -> Vec<ZoneOutcome> {
    let outcome =
        |zone: &ZonePlan| match moved.iter().find(|moved| zone.zone_id.as_ref() == Some(&moved.zone)) {
            Some(moved) => ZoneOutcome {
                outcome: Outcome::Stale,
                findings: moved.findings.clone(),
                diagnostics: vec![Diagnostic::error("the zone changed after it was planned")],
            },
            None => unwritten(zone, "another zone of the plan moved"),
        };
    plan.zones().iter().map(outcome).collect()
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
