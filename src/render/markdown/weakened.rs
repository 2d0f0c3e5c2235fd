//! The softer rules: they come first, because everything else was judged by them.

use super::body::{Entry, Section};
use super::escape::{code, link};
use crate::model::{plural, some_of};
use crate::plan::Weakened;
use crate::render::seen::broken;
use crate::report::{Report, Seen};

/// How many zones, and how many places that break the earlier rule, are named.
const NAMES: usize = 10;

/// The table.
pub(super) fn section(report: &Report<'_>) -> Section {
    let same = report.seen().into_iter().filter_map(|seen| match seen {
        Seen::Weakened(same) => Some(same),
        _ => None,
    });
    let rows: Vec<_> = same.filter_map(|same| row(report, same)).map(Entry::alone).collect();
    let title = format!("{} weakened", plural(report.weakened().len(), "rule"));
    let head = format!("### {title}\n\n| what | where | this plan breaks it |\n| --- | --- | --- |\n");
    Section::new(&title, head, rows, 25)
        .rest(|_, rows, _| format!("{} weakened", plural(rows, "further rule")))
}

fn row(report: &Report<'_>, same: &[Weakened]) -> Option<String> {
    let first = same.first()?;
    let file = first.file.as_ref().filter(|_| same.len() == 1);
    let file = file.map(|file| link(report.links.unwrap_or_default(), &report.path(file), first.line));
    let zones: Vec<_> = same.iter().filter_map(|one| one.zone.as_deref()).map(code).collect();
    let zones = (!zones.is_empty()).then(|| some_of(zones.iter(), NAMES));
    let place: Vec<_> = zones.into_iter().chain(file).collect();
    let breaks: Vec<_> = same.iter().flat_map(|one| &one.breaks).map(|one| code(&broken(one))).collect();
    Some(format!("| {} | {} | {} |", code(&first.what), place.join(" "), some_of(breaks.iter(), NAMES)))
}
