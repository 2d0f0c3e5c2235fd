//! One setting of one zone in the page's data: a short list of numbers, of which most zones need only the first few.

use super::texts::{Texts, word};
use crate::catalogue::{self, Caution, Setting};
use crate::diff::{Row, Verdict};
use crate::model::{Finding, FindingKind, Interim, Wanted, When, ZoneOutcome};
use crate::plan::ZonePlan;
use crate::render::evidence::impact_of;
use crate::render::parts::value;
use crate::render::said::{before_and_now, who};
use serde::Serialize;

/// Setting (a column; below 0 the number of a text, counted down from -1, where it is no setting), marks, live, wanted,
/// verdict, effect, origin, place, reason, whom the wanted value shuts out, live after the run, what the change would
/// have done to requests, who changed the live value; texts by their numbers. What is missing at the end is null.
#[derive(Debug, Serialize)]
pub(super) struct Cell(Vec<Option<i64>>);

/// It cleans up what an earlier plan variant left behind.
const STALE: i64 = 1;
/// It differs, and counts as such.
const DIFFERS: i64 = 2;
/// It is a change that loosens protection.
const LOOSENS: i64 = 4;
/// It is a change that shuts out search engines.
const SHUTS_OUT: i64 = 8;

impl Cell {
    /// A row, with the value after the run.
    pub(super) fn of(row: &Row, zone: &ZonePlan, outcome: Option<&ZoneOutcome>, texts: &mut Texts) -> Self {
        let column = row.key.setting().and_then(|setting| columns().position(|column| column == setting));
        let column = match column {
            Some(column) => number(column),
            None => -1 - number(texts.number(row.name())),
        };
        let cautions: Vec<_> = row.cautions().map(Caution::short).collect();
        let cautions = Some(cautions.join(", ")).filter(|cautions| !cautions.is_empty());
        let mut text = |text: Option<String>| text.map(|text| number(texts.number(&text)));
        let mut cells = vec![
            Some(column),
            Some(marks(row, zone)),
            text(row.live.as_ref().map(ToString::to_string)),
            text(row.value().map(|value| value.to_string())),
            text(Some(word(row.verdict.kind()))),
            text(row.effect.map(word)),
            text(row.origin.map(word)),
            text(row.wanted.as_ref().filter(|_| !row.stale).map(place)),
            text(reason(row)),
            text(cautions),
            text(outcome.and_then(|outcome| after(row, outcome))),
            text(impact_of(&[zone], row)),
            text(who(row, When::Said)),
        ];
        while cells.last() == Some(&None) {
            cells.pop();
        }
        Self(cells)
    }
}

/// The marks of a row. As in the heading's counts, a failed zone has no changes.
fn marks(row: &Row, zone: &ZonePlan) -> i64 {
    let is_planned = !zone.status().is_failure();
    let marks = [
        (row.is_clean_up(), STALE),
        (row.differs(), DIFFERS),
        (is_planned && row.is_loosening(), LOOSENS),
        (is_planned && row.shuts_out(), SHUTS_OUT),
    ];
    marks.into_iter().filter(|(is_meant, _)| *is_meant).map(|(_, mark)| mark).sum()
}

fn place(wanted: &Wanted) -> String {
    match wanted.extended() {
        Some(extended) => format!("{}:{}", extended.file, wanted.place.line),
        None => wanted.place.line.to_string(),
    }
}

/// Why a row has its verdict, and until when.
fn reason(row: &Row) -> Option<String> {
    let why = match &row.verdict {
        Verdict::ChangedOutside(_) => {
            let (before, now) = before_and_now(row);
            Some(format!("{before} → {now}"))
        }
        Verdict::Accepted(accepted) => Some(format!("until {}: {}", accepted.until, accepted.reason)),
        verdict => verdict.reason().map(str::to_owned),
    };
    let interim = row.wanted.as_ref().and_then(Wanted::interim).map(|interim| {
        let Interim { reason, until, then } = interim;
        format!("temporary until {until}, then {}: {reason}", then.value)
    });
    let leftover = row.is_clean_up().then(|| "left by an earlier plan variant".to_owned());
    let reasons: Vec<_> = why.into_iter().chain(interim).chain(leftover).collect();
    Some(reasons.join("; ")).filter(|reasons| !reasons.is_empty())
}

/// The value after a run, by the read-back. `None` if nothing was written, or if no read-back could show it.
fn after(row: &Row, outcome: &ZoneOutcome) -> Option<String> {
    let found = outcome.findings.iter().find(|finding| is_about(finding, row));
    match found {
        Some(finding) if finding.kind == FindingKind::NotReported => None,
        Some(finding) => Some(value(finding.live.as_ref())),
        None if outcome.outcome.has_written() => row.change().map(|(_, written)| written.to_string()),
        None => None,
    }
}

/// Whether a finding is about a row: a setting and a stale member may have one name.
fn is_about(finding: &Finding, row: &Row) -> bool {
    let is_of_clean_up = matches!(finding.kind, FindingKind::Kept | FindingKind::NotSent);
    finding.setting == row.name() && if is_of_clean_up { row.is_clean_up() } else { !row.stale }
}

/// The settings that have a column.
pub(super) fn columns() -> impl Iterator<Item = &'static Setting> {
    catalogue::settings().filter(|setting| !setting.is_read_only())
}

fn number(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}
