//! Feedback reports of a zone: checked, stamped, appended, never changed.

use super::message::{Body, Reply, Request};
use super::zone::{Shape, Zone};
use crate::catalogue::feedback::{REQUIRED, TYPES};
use serde_json::{Map, Value as Json};

/// All reports, in the zone's response shape; late reports appear after the scripted number of listings.
pub(super) fn list(zone: &mut Zone) -> Reply {
    for (listings, report) in std::mem::take(&mut zone.late) {
        match listings.checked_sub(1) {
            Some(left) => zone.late.push((left, report)),
            None => zone.feedback.push(report),
        }
    }
    let reports = Json::Array(zone.feedback.clone());
    // A bare array, the envelope with an array, or the envelope with null: clients must accept all three.
    match zone.shape {
        Shape::Bare => Reply::new(200, Body::Json(reports)),
        Shape::Null if zone.feedback.is_empty() => Reply::ok(Json::Null),
        Shape::Envelope | Shape::Null => Reply::ok(reports),
    }
}

/// Stores a report; with `late`, that many listings omit it. An equal report is stored again: the API call is not
/// idempotent.
pub(super) fn submit(zone: &mut Zone, request: &Request, late: Option<u32>) -> Reply {
    let report = match request.json() {
        Some(Json::Object(report)) if request.says_json() => report,
        _ => return Reply::refused("Bad Request"),
    };
    if let Err(sentence) = check(&report) {
        return Reply::refused(sentence);
    }
    let mut report = report;
    // Cloudflare's times may carry microseconds.
    report.insert("created_at".to_owned(), format!("{:.6}", request.now).into());
    match late {
        Some(listings) => zone.late.push((listings, Json::Object(report))),
        None => zone.feedback.push(Json::Object(report)),
    }
    let body = match zone.shape {
        // A POST is answered with 201, perhaps without a body.
        Shape::Bare => Body::Empty,
        Shape::Envelope | Shape::Null => return Reply { status: 201, ..Reply::ok(Json::Null) },
    };
    Reply::new(201, body)
}

fn check(report: &Map<String, Json>) -> Result<(), String> {
    if report.contains_key("created_at") {
        return Err("cannot write to read-only value 'created_at'".to_owned());
    }
    if let Some(missing) = REQUIRED.iter().find(|key| !report.contains_key(**key)) {
        return Err(format!("missing field '{missing}'"));
    }
    if let Some(unknown) = report.keys().find(|key| !REQUIRED.contains(&key.as_str()) && *key != "subtype") {
        return Err(format!("unknown field '{unknown}'"));
    }
    if report.get("subtype").is_some_and(|subtype| !subtype.is_string()) {
        return Err("invalid value for 'subtype'".to_owned());
    }
    check_texts(report)?;
    check_times(report)?;
    check_counts(report)
}

fn text<'a>(report: &'a Map<String, Json>, key: &str) -> Result<&'a str, String> {
    report.get(key).and_then(Json::as_str).ok_or_else(|| format!("invalid value for '{key}'"))
}

fn check_texts(report: &Map<String, Json>) -> Result<(), String> {
    for key in ["description", "expression"] {
        text(report, key)?;
    }
    match text(report, "type")? {
        word if TYPES.contains(&word) => Ok(()),
        _ => Err("invalid value for 'type'".to_owned()),
    }
}

fn check_times(report: &Map<String, Json>) -> Result<(), String> {
    let time = |key: &str| {
        let read = text(report, key)?.parse::<jiff::Timestamp>();
        read.map_err(|_| format!("invalid value for '{key}'"))
    };
    if time("first_request_seen_at")? > time("last_request_seen_at")? {
        return Err("'first_request_seen_at' is after 'last_request_seen_at'".to_owned());
    }
    Ok(())
}

fn check_counts(report: &Map<String, Json>) -> Result<(), String> {
    let requests = count(report.get("requests")).ok_or("invalid value for 'requests'")?;
    for key in ["requests_by_score", "requests_by_score_src"] {
        let counts =
            report.get(key).and_then(Json::as_object).ok_or_else(|| format!("invalid value for '{key}'"))?;
        if key == "requests_by_score" && !counts.keys().all(|score| is_score(score)) {
            return Err(format!("invalid value for '{key}'"));
        }
        let sum = counts.values().map(|value| count(Some(value))).sum::<Option<i128>>();
        if sum.ok_or_else(|| format!("invalid value for '{key}'"))? != requests {
            return Err(format!("sum of '{key}' must equal 'requests'"));
        }
    }
    let attributes = report.get("requests_by_attribute").and_then(Json::as_object);
    match attributes {
        Some(lists) if lists.values().all(is_top_list) => Ok(()),
        _ => Err("invalid value for 'requests_by_attribute'".to_owned()),
    }
}

fn count(value: Option<&Json>) -> Option<i128> {
    value.and_then(Json::as_i64).filter(|count| *count >= 0).map(i128::from)
}

fn is_score(key: &str) -> bool {
    key.parse::<u8>().is_ok_and(|score| (1..=99).contains(&score) && score.to_string() == key)
}

fn is_top_list(list: &Json) -> bool {
    let is_entry = |entry: &Json| {
        entry.get("metric").is_some_and(Json::is_string) && count(entry.get("requests")).is_some()
    };
    list.as_array().is_some_and(|entries| entries.iter().all(is_entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;
    use serde_json::json;

    fn report() -> Json {
        json!({
            "type": "false_positive", "description": "shoppers were blocked",
            "expression": "(cf.bot_management.score lt 5)",
            "first_request_seen_at": "2025-09-30T08:00:00Z", "last_request_seen_at": "2025-09-30T09:00:00Z",
            "requests": 100, "requests_by_score": {"1": 40, "2": 60}, "requests_by_score_src": {"ml": 100},
            "requests_by_attribute": {"topIPs": [{"metric": "203.0.113.10", "requests": 7}]},
        })
    }

    fn sent(report: &Json) -> Request {
        let content_type = Some("application/json; charset=utf-8".to_owned());
        Request { content_type, body: Some(report.to_string().into_bytes()), ..Request::default() }
    }

    fn zone(shape: Shape) -> Zone {
        let zone = Zone::new(String::new(), "a.example".to_owned(), String::new(), Variant::SbfmBusiness);
        Zone { shape, ..zone }
    }

    #[test]
    fn a_report_gets_a_timestamp_and_an_equal_one_is_stored_again() {
        let mut zone = zone(Shape::Envelope);
        assert_eq!(submit(&mut zone, &sent(&report()), None).status, 201);
        assert_eq!(submit(&mut zone, &sent(&report()), None).status, 201);
        assert_eq!(zone.feedback.len(), 2);
        assert_eq!(zone.feedback[0]["created_at"], "1970-01-01T00:00:00.000000Z");
    }

    #[test]
    fn a_bare_zone_answers_without_envelope_and_without_body() {
        let mut zone = zone(Shape::Bare);
        assert_eq!(list(&mut zone).body, Body::Json(json!([])));
        assert_eq!(submit(&mut zone, &sent(&report()), None).body, Body::Empty);
    }

    #[test]
    fn null_is_only_sent_for_an_empty_list() {
        let mut zone = zone(Shape::Null);
        assert_eq!(list(&mut zone), Reply::ok(Json::Null));
        zone.feedback.push(report());
        assert_eq!(list(&mut zone), Reply::ok(json!([report()])));
    }

    #[test]
    fn a_report_that_breaks_a_rule_is_refused_and_not_stored() {
        let broken = [
            ("type", json!("wrong")),
            ("description", json!(7)),
            ("first_request_seen_at", json!("yesterday")),
            ("first_request_seen_at", json!("2025-10-01T00:00:00Z")),
            ("requests", json!(-1)),
            ("requests", json!(99)),
            ("requests_by_score", json!({"1": 40, "02": 60})),
            ("requests_by_score", json!({"100": 100})),
            ("requests_by_score_src", json!({"ml": 99})),
            ("requests_by_attribute", json!({"topIPs": [{"metric": 1, "requests": 7}]})),
            ("created_at", json!("2025-10-01T00:00:00Z")),
            ("zone", json!("a.example")),
        ];
        for (key, value) in broken {
            let (mut zone, mut report) = (zone(Shape::Envelope), report());
            report[key] = value;
            assert_eq!(submit(&mut zone, &sent(&report), None).status, 400, "{report}");
            assert!(zone.feedback.is_empty());
        }
    }

    #[test]
    fn every_required_member_is_required() {
        for key in REQUIRED.iter().copied() {
            let mut report = report();
            report.as_object_mut().unwrap().remove(key);
            let reply = submit(&mut zone(Shape::Envelope), &sent(&report), None);
            assert_eq!(reply, Reply::refused(format!("missing field '{key}'")));
        }
    }
}
