//! Listed reports as a person, a script and a spreadsheet read them.

use super::*;
use crate::model::{Diagnostic, ZoneId};
use crate::render::Paint;
use serde_json::json;

fn zones() -> Vec<ZoneReports> {
    let report = json!({
        "created_at": "2025-10-01T12:00:00.749712Z", "type": "false_positive", "subtype": "Spamming",
        "description": "Legitimate checkout traffic\u{1b}[2K", "expression": "(cf.bot_management.score lt 5)",
        "first_request_seen_at": "2025-09-30T08:00:00Z", "last_request_seen_at": "2025-09-30T09:00:00Z",
        "requests": 1200, "requests_by_score": {"1": 200, "2": 300, "10": 700},
        "requests_by_score_src": {"heuristics": 200, "machine_learning": 1000},
        "requests_by_attribute": {"topIPs": [{"metric": "203.0.113.10", "requests": 180}]}, "tomorrow": true,
    });
    let zone = |name: &str, reports| ZoneReports {
        zone: name.to_owned(),
        zone_id: ZoneId::try_from("0".repeat(32)).unwrap(),
        account_id: "1".repeat(32),
        reports,
    };
    vec![
        zone(
            "a.example",
            Ok(vec![FeedbackReport::read(report).unwrap(), FeedbackReport::read(json!({})).unwrap()]),
        ),
        zone("b.example", Ok(vec![])),
        zone("c.example", Err(Diagnostic::error("GET failed").hint("wait"))),
    ]
}

#[test]
fn the_table_shows_each_report_with_its_counts() {
    insta::assert_snapshot!(FeedbackTable::new(&zones(), Paint::Plain), @r"
    a.example   2 reports
      2025-10-01T12:00:00Z  false_positive  Spamming                     1200  Legitimate checkout traffic\u{1b}[2K
          score         1 ██▎ 200  2 ███▍ 300  10 ████████ 700
          source        machine_learning ████████ 1000  heuristics █▌ 200
          topIPs        203.0.113.10 ████████ 180
          (cf.bot_management.score lt 5)
      (no date)             (no type)       -                          (none)

    c.example   failed
          error: GET failed
            hint: wait

    no reports for b.example

    Feedback: 2 reports in 3 zones, 1 failed.
    ");
}

#[test]
fn csv_has_a_row_for_each_report() {
    insta::assert_snapshot!(feedback_csv(&zones()), @r#"
    zone,zone_id,created_at,type,subtype,requests,first_request_seen_at,last_request_seen_at,description,expression,requests_by_score,requests_by_score_src,requests_by_attribute
    a.example,00000000000000000000000000000000,2025-10-01T12:00:00.749712Z,false_positive,Spamming,1200,2025-09-30T08:00:00Z,2025-09-30T09:00:00Z,Legitimate checkout traffic\u{1b}[2K,(cf.bot_management.score lt 5),"{""1"":200,""10"":700,""2"":300}","{""heuristics"":200,""machine_learning"":1000}","{""topIPs"":[{""metric"":""203.0.113.10"",""requests"":180}]}"
    a.example,00000000000000000000000000000000,,,,,,,,,,,
    "#);
}

#[test]
fn json_keeps_every_member_and_every_zone() {
    let json = feedback_json(&zones());
    assert_eq!(json["zones"][0]["reports"][0]["tomorrow"], true);
    assert_eq!(
        json["zones"][1],
        json!({"zone": "b.example", "zone_id": "0".repeat(32), "account_id": "1".repeat(32),
        "status": "listed", "reports": [], "diagnostics": []})
    );
    assert_eq!(json["zones"][2]["status"], "failed");
    assert_eq!(json["zones"][2]["diagnostics"][0]["hint"], "wait");
    let lines: Vec<Json> =
        feedback_jsonl(&zones()).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["report"]["tomorrow"]), (2, &json!(true)));
}

#[test]
fn bars_are_in_proportion_and_never_vanish() {
    let bars: Vec<_> = [0, 1, 50, 100, 1000].map(|count| bar(count, 1000)).into();
    assert_eq!(bars, ["", "▏", "▍", "▊", "████████"]);
    assert_eq!(bar(i64::MAX, i64::MAX), "████████");
    assert_eq!((bar(-1, 0), bar(5, 1)), (String::new(), "████████".to_owned()));
}

#[test]
fn many_scores_are_put_together_in_tens() {
    let names: Vec<String> = (1..=12).map(|score| score.to_string()).collect();
    let counts: Vec<(&str, i64)> = names.iter().map(|name| (name.as_str(), 1)).collect();
    assert_eq!(scores(&counts), [("1-9".to_owned(), 9), ("10-19".to_owned(), 3)]);
    assert_eq!(scores(&counts[..2]), [("1".to_owned(), 1), ("2".to_owned(), 1)]);
}
