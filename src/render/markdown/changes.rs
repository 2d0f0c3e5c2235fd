//! The changes that would be written, with the most urgent in tables of their own. With few zones each change has a row
//! with its line; with many, equal changes share a row.

use super::body::{Entry, Section};
use super::escape::{code, link};
use crate::catalogue::{Caution, Harm};
use crate::diff::{Effect, Origin, Row};
use crate::model::{Wanted, When, plural};
use crate::plan::ZonePlan;
use crate::render::evidence::impact_of;
use crate::render::said::{mover, temporary, values, who};
use crate::report::{NotWritten, Report, RowKey, Urgency, group};

/// Up to how many zones each change has a row of its own.
const FEW: usize = 12;

/// A change of a zone.
pub(super) type Change<'a> = (&'a Row, &'a ZonePlan);

/// The changes by what they mean for a reviewer.
pub(super) struct Changes {
    /// Those that shut out search engines, and those that loosen protection.
    pub(super) urgent: Vec<Section>,
    /// The others. Those that undo a manual change, and those that GET does not report, are folded.
    pub(super) others: Vec<Section>,
}

impl Changes {
    /// Those of a report.
    pub(super) fn of(report: &Report<'_>) -> Self {
        let rows = report.zones().flat_map(|(zone, _)| zone.changes().map(move |row| (row, zone)));
        let rows: Vec<_> = rows
            .filter(|(row, zone)| !zone.status().is_failure() && NotWritten::of(row, zone).is_none())
            .collect();
        let is_few = changing(report).count() <= FEW;
        let of = |is_meant: &dyn Fn(&Row, Urgency) -> bool| -> Vec<Change<'_>> {
            let of_row = |(row, zone): &&Change<'_>| is_meant(row, Urgency::of_row(row, zone));
            rows.iter().filter(of_row).copied().collect()
        };
        let table = |title: &str, rows| table(report, title, rows, is_few);
        let is_drift = |row: &Row| row.origin == Some(Origin::Drift);
        let shut_out = of(&|_, urgency| urgency == Urgency::ShutsOut);
        let loosening = of(&|_, urgency| urgency == Urgency::Loosens);
        let title = if shut_out.len() + loosening.len() == 0 { "Changes" } else { "Other changes" };
        let urgent = vec![
            headed(table("Changes that shut out search engines", shut_out)),
            headed(table("Changes that loosen protection", loosening)),
        ];
        let others = vec![
            headed(table(title, of(&|row, urgency| urgency == Urgency::Change && !is_drift(row)))),
            table(
                "Changed by hand, to be set back",
                of(&|row, urgency| urgency == Urgency::Change && is_drift(row)),
            )
            .folded(),
            table(
                "Sent, but not reported by GET",
                of(&|row, urgency| urgency == Urgency::Rest && row.is_unreported()),
            )
            .folded(),
        ];
        Self { urgent, others }
    }
}

/// Puts a heading above a section.
fn headed(section: Section) -> Section {
    Section { head: format!("### {}\n\n{}", section.title, section.head), ..section }
}

/// The table of some changes.
fn table(report: &Report<'_>, title: &str, mut changes: Vec<Change<'_>>, is_few: bool) -> Section {
    let columns = Columns::of(&changes);
    changes.sort_by_key(|(row, zone)| (rank(row), &zone.zone));
    let rows = if is_few {
        changes.iter().map(|change| each(report, columns, change)).collect()
    } else {
        let rows = changes.into_iter().map(|(row, zone)| (rank(row), RowKey::of_change(row), row, zone));
        let row = |row: &&Row, zones: &[&ZonePlan]| {
            Entry::of_zones(&format!("{} ", columns.cells(row, zones)), zones, " |")
        };
        group(rows).iter().filter_map(|(_, same)| Some(row(same.first()?, &same.zones))).collect()
    };
    let last = if is_few { "zone | file" } else { "zones" };
    Section::new(title, columns.head(last), rows, 30).rest(|_, rows, changes| match rows == changes {
        true => plural(rows, "further change"),
        false => format!("{} of {}", plural(rows, "further row"), plural(changes, "change")),
    })
}

/// The row of a change, with its line.
fn each(report: &Report<'_>, columns: Columns, (row, zone): &Change<'_>) -> Entry {
    let wanted = row.wanted.as_ref().filter(|_| !row.stale);
    let file = wanted.map_or(zone.file.as_deref(), |wanted| wanted.file(zone.file.as_deref()));
    let file = file.unwrap_or_default();
    let base = report.links.unwrap_or_default();
    let place = link(base, &report.path(file), wanted.map(|wanted| wanted.place.line));
    Entry::alone(format!("{} {} | {place} |", columns.cells(row, &[*zone]), code(&zone.zone.shown())))
}

/// The optional columns of a table, present if one of its rows needs them.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    has_origin: bool,
    has_term: bool,
}

impl Columns {
    /// Those that these changes need.
    pub(super) fn of(changes: &[Change<'_>]) -> Self {
        Self {
            has_origin: changes.iter().any(|(row, _)| row.origin.is_some() || row.who.is_some()),
            has_term: changes.iter().any(|(row, _)| term(row).is_some()),
        }
    }

    /// The head of the table, with its last columns.
    pub(super) fn head(self, last: &str) -> String {
        let mut names = vec!["effect", "setting", "live → file"];
        names.extend(self.has_origin.then_some("who moved"));
        names.extend(self.has_term.then_some("until when"));
        names.extend(last.split(" | "));
        format!("| {} |\n|{}\n", names.join(" | "), " --- |".repeat(names.len()))
    }

    /// All cells of a row of these zones but the last ones.
    pub(super) fn cells(self, row: &Row, zones: &[&ZonePlan]) -> String {
        let effect = match row.effect {
            Some(Effect::Loosens) => "**loosens**",
            Some(Effect::Tightens) => "tightens",
            Some(Effect::Neither) | None => "neither",
        };
        let (live, wanted) = values(row);
        let stale = if row.is_clean_up() { " (stale)" } else { "" };
        let cautions: String = row.cautions().map(|caution| format!("; {}", short(caution))).collect();
        let impact = impact_of(zones, row).map(|text| format!("<br>{}", code(&text))).unwrap_or_default();
        let mut cells = vec![
            format!("{effect}{cautions}{impact}"),
            format!("{}{stale}", code(row.name())),
            format!("{} → {}", code(&live), code(&wanted)),
        ];
        cells.extend(self.has_origin.then(|| moved(row, when(zones))));
        cells.extend(self.has_term.then(|| term(row).map(|term| code(&term)).unwrap_or_default()));
        format!("| {} |", cells.join(" | "))
    }
}

/// Whether a time is shown: several zones have none in common.
pub(super) fn when<T>(zones: &[T]) -> When {
    if zones.len() == 1 { When::Said } else { When::LeftOut }
}

/// Which side moved, and who that was.
fn moved(row: &Row, when: When) -> String {
    let who = who(row, when).map(|who| code(&who));
    row.origin.map(|origin| mover(origin).to_owned()).into_iter().chain(who).collect::<Vec<_>>().join(", ")
}

/// Until when and why a temporary value is wanted.
fn term(row: &Row) -> Option<String> {
    row.wanted.as_ref().and_then(Wanted::interim).map(|interim| temporary(row, interim))
}

/// The zones that differ.
pub(super) fn changing<'a>(report: &Report<'a>) -> impl Iterator<Item = &'a ZonePlan> {
    report.zones().map(|(zone, _)| zone).filter(|zone| zone.has_changes())
}

/// What loosens stands before what tightens.
fn rank(row: &Row) -> u8 {
    match row.effect {
        Some(Effect::Loosens) => 0,
        Some(Effect::Tightens) => 1,
        Some(Effect::Neither) | None => 2,
    }
}

/// Whom a value shuts out, or what it breaks. Search engines stand out.
fn short(caution: &Caution) -> String {
    let text = caution.short();
    if caution.harm == Harm::SearchEngines { format!("**{text}**") } else { text }
}
