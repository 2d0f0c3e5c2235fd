//! A report file: its zone, then the members of the report; and the same report in two files.

use super::{counts, expression, times};
use crate::catalogue::feedback::{REQUIRED, SUBTYPES, TYPES};
use crate::config::check::{Check, did_you_mean, listed};
use crate::config::suggest;
use crate::config::text::sort;
use crate::config::yaml::{Cursor, Options, read_document, short};
use crate::model::{AccountId, Diagnostic, NewReport, ReportFile, Severity, ZoneId, ZoneName};
use serde_json::{Map, Value as Json};

/// The members that say which zone a report is about; they are not sent.
pub(super) const OWN: [&str; 3] = ["zone", "zone_id", "account_id"];

/// The member that only Cloudflare writes.
pub(super) const READ_ONLY: &str = "created_at";

/// The members that a file must have, each as it may be written.
const EXAMPLES: [(&str, &str); 10] = [
    ("zone", "zone: example.com"),
    ("type", "type: false_positive"),
    ("description", "description: customers were taken for bots"),
    ("expression", "expression: (cf.bot_management.score lt 30)"),
    ("first_request_seen_at", "first_request_seen_at: \"2026-01-31T08:00:00Z\""),
    ("last_request_seen_at", "last_request_seen_at: \"2026-01-31T09:00:00Z\""),
    ("requests", "requests: 100"),
    ("requests_by_score", "requests_by_score: {\"1\": 100}"),
    ("requests_by_score_src", "requests_by_score_src: {machine_learning: 100}"),
    ("requests_by_attribute", "requests_by_attribute: {}"),
];

/// Checks the bytes of a report file at an instant: the report if nothing is wrong, and all there is to say about it.
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

/// Sums are only judged in a file that was read as a whole.
fn read(check: &mut Check, root: Cursor<'_>, now: jiff::Timestamp, is_whole: bool) -> Option<ReportFile> {
    let members = check.mapping(root, "a report file")?;
    members.into_iter().for_each(|(key, at)| known(check, key, at));
    EXAMPLES.iter().for_each(|(key, example)| check.require(root, key, example));
    let zone = check.parsed(root, "zone", "a zone name", ZoneName::try_from);
    let zone_id = check.parsed(root, "zone_id", "a zone id", ZoneId::try_from);
    let account_id = check.parsed(root, "account_id", "an account id", AccountId::try_from);
    check.word(root, "type", &TYPES.iter().map(|word| (*word, ())).collect::<Vec<_>>());
    check.words(root, "description", "say what was misjudged");
    let hint = "write the expression that matches the traffic";
    if let Some((at, text)) = check.words(root, "expression", hint) {
        expression::check(check, at, text);
    }
    subtype(check, root);
    times::check(check, root, now);
    counts::check(check, root, is_whole);
    counts::check_attributes(check, root);
    let report = NewReport::check(Json::Object(sent(root.value().as_object()?))).ok()?;
    let place = root.get("zone")?.place();
    Some(ReportFile {
        file: root.source().file().to_owned(),
        zone: zone?,
        zone_id,
        account_id,
        place,
        report,
    })
}

/// What is sent: what the file says, without what only says where.
fn sent(members: &Map<String, Json>) -> Map<String, Json> {
    let is_sent = |key: &&String| !OWN.contains(&key.as_str());
    members.keys().filter(is_sent).filter_map(|key| Some((key.clone(), members.get(key)?.clone()))).collect()
}

fn known(check: &mut Check, key: &str, at: Cursor<'_>) {
    let known: Vec<&str> = OWN.into_iter().chain(REQUIRED.iter().copied()).chain(["subtype"]).collect();
    if key == READ_ONLY {
        let problem = at.problem_at_key(format!("`{READ_ONLY}` is read-only"));
        check.push(problem.label("Cloudflare sets it when it accepts the report").hint("remove it"));
    } else if !known.contains(&key) {
        check.unknown_key(at, key, &known, "a report file");
    }
}

/// The API takes any subtype, so that one that is not documented is only worth a warning.
fn subtype(check: &mut Check, root: Cursor<'_>) {
    let found = check.words(root, "subtype", "leave it out if there is none");
    let Some((at, text)) = found.filter(|(_, text)| !SUBTYPES.contains(text)) else { return };
    let meant = suggest(text, SUBTYPES.iter().copied());
    let all = || format!("the documented ones are {}", listed(SUBTYPES.iter().copied()));
    let problem = at.problem(format!("`{}` is not a documented subtype", short(text)));
    let problem = problem.severity(Severity::Warning).hint(did_you_mean(meant).unwrap_or_else(all));
    check.push(problem.replacement(meant.map(str::to_owned)));
}

/// The reports that stand in more than one file: reported at the later one, with the name of the first.
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
        .label("a report has one file")
        .hint("remove one of the two; a submitted report cannot be withdrawn")
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
