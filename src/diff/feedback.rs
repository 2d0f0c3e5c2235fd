//! Which feedback reports are new: compares the reports in files with the existing ones. Pure.

use crate::model::{AccountId, Diagnostic, FeedbackReport, ReportFile, ZoneId, ZoneName};
use schemars::JsonSchema;
use serde::Serialize;

/// Whether a report already exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub(crate) enum Presence {
    /// It does not.
    New,
    /// It does, or an equal one precedes it in the same run.
    #[serde(rename = "already_there")]
    There,
}

/// Compares the reports of a zone with the existing ones; the result is in the order of `wants`.
#[must_use]
pub(crate) fn presence(wants: &[ReportFile], live: &[FeedbackReport]) -> Vec<Presence> {
    let is_there = |index: usize, want: &ReportFile| {
        let mut earlier = wants.iter().take(index).map(|earlier| &earlier.report);
        // Reports have no id: only equal content (all but `created_at`) shows that one was sent already.
        live.iter().any(|live| live.same_as(&want.report))
            || earlier.any(|earlier| earlier.same_as(&want.report))
    };
    let each = wants.iter().enumerate();
    each.map(|(index, want)| if is_there(index, want) { Presence::There } else { Presence::New }).collect()
}

/// What submitting would do to one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FeedbackStatus {
    /// At least one report is new.
    New,
    /// All reports exist.
    InSync,
    /// The zone may not be written.
    Blocked,
    /// The zone could not be read.
    Failed,
}

/// The reports for one zone, and which of them are new.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct ZoneFeedback {
    zone: ZoneName,
    zone_id: Option<ZoneId>,
    reports: Vec<ReportFile>,
    state: State,
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    Compared(Vec<Presence>),
    Blocked(Diagnostic),
    Failed(Diagnostic),
}

impl ZoneFeedback {
    /// The reports of a zone that was read.
    pub fn compare(zone: ZoneName, id: ZoneId, reports: Vec<ReportFile>, live: &[FeedbackReport]) -> Self {
        let state = State::Compared(presence(&reports, live));
        Self { zone, zone_id: Some(id), reports, state }
    }

    /// The reports of a zone that may not be written.
    pub fn blocked(zone: ZoneName, id: Option<ZoneId>, reports: Vec<ReportFile>, why: Diagnostic) -> Self {
        Self { zone, zone_id: id, reports, state: State::Blocked(why) }
    }

    /// The reports of a zone that could not be read.
    pub fn failed(zone: ZoneName, id: Option<ZoneId>, reports: Vec<ReportFile>, why: Diagnostic) -> Self {
        Self { zone, zone_id: id, reports, state: State::Failed(why) }
    }

    /// The zone.
    #[must_use]
    pub fn zone(&self) -> &ZoneName {
        &self.zone
    }

    /// Its id, if it was found or pinned.
    #[must_use]
    pub fn zone_id(&self) -> Option<&ZoneId> {
        self.zone_id.as_ref()
    }

    /// All reports of the zone, by file.
    #[must_use]
    pub fn reports(&self) -> &[ReportFile] {
        &self.reports
    }

    /// Whether a report exists; `None` if the zone was not read.
    #[must_use]
    pub(crate) fn presence_of(&self, report: usize) -> Option<Presence> {
        match &self.state {
            State::Compared(presence) => presence.get(report).copied(),
            State::Blocked(_) | State::Failed(_) => None,
        }
    }

    /// What submitting would do.
    #[must_use]
    pub fn status(&self) -> FeedbackStatus {
        match &self.state {
            State::Compared(presence) if presence.contains(&Presence::New) => FeedbackStatus::New,
            State::Compared(_) => FeedbackStatus::InSync,
            State::Blocked(_) => FeedbackStatus::Blocked,
            State::Failed(_) => FeedbackStatus::Failed,
        }
    }

    /// Why the zone is blocked or failed.
    #[must_use]
    pub fn diagnostic(&self) -> Option<&Diagnostic> {
        match &self.state {
            State::Compared(_) => None,
            State::Blocked(why) | State::Failed(why) => Some(why),
        }
    }

    /// How many reports have that presence.
    #[must_use]
    pub(crate) fn count(&self, wanted: Presence) -> usize {
        (0..self.reports.len()).filter(|report| self.presence_of(*report) == Some(wanted)).count()
    }
}

/// The reports of one zone, before the zone was found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub(crate) struct ZoneGroup {
    /// The zone.
    pub zone: ZoneName,
    /// The id that pins its identity.
    pub zone_id: Option<ZoneId>,
    /// The account; needed if two accounts have a zone of this name.
    pub account_id: Option<AccountId>,
    /// The reports, by file.
    pub reports: Vec<ReportFile>,
}

/// Groups the reports by zone, sorted by zone and file.
#[must_use]
pub(crate) fn by_zone(mut reports: Vec<ReportFile>) -> Vec<ZoneGroup> {
    reports.sort_by(|a, b| {
        (&a.zone, &a.account_id, &a.zone_id, &a.file).cmp(&(&b.zone, &b.account_id, &b.zone_id, &b.file))
    });
    let mut groups: Vec<ZoneGroup> = Vec::new();
    for report in reports {
        let ReportFile { zone, zone_id, account_id, .. } = &report;
        let is_same = |group: &&mut ZoneGroup| {
            (&group.zone, &group.zone_id, &group.account_id) == (zone, zone_id, account_id)
        };
        match groups.last_mut().filter(is_same) {
            Some(group) => group.reports.push(report),
            None => groups.push(ZoneGroup {
                zone: zone.clone(),
                zone_id: zone_id.clone(),
                account_id: account_id.clone(),
                reports: vec![report],
            }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{NewReport, Place, ReportKind};

    fn report(description: &str) -> NewReport {
        let seen = "2026-01-31T08:00:00Z".parse().unwrap()..="2026-01-31T09:00:00Z".parse().unwrap();
        NewReport::build(ReportKind::FalsePositive, description, "b", seen, [(1, 7)], [("ml", 7)]).unwrap()
    }

    fn file(zone: &str, file: &str, description: &str) -> ReportFile {
        let zone = ZoneName::try_from(zone.to_owned()).unwrap();
        let (file, report) = (file.to_owned(), report(description));
        ReportFile { file, zone, zone_id: None, account_id: None, place: Place::START, report }
    }

    #[test]
    fn a_report_is_new_unless_it_exists_or_an_equal_one_precedes_it() {
        let wants = [file("a.example", "1", "x"), file("a.example", "2", "y"), file("a.example", "3", "y")];
        assert_eq!(
            presence(&wants, &[FeedbackReport::clone(&report("x"))]),
            [Presence::There, Presence::New, Presence::There]
        );
    }

    #[test]
    fn all_reports_exist_after_submission() {
        let wants = vec![file("a.example", "1", "x"), file("a.example", "2", "y")];
        let live: Vec<FeedbackReport> =
            wants.iter().map(|want| FeedbackReport::clone(&want.report)).collect();
        let id = ZoneId::try_from("0".repeat(32)).unwrap();
        let zone = ZoneFeedback::compare(wants[0].zone.clone(), id, wants, &live);
        assert_eq!((zone.status(), zone.count(Presence::There)), (FeedbackStatus::InSync, 2));
    }

    #[test]
    fn reports_are_grouped_by_zone_and_sorted_by_file() {
        let files =
            vec![file("b.example", "1", "x"), file("a.example", "3", "y"), file("a.example", "2", "z")];
        let groups = by_zone(files);
        let names: Vec<_> = groups.iter().map(|group| group.zone.as_str()).collect();
        assert_eq!(names, ["a.example", "b.example"]);
        let files: Vec<_> = groups[0].reports.iter().map(|report| report.file.as_str()).collect();
        assert_eq!(files, ["2", "3"]);
    }
}
