//! The heading of a report, and what its exit code means, in words that are true in every case.

use super::{Ending, Report, Verb};
use crate::model::{Outcome, plural};
use crate::plan::{Guard, Plan, Status, Summary};

impl Report<'_> {
    /// The heading: what refused or stopped the run, softer rules, changes that shut out search engines or loosen,
    /// failures, and then the rest.
    pub(crate) fn headline(&self) -> String {
        let mut parts: Vec<String> = self.stopped_by().into_iter().collect();
        match self.weakened().len() {
            0 => {}
            rules => parts.push(format!("{} weakened", plural(rules, "rule"))),
        }
        match self.plan {
            None => parts.extend(self.problem_parts()),
            Some(plan) => {
                let Summary { shuts_out, loosens, .. } = plan.summary();
                parts.extend(changes_that(shuts_out, "shut", " out search engines"));
                parts.extend(changes_that(loosens, "loosen", ""));
                parts.extend(self.failure_parts(&plan.summary()));
                parts.extend(match self.outcomes {
                    Some(_) => self.outcome_parts(Outcome::is_success),
                    None => plan_parts(plan),
                });
                parts.extend(outside_part(plan));
            }
        }
        parts.join(", ")
    }

    /// What refused or stopped the run.
    fn stopped_by(&self) -> Option<String> {
        match self.ending {
            Ending::Refused => {
                let mut guards: Vec<_> = self.refusals.iter().map(|refusal| refusal.guard).collect();
                guards.dedup();
                match guards.as_slice() {
                    [] => None,
                    [Guard::Policy] => Some("refused by policy".to_owned()),
                    [guard] => Some(format!("refused by guard {guard}")),
                    guards => Some(format!("refused by {} guards", guards.len())),
                }
            }
            Ending::Stale => Some("refused as stale".to_owned()),
            Ending::Unapproved => Some("not approved".to_owned()),
            Ending::Interrupted { .. } => Some("interrupted".to_owned()),
            Ending::Failed if self.is_lost() => Some("the result could not be written".to_owned()),
            Ending::Done | Ending::Failed | Ending::Pending | Ending::Partial | Ending::Usage => None,
        }
    }

    /// Whether a run failed only because its result could not be written.
    fn is_lost(&self) -> bool {
        let Summary { blocked, failed, .. } = self.summary();
        self.plan.is_some() && self.outcomes.is_none() && blocked + failed + self.errors() == 0
    }

    /// How many errors there are apart from those of zones.
    fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.is_error()).count()
    }

    /// What failed.
    fn failure_parts(&self, summary: &Summary) -> Vec<String> {
        let Summary { zones, blocked, failed, .. } = *summary;
        let mut parts = match self.outcomes {
            Some(_) => self.outcome_parts(|outcome| !outcome.is_success()),
            None => {
                let counts = [(blocked, "blocked"), (failed, "failed")].into_iter();
                counts
                    .filter(|(count, _)| *count > 0)
                    .map(|(count, word)| format!("{} {word}", share(count, zones)))
                    .collect()
            }
        };
        match self.errors() {
            0 => {}
            errors => parts.push(plural(errors, "error")),
        }
        parts
    }

    /// How many zones ended so.
    fn outcome_parts(&self, is_meant: impl Fn(Outcome) -> bool) -> Vec<String> {
        let counts = self.outcome_counts().into_iter().filter(|(outcome, _)| is_meant(*outcome));
        counts.map(|(outcome, count)| format!("{count} {}", outcome.text())).collect()
    }

    /// The parts about files, if there is no plan.
    fn problem_parts(&self) -> Vec<String> {
        let (errors, others) = (self.errors(), self.problems.len() - self.errors());
        let mut parts = match (errors, self.verb) {
            (0, Verb::Validate) => vec![format!("{} valid", plural(self.files.len(), "zone file"))],
            (0, _) => vec!["no plan".to_owned()],
            (errors, _) => vec![plural(errors, "error")],
        };
        if others > 0 {
            parts.push(plural(others, "warning"));
        }
        if !self.refusals.is_empty() {
            parts.push(plural(self.refusals.len(), "refusal"));
        }
        parts
    }

    /// What its exit code means for the reader.
    pub(crate) fn verdict(&self) -> String {
        match self.ending {
            Ending::Done => self.success().to_owned(),
            Ending::Pending => self.pending().to_owned(),
            Ending::Interrupted { .. } => "interrupted: the run was stopped before its end".to_owned(),
            Ending::Partial => self.partial(),
            Ending::Stale => "refused: the plan is stale, and nothing was written".to_owned(),
            Ending::Unapproved => {
                let written = if self.verb.writes() { ", and nothing was written" } else { "" };
                format!("not approved: no approved plan holds what the files ask for{written}")
            }
            Ending::Refused if self.verb.writes() => "refused: nothing was written".to_owned(),
            Ending::Refused => "refused: `apply` would write nothing".to_owned(),
            Ending::Failed => self.failure(),
            Ending::Usage => "wrong usage: nothing was done".to_owned(),
        }
    }

    fn success(&self) -> &'static str {
        let Summary { change, unreported, .. } = self.summary();
        let ended = |outcomes: &[Outcome]| {
            self.outcomes.into_iter().flatten().any(|end| outcomes.contains(&end.outcome))
        };
        let is_left = ended(&[Outcome::Protected, Outcome::Held]);
        match self.verb {
            Verb::Validate => "the files are valid",
            Verb::Show => "the saved plan is shown",
            Verb::Plan if self.zones_to_change() > 0 => "no guard or policy refuses the plan",
            Verb::Plan if change > 0 => "zones differ, but nothing would be written",
            Verb::Plan if unreported > 0 => "nothing that GET reports differs",
            Verb::Plan => "there is nothing to write",
            Verb::Apply | Verb::Undo if ended(&[Outcome::Unverified]) => {
                "everything that may be written was sent, but some of it cannot be verified"
            }
            Verb::Apply | Verb::Undo => match (ended(&[Outcome::Applied]), is_left) {
                (true, false) => "all changes were written and read back",
                (true, true) => "everything that may be written was written; the rest was left alone",
                (false, true) => "zones differ, but none of them may be written",
                (false, false) => "there was nothing to write",
            },
        }
    }

    fn pending(&self) -> &'static str {
        match (self.zones_to_change(), self.summary().change) {
            (0, 0) => "something changed outside",
            (0, _) => "zones differ, but nothing would be written",
            (_, _) => "changes are pending",
        }
    }

    fn partial(&self) -> String {
        let failures = match self.outcomes {
            Some(ends) => ends.iter().filter(|end| !end.outcome.is_success()).count(),
            None => self.summary().blocked + self.summary().failed,
        };
        match (failures, self.outcomes) {
            (0, _) => "partial: all zones are reported, but something else failed".to_owned(),
            (_, None) => {
                format!("partial: {} failed or blocked, the rest is reported", plural(failures, "zone"))
            }
            (_, Some(_)) => format!("partial: {} not as wanted, the others are", are(failures)),
        }
    }

    fn failure(&self) -> String {
        let ended = |is_meant: &dyn Fn(Outcome) -> bool| {
            self.outcomes.into_iter().flatten().filter(|end| is_meant(end.outcome)).count()
        };
        match (self.plan, self.outcomes) {
            (None, _) => "failed: there is no usable result".to_owned(),
            (Some(_), None) if self.is_lost() => {
                "failed: the plan was made, but a result could not be written".to_owned()
            }
            (Some(_), None) => "failed: every zone is blocked, or could not be read".to_owned(),
            (Some(_), Some(_)) => {
                match (ended(&|outcome| outcome == Outcome::Unknown), ended(&Outcome::has_written)) {
                    (0, 0) => "failed: nothing was written".to_owned(),
                    (0, written) => {
                        format!("failed: {} written, but not as planned", were(written))
                    }
                    (unknown, _) => {
                        format!("failed: it is not known what {} now", have(unknown))
                    }
                }
            }
        }
    }

    /// How many zones differ and would be written.
    pub(crate) fn zones_to_change(&self) -> usize {
        self.plan.map_or(0, to_change)
    }
}

/// How many zones of a plan differ and would be written, which excludes protected zones and held changes.
pub(crate) fn to_change(plan: &Plan) -> usize {
    plan.changing().filter(|zone| zone.status() == Status::Change).count()
}

/// A part such as `2 changes loosen`; `None` without changes.
fn changes_that(count: usize, verb: &str, what: &str) -> Option<String> {
    let end = if count == 1 { "s" } else { "" };
    (count > 0).then(|| format!("{} {verb}{end}{what}", plural(count, "change")))
}

/// What a plan would do to its zones, apart from failures.
fn plan_parts(plan: &Plan) -> Vec<String> {
    let Summary { zones, in_sync, protected, held, unapproved, unreported, .. } = plan.summary();
    let change = to_change(plan);
    let mut parts = Vec::new();
    if change > 0 {
        parts.push(format!("{} to change", share(change, zones)));
    }
    let aside = [(protected, "protected"), (held, "held"), (unapproved, "not approved")].into_iter();
    parts.extend(
        aside
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", plural(count, "zone"))),
    );
    if unreported > 0 {
        parts.push(format!("{} not reported by GET", plural(unreported, "setting")));
    }
    if change == 0 && in_sync > 0 {
        parts.push(format!("{} in sync", share(in_sync, zones)));
    }
    parts
}

/// What differs from an earlier snapshot.
fn outside_part(plan: &Plan) -> Option<String> {
    let moved = plan.provenance().moved_since.as_ref()?;
    let changed = plan.summary().changed_outside + moved.changed().count();
    (changed > 0).then(|| format!("{changed} changed outside"))
}

/// Some of all zones, in words.
fn share(count: usize, all: usize) -> String {
    match (count, all) {
        (1, 1) => "1 zone".to_owned(),
        (2, 2) => "both zones".to_owned(),
        (count, all) if count == all => format!("all {count} zones"),
        (count, all) => format!("{count} of {all} zones"),
    }
}

fn are(zones: usize) -> String {
    format!("{} {}", plural(zones, "zone"), if zones == 1 { "is" } else { "are" })
}

fn were(zones: usize) -> String {
    format!("{} {}", plural(zones, "zone"), if zones == 1 { "was" } else { "were" })
}

fn have(zones: usize) -> String {
    format!("{} {}", plural(zones, "zone"), if zones == 1 { "holds" } else { "hold" })
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
