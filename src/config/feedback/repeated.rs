//! The same report in two files.

use crate::model::{Diagnostic, ReportFile};

/// The reports that stand in more than one file: told at the later one, with the name of the first.
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
    let message = format!("the same report of zone `{}` also stands in {}", report.zone, first.file);
    Diagnostic::of_file(report.file.clone(), message)
        .at(&report.file, report.place)
        .label("a report has one file")
        .hint("remove one of the two; a report cannot be taken back once it was submitted")
}
