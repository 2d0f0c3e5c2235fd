//! Every softening of a random set of rules is found, and what makes it stricter again is not; what judges the plan.

use super::*;
use crate::catalogue::{self, Setting, Value, Variant};
use crate::model::{Desired, Freeze, Guards, Place, Policy, PolicyException, PolicyRule, Threshold, Waiver};
use jiff::Span;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::cmp::Ordering;

const TODAY: Date = date(2026, 11, 29);

#[derive(Clone, Debug)]
struct Set {
    policies: Vec<Policy>,
    guards: Guards,
    since: Option<String>,
    zone: Desired,
}

impl Set {
    fn project(&self) -> ProjectRules<'_> {
        ProjectRules {
            file: Some("botform.yaml"),
            policies: &self.policies,
            guards: self.guards,
            since: self.since.as_deref(),
        }
    }
}

/// What is softer, as its kinds and texts.
fn weakened_kinds(then: &Set, now: &Set) -> Vec<(RuleKind, String)> {
    let found = weakened(then.project(), now.project(), [(&then.zone, &now.zone)], TODAY);
    found.into_iter().map(|found| (found.kind, found.what)).collect()
}

fn setting(name: &str) -> &'static Setting {
    catalogue::find(name).unwrap()
}

fn in_days(days: i64) -> Date {
    TODAY.checked_add(Span::new().days(days)).unwrap()
}

fn exception(zone: &str, days: i64) -> PolicyException {
    PolicyException { zone: zone.to_owned(), reason: "test".to_owned(), until: in_days(days) }
}

fn policy(id: &str, zones: &[&str], rule: PolicyRule, exceptions: Vec<PolicyException>) -> Policy {
    let zones = zones.iter().map(|zone| (*zone).to_owned()).collect();
    let place = Place { line: 7, column: 5 };
    Policy { id: id.to_owned(), reason: "needed".to_owned(), zones, rule, exceptions, place }
}

fn waiver(name: &str, days: i64) -> Waiver {
    Waiver { setting: setting(name), reason: "known".to_owned(), until: in_days(days), place: Place::START }
}

/// Three policies about settings of their own, so that none keeps what another one loses.
fn whole() -> Set {
    let forbid =
        [(setting("ai_bots_protection"), vec![Value::Word("disabled"), Value::Word("only_on_ad_pages")])];
    let pin = [(setting("enable_js"), Value::Toggle(true))];
    let least = [(setting("sbfm_definitely_automated"), Value::Word("managed_challenge"))];
    let mut zone = Desired::new("shop.example.com".parse().unwrap(), Variant::SbfmPro);
    zone.file = Some("zones/shop.yaml".to_owned());
    zone.freeze = Some(Freeze { reason: "sale".to_owned(), until: in_days(9) });
    zone.accept = vec![waiver("ai_search", 5), waiver("enable_js", -5)];
    Set {
        policies: vec![
            policy(
                "bots",
                &["*.example.com"],
                PolicyRule::Forbid(forbid.into()),
                vec![exception("a.example.com", 3)],
            ),
            policy("js", &[], PolicyRule::Pin(pin.into()), vec![exception("*.example.net", -3)]),
            policy("floor", &["a.example", "b.*"], PolicyRule::AtLeast(least.into()), Vec::new()),
        ],
        guards: Guards {
            max_zones: Some(Threshold::Percent(20)),
            max_loosening: Some(3),
            max_failures: Some(Threshold::Count(5)),
            zone_files: None,
        },
        since: Some("applied".to_owned()),
        zone,
    }
}

/// A set with only some of these rules, and its zone protected or frozen.
fn some(bits: u16) -> Set {
    let mut set = whole();
    let has = |bit: u16| bits & (1 << bit) == 0;
    let mut index = 0;
    set.policies.retain(|_| {
        index += 1;
        has(index)
    });
    set.guards.max_zones = set.guards.max_zones.filter(|_| has(4));
    set.guards.max_loosening = set.guards.max_loosening.filter(|_| has(5));
    set.guards.max_failures = set.guards.max_failures.filter(|_| has(6));
    set.since = set.since.filter(|_| has(7));
    set.zone.protect = !has(8);
    set.zone.freeze = set.zone.freeze.filter(|_| has(9));
    set.zone.accept.retain(|_| has(10));
    set.zone.custom_rules_in_place = !has(11);
    set
}

/// Makes a set softer in one way, and says which kind of rule; `None` if it has no such rule. What is marked is not
/// made undone by its contrary, since the two cannot be compared.
fn soften(set: &mut Set, way: u8, pick: usize) -> Option<(RuleKind, bool)> {
    use RuleKind::{Exception, Freeze, Guard, Policy, Protection, Since, Waiver};
    let count = set.policies.len();
    Some(match way {
        0 => {
            let index = pick.checked_rem(count)?;
            set.policies.remove(index);
            (Policy, true)
        }
        1 => (Policy, ask_less(&mut picked(set, pick)?.rule)?),
        2 => {
            let policy = picked(set, pick)?;
            let zone = if policy.id == "floor" { "b.example" } else { "only.example.com" };
            policy.zones = vec![zone.to_owned()];
            (Policy, true)
        }
        3 => {
            // A pattern that meets those of each policy.
            let policy = picked(set, pick)?;
            let zone = if policy.id == "floor" { "b.example" } else { "new.example.com" };
            policy.exceptions.push(exception(zone, 30));
            (Exception, true)
        }
        4 => {
            let exception =
                set.policies.iter_mut().find(|policy| policy.id == "bots")?.exceptions.first_mut()?;
            exception.until = in_days(4);
            (Exception, true)
        }
        5 => {
            let exception =
                set.policies.iter_mut().find(|policy| policy.id == "bots")?.exceptions.first_mut()?;
            exception.zone = "?.example.com".to_owned();
            (Exception, true)
        }
        6 => {
            // One that has ended is made again.
            let exception =
                set.policies.iter_mut().find(|policy| policy.id == "js")?.exceptions.first_mut()?;
            exception.until = TODAY;
            (Exception, true)
        }
        7 => set.guards.max_zones.take().map(|_| (Guard, true))?,
        8 => {
            let more = [Threshold::Percent(21), Threshold::Count(1)][pick % 2];
            let is_share = matches!(more, Threshold::Percent(_));
            set.guards.max_zones.replace(more).map(|_| (Guard, is_share))?
        }
        9 => set.guards.max_loosening.as_mut().map(|most| *most += 1).map(|()| (Guard, true))?,
        10 => set.guards.max_failures.replace(Threshold::Count(6)).map(|_| (Guard, true))?,
        11 => set.since.take().map(|_| (Since, true))?,
        12 => set.since.replace("HEAD".to_owned()).map(|_| (Since, false))?,
        13 if set.zone.protect => {
            set.zone.protect = false;
            (Protection, true)
        }
        14 if !set.zone.protect => set.zone.freeze.take().map(|_| (Freeze, true))?,
        15 if !set.zone.protect => {
            let freeze = set.zone.freeze.as_mut()?;
            freeze.until = in_days(i64::try_from(pick % 9).unwrap() - 1);
            (Freeze, true)
        }
        16 => {
            set.zone.accept.push(waiver("ai_bots_protection", 0));
            (Waiver, true)
        }
        17 => {
            let waiver = set.zone.accept.get_mut(pick % 2)?;
            waiver.until = in_days(6);
            (Waiver, true)
        }
        18 if !set.zone.custom_rules_in_place => {
            set.zone.custom_rules_in_place = true;
            (Protection, true)
        }
        _ => return None,
    })
}

fn picked(set: &mut Set, pick: usize) -> Option<&mut Policy> {
    let count = set.policies.len();
    set.policies.get_mut(pick.checked_rem(count)?)
}

/// Takes something from a rule; whether the contrary is stricter.
fn ask_less(rule: &mut PolicyRule) -> Option<bool> {
    match rule {
        PolicyRule::Forbid(values) => values.values_mut().next()?.pop().map(|_| true),
        PolicyRule::Pin(values) => {
            let (setting, value) = values.iter_mut().next()?;
            *value = *setting.values().iter().find(|other| *other != value)?;
            Some(false)
        }
        PolicyRule::ShutsOutSearchEngines => None,
        PolicyRule::AtLeast(values) => {
            let (setting, least) = values.iter_mut().next()?;
            let is_less = |other: &Value| setting.compare(*other, *least) == Some(Ordering::Less);
            *least = setting.values().into_iter().find(is_less)?;
            Some(true)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_softening_is_found_and_its_contrary_is_not(
        bits in any::<u16>(), way in 0..19_u8, pick in 0..60_usize,
    ) {
        let then = some(bits);
        let mut now = then.clone();
        prop_assert_eq!(weakened_kinds(&then, &now), []);
        if let Some((kind, is_undone)) = soften(&mut now, way, pick) {
            let found = weakened_kinds(&then, &now);
            prop_assert!(found.len() == 1 && found[0].0 == kind, "{:?} {:?}", way, found);
            if is_undone {
                prop_assert_eq!(weakened_kinds(&now, &then), [], "{}", way);
            }
        }
    }

    #[test]
    fn new_names_reasons_and_another_order_soften_nothing(bits in any::<u16>()) {
        let then = some(bits);
        let mut now = then.clone();
        now.policies.reverse();
        for policy in &mut now.policies {
            policy.id = format!("{}-again", policy.id);
            policy.reason = "other".to_owned();
            policy.zones.reverse();
            policy.exceptions.iter_mut().for_each(|exception| exception.reason = "other".to_owned());
        }
        now.zone.accept.reverse();
        prop_assert_eq!(weakened_kinds(&then, &now), []);
    }
}

#[test]
fn each_way_is_made_by_some_set() {
    for way in 0..19 {
        let is_made = |bits: u16| soften(&mut some(bits), way, 0).is_some();
        assert!((0..4096).any(is_made), "{way}");
    }
}

#[test]
fn each_weakened_rule_is_one_line() {
    let then = whole();
    let mut now = then.clone();
    now.policies.remove(0);
    now.policies[0].exceptions.push(exception("shop.example.com", 30));
    now.policies[1].zones.pop();
    ask_less(&mut now.policies[1].rule).unwrap();
    now.guards = Guards { max_zones: Some(Threshold::Count(9)), max_loosening: None, ..now.guards };
    now.since = Some("HEAD".to_owned());
    now.zone.freeze = None;
    now.zone.accept[0].until = in_days(40);
    let found = weakened(then.project(), now.project(), [(&then.zone, &now.zone)], TODAY);
    let lines: Vec<_> = found
        .iter()
        .map(|Weakened { kind, what, zone, name, setting, then, now, file, line, breaks: _ }| {
            format!("{kind:?} {what} | {zone:?} {name} {setting:?} | {then:?} {now:?} | {file:?} {line:?}")
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    Policy policy `bots` is gone: `ai_bots_protection` not disabled or only_on_ad_pages | None bots None | Some("`ai_bots_protection` not disabled or only_on_ad_pages") None | Some("botform.yaml") None
    Policy policy `floor` covers fewer zones: a.example, b.* → a.example | None floor None | Some("a.example, b.*") Some("a.example") | Some("botform.yaml") Some(7)
    Policy policy `floor` requires less of `sbfm_definitely_automated`: at least managed_challenge → at least allow | None floor Some("sbfm_definitely_automated") | Some("at least managed_challenge") Some("at least allow") | Some("botform.yaml") Some(7)
    Guard guard `max_loosening` is gone: 3 | None max_loosening None | Some("3") None | Some("botform.yaml") None
    Guard guard `max_zones` is different: 20% → 9 | None max_zones None | Some("20%") Some("9") | Some("botform.yaml") None
    Exception policy `js` has a new exception until 2026-12-29 | Some("shop.example.com") js None | None Some("2026-12-29") | Some("botform.yaml") Some(7)
    Freeze the freeze is removed: until 2026-12-08 | Some("shop.example.com") freeze None | Some("frozen until 2026-12-08") None | Some("zones/shop.yaml") Some(1)
    Waiver the waiver for `ai_search` ends later: 2026-12-04 → 2027-01-08 | Some("shop.example.com") accept Some("ai_search") | Some("2026-12-04") Some("2027-01-08") | Some("zones/shop.yaml") Some(1)
    Since `since` is another revision: applied → HEAD | None since None | Some("applied") Some("HEAD") | Some("botform.yaml") None
    "#);
}

#[test]
fn a_policy_that_is_split_or_joined_softens_nothing() {
    let both = [(setting("enable_js"), Value::Toggle(true)), (setting("ai_search"), Value::Word("block"))];
    let one = policy("one", &[], PolicyRule::Pin(both.into()), vec![exception("a.example", 9)]);
    let [left, right] = both.map(|part| {
        let id = part.0.name;
        policy(id, &["*"], PolicyRule::Pin([part].into()), vec![exception("a.example", 9)])
    });
    let base = Set { policies: Vec::new(), ..whole() };
    let joined = Set { policies: vec![one], ..base.clone() };
    let split = Set { policies: vec![left.clone(), right], ..base.clone() };
    assert_eq!((weakened_kinds(&joined, &split), weakened_kinds(&split, &joined)), (Vec::new(), Vec::new()));
    let half = Set { policies: vec![left], ..base };
    assert_eq!(
        weakened_kinds(&joined, &half),
        [(RuleKind::Policy, "policy `one` is gone: `ai_search` exactly block".to_owned())]
    );
}

#[test]
fn an_exception_matters_only_where_nothing_else_refuses() {
    let pin = || PolicyRule::Pin([(setting("enable_js"), Value::Toggle(true))].into());
    let base = Set { policies: vec![policy("js", &[], pin(), Vec::new())], ..whole() };
    let twice = |exceptions: Vec<PolicyException>| Set {
        policies: vec![
            policy("js", &[], pin(), Vec::new()),
            policy("again", &["*.example"], pin(), exceptions),
        ],
        ..whole()
    };
    assert_eq!(weakened_kinds(&base, &twice(vec![exception("a.example", 9)])), []);
    let mut alone = twice(vec![exception("a.example", 9)]);
    alone.policies[0].exceptions = vec![exception("*.example", 9)];
    assert_eq!(weakened_kinds(&base, &alone).len(), 2);
    let ended = Set { policies: vec![policy("js", &[], pin(), vec![exception("a.example", -1)])], ..whole() };
    assert_eq!(weakened_kinds(&base, &ended), [], "what has ended lets nobody pass");
}

#[test]
fn thousands_of_exceptions_cost_no_time() {
    let pin = || PolicyRule::Pin([(setting("enable_js"), Value::Toggle(true))].into());
    let then = Set { policies: vec![policy("js", &[], pin(), Vec::new())], ..whole() };
    let many = (0..20_000).map(|n| exception(&format!("*{n}*.example"), 9)).collect();
    let now = Set { policies: vec![policy("js", &[], pin(), many)], ..whole() };
    assert_eq!(weakened_kinds(&then, &now).len(), 20_000);
}

#[test]
fn a_zone_is_compared_by_how_long_it_is_only_planned() {
    let with = |protect: bool, freeze: Option<i64>| {
        let mut set = whole();
        set.zone.protect = protect;
        set.zone.freeze = freeze.map(|days| Freeze { reason: "sale".to_owned(), until: in_days(days) });
        set
    };
    for (then, now, softer) in [
        (with(false, Some(9)), with(true, None), None),
        (with(true, Some(9)), with(true, None), None),
        (with(false, Some(-1)), with(false, None), None),
        (with(false, None), with(false, None), None),
        (with(false, Some(0)), with(false, None), Some(RuleKind::Freeze)),
        (with(true, None), with(false, Some(99)), Some(RuleKind::Protection)),
        (with(true, Some(9)), with(false, Some(9)), Some(RuleKind::Protection)),
    ] {
        let kinds: Vec<_> = weakened_kinds(&then, &now).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, softer.into_iter().collect::<Vec<_>>(), "{:?} {:?}", then.zone, now.zone);
    }
}

#[test]
fn two_zones_of_one_name_are_distinguished() {
    let zone = |account: &str, protect| {
        let mut zone = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        zone.account_id = Some(account.repeat(32).try_into().unwrap());
        zone.protect = protect;
        zone
    };
    let (then, now) = ([zone("a", true), zone("b", true)], [zone("a", false), zone("b", false)]);
    let none = ProjectRules::default();
    let found = weakened(none, none, then.iter().zip(&now), TODAY);
    let zones: Vec<_> = found.into_iter().filter_map(|found| found.zone).collect();
    assert_eq!(zones, ["a", "b"].map(|account| format!("a.example@{}", account.repeat(32))));
    let one = weakened(none, none, then.iter().zip(&now).take(1), TODAY);
    assert_eq!(one[0].zone.as_deref(), Some("a.example"));
}

#[test]
fn an_exception_of_a_policy_about_other_values_softens_no_policy() {
    let forbid = |value| PolicyRule::Forbid([(setting("ai_search"), vec![Value::Word(value)])].into());
    let base = Set { policies: Vec::new(), ..whole() };
    let old = policy("old", &[], forbid("disabled"), vec![exception("a.*", 3)]);
    let with = |value| {
        let new = policy("new", &[], forbid(value), vec![exception("a.example", 30)]);
        Set { policies: vec![old.clone(), new], ..base.clone() }
    };
    let then = Set { policies: vec![old.clone()], ..base.clone() };
    assert_eq!(weakened_kinds(&then, &with("block")).len(), 0);
    assert_eq!(weakened_kinds(&then, &with("disabled")).len(), 1);
}
