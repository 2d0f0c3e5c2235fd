//! The changes: what loosens protection first; of few zones each with its line, of many zones equal ones together.

use super::escape::{code, html, link};
use super::page::Body;
use crate::diff::{Effect, Row};
use crate::plan::{Status, ZonePlan};
use crate::render::report::values;
use crate::render::{Report, plural};
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

/// Adds the table of changes.
pub(super) fn add(report: &Report<'_>, body: &mut Body) {
    let zones: Vec<_> = changing(report).collect();
    let mut rows: Vec<_> =
        zones.iter().flat_map(|zone| zone.changes().map(move |row| (alike(row), row, *zone))).collect();
    let total = rows.len();
    let has_origin = rows.iter().any(|(alike, ..)| !alike.origin.is_empty());
    if zones.len() <= FEW {
        rows.sort_by(|(one, _, zone), (two, _, other)| (one.rank, &zone.zone).cmp(&(two.rank, &other.zone)));
        let base = report.links.unwrap_or_default();
        let rows: Vec<_> = rows
            .iter()
            .map(|(alike, row, zone)| {
                let line = row.wanted.filter(|_| !row.stale).map(|wanted| wanted.place.line);
                let place = link(base, &zone.file, line);
                cells(alike, has_origin, &format!("{} | {place}", code(zone.zone.as_str())))
            })
            .collect();
        return table(body, &rows, has_origin, "zone | file", |shown| {
            plural(total - shown, "further change")
        });
    }
    let mut groups: BTreeMap<Alike, Vec<&ZonePlan>> = BTreeMap::new();
    rows.into_iter().for_each(|(alike, _, zone)| groups.entry(alike).or_default().push(zone));
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(alike, zones)| (alike.rank, std::cmp::Reverse(zones.len())));
    let rows: Vec<_> =
        groups.iter().map(|(alike, zones)| cells(alike, has_origin, &names(zones, total))).collect();
    table(body, &rows, has_origin, "zones", |shown| {
        let left = groups.iter().skip(shown);
        let loosening =
            left.clone().filter(|(alike, _)| alike.rank == 0).map(|(_, zones)| zones.len()).sum::<usize>();
        let changes: usize = left.map(|(_, zones)| zones.len()).sum();
        let loosening =
            if loosening > 0 { format!(", {loosening} of them loosening") } else { String::new() };
        format!("{} of {changes} changes{loosening}", plural(groups.len() - shown, "further row"))
    });
}

/// The zones whose changes are shown.
pub(super) fn changing<'a>(report: &Report<'a>) -> impl Iterator<Item = &'a ZonePlan> {
    report.zones().map(|(zone, _)| zone).filter(|zone| zone.status() == Status::Change)
}

fn table(body: &mut Body, rows: &[String], has_origin: bool, last: &str, rest: impl FnOnce(usize) -> String) {
    let (origin, dashes) = if has_origin { (" who moved |", " --- |") } else { ("", "") };
    let lasts = " --- |".repeat(last.split('|').count());
    let head = format!(
        "### Changes\n\n| effect | setting | live → file |{origin} {last} |\n| --- | --- | --- |{dashes}{lasts}\n"
    );
    body.table(&head, rows, 40, rest);
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
        origin: row.origin.map(|origin| origin.word()).unwrap_or_default(),
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
