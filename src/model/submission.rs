//! An email-security submission: mail that was submitted for reclassification. Every member may be missing or null.
//! A summary counts submissions in memory that does not grow with their number.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// A submission, as the API wrote it.
///
/// ```
/// let row = serde_json::json!({"submission_id": "a-1", "requested_ts": "2026-11-01T00:00:00Z", "outcome": null});
/// let submission = botform::model::Submission::read(row).ok_or("no object")?;
/// assert_eq!(submission.requested_at(), Some("2026-11-01T00:00:00Z"));
/// assert_eq!(submission.outcome(), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Submission(Map<String, Json>);

impl Submission {
    /// Reads a row of the list; `None` if the value is not an object.
    #[must_use]
    pub fn read(row: Json) -> Option<Self> {
        match row {
            Json::Object(members) => Some(Self(members)),
            _ => None,
        }
    }

    /// All members, as the API named and wrote them.
    #[must_use]
    pub fn members(&self) -> &Map<String, Json> {
        &self.0
    }

    /// A string member that is not empty.
    #[must_use]
    pub fn text(&self, member: &str) -> Option<&str> {
        self.0.get(member).and_then(Json::as_str).filter(|text| !text.is_empty())
    }

    /// The id.
    #[must_use]
    pub fn submission_id(&self) -> Option<&str> {
        self.text("submission_id")
    }

    /// When it was requested; falls back to the deprecated `requested_ts`.
    #[must_use]
    pub fn requested_at(&self) -> Option<&str> {
        self.text("requested_at").or_else(|| self.text("requested_ts"))
    }

    /// When it was requested, as an instant.
    #[must_use]
    pub fn requested_instant(&self) -> Option<jiff::Timestamp> {
        self.requested_at()?.parse().ok()
    }

    /// Who requested it: `Team` or `User`.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.text("type")
    }

    /// The review state: `escalated`, `reviewed` or `unreviewed`.
    #[must_use]
    pub fn customer_status(&self) -> Option<&str> {
        self.text("customer_status")
    }

    /// Whether it is still unreviewed.
    #[must_use]
    pub fn is_unreviewed(&self) -> bool {
        self.customer_status().is_some_and(|status| status.eq_ignore_ascii_case("unreviewed"))
    }

    /// The members to show: all, except the deprecated `requested_ts` if `requested_at` is present.
    #[must_use]
    pub fn shown(&self) -> Map<String, Json> {
        let mut members = self.0.clone();
        if self.text("requested_at").is_some() {
            members.remove("requested_ts");
        }
        members
    }

    /// Cloudflare's processing status.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        self.text("status")
    }

    /// The subject of the mail.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.text("subject")
    }

    /// The person who requested it.
    #[must_use]
    pub fn requested_by(&self) -> Option<&str> {
        self.text("requested_by")
    }

    /// The disposition before.
    #[must_use]
    pub fn original_disposition(&self) -> Option<&str> {
        self.text("original_disposition")
    }

    /// The requested disposition.
    #[must_use]
    pub fn requested_disposition(&self) -> Option<&str> {
        self.text("requested_disposition")
    }

    /// The disposition after.
    #[must_use]
    pub fn outcome_disposition(&self) -> Option<&str> {
        self.text("outcome_disposition")
    }

    /// The outcome.
    #[must_use]
    pub fn outcome(&self) -> Option<&str> {
        self.text("outcome")
    }

    /// The disposition it was escalated as.
    #[must_use]
    pub fn escalated_as(&self) -> Option<&str> {
        self.text("escalated_as")
    }

    /// When it was escalated.
    #[must_use]
    pub fn escalated_at(&self) -> Option<&str> {
        self.text("escalated_at")
    }

    /// Who escalated it.
    #[must_use]
    pub fn escalated_by(&self) -> Option<&str> {
        self.text("escalated_by")
    }

    /// The submission it was escalated to.
    #[must_use]
    pub fn escalated_submission_id(&self) -> Option<&str> {
        self.text("escalated_submission_id")
    }
}

/// The precision of ages in seconds: enough for a median that people read in days and hours.
const GRAIN: i64 = 600;

/// How many people are counted individually; the others are counted together, which bounds the memory.
const MOST_PEOPLE: usize = 1000;

/// The label of a missing or null member.
const NOTHING: &str = "(none)";

/// Counts over the submissions of a run.
#[derive(Clone, Debug)]
pub(crate) struct SubmissionSummary {
    now: jiff::Timestamp,
    total: u64,
    statuses: BTreeMap<String, u64>,
    dispositions: BTreeMap<(String, String), u64>,
    kinds: BTreeMap<String, u64>,
    people: BTreeMap<String, u64>,
    /// The rows of people that are not counted individually.
    others: u64,
    /// The unreviewed ones by their age, in grains.
    ages: BTreeMap<i64, u64>,
}

impl SubmissionSummary {
    /// An empty summary; ages are measured up to `now`.
    #[must_use]
    pub(crate) fn new(now: jiff::Timestamp) -> Self {
        Self {
            now,
            total: 0,
            statuses: BTreeMap::new(),
            dispositions: BTreeMap::new(),
            kinds: BTreeMap::new(),
            people: BTreeMap::new(),
            others: 0,
            ages: BTreeMap::new(),
        }
    }

    /// Counts a submission.
    pub(crate) fn add(&mut self, row: &Submission) {
        let word = |member: Option<&str>| member.unwrap_or(NOTHING).to_owned();
        self.total += 1;
        *self.statuses.entry(word(row.customer_status())).or_default() += 1;
        *self.kinds.entry(word(row.kind())).or_default() += 1;
        let way = (word(row.original_disposition()), word(row.outcome_disposition()));
        *self.dispositions.entry(way).or_default() += 1;
        self.add_person(row.requested_by().unwrap_or(NOTHING));
        if row.is_unreviewed()
            && let Some(at) = row.requested_instant()
        {
            let age = self.now.as_second().saturating_sub(at.as_second()).max(0);
            *self.ages.entry(age / GRAIN).or_default() += 1;
        }
    }

    fn add_person(&mut self, person: &str) {
        let has_room = self.people.len() < MOST_PEOPLE;
        match self.people.get_mut(person) {
            Some(count) => *count += 1,
            None if has_room => {
                self.people.insert(person.to_owned(), 1);
            }
            None => self.others += 1,
        }
    }

    /// The number of submissions.
    #[must_use]
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Counts by review state, the most frequent first.
    #[must_use]
    pub(crate) fn by_status(&self) -> Vec<(&str, u64)> {
        ranked(&self.statuses)
    }

    /// Counts by requester, `Team` or `User`, the most frequent first.
    #[must_use]
    pub(crate) fn by_kind(&self) -> Vec<(&str, u64)> {
        ranked(&self.kinds)
    }

    /// Counts by person, the most frequent first.
    #[must_use]
    pub(crate) fn by_person(&self) -> Vec<(&str, u64)> {
        ranked(&self.people)
    }

    /// The submissions of people that are not counted individually.
    #[must_use]
    pub(crate) fn by_others(&self) -> u64 {
        self.others
    }

    /// Counts by the disposition before and after, the most frequent first.
    #[must_use]
    pub(crate) fn by_dispositions(&self) -> Vec<(&str, &str, u64)> {
        let counts = self.dispositions.iter();
        let mut ways: Vec<_> =
            counts.map(|((from, to), count)| (from.as_str(), to.as_str(), *count)).collect();
        ways.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
        ways
    }

    /// The median age of the unreviewed ones in seconds, to ten minutes; `None` if there are none.
    #[must_use]
    pub(crate) fn median_unreviewed_seconds(&self) -> Option<i64> {
        let count: u64 = self.ages.values().sum();
        let mut before = 0;
        // For an even number take the lower middle one, which is an age that occurs.
        self.ages.iter().find_map(|(grain, rows)| {
            before += rows;
            (before > count.saturating_sub(1) / 2).then_some(grain * GRAIN)
        })
    }
}

fn ranked(counts: &BTreeMap<String, u64>) -> Vec<(&str, u64)> {
    let mut ranked: Vec<_> = counts.iter().map(|(word, count)| (word.as_str(), *count)).collect();
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_member_may_be_missing_null_or_invalid() {
        let row = json!({"submission_id": 7, "requested_at": null, "requested_ts": "soon", "subject": ""});
        let odd = Submission::read(row).unwrap();
        assert_eq!((odd.submission_id(), odd.subject()), (None, None));
        assert_eq!((odd.requested_at(), odd.requested_instant()), (Some("soon"), None));
        assert_eq!(Submission::read(json!([])), None);
    }

    #[test]
    fn requested_at_goes_before_the_deprecated_member() {
        let row = json!({"requested_at": "2026-11-01T00:00:00Z", "requested_ts": "2020-01-01T00:00:00Z"});
        assert_eq!(Submission::read(row).unwrap().requested_at(), Some("2026-11-01T00:00:00Z"));
    }

    fn summary(rows: &[serde_json::Value]) -> SubmissionSummary {
        let mut summary = SubmissionSummary::new("2026-11-10T00:00:00Z".parse().unwrap());
        rows.iter().for_each(|row| summary.add(&Submission::read(row.clone()).unwrap()));
        summary
    }

    #[test]
    fn members_that_are_null_are_counted_as_such() {
        let summary = summary(&[json!({}), json!({"type": "Team", "outcome_disposition": "SPAM"})]);
        assert_eq!(summary.by_status(), [(NOTHING, 2)]);
        assert_eq!(summary.by_kind(), [(NOTHING, 1), ("Team", 1)]);
        assert_eq!(summary.by_dispositions(), [(NOTHING, NOTHING, 1), (NOTHING, "SPAM", 1)]);
        assert_eq!(summary.median_unreviewed_seconds(), None);
    }

    #[test]
    fn the_median_age_is_that_of_unreviewed_ones_only() {
        let row = |day: u32, status: &str| json!({"requested_at": format!("2026-11-{day:02}T00:00:00Z"), "customer_status": status});
        let rows = [row(1, "reviewed"), row(9, "unreviewed"), row(8, "unreviewed"), row(3, "unreviewed")];
        assert_eq!(summary(&rows).median_unreviewed_seconds(), Some(2 * 86_400));
    }

    #[test]
    fn any_number_of_people_takes_bounded_memory() {
        let rows: Vec<_> =
            (0..MOST_PEOPLE + 5).map(|n| json!({"requested_by": format!("{n}@example.com")})).collect();
        let summary = summary(&rows);
        assert_eq!((summary.by_person().len(), summary.by_others()), (MOST_PEOPLE, 5));
    }
}
