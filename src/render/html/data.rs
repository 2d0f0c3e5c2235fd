//! The data of the page: values and messages stand once, rows name them by number, so that ten thousand zones fit.

use crate::catalogue::{self, Caution, Setting, Variant};
use crate::diff::Row;
use crate::model::{Diagnostic, Live, Notation, Outcome, Wanted, When, ZoneOutcome, clean, printable};
use crate::plan::{Broken, ZonePlan};
use crate::render::evidence::impact_of;
use crate::render::said::{before_and_now, who};
use crate::report::Report;
use serde::Serialize;
use std::collections::BTreeMap;

/// All that the page shows.
#[derive(Debug, Default, Serialize)]
pub(super) struct Data {
    settings: Vec<Column>,
    texts: Vec<String>,
    zones: Vec<Zone>,
    #[serde(skip)]
    numbers: BTreeMap<String, usize>,
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
    id: Option<String>,
    plan: &'static str,
    live_plan: Option<&'static str>,
    file: String,
    status: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protected: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<usize>,
    rows: Vec<Cell>,
}

/// Setting (a column; below 0 the number of a text, counted down from -1, where it is no setting), whether it is stale, live, wanted, verdict, effect,
/// origin, place, reason, whom the wanted value shuts out, what it would have done to requests, who changed the live
/// value; texts by their numbers.
#[derive(Debug, Serialize)]
struct Cell(
    i64,
    bool,
    Option<usize>,
    Option<usize>,
    usize,
    Option<usize>,
    Option<usize>,
    Option<usize>,
    Option<usize>,
    Option<usize>,
    Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")] Option<usize>,
);

impl Data {
    /// The data of a report: of each zone of its plan, and of what came of it.
    pub(super) fn of(report: &Report<'_>) -> Self {
        let mut broken: BTreeMap<usize, Vec<&Diagnostic>> = BTreeMap::new();
        for Broken { zone, error, .. } in report.refusals.iter().flat_map(|refusal| &refusal.broken) {
            broken.entry(*zone).or_default().push(error);
        }
        let mut data = Self { settings: columns().map(Column::of).collect(), ..Self::default() };
        for (index, (zone, outcome)) in report.zones().enumerate() {
            let zone = data.zone(zone, outcome, broken.get(&index).into_iter().flatten().copied());
            data.zones.push(zone);
        }
        data
    }

    /// As JSON that cannot end the element it stands in.
    pub(super) fn inert(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        printable(&json, Notation::Json).replace('<', "\\u003c")
    }

    /// The number of a text.
    fn text(&mut self, text: &str) -> usize {
        let text = clean(text).into_owned();
        if let Some(number) = self.numbers.get(&text) {
            return *number;
        }
        let number = self.texts.len();
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        number
    }

    fn zone<'d>(
        &mut self,
        zone: &'d ZonePlan,
        outcome: Option<&'d ZoneOutcome>,
        broken: impl Iterator<Item = &'d Diagnostic>,
    ) -> Zone {
        let after = outcome.map(|outcome| outcome.diagnostics.as_slice()).unwrap_or_default();
        let messages = broken.chain(zone.diagnostics()).chain(after);
        let messages: Vec<_> = messages
            .map(|said| match &said.hint {
                Some(hint) => format!("{}: {} ({hint})", word(said.severity), said.message),
                None => format!("{}: {}", word(said.severity), said.message),
            })
            .collect();
        Zone {
            name: zone.zone.to_string(),
            id: zone.zone_id.as_ref().map(ToString::to_string),
            plan: zone.plan.word(),
            live_plan: zone.live().and_then(Live::variant).map(Variant::word),
            file: clean(&zone.file).into_owned(),
            status: self.text(&word(zone.status())),
            outcome: outcome.map(|outcome| Outcome::word(outcome.outcome)),
            protected: zone.protected.as_ref().map(|protected| self.text(&protected.reason)),
            messages: messages.iter().map(|text| self.text(text)).collect(),
            rows: zone.all_rows().iter().map(|row| self.cell(row, zone)).collect(),
        }
    }

    fn cell(&mut self, row: &Row, zone: &ZonePlan) -> Cell {
        let column = row.key.setting().and_then(|setting| columns().position(|column| column == setting));
        let wanted = row.wanted.as_ref().filter(|_| !row.stale);
        let cautions: Vec<_> = row.cautions().map(Caution::short).collect();
        let place = wanted.map(|wanted| match wanted.extended() {
            Some(extended) => self.text(&format!("{}:{}", extended.file, wanted.place.line)),
            None => self.text(&wanted.place.line.to_string()),
        });
        Cell(
            match column {
                Some(column) => number(column),
                None => -1 - number(self.text(row.name())),
            },
            row.is_clean_up(),
            row.live.as_ref().map(|live| self.text(&live.to_string())),
            row.value().map(|value| self.text(&value.to_string())),
            self.text(&word(row.verdict.kind())),
            row.effect.map(|effect| self.text(&word(effect))),
            row.origin.map(|origin| self.text(&word(origin))),
            place,
            match row.changed_outside() {
                Some(_) => {
                    let (before, now) = before_and_now(row);
                    Some(self.text(&format!("{before} → {now}")))
                }
                None => reason(row).map(|reason| self.text(&reason)),
            },
            Some(cautions.join(", ")).filter(|cautions| !cautions.is_empty()).map(|text| self.text(&text)),
            impact_of(&[zone], row).map(|text| self.text(&text)),
            who(row, When::Said).map(|who| self.text(&who)),
        )
    }
}

/// Why a row is as it is, or until when its value counts and why.
fn reason(row: &Row) -> Option<String> {
    let temporary = || {
        let interim = row.wanted.as_ref().and_then(Wanted::interim)?;
        Some(format!("temporary until {}: {}", interim.until, interim.reason))
    };
    let leftover = || row.is_clean_up().then(|| "left by an earlier plan variant".to_owned());
    row.verdict.reason().map(str::to_owned).or_else(temporary).or_else(leftover)
}

/// The settings that have a column.
fn columns() -> impl Iterator<Item = &'static Setting> {
    catalogue::settings().filter(|setting| !setting.is_read_only())
}

fn number(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

/// The word of a closed vocabulary.
fn word(word: impl Serialize) -> String {
    serde_json::to_value(word).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Column {
    fn of(setting: &'static Setting) -> Self {
        Self { name: setting.name, summary: setting.summary }
    }
}
