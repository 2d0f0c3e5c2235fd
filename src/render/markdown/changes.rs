//! The changes: what loosens protection first; of few zones each with its line, of many zones equal ones together.

use super::body::Body;
use super::escape::{code, html, link};
use crate::catalogue::{Caution, Harm};
use crate::diff::{Effect, Origin, Row};
use crate::model::{Interim, Wanted, When, plural, some_of};
use crate::plan::ZonePlan;
use crate::render::evidence::impact_of;
use crate::render::said::{values, who};
use crate::report::{Group, Report, RowKey, group};

/// Up to how many zones each change has a row of its own.
const FEW: usize = 12;

/// Up to how many names in all each zone is named; beyond that, some of each row are.
const ALL_NAMES: usize = 400;

/// How many names of a row are shown where there are too many.
const SOME_NAMES: usize = 10;

/// A change of a zone.
type Change<'a> = (&'a Row, &'a ZonePlan);

/// Adds the table of changes. What undoes an edit by hand, and what GET does not report, is folded apart, unless it
/// loosens protection.
pub(super) fn add(report: &Report<'_>, body: &mut Body) {
    let zones: Vec<_> = changing(report).collect();
    let rows = zones.iter().flat_map(|zone| zone.changes().map(move |row| (row, *zone)));
    let is_unreported = |row: &Row| row.is_unreported() && !row.is_loosening();
    let (unreported, rows): (Vec<_>, Vec<_>) = rows.partition(|(row, _)| is_unreported(row));
    let is_drift = |row: &Row| row.origin == Some(Origin::Drift) && !row.is_loosening();
    let (drift, asked): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(row, _)| is_drift(row));
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
    let has_origin = changes.iter().any(|(row, _)| row.origin.is_some() || row.who.is_some());
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
    changes.sort_by_key(|(row, zone)| (rank(row), &zone.zone));
    let base = report.links.unwrap_or_default();
    let rows = changes.iter().map(|(row, zone)| {
        let wanted = row.wanted.as_ref().filter(|_| !row.stale);
        let file = wanted.map_or(zone.file.as_str(), |wanted| wanted.file(&zone.file));
        let place = link(base, &report.path(file), wanted.map(|wanted| wanted.place.line));
        let last = format!("{} | {place}{}", code(&zone.zone.shown()), temporary(row));
        cells(row, &[*zone], has_origin.then_some(When::Said), &last)
    });
    let rows: Vec<_> = rows.collect();
    let head = head(frame.0, has_origin, "zone | file");
    body.table((&head, frame.1), &rows, 40, |shown| plural(rows.len() - shown, "further change"));
}

/// A row for equal changes, with the names of their zones.
fn groups(frame: (&str, &str), changes: Vec<Change<'_>>, has_origin: bool, body: &mut Body) {
    let total = changes.len();
    let groups = group(changes.into_iter().map(|(row, zone)| (rank(row), RowKey::of_values(row), row, zone)));
    let rows: Vec<_> = groups
        .iter()
        .filter_map(|(_, same)| {
            let origin = has_origin.then_some(when(same));
            Some(cells(same.first()?, &same.zones, origin, &names(&same.zones, total)))
        })
        .collect();
    let head = head(frame.0, has_origin, "zones");
    body.table((&head, frame.1), &rows, 40, |shown| {
        let left = groups.get(shown..).unwrap_or_default();
        let loosening = match count(left, |rank| rank == Rank::Loosens) {
            0 => String::new(),
            loosening => format!(", {loosening} of them loosening"),
        };
        format!("{} of {} changes{loosening}", plural(left.len(), "further row"), count(left, |_| true))
    });
}

/// How many changes groups hold.
fn count(groups: &[(Rank, Group<'_, &Row>)], is_meant: impl Fn(Rank) -> bool) -> usize {
    groups.iter().filter(|(rank, _)| is_meant(*rank)).map(|(_, same)| same.zones.len()).sum()
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

/// What loosens protection comes first, then what shuts out search engines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Loosens,
    ShutsOut,
    Tightens,
    Neither,
}

fn rank(row: &Row) -> Rank {
    match row.effect {
        Some(Effect::Loosens) => Rank::Loosens,
        _ if row.shuts_out() => Rank::ShutsOut,
        Some(Effect::Tightens) => Rank::Tightens,
        Some(Effect::Neither) | None => Rank::Neither,
    }
}

/// Several zones have no time in common.
fn when(same: &Group<'_, &Row>) -> When {
    if same.zones.len() == 1 { When::Said } else { When::LeftOut }
}

fn cells(row: &Row, zones: &[&ZonePlan], origin: Option<When>, last: &str) -> String {
    let effect = match row.effect {
        Some(Effect::Loosens) => "**loosens**",
        Some(Effect::Tightens) => "tightens",
        Some(Effect::Neither) | None => "neither",
    };
    let (live, wanted) = values(row);
    let stale = if row.is_clean_up() { " (stale)" } else { "" };
    let cautions: String = row.cautions().map(|caution| format!("; {}", short(caution))).collect();
    let impact = impact_of(zones, row).map(|text| format!("<br>{}", code(&text))).unwrap_or_default();
    let origin = origin.map(|when| format!(" {} |", who_moved(row, when))).unwrap_or_default();
    format!(
        "| {effect}{cautions}{impact} | {}{stale} | {} → {} |{origin} {last} |",
        code(row.name()),
        code(&live),
        code(&wanted)
    )
}

/// Until when a value counts that is not to stay, and why.
fn temporary(row: &Row) -> String {
    let interim = row.wanted.as_ref().and_then(Wanted::interim);
    interim.map_or_else(String::new, |Interim { reason, until, .. }| {
        format!(", temporary until {until}: {}", code(reason))
    })
}

/// Which side moved, and who that was.
fn who_moved(row: &Row, when: When) -> String {
    let who = who(row, when).map(|who| code(&who));
    row.origin.map(Origin::text).into_iter().chain(who).collect::<Vec<_>>().join(", ")
}

/// Whom a value shuts out, or what it breaks: search engines cannot be missed.
fn short(caution: &Caution) -> String {
    let text = caution.short();
    if caution.harm == Harm::SearchEngines { format!("**{text}**") } else { text }
}

/// The names of zones, folded where they are many, among so many names in all.
pub(super) fn names(zones: &[&ZonePlan], total: usize) -> String {
    if let [zone] = zones {
        return code(&zone.zone.shown());
    }
    let most = if total > ALL_NAMES { SOME_NAMES } else { zones.len() };
    let shown = some_of(zones.iter().map(|zone| html(&zone.zone.shown())), most);
    format!("<details><summary>{}</summary>{shown}</details>", plural(zones.len(), "zone"))
}
