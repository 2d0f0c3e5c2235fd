//! What stands above the fold: refusals, problems of files, and by cause the zones that are blocked, failed or not
//! written.

use super::body::{Entry, Section};
use super::escape::{code, link};
use crate::model::{Diagnostic, Finding, Outcome, Severity, plural};
use crate::plan::{Refusal, Status, ZonePlan};
use crate::render::outcomes::finding_text;
use crate::render::parts::named;
use crate::report::{Group, MessageKey, OutcomeKey, Report, group, in_common};

/// The sections.
pub(super) fn sections(report: &Report<'_>) -> Vec<Section> {
    vec![refusals(report.refusals), problems(report), causes(report)]
}

fn refusals(refusals: &[Refusal]) -> Section {
    let row = |Refusal { guard, message, hint, broken: _ }: &Refusal| {
        format!("| {} | {} | {} |", code(&guard.to_string()), code(message), code(hint))
    };
    let rows = refusals.iter().map(row).map(Entry::alone).collect();
    let head = "### Refused\n\n| by | what | what to do |\n| --- | --- | --- |\n".to_owned();
    Section::new("Refused", head, rows, 20).rest(|_, rows, _| plural(rows, "further refusal"))
}

fn problems(report: &Report<'_>) -> Section {
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
    let rows = report.problems.iter().map(row).map(Entry::alone).collect();
    let head = "### Problems\n\n| | where | what | what to do |\n| --- | --- | --- | --- |\n".to_owned();
    Section::new("Problems", head, rows, 30).rest(|_, rows, _| plural(rows, "further problem"))
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "**error**",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A zone that failed: its errors, and the settings that differ from what was sent.
struct Failed<'a> {
    errors: Vec<&'a Diagnostic>,
    found: Vec<String>,
}

fn causes(report: &Report<'_>) -> Section {
    let failed = report.zones().filter_map(|(zone, end)| {
        let how = failed(zone, end.map(|end| end.outcome))?;
        let said = zone.blocks.iter().chain(end.into_iter().flat_map(|end| &end.diagnostics));
        let mut errors: Vec<_> = said.filter(|said| said.is_error()).collect();
        errors.dedup_by(|one, two| one.message == two.message);
        let found = end.into_iter().flat_map(|end| {
            let text =
                |found: &Finding| format!("{} {}", named(&found.setting), finding_text(found, end.outcome));
            end.findings.iter().map(text)
        });
        let keys = errors.iter().map(|said| MessageKey::of(said)).collect::<Vec<_>>();
        let key = (how, keys, end.map(OutcomeKey::of_findings));
        let found = found.collect();
        Some(((), key, (how, Failed { errors, found }), zone))
    });
    let rows = group(failed).iter().filter_map(|(_, cause)| Some(row(cause.first()?.0, cause))).collect();
    let head =
        "### Blocked and failed zones\n\n| how | why | what to do | zones |\n| --- | --- | --- | --- |\n";
    Section::new("Blocked and failed zones", head.to_owned(), rows, 30)
        .rest(|_, rows, zones| format!("{} of {}", plural(rows, "further cause"), plural(zones, "zone")))
}

/// The row of a cause: how its zones ended, why, and what to do about it.
fn row(how: How, cause: &Group<'_, (How, Failed<'_>)>) -> Entry {
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
    what.extend(cause.first().into_iter().flat_map(|(_, failed)| failed.found.clone()));
    let [what, hint] = [what, hints].map(|texts| match texts.join("; ") {
        text if text.is_empty() => text,
        text => code(&text),
    });
    Entry::of_zones(&format!("| {} | {what} | {hint} | ", how.text()), &cause.zones, " |")
}

/// How a failed zone ended.
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

/// How a zone failed; `None` if it did not.
fn failed(zone: &ZonePlan, outcome: Option<Outcome>) -> Option<How> {
    match (outcome, zone.status()) {
        (Some(outcome), _) => (!outcome.is_success()).then_some(How::Ended(outcome)),
        (None, Status::Blocked) => Some(How::Blocked),
        (None, Status::Failed) => Some(How::Unread),
        (None, Status::Change | Status::InSync) => None,
    }
}
