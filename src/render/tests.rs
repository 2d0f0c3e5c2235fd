//! What all formats have in common: one cause is one row, whatever its numbers and the order of the replies.

use super::{
    Annotations, COMMENT, Detail, HtmlReport, Markdown, Metrics, OutcomesText, Page, Paint, PlanText,
    ReportJson, Room, github_values, gitlab, junit, sarif,
};
use crate::catalogue::Variant;
use crate::diff::Context;
use crate::model::{
    Desired, Diagnostic, DiagnosticKind, Live, Message, Outcome, Part, Place, ZoneId, ZoneOutcome,
};
use crate::plan::{Plan, Provenance, Source, ZonePlan};
use crate::report::{Ending, Report, Verb};
use serde_json::json;
use std::time::Duration;

const ZONES: u64 = 30;

/// A zone that was throttled, with a wait and a number of attempts of its own.
fn throttled(n: u64) -> Diagnostic {
    let said = Message::from("GET /zones/").zone_id(format!("{n:032x}")).text("/bot_management (zone ");
    let said = said.zone(name(n)).text(", ").with(Part::Attempts(2 + u32::try_from(n % 4).unwrap()));
    Diagnostic::error(said.text(") was throttled with status 429")).kind(DiagnosticKind::Throttled).hint(
        Message::from("wait ").with(Part::Seconds(10 + n)).text(", or give a lower `--rate` than 600/300"),
    )
}

fn name(n: u64) -> String {
    format!("zone-{n:02}.example.com")
}

fn plan_of(zones: impl Iterator<Item = ZonePlan>) -> Plan {
    let mut made = Provenance::new("2026-11-23T12:00:00Z".parse().unwrap(), "https://api.example".to_owned());
    made.commit = Some("c".repeat(40));
    Plan::build(made, zones.collect())
}

fn file(n: u64) -> (Desired, ZoneId) {
    let file = format!("zones/{}.yaml", name(n));
    let want = Desired::in_file(file, name(n).parse().unwrap(), Variant::SbfmPro, Place::START);
    (want, ZoneId::try_from(format!("{n:032x}")).unwrap())
}

/// A plan of zones that could not be read, in the order of the replies.
fn plan(order: impl Iterator<Item = u64>) -> Plan {
    plan_of(order.map(|n| {
        let (want, id) = file(n);
        ZonePlan::failed(&want, Some(id), throttled(n), jiff::civil::date(2026, 11, 23))
    }))
}

/// A plan of zones that differ, in the order of the replies, and how each ended: none could be written.
fn applied(order: impl Iterator<Item = u64>) -> (Plan, Vec<ZoneOutcome>) {
    let context = Context::of_day(jiff::civil::date(2026, 11, 23));
    let plan = plan_of(order.map(|n| {
        let (mut want, id) = file(n);
        want.set("ai_search", "block").unwrap();
        let live = Live::read([("ai_search".to_owned(), "disabled".into())].into_iter().collect());
        ZonePlan::build(&want, id, live, &context)
    }));
    let number = |zone: &ZonePlan| (0..ZONES).find(|n| zone.zone.as_str() == name(*n)).unwrap();
    let end = |zone| ZoneOutcome::because(Outcome::Throttled, throttled(number(zone)));
    let ends = plan.zones().iter().map(end).collect();
    (plan, ends)
}

fn formats(plan: &Plan) -> Vec<(&'static str, String)> {
    let text = PlanText::new(plan, Page::from(Paint::Plain), Detail::Notable).to_string();
    shown(&Report { plan: Some(plan), ..Report::new(Verb::Plan, Ending::Failed) }, text)
}

fn formats_of_apply((plan, ends): &(Plan, Vec<ZoneOutcome>)) -> Vec<(&'static str, String)> {
    let text = OutcomesText::new(plan, ends, Page::from(Paint::Plain), Detail::Notable).to_string();
    let report = Report::new(Verb::Apply, Ending::Failed);
    shown(&Report { plan: Some(plan), outcomes: Some(ends), ..report }, text)
}

/// A report in every format: first those that people read, then those that name each zone, then those that only count.
fn shown(report: &Report<'_>, text: String) -> Vec<(&'static str, String)> {
    let waited = Duration::from_secs(39);
    vec![
        ("text", text),
        ("markdown", Markdown::new(report, COMMENT).to_string()),
        ("job summary", Markdown::new(report, Room::Bytes(1 << 20)).to_string()),
        ("github", Annotations::new(report).to_string()),
        ("sarif", sarif(report).to_string()),
        ("html", HtmlReport::new(report).to_string()),
        ("junit", junit(report).unwrap()),
        ("json", serde_json::to_string(&ReportJson(report)).unwrap()),
        ("gitlab", gitlab(report).to_string()),
        ("github values", github_values(report)),
        ("metrics", Metrics { report, requests: &[], waited, now: 0, last_success: None }.to_string()),
    ]
}

#[test]
fn zones_that_are_throttled_with_different_waits_are_one_row_in_each_format() {
    for shown in [formats(&plan(0..ZONES)), formats_of_apply(&applied(0..ZONES))] {
        for (format, text) in &shown[..6] {
            assert_eq!(text.matches("10 to 39 s").count(), 1, "{format}: {text}");
            assert!(text.contains("2 to 5 attempts"), "{format}: {text}");
        }
        for (format, text) in &shown[6..8] {
            let said = text.matches("was throttled").count() as u64;
            assert!(said > 0 && said.is_multiple_of(ZONES), "{format}: each zone has its own: {text}");
        }
        for (format, text) in &shown[8..] {
            assert!(!text.contains("example.com"), "{format} counts alone: {text}");
        }
    }
}

#[test]
fn every_format_shows_what_a_reviewer_must_see() {
    let mut made = Provenance::new("2026-11-23T12:00:00Z".parse().unwrap(), "https://api.example".to_owned());
    made.since = Some("main".to_owned());
    made.source = Source::snapshot("2026-11-23T10:00:00Z".parse().unwrap());
    let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
    want.set("ai_search", "disabled").unwrap();
    let live = json!({"ai_search": "block", "stale_zone_configuration": {"fight_mode": true}});
    let live = Live::read(live.as_object().unwrap().clone());
    let id = ZoneId::try_from("0".repeat(32)).unwrap();
    let context = Context::of_day(jiff::civil::date(2026, 11, 23));
    let plan = Plan::build(made, vec![ZonePlan::build(&want, id, live, &context)]);
    let shown = formats(&plan);
    for (format, text) in &shown[..7] {
        let text = text.replace(['`', '\n'], " ").replace("  ", " ");
        for seen in [
            "snapshot that was 2h 0m old",
            "Compared with main",
            "1 stale setting still acts",
            "1 change loosens",
        ] {
            assert!(text.contains(seen), "{format} without {seen}: {text}");
        }
    }
}

#[test]
fn no_format_depends_on_the_order_of_replies() {
    let all = |order: Vec<u64>| {
        [formats(&plan(order.iter().copied())), formats_of_apply(&applied(order.into_iter()))].concat()
    };
    let (one, other) = (all((0..ZONES).collect()), all((0..ZONES).rev().collect()));
    for ((format, one), (_, other)) in one.iter().zip(&other) {
        assert_eq!(one, other, "{format}");
    }
}

#[test]
fn a_saved_plan_says_what_the_run_said() {
    let plan = plan(0..ZONES);
    let saved = serde_json::to_string(&crate::plan::PlanDocument::new(&plan)).unwrap();
    let read = crate::plan::read(std::io::Cursor::new(saved)).unwrap();
    for ((format, now), (_, then)) in formats(&plan).iter().zip(&formats(&read)) {
        assert_eq!(now, then, "{format}");
    }
}
