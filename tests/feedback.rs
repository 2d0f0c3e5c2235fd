//! Report files: the program and the exported schema take the same ones, as far as a schema can tell.
#![expect(clippy::unwrap_used, reason = "a test fails where a value is missing")]

use boon::{Compiler, SchemaIndex, Schemas};
use botform::catalogue::feedback::{ATTRIBUTES, REQUIRED, SUBTYPES, TYPES};
use botform::config::check_report_text;
use botform::model::NewReport;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::sync::LazyLock;

static SCHEMA: LazyLock<(Schemas, SchemaIndex)> = LazyLock::new(|| {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let schema = serde_json::from_str(include_str!("../schemas/feedback.schema.json")).unwrap();
    compiler.add_resource("feedback.json", schema).unwrap();
    let index = compiler.compile("feedback.json", &mut schemas).unwrap();
    (schemas, index)
});

fn schema_takes(report: &Json) -> bool {
    SCHEMA.0.validate(report, SCHEMA.1).is_ok()
}

/// What is wrong with a report for the program.
fn errors(report: &Json) -> Vec<String> {
    let now = "2026-11-01T00:00:00Z".parse().unwrap();
    let (_, problems) = check_report_text("feedback/a.json", report.to_string().as_bytes(), now);
    problems
        .into_iter()
        .filter(botform::model::Diagnostic::is_error)
        .map(|problem| problem.message.to_string())
        .collect()
}

/// Whether the report may be built in code: its own members, without those that say where it belongs.
fn can_be_sent(report: &Json) -> bool {
    let mut members = report.as_object().unwrap().clone();
    ["zone", "zone_id", "account_id"].into_iter().for_each(|member| {
        members.remove(member);
    });
    NewReport::check(members.into()).is_ok()
}

/// Splits a number into so many counts that add up to it.
fn split(total: i64, keys: &[String]) -> Map<String, Json> {
    let parts = i64::try_from(keys.len()).unwrap();
    let share = |index: i64| total / parts + i64::from(index < total % parts);
    keys.iter().zip(0..).map(|(key, index)| (key.clone(), share(index).into())).collect()
}

prop_compose! {
    fn valid()(
        requests in prop_oneof![0_i64..100_000, Just(i64::MAX)],
        scores in prop::collection::btree_set(1_u8..=99, 1..12),
        sources in prop::collection::btree_set("[a-z_]{1,12}", 1..4),
        kind in prop::sample::select(TYPES.to_vec()),
        subtype in prop::option::of(prop_oneof![prop::sample::select(SUBTYPES.to_vec()).prop_map(str::to_owned), "[A-Za-z]{1,9}"]),
        words in "[ -~]{0,20}[!-~]",
        tops in prop::collection::btree_map(prop_oneof![prop::sample::select(ATTRIBUTES.to_vec()).prop_map(str::to_owned), "[a-z]{1,6}"],
            prop::collection::vec(("[ -~]{0,12}", 0_i64..1000), 0..3), 0..3),
        from in 0_i64..1_700_000_000, length in 0_i64..86_400,
        fraction in prop::option::of(0_u32..999_999_999), offset in -23_i32..=23,
        zone_id in prop::option::of("[0-9a-f]{32}"),
    ) -> Json {
        let time = |second: i64, fraction: Option<u32>| {
            let offset = jiff::tz::Offset::constant(i8::try_from(offset).unwrap());
            let fraction = fraction.map_or(String::new(), |fraction| format!(".{fraction:09}"));
            let at = jiff::Timestamp::from_second(second).unwrap().to_zoned(offset.to_time_zone());
            format!("{}{fraction}{}", at.strftime("%Y-%m-%dT%H:%M:%S"), at.strftime("%:z"))
        };
        let keys: Vec<String> = scores.iter().map(ToString::to_string).collect();
        let tops: Map<String, Json> = tops.into_iter().map(|(name, items)| {
            let items = items.into_iter().map(|(metric, requests)| json!({"metric": metric, "requests": requests}));
            (name, items.collect())
        }).collect();
        let mut report = json!({
            "zone": "shop.example.com", "type": kind, "description": words, "expression": words,
            "first_request_seen_at": time(from, None), "last_request_seen_at": time(from + length, fraction),
            "requests": requests, "requests_by_score": split(requests, &keys),
            "requests_by_score_src": split(requests, &sources.into_iter().collect::<Vec<_>>()), "requests_by_attribute": tops,
        });
        let optional = [("subtype", subtype), ("zone_id", zone_id)];
        for (key, value) in optional {
            if let Some(value) = value {
                report[key] = value.into();
            }
        }
        report
    }
}

/// Values that no member of that name may have, as far as a schema can tell.
fn broken() -> impl Strategy<Value = (&'static str, Json)> {
    let count = json!([{"metric": "a", "requests": -1}]);
    prop::sample::select(vec![
        ("zone", json!("Shop.example.com")),
        ("zone_id", json!("023e")),
        ("account_id", json!(7)),
        ("type", json!("false_postive")),
        ("subtype", json!(7)),
        ("subtype", json!(" ")),
        ("description", json!("")),
        ("expression", json!(["cf.bot_management.score lt 5"])),
        ("first_request_seen_at", json!("2026-01-31")),
        ("first_request_seen_at", json!("2026-02-30T08:00:00Z")),
        ("last_request_seen_at", json!("2026-01-31T08:00:00")),
        ("last_request_seen_at", json!("2026-01-31T08:00:00+24:00")),
        ("requests", json!(-1)),
        ("requests", json!(1.5)),
        ("requests", json!("12")),
        ("requests", json!(null)),
        ("requests_by_score", json!({"0": 1})),
        ("requests_by_score", json!({"100": 1})),
        ("requests_by_score", json!({"07": 1})),
        ("requests_by_score", json!({"7": -1})),
        ("requests_by_score", json!([])),
        ("requests_by_score_src", json!({"ml": 0.5})),
        ("requests_by_attribute", json!([])),
        ("requests_by_attribute", json!({"topIPs": {}})),
        ("requests_by_attribute", json!({"topIPs": [{"metric": "a"}]})),
        ("requests_by_attribute", json!({"topIPs": [{"metric": 7, "requests": 1}]})),
        ("requests_by_attribute", json!({"topIPs": [{"metric": "a", "requests": 1, "more": 1}]})),
        ("requests_by_attribute", json!({ "topIPs": count })),
        ("created_at", json!("2026-01-31T08:00:00Z")),
        ("tomorrow", json!(1)),
    ])
}

proptest! {
    #[test]
    fn any_valid_report_is_taken_by_both(report in valid()) {
        prop_assert_eq!(errors(&report), Vec::<String>::new(), "{}", report);
        prop_assert!(schema_takes(&report) && can_be_sent(&report), "{}", report);
    }

    #[test]
    fn any_broken_report_is_refused_by_both(report in valid(), (member, value) in broken()) {
        let mut report = report;
        report[member] = value;
        prop_assert!(!errors(&report).is_empty(), "{}", report);
        prop_assert!(!schema_takes(&report), "{}", report);
        let says_where = ["zone", "zone_id", "account_id"].contains(&member);
        prop_assert!(says_where || !can_be_sent(&report), "{}", report);
    }

    #[test]
    fn a_report_without_a_member_is_refused_by_both(report in valid(), member in prop::sample::select([&["zone"], REQUIRED].concat())) {
        let mut report = report;
        report.as_object_mut().unwrap().remove(member);
        prop_assert!(!errors(&report).is_empty() && !schema_takes(&report), "{}", report);
    }

    #[test]
    fn a_sum_that_misses_is_refused_by_the_program(report in valid(), by in 1_i64..1000) {
        let mut report = report;
        let requests = report["requests"].as_i64().unwrap();
        let wrong = requests.checked_add(by).unwrap_or(requests - by);
        report["requests"] = wrong.into();
        prop_assert!(!can_be_sent(&report));
        let told = errors(&report);
        let (what, verb) = (if wrong > requests { "missing" } else { "too many" }, if by == 1 { "is" } else { "are" });
        let ending = format!(": {by} {verb} {what}");
        prop_assert!(told.len() == 2 && told.iter().all(|told| told.ends_with(&ending)), "{told:?}");
    }
}
