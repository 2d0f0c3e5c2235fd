//! The checks of report files, as a person reads them.

use super::*;
use crate::catalogue::feedback::REQUIRED;
use crate::config::{Canvas, draw};
use insta::assert_snapshot;

const GOOD: &str = r#"zone: shop.example.com
type: false_positive
subtype: Spamming
description: Legitimate checkout traffic was blocked as bots
expression: (http.host eq "shop.example.com" and cf.bot_management.score lt 5)
first_request_seen_at: "2025-09-30T08:00:00Z"
last_request_seen_at: 2025-09-30T09:00:00Z
requests: 1200
requests_by_score: {1: 200, "2": 300, 3: 400, 4: 300}
requests_by_score_src: {heuristics: 200, machine_learning: 1000}
requests_by_attribute:
  topIPs:
    - {metric: 203.0.113.10, requests: 180}
"#;

fn check_at(text: &str, now: &str) -> (Option<ReportFile>, Vec<Diagnostic>) {
    check_report_text("feedback/a.yaml", text.as_bytes(), now.parse().unwrap())
}

fn check(text: &str) -> (Option<ReportFile>, Vec<Diagnostic>) {
    check_at(text, "2025-10-01T00:00:00Z")
}

/// The problems of the valid report with one part replaced, one per line; `-` marks warnings.
fn told(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    let (report, problems) = check(&GOOD.replace(from, to));
    assert_eq!(report.is_none(), problems.iter().any(Diagnostic::is_error));
    let told = problems.into_iter().map(|problem| {
        let at = problem.place.unwrap();
        let warns = if problem.is_error() { "" } else { "- " };
        let hint = problem.hint.map_or(String::new(), |hint| format!(" ({hint})"));
        format!("{warns}{}:{}: {}{hint}", at.line, at.column, problem.message)
    });
    told.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_valid_report_is_read_as_written() {
    let (report, problems) = check(GOOD);
    assert_eq!(problems, []);
    let ReportFile { zone, report, .. } = report.unwrap();
    assert_eq!(zone.as_str(), "shop.example.com");
    let keys: Vec<_> = report.members().keys().map(String::as_str).collect();
    let mut wanted: Vec<&str> = REQUIRED.iter().copied().chain(["subtype"]).collect();
    wanted.sort_unstable();
    assert_eq!(keys, wanted);
    assert_eq!(report.text("last_request_seen_at"), Some("2025-09-30T09:00:00Z"));
    assert_eq!(report.counts("requests_by_score"), [("1", 200), ("2", 300), ("3", 400), ("4", 300)]);
}

#[test]
fn a_file_needs_what_the_api_needs_and_a_zone() {
    assert_eq!(REPORT.required(), [&["zone"], REQUIRED].concat());
}

#[test]
fn json_is_read_as_well() {
    let (report, problems) = check(&serde_json::to_string_pretty(&json_of(GOOD)).unwrap());
    assert_eq!((report.is_some(), problems), (true, vec![]));
}

fn json_of(text: &str) -> Json {
    let (report, _) = check(text);
    let mut json = Json::Object(report.unwrap().report.members().clone());
    json["zone"] = "shop.example.com".into();
    json
}

#[test]
fn a_wrong_sum_is_reported_with_the_difference() {
    assert_snapshot!(told("3: 400", "3: 300"), @"9:1: `requests_by_score` sums to 1100, but `requests` is 1200: 100 are missing (correct the counts or `requests`: Cloudflare refuses the report otherwise)");
    assert_snapshot!(told("heuristics: 200", "heuristics: 201"), @"10:1: `requests_by_score_src` sums to 1201, but `requests` is 1200: 1 is too many (correct the counts or `requests`: Cloudflare refuses the report otherwise)");
    assert_snapshot!(told("{heuristics: 200, machine_learning: 1000}", "{}"), @"10:1: `requests_by_score_src` sums to 0, but `requests` is 1200: 1200 are missing (correct the counts or `requests`: Cloudflare refuses the report otherwise)");
}

#[test]
fn a_wrong_sum_is_drawn_with_both_places() {
    let (_, problems) = check(&GOOD.replace("requests: 1200", "requests: 1201"));
    assert_snapshot!(draw(&problems[0], Canvas::default()), @r#"
    error: `requests_by_score` sums to 1200, but `requests` is 1201: 1 is missing
     --> feedback/a.yaml:9:1
      |
    9 | requests_by_score: {1: 200, "2": 300, 3: 400, 4: 300}
      | ^^^^^^^^^^^^^^^^^ its counts must add up to `requests`
      |
     ::: feedback/a.yaml:8:11
      |
    8 | requests: 1201
      |           ---- this many
      |
      = help: correct the counts or `requests`: Cloudflare refuses the report otherwise
    "#);
}

#[test]
fn counts_are_whole_numbers_from_0_that_fit() {
    assert_snapshot!(told("requests: 1200", "requests: -1"), @"8:11: `requests` must be a whole number from 0, not `-1`");
    assert_snapshot!(told("requests: 1200", "requests: 1200.0"), @"8:11: `requests` must be a whole number from 0, not `1200.0` (write `1200`)");
    assert_snapshot!(told("requests: 1200", "requests: 1.5"), @"8:11: `requests` must be a whole number from 0, not `1.5`");
    assert_snapshot!(told("requests: 1200", "requests: \"1200\""), @r#"8:11: `requests` must be a whole number from 0, not `"1200"` (write `1200`)"#);
    assert_snapshot!(told("requests: 1200", "requests: 9223372036854775808"), @"8:11: `requests` must be a whole number from 0, not `9223372036854775808`");
    assert_snapshot!(told("requests: 1200", "requests:"), @"8:1: `requests` has no value (write a whole number from 0, or leave `requests` out)");
    assert_snapshot!(told("3: 400", "3: many"), @"9:42: the count of `3` must be a whole number from 0, not `many`");
    assert_snapshot!(told("requests: 180", "requests: .inf"), @"13:40: `.inf` is not a supported number");
}

#[test]
fn sums_that_overflow_are_reported_too() {
    let huge = "{1: 9223372036854775807, 2: 9223372036854775807}";
    assert_snapshot!(told("{1: 200, \"2\": 300, 3: 400, 4: 300}", huge), @"9:1: `requests_by_score` sums to 18446744073709551614, but `requests` is 1200: 18446744073709550414 are too many (correct the counts or `requests`: Cloudflare refuses the report otherwise)");
}

#[test]
fn scores_are_1_to_99() {
    assert_snapshot!(told("4: 300", "100: 300"), @"9:47: `100` is not a bot score");
    assert_snapshot!(told("4: 300", "\"04\": 300"), @r#"9:47: `04` is not a bot score (write `"4"`)"#);
    assert_snapshot!(told("4: 300", "04: 300"), @r#"9:47: `04` is not a bot score (write `"4"`)"#);
    assert_snapshot!(told("4: 300", "0: 300"), @"9:47: `0` is not a bot score");
    assert_snapshot!(told("4: 300", "-4: 300"), @"9:47: `-4` is not a bot score");
    assert_snapshot!(told("4: 300", "2: 300"), @"9:47: the key `2` appears a second time (remove one of the two)");
}

#[test]
fn times_are_rfc_3339_in_order_and_past() {
    assert_snapshot!(told("T08:00:00Z", "T08:00:00"), @"6:24: `2025-09-30T08:00:00` is not a time (write `2025-09-30T08:00:00Z` if it is in UTC)");
    assert_snapshot!(told("\"2025-09-30T08:00:00Z\"", "2025-09-30 08:00:00z"), @"6:24: `2025-09-30 08:00:00z` is not a time (write `2025-09-30T08:00:00Z`)");
    assert_snapshot!(told("\"2025-09-30T08:00:00Z\"", "2025-09-30"), @"6:24: `2025-09-30` is not a time (write `2025-09-30T00:00:00Z` if it is in UTC)");
    assert_snapshot!(told("\"2025-09-30T08:00:00Z\"", "yesterday"), @"6:24: `yesterday` is not a time");
    assert_snapshot!(told("T08:00:00Z", "T11:00:00+01:00"), @"6:24: `first_request_seen_at` is 60 minutes after `last_request_seen_at` (swap the two, or correct the one that is wrong)");
    assert_snapshot!(told("2025-09-30T09:00:00Z", "2026-09-30T09:00:00Z"), @"7:23: `last_request_seen_at` is 364 days in the future (a report covers requests that were already seen; correct the time or its offset)");
}

#[test]
fn clocks_may_be_five_minutes_apart() {
    assert_eq!(check_at(GOOD, "2025-09-30T08:55:00Z").1, []);
    assert_eq!(check_at(GOOD, "2025-09-30T08:54:59Z").1.len(), 1);
}

#[test]
fn all_missing_members_are_reported_at_once() {
    let (_, problems) = check("subtype: Spamming\n");
    let missing: Vec<_> = problems.iter().map(|problem| problem.message.clone()).collect();
    assert_eq!(missing.len(), 10, "{missing:?}");
    assert!(missing.iter().all(|message| message.to_string().ends_with(" is missing")), "{missing:?}");
}

#[test]
fn members_that_are_not_sent_are_refused() {
    assert_snapshot!(told("requests: 1200", "created_at: \"2025-10-01T12:00:00Z\"\nrequests: 1200"), @"8:1: `created_at` is read-only (remove it)");
    assert_snapshot!(told("subtype:", "sub_type:"), @"3:1: unknown key `sub_type` (did you mean `subtype`?)");
    assert_snapshot!(told("type: false_positive", "type: false_postive"), @"2:7: `false_postive` is not a value of `type` (did you mean `false_positive`?)");
    assert_snapshot!(told("description: Legitimate checkout traffic was blocked as bots", "description: \" \""), @"4:14: `description` is empty (say what was misjudged)");
}

#[test]
fn what_the_api_accepts_anyway_is_only_a_warning() {
    assert_snapshot!(told("Spamming", "Spaming"), @"- 3:10: `Spaming` is not a documented subtype (did you mean `Spamming`?)");
    assert_snapshot!(told("topIPs", "topIps"), @"- 12:3: `topIps` is not a documented attribute (did you mean `topIPs`?)");
    assert_snapshot!(told(" lt 5)", " lt 5"), @"- 5:13: a `(` in the expression is not closed (each bracket needs its counterpart)");
}

#[test]
fn top_lists_hold_values_with_counts() {
    assert_snapshot!(told("metric: 203.0.113.10", "metric: 64500"), @"13:16: `metric` must be a string, not `64500` (put it in quotes)");
    assert_snapshot!(told(", requests: 180", ", request: 180"), @"13:30: unknown key `request` (did you mean `requests`?)");
    assert_snapshot!(told("  topIPs:\n    - {metric: 203.0.113.10, requests: 180}\n", "  []\n"), @"12:3: `requests_by_attribute` must be a mapping, not an empty list (write `requests_by_attribute: {}` if there are none)");
}

#[test]
fn the_example_of_the_reference_only_raises_doubts_about_its_expression() {
    let examples = include_str!("../../../tests/recorded/feedback-reference.json");
    let mut report: Json = serde_json::from_str::<Json>(examples).unwrap()[0].take();
    report["zone"] = "shop.example.com".into();
    report.as_object_mut().unwrap().remove("created_at");
    let (report, problems) = check_at(&report.to_string(), "2025-10-01T12:00:00Z");
    assert!(report.is_some() && problems.len() == 2, "{problems:?}");
}
