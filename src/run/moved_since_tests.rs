//! What a plan and the zones of now are to an earlier snapshot: new, gone, another one, or not to be compared.

use super::*;
use crate::model::Desired;
use jiff::Timestamp;
use serde_json::json;

fn id(digit: &str) -> ZoneId {
    digit.repeat(32).try_into().unwrap()
}

fn account(digit: &str) -> AccountId {
    digit.repeat(32).try_into().unwrap()
}

fn seen(name: &str, digit: &str) -> Seen {
    let live = json!({"ai_search": "block", "enable_js": true});
    Seen { entry: ZoneEntry::new(id(digit), name), live: Ok(Live::read(live.as_object().unwrap().clone())) }
}

fn snapshot(seen: Vec<Seen>) -> Snapshot {
    Snapshot::new(Timestamp::UNIX_EPOCH, "a".to_owned(), seen)
}

/// A plan whose file pins that id, and whose zone could not be read.
fn unread(name: &str, digit: &str) -> Plan {
    let want = Desired::new(name.parse().unwrap(), Variant::SbfmPro);
    let day = jiff::civil::Date::default();
    let zone = ZonePlan::failed(&want, Some(id(digit)), Diagnostic::error("no"), day);
    Plan::build(crate::plan::Provenance::default(), vec![zone])
}

fn moved(plan: &Plan) -> Vec<(&str, WhatMoved)> {
    let moved = plan.provenance().moved_since.as_ref().unwrap();
    moved.zones.iter().map(|zone| (zone.zone.as_str(), zone.what)).collect()
}

#[test]
fn a_pinned_id_of_another_name_is_the_zone_that_is_listed() {
    let then = snapshot(vec![seen("b.example", "1")]);
    for (name, expected) in
        [("a.example", vec![]), ("b.example", vec![("b.example", WhatMoved::NotCompared)])]
    {
        let mut plan = unread(name, "1");
        let present = [Present::from(Ok(ZoneEntry::new(id("1"), "b.example")) as Listed)];
        compare_since(&mut plan, &then, &present, &[]).unwrap();
        assert_eq!(moved(&plan), expected, "{name}");
        assert_eq!(plan.provenance().moved_since.as_ref().unwrap().not_compared, 1);
    }
    let mut plan = unread("a.example", "1");
    compare_since(&mut plan, &then, &[], &[]).unwrap();
    assert_eq!(moved(&plan), [("a.example", WhatMoved::NotCompared)], "nothing lists the id");
}

#[test]
fn a_zone_whose_name_is_none_has_no_place_in_a_snapshot() {
    let both = snapshot(vec![seen("a.example", "1"), seen("not a name", "2")]);
    assert_eq!(both, snapshot(vec![seen("a.example", "1")]));
}

#[test]
fn a_scope_holds_the_zones_of_its_account_and_those_of_no_known_one() {
    let own = Scope { account_id: Some(account("a")), ..Scope::default() };
    let (all, zone) = (Scope::default(), id("1"));
    let holds = |scope: &Scope, of: Option<&AccountId>| scope.holds("a.example", Some(&zone), of);
    let (a, b) = (account("a"), account("b"));
    assert_eq!([Some(&a), Some(&b), None].map(|of| holds(&own, of)), [true, false, true]);
    assert_eq!([Some(&a), Some(&b), None].map(|of| holds(&all, of)), [true; 3]);
    let named = Scope { zones: vec!["*.example".to_owned()], ..Scope::default() };
    let other = Scope { zones: vec!["b.example".to_owned()], ..Scope::default() };
    let without = Scope { exclude: vec!["a.*".to_owned()], ..Scope::default() };
    assert_eq!([&named, &other, &without].map(|scope| holds(scope, Some(&a))), [true, false, false]);
}
