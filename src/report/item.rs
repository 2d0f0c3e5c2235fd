//! The single things that a report says, each with its rule, severity, zone and place: the content of formats for
//! machines.

use super::report::{is_difference, refused};
use super::rules::Rule;
use super::seen::Seen;
use super::unwritten::said_of;
use super::{NotWritten, Report};
use crate::diff::{Effect, Origin, Row, Verdict};
use crate::model::{Diagnostic, DiagnosticKind, Finding, Outcome, Place, Severity, ZoneOutcome};
use crate::plan::{Broken, Coverage, MovedZone, Status, Weakened, ZonePlan};
use std::borrow::Cow;

/// One thing that a report says.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    pub(crate) rule: Rule,
    pub(crate) severity: Severity,
    pub(crate) said: Said<'a>,
    pub(crate) zone: Option<&'a ZonePlan>,
    pub(crate) setting: Option<&'a str>,
    pub(crate) file: Option<&'a str>,
    pub(crate) place: Option<Place>,
    /// The column behind the marked part, where that is known.
    pub(crate) end_column: Option<u32>,
}

/// What is said, as a kind with its fields. Its text is made where it is shown.
#[derive(Clone, Debug)]
pub(crate) enum Said<'a> {
    /// A message.
    Message(Cow<'a, Diagnostic>),
    /// A rule that is softer, in one zone or the same in several.
    Weakened(&'a [Weakened]),
    /// A row that differs.
    Difference(&'a Row),
    /// A row in sync with a temporary value, or a deviation that the file accepts.
    WithEnd(&'a Row),
    /// A stale setting that is not cleaned.
    Kept(&'a Row),
    /// A setting that changed outside.
    Outside(&'a Row),
    /// What happened to a zone since an earlier snapshot.
    Moved(&'a MovedZone),
    /// What the read-back showed of a setting, with the outcome of its zone.
    Finding(&'a Finding, Outcome),
    /// How a zone ended.
    Outcome(Outcome),
    /// A zone that no file manages.
    NoFile(&'a str),
    /// A zone that has a file, but that the credentials do not see.
    NoZone(&'a str),
}

impl<'a> Item<'a> {
    fn new(rule: Rule, severity: Severity, said: Said<'a>) -> Self {
        let (zone, setting, file, place, end_column) = (None, None, None, None, None);
        Self { rule, severity, said, zone, setting, file, place, end_column }
    }

    fn of(said: &'a Diagnostic) -> Self {
        let excerpt = said.marked().excerpt.as_ref();
        let marked = excerpt.and_then(|excerpt| excerpt.text.get(excerpt.start..excerpt.end));
        let width = marked.and_then(|marked| u32::try_from(marked.chars().count()).ok());
        Self {
            file: said.file.as_deref(),
            place: said.place,
            end_column: said.place.zip(width).map(|(place, width)| place.column + width),
            ..Self::new(said.kind.into(), said.severity, Said::Message(Cow::Borrowed(said)))
        }
    }

    /// A softer rule. It is about the run: the same rule in several zones is one item.
    fn weakened(same: &'a [Weakened]) -> Self {
        let first = same.first();
        let line = first.and_then(|first| first.line);
        Self {
            setting: first.and_then(|first| first.setting.as_deref()),
            file: first.and_then(|first| first.file.as_deref()),
            place: line.map(|line| Place { line, ..Place::START }),
            ..Self::new(Rule::WEAKENED, Severity::Warning, Said::Weakened(same))
        }
    }

    fn about(mut self, zone: &'a ZonePlan) -> Self {
        self.zone = Some(zone);
        self.file = self.file.or(zone.file.as_deref());
        self.place = self.place.or(self.file.map(|_| Place::START));
        self
    }

    fn row(row: &'a Row, zone: &'a ZonePlan) -> Self {
        let is_written = NotWritten::of(row, zone).is_none();
        let (rule, severity) = match (row.effect, row.origin) {
            (_, Some(Origin::Drift | Origin::Both)) if !is_written => (Rule::DRIFT, Severity::Warning),
            _ if !is_written => (Rule::CHANGE, Severity::Note),
            (Some(Effect::Loosens), _) => (Rule::LOOSENS, Severity::Warning),
            _ if row.shuts_out() => (Rule::SHUTS_OUT, Severity::Warning),
            _ if row.is_unreported() => (Rule::UNREPORTED, Severity::Note),
            (_, Some(Origin::Drift | Origin::Both)) => (Rule::DRIFT, Severity::Warning),
            _ => (Rule::CHANGE, Severity::Note),
        };
        let wanted = row.wanted.as_ref().filter(|_| !row.stale);
        Self {
            setting: Some(row.name()),
            file: wanted.and_then(|wanted| wanted.file(zone.file.as_deref())),
            place: wanted.map(|wanted| wanted.place),
            ..Self::new(rule, severity, Said::Difference(row))
        }
        .about(zone)
    }
}

impl<'a> Item<'a> {
    /// A temporary value that is in sync, or a deviation that the file accepts.
    fn with_end(row: &'a Row, zone: &'a ZonePlan) -> Option<Self> {
        let wanted = row.wanted.as_ref();
        let rule = match row.verdict {
            Verdict::Accepted(_) => Rule::WAIVER,
            Verdict::InSync if wanted.is_some_and(|wanted| wanted.interim().is_some()) => Rule::TEMPORARY,
            _ => return None,
        };
        let item = Self {
            setting: Some(row.name()),
            file: wanted.and_then(|wanted| wanted.file(zone.file.as_deref())),
            place: wanted.map(|wanted| wanted.place),
            ..Self::new(rule, Severity::Note, Said::WithEnd(row))
        };
        Some(item.about(zone))
    }
}

impl<'a> Report<'a> {
    /// Everything there is to say: softer rules, problems of files, refusals, then zone by zone, then the coverage.
    pub(crate) fn items(&self) -> Vec<Item<'a>> {
        let softer = self.seen().into_iter().filter_map(|seen| match seen {
            Seen::Weakened(same) => Some(Item::weakened(same)),
            _ => None,
        });
        let mut items: Vec<_> = softer.chain(self.problems.iter().map(Item::of)).collect();
        // A broken policy is one item for each place, so that each is marked in the file.
        let broken = self.refusals.iter().flat_map(|refusal| &refusal.broken);
        items.extend(broken.map(|Broken { zone, setting, error }| {
            let item = Item { setting: Some(setting), ..Item::of(error) };
            self.plan.and_then(|plan| plan.zones().get(*zone)).into_iter().fold(item, Item::about)
        }));
        let unplaced = self.refusals.iter().filter(|refusal| refusal.broken.is_empty());
        items.extend(unplaced.map(|refusal| {
            let said = refused(refusal);
            Item::new(said.kind.into(), Severity::Error, Said::Message(Cow::Owned(said)))
        }));
        for (zone, outcome) in self.zones() {
            items_of(zone, outcome, &mut items);
        }
        let moved = self.plan.and_then(|plan| plan.provenance().moved_since.as_ref());
        items.extend(moved.into_iter().flat_map(|moved| &moved.zones).map(|moved| {
            let severity = if moved.what.is_change() { Severity::Warning } else { Severity::Note };
            Item::new(Rule::CHANGED_OUTSIDE, severity, Said::Moved(moved))
        }));
        items.extend(self.coverage.into_iter().flat_map(coverage));
        items
    }
}

fn items_of<'a>(zone: &'a ZonePlan, outcome: Option<&'a ZoneOutcome>, items: &mut Vec<Item<'a>>) {
    let said = zone.diagnostics().chain(outcome.into_iter().flat_map(|end| &end.diagnostics));
    items.extend(said.map(|said| {
        let item = Item::of(said).about(zone);
        let is_unread = zone.status() == Status::Failed && item.rule == Rule::from(DiagnosticKind::Other);
        if is_unread { Item { rule: Rule::UNREAD, ..item } } else { item }
    }));
    let is_open = outcome.is_none_or(|end| !end.outcome.has_written());
    if zone.has_changes() && is_open {
        // A message about a single row, at its place, says it already.
        let is_told = |row: &Row| said_of(row, zone).is_some_and(|said| said.place.is_some());
        let rows = zone.rows().iter().filter(|row| is_difference(row) && !is_told(row));
        items.extend(rows.map(|row| Item::row(row, zone)));
    }
    items.extend(zone.rows().iter().filter_map(|row| Item::with_end(row, zone)));
    items.extend(zone.rows().iter().filter(|row| row.changed_outside().is_some()).map(|row| {
        let item = Item::new(Rule::CHANGED_OUTSIDE, Severity::Warning, Said::Outside(row));
        Item { setting: Some(row.name()), ..item }.about(zone)
    }));
    let kept = |row: &&Row| is_kept(row) && row.changed_outside().is_none();
    items.extend(zone.rows().iter().filter(kept).map(|row| {
        let item = Item::new(Rule::STALE, Severity::Note, Said::Kept(row));
        Item { setting: Some(row.name()), ..item }.about(zone)
    }));
    items.extend(outcome.into_iter().flat_map(|end| ended(zone, end)));
}

/// Whether a row is a stale setting that is not cleaned.
pub(crate) fn is_kept(row: &Row) -> bool {
    row.is_stale_kept()
}

/// What went wrong in a zone.
fn ended<'a>(zone: &'a ZonePlan, end: &'a ZoneOutcome) -> Vec<Item<'a>> {
    let severity = if end.outcome.is_success() { Severity::Warning } else { Severity::Error };
    let found = end.findings.iter().map(|finding| {
        let item = Item::new(Rule::OUTCOME, severity, Said::Finding(finding, end.outcome));
        Item { setting: Some(&finding.setting), ..item }.about(zone)
    });
    let mut items: Vec<_> = found.collect();
    let is_explained = zone.diagnostics().chain(&end.diagnostics).any(Diagnostic::is_error);
    if items.is_empty() && !is_explained && !end.outcome.is_success() {
        let said = Said::Outcome(end.outcome);
        items.push(Item::new(Rule::OUTCOME, Severity::Error, said).about(zone));
    }
    items
}

fn coverage(coverage: &Coverage) -> impl Iterator<Item = Item<'_>> {
    let Coverage { unmanaged, gone, .. } = coverage;
    let unmanaged =
        unmanaged.iter().map(|zone| Item::new(Rule::COVERAGE, Severity::Note, Said::NoFile(&zone.zone)));
    let gone = gone.iter().map(|file| {
        let item = Item::new(Rule::COVERAGE, Severity::Warning, Said::NoZone(&file.zone));
        Item { file: Some(&file.file), place: Some(Place::START), ..item }
    });
    unmanaged.chain(gone)
}
