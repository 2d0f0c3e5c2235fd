//! Which values break a rule as it was, and which of several softer rules they are told at.

use super::*;
use crate::catalogue::{Setting, Value, Variant, find};
use crate::diff::Context;
use crate::model::{Live, PolicyRule};
use crate::plan::{Provenance, ZonePlan};
use jiff::civil::date;
use serde_json::json;

const TODAY: Date = date(2026, 12, 1);

fn zone(name: &str) -> Desired {
    let mut zone = Desired::new(format!("{name}.example").parse().unwrap(), Variant::SbfmPro);
    zone.file = Some(format!("zones/{name}.yaml"));
    ["ai_search", "ai_user"].iter().for_each(|setting| zone.set(setting, "disabled").unwrap());
    zone
}

/// A policy that forbids what both zones want of two settings.
fn policy() -> Policy {
    let off = |name| -> (&'static Setting, _) { (find(name).unwrap(), vec![Value::Word("disabled")]) };
    Policy {
        id: "bots".to_owned(),
        reason: "needed".to_owned(),
        zones: Vec::new(),
        rule: PolicyRule::Forbid([off("ai_search"), off("ai_user")].into()),
        exceptions: Vec::new(),
        place: Place::START,
    }
}

fn softer(kind: RuleKind, name: &str) -> Weakened {
    Weakened::new(kind, name, "softer".to_owned())
}

#[test]
fn a_softer_policy_names_the_values_of_its_setting_and_an_exception_those_of_its_zones() {
    let of_setting = Weakened { setting: Some("ai_user".to_owned()), ..softer(RuleKind::Policy, "bots") };
    let of_zone = Weakened { zone: Some("a.*".to_owned()), ..softer(RuleKind::Exception, "bots") };
    let mut weakened = [
        softer(RuleKind::Policy, "bots"),
        of_setting,
        of_zone,
        softer(RuleKind::Policy, "other"),
        softer(RuleKind::Waiver, "bots"),
    ];
    let policies = [policy()];
    let then = ProjectRules { policies: &policies, ..ProjectRules::default() };
    judge_files(&mut weakened, &[zone("a"), zone("b")], then, TODAY);
    let breaks = |found: &Weakened| {
        let of = |found: &Break| {
            let setting = ["ai_search", "ai_user"].iter().find(|name| found.what.contains(**name)).unwrap();
            format!("{} {setting}", found.file.as_deref().unwrap())
        };
        found.breaks.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(
        breaks(&weakened[0]),
        ["zones/a.yaml ai_search", "zones/a.yaml ai_user", "zones/b.yaml ai_search", "zones/b.yaml ai_user"]
    );
    assert_eq!(breaks(&weakened[1]), ["zones/a.yaml ai_user", "zones/b.yaml ai_user"]);
    assert_eq!(breaks(&weakened[2]), ["zones/a.yaml ai_search", "zones/a.yaml ai_user"]);
    assert!(weakened[3].breaks.is_empty() && weakened[4].breaks.is_empty());
}

#[test]
fn where_parts_are_put_together_only_guards_are_judged_anew() {
    let live = json!({"ai_search": "block", "ai_user": "block"});
    let live = Live::read(live.as_object().unwrap().clone());
    let id = "1".repeat(32).try_into().unwrap();
    let zone = ZonePlan::build(&zone("a"), id, live, &Context::of_day(TODAY));
    let mut plan = Plan::build(Provenance::default(), vec![zone]);
    let was = |text: &str| Some(text.to_owned());
    let known = Break { what: "known".to_owned(), zone: None, file: None, line: None };
    plan.put_weakened(vec![
        Weakened { breaks: vec![known.clone()], ..softer(RuleKind::Policy, "bots").between(was("3"), None) },
        softer(RuleKind::Guard, "max_zones").between(was("0"), was("5")),
        softer(RuleKind::Guard, "max_loosening").between(was("2"), None),
        softer(RuleKind::Guard, "max_failures").between(was("0"), None),
    ]);
    judge_guards(&mut plan);
    let breaks: Vec<_> = plan.provenance().weakened.iter().map(|found| found.breaks.len()).collect();
    assert_eq!(breaks, [1, 1, 0, 0]);
    assert_eq!(plan.provenance().weakened[0].breaks, [known]);
}
