//! The report of a run: the command, its plan, outcomes, refusals and problems, and how it ended.

use super::Ending;
use crate::diff::Row;
use crate::model::{Diagnostic, DiagnosticKind, Outcome, ZoneOutcome};
use crate::plan::{Coverage, Guard, Plan, Refusal, Summary, Weakened, ZonePlan};
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
    /// The outcome of each zone, in the order of the plan; `None` if the command writes nothing.
    pub outcomes: Option<&'a [ZoneOutcome]>,
    /// The guards and policies that refuse the plan.
    pub refusals: &'a [Refusal],
    /// What is wrong with the files, or why the run ended before there was a plan.
    pub problems: &'a [Diagnostic],
    /// The softer rules, if files are checked and there is no plan to hold them.
    pub weakened: &'a [Weakened],
    /// The checked zone files, if the command only checks files.
    pub files: &'a [String],
    /// What no file manages, if that was asked for.
    pub coverage: Option<&'a Coverage>,
    /// How the run ended.
    pub ending: Ending,
    /// The part of a file's web address before its path, if known.
    pub links: Option<&'a str>,
    /// The current folder below the root of the checkout; empty at the root, and without a checkout.
    pub folder: &'a str,
}

impl<'a> Report<'a> {
    /// An empty report.
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

    /// The zones of the plan, each with its outcome, if there is one.
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

    /// The rules that are softer than at the compared revision.
    pub(crate) fn weakened(&self) -> &'a [Weakened] {
        self.plan.map_or(self.weakened, |plan| &plan.provenance().weakened)
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
