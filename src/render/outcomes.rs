//! The end of an apply as text: every zone with its outcome, and the counts.

use super::parts::{diagnostic, plural, value};
use super::{Paint, clean};
use crate::model::{Finding, FindingKind, Outcome, ZoneOutcome};
use crate::plan::{Plan, ZonePlan};
use std::fmt;

/// The outcomes of an apply, in the order of the plan's zones.
#[derive(Clone, Copy, Debug)]
pub struct OutcomesText<'a> {
    plan: &'a Plan,
    outcomes: &'a [ZoneOutcome],
    paint: Paint,
}

impl<'a> OutcomesText<'a> {
    /// A view of outcomes.
    #[must_use]
    pub fn new(plan: &'a Plan, outcomes: &'a [ZoneOutcome], paint: Paint) -> Self {
        Self { plan, outcomes, paint }
    }

    fn zone(&self, f: &mut fmt::Formatter<'_>, zone: &ZonePlan, outcome: &ZoneOutcome) -> fmt::Result {
        let ZoneOutcome { outcome: word, findings, diagnostics } = outcome;
        let padded = format!("{:<14}", word.text());
        let painted = match word {
            Outcome::Applied => self.paint.good(padded),
            Outcome::InSync | Outcome::NotAttempted => self.paint.dim(padded),
            Outcome::Unverified | Outcome::Protected | Outcome::Held => self.paint.warn(padded),
            _ => self.paint.bad(padded),
        };
        let written = match word {
            Outcome::Applied => {
                format!("   {} written and read back", plural(zone.changes().count(), "setting"))
            }
            _ => String::new(),
        };
        writeln!(f, "  {painted}{}{}", self.plan.label(zone), self.paint.dim(written))?;
        findings.iter().try_for_each(|member| finding(f, member, *word))?;
        diagnostics.iter().try_for_each(|message| diagnostic(f, message, self.paint))
    }
}

fn finding(f: &mut fmt::Formatter<'_>, finding: &Finding, outcome: Outcome) -> fmt::Result {
    let text = finding_text(finding, outcome);
    writeln!(f, "      {:<24}{text}", format!("{} ", clean(&finding.setting)))
}

/// What the read-back showed of a setting, as a sentence about it.
pub(super) fn finding_text(finding: &Finding, outcome: Outcome) -> String {
    let Finding { setting: _, kind, expected, live } = finding;
    let (expected, live) = (value(expected.as_ref()), value(live.as_ref()));
    match kind {
        FindingKind::NotTaken => format!("was sent {expected}, and live is still {live}"),
        FindingKind::Kept => format!(
            "stale, was sent {expected}, and Cloudflare keeps {live}: contact Cloudflare support to have it removed"
        ),
        FindingKind::Moved if outcome == Outcome::Stale => {
            format!("was {expected} when planned, and is {live} now")
        }
        FindingKind::Moved => format!("was not sent, and moved from {expected} to {live}"),
        FindingKind::NotReported => {
            format!("was sent {expected}; GET does not report it, so it cannot be verified")
        }
    }
}

impl fmt::Display for OutcomesText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (zone, outcome) in self.plan.zones().iter().zip(self.outcomes) {
            self.zone(f, zone, outcome)?;
        }
        let count = |word: &Outcome| self.outcomes.iter().filter(|outcome| outcome.outcome == *word).count();
        let always =
            [Outcome::Applied, Outcome::InSync, Outcome::Failed, Outcome::Blocked, Outcome::NotAttempted];
        let counts: Vec<_> = Outcome::ALL
            .iter()
            .filter(|word| always.contains(word) || count(word) > 0)
            .map(|word| format!("{} {}", count(word), word.text()))
            .collect();
        writeln!(f, "\nApply: {}.", counts.join(", "))
    }
}
