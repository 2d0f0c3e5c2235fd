//! A report file: its zone, then the members of the report; and the same report in two files.

use super::{counts, expression, times};
use crate::catalogue::feedback::{REQUIRED, SUBTYPES, TYPES};
use crate::config::check::{Fields, listed};
use crate::config::suggest;
use crate::config::text::sort;
use crate::config::yaml::{Options, member, read_document, short};
use crate::model::{AccountId, Diagnostic, NewReport, ReportFile, Severity, ZoneId, ZoneName};
use serde_json::{Map, Value as Json};

/// The members that say which zone a report is about; they are not sent.
pub(super) const OWN: [&str; 3] = ["zone", "zone_id", "account_id"];

/// The member that only Cloudflare writes.
pub(super) const READ_ONLY: &str = "created_at";

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
        let mut fields = Fields::new(document);
        report = check(&mut fields, now, problems.is_empty());
        problems.extend(fields.problems);
    }
    sort(&mut problems);
    let is_right = !problems.iter().any(Diagnostic::is_error);
    (report.filter(|_| is_right), problems)
}

/// Sums are only judged in a file that was read as a whole.
fn check(fields: &mut Fields<'_>, now: jiff::Timestamp, is_whole: bool) -> Option<ReportFile> {
    let members = fields.mapping("", "a report file")?;
    keys(fields, members);
    require(fields);
    let zone = fields.parsed("", "zone", "a zone name", ZoneName::try_from);
    let zone_id = fields.parsed("", "zone_id", "a zone id", ZoneId::try_from);
    let account_id = fields.parsed("", "account_id", "an account id", AccountId::try_from);
    fields.word("", "type", &TYPES.iter().map(|word| (*word, ())).collect::<Vec<_>>());
    words(fields, "description", "say what was misjudged");
    if let Some((pointer, text)) =
        words(fields, "expression", "write the expression that matches the traffic")
    {
        expression::check(fields, &pointer, text);
    }
    subtype(fields);
    times::check(fields, now);
    counts::check(fields, is_whole);
    counts::check_attributes(fields);
    let report = NewReport::check(Json::Object(sent(members))).ok()?;
    let (file, place) = (fields.doc.source().file().to_owned(), fields.doc.value_place("/zone"));
    Some(ReportFile { file, zone: zone?, zone_id, account_id, place, report })
}

/// What is sent: what the file says, without what only says where.
fn sent(members: &Map<String, Json>) -> Map<String, Json> {
    let is_sent = |key: &&String| !OWN.contains(&key.as_str());
    members.keys().filter(is_sent).filter_map(|key| Some((key.clone(), members.get(key)?.clone()))).collect()
}

fn keys(fields: &mut Fields<'_>, members: &Map<String, Json>) {
    let known: Vec<&str> = OWN.iter().chain(REQUIRED).copied().chain(["subtype"]).collect();
    for key in members.keys().filter(|key| !known.contains(&key.as_str())) {
        let pointer = member("", key);
        if key == READ_ONLY {
            let mut problem = fields.doc.problem_at_key(&pointer, format!("`{READ_ONLY}` is read-only"));
            problem = problem.label("Cloudflare writes it when it takes the report".to_owned());
            fields.push(problem.hint("remove it"));
        } else {
            fields.unknown_key(&pointer, key, &known, "a report file");
        }
    }
}

fn require(fields: &mut Fields<'_>) {
    let examples = [
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
    for (key, example) in examples {
        fields.require("", key, example);
    }
}

/// A text that says something.
fn words<'d>(fields: &mut Fields<'d>, key: &str, hint: &str) -> Option<(String, &'d str)> {
    let (pointer, text) = fields.text("", key)?;
    if text.trim().is_empty() {
        let problem = fields.doc.problem_at_value(&pointer, format!("`{key}` says nothing"));
        fields.push(problem.hint(hint));
        return None;
    }
    Some((pointer, text))
}

/// The API takes any subtype, so that one that is not documented is only worth a warning.
fn subtype(fields: &mut Fields<'_>) {
    let Some((pointer, text)) = words(fields, "subtype", "leave it out if there is none") else { return };
    if SUBTYPES.contains(&text) {
        return;
    }
    let message = format!("`{}` is no documented subtype", short(text));
    let mut problem = fields.doc.problem_at_value(&pointer, message);
    problem.severity = Severity::Warning;
    let meant = suggest(text, SUBTYPES.iter().copied());
    problem.hint = Some(match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the documented ones are {}", listed(SUBTYPES.iter().copied())),
    });
    problem = problem.replacement(meant.map(str::to_owned));
    fields.push(problem);
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
        .hint("remove one of the two; a report cannot be taken back once it was submitted")
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
