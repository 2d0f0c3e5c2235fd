//! JUnit XML: a case for each zone, or for each checked file. A zone that drifted is a failure; one that could not be
//! read is an error, and so is whatever prevented a result. A change that the files ask for is not a failed test: a
//! merge request is made to change something.

use crate::diff::{Origin, Row, Verdict};
use crate::model::{DiagnosticKind, Outcome, Severity, ZoneOutcome, clean};
use crate::plan::{Plan, Status, ZonePlan};
use crate::render::said::{text, with_hint};
use crate::render::seen::sentence;
use crate::report::{Ending, Item, Report, Rule};
use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;

/// A report as JUnit XML.
///
/// # Errors
/// The XML cannot be written.
pub fn junit(report: &Report<'_>) -> Result<String, quick_junit::SerializeError> {
    let verb = report.verb.word();
    let mut suite = TestSuite::new(format!("botform {verb}"));
    let mut said: BTreeMap<Subject<'_>, Vec<Item<'_>>> = BTreeMap::new();
    for item in report.items() {
        said.entry(Subject::of(&item)).or_default().push(item);
    }
    for file in report.files {
        said.entry(Subject::File(file)).or_default();
    }
    for (zone, end) in report.zones() {
        let items = said.remove(&Subject::zone(zone)).unwrap_or_default();
        let is_refused = items
            .iter()
            .any(|item| item.rule == DiagnosticKind::Policy.into() && item.severity == Severity::Error);
        let kind =
            zone_kind(zone, end, report.ending).or_else(|| is_refused.then_some(NonSuccessKind::Failure));
        suite.add_test_case(case(&name(zone), "zones", kind, &items));
    }
    for (subject, items) in said {
        let (name, class) = match subject {
            Subject::File(file) => (file, "files"),
            Subject::Run(rule) => (rule, "run"),
            // Every zone of the plan has its case already.
            Subject::Zone(zone, _) => (zone, "zones"),
        };
        let is_error = items.iter().any(|item| item.severity == Severity::Error);
        let is_wrong =
            is_error || items.iter().any(|item| item.rule == Rule::COVERAGE && item.file.is_some());
        suite.add_test_case(case(name, class, is_wrong.then_some(NonSuccessKind::Error), &items));
    }
    suite.add_property(("exit-code", report.ending.code().to_string().as_str()));
    suite.add_property(("exit-reason", report.ending.word()));
    if let Some(digest) = report.plan.map(Plan::digest) {
        suite.add_property(("digest", digest.short()));
    }
    for said in report.seen() {
        suite.add_property(("notice", sentence(&said).as_str()));
    }
    let mut document = Document::new(format!("botform {verb}"));
    document.add_test_suite(suite);
    document.to_string()
}

/// What a case is about.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Subject<'a> {
    Zone(&'a str, &'a str),
    File(&'a str),
    Run(&'a str),
}

impl<'a> Subject<'a> {
    fn of(item: &Item<'a>) -> Self {
        match (item.zone, item.file) {
            (Some(zone), _) => Self::zone(zone),
            (None, Some(file)) => Self::File(file),
            (None, None) => Self::Run(item.rule.0),
        }
    }

    /// By id, because two zones may have one name, and an undo gives all zones one file.
    fn zone(zone: &'a ZonePlan) -> Self {
        Self::Zone(zone.zone.as_str(), zone.zone_id.as_ref().map_or(zone.path(), |id| id.as_str()))
    }
}

fn name(zone: &ZonePlan) -> String {
    zone.zone.to_string()
}

/// How the case of a zone fails; `None` if the zone is as wanted, or differs because its file asks for a change.
fn zone_kind(zone: &ZonePlan, end: Option<&ZoneOutcome>, ending: Ending) -> Option<NonSuccessKind> {
    match (end.map(|end| end.outcome), zone.status()) {
        (Some(Outcome::Failed | Outcome::Unknown | Outcome::NotAttempted | Outcome::Throttled), _) => {
            Some(NonSuccessKind::Error)
        }
        (Some(outcome), _) => (!outcome.is_success()).then_some(NonSuccessKind::Failure),
        (None, Status::Failed) => Some(NonSuccessKind::Error),
        (None, Status::Blocked) => Some(NonSuccessKind::Failure),
        (None, Status::Change | Status::InSync) => {
            zone.rows().iter().any(|row| has_drifted(row, ending)).then_some(NonSuccessKind::Failure)
        }
    }
}

/// Whether live moved. If nothing says which side moved, a run with `--detailed-exitcode`, which looks for differences,
/// counts each as drift; any other run counts it as a change that its files ask for.
fn has_drifted(row: &Row, ending: Ending) -> bool {
    match (&row.verdict, row.origin) {
        (Verdict::ChangedOutside(_) | Verdict::Unapproved(_), _) => true,
        (_, Some(Origin::Drift | Origin::Both)) => row.differs(),
        (_, Some(_)) => false,
        (_, None) => row.differs() && ending == Ending::Pending,
    }
}

fn case(name: &str, class: &str, kind: Option<NonSuccessKind>, items: &[Item<'_>]) -> TestCase {
    let lines: Vec<_> = items.iter().map(with_hint).collect();
    let status = match kind {
        None => TestCaseStatus::success(),
        Some(kind) => {
            let mut status = TestCaseStatus::non_success(kind);
            let worst = items.iter().min_by_key(|item| item.severity);
            status.set_message(&*worst.map_or_else(|| "not as wanted".to_owned(), text));
            status.set_type(worst.map_or("other", |item| item.rule.0));
            status.set_description(lines.join("\n"));
            status
        }
    };
    let is_success = matches!(status, TestCaseStatus::Success { .. });
    let mut case = TestCase::new(&*clean(name), status);
    case.set_classname(class);
    if is_success && !lines.is_empty() {
        case.set_system_out(lines.join("\n"));
    }
    case
}
