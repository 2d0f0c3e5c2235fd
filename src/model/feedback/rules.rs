//! The rules that a report must satisfy before it is sent. This is their only home: the library enforces them, and the
//! check of report files adds the place of each violation.

use crate::catalogue::feedback::{REQUIRED, TYPES};
use crate::model::read_time;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use std::fmt;

/// The pattern of a bot score, for schemas.
pub(crate) const SCORE_PATTERN: &str = "^[1-9][0-9]?$";

/// The pattern of a time, for schemas; it does not check the number of days in a month.
pub(crate) const TIME_PATTERN: &str = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$";

const FIRST: &str = "first_request_seen_at";
const LAST: &str = "last_request_seen_at";

/// A rule that a report breaks, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportProblem {
    /// The member, then the key or the index of each level below it; empty for the whole report.
    pub(crate) at: Vec<String>,
    pub(crate) rule: ReportRule,
}

/// A rule of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportRule {
    /// A report is an object.
    Object,
    /// The member is required.
    Missing,
    /// The member does not exist.
    Unknown,
    /// The type is one of two.
    Type,
    /// A text is not blank.
    Text,
    /// A time is in RFC 3339 format.
    Time,
    /// The first request does not come after the last.
    Order(Timestamp, Timestamp),
    /// A count is whole and not negative.
    Count,
    /// Counts have their scores or engines as keys.
    Counts,
    /// A score is a number from 1 to 99.
    Score,
    /// The counts add up.
    Sum {
        /// The sum.
        sum: i128,
        /// The expected sum.
        requests: i64,
    },
    /// The top values are lists of `metric` and `requests`.
    Top,
}

impl fmt::Display for ReportProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let member = self.at.first().map_or("", String::as_str);
        let within = || match self.at.as_slice() {
            [member, key, ..] => format!("`{key}` in `{member}`"),
            _ => format!("`{member}`"),
        };
        match &self.rule {
            ReportRule::Object => f.write_str("it must be an object"),
            ReportRule::Missing => write!(f, "`{member}` is missing"),
            ReportRule::Unknown => write!(f, "`{member}` is not a member of a report"),
            ReportRule::Type => write!(f, "`{member}` must be {}", TYPES.join(" or ")),
            ReportRule::Text => write!(f, "`{member}` must be a string that is not empty"),
            ReportRule::Time => {
                write!(f, "`{member}` must be an RFC 3339 time with an offset")
            }
            ReportRule::Order(..) => write!(f, "`{FIRST}` is after `{LAST}`"),
            ReportRule::Count => write!(f, "{} must be a whole number from 0", within()),
            ReportRule::Counts => write!(f, "`{member}` must be an object of counts"),
            ReportRule::Score => write!(f, "{} is not a bot score from 1 to 99", within()),
            ReportRule::Sum { sum, requests } => {
                write!(f, "`{member}` sums to {sum}, but `requests` is {requests}")
            }
            ReportRule::Top => write!(f, "{} must be lists of `metric` and `requests`", within()),
        }
    }
}

/// All rules that the members of a report break.
pub(crate) fn broken_rules(members: &Map<String, Json>) -> Vec<ReportProblem> {
    let mut rules = Rules { members, broken: Vec::new() };
    rules.names();
    rules.texts();
    rules.times();
    let requests = rules.member("requests").and_then(|requests| rules.count(requests, &["requests"]));
    rules.sum("requests_by_score", requests, is_score);
    rules.sum("requests_by_score_src", requests, |_| true);
    rules.top();
    rules.broken
}

/// Whether a text is a bot score as the API writes it.
pub(crate) fn is_score(text: &str) -> bool {
    text.parse::<u8>().is_ok_and(|score| (1..=99).contains(&score) && score.to_string() == text)
}

struct Rules<'m> {
    members: &'m Map<String, Json>,
    broken: Vec<ReportProblem>,
}

impl<'m> Rules<'m> {
    fn fail(&mut self, at: &[&str], rule: ReportRule) {
        let at = at.iter().map(|step| (*step).to_owned()).collect();
        self.broken.push(ReportProblem { at, rule });
    }

    fn member(&self, name: &str) -> Option<&'m Json> {
        self.members.get(name)
    }

    fn names(&mut self) {
        let members = self.members;
        for member in REQUIRED.iter().filter(|member| !members.contains_key(**member)) {
            self.fail(&[member], ReportRule::Missing);
        }
        let is_known = |member: &str| REQUIRED.contains(&member) || member == "subtype";
        for member in members.keys().filter(|member| !is_known(member)) {
            self.fail(&[member], ReportRule::Unknown);
        }
    }

    fn texts(&mut self) {
        let is_type = |value: &Json| value.as_str().is_some_and(|word| TYPES.contains(&word));
        if self.member("type").is_some_and(|value| !is_type(value)) {
            self.fail(&["type"], ReportRule::Type);
        }
        let says_something = |value: &Json| value.as_str().is_some_and(|text| !text.trim().is_empty());
        for name in ["description", "expression", "subtype"] {
            if self.member(name).is_some_and(|value| !says_something(value)) {
                self.fail(&[name], ReportRule::Text);
            }
        }
    }

    fn times(&mut self) {
        let [first, last] = [FIRST, LAST].map(|name| {
            let value = self.member(name)?;
            let time = value.as_str().and_then(read_time);
            if time.is_none() {
                self.fail(&[name], ReportRule::Time);
            }
            time
        });
        if let (Some(first), Some(last)) = (first, last)
            && first > last
        {
            self.fail(&[FIRST], ReportRule::Order(first, last));
        }
    }

    fn count(&mut self, value: &Json, at: &[&str]) -> Option<i64> {
        let count = value.as_i64().filter(|count| *count >= 0);
        if count.is_none() {
            self.fail(at, ReportRule::Count);
        }
        count
    }

    /// Checks a sum, if all of its counts can be read.
    fn sum(&mut self, name: &str, requests: Option<i64>, is_key: fn(&str) -> bool) {
        let Some(value) = self.member(name) else { return };
        let Some(counts) = value.as_object() else { return self.fail(&[name], ReportRule::Counts) };
        let before = self.broken.len();
        let mut sum = 0_i128;
        for (key, value) in counts {
            if !is_key(key) {
                self.fail(&[name, key], ReportRule::Score);
            }
            sum += i128::from(self.count(value, &[name, key]).unwrap_or_default());
        }
        match requests {
            Some(requests) if self.broken.len() == before && sum != i128::from(requests) => {
                self.fail(&[name], ReportRule::Sum { sum, requests });
            }
            _ => {}
        }
    }

    /// The top values by attribute, which need not add up.
    fn top(&mut self) {
        const NAME: &str = "requests_by_attribute";
        let Some(value) = self.member(NAME) else { return };
        let Some(attributes) = value.as_object() else { return self.fail(&[NAME], ReportRule::Top) };
        for (attribute, list) in attributes {
            let Some(items) = list.as_array() else {
                self.fail(&[NAME, attribute], ReportRule::Top);
                continue;
            };
            for (index, item) in items.iter().enumerate() {
                let index = index.to_string();
                let members = item.as_object().filter(|item| item.len() == 2);
                let has_metric = members.is_some_and(|item| item.get("metric").is_some_and(Json::is_string));
                if !has_metric || item.get("requests").is_none() {
                    self.fail(&[NAME, attribute, &index], ReportRule::Top);
                }
                if let Some(requests) = item.get("requests") {
                    self.count(requests, &[NAME, attribute, &index, "requests"]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The rules that a valid report breaks with one member replaced.
    fn told(member: &str, value: Option<Json>) -> Vec<String> {
        let report = json!({
            "type": "false_positive", "description": "checkout", "expression": "(cf.bot_management.score lt 5)",
            "first_request_seen_at": "2025-09-30T08:00:00Z", "last_request_seen_at": "2025-09-30T09:00:00Z",
            "requests": 1200, "requests_by_score": {"2": 1200}, "requests_by_score_src": {"ml": 1200},
            "requests_by_attribute": {"topIPs": [{"metric": "203.0.113.10", "requests": 180}]}});
        let Json::Object(mut members) = report else { panic!("an object") };
        assert!(broken_rules(&members).is_empty());
        members.remove(member);
        members.extend(value.map(|value| (member.to_owned(), value)));
        broken_rules(&members).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_missing_required_member_is_reported() {
        for member in REQUIRED {
            assert_eq!(told(member, None), [format!("`{member}` is missing")]);
        }
    }

    #[test]
    fn top_values_are_lists_of_a_string_and_a_count() {
        for (value, place) in [
            (json!([]), "`requests_by_attribute`"),
            (json!({"topIPs": 1}), "`topIPs`"),
            (json!({"topIPs": [{"metric": "a"}]}), "`topIPs`"),
            (json!({"topIPs": [{"metric": 1, "requests": 1}]}), "`topIPs`"),
            (json!({"topIPs": [{"metric": "a", "requests": 1, "more": 1}]}), "`topIPs`"),
            (json!({"topIPs": [{"metric": "a", "requests": -1}]}), "a whole number from 0"),
        ] {
            let told = told("requests_by_attribute", Some(value));
            assert!(matches!(told.as_slice(), [one] if one.contains(place)), "{place}: {told:?}");
        }
    }
}
