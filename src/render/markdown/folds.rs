//! The folds below the changes: what changed outside, stale settings, accepted deviations, temporary values, warnings,
//! and what no file manages.

use super::body::{Entry, Section};
use super::changes::when;
use super::escape::code;
use crate::diff::{Effect, Row, Verdict, VerdictKind};
use crate::model::{Diagnostic, DiagnosticKind, Wanted, plural, shown_name};
use crate::plan::{Coverage, ZonePlan};
use crate::render::said::{accepted, before_and_now, message, moved_zone, temporary, values, who};
use crate::report::{Group, MessageKey, Report, RowKey, group, in_common, is_kept};

/// How much of the page each fold may take before the names of zones, in percent.
const PART: usize = 8;

/// The folds.
pub(super) fn sections(report: &Report<'_>) -> Vec<Section> {
    let is_outside = |row: &Row| row.changed_outside().is_some();
    let is_temporary = |row: &Row| {
        row.verdict == Verdict::InSync && row.wanted.as_ref().is_some_and(|wanted| wanted.interim().is_some())
    };
    let mut sections = vec![
        rows(report, "Changed outside", is_outside, outside),
        moved(report),
        rows(report, "Stale settings that stay", is_kept, stale),
        rows(report, "Accepted deviations", |row| row.verdict.kind() == VerdictKind::Accepted, line),
        rows(report, "Temporary values", is_temporary, line),
        messages(report),
    ];
    sections.extend(report.coverage.into_iter().flat_map(coverage));
    sections.into_iter().map(Section::folded).collect()
}

/// A fold of texts with the zones they are about.
fn fold<'a, K: Ord, T>(
    title: &str,
    said: impl Iterator<Item = (K, T, &'a ZonePlan)>,
    text: impl Fn(&[T]) -> String,
) -> Section {
    let groups = group(said.map(|(key, said, zone)| ((), key, said, zone)));
    let entry = |(_, same): &(_, Group<'_, T>)| {
        Entry::of_zones(&format!("- {}: ", text(&same.said)), &same.zones, "")
    };
    Section::new(title, String::new(), groups.iter().map(entry).collect(), PART)
}

/// A fold of rows.
fn rows(
    report: &Report<'_>,
    title: &str,
    is_meant: fn(&Row) -> bool,
    text: fn(&[&Row]) -> String,
) -> Section {
    let rows = report.zones().flat_map(|(zone, _)| zone.rows().iter().map(move |row| (row, zone)));
    let rows = rows.filter(|(row, _)| is_meant(row)).map(|(row, zone)| (RowKey::of(row), row, zone));
    fold(title, rows, text)
}

/// The warnings and notes of zones, except those that stand beside a change that is not written.
fn messages(report: &Report<'_>) -> Section {
    let messages = report.zones().flat_map(|(zone, end)| {
        let after = end.into_iter().flat_map(|end| &end.diagnostics).filter(|said| !said.is_error());
        let is_beside = |said: &&Diagnostic| {
            matches!(said.kind, DiagnosticKind::Held | DiagnosticKind::Unapproved) && zone.has_changes()
        };
        let said = zone.notes.iter().filter(move |said| !is_beside(said)).chain(after);
        said.map(move |said| (MessageKey::of(said), said, zone))
    });
    fold("Messages", messages, |said| in_common(said).map(|said| code(&message(&said))).unwrap_or_default())
}

/// An accepted deviation or a temporary value.
fn line(rows: &[&Row]) -> String {
    let Some(row) = rows.first() else { return String::new() };
    let (live, wanted) = values(row);
    let file = match &row.verdict {
        Verdict::InSync => String::new(),
        _ if wanted.is_empty() => String::new(),
        _ => format!(", file {}", code(&wanted)),
    };
    let interim = row.wanted.as_ref().and_then(Wanted::interim);
    let until = match (&row.verdict, interim) {
        (Verdict::Accepted(acceptance), _) => Some(accepted(acceptance)),
        (_, interim) => interim.map(|interim| temporary(row, interim)),
    };
    let until = until.map(|until| format!(", {}", code(&until))).unwrap_or_default();
    let who = changed_by(rows);
    format!("{}: live {}{file}{until}{who}", code(row.name()), code(&live))
}

/// A stale setting that still acts on traffic, and what would clean it.
fn stale(rows: &[&Row]) -> String {
    let Some(row) = rows.first() else { return String::new() };
    let verdict = row.changed_outside().map_or(&row.verdict, |was| &was.otherwise);
    let why = match verdict {
        Verdict::CannotClean(why) => format!("cannot be cleaned: {}", code(why)),
        _ => "`stale: clean` in its file would clean it".to_owned(),
    };
    format!("{}: live {}, still acts on traffic; {why}", code(row.name()), code(&values(row).0))
}

/// Who changed the live value, if the audit log was asked.
fn changed_by(rows: &[&Row]) -> String {
    let who = rows.first().and_then(|row| who(row, when(rows)));
    who.map(|who| format!(", {}", code(&who))).unwrap_or_default()
}

/// What changed outside.
fn outside(rows: &[&Row]) -> String {
    let Some(row) = rows.first() else { return String::new() };
    let (before, now) = before_and_now(row);
    let effect = row.effect.map_or("neither", Effect::word);
    let stale = if row.stale { " (stale)" } else { "" };
    let cautions: String = row.cautions().map(|caution| format!("; {}", caution.short())).collect();
    let who = changed_by(rows);
    format!("{}{stale}: {} → {}, {effect}{who}{cautions}", code(row.name()), code(&before), code(&now))
}

/// What happened to zones since an earlier snapshot.
fn moved(report: &Report<'_>) -> Section {
    let since = report.plan.and_then(|plan| plan.provenance().moved_since.as_ref());
    let zones = since.into_iter().flat_map(|since| &since.zones);
    let lines = zones.map(|zone| Entry::alone(format!("- {}", code(&moved_zone(zone))))).collect();
    Section::new("Zones since the earlier snapshot", String::new(), lines, PART)
}

/// The zones without a file, and the files without a zone.
fn coverage(found: &Coverage) -> [Section; 2] {
    let Coverage { zones, unmanaged, gone } = found;
    let title = format!("{} of {} without a file", unmanaged.len(), plural(*zones, "zone"));
    let lines =
        unmanaged.iter().map(|zone| Entry::alone(format!("- {}", code(&shown_name(&zone.zone))))).collect();
    let unmanaged = Section::new(&title, String::new(), lines, PART);
    let title = format!("{} whose zone is gone", plural(gone.len(), "file"));
    let lines = gone.iter().map(|file| format!("- {} ({})", code(&file.file), code(&file.zone)));
    let lines = lines.map(Entry::alone).collect();
    [unmanaged, Section::new(&title, String::new(), lines, PART)]
}
