//! What stands above the fold: refusals, problems of files, and the zones that are blocked, failed or were not written,
//! by their cause.

use super::body::Body;
use super::changes::names;
use super::escape::{code, link};
use crate::model::{Diagnostic, FindingKind, Outcome, Severity, plural};
use crate::plan::{Refusal, Status, ZonePlan};
use crate::report::{Group, MessageKey, Report, group, in_common};

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
        let hint = said.hint.as_ref().map(|hint| code(&hint.to_string())).unwrap_or_default();
        format!(
            "| {} | {} | {} | {hint} |",
            word(said.severity),
            place.unwrap_or_default(),
            code(&said.message.to_string())
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

/// What is said of a zone that failed: its errors, and the settings that are not as they were sent.
struct Failed<'a> {
    errors: Vec<&'a Diagnostic>,
    found: Vec<&'a str>,
    /// Those that Cloudflare keeps although they were to be cleaned.
    kept: Vec<&'a str>,
}

fn causes(report: &Report<'_>, body: &mut Body) {
    let failed = report.zones().filter_map(|(zone, end)| {
        let how = failed(zone, end.map(|end| end.outcome))?;
        let said = zone.blocks.iter().chain(end.into_iter().flat_map(|end| &end.diagnostics));
        let mut errors: Vec<_> = said.filter(|said| said.is_error()).collect();
        errors.dedup_by(|one, two| one.message == two.message);
        let findings = || end.into_iter().flat_map(|end| &end.findings);
        let found: Vec<_> = findings().map(|found| found.setting.as_str()).collect();
        let kept = findings().filter(|found| found.kind == FindingKind::Kept);
        let kept: Vec<_> = kept.map(|found| found.setting.as_str()).collect();
        let messages: Vec<_> = errors.iter().map(|said| MessageKey::of(said)).collect();
        let key = (how, messages, found.clone(), kept.clone());
        Some(((), key, (how, Failed { errors, found, kept }), zone))
    });
    let causes = group(failed);
    let total = causes.iter().map(|(_, cause)| cause.zones.len()).sum();
    let rows: Vec<_> =
        causes.iter().filter_map(|(_, cause)| Some(row(cause.first()?.0, cause, total))).collect();
    let head =
        "### Blocked and failed zones\n\n| how | why | what to do | zones |\n| --- | --- | --- | --- |\n";
    body.table((head, ""), &rows, 30, |shown| {
        let zones = causes.iter().skip(shown).map(|(_, cause)| cause.zones.len()).sum();
        format!("{} of {}", plural(causes.len() - shown, "further cause"), plural(zones, "zone"))
    });
}

/// A cause with its zones: how they ended, what is said, and what to do about it.
fn row(how: How, cause: &Group<'_, (How, Failed<'_>)>, total: usize) -> String {
    let each = cause.first().map_or(0, |(_, failed)| failed.errors.len());
    let errors = (0..each).filter_map(|index| {
        let of_all: Vec<_> =
            cause.said.iter().filter_map(|(_, failed)| failed.errors.get(index).copied()).collect();
        in_common(&of_all)
    });
    let (mut what, mut hints) = (Vec::new(), Vec::new());
    for said in errors {
        what.push(said.message.to_string());
        hints.extend(said.hint.map(|hint| hint.to_string()));
    }
    let found = cause.first().into_iter().flat_map(|(_, failed)| &failed.found);
    what.extend(found.map(|setting| (*setting).to_owned()));
    let kept = cause.first().into_iter().flat_map(|(_, failed)| &failed.kept);
    hints.extend(kept.map(|setting| format!("contact Cloudflare support to have {setting} removed")));
    let [what, hint] = [what, hints].map(|texts| match texts.join("; ") {
        text if text.is_empty() => text,
        text => code(&text),
    });
    format!("| {} | {what} | {hint} | {} |", how.text(), names(&cause.zones, total))
}

/// How a zone ended that is not as wanted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    Blocked,
    Unread,
    Ended(Outcome),
}

impl How {
    fn text(self) -> String {
        match self {
            Self::Blocked => "blocked".to_owned(),
            Self::Unread => "failed".to_owned(),
            Self::Ended(outcome) => outcome.text(),
        }
    }
}

/// How a zone ended, if that is not well.
fn failed(zone: &ZonePlan, outcome: Option<Outcome>) -> Option<How> {
    match (outcome, zone.status()) {
        (Some(outcome), _) => (!outcome.is_success()).then_some(How::Ended(outcome)),
        (None, Status::Blocked) => Some(How::Blocked),
        (None, Status::Failed) => Some(How::Unread),
        (None, Status::Change | Status::InSync) => None,
    }
}
