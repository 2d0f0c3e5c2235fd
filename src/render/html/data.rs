//! The data of the page. Each value and message stands once and rows refer to it by number, so that ten thousand zones
//! fit.

use super::above::Cause;
use super::cell::{Cell, columns};
use super::texts::{Texts, word};
use crate::catalogue::{Setting, Variant};
use crate::diff::Origin;
use crate::model::{Diagnostic, Live, Notation, Severity, ZoneOutcome, clean, printable};
use crate::plan::{Broken, Status, ZonePlan};
use crate::render::outcomes::finding_text;
use crate::render::parts::named;
use crate::report::Report;
use serde::Serialize;
use std::collections::BTreeMap;

/// All that the page shows.
#[derive(Debug, Serialize)]
pub(super) struct Data {
    settings: Vec<Column>,
    /// The texts for the sides that moved, by their words.
    origins: BTreeMap<&'static str, String>,
    /// Whether this is the result of an apply, where failures matter more than what was reviewed before.
    written: bool,
    texts: Texts,
    zones: Vec<Zone>,
    /// The zones of each cause that stands above the table, by their numbers.
    causes: Vec<Vec<usize>>,
}

/// A setting, a column of the matrix.
#[derive(Debug, Serialize)]
struct Column {
    name: &'static str,
    summary: &'static str,
}

#[derive(Debug, Serialize)]
struct Zone {
    name: String,
    /// The name with an id, if another zone has the same name.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<usize>,
    plan: &'static str,
    live_plan: Option<&'static str>,
    file: String,
    status: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    /// The result of the zone, in words: its outcome, if there is one.
    result: usize,
    failed: bool,
    /// Whether its changes are written, or would be.
    writes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    protected: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Message>,
    rows: Vec<Cell>,
}

/// Severity, text and hint.
#[derive(Debug, Serialize)]
struct Message(usize, usize, #[serde(skip_serializing_if = "Option::is_none")] Option<usize>);

impl Data {
    /// The data of a report: each zone of its plan with its outcome.
    pub(super) fn of(report: &Report<'_>, causes: &[Cause]) -> Self {
        let mut broken: BTreeMap<usize, Vec<&Diagnostic>> = BTreeMap::new();
        for Broken { zone, error, .. } in report.refusals.iter().flat_map(|refusal| &refusal.broken) {
            broken.entry(*zone).or_default().push(error);
        }
        let mut texts = Texts::default();
        let zones = report.zones().enumerate().map(|(index, (zone, outcome))| {
            let broken = broken.get(&index).into_iter().flatten().copied();
            let label = report.plan.map(|plan| plan.label(zone)).filter(|label| label != zone.zone.as_str());
            Zone { label, ..texts.zone(zone, outcome, broken) }
        });
        let zones = zones.collect();
        let origins = [Origin::Drift, Origin::Pending, Origin::Both, Origin::MergedBefore];
        Self {
            settings: columns().map(Column::of).collect(),
            origins: origins.map(|origin| (origin.word(), origin.text())).into(),
            written: report.outcomes.is_some(),
            texts,
            zones,
            causes: causes.iter().map(|cause| cause.zones.clone()).collect(),
        }
    }

    /// As JSON that cannot end the element it stands in.
    pub(super) fn inert(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        printable(&json, Notation::Json).replace('<', "\\u003c")
    }
}

impl Texts {
    fn zone<'d>(
        &mut self,
        zone: &'d ZonePlan,
        outcome: Option<&'d ZoneOutcome>,
        broken: impl Iterator<Item = &'d Diagnostic>,
    ) -> Zone {
        let after = outcome.map(|outcome| outcome.diagnostics.as_slice()).unwrap_or_default();
        let mut messages: Vec<_> =
            broken.chain(zone.diagnostics()).chain(after).map(|said| self.message(said)).collect();
        messages.extend(outcome.into_iter().flat_map(|end| self.findings(end)));
        Zone {
            name: zone.zone.to_string(),
            label: None,
            id: zone.zone_id.as_ref().map(ToString::to_string),
            account: zone.account_id.as_ref().map(|account| self.number(account.as_str())),
            plan: zone.plan.word(),
            live_plan: zone.live().and_then(Live::variant).map(Variant::word),
            file: clean(zone.path()).into_owned(),
            status: self.number(&word(zone.status())),
            outcome: outcome.map(|end| end.outcome.word()),
            result: self.number(&result(zone, outcome)),
            failed: outcome.map_or(zone.status().is_failure(), |end| !end.outcome.is_success()),
            writes: outcome.map_or(zone.is_written(), |end| end.outcome.has_written()),
            protected: zone.protected.as_ref().map(|protected| {
                let until = protected.until.map(|until| format!(" until {until}")).unwrap_or_default();
                self.number(&format!("protected{until}: {}", protected.reason))
            }),
            messages,
            rows: zone.all_rows().iter().map(|row| Cell::of(row, zone, outcome, self)).collect(),
        }
    }

    fn message(&mut self, said: &Diagnostic) -> Message {
        let hint = said.hint.as_ref().map(|hint| self.number(&hint.to_string()));
        Message(self.number(&word(said.severity)), self.number(&said.message.to_string()), hint)
    }

    /// What the read-back showed of single settings.
    fn findings(&mut self, end: &ZoneOutcome) -> Vec<Message> {
        let severity = if end.outcome.is_success() { Severity::Warning } else { Severity::Error };
        let severity = self.number(&word(severity));
        let found = end.findings.iter().map(|finding| {
            let text = format!("{} {}", named(&finding.setting), finding_text(finding, end.outcome));
            Message(severity, self.number(&text), None)
        });
        found.collect()
    }
}

/// The result of a zone, in words. Changes that are planned but not written are distinguished from others.
fn result(zone: &ZonePlan, outcome: Option<&ZoneOutcome>) -> String {
    match outcome {
        Some(end) => end.outcome.text(),
        None if zone.has_changes() && !zone.is_written() => zone.unwritten().text(),
        None if zone.status() == Status::Change => "changes".to_owned(),
        None => word(zone.status()).replace('_', " "),
    }
}

impl Column {
    fn of(setting: &'static Setting) -> Self {
        Self { name: setting.name, summary: setting.summary }
    }
}
