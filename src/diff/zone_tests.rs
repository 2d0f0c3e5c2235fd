use super::*;
use crate::catalogue::find;
use crate::diff::{Effect, StaleAction, outcome_of, verify};
use crate::model::{FindingKind, Outcome, Place, StalePolicy, ZoneName};
use serde_json::json;

const PLACE: Place = Place { line: 7, column: 3 };

fn live(value: Json) -> Live {
    let Json::Object(object) = value else { panic!("an object") };
    Live::read(object)
}

fn want(plan: Variant, settings: &[(&str, Value)]) -> Desired {
    let zone = ZoneName::try_from("shop.example.com".to_owned()).unwrap();
    let mut desired = Desired::new("zones/shop.example.com.yaml".to_owned(), zone, plan, Place::START);
    for (name, value) in settings {
        desired.set(find(name).unwrap(), *value, PLACE).unwrap();
    }
    desired
}

fn context() -> Context {
    Context {
        legacy_id: None,
        send_unavailable: BTreeSet::new(),
        today: jiff::civil::date(2026, 11, 23),
        baseline: None,
        may_loosen: false,
    }
}

fn since(file_changed: bool, wanted: &[(&str, Value)]) -> Context {
    let wanted = wanted.iter().map(|(name, value)| (find(name).unwrap(), *value)).collect();
    let baseline = Baseline { since: "2026-11-01".to_owned(), file_changed, wanted };
    Context { baseline: Some(baseline), ..context() }
}

fn lines(diff: &ZoneDiff) -> Vec<String> {
    diff.changes
        .iter()
        .map(|change| {
            let before = change.before().map_or_else(|| "(none)".to_owned(), ToString::to_string);
            format!("{} {before} -> {} {}", change.setting().name, change.after(), change.effect().word())
        })
        .collect()
}

fn blocks(diff: &ZoneDiff) -> Vec<&str> {
    diff.blocks.iter().map(|block| block.message.as_str()).collect()
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
    assert_eq!(diff.in_sync.len(), 1);
    assert_eq!(diff.changes[0].place(), Some(PLACE));
    assert!(diff.blocks.is_empty() && diff.notes.is_empty());
}

#[test]
fn a_neutral_value_is_satisfied_by_absence() {
    let want = want(Variant::BotFightMode, &[("content_bots_protection", Value::Word("disabled"))]);
    let diff = diff(&want, &live(json!({"fight_mode": false, "enable_js": true})), &context());
    assert!(diff.changes.is_empty() && diff.blocks.is_empty());
    assert_eq!(diff.in_sync[0].live, None);
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
fn a_setting_outside_the_live_variant_blocks_the_zone_unless_it_is_sent_all_the_same() {
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
    assert_eq!(blocked.notes[0].message, "the file says `plan: sbfm_business`, and live is sbfm_pro");
    let context = Context { send_unavailable: BTreeSet::from(["sbfm_likely_automated"]), ..context() };
    assert!(diff(&want, &seen, &context).blocks.is_empty());
}

#[test]
fn another_variant_with_shared_settings_only_is_a_warning() {
    let want = want(Variant::SbfmPro, &[("enable_js", ON)]);
    let diff = diff(&want, &live(json!({"enable_js": true, "fight_mode": true})), &context());
    assert!(diff.blocks.is_empty());
    assert_eq!(diff.notes[0].hint.as_deref(), Some("write `plan: bot_fight_mode`"));
}

#[test]
fn an_unknown_live_value_is_compared_as_text_and_noted() {
    let want = want(Variant::SbfmPro, &[("ai_search", Value::Word("block")), ("enable_js", ON)]);
    let seen = live(json!({"sbfm_verified_bots": "allow", "ai_search": "fortress", "enable_js": "true"}));
    let diff = diff(&want, &seen, &context());
    assert_eq!(lines(&diff), [r#"ai_search "fortress" -> block neither"#]);
    assert_eq!(diff.notes.len(), 2);
}

#[test]
fn fight_mode_needs_enable_js_in_the_merged_result() {
    let fight = want(Variant::BotFightMode, &[("fight_mode", ON)]);
    let both = want(Variant::BotFightMode, &[("fight_mode", ON), ("enable_js", ON)]);
    let seen = live(json!({"fight_mode": false, "enable_js": false}));
    assert_eq!(
        blocks(&diff(&fight, &seen, &context())),
        ["`fight_mode: true` needs `enable_js: true`, which is not on live"]
    );
    assert!(diff(&both, &seen, &context()).blocks.is_empty());
}

#[test]
fn enable_js_is_not_turned_off_under_fight_mode() {
    let want = want(Variant::BotFightMode, &[("enable_js", OFF)]);
    let diff = diff(&want, &live(json!({"fight_mode": true, "enable_js": true})), &context());
    assert_eq!(blocks(&diff), ["`enable_js: false` cannot be written while `fight_mode` is on"]);
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
    live(json!({"sbfm_verified_bots": "allow", "stale_zone_configuration":
        {"fight_mode": true, "sbfm_likely_automated": "allow", "tomorrow": "on"}}))
}

#[test]
fn stale_members_are_reported_and_only_known_active_ones_cleaned() {
    let mut want = want(Variant::SbfmPro, &[]);
    let reported = diff(&want, &stale_zone(), &context());
    assert!(reported.changes.is_empty());
    assert_eq!(reported.stale.len(), 2);
    want.stale = StalePolicy::Clean;
    let cleaned = diff(&want, &stale_zone(), &context());
    assert_eq!(lines(&cleaned), ["fight_mode true -> false loosens"]);
    assert_eq!(cleaned.stale[1].action, StaleAction::Report);
}

#[test]
fn a_clean_up_on_enterprise_needs_custom_rules_in_place() {
    let mut want = want(Variant::BmEnterprise, &[]);
    want.stale = StalePolicy::Clean;
    let seen =
        live(json!({"bm_cookie_enabled": true, "stale_zone_configuration": {"sbfm_verified_bots": "block"}}));
    assert!(blocks(&diff(&want, &seen, &context()))[0].contains("custom rules"));
    want.custom_rules_in_place = true;
    assert!(diff(&want, &seen, &context()).blocks.is_empty());
}

#[test]
fn an_accepted_deviation_is_no_change_until_its_waiver_ends() {
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
    let seen = stale_zone().with_setting(find("enable_js").unwrap(), Some(&json!(false)));
    let today = diff(&want, &seen, &context());
    assert!(today.changes.is_empty() && today.blocks.is_empty());
    assert_eq!((today.waived.len(), today.stale[0].action), (2, StaleAction::Accept));
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
fn the_read_back_tells_what_was_not_taken_kept_or_moved() {
    let mut want =
        want(Variant::SbfmPro, &[("enable_js", ON), ("content_bots_protection", Value::Word("block"))]);
    want.stale = StalePolicy::Clean;
    let base = stale_zone().with_setting(find("enable_js").unwrap(), Some(&json!(false)));
    let changes = diff(&want, &base, &context()).changes;
    assert_eq!(changes[0].effect(), Effect::Tightens);
    let kinds = |now: &Live| -> Vec<_> {
        verify(&base, &changes, now).iter().map(|finding| (finding.setting.clone(), finding.kind)).collect()
    };
    let taken = base
        .clone()
        .with_setting(find("enable_js").unwrap(), Some(&json!(true)))
        .with_stale("fight_mode", None);
    assert_eq!(kinds(&taken), [("content_bots_protection".to_owned(), FindingKind::NotReported)]);
    assert_eq!(outcome_of(&verify(&base, &changes, &taken)), Outcome::Unverified);
    let moved = taken.with_setting(find("sbfm_verified_bots").unwrap(), Some(&json!("block")));
    assert_eq!(outcome_of(&verify(&base, &changes, &moved)), Outcome::Collateral);
    assert_eq!(kinds(&base).len(), 3);
    assert_eq!(outcome_of(&verify(&base, &changes, &base)), Outcome::NotApplied);
}

#[test]
fn drift_is_told_from_a_pending_change() {
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
    let diff = diff(&want, &seen, &since(true, &earlier));
    let origins: Vec<_> =
        diff.changes.iter().map(|change| (change.setting().name, change.origin().unwrap().word())).collect();
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
fn a_zone_that_somebody_tightened_is_not_loosened_while_its_file_stays() {
    let wanted = [("ai_bots_protection", Value::Word("disabled"))];
    let want = want(Variant::SbfmPro, &wanted);
    let seen = live(json!({"sbfm_verified_bots": "allow", "ai_bots_protection": "block"}));
    assert_eq!(
        blocks(&diff(&want, &seen, &since(false, &wanted))),
        [
            "held back: live has `ai_bots_protection` at \"block\", and writing disabled would loosen a zone whose file did not change since 2026-11-01"
        ]
    );
    assert!(diff(&want, &seen, &since(true, &wanted)).blocks.is_empty());
    let confirmed = Context { may_loosen: true, ..since(false, &wanted) };
    assert!(diff(&want, &seen, &confirmed).blocks.is_empty());
}
