//! A feedback report to submit: checked before it can be sent, with its file and its outcome.

use super::rules::{ReportProblem, ReportRule, broken_rules};
use crate::model::{AccountId, Diagnostic, FeedbackReport, Place, ZoneId, ZoneName};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::ops::{Deref, RangeInclusive};

/// The type of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReportKind {
    /// People were treated as bots.
    FalsePositive,
    /// Bots were treated as people.
    FalseNegative,
}

/// A report that may be sent: it has all members, and its counts add up. Only the check creates one.
///
/// ```
/// use botform::model::{NewReport, ReportKind};
///
/// let seen = "2025-09-30T08:00:00Z".parse()?..="2025-09-30T09:00:00Z".parse()?;
/// let report = NewReport::build(
///     ReportKind::FalsePositive,
///     "Legitimate checkout traffic was blocked as bots",
///     "(cf.bot_management.score lt 5)",
///     seen,
///     [(1, 200), (2, 300)],
///     [("machine_learning", 500)],
/// )?;
/// assert_eq!(report.requests(), Some(500));
///
/// let mut members = report.members().clone();
/// members.insert("requests".to_owned(), (-1).into());
/// let error = NewReport::check(members.into()).unwrap_err();
/// assert_eq!(error.to_string(), "the report cannot be sent: `requests` must be a whole number from 0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct NewReport(FeedbackReport);

/// Why a report cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the report cannot be sent: {first}")]
pub struct InvalidReport {
    first: ReportProblem,
    /// The other rules that it breaks.
    others: Vec<ReportProblem>,
}

impl InvalidReport {
    /// All rules that the report breaks, and where.
    pub(crate) fn problems(&self) -> impl Iterator<Item = &ReportProblem> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl NewReport {
    /// Checks the members of a report, exactly as they are sent.
    ///
    /// # Errors
    /// A member is missing, unknown or wrong, or counts do not add up.
    pub fn check(report: Json) -> Result<Self, InvalidReport> {
        let mut broken = report.as_object().map(broken_rules).unwrap_or_default();
        let report = FeedbackReport::read(report);
        if broken.is_empty()
            && let Some(report) = report
        {
            return Ok(Self(report));
        }
        let others = broken.split_off(broken.len().min(1));
        let no_object = ReportProblem { at: Vec::new(), rule: ReportRule::Object };
        Err(InvalidReport { first: broken.pop().unwrap_or(no_object), others })
    }

    /// Builds a report about requests in a time range, counted by bot score (1 to 99) and by the source of the score.
    /// Both counts must have the same sum.
    ///
    /// # Errors
    /// A text is empty, a score is invalid, or the counts do not add up.
    pub fn build<'a>(
        kind: ReportKind,
        description: &str,
        expression: &str,
        seen: RangeInclusive<Timestamp>,
        by_score: impl IntoIterator<Item = (u8, u32)>,
        by_source: impl IntoIterator<Item = (&'a str, u32)>,
    ) -> Result<Self, InvalidReport> {
        let by_score: BTreeMap<String, u32> =
            by_score.into_iter().map(|(score, count)| (score.to_string(), count)).collect();
        let by_source: BTreeMap<&str, u32> = by_source.into_iter().collect();
        let requests: u64 = by_score.values().copied().map(u64::from).sum();
        Self::check(json!({
            "type": kind,
            "description": description,
            "expression": expression,
            "first_request_seen_at": seen.start(),
            "last_request_seen_at": seen.end(),
            "requests": requests,
            "requests_by_score": by_score,
            "requests_by_score_src": by_source,
            "requests_by_attribute": {},
        }))
    }

    /// The same with the kind of abuse.
    ///
    /// # Errors
    /// The text is empty.
    pub fn with_subtype(self, subtype: &str) -> Result<Self, InvalidReport> {
        let mut members = self.0.members().clone();
        members.insert("subtype".to_owned(), subtype.into());
        Self::check(Json::Object(members))
    }

    /// The same with the top values of an attribute, such as `topIPs`; they need not add up.
    ///
    /// # Errors
    /// Cannot happen with these types; the report is checked again anyway.
    pub fn with_attribute<'a>(
        self,
        name: &str,
        top: impl IntoIterator<Item = (&'a str, u32)>,
    ) -> Result<Self, InvalidReport> {
        let items = top.into_iter().map(|(metric, requests)| json!({"metric": metric, "requests": requests}));
        let items: Json = items.collect();
        let mut members = self.0.members().clone();
        if let Some(Json::Object(attributes)) = members.get_mut("requests_by_attribute") {
            attributes.insert(name.to_owned(), items);
        }
        Self::check(Json::Object(members))
    }
}

impl Deref for NewReport {
    type Target = FeedbackReport;

    fn deref(&self) -> &FeedbackReport {
        &self.0
    }
}

/// Reads an RFC 3339 time, and no other format.
#[must_use]
pub(crate) fn read_time(text: &str) -> Option<Timestamp> {
    if is_shaped(text) { text.parse().ok() } else { None }
}

/// Whether a text has the shape of the pattern: digits for its digits, and every other character equal.
fn is_shaped(text: &str) -> bool {
    let (Some(head), Some(rest)) = (text.get(..19), text.get(19..)) else { return false };
    let fits = head.bytes().zip(*b"0000-00-00T00:00:00").all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        other => byte == other,
    });
    let fraction = rest.strip_prefix('.').map_or(0, |rest| 1 + digits(rest));
    let offset = rest.get(fraction..).unwrap_or("");
    let is_number = |at: std::ops::Range<usize>, most: u32| {
        let number = text.get(at).and_then(|digits| digits.parse::<u32>().ok());
        number.is_some_and(|number| number <= most)
    };
    let clock = is_number(11..13, 23) && is_number(14..16, 59) && is_number(17..19, 59);
    fits && clock && fraction != 1 && fraction <= 10 && is_offset(offset)
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn is_offset(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['+', '-']) else { return text == "Z" };
    let fits =
        rest.len() == 5 && digits(rest) == 2 && rest.get(3..).is_some_and(|minutes| digits(minutes) == 2);
    fits && rest.get(..2) <= Some("23") && rest.get(2..3) == Some(":") && rest.get(3..) <= Some("59")
}

/// A checked report of a file, and the zone it is about.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReportFile {
    /// The file, relative to the current folder, with `/`.
    pub file: String,
    /// The zone.
    pub zone: ZoneName,
    /// The id that pins the zone's identity.
    pub zone_id: Option<ZoneId>,
    /// The account; needed when two accounts hold the same name.
    pub account_id: Option<AccountId>,
    /// The place of the zone's name.
    pub place: Place,
    /// The report: exactly the members that are sent.
    pub report: NewReport,
}

impl ReportFile {
    /// A report about a zone, without a file.
    #[must_use]
    pub fn new(zone: ZoneName, report: NewReport) -> Self {
        let file = String::new();
        Self { file, zone, zone_id: None, account_id: None, place: Place::START, report }
    }
}

/// What submitting did to one report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReportOutcome {
    /// It was sent, and the list shows it.
    Submitted,
    /// Cloudflare already had it, so it was not sent.
    AlreadyThere,
    /// It was not stored, or the zone could not be read.
    Failed,
    /// Cloudflare refused it.
    Refused,
    /// It was sent, but the list does not show whether it was stored.
    Unknown,
    /// It was never sent.
    NotAttempted,
}

impl ReportOutcome {
    /// All outcomes, in the order of the closing line.
    pub const ALL: &'static [Self] = &[
        Self::Submitted,
        Self::AlreadyThere,
        Self::Failed,
        Self::Refused,
        Self::Unknown,
        Self::NotAttempted,
    ];

    /// The word used in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::AlreadyThere => "already_there",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::NotAttempted => "not_attempted",
        }
    }

    /// The words used in texts.
    #[must_use]
    pub fn text(self) -> String {
        self.word().replace('_', " ")
    }

    /// Whether Cloudflare has the report; every other outcome counts as failed for the exit code.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Submitted | Self::AlreadyThere)
    }
}

/// The outcome of a report, with the messages about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[must_use]
#[non_exhaustive]
pub struct ReportResult {
    /// The result.
    pub outcome: ReportOutcome,
    /// The messages.
    pub diagnostics: Vec<Diagnostic>,
}

impl ReportResult {
    /// A result without a message.
    pub fn plain(outcome: ReportOutcome) -> Self {
        Self { outcome, diagnostics: Vec::new() }
    }

    /// A result with one message.
    pub fn because(outcome: ReportOutcome, diagnostic: Diagnostic) -> Self {
        Self { outcome, diagnostics: vec![diagnostic] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_report_is_built_with_is_sent() {
        let seen = "2026-01-31T08:00:00Z".parse().unwrap()..="2026-01-31T09:00:00Z".parse().unwrap();
        let report =
            NewReport::build(ReportKind::FalsePositive, "a", "b", seen, [(1, 7)], [("ml", 7)]).unwrap();
        let report = report.with_subtype("scraping").unwrap();
        let report = report.with_attribute("topPaths", [("/a", 5), ("/b", 1)]).unwrap();
        let members = report.members();
        assert_eq!(members["subtype"], "scraping");
        assert_eq!(
            members["requests_by_attribute"],
            json!({"topPaths": [{"metric": "/a", "requests": 5}, {"metric": "/b", "requests": 1}]})
        );
    }
}
