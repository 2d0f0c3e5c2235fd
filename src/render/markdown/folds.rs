//! What is folded apart from the changes: who moved, what is held, protected or stale, what the zones are warned of, and
//! what no file manages.

use super::body::Body;
use super::changes::names;
use super::escape::code;
use crate::diff::{Row, VerdictKind};
use crate::model::clean;
use crate::plan::{Coverage, ZonePlan};
use crate::render::report::{in_common, is_kept, values};
use crate::render::{Report, plural};
use std::collections::BTreeMap;

/// A part of the report that is folded: its title, and what is said of which zones.
struct Fold<'a> {
    title: &'static str,
    said: BTreeMap<String, Vec<&'a ZonePlan>>,
}

impl<'a> Fold<'a> {
    fn new(title: &'static str) -> Self {
        Self { title, said: BTreeMap::new() }
    }

    fn say(&mut self, zone: &'a ZonePlan, what: String) {
        self.said.entry(what).or_default().push(zone);
    }

    fn add(self, body: &mut Body) {
        let count: usize = self.said.values().map(Vec::len).sum();
        let mut said: Vec<_> = self.said.into_iter().collect();
        said.sort_by_key(|(_, zones)| std::cmp::Reverse(zones.len()));
        let lines = said.iter().map(|(what, zones)| format!("- {what}: {}", names(zones, count)));
        folded(&format!("{} ({count})", self.title), lines, body);
    }
}

/// How many lines a fold has.
const LINES: usize = 100;

/// Adds a fold; an empty line ends each HTML tag, so that Markdown begins again.
fn folded(title: &str, lines: impl ExactSizeIterator<Item = String>, body: &mut Body) {
    let (count, most) = (lines.len(), LINES);
    let mut lines: Vec<_> = lines.take(most).collect();
    if lines.is_empty() {
        return;
    }
    if count > most {
        lines.push(format!("- … and {} more", count - most));
        body.omit(format!("{} of {}", count - most, title.to_lowercase()));
    }
    let section = format!("<details><summary>{title}</summary>\n\n{}\n\n</details>\n", lines.join("\n"));
    body.add(&section, || title.to_lowercase());
}

/// Adds the folds.
pub(super) fn add(report: &Report<'_>, body: &mut Body) {
    origins(report, body);
    let [mut held, mut protected, mut stale, mut accepted, mut warned] = [
        Fold::new("Held: somebody tightened by hand"),
        Fold::new("Protected: planned only"),
        Fold::new("Stale settings that stay"),
        Fold::new("Accepted deviations"),
        Fold::new("Messages"),
    ];
    for (zone, end) in report.zones() {
        zone.with(VerdictKind::Held).for_each(|row| held.say(zone, line(row)));
        zone.with(VerdictKind::Accepted).for_each(|row| accepted.say(zone, line(row)));
        zone.rows().iter().filter(|row| is_kept(row)).for_each(|row| stale.say(zone, line(row)));
        if let Some(why) = zone.protected.as_ref().filter(|_| zone.has_changes()) {
            protected.say(zone, code(&why.reason));
        }
        let outcome = end.into_iter().flat_map(|end| &end.diagnostics);
        let notes = zone.notes.iter().chain(outcome.filter(|said| !said.is_error()));
        notes.for_each(|said| warned.say(zone, code(&in_common(&said.message, zone))));
    }
    [held, protected, stale, accepted, warned].into_iter().for_each(|fold| fold.add(body));
    report.coverage.into_iter().for_each(|found| coverage(found, body));
}

/// A row that is left alone.
fn line(row: &Row) -> String {
    let (live, wanted) = values(row);
    let file = if wanted.is_empty() { String::new() } else { format!(", file {}", code(&wanted)) };
    format!("{}: live {}{file}", code(row.name()), code(&live))
}

/// Who moved, with an earlier time to compare with.
fn origins(report: &Report<'_>, body: &mut Body) {
    let Some(since) = report.plan.and_then(|plan| plan.provenance().since.as_deref()) else { return };
    let counts = report.origins();
    let count = |origin| counts.get(&origin).copied().unwrap_or_default();
    let line = |origin, what: &str| {
        let (settings, zones) = count(origin);
        format!("- {what}: {} in {}", plural(settings, "setting"), plural(zones, "zone"))
    };
    use crate::diff::Origin::{Both, Drift, Pending};
    let section = format!(
        "Compared with {}:\n\n{}\n{}\n{}\n",
        code(since),
        line(Drift, "moved by hand"),
        line(Pending, "in the files, and not applied yet"),
        line(Both, "both")
    );
    body.add(&section, || "who moved".to_owned());
}

fn coverage(found: &Coverage, body: &mut Body) {
    let Coverage { zones, unmanaged, gone } = found;
    let title = format!("{} of {} without a file", unmanaged.len(), plural(*zones, "zone"));
    folded(&title, unmanaged.iter().map(|zone| format!("- {}", code(&zone.zone))), body);
    let title = format!("{} whose zone is gone", plural(gone.len(), "file"));
    folded(
        &title,
        gone.iter().map(|file| format!("- {} ({})", code(&file.file), code(&clean(&file.zone)))),
        body,
    );
}
