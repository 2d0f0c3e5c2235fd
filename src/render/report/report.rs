//! The report of a run: what was run, its plan, its outcomes, what refused it, what is wrong with its files, and how it
//! ends.

use crate::diff::{Origin, Row};
use crate::model::{Diagnostic, DiagnosticKind, Outcome, ZoneOutcome};
use crate::plan::{Coverage, Guard, Plan, PlanDocument, Refusal, Status, Summary, ZonePlan};
use crate::render::{plural, problems_json};
use serde::{Serialize, Serializer};
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
}

/// What a run has to report. The exit code is known before anything is shown.
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
    /// The zone files that were checked, where that is all that was done.
    pub files: &'a [String],
    /// What no file manages, where that was asked for.
    pub coverage: Option<&'a Coverage>,
    /// The exit code.
    pub exit: u8,
    /// Whether the run was stopped before its end.
    pub interrupted: bool,
    /// What stands before the path of a file in its address on the web, where that is known.
    pub links: Option<&'a str>,
    /// The current folder below the root of the checkout; empty at the root, and outside of a checkout.
    pub folder: &'a str,
}

impl<'a> Report<'a> {
    /// A report in which nothing is said yet.
    #[must_use]
    pub fn new(verb: Verb, exit: u8) -> Self {
        Self {
            verb,
            plan: None,
            outcomes: None,
            refusals: &[],
            problems: &[],
            files: &[],
            coverage: None,
            exit,
            interrupted: false,
            links: None,
            folder: "",
        }
    }

    /// How the run ended, in a word.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self.exit {
            _ if self.interrupted => "interrupted",
            0 => "ok",
            2 => "changes",
            3 => "partial",
            4 => "stale",
            5 => "refused",
            _ => "failed",
        }
    }

    /// What the exit code means for the reader.
    pub(in crate::render) fn verdict(&self) -> &'static str {
        match self.reason() {
            "ok" => match self.verb {
                Verb::Validate => "the files are valid",
                Verb::Show => "the saved plan is shown",
                Verb::Plan if self.summary().change > 0 => "no guard or policy refuses the plan",
                Verb::Plan if self.summary().unreported > 0 => "nothing differs that GET reports",
                Verb::Plan => "nothing is to be written",
                Verb::Apply | Verb::Undo => "all zones are as wanted",
            },
            "changes" => "changes are pending",
            "interrupted" => "interrupted: the run was stopped before its end",
            "partial" => "partial: some zones failed, all others are reported",
            "stale" => "refused: the plan is stale, nothing was written",
            "refused" if self.writes() => "refused: nothing was written",
            "refused" => "refused: `apply` would write nothing",
            _ => "failed: there is no usable result",
        }
    }

    /// The path of a file from the root of the checkout, as code forges know it.
    pub(in crate::render) fn path<'f>(&self, file: &'f str) -> Cow<'f, str> {
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

    /// Whether the command is one that writes.
    pub(in crate::render) fn writes(&self) -> bool {
        matches!(self.verb, Verb::Apply | Verb::Undo)
    }

    /// The counts of the plan.
    pub(in crate::render) fn summary(&self) -> Summary {
        self.plan.map(Plan::summary).unwrap_or_default()
    }

    /// The zones of the plan, each with its outcome where there is one.
    pub(in crate::render) fn zones(&self) -> impl Iterator<Item = (&'a ZonePlan, Option<&'a ZoneOutcome>)> {
        let outcomes = self.outcomes;
        let zones = self.plan.into_iter().flat_map(Plan::zones).enumerate();
        zones.map(move |(index, zone)| (zone, outcomes.and_then(|outcomes| outcomes.get(index))))
    }

    /// How many zones had which outcome, in the order of the closing table.
    pub(in crate::render) fn outcome_counts(&self) -> Vec<(Outcome, usize)> {
        let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
        self.outcomes.into_iter().flatten().for_each(|zone| *counts.entry(zone.outcome).or_default() += 1);
        Outcome::ALL.iter().filter_map(|word| Some((*word, *counts.get(word)?))).collect()
    }

    /// The counts in one line; `strong` marks what a reviewer must not miss.
    pub(in crate::render) fn headline(&self, strong: impl Fn(String) -> String) -> String {
        let Some(plan) = self.plan else { return self.problems_line(&strong) };
        let Summary { zones, change, blocked, failed, loosens, unreported, .. } = plan.summary();
        let mut parts = match (self.outcomes, change) {
            (Some(_), _) => self.outcome_parts(&strong),
            (None, 0) if blocked + failed == 0 => vec![format!("{} in sync", plural(zones, "zone"))],
            (None, 0) => vec![format!("no changes in {}", plural(zones, "zone"))],
            (None, change) => vec![format!("{change} of {} differ", plural(zones, "zone"))],
        };
        if unreported > 0 && self.outcomes.is_none() {
            parts.push(format!("{} not reported by GET", plural(unreported, "setting")));
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
        if self.interrupted {
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
    pub(in crate::render) fn origins(&self) -> BTreeMap<Origin, (usize, usize)> {
        let mut counts: BTreeMap<Origin, (usize, usize)> = BTreeMap::new();
        for (zone, _) in self.zones().filter(|(zone, _)| zone.status() == Status::Change) {
            let mut of_zone: BTreeMap<Origin, usize> = BTreeMap::new();
            zone.rows().iter().filter(|row| row.differs()).for_each(|row| {
                row.origin.into_iter().for_each(|origin| *of_zone.entry(origin).or_default() += 1);
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
pub(in crate::render) fn is_difference(row: &Row) -> bool {
    use crate::diff::Verdict::{Change, Held};
    matches!(row.verdict, Change | Held(_))
}

/// A refusal as a message.
pub(in crate::render) fn refused(refusal: &Refusal) -> Diagnostic {
    let Refusal { guard, message, hint, broken: _ } = refusal;
    let kind = if *guard == Guard::Policy { DiagnosticKind::Policy } else { DiagnosticKind::Guard };
    Diagnostic::error(format!("{guard}: {message}")).kind(kind).hint(hint)
}

/// JSON: the plan document, or the problems that kept a run from making a plan.
impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.plan {
            Some(plan) => {
                PlanDocument::of_run(plan, self.outcomes, self.refusals, self.coverage).serialize(serializer)
            }
            None => {
                let refused = self.refusals.iter().map(refused);
                let problems: Vec<_> = self.problems.iter().cloned().chain(refused).collect();
                problems_json(self.files.len(), &problems).serialize(serializer)
            }
        }
    }
}
