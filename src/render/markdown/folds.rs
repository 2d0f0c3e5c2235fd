//! What is folded apart from the changes: who moved, what is held, protected or stale, what the zones are warned of, and
//! what no file manages.

use super::body::Body;
use super::changes::names;
use super::escape::code;
use crate::diff::{Effect, Origin, Row, Verdict, VerdictKind};
use crate::model::{Diagnostic, When, clean, plural, shown_name};
use crate::plan::{Coverage, ZonePlan};
use crate::render::said::{before_and_now, moved_zone, values, who};
use crate::report::{MessageKey, Report, RowKey, group, in_common, is_kept};
use jiff::civil::Date;

/// A part of the report that is folded: its title, and what is said of which zones.
fn fold<'a, K: Ord, T>(
    title: &str,
    said: impl Iterator<Item = (K, T, &'a ZonePlan)>,
    text: impl Fn(&[T]) -> String,
    body: &mut Body,
) {
    let groups = group(said.map(|(key, said, zone)| ((), key, said, zone)));
    let count: usize = groups.iter().map(|(_, same)| same.zones.len()).sum();
    let lines =
        groups.iter().map(|(_, same)| format!("- {}: {}", text(&same.said), names(&same.zones, count)));
    folded(&format!("{title} ({count})"), lines, body);
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
    let rows = |is_meant: fn(&Row) -> bool| {
        let rows = report.zones().flat_map(|(zone, _)| zone.rows().iter().map(move |row| (row, zone)));
        rows.filter(move |(row, _)| is_meant(row)).map(|(row, zone)| (RowKey::of_values(row), row, zone))
    };
    let line = |rows: &[&Row]| line(rows);
    let is_unapproved = |row: &Row| row.verdict.kind() == VerdictKind::Unapproved;
    fold("Not approved: no approved plan holds it", rows(is_unapproved), line, body);
    let is_held = |row: &Row| row.verdict.kind() == VerdictKind::Held && row.origin == Some(Origin::Drift);
    fold("Held: somebody changed it by hand", rows(is_held), line, body);
    let is_aside = |row: &Row| row.verdict.kind() == VerdictKind::Held && row.origin != Some(Origin::Drift);
    fold("Left for an approved apply", rows(is_aside), line, body);
    let protected = report.zones().filter_map(|(zone, _)| {
        let why = zone.protected.as_ref().filter(|_| zone.has_changes())?;
        Some((&why.reason, &why.reason, zone))
    });
    let reason = |reasons: &[&String]| reasons.first().map(|reason| code(reason)).unwrap_or_default();
    fold("Protected: planned only", protected, reason, body);
    fold("Changed outside", rows(|row| row.changed_outside().is_some()), outside, body);
    moved(report, body);
    fold("Stale settings that stay", rows(is_kept), line, body);
    let accepted = report.zones().flat_map(|(zone, _)| {
        let rows = zone.rows().iter();
        rows.filter_map(move |row| accepted(row).map(|of| ((RowKey::of_values(row), of), (row, of), zone)))
    });
    fold("Accepted deviations", accepted, waiver, body);
    let messages = report.zones().flat_map(|(zone, end)| {
        let after = end.into_iter().flat_map(|end| &end.diagnostics).filter(|said| !said.is_error());
        zone.notes.iter().chain(after).map(move |said| (MessageKey::of(said), said, zone))
    });
    let message = |said: &[&Diagnostic]| {
        in_common(said).map(|said| code(&said.message.to_string())).unwrap_or_default()
    };
    fold("Messages", messages, message, body);
    report.coverage.into_iter().for_each(|found| coverage(found, body));
}

/// A row that is left alone.
fn line(rows: &[&Row]) -> String {
    let Some(row) = rows.first() else { return String::new() };
    let (live, wanted) = values(row);
    let when = if rows.len() == 1 { When::Said } else { When::LeftOut };
    let who = who(row, when).map(|who| format!(", {}", code(&who))).unwrap_or_default();
    let file = if wanted.is_empty() { String::new() } else { format!(", file {}", code(&wanted)) };
    format!("{}: live {}{file}{who}", code(row.name()), code(&live))
}

/// The end and the reason of an accepted deviation.
fn accepted(row: &Row) -> Option<(Date, &str)> {
    match &row.verdict {
        Verdict::Accepted(accepted) => Some((accepted.until, &accepted.reason)),
        _ => None,
    }
}

/// An accepted deviation, until when, and why.
fn waiver(rows: &[(&Row, (Date, &str))]) -> String {
    let first = rows.first();
    let text =
        first.map(|(row, (until, reason))| format!("{}, until {until}, {}", line(&[row]), code(reason)));
    text.unwrap_or_default()
}

/// What changed outside.
fn outside(rows: &[&Row]) -> String {
    let Some(row) = rows.first() else { return String::new() };
    let (before, now) = before_and_now(row);
    let effect = row.effect.map_or("neither", Effect::word);
    let stale = if row.stale { " (stale)" } else { "" };
    let cautions: String = row.cautions().map(|caution| format!("; {}", caution.short())).collect();
    let when = if rows.len() == 1 { When::Said } else { When::LeftOut };
    let who = who(row, when).map(|who| format!(", {}", code(&who))).unwrap_or_default();
    format!("{}{stale}: {} → {}, {effect}{who}{cautions}", code(row.name()), code(&before), code(&now))
}

/// What became of zones since an earlier snapshot.
fn moved(report: &Report<'_>, body: &mut Body) {
    let since = report.plan.and_then(|plan| plan.provenance().moved_since.as_ref());
    let zones = since.map(|since| since.zones.as_slice()).unwrap_or_default();
    let title = format!("Zones since the earlier snapshot ({})", zones.len());
    folded(&title, zones.iter().map(|zone| format!("- {}", code(&moved_zone(zone)))), body);
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
    folded(&title, unmanaged.iter().map(|zone| format!("- {}", code(&shown_name(&zone.zone)))), body);
    let title = format!("{} whose zone is gone", plural(gone.len(), "file"));
    folded(
        &title,
        gone.iter().map(|file| format!("- {} ({})", code(&file.file), code(&clean(&file.zone)))),
        body,
    );
}
