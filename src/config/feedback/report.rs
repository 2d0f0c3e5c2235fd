//! A report file: its zone, then the members of the report; and the same report in two files.

use super::{attributes, counts, expression, times};
use crate::catalogue::feedback::SUBTYPES;
use crate::config::check::{Check, account_id, did_you_mean, listed, says, value, zone_id, zone_name};
use crate::config::keys::REPORT;
use crate::config::suggest;
use crate::config::text::sort;
use crate::config::yaml::{Cursor, Options, read_document, short};
use crate::model::{Diagnostic, NewReport, ReportFile, ReportProblem, ReportRule, Severity};
use serde_json::{Map, Value as Json};

/// The members that identify the zone; they are not sent.
const OWN: [&str; 3] = ["zone", "zone_id", "account_id"];

/// Checks the bytes of a report file at an instant: returns the report if it has no errors, and all problems.
#[must_use]
pub fn check_report_text(
    file: &str,
    bytes: &[u8],
    now: jiff::Timestamp,
) -> (Option<ReportFile>, Vec<Diagnostic>) {
    let options = Options { integer_keys: true, ..Options::default() };
    let (document, mut problems) = read_document(file, bytes, options);
    let mut report = None;
    if let Some(document) = &document {
        let mut check = Check::default();
        report = read(&mut check, document.cursor(), now, problems.is_empty());
        problems.extend(check.problems);
    }
    sort(&mut problems);
    let is_right = !problems.iter().any(Diagnostic::is_error);
    (report.filter(|_| is_right), problems)
}

/// Reads a report. Sums are only checked if the whole file could be read.
fn read(check: &mut Check, root: Cursor<'_>, now: jiff::Timestamp, is_whole: bool) -> Option<ReportFile> {
    check.file(root, &REPORT)?;
    if let Some(text) = said(root, "expression") {
        expression::check(check, root.get("expression")?, text);
    }
    subtype(check, root);
    times::check(check, root, now);
    attributes::check(check, root);
    let report = report(check, root, is_whole)?;
    let (zone_id, account_id) = (value(root, "zone_id", zone_id), value(root, "account_id", account_id));
    let (zone, place) = (value(root, "zone", zone_name)?, root.get("zone")?.place());
    Some(ReportFile { file: root.source().file().to_owned(), zone, zone_id, account_id, place, report })
}

/// A string that is not blank; the table of keys has reported it otherwise.
fn said<'d>(root: Cursor<'d>, key: &str) -> Option<&'d str> {
    value(root, key, |at, key| says(at, key, ""))
}

/// The report, by the rules of the model.
fn report(check: &mut Check, root: Cursor<'_>, is_whole: bool) -> Option<NewReport> {
    let invalid = match NewReport::check(Json::Object(sent(root.value().as_object()?))) {
        Ok(report) => return Some(report),
        Err(invalid) => invalid,
    };
    let is_judged = |problem: &&ReportProblem| is_whole || !matches!(problem.rule, ReportRule::Sum { .. });
    let told = invalid.problems().filter(is_judged).filter_map(|problem| told(root, problem));
    check.problems.extend(told);
    if is_whole && !check.has_errors() {
        check.push(root.problem(invalid.to_string()));
    }
    None
}

/// A broken rule at its place; `None` if the table of keys has already reported it.
fn told(root: Cursor<'_>, ReportProblem { at, rule }: &ReportProblem) -> Option<Diagnostic> {
    let found = at.iter().try_fold(root, |at, step| match at.items() {
        Some(items) => items.get(step.parse::<usize>().ok()?).copied(),
        None => at.get(step),
    })?;
    match rule {
        ReportRule::Time => Some(times::wrong(found, at.last()?)),
        ReportRule::Order(first, last) => Some(times::swapped(root, found, *first, *last)),
        ReportRule::Count => {
            let name = match at.as_slice() {
                [_, key] => format!("the count of `{}`", short(key)),
                _ => at.last()?.clone(),
            };
            Some(counts::wrong(found, &name))
        }
        ReportRule::Score => Some(counts::no_score(found, at.last()?)),
        ReportRule::Sum { sum, requests } => Some(counts::no_sum(root, found, at.last()?, *sum, *requests)),
        ReportRule::Object
        | ReportRule::Missing
        | ReportRule::Unknown
        | ReportRule::Type
        | ReportRule::Text
        | ReportRule::Counts
        | ReportRule::Top => None,
    }
}

/// The members to send: all but those that identify the zone.
fn sent(members: &Map<String, Json>) -> Map<String, Json> {
    let is_sent = |key: &&String| !OWN.contains(&key.as_str());
    members.keys().filter(is_sent).filter_map(|key| Some((key.clone(), members.get(key)?.clone()))).collect()
}

/// The API accepts any subtype, so an undocumented one is only a warning.
fn subtype(check: &mut Check, root: Cursor<'_>) {
    let found = root.get("subtype").zip(said(root, "subtype"));
    let Some((at, text)) = found.filter(|(_, text)| !SUBTYPES.contains(text)) else { return };
    let meant = suggest(text, SUBTYPES.iter().copied());
    let all = || format!("the documented ones are {}", listed(SUBTYPES.iter().copied()));
    let problem = at.problem(format!("`{}` is not a documented subtype", short(text)));
    let problem = problem.severity(Severity::Warning).hint(did_you_mean(meant).unwrap_or_else(all));
    check.push(problem.replacement(meant.map(str::to_owned)));
}

/// The reports that are in more than one file: reported at the later one, with the name of the first.
pub(in crate::config) fn repeated(reports: &[ReportFile]) -> Vec<Diagnostic> {
    let mut sorted: Vec<&ReportFile> = reports.iter().collect();
    sorted.sort_by(|one, other| (&one.zone, &one.file).cmp(&(&other.zone, &other.file)));
    let mut problems = Vec::new();
    for same_zone in sorted.chunk_by(|one, other| one.zone == other.zone) {
        for (index, report) in same_zone.iter().enumerate() {
            let first = same_zone.iter().take(index).find(|first| is_same(first, report));
            problems.extend(first.map(|first| second(report, first)));
        }
    }
    problems
}

fn is_same(one: &ReportFile, other: &ReportFile) -> bool {
    let same_id = match (&one.zone_id, &other.zone_id) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    let same_account = match (&one.account_id, &other.account_id) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    same_id && same_account && one.report.same_as(&other.report)
}

fn second(report: &ReportFile, first: &ReportFile) -> Diagnostic {
    let message = format!("the same report of zone `{}` is also in {}", report.zone, first.file);
    Diagnostic::of_file(report.file.clone(), message)
        .at(&report.file, report.place)
        .label("only one file per report")
        .hint("remove one of the two; a submitted report cannot be withdrawn")
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
