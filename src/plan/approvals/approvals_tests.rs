//! What a reviewed plan allows, row by row.

use super::*;
use crate::catalogue::Variant;
use crate::diff::{Context, Earlier, EarlierWanted, Recorded};
use crate::model::{AccountId, Desired, Severity, StalePolicy};
use crate::plan::Provenance;
use jiff::civil::{Date, date};
use serde_json::{Map, Value as Json, json};

const DAY: Date = date(2026, 12, 1);
const API: &str = "https://api.example";

fn commit(digit: &str) -> String {
    digit.repeat(40)
}

fn map(json: Json) -> Map<String, Json> {
    json.as_object().unwrap().clone()
}

/// A zone by what was applied last, what is live and what is wanted.
struct Case {
    id: &'static str,
    last: Json,
    live: Json,
    want: Json,
}

impl Case {
    fn new(last: Json, live: Json, want: Json) -> Self {
        Self { id: "1", last, live, want }
    }

    fn desired(&self, settings: &Json) -> Desired {
        let is_free = self.want.get("fight_mode").is_some();
        let variant = if is_free { Variant::BotFightMode } else { Variant::SbfmPro };
        let mut want = Desired::new("a.example".parse().unwrap(), variant);
        for (name, value) in map(settings.clone()) {
            want.set(&name, value).unwrap();
        }
        want
    }

    fn zone(&self) -> ZonePlan {
        let last = self.desired(&self.last);
        let last = last.settings().map(|(setting, wanted)| (setting, wanted.value.into())).collect();
        let (wanted, recorded) = (EarlierWanted::Known(last), Some(Recorded::known(StalePolicy::Report)));
        let earlier = Some(Earlier { recorded, ..Earlier::new("applied".into(), wanted) });
        let context = Context { earlier, ..Context::of_day(DAY) };
        let id = self.id.repeat(32).try_into().unwrap();
        ZonePlan::build(&self.desired(&self.want), id, Live::read(map(self.live.clone())), &context)
    }

    fn plan(&self) -> Plan {
        plan(vec![self.zone()])
    }
}

fn plan(zones: Vec<ZonePlan>) -> Plan {
    let now = DAY.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    Plan::build(Provenance::new(now, API.to_owned()), zones)
}

fn approvals(plans: Vec<Plan>) -> Approvals {
    let approved = |plan| ApprovedPlan::new(plan, commit("b"), BTreeSet::new());
    Approvals::new(Record::new(commit("a"), DAY), plans.into_iter().map(approved).collect())
}

/// What becomes of each row that is refused.
fn refused(approvals: &Approvals, zone: &ZonePlan) -> Vec<String> {
    let judgement = approvals.judge(zone, API);
    let refused = judgement
        .refused
        .iter()
        .map(|(index, verdict)| format!("{}: {}", zone.rows()[*index].name(), verdict.reason().unwrap()));
    refused.collect()
}

fn one(search: &str) -> Json {
    json!({"ai_search": search})
}

#[test]
fn three_values_an_api_and_an_id_make_an_approval() {
    let asked = || Case::new(one("disabled"), one("disabled"), one("block"));
    let seen = approvals(vec![asked().plan()]);
    assert_eq!(refused(&seen, &asked().zone()), [""; 0]);
    assert_eq!(seen.judge(&asked().zone(), API).by, BTreeSet::from([0]));
    let none = ["ai_search: no approved plan holds it"];
    for other in [
        Case { last: one("only_on_ad_pages"), ..asked() },
        Case { last: json!({}), ..asked() },
        Case { live: one("only_on_ad_pages"), ..asked() },
        Case { want: one("only_on_ad_pages"), ..asked() },
        Case { id: "2", ..asked() },
    ] {
        assert_eq!(refused(&seen, &other.zone()), none);
    }
    let elsewhere = seen.judge(&asked().zone(), "https://other.example");
    assert!(!elsewhere.is_approved() && elsewhere.by.is_empty());
}

#[test]
fn an_approval_counts_until_the_zone_was_applied_at_its_merge() {
    let asked = Case::new(one("disabled"), one("disabled"), one("block"));
    let of = |contained_in: &[String]| {
        let contained_in = contained_in.iter().cloned().collect();
        let approved = ApprovedPlan::new(asked.plan(), commit("b"), contained_in);
        Approvals::new(Record::new(commit("a"), DAY), vec![approved])
    };
    assert!(of(&[]).judge(&asked.zone(), API).is_approved());
    assert!(of(&[commit("c")]).judge(&asked.zone(), API).is_approved(), "another zone's commit");
    assert!(!of(&[commit("a")]).judge(&asked.zone(), API).is_approved());
}

#[test]
fn what_moved_elsewhere_in_the_zone_is_named() {
    let of = |sync: bool, live: Json| {
        let mut want = map(one("block"));
        let mut last = map(one("disabled"));
        if sync {
            want.insert("enable_js".to_owned(), true.into());
            last.insert("enable_js".to_owned(), true.into());
        }
        Case::new(last.into(), live, want.into())
    };
    let seen = of(true, json!({"ai_search": "disabled", "enable_js": true}));
    let approved = approvals(vec![seen.plan()]);
    let moved = json!({"ai_search": "disabled", "enable_js": false});
    let judged = approved.judge(&of(true, moved.clone()).zone(), API);
    assert_eq!(judged.moved, ["`enable_js` was true and is false"]);
    assert_eq!(
        refused(&approved, &of(true, moved.clone()).zone()),
        [
            "ai_search: the zone moved since the approved plan was made: `enable_js` was true and is false",
            "enable_js: live moved, and no merged change asks for this",
        ]
    );
    // What no file manages and the change does not need is nobody's concern.
    let seen = of(false, json!({"ai_search": "disabled", "enable_js": true}));
    assert!(approvals(vec![seen.plan()]).judge(&of(false, moved).zone(), API).is_approved());
}

#[test]
fn merges_of_one_zone_commute() {
    let base = json!({"ai_search": "disabled", "enable_js": false});
    let first = Case::new(base.clone(), base.clone(), json!({"ai_search": "block", "enable_js": false}));
    let second = Case::new(base.clone(), base.clone(), json!({"ai_search": "disabled", "enable_js": true}));
    let both = Case::new(base.clone(), base, json!({"ai_search": "block", "enable_js": true}));
    let judged = approvals(vec![first.plan(), second.plan()]).judge(&both.zone(), API);
    assert!(judged.is_approved() && judged.by == BTreeSet::from([0, 1]));
    // One alone waits for the other, and nothing of the zone is written.
    assert_eq!(
        refused(&approvals(vec![first.plan()]), &both.zone()),
        ["ai_search: another change of the zone is not approved", "enable_js: no approved plan holds it"]
    );
    assert!(approvals(vec![first.plan()]).judge(&both.zone(), API).by.is_empty());
}

#[test]
fn a_change_is_not_written_without_what_it_needs() {
    let values = |fight: bool, js: bool| json!({"fight_mode": fight, "enable_js": js});
    // It needs the other on, which somebody has turned off: no merge turns it on again.
    let case = Case::new(values(false, true), values(false, false), values(true, true));
    let reasons = refused(&approvals(vec![case.plan()]), &case.zone());
    assert_eq!(reasons[0], "enable_js: live moved, and no merged change asks for this");
    assert!(
        reasons[1].starts_with("fight_mode: ") && reasons[1].contains("Cloudflare refuses it otherwise"),
        "{reasons:?}"
    );
    // Both as changes of the files are written together.
    let case = Case::new(values(false, false), values(false, false), values(true, true));
    assert_eq!(refused(&approvals(vec![case.plan()]), &case.zone()), [""; 0]);
}

#[test]
fn what_a_plan_would_not_write_approves_nothing() {
    let asked = Case::new(one("disabled"), one("disabled"), one("block"));
    let mut protected = asked.desired(&asked.want);
    protected.protect = true;
    let context = Context { earlier: Some(earlier("disabled")), ..Context::of_day(DAY) };
    let id = "1".repeat(32).try_into().unwrap();
    let zone = ZonePlan::build(&protected, id, Live::read(map(one("disabled"))), &context);
    assert_eq!(zone.changes().count(), 1, "it shows the change all the same");
    assert!(!approvals(vec![plan(vec![zone])]).judge(&asked.zone(), API).is_approved());
    let waits =
        approvals(vec![asked.plan()]).restrict(Case { live: one("only_on_ad_pages"), ..asked }.plan());
    assert_eq!(waits.changing().count(), 0);
    assert!(
        !approvals(vec![waits])
            .judge(&Case::new(one("disabled"), one("only_on_ad_pages"), one("block")).zone(), API)
            .is_approved()
    );
}

fn earlier(search: &str) -> Earlier {
    let case = Case::new(one(search), one(search), one(search));
    let last = case.desired(&case.last);
    let last = last.settings().map(|(setting, wanted)| (setting, wanted.value.into())).collect();
    Earlier {
        since: "applied".into(),
        wanted: EarlierWanted::Known(last),
        recorded: Some(Recorded::known(StalePolicy::Report)),
        base: Default::default(),
    }
}

#[test]
fn twins_with_one_name_have_their_own_approvals() {
    let case = |id| Case { id, ..Case::new(one("disabled"), one("disabled"), one("block")) };
    let twin = |id: &'static str, account: &str| {
        let mut zone = case(id).zone();
        zone.account_id = Some(AccountId::try_from(account.repeat(32)).unwrap());
        zone
    };
    let [first, second] = [("1", "a"), ("2", "b")].map(|(id, account)| twin(id, account));
    let seen = approvals(vec![plan(vec![second.clone()])]);
    assert!(seen.judge(&second, API).is_approved());
    assert!(!seen.judge(&first, API).is_approved());
    let both = approvals(vec![plan(vec![first.clone(), second.clone()])]);
    assert!(both.judge(&first, API).is_approved() && both.judge(&second, API).is_approved());
}

#[test]
fn a_value_that_neither_the_approved_plan_nor_its_write_explains_is_a_move() {
    let of = |search: &str, user: &str| json!({"ai_search": search, "ai_user": user});
    let (last, live) = (of("disabled", "disabled"), of("disabled", "disabled"));
    let seen = approvals(vec![Case::new(last.clone(), live, of("block", "block")).plan()]);
    let now = |user: &str| Case::new(last.clone(), of("disabled", user), of("block", user)).zone();
    assert_eq!(refused(&seen, &now("block")), [""; 0], "the plan would have made it so");
    assert_eq!(
        refused(&seen, &now("only_on_ad_pages")),
        [
            "ai_search: the zone moved since the approved plan was made: `ai_user` was disabled and is only_on_ad_pages"
        ]
    );
}

#[test]
fn what_no_plan_holds_is_told_as_not_approved_and_other_drift_of_the_zone_is_not() {
    let zone = Case::new(one("disabled"), one("disabled"), one("block")).zone();
    let note = approvals(Vec::new()).judge(&zone, API).note(&zone).unwrap();
    assert_eq!((note.kind, note.severity), (DiagnosticKind::Unapproved, Severity::Warning));
    assert_eq!(
        note.message,
        "not approved: `ai_search` (no approved plan holds it); nothing of the zone is written"
    );
    assert_eq!(note.hint, Some(BY_HAND.into()));
}
