//! The counts over submissions, as text and as JSON.

use super::parts::{FORMAT_VERSION, age};
use super::{Paint, clean};
use crate::model::SubmissionSummary;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt;

/// How many people are named in the text.
const MOST_PEOPLE: usize = 5;

/// The counts as text.
#[derive(Clone, Copy, Debug)]
pub struct SummaryText<'a> {
    summary: &'a SubmissionSummary,
    paint: Paint,
}

impl<'a> SummaryText<'a> {
    /// A view of counts.
    #[must_use]
    pub fn new(summary: &'a SubmissionSummary, paint: Paint) -> Self {
        Self { summary, paint }
    }

    fn block<'r>(
        &self,
        f: &mut fmt::Formatter<'_>,
        title: &str,
        rows: impl IntoIterator<Item = (&'r str, u64)>,
    ) -> fmt::Result {
        writeln!(f, "\n{}", self.paint.strong(title))?;
        rows.into_iter().try_for_each(|(name, count)| writeln!(f, "  {:<32}{count:>9}", clean(name)))
    }
}

impl fmt::Display for SummaryText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = self.summary;
        writeln!(f, "{:<34}{:>9}", "submissions", summary.total())?;
        let age = summary.median_unreviewed_seconds().map_or("-".to_owned(), age);
        writeln!(f, "{:<34}{age:>9}", "median age of unreviewed ones")?;
        self.block(f, "review", summary.by_status())?;
        let ways: Vec<(String, u64)> = summary
            .by_dispositions()
            .into_iter()
            .map(|(before, after, count)| (format!("{before} → {after}"), count))
            .collect();
        self.block(f, "disposition before → after", ways.iter().map(|(way, count)| (way.as_str(), *count)))?;
        self.block(f, "who", summary.by_kind())?;
        let people = summary.by_person();
        self.block(f, "by", people.iter().take(MOST_PEOPLE).copied())?;
        let others: u64 = people.iter().skip(MOST_PEOPLE).map(|(_, count)| count).sum();
        match others + summary.by_others() {
            0 => Ok(()),
            others => writeln!(f, "  {:<32}{others:>9}", "all others"),
        }
    }
}

/// Counts over submissions.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "botform submissions summary")]
pub(super) struct Document<'a> {
    /// The version of this format; readers ignore unknown members and refuse another major number.
    format_version: &'static str,
    /// The counts.
    summary: Counts<'a>,
}

/// The counts.
#[derive(Serialize, JsonSchema)]
struct Counts<'a> {
    /// All submissions.
    submissions: u64,
    /// How many have which review state.
    customer_status: BTreeMap<&'a str, u64>,
    /// How many changed from one disposition to another.
    dispositions: Vec<Way<'a>>,
    /// How many were made by the team, and how many by users.
    r#type: BTreeMap<&'a str, u64>,
    /// How many each person made.
    requested_by: BTreeMap<&'a str, u64>,
    /// How many were made by people who are not counted one by one.
    requested_by_others: u64,
    /// The median age of submissions that nobody has reviewed; null if there are none.
    unreviewed_median_age_seconds: Option<i64>,
}

/// A change from one disposition to another.
#[derive(Serialize, JsonSchema)]
struct Way<'a> {
    /// The disposition before.
    before: &'a str,
    /// The disposition after.
    after: &'a str,
    /// How many submissions went this way.
    submissions: u64,
}

/// The counts as a JSON document.
#[must_use]
pub fn summary_json(summary: &SubmissionSummary) -> Json {
    let ways = summary.by_dispositions().into_iter();
    let counts = Counts {
        submissions: summary.total(),
        customer_status: summary.by_status().into_iter().collect(),
        dispositions: ways.map(|(before, after, submissions)| Way { before, after, submissions }).collect(),
        r#type: summary.by_kind().into_iter().collect(),
        requested_by: summary.by_person().into_iter().collect(),
        requested_by_others: summary.by_others(),
        unreviewed_median_age_seconds: summary.median_unreviewed_seconds(),
    };
    json!(Document { format_version: FORMAT_VERSION, summary: counts })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Submission;

    fn summary() -> SubmissionSummary {
        let mut summary = SubmissionSummary::new("2026-11-10T00:00:00Z".parse().unwrap());
        for hour in 0..8 {
            let row = json!({"requested_at": format!("2026-11-0{}T{hour:02}:00:00Z", hour + 1),
                "type": if hour % 2 == 0 { "Team" } else { "User" },
                "customer_status": if hour < 5 { "unreviewed" } else { "reviewed" },
                "original_disposition": "NONE", "outcome_disposition": if hour < 2 { Json::Null } else { "SPAM".into() },
                "requested_by": format!("user{hour}@example.com")});
            summary.add(&Submission::read(row).unwrap());
        }
        summary
    }

    #[test]
    fn the_summary_counts_by_review_disposition_and_people() {
        insta::assert_snapshot!(SummaryText::new(&summary(), Paint::Plain), @"
        submissions                               8
        median age of unreviewed ones        6d 22h

        review
          unreviewed                              5
          reviewed                                3

        disposition before → after
          NONE → SPAM                             6
          NONE → (none)                           2

        who
          Team                                    4
          User                                    4

        by
          user0@example.com                       1
          user1@example.com                       1
          user2@example.com                       1
          user3@example.com                       1
          user4@example.com                       1
          all others                              3
        ");
    }

    #[test]
    fn the_document_has_the_same_counts() {
        let json = summary_json(&summary());
        assert_eq!(json["summary"]["customer_status"], json!({"reviewed": 3, "unreviewed": 5}));
        assert_eq!(
            json["summary"]["dispositions"][0],
            json!({"before": "NONE", "after": "SPAM", "submissions": 6})
        );
        assert_eq!(json["summary"]["unreviewed_median_age_seconds"], 6 * 86_400 + 22 * 3600);
    }

    #[test]
    fn ages_have_two_units() {
        assert_eq!([age(0), age(3_660), age(90_000)], ["0m", "1h 1m", "1d 1h"]);
    }
}
