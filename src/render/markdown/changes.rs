//! The changes: what loosens protection first; of few zones each with its line, of many zones equal ones together.

use super::body::Body;
use super::escape::{code, html, link};
use crate::diff::{Effect, Origin, Row};
use crate::model::plural;
use crate::plan::ZonePlan;
use crate::render::said::values;
use crate::report::Report;
use std::collections::BTreeMap;

/// Up to how many zones each change has a row of its own.
const FEW: usize = 12;

/// Up to how many names in all each zone is named; beyond that, some of each row are.
const ALL_NAMES: usize = 400;

/// How many names of a row are shown where there are too many.
const SOME_NAMES: usize = 10;

/// What changes have in common: what loosens protection comes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    rank: u8,
    setting: String,
    stale: bool,
    values: (String, String),
    origin: &'static str,
}

/// A change of a zone.
type Change<'a> = (Alike, &'a Row, &'a ZonePlan);

/// Adds the table of changes. What undoes an edit by hand, and what GET does not report, is folded apart, unless it
/// loosens protection.
pub(super) fn add(report: &Report<'_>, body: &mut Body) {
    let zones: Vec<_> = changing(report).collect();
    let rows = zones.iter().flat_map(|zone| zone.changes().map(move |row| (alike(row), row, *zone)));
    let is_unreported = |row: &Row| row.is_unreported() && !row.is_loosening();
    let (unreported, rows): (Vec<_>, Vec<_>) = rows.partition(|(_, row, _)| is_unreported(row));
    let is_drift = |row: &Row| row.origin == Some(Origin::Drift) && !row.is_loosening();
    let (drift, asked): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, row, _)| is_drift(row));
    let is_few = zones.len() <= FEW;
    add_table(report, ("### Changes\n\n", ""), asked, is_few, body);
    for (title, rows) in
        [("Moved by hand, and set back", drift), ("Sent, and not reported by GET", unreported)]
    {
        let title = format!("<details><summary>{title} ({})</summary>\n\n", rows.len());
        add_table(report, (&title, "\n</details>\n"), rows, is_few, body);
    }
}

fn add_table(
    report: &Report<'_>,
    frame: (&str, &str),
    changes: Vec<Change<'_>>,
    is_few: bool,
    body: &mut Body,
) {
    let has_origin = changes.iter().any(|(alike, ..)| !alike.origin.is_empty());
    if is_few {
        each(report, frame, changes, has_origin, body);
    } else {
        groups(frame, changes, has_origin, body);
    }
}

/// A row for each change, with its line.
fn each(
    report: &Report<'_>,
    frame: (&str, &str),
    mut changes: Vec<Change<'_>>,
    has_origin: bool,
    body: &mut Body,
) {
    changes.sort_by(|(one, _, zone), (two, _, other)| (one.rank, &zone.zone).cmp(&(two.rank, &other.zone)));
    let base = report.links.unwrap_or_default();
    let rows = changes.iter().map(|(alike, row, zone)| {
        let wanted = row.wanted.as_ref().filter(|_| !row.stale);
        let file = wanted.map_or(zone.file.as_str(), |wanted| wanted.file(&zone.file));
        let place = link(base, &report.path(file), wanted.map(|wanted| wanted.place.line));
        cells(alike, has_origin, &format!("{} | {place}", code(zone.zone.as_str())))
    });
    let rows: Vec<_> = rows.collect();
    let head = head(frame.0, has_origin, "zone | file");
    body.table((&head, frame.1), &rows, 40, |shown| plural(rows.len() - shown, "further change"));
}

/// A row for equal changes, with the names of their zones.
fn groups(frame: (&str, &str), changes: Vec<Change<'_>>, has_origin: bool, body: &mut Body) {
    let total = changes.len();
    let mut groups: BTreeMap<Alike, Vec<&ZonePlan>> = BTreeMap::new();
    changes.into_iter().for_each(|(alike, _, zone)| groups.entry(alike).or_default().push(zone));
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(alike, zones)| (alike.rank, std::cmp::Reverse(zones.len())));
    let rows = groups.iter().map(|(alike, zones)| cells(alike, has_origin, &names(zones, total)));
    let rows: Vec<_> = rows.collect();
    let head = head(frame.0, has_origin, "zones");
    body.table((&head, frame.1), &rows, 40, |shown| {
        let left = groups.get(shown..).unwrap_or_default();
        let loosening = match count(left, |alike| alike.rank == 0) {
            0 => String::new(),
            loosening => format!(", {loosening} of them loosening"),
        };
        format!("{} of {} changes{loosening}", plural(left.len(), "further row"), count(left, |_| true))
    });
}

/// How many changes groups hold.
fn count(groups: &[(Alike, Vec<&ZonePlan>)], is_meant: impl Fn(&Alike) -> bool) -> usize {
    groups.iter().filter(|(alike, _)| is_meant(alike)).map(|(_, zones)| zones.len()).sum()
}

/// The head of the table.
fn head(title: &str, has_origin: bool, last: &str) -> String {
    let (origin, dashes) = if has_origin { (" who moved |", " --- |") } else { ("", "") };
    let lasts = " --- |".repeat(last.split('|').count());
    format!(
        "{title}| effect | setting | live → file |{origin} {last} |\n| --- | --- | --- |{dashes}{lasts}\n"
    )
}

/// The zones whose changes are shown.
pub(super) fn changing<'a>(report: &Report<'a>) -> impl Iterator<Item = &'a ZonePlan> {
    report.zones().map(|(zone, _)| zone).filter(|zone| zone.has_changes())
}

fn alike(row: &Row) -> Alike {
    let rank = match row.effect {
        Some(Effect::Loosens) => 0,
        Some(Effect::Tightens) => 1,
        Some(Effect::Neither) | None => 2,
    };
    Alike {
        rank,
        setting: row.name().to_owned(),
        stale: row.stale,
        values: values(row),
        origin: row.origin.map(Origin::word).unwrap_or_default(),
    }
}

fn cells(alike: &Alike, has_origin: bool, last: &str) -> String {
    let Alike { rank, setting, stale, values: (live, wanted), origin } = alike;
    let effect = match rank {
        0 => "**loosens**",
        1 => "tightens",
        _ => "neither",
    };
    let stale = if *stale { " (stale)" } else { "" };
    let origin = if has_origin { format!(" {origin} |") } else { String::new() };
    format!("| {effect} | {}{stale} | {} → {} |{origin} {last} |", code(setting), code(live), code(wanted))
}

/// The names of zones, folded where they are many, among so many names in all.
pub(super) fn names(zones: &[&ZonePlan], total: usize) -> String {
    if let [zone] = zones {
        return code(zone.zone.as_str());
    }
    let most = if total > ALL_NAMES { SOME_NAMES } else { zones.len() };
    let shown: Vec<_> = zones.iter().take(most).map(|zone| html(zone.zone.as_str())).collect();
    let more = match zones.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("<details><summary>{}</summary>{}{more}</details>", plural(zones.len(), "zone"), shown.join(", "))
}
