//! What stands above the fold: refusals, problems of files, and the zones that are blocked, failed or were not written,
//! by their cause.

use super::body::Body;
use super::changes::names;
use super::escape::{code, link};
use crate::model::{Diagnostic, Outcome, Severity};
use crate::plan::{Refusal, Status, ZonePlan};
use crate::render::report::in_common;
use crate::render::{Report, plural};
use std::collections::BTreeMap;

/// Adds the sections.
pub(super) fn add(report: &Report<'_>, body: &mut Body) {
    refusals(report.refusals, body);
    problems(report, body);
    causes(report, body);
}

fn refusals(refusals: &[Refusal], body: &mut Body) {
    let row = |Refusal { guard, message, hint, broken: _ }: &Refusal| {
        format!("| {} | {} | {} |", code(&guard.to_string()), code(message), code(hint))
    };
    let rows: Vec<_> = refusals.iter().map(row).collect();
    let head = "### Refused\n\n| by | what | what to do |\n| --- | --- | --- |\n";
    body.table((head, ""), &rows, 20, |shown| plural(rows.len() - shown, "further refusal"));
}

fn problems(report: &Report<'_>, body: &mut Body) {
    let row = |said: &Diagnostic| {
        let place = said.file.as_ref().map(|file| {
            link(report.links.unwrap_or_default(), &report.path(file), said.place.map(|place| place.line))
        });
        let hint = said.hint.as_deref().map(code).unwrap_or_default();
        format!(
            "| {} | {} | {} | {hint} |",
            word(said.severity),
            place.unwrap_or_default(),
            code(&said.message)
        )
    };
    let rows: Vec<_> = report.problems.iter().map(row).collect();
    let head = "### Problems\n\n| | where | what | what to do |\n| --- | --- | --- | --- |\n";
    body.table((head, ""), &rows, 60, |shown| plural(rows.len() - shown, "further problem"));
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "**error**",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// Why zones failed: how they ended, what is said, and what to do about it.
type Cause = (String, String, String);

fn causes(report: &Report<'_>, body: &mut Body) {
    let mut causes: BTreeMap<Cause, Vec<&ZonePlan>> = BTreeMap::new();
    for (zone, end) in report.zones() {
        let Some(ended) = failed(zone, end.map(|end| end.outcome)) else { continue };
        let said = zone.blocks.iter().chain(end.into_iter().flat_map(|end| &end.diagnostics));
        let mut said: Vec<_> = said.filter(|said| said.is_error()).collect();
        said.dedup_by(|one, two| one.message == two.message);
        let text = |text: &str| in_common(text, zone);
        let what: Vec<_> = said.iter().map(|said| text(&said.message)).collect();
        let hints: Vec<_> = said.iter().filter_map(|said| said.hint.as_deref().map(text)).collect();
        let found = end.into_iter().flat_map(|end| &end.findings).map(|finding| finding.setting.clone());
        let what = what.into_iter().chain(found).collect::<Vec<_>>().join("; ");
        causes.entry((ended, what, hints.join("; "))).or_default().push(zone);
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, zones)| std::cmp::Reverse(zones.len()));
    let total = causes.iter().map(|(_, zones)| zones.len()).sum();
    let rows: Vec<_> = causes
        .iter()
        .map(|((ended, what, hint), zones)| {
            let hint = if hint.is_empty() { String::new() } else { code(hint) };
            let what = if what.is_empty() { String::new() } else { code(what) };
            format!("| {ended} | {what} | {hint} | {} |", names(zones, total))
        })
        .collect();
    let head =
        "### Blocked and failed zones\n\n| how | why | what to do | zones |\n| --- | --- | --- | --- |\n";
    body.table((head, ""), &rows, 30, |shown| {
        let zones = causes.iter().skip(shown).map(|(_, zones)| zones.len()).sum();
        format!("{} of {}", plural(causes.len() - shown, "further cause"), plural(zones, "zone"))
    });
}

/// How a zone ended, if that is not well.
fn failed(zone: &ZonePlan, outcome: Option<Outcome>) -> Option<String> {
    match (outcome, zone.status()) {
        (Some(outcome), _) if outcome.is_success() => None,
        (Some(outcome), _) => Some(outcome.text()),
        (None, Status::Blocked) => Some("blocked".to_owned()),
        (None, Status::Failed) => Some("failed".to_owned()),
        (None, Status::Change | Status::InSync) => None,
    }
}
