//! The single things that a report says, each with its rule, its weight, its zone and its place: what formats for
//! machines are made of.

use super::Report;
use super::report::{is_difference, refused};
use super::rules::Rule;
use crate::diff::{Effect, Origin, Row, Verdict};
use crate::model::{Diagnostic, DiagnosticKind, LiveValue, Outcome, Place, Severity, ZoneOutcome, clean};
use crate::plan::{Broken, Coverage, Status, ZonePlan};
use crate::render::outcomes::finding_text;
use crate::render::parts::{named, value};

/// One thing that a report says. Its texts hold nothing that acts on a terminal.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    pub(in crate::render) rule: Rule,
    pub(in crate::render) severity: Severity,
    pub(in crate::render) zone: Option<&'a ZonePlan>,
    pub(in crate::render) setting: Option<&'a str>,
    pub(in crate::render) file: Option<&'a str>,
    pub(in crate::render) place: Option<Place>,
    /// The column behind the marked part, where that is known.
    pub(in crate::render) end_column: Option<u32>,
    pub(in crate::render) text: String,
    pub(in crate::render) hint: Option<String>,
}

impl<'a> Item<'a> {
    fn new(rule: Rule, severity: Severity, text: String) -> Self {
        let (zone, setting, file, place, end_column, hint) = (None, None, None, None, None, None);
        Self { rule, severity, zone, setting, file, place, end_column, text, hint }
    }

    fn of(said: &'a Diagnostic) -> Self {
        let excerpt = said.marked().excerpt.as_ref();
        let marked = excerpt.and_then(|excerpt| excerpt.text.get(excerpt.start..excerpt.end));
        let width = marked.and_then(|marked| u32::try_from(marked.chars().count()).ok());
        Self {
            file: said.file.as_deref(),
            place: said.place,
            end_column: said.place.zip(width).map(|(place, width)| place.column + width),
            hint: said.hint.as_deref().map(|hint| clean(hint).into_owned()),
            ..Self::new(said.kind.into(), said.severity, clean(&said.message).into_owned())
        }
    }

    fn about(mut self, zone: &'a ZonePlan) -> Self {
        self.zone = Some(zone);
        self.file = self.file.or(Some(zone.file.as_str()).filter(|file| !file.is_empty()));
        self.place = self.place.or(self.file.map(|_| Place::START));
        self
    }

    fn row(row: &'a Row, zone: &'a ZonePlan) -> Self {
        let (rule, severity) = match (row.effect, row.origin) {
            (Some(Effect::Loosens), _) => (Rule::LOOSENS, Severity::Warning),
            _ if row.is_unreported() => (Rule::UNREPORTED, Severity::Note),
            (_, Some(Origin::Drift | Origin::Both)) => (Rule::DRIFT, Severity::Warning),
            _ => (Rule::CHANGE, Severity::Note),
        };
        let wanted = row.wanted.as_ref().filter(|_| !row.stale);
        Self {
            setting: Some(row.name()),
            file: wanted.map(|wanted| wanted.file(&zone.file)).filter(|file| !file.is_empty()),
            place: wanted.map(|wanted| wanted.place),
            ..Self::new(rule, severity, row_text(row))
        }
        .about(zone)
    }

    /// The same after its place.
    pub(in crate::render) fn placed(&self) -> String {
        let line = self.place.map(|place| format!(":{}", place.line)).unwrap_or_default();
        let place = self.file.map(|file| format!("{}{line}: ", clean(file))).unwrap_or_default();
        format!("{place}{}", self.with_hint())
    }

    /// What is said, and what to do about it.
    pub(in crate::render) fn with_hint(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{}; {hint}", self.text),
            None => self.text.clone(),
        }
    }
}

/// A difference in one line.
fn row_text(row: &Row) -> String {
    let (live, wanted) = values(row);
    let effect = row.effect.map(|effect| format!(" ({})", effect.word())).unwrap_or_default();
    let stale = if row.stale { "stale, left by an earlier plan variant: " } else { "" };
    let origin = row.origin.map(|origin| format!(", {}", origin.word())).unwrap_or_default();
    format!("{stale}{}: {live} → {wanted}{effect}{origin}", named(row.name()))
}

/// The live value of a row and the wanted one, as a person reads them.
pub(in crate::render) fn values(row: &Row) -> (String, String) {
    let live = row.live.as_ref().map(LiveValue::to_json);
    (value(live.as_ref()), row.value().map(|wanted| wanted.to_string()).unwrap_or_default())
}

/// A message in the words that it has for any zone.
pub(in crate::render) fn in_common(text: &str, zone: &ZonePlan) -> String {
    let text = text.replace(zone.zone.as_str(), "…");
    match &zone.zone_id {
        Some(id) => text.replace(id.as_str(), "…"),
        None => text,
    }
}

impl<'a> Report<'a> {
    /// All that is to be said: problems of files, refusals, then zone by zone, then what no file manages.
    pub(in crate::render) fn items(&self) -> Vec<Item<'a>> {
        let mut items: Vec<_> = self.problems.iter().map(Item::of).collect();
        // A policy is broken at places, each of which is said.
        let broken = self.refusals.iter().flat_map(|refusal| &refusal.broken);
        items.extend(broken.map(|Broken { zone, setting, error }| {
            let item = Item { setting: Some(setting), ..Item::of(error) };
            self.plan.and_then(|plan| plan.zones().get(*zone)).into_iter().fold(item, Item::about)
        }));
        let unplaced = self.refusals.iter().filter(|refusal| refusal.broken.is_empty());
        items.extend(unplaced.map(|refusal| {
            let said = refused(refusal);
            let text = clean(&said.message).into_owned();
            let hint = Some(clean(&refusal.hint).into_owned());
            Item { hint, ..Item::new(said.kind.into(), Severity::Error, text) }
        }));
        for (zone, outcome) in self.zones() {
            items_of(zone, outcome, &mut items);
        }
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
        let rows = zone.rows().iter().filter(|row| is_difference(row));
        items.extend(rows.map(|row| Item::row(row, zone)));
    }
    items.extend(zone.rows().iter().filter(|row| is_kept(row)).map(|row| {
        let text = format!("stale, and left as it is: {}: {}", named(row.name()), values(row).0);
        let item = Item::new(Rule::STALE, Severity::Note, text);
        Item { setting: Some(row.name()), ..item }.about(zone)
    }));
    items.extend(outcome.into_iter().flat_map(|end| ended(zone, end)));
}

/// Whether a row is a stale setting that stays.
pub(in crate::render) fn is_kept(row: &Row) -> bool {
    row.stale && matches!(row.verdict, Verdict::Unmanaged | Verdict::CannotClean(_))
}

/// How a zone ended, where that is not as wanted.
fn ended<'a>(zone: &'a ZonePlan, end: &'a ZoneOutcome) -> Vec<Item<'a>> {
    let severity = if end.outcome.is_success() { Severity::Warning } else { Severity::Error };
    let mut items: Vec<_> = end
        .findings
        .iter()
        .map(|finding| {
            let text = format!("{}: {}", named(&finding.setting), finding_text(finding, end.outcome));
            let item = Item::new(Rule::OUTCOME, severity, text);
            Item { setting: Some(&finding.setting), ..item }.about(zone)
        })
        .collect();
    let is_explained = zone.diagnostics().chain(&end.diagnostics).any(Diagnostic::is_error);
    if items.is_empty() && !is_explained && !end.outcome.is_success() {
        let text = match end.outcome {
            Outcome::NotAttempted => "not attempted: the zone is as it was".to_owned(),
            outcome => outcome.text(),
        };
        items.push(Item::new(Rule::OUTCOME, Severity::Error, text).about(zone));
    }
    items
}

fn coverage(coverage: &Coverage) -> Vec<Item<'_>> {
    let Coverage { unmanaged, gone, .. } = coverage;
    let unmanaged = unmanaged.iter().map(|zone| {
        Item::new(Rule::COVERAGE, Severity::Note, format!("no file manages {}", clean(&zone.zone)))
    });
    let gone = gone.iter().map(|file| {
        let text = format!("the zone {} is gone, or is not seen by the credentials", clean(&file.zone));
        let item = Item::new(Rule::COVERAGE, Severity::Warning, text);
        Item { file: Some(&file.file), place: Some(Place::START), ..item }
    });
    unmanaged.chain(gone).collect()
}
