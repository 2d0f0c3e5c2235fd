//! The changes that are shown but not written: not approved or held, each with what to do about it, and protected.

use super::body::{Entry, Section};
use super::changes::{Change, Columns, changing};
use super::escape::code;
use crate::diff::Row;
use crate::plan::ZonePlan;
use crate::render::said::values;
use crate::report::{Group, NotWritten, Report, RowKey, group, said_of};
use jiff::civil::Date;

/// The sections.
pub(super) fn sections(report: &Report<'_>) -> Vec<Section> {
    let rows = changing(report).flat_map(|zone| zone.rows().iter().map(move |row| (row, zone)));
    let rows: Vec<_> =
        rows.filter_map(|(row, zone)| Some((NotWritten::of(row, zone)?, (row, zone)))).collect();
    let of = |is_meant: fn(NotWritten<'_>) -> bool| {
        rows.iter().filter(move |(why, _)| is_meant(*why)).copied().collect::<Vec<_>>()
    };
    vec![
        open("Not approved, not written", of(|why| matches!(why, NotWritten::Unapproved(_)))),
        open("Held, not written", of(|why| matches!(why, NotWritten::Held(_)))),
        table("Protected, not written", "why", of(|why| matches!(why, NotWritten::Protected(..)))).folded(),
    ]
}

/// A section in which somebody has to decide.
fn open(title: &str, rows: Vec<(NotWritten<'_>, Change<'_>)>) -> Section {
    let section = table(title, "why | what to do", rows);
    Section { head: format!("### {title}\n\n{}", section.head), ..section }
}

fn table(title: &str, last: &str, rows: Vec<(NotWritten<'_>, Change<'_>)>) -> Section {
    let columns = Columns::of(&rows.iter().map(|(_, change)| *change).collect::<Vec<_>>());
    let groups = group(rows.into_iter().map(|(why, (row, zone))| {
        ((), (RowKey::of_change(row), why, is_single(row, zone)), (row, why), zone)
    }));
    let row = |(_, same): &(_, Group<'_, (&Row, NotWritten<'_>)>)| {
        let (row, why) = same.first()?;
        let lead = format!("{} {} ", columns.cells(row, &same.zones), reasons(row, *why, &same.zones));
        Some(Entry::of_zones(&lead, &same.zones, " |"))
    };
    let rows = groups.iter().filter_map(row).collect();
    Section::new(title, columns.head(&format!("{last} | zones")), rows, 15)
}

/// Whether the message about a row is about this row alone.
fn is_single(row: &Row, zone: &ZonePlan) -> bool {
    said_of(row, zone).is_some_and(|said| said.place.is_some())
}

/// The cells that say why a row is not written, and what to do.
fn reasons(row: &Row, why: NotWritten<'_>, zones: &[&ZonePlan]) -> String {
    match why {
        NotWritten::Protected(reason, until) => format!("{} |", code(&format!("{}{reason}", lasting(until)))),
        NotWritten::Held(reason) | NotWritten::Unapproved(reason) => {
            format!("{} | {} |", code(reason), ways_out(row, zones))
        }
    }
}

fn lasting(until: Option<Date>) -> String {
    until.map(|until| format!("until {until}: ")).unwrap_or_default()
}

/// What to do about a row that is held or not approved: keep what is live, or write it anyway.
fn ways_out(row: &Row, zones: &[&ZonePlan]) -> String {
    let Some(first) = zones.first() else { return String::new() };
    let hint = said_of(row, first).and_then(|said| said.hint.as_ref()).map(ToString::to_string);
    let hint = hint.map(|hint| code(&hint)).unwrap_or_default();
    if zones.len() == 1 || !is_single(row, first) {
        return hint;
    }
    let keep =
        format!("write {} in each file to keep it", code(&format!("{}: {}", row.name(), values(row).0)));
    format!("{keep}, or plan with `--confirm-loosening ZONE` for each zone to loosen it")
}
