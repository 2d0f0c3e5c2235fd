//! A feedback report: misjudged traffic. Reports have no id: two with the same content are the same report.

use crate::catalogue::feedback::REQUIRED;
use crate::model::{Diagnostic, ZoneId};
use serde::Serialize;
use serde_json::{Map, Number, Value as Json};
use std::cmp::Ordering;

/// A report as it was read; any member may be missing or invalid, and unknown ones are kept.
///
/// ```
/// use botform::model::FeedbackReport;
/// use serde_json::json;
///
/// let mine = json!({"type": "false_positive", "requests": 100, "last_request_seen_at": "2026-11-01T02:00:00+02:00"});
/// let there = json!({"type": "false_positive", "requests": 100.0, "last_request_seen_at": "2026-11-01T00:00:00Z",
///     "created_at": "2026-11-02T00:05:24.749712Z", "subtype": null});
/// let (mine, there) = (FeedbackReport::read(mine).ok_or("no object")?, FeedbackReport::read(there).ok_or("no object")?);
/// assert!(mine.same_as(&there));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct FeedbackReport(Map<String, Json>);

/// The reports of a zone, or why they could not be listed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ZoneReports {
    /// The name of the zone, as the API has it.
    pub zone: String,
    /// Its id.
    pub zone_id: ZoneId,
    /// The id of its account; empty if the API does not report it.
    pub account_id: String,
    /// The reports.
    pub reports: Result<Vec<FeedbackReport>, Diagnostic>,
}

/// The members that hold times.
const TIMES: [&str; 2] = ["first_request_seen_at", "last_request_seen_at"];

impl FeedbackReport {
    /// Reads a report; `None` if the value is not an object.
    #[must_use]
    pub fn read(json: Json) -> Option<Self> {
        match json {
            Json::Object(members) => Some(Self(members)),
            _ => None,
        }
    }

    /// All members, as they were written.
    #[must_use]
    pub fn members(&self) -> &Map<String, Json> {
        &self.0
    }

    /// A string member.
    #[must_use]
    pub fn text(&self, member: &str) -> Option<&str> {
        self.0.get(member).and_then(Json::as_str)
    }

    /// The type: `false_positive` or `false_negative`.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.text("type")
    }

    /// The kind of abuse.
    #[must_use]
    pub fn subtype(&self) -> Option<&str> {
        self.text("subtype").filter(|subtype| !subtype.is_empty())
    }

    /// What was misjudged.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.text("description")
    }

    /// The expression that matches the traffic.
    #[must_use]
    pub fn expression(&self) -> Option<&str> {
        self.text("expression")
    }

    /// A time member.
    #[must_use]
    pub fn instant(&self, member: &str) -> Option<jiff::Timestamp> {
        self.text(member)?.trim().parse().ok()
    }

    /// When Cloudflare stored it.
    #[must_use]
    pub fn created_at(&self) -> Option<jiff::Timestamp> {
        self.instant("created_at")
    }

    /// The number of requests.
    #[must_use]
    pub fn requests(&self) -> Option<i64> {
        self.0.get("requests").and_then(count)
    }

    /// The counts of a map such as `requests_by_score`: scores by number, names by letter.
    #[must_use]
    pub fn counts(&self, member: &str) -> Vec<(&str, i64)> {
        let members = self.0.get(member).and_then(Json::as_object).into_iter().flatten();
        let mut counts: Vec<_> =
            members.filter_map(|(key, value)| Some((key.as_str(), count(value)?))).collect();
        counts.sort_by(|(a, _), (b, _)| by_number(a, b));
        counts
    }

    /// The top values of each attribute with their requests, by attribute, the most frequent first.
    #[must_use]
    pub fn attributes(&self) -> Vec<(&str, Vec<(String, i64)>)> {
        let members = self.0.get("requests_by_attribute").and_then(Json::as_object).into_iter().flatten();
        let mut attributes: Vec<_> = members.map(|(name, list)| (name.as_str(), top(list))).collect();
        attributes.sort();
        attributes
    }

    /// Whether both have the same content, ignoring the creation time and unknown members.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        let members = REQUIRED.iter().copied().chain(["subtype"]);
        members.into_iter().all(|member| self.canonical(member) == other.canonical(member))
    }

    /// A member in canonical form, which all its spellings share; null if it is missing or empty.
    fn canonical(&self, member: &str) -> Json {
        let value = self.0.get(member).unwrap_or(&Json::Null);
        match value {
            Json::String(_) if TIMES.contains(&member) => {
                self.instant(member).map_or_else(|| plain(value), |instant| instant.to_string().into())
            }
            Json::Object(attributes) if member == "requests_by_attribute" => {
                let lists = attributes.iter().map(|(name, list)| (name.clone(), sorted(list)));
                emptied(Json::Object(lists.filter(|(_, list)| !list.is_null()).collect()))
            }
            other => plain(other),
        }
    }
}

/// The value with numbers normalized, strings trimmed, and null for empty values.
fn plain(value: &Json) -> Json {
    let alike = match value {
        Json::Number(number) => Json::Number(whole(number)),
        Json::String(text) => text.trim().into(),
        Json::Array(items) => items.iter().map(plain).collect(),
        Json::Object(members) => {
            let plain = members.iter().map(|(key, member)| (key.clone(), plain(member)));
            Json::Object(plain.filter(|(_, member)| !member.is_null()).collect())
        }
        other => other.clone(),
    };
    emptied(alike)
}

fn emptied(value: Json) -> Json {
    let is_empty = match &value {
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    };
    if is_empty { Json::Null } else { value }
}

/// The list of an attribute in a fixed order: `metric` and `requests` of each item.
fn sorted(list: &Json) -> Json {
    let Json::Array(items) = list else { return plain(list) };
    let mut texts: Vec<String> = items.iter().map(|item| known(item).to_string()).collect();
    texts.sort();
    emptied(texts.into())
}

fn known(item: &Json) -> Json {
    match (item.get("metric"), item.get("requests")) {
        (None, None) => plain(item),
        (metric, requests) => {
            let metric =
                metric.map(|metric| metric.as_str().map_or_else(|| plain(metric).to_string(), str::to_owned));
            Json::Array(vec![
                metric.unwrap_or_default().trim().into(),
                plain(requests.unwrap_or(&Json::Null)),
            ])
        }
    }
}

fn top(list: &Json) -> Vec<(String, i64)> {
    let items = list.as_array().into_iter().flatten();
    let mut top: Vec<(String, i64)> = items
        .filter_map(|item| {
            let metric = item.get("metric")?;
            let text = metric.as_str().map_or_else(|| metric.to_string(), str::to_owned);
            Some((text, item.get("requests").and_then(count)?))
        })
        .collect();
    top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    top
}

fn count(value: &Json) -> Option<i64> {
    match value {
        Json::Number(number) => whole(number).as_i64(),
        _ => None,
    }
}

/// The number as an integer if it has no fraction.
fn whole(number: &Number) -> Number {
    let text = number.to_string();
    let digits = text.strip_suffix(".0").unwrap_or(&text);
    match digits.parse::<i64>() {
        Ok(integer) => integer.into(),
        Err(_) => number.clone(),
    }
}

fn by_number(a: &str, b: &str) -> Ordering {
    match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn report(change: impl FnOnce(&mut Json)) -> FeedbackReport {
        let mut value = json!({
            "type": "false_positive", "description": "checkout", "expression": "(cf.bot_management.score lt 5)",
            "first_request_seen_at": "2025-09-30T08:00:00Z", "last_request_seen_at": "2025-09-30T09:00:00Z",
            "requests": 1200, "requests_by_score": {"2": 700, "10": 500}, "requests_by_score_src": {"ml": 1200},
            "requests_by_attribute": {"topIPs": [{"metric": "203.0.113.10", "requests": 180},
                {"metric": "203.0.113.11", "requests": 150}]}});
        change(&mut value);
        FeedbackReport::read(value).unwrap()
    }

    #[test]
    fn the_same_report_in_another_spelling_is_equal() {
        let there = report(|json| {
            json["created_at"] = "2025-10-01T12:00:00.749712Z".into();
            json["first_request_seen_at"] = "2025-09-30T10:00:00.000+02:00".into();
            json["requests"] = 1200.0.into();
            json["requests_by_score"] = json!({"10": 500.0, "2": 700});
            json["requests_by_attribute"]["topIPs"].as_array_mut().unwrap().reverse();
            json["requests_by_attribute"]["topPaths"] = json!([]);
            json["subtype"] = "".into();
            json["description"] = "checkout\n".into();
            json["tomorrow"] = true.into();
        });
        assert!(report(|_| ()).same_as(&there) && there.same_as(&report(|_| ())));
    }

    #[test]
    fn any_known_member_that_differs_makes_another_report() {
        let changes: [(&str, Json); 8] = [
            ("type", "false_negative".into()),
            ("description", "search".into()),
            ("last_request_seen_at", "2025-09-30T09:00:01Z".into()),
            ("requests", 1201.into()),
            ("requests_by_score", json!({"2": 701, "10": 499})),
            ("requests_by_score_src", json!({"heuristics": 1200})),
            ("requests_by_attribute", json!({"topIPs": [{"metric": "203.0.113.10", "requests": 180}]})),
            ("subtype", "Spamming".into()),
        ];
        for (member, value) in changes {
            assert!(!report(|_| ()).same_as(&report(|json| json[member] = value)), "{member}");
        }
    }

    #[test]
    fn counts_are_in_the_order_of_their_numbers() {
        let report = report(|json| json["requests_by_score"]["x"] = "odd".into());
        assert_eq!(report.counts("requests_by_score"), [("2", 700), ("10", 500)]);
        assert_eq!(
            report.attributes(),
            [("topIPs", vec![("203.0.113.10".to_owned(), 180), ("203.0.113.11".to_owned(), 150)])]
        );
        assert_eq!(FeedbackReport::read(json!({})).unwrap().requests(), None);
    }
}
