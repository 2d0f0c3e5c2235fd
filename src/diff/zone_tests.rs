use super::*;
use crate::catalogue::{Value, find};
use crate::diff::{EarlierValue, EarlierWanted, Origin, VerdictKind, outcome_of, verify};
use crate::model::{FindingKind, LiveValue, Outcome, Place, StalePolicy, Temporary, Waiver, ZoneName};
use serde_json::{Value as Json, json};

#[path = "stale_tests.rs"]
mod stale;

const PLACE: Place = Place { line: 7, column: 3 };

fn live(value: Json) -> Live {
    let Json::Object(object) = value else { panic!("an object") };
    Live::read(object)
}

fn want(plan: Variant, settings: &[(&str, Value)]) -> Desired {
    let zone = ZoneName::try_from("shop.example.com".to_owned()).unwrap();
    let mut desired = Desired::in_file("zones/shop.example.com.yaml".to_owned(), zone, plan, Place::START);
    for (name, value) in settings {
        desired.set_at(find(name).unwrap(), *value, PLACE).unwrap();
    }
    desired
}

fn context() -> Context {
    Context::of_day(jiff::civil::date(2026, 11, 23))
}

fn since(wanted: &[(&str, Value)]) -> Context {
    let wanted = wanted.iter().map(|(name, value)| (find(name).unwrap(), (*value).into())).collect();
    since_then(EarlierWanted::Known(wanted))
}

fn since_then(wanted: EarlierWanted) -> Context {
    Context { earlier: Some(Earlier::new("2026-11-01".into(), wanted)), ..context() }
}

fn changes(diff: &ZoneDiff) -> impl Iterator<Item = &Row> {
    diff.rows.iter().filter(|row| row.verdict.kind() == VerdictKind::Change)
}

fn lines(diff: &ZoneDiff) -> Vec<String> {
    changes(diff)
        .map(|row| {
            let live =
                row.live.as_ref().map_or_else(|| "(none)".to_owned(), |live| live.to_json().to_string());
            format!("{} {live} -> {} {}", row.name(), row.value().unwrap(), row.effect.unwrap().word())
        })
        .collect()
}

fn verdicts(diff: &ZoneDiff) -> Vec<(&str, VerdictKind)> {
    diff.rows.iter().map(|row| (row.name(), row.verdict.kind())).collect()
}

fn blocks(diff: &ZoneDiff) -> Vec<String> {
    diff.blocks.iter().map(|block| block.message.to_string()).collect()
}

const OFF: Value = Value::Toggle(false);
const ON: Value = Value::Toggle(true);

#[test]
fn equal_values_are_in_sync_and_others_change() {
    let want = want(Variant::SbfmPro, &[("enable_js", ON), ("ai_bots_protection", Value::Word("block"))]);
    let seen =
        live(json!({"enable_js": true, "ai_bots_protection": "disabled", "sbfm_verified_bots": "allow"}));
    let diff = diff(&want, &seen, &context());
    assert_eq!(lines(&diff), [r#"ai_bots_protection "disabled" -> block tightens"#]);
    assert_eq!(
        verdicts(&diff),
        [
            ("ai_bots_protection", VerdictKind::Change),
            ("enable_js", VerdictKind::InSync),
            ("sbfm_verified_bots", VerdictKind::Unmanaged)
        ]
    );
    assert_eq!(changes(&diff).next().unwrap().wanted.as_ref().unwrap().place, PLACE);
    assert!(diff.blocks.is_empty() && diff.notes.is_empty());
}

#[test]
fn a_neutral_value_is_satisfied_by_absence() {
    let want = want(Variant::BotFightMode, &[("content_bots_protection", Value::Word("disabled"))]);
    let diff = diff(&want, &live(json!({"fight_mode": false, "enable_js": true})), &context());
    assert_eq!(verdicts(&diff)[0], ("content_bots_protection", VerdictKind::InSync));
    assert_eq!(diff.rows[0].live, None);
    assert!(diff.blocks.is_empty());
}

#[test]
fn a_setting_without_a_neutral_value_is_never_in_sync_by_absence() {
    let want = want(Variant::BotFightMode, &[("jsd_api_results_enabled", OFF)]);
    let diff = diff(&want, &live(json!({"fight_mode": false})), &context());
    assert_eq!(lines(&diff), ["jsd_api_results_enabled (none) -> false neither"]);
}

#[test]
fn a_shared_setting_that_is_not_reported_is_a_change() {
    let want = want(Variant::SbfmPro, &[("content_bots_protection", Value::Word("block"))]);
    let diff = diff(&want, &live(json!({"sbfm_verified_bots": "allow"})), &context());
    assert_eq!(lines(&diff), ["content_bots_protection (none) -> block tightens"]);
}

#[test]
fn a_setting_outside_the_live_variant_blocks_the_zone_unless_it_is_sent_anyway() {
    let want =
        want(Variant::SbfmBusiness, &[("sbfm_likely_automated", Value::Word("block")), ("enable_js", ON)]);
    let seen = live(json!({"enable_js": false, "sbfm_verified_bots": "allow"}));
    let blocked = diff(&want, &seen, &context());
    assert_eq!(
        blocks(&blocked),
        [
            "`sbfm_likely_automated: block` is not available on this zone (live is sbfm_pro; needs sbfm_business)"
        ]
    );
    assert_eq!(
        verdicts(&blocked)[..2],
        [("enable_js", VerdictKind::Change), ("sbfm_likely_automated", VerdictKind::Blocked)]
    );
    assert_eq!(blocked.notes[0].message, "the file says `plan: sbfm_business`, but live is sbfm_pro");
    let context = Context { send_unavailable: BTreeSet::from(["sbfm_likely_automated"]), ..context() };
    assert!(diff(&want, &seen, &context).blocks.is_empty());
}

#[test]
fn another_variant_with_shared_settings_only_is_a_warning() {
    let want = want(Variant::SbfmPro, &[("enable_js", ON)]);
    let diff = diff(&want, &live(json!({"enable_js": true, "fight_mode": true})), &context());
    assert!(diff.blocks.is_empty());
    assert_eq!(diff.notes[0].hint.clone().unwrap(), "write `plan: bot_fight_mode`");
}

#[test]
fn an_unknown_live_value_is_compared_as_text_and_noted() {
    let want = want(Variant::SbfmPro, &[("ai_search", Value::Word("block")), ("enable_js", ON)]);
    let seen = live(json!({"sbfm_verified_bots": "allow", "ai_search": "fortress", "enable_js": "true"}));
    let diff = diff(&want, &seen, &context());
    assert_eq!(lines(&diff), [r#"ai_search "fortress" -> block loosens"#]);
    assert_eq!(diff.notes.len(), 2);
}

#[test]
fn fight_mode_needs_enable_js_in_the_merged_result() {
    let fight = want(Variant::BotFightMode, &[("fight_mode", ON)]);
    let both = want(Variant::BotFightMode, &[("fight_mode", ON), ("enable_js", ON)]);
    let seen = live(json!({"fight_mode": false, "enable_js": false}));
    assert_eq!(
        blocks(&diff(&fight, &seen, &context())),
        ["`fight_mode: true` needs `enable_js: true`, but live is false: Cloudflare refuses it otherwise"]
    );
    assert!(diff(&both, &seen, &context()).blocks.is_empty());
}

#[test]
fn enable_js_is_not_turned_off_under_fight_mode() {
    let want = want(Variant::BotFightMode, &[("enable_js", OFF)]);
    let diff = diff(&want, &live(json!({"fight_mode": true, "enable_js": true})), &context());
    assert_eq!(
        blocks(&diff),
        ["`enable_js: false` cannot be written while `fight_mode` is true: Cloudflare refuses it otherwise"]
    );
}

#[test]
fn preference_sync_is_not_turned_off_while_robots_is_managed() {
    let alone = want(Variant::SbfmPro, &[("bot_preference_sync_enabled", OFF)]);
    let both =
        want(Variant::SbfmPro, &[("bot_preference_sync_enabled", OFF), ("is_robots_txt_managed", OFF)]);
    let seen = live(
        json!({"sbfm_verified_bots": "allow", "bot_preference_sync_enabled": true, "is_robots_txt_managed": true}),
    );
    assert_eq!(diff(&alone, &seen, &context()).blocks.len(), 1);
    assert!(diff(&both, &seen, &context()).blocks.is_empty());
}

fn stale_zone() -> Live {
    stale_zone_with(json!({}))
}

fn stale_zone_with(more: Json) -> Live {
    let mut object = json!({"sbfm_verified_bots": "allow", "stale_zone_configuration":
        {"fight_mode": true, "sbfm_likely_automated": "allow", "tomorrow": "on"}});
    object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    live(object)
}

#[test]
fn an_unknown_live_value_is_held_although_the_strongest_known_one_is_wanted() {
    let wanted = [("ai_search", Value::Word("block"))];
    let seen = live(json!({"sbfm_verified_bots": "allow", "ai_search": "fortress"}));
    let held = diff(&want(Variant::SbfmPro, &wanted), &seen, &since(&wanted));
    assert_eq!(
        (held.rows[0].verdict.kind(), held.rows[0].effect),
        (VerdictKind::Held, Some(Effect::Loosens))
    );
}

#[test]
fn values_that_cannot_be_compared_with_a_manual_change_are_held_both_ways() {
    let (everywhere, with_ads) = ("disallow", "only_on_ad_pages");
    for (wanted, by_hand) in [(everywhere, with_ads), (with_ads, everywhere)] {
        let wanted = [("ai_training", Value::Word(wanted))];
        let seen = live(json!({"sbfm_verified_bots": "allow", "ai_training": by_hand}));
        let held = diff(&want(Variant::SbfmPro, &wanted), &seen, &since(&wanted));
        assert_eq!(
            (held.rows[0].verdict.kind(), held.rows[0].effect),
            (VerdictKind::Held, Some(Effect::Loosens))
        );
    }
}

#[test]
fn a_setting_that_the_live_variant_lacks_is_blocked_even_if_live_reports_it() {
    let both = [("enable_js", ON), ("fight_mode", ON)];
    let (on, off) = (want(Variant::BotFightMode, &both), want(Variant::BotFightMode, &[("fight_mode", OFF)]));
    let seen = |fight_mode: bool| {
        live(json!({"sbfm_verified_bots": "allow", "enable_js": true, "fight_mode": fight_mode}))
    };
    let refused = diff(&on, &seen(false), &context());
    assert_eq!(
        blocks(&refused),
        ["`fight_mode: true` is not available on this zone (live is sbfm_pro; needs bot_fight_mode)"]
    );
    assert!(blocks(&diff(&on, &seen(true), &context())).is_empty());
    assert_eq!(lines(&diff(&off, &seen(true), &context())), ["fight_mode true -> false loosens"]);
    let asked = Context { send_unavailable: ["fight_mode"].into(), ..context() };
    assert!(blocks(&diff(&on, &seen(false), &asked)).is_empty());
}

#[test]
fn an_accepted_deviation_is_not_a_change_until_its_waiver_ends() {
    let mut want = want(Variant::SbfmPro, &[("enable_js", ON)]);
    want.stale = StalePolicy::Clean;
    for name in ["enable_js", "fight_mode"] {
        want.accept.push(Waiver {
            setting: find(name).unwrap(),
            reason: "agreed".to_owned(),
            until: jiff::civil::date(2026, 11, 23),
            place: PLACE,
        });
    }
    let seen = stale_zone_with(json!({"enable_js": false}));
    let today = diff(&want, &seen, &context());
    assert!(lines(&today).is_empty() && today.blocks.is_empty());
    let accepted = today.rows.iter().filter(|row| row.verdict.kind() == VerdictKind::Accepted);
    assert_eq!(accepted.map(Row::name).collect::<Vec<_>>(), ["enable_js", "fight_mode"]);
    let tomorrow = Context { today: jiff::civil::date(2026, 11, 24), ..context() };
    assert_eq!(
        blocks(&diff(&want, &seen, &tomorrow))[0],
        "the waiver for `enable_js` ended on 2026-11-23: agreed"
    );
}

#[test]
fn the_live_variant_is_cross_checked_with_the_zone_plan() {
    let want = want(Variant::SbfmBusiness, &[]);
    let seen = live(json!({"sbfm_likely_automated": "allow"}));
    let with =
        |id: &str| diff(&want, &seen, &Context { legacy_id: Some(id.to_owned()), ..context() }).notes.len();
    assert_eq!((with("business"), with("enterprise"), with("partners_x"), with("free")), (0, 0, 0, 1));
}

#[test]
fn the_read_back_shows_settings_that_were_not_taken_kept_or_moved() {
    let mut want =
        want(Variant::SbfmPro, &[("enable_js", ON), ("content_bots_protection", Value::Word("block"))]);
    want.stale = StalePolicy::Clean;
    let base = stale_zone_with(json!({"enable_js": false}));
    let rows = diff(&want, &base, &context()).rows;
    let kinds = |now: &Live| -> Vec<_> {
        verify(&base, &rows, now).iter().map(|finding| (finding.setting.clone(), finding.kind)).collect()
    };
    let cleaned = json!({"sbfm_likely_automated": "allow", "tomorrow": "on"});
    let taken = stale_zone_with(json!({"enable_js": true, "stale_zone_configuration": cleaned}));
    assert_eq!(kinds(&taken), [("content_bots_protection".to_owned(), FindingKind::NotReported)]);
    assert_eq!(outcome_of(&verify(&base, &rows, &taken)), Outcome::Unverified);
    let moved = stale_zone_with(
        json!({"enable_js": true, "sbfm_verified_bots": "block", "stale_zone_configuration": cleaned}),
    );
    assert_eq!(outcome_of(&verify(&base, &rows, &moved)), Outcome::Collateral);
    assert_eq!(kinds(&base).len(), 3);
    assert_eq!(outcome_of(&verify(&base, &rows, &base)), Outcome::NotApplied);
    let live_now =
        stale_zone_with(json!({"enable_js": true, "fight_mode": false, "stale_zone_configuration": cleaned}));
    assert_eq!(outcome_of(&verify(&base, &rows, &live_now)), Outcome::Unverified);
}

#[test]
fn drift_is_distinguished_from_a_pending_change() {
    let want = want(
        Variant::SbfmPro,
        &[
            ("enable_js", ON),
            ("is_robots_txt_managed", ON),
            ("ai_search", Value::Word("block")),
            ("ai_user", Value::Word("block")),
        ],
    );
    let seen =
        live(json!({"sbfm_verified_bots": "allow", "enable_js": false, "is_robots_txt_managed": false,
        "ai_search": "only_on_ad_pages", "ai_user": "disabled"}));
    let earlier = [("enable_js", ON), ("is_robots_txt_managed", OFF), ("ai_search", Value::Word("disabled"))];
    let diff = diff(&want, &seen, &since(&earlier));
    let origins: Vec<_> = changes(&diff).map(|row| (row.name(), row.origin.unwrap().word())).collect();
    assert_eq!(
        origins,
        [
            ("ai_search", "both"),
            ("ai_user", "pending"),
            ("enable_js", "drift"),
            ("is_robots_txt_managed", "pending")
        ]
    );
}

#[test]
fn an_unreported_setting_is_not_drift_and_stays_held_if_it_loosens() {
    let wanted = [("content_bots_protection", Value::Word("block")), ("enable_js", OFF)];
    let want = want(Variant::SbfmPro, &wanted);
    let diff = diff(&want, &live(json!({"sbfm_verified_bots": "allow"})), &since(&wanted));
    let rows = diff.rows.iter().map(|row| (row.name(), row.verdict.kind(), row.origin, row.differs()));
    assert_eq!(
        rows.take(2).collect::<Vec<_>>(),
        [
            ("content_bots_protection", VerdictKind::Change, None, false),
            ("enable_js", VerdictKind::Held, Some(Origin::Drift), true)
        ]
    );
}

#[test]
fn a_manual_tightening_is_not_loosened_while_the_wanted_value_stays() {
    let wanted = [("ai_bots_protection", Value::Word("disabled")), ("enable_js", ON)];
    let want = want(Variant::SbfmPro, &wanted);
    let seen =
        live(json!({"sbfm_verified_bots": "allow", "ai_bots_protection": "block", "enable_js": false}));
    let held = diff(&want, &seen, &since(&wanted));
    assert_eq!(
        verdicts(&held),
        [
            ("ai_bots_protection", VerdictKind::Held),
            ("enable_js", VerdictKind::Change),
            ("sbfm_verified_bots", VerdictKind::Unmanaged)
        ]
    );
    assert!(held.blocks.is_empty());
    assert_eq!(
        held.notes[0].message,
        "held: live has `ai_bots_protection` at block, and writing disabled would loosen a manual change; the file has not changed this setting since 2026-11-01"
    );
    assert_eq!(held.rows[0].origin, Some(Origin::Drift));
    assert_eq!(held.rows[0].live, Some(LiveValue::Known(Value::Word("block"))));
    let other = [("ai_bots_protection", Value::Word("only_on_ad_pages"))];
    for free in
        [since(&other), since_then(EarlierWanted::New), Context { may_loosen: true, ..since(&wanted) }]
    {
        assert_eq!(lines(&diff(&want, &seen, &free)).len(), 2);
    }
    let unreadable = since_then(EarlierWanted::Unreadable("it is no YAML".to_owned()));
    assert_eq!(diff(&want, &seen, &unreadable).rows[0].verdict.kind(), VerdictKind::Held);
}

#[test]
fn the_return_from_a_temporary_value_is_pending_and_a_manual_change_during_it_is_held() {
    let want = want(Variant::SbfmPro, &[("ai_search", Value::Word("disabled"))]);
    let ended = jiff::civil::date(2020, 1, 1);
    let then = EarlierValue { value: Value::Word("block"), then: Some((ended, Value::Word("disabled"))) };
    let context = since_then(EarlierWanted::Known([(find("ai_search").unwrap(), then)].into()));
    for (value, origin, verdict) in [
        ("block", Origin::Pending, VerdictKind::Change),
        ("only_on_ad_pages", Origin::Drift, VerdictKind::Held),
    ] {
        let seen = live(json!({"sbfm_verified_bots": "allow", "ai_search": value}));
        let row = diff(&want, &seen, &context).rows[0].clone();
        assert_eq!((row.origin, row.verdict.kind()), (Some(origin), verdict), "{value}");
    }
}

#[test]
fn a_temporary_value_counts_on_its_days_and_its_end_is_noted_while_live_still_has_it() {
    let mut want = want(Variant::SbfmPro, &[("ai_search", Value::Word("block"))]);
    want.temporary.push(Temporary {
        setting: find("ai_search").unwrap(),
        value: Value::Word("disabled"),
        reason: "load test".to_owned(),
        until: jiff::civil::date(2026, 11, 23),
        place: PLACE,
        lines: (7, 10),
    });
    let seen = live(json!({"sbfm_verified_bots": "allow", "ai_search": "disabled"}));
    assert_eq!(diff(&want, &seen, &context()).rows[0].verdict.kind(), VerdictKind::InSync);
    let next = diff(&want, &seen, &Context::of_day(jiff::civil::date(2026, 11, 24)));
    assert_eq!(lines(&next), [r#"ai_search "disabled" -> block tightens"#]);
    let note = "`ai_search` returns from disabled to block because its temporary value ended on 2026-11-23: load test";
    assert_eq!((next.notes[0].message.to_string(), next.notes[0].place), (note.to_owned(), Some(PLACE)));
}
