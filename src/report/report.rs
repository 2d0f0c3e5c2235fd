//! The report of a run: what was run, its plan, its outcomes, what refused it, what is wrong with its files, and how it
//! ends.

use super::Ending;
use crate::diff::{Origin, Row};
use crate::model::{Diagnostic, DiagnosticKind, Outcome, ZoneOutcome, plural};
use crate::plan::{Coverage, Guard, Plan, Refusal, Status, Summary, Weakened, ZonePlan};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The command that a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Files are checked.
    Validate,
    /// A plan is made.
    Plan,
    /// A plan is written.
    Apply,
    /// A saved plan is shown.
    Show,
    /// The values from before an apply are written.
    Undo,
}

impl Verb {
    /// The word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Show => "show",
            Self::Undo => "undo",
        }
    }

    /// Whether the command is one that writes.
    pub(crate) const fn writes(self) -> bool {
        matches!(self, Self::Apply | Self::Undo)
    }
}

/// What a run has to report. Its ending is known before anything is shown.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The command.
    pub verb: Verb,
    /// The plan; `None` if the run ended before there was one, or makes none.
    pub plan: Option<&'a Plan>,
    /// What was done to each zone, in the order of the plan; `None` where nothing is to be written.
    pub outcomes: Option<&'a [ZoneOutcome]>,
    /// The guards and policies that refuse the plan.
    pub refusals: &'a [Refusal],
    /// What is wrong with the files, or why the run ended before there was a plan.
    pub problems: &'a [Diagnostic],
    /// The rules that are softer, where files are checked and there is no plan to say so.
    pub weakened: &'a [Weakened],
    /// The zone files that were checked, where that is all that was done.
    pub files: &'a [String],
    /// What no file manages, where that was asked for.
    pub coverage: Option<&'a Coverage>,
    /// What the run came to.
    pub ending: Ending,
    /// What stands before the path of a file in its address on the web, where that is known.
    pub links: Option<&'a str>,
    /// The current folder below the root of the checkout; empty at the root, and outside of a checkout.
    pub folder: &'a str,
}

impl<'a> Report<'a> {
    /// A report in which nothing is said yet.
    #[must_use]
    pub fn new(verb: Verb, ending: Ending) -> Self {
        Self {
            verb,
            plan: None,
            outcomes: None,
            refusals: &[],
            problems: &[],
            weakened: &[],
            files: &[],
            coverage: None,
            ending,
            links: None,
            folder: "",
        }
    }

    /// What its ending means for the reader.
    pub(crate) fn verdict(&self) -> &'static str {
        self.ending.sentence(self.verb, &self.summary())
    }

    /// The path of a file from the root of the checkout, as code forges know it.
    pub(crate) fn path<'f>(&self, file: &'f str) -> Cow<'f, str> {
        if self.folder.is_empty() || file.starts_with('/') {
            return Cow::Borrowed(file);
        }
        let mut parts: Vec<_> = self.folder.split('/').collect();
        for part in file.split('/').filter(|part| !matches!(*part, "" | ".")) {
            if part != ".." || parts.last().is_none_or(|last| *last == "..") {
                parts.push(part);
            } else {
                parts.pop();
            }
        }
        Cow::Owned(parts.join("/"))
    }

    /// The counts of the plan.
    pub(crate) fn summary(&self) -> Summary {
        self.plan.map(Plan::summary).unwrap_or_default()
    }

    /// The zones of the plan, each with its outcome where there is one.
    pub(crate) fn zones(&self) -> impl Iterator<Item = (&'a ZonePlan, Option<&'a ZoneOutcome>)> {
        let outcomes = self.outcomes;
        let zones = self.plan.into_iter().flat_map(Plan::zones).enumerate();
        zones.map(move |(index, zone)| (zone, outcomes.and_then(|outcomes| outcomes.get(index))))
    }

    /// How many zones had which outcome, in the order of the closing table.
    pub(crate) fn outcome_counts(&self) -> Vec<(Outcome, usize)> {
        let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
        self.outcomes.into_iter().flatten().for_each(|zone| *counts.entry(zone.outcome).or_default() += 1);
        Outcome::ALL.iter().filter_map(|word| Some((*word, *counts.get(word)?))).collect()
    }

    /// The rules that are softer than they were at the revision that was compared with.
    pub(crate) fn weakened(&self) -> &'a [Weakened] {
        self.plan.map_or(self.weakened, |plan| &plan.provenance().weakened)
    }

    /// The counts in one line; `strong` marks what a reviewer must not miss.
    pub(crate) fn headline(&self, strong: impl Fn(String) -> String) -> String {
        let counts = self.counts(&strong);
        match self.weakened().len() {
            0 => counts,
            weakened => format!("{}, {counts}", strong(format!("{} weakened", plural(weakened, "rule")))),
        }
    }

    fn counts(&self, strong: &impl Fn(String) -> String) -> String {
        let Some(plan) = self.plan else { return self.problems_line(strong) };
        let Summary {
            zones, change, blocked, failed, loosens, shuts_out, unreported, changed_outside, ..
        } = plan.summary();
        let mut parts = match (self.outcomes, change) {
            (Some(_), _) => self.outcome_parts(strong),
            (None, 0) if blocked + failed == 0 => vec![format!("{} in sync", plural(zones, "zone"))],
            (None, 0) => vec![format!("no changes in {}", plural(zones, "zone"))],
            (None, change) => {
                vec![format!("{change} of {zones} zones {}", if change == 1 { "differs" } else { "differ" })]
            }
        };
        if unreported > 0 && self.outcomes.is_none() {
            parts.push(format!("{} not reported by GET", plural(unreported, "setting")));
        }
        if let Some(moved) = &plan.provenance().moved_since {
            let changed = changed_outside + moved.changed().count();
            if changed > 0 {
                parts.push(strong(format!("{changed} changed outside")));
            }
        }
        if shuts_out > 0 {
            let verb = if shuts_out == 1 { "shuts" } else { "shut" };
            parts.push(strong(format!("{} {verb} out search engines", plural(shuts_out, "change"))));
        }
        if loosens > 0 {
            let verb = if loosens == 1 { "loosens" } else { "loosen" };
            parts.push(strong(format!("{} {verb}", plural(loosens, "change"))));
        }
        let failures = [(blocked, "blocked"), (failed, "failed")];
        if self.outcomes.is_none() {
            parts.extend(
                failures.iter().filter(|(n, _)| *n > 0).map(|(n, word)| strong(format!("{n} {word}"))),
            );
        }
        if matches!(self.ending, Ending::Interrupted { .. }) {
            parts.push(strong("interrupted".to_owned()));
        }
        parts.join(", ")
    }

    fn outcome_parts(&self, strong: &impl Fn(String) -> String) -> Vec<String> {
        let part = |(word, count): (Outcome, usize)| {
            let text = format!("{count} {}", word.text());
            if word.is_success() { text } else { strong(text) }
        };
        self.outcome_counts().into_iter().map(part).collect()
    }

    fn problems_line(&self, strong: &impl Fn(String) -> String) -> String {
        let errors = self.problems.iter().filter(|problem| problem.is_error()).count();
        let others = self.problems.len() - errors;
        let mut parts = match (errors, self.verb) {
            (0, Verb::Validate) => vec![format!("{} valid", plural(self.files.len(), "zone file"))],
            (0, _) => vec!["no plan".to_owned()],
            (errors, _) => vec![strong(plural(errors, "error"))],
        };
        if others > 0 {
            parts.push(plural(others, "warning"));
        }
        if !self.refusals.is_empty() {
            parts.push(strong(plural(self.refusals.len(), "refusal")));
        }
        parts.join(", ")
    }

    /// The settings that would be written, or are held, by who moved them: count and zones.
    pub(crate) fn origins(&self) -> BTreeMap<Origin, (usize, usize)> {
        let mut counts: BTreeMap<Origin, (usize, usize)> = BTreeMap::new();
        for (zone, _) in self.zones().filter(|(zone, _)| zone.status() == Status::Change) {
            let mut of_zone: BTreeMap<Origin, usize> = BTreeMap::new();
            zone.rows().iter().filter(|row| row.differs()).for_each(|row| {
                // Whoever merged it, the file moved.
                let origin = row.origin.map(|origin| match origin {
                    Origin::MergedBefore => Origin::Pending,
                    origin => origin,
                });
                origin.into_iter().for_each(|origin| *of_zone.entry(origin).or_default() += 1);
            });
            for (origin, rows) in of_zone {
                let count = counts.entry(origin).or_default();
                *count = (count.0 + rows, count.1 + 1);
            }
        }
        counts
    }
}

/// Whether a row differs and is not accepted.
pub(crate) fn is_difference(row: &Row) -> bool {
    use crate::diff::Verdict::{Change, Held, Unapproved};
    matches!(row.verdict, Change | Held(_) | Unapproved(_))
}

/// A refusal as a message.
pub(crate) fn refused(refusal: &Refusal) -> Diagnostic {
    let Refusal { guard, message, hint, broken: _ } = refusal;
    let kind = if *guard == Guard::Policy { DiagnosticKind::Policy } else { DiagnosticKind::Guard };
    Diagnostic::error(format!("{guard}: {message}")).kind(kind).hint(hint.as_str())
}
