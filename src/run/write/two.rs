//! The outcome of a zone whose changes and clean-ups are written in two PUTs.

use super::settle::{End, is_result};
use crate::diff::{outcome_of, verify};
use crate::model::{Diagnostic, DiagnosticKind, Finding, FindingKind, Live, Outcome, ZoneOutcome, some_of};
use crate::plan::ZonePlan;

/// How many names a message shows.
const NAMES_SHOWN: usize = 5;

/// Whether live is what both PUTs together would make of it.
pub(super) fn is_whole(zone: &ZonePlan, seen: &Live, now: &Live) -> bool {
    is_result(zone, seen, now)
}

/// The outcome of a zone, from those of its changes and, if they were attempted, its clean-ups.
pub(super) fn together(zone: &ZonePlan, seen: &Live, changes: End, clean_up: Option<End>) -> ZoneOutcome {
    let has_written = matches!(
        changes.outcome.outcome,
        Outcome::Applied | Outcome::Unverified | Outcome::NotApplied | Outcome::Collateral
    );
    let Some(shown) = changes.now.as_ref().filter(|_| has_written) else { return changes.outcome };
    let mut diagnostics = changes.outcome.diagnostics;
    let Some(clean_up) = clean_up else {
        let findings = findings(zone, seen, &shown.live, FindingKind::NotSent);
        if !is_whole(zone, seen, &shown.live) {
            diagnostics.push(unsent(zone, "the changes before it were not taken as they were sent"));
        }
        return ZoneOutcome { outcome: outcome_of(&findings), findings, diagnostics };
    };
    let ended = clean_up.outcome.outcome;
    diagnostics.extend(clean_up.outcome.diagnostics);
    if ended == Outcome::Unknown {
        return ZoneOutcome { outcome: ended, findings: clean_up.outcome.findings, diagnostics };
    }
    let kind = match ended {
        _ if !clean_up.is_sent => FindingKind::NotSent,
        // What Cloudflare keeps is not tried again; what failed is.
        Outcome::Refused | Outcome::Failed | Outcome::Throttled | Outcome::NotAttempted => {
            FindingKind::NotTaken
        }
        _ => FindingKind::Kept,
    };
    let now = clean_up.now.as_ref().unwrap_or(shown);
    let findings = findings(zone, seen, &now.live, kind);
    if !clean_up.is_sent && findings.iter().any(|finding| finding.kind == FindingKind::NotSent) {
        diagnostics.insert(0, unsent(zone, "the changes before it are written"));
    }
    ZoneOutcome { outcome: outcome_of(&findings), findings, diagnostics }
}

/// What the read-back shows of the whole zone, with why a clean-up is not done.
fn findings(zone: &ZonePlan, seen: &Live, now: &Live, kind: FindingKind) -> Vec<Finding> {
    let mut findings = verify(seen, zone.rows(), now);
    findings
        .iter_mut()
        .filter(|finding| finding.kind == FindingKind::Kept)
        .for_each(|finding| finding.kind = kind);
    findings
}

fn unsent(zone: &ZonePlan, why: &str) -> Diagnostic {
    let names = zone.changes().filter(|row| row.is_clean_up()).map(|row| format!("`{}`", row.name()));
    let names: Vec<_> = names.collect();
    let names = some_of(names.iter(), NAMES_SHOWN);
    let message = format!("the clean-up of {names}, a PUT of its own, was not sent; {why}");
    Diagnostic::warning(message).kind(DiagnosticKind::Stale).hint("run `plan` again, then `apply`")
}

#[cfg(test)]
#[path = "two_tests.rs"]
mod tests;
