//! How long waivers and freezes count, and how a zone ends that is not written.

use super::*;
use crate::model::{Place, Waiver};

#[test]
fn a_waiver_counts_to_the_end_of_its_last_day() {
    let last = jiff::civil::date(2026, 11, 23);
    let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
    want.set("ai_search", "block").unwrap();
    let setting = crate::catalogue::find("ai_search").unwrap();
    want.accept.push(Waiver { setting, reason: "agreed".to_owned(), until: last, place: Place::START });
    let live = Live::read([("ai_search".to_owned(), "disabled".into())].into_iter().collect());
    let id = "0".repeat(32).try_into().unwrap();
    let zone = ZonePlan::build(&want, id, live, &Context::of_day(last));
    assert_eq!(zone.ended(last), None);
    let ended = zone.ended(last.tomorrow().unwrap());
    assert_eq!(ended.unwrap(), "the waiver for `ai_search` ended on 2026-11-23");
}

#[test]
fn a_zone_that_nobody_approved_ends_with_the_note_that_says_so() {
    let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
    want.set("ai_search", "block").unwrap();
    let live = Live::read([("ai_search".to_owned(), "disabled".into())].into_iter().collect());
    let id = "0".repeat(32).try_into().unwrap();
    let mut zone = ZonePlan::build(&want, id, live, &Context::of_day(jiff::civil::Date::default()));
    zone.rows.iter_mut().for_each(|row| row.verdict = Verdict::Unapproved("no plan holds it".into()));
    let why = Diagnostic::warning("not approved").kind(DiagnosticKind::Unapproved);
    zone.notes = vec![Diagnostic::note("something else"), why.clone()];
    let end = zone.unwritten_end();
    assert_eq!((end.outcome, end.diagnostics), (Outcome::Unapproved, vec![why.severity(Severity::Error)]));
}
