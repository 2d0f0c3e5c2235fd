use super::*;
use crate::diff::VerdictKind;

#[test]
fn stale_members_are_reported_and_only_known_active_ones_cleaned() {
    let mut want = want(Variant::SbfmPro, &[]);
    let stale = |diff: &ZoneDiff| -> Vec<_> {
        let rows = diff.rows.iter().filter(|row| row.stale);
        rows.map(|row| (row.name().to_owned(), row.verdict.kind())).collect()
    };
    let expect = |verdict| {
        let rows = [
            ("fight_mode", verdict),
            ("sbfm_likely_automated", VerdictKind::InSync),
            ("tomorrow", VerdictKind::CannotClean),
        ];
        rows.map(|(name, verdict)| (name.to_owned(), verdict))
    };
    assert_eq!(stale(&diff(&want, &stale_zone(), &context())), expect(VerdictKind::Unmanaged));
    want.stale = StalePolicy::Clean;
    let cleaned = diff(&want, &stale_zone(), &context());
    assert_eq!(stale(&cleaned), expect(VerdictKind::Change));
    assert_eq!(lines(&cleaned), ["fight_mode true -> false loosens"]);
    assert_eq!(cleaned.rows.last().unwrap().verdict.reason().unwrap(), "this version does not know it");
}

#[test]
fn a_stale_member_whose_clean_up_would_change_nothing_stays() {
    let mut want = want(Variant::SbfmBusiness, &[]);
    want.stale = StalePolicy::Clean;
    let seen = live(
        json!({"sbfm_likely_automated": "allow", "stale_zone_configuration": {"auto_update_model": true}}),
    );
    let diff = diff(&want, &seen, &context());
    assert_eq!(diff.rows[1].verdict.kind(), VerdictKind::CannotClean);
    assert_eq!(diff.rows[1].verdict.reason().unwrap(), "it is not known to be left behind on sbfm_business");
}

#[test]
fn a_clean_up_is_never_held() {
    let mut want = want(Variant::SbfmPro, &[("enable_js", ON)]);
    want.stale = StalePolicy::Clean;
    for context in [since(&[("enable_js", ON)]), since_then(EarlierWanted::Unreadable("no YAML".to_owned()))]
    {
        let diff = diff(&want, &stale_zone_with(json!({"enable_js": true})), &context);
        assert_eq!(lines(&diff), ["fight_mode true -> false loosens"]);
        assert!(diff.rows.iter().all(|row| row.verdict.kind() != VerdictKind::Held && row.origin.is_none()));
    }
}

#[test]
fn a_cleaned_member_that_moves_to_the_top_with_the_value_sent_is_no_collateral() {
    let mut want = want(Variant::SbfmPro, &[]);
    want.stale = StalePolicy::Clean;
    let rows = diff(&want, &stale_zone(), &context()).rows;
    let now = |fight_mode: bool| {
        let left = json!({"sbfm_likely_automated": "allow", "tomorrow": "on"});
        stale_zone_with(json!({"fight_mode": fight_mode, "stale_zone_configuration": left}))
    };
    assert_eq!(outcome_of(&verify(&stale_zone(), &rows, &now(false))), Outcome::Applied);
    assert_eq!(outcome_of(&verify(&stale_zone(), &rows, &now(true))), Outcome::Collateral);
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
fn a_stale_member_that_live_reports_as_well_stays() {
    let mut want = want(Variant::SbfmPro, &[]);
    want.stale = StalePolicy::Clean;
    let row = diff(&want, &stale_zone_with(json!({"fight_mode": true})), &context()).rows;
    let row = row.iter().find(|row| row.stale && row.name() == "fight_mode").unwrap();
    assert_eq!(row.verdict.kind(), VerdictKind::CannotClean);
}

/// A Free zone on which a rule of an earlier Super Bot Fight Mode acts.
fn downgraded() -> Live {
    live(json!({"enable_js": true, "fight_mode": false,
        "stale_zone_configuration": {"sbfm_verified_bots": "block"}}))
}

fn verified_bots(value: &'static str) -> Desired {
    want(Variant::SbfmPro, &[("sbfm_verified_bots", Value::Word(value))])
}

#[test]
fn a_named_neutral_value_whose_stale_member_acts_is_the_clean_up_at_the_line_of_the_file() {
    for policy in [StalePolicy::Report, StalePolicy::Clean] {
        let mut want = verified_bots("allow");
        want.stale = policy;
        let diff = diff(&want, &downgraded(), &context());
        assert_eq!(lines(&diff), [r#"sbfm_verified_bots "block" -> allow loosens"#], "{policy:?}");
        let row = changes(&diff).next().unwrap();
        assert_eq!((row.stale, row.is_clean_up()), (false, true));
        assert_eq!(row.wanted.as_ref().unwrap().place, PLACE);
        assert!(diff.rows.iter().all(|row| !row.stale), "it has no second row");
        assert!(diff.blocks.is_empty());
    }
}

#[test]
fn what_was_left_behind_is_in_sync_with_a_file_that_wants_it_and_blocked_beside_another_value() {
    let verdict = |want: &Desired, seen: &Live| {
        let diff = diff(want, seen, &context());
        let row = diff.rows.iter().find(|row| row.is_managed()).unwrap();
        (row.verdict.kind(), blocks(&diff))
    };
    assert_eq!(verdict(&verified_bots("block"), &downgraded()), (VerdictKind::InSync, Vec::new()));
    let challenge =
        want(Variant::SbfmPro, &[("sbfm_definitely_automated", Value::Word("managed_challenge"))]);
    let left = json!({"sbfm_definitely_automated": "block"});
    let gone = live(json!({"fight_mode": false, "stale_zone_configuration": left}));
    assert_eq!(verdict(&challenge, &gone).0, VerdictKind::Blocked);
    // The zone would take the value, and what is left would go on acting.
    let both =
        live(json!({"sbfm_definitely_automated": "managed_challenge", "stale_zone_configuration": left}));
    let (kind, blocks) = verdict(&challenge, &both);
    assert_eq!(kind, VerdictKind::Blocked);
    assert_eq!(
        blocks,
        [
            "`sbfm_definitely_automated: managed_challenge` would have no effect: `block`, left by an earlier plan variant, acts instead"
        ]
    );
}

#[test]
fn after_an_upgrade_the_hint_does_not_end_in_sync_while_bot_fight_mode_acts() {
    let left = json!({"fight_mode": true});
    let seen = live(json!({"sbfm_verified_bots": "allow", "stale_zone_configuration": left}));
    let off = want(Variant::BotFightMode, &[("fight_mode", OFF)]);
    assert_eq!(lines(&diff(&off, &seen, &context())), ["fight_mode true -> false loosens"]);
}

#[test]
fn the_read_back_of_a_named_clean_up_is_judged_by_what_acts() {
    let rows = diff(&verified_bots("allow"), &downgraded(), &context()).rows;
    let now = |stale: Json, top: Json| {
        let mut object = json!({"enable_js": true, "fight_mode": false, "stale_zone_configuration": stale});
        object["sbfm_verified_bots"] = top;
        outcome_of(&verify(&downgraded(), &rows, &live(object)))
    };
    let block = || json!({"sbfm_verified_bots": "block"});
    assert_eq!(now(json!({}), Json::Null), Outcome::Applied);
    assert_eq!(now(json!({"sbfm_verified_bots": "Allow"}), Json::Null), Outcome::Applied);
    assert_eq!(now(json!({}), json!("allow")), Outcome::Applied);
    assert_eq!(now(json!({}), json!("block")), Outcome::NotApplied);
    assert_eq!(now(block(), Json::Null), Outcome::NotApplied);
    assert_eq!(now(block(), json!("allow")), Outcome::NotApplied);
}

#[test]
fn a_named_clean_up_on_enterprise_needs_custom_rules_in_place_and_names_its_line() {
    let seen =
        live(json!({"bm_cookie_enabled": true, "stale_zone_configuration": {"sbfm_verified_bots": "block"}}));
    let mut want = verified_bots("allow");
    let found = diff(&want, &seen, &context());
    assert!(blocks(&found)[0].starts_with("`sbfm_verified_bots: allow` would switch off rules"));
    assert_eq!(found.blocks[0].place, Some(PLACE));
    want.custom_rules_in_place = true;
    assert!(diff(&want, &seen, &context()).blocks.is_empty());
}

#[test]
fn a_waiver_accepts_what_a_named_neutral_value_would_clean() {
    let mut want = verified_bots("allow");
    want.accept.push(Waiver {
        setting: find("sbfm_verified_bots").unwrap(),
        reason: "support is asked".to_owned(),
        until: jiff::civil::date(2026, 11, 23),
        place: PLACE,
    });
    let diff = diff(&want, &downgraded(), &context());
    assert!(lines(&diff).is_empty() && diff.blocks.is_empty());
    assert_eq!(diff.rows.iter().filter(|row| row.verdict.kind() == VerdictKind::Accepted).count(), 1);
}

#[test]
fn a_stale_member_has_a_row_of_its_own_unless_a_line_of_the_file_cleans_it() {
    let object =
        json!({"auto_update_model": true, "stale_zone_configuration": {"sbfm_verified_bots": "block"}});
    let live = Live::read(object.as_object().unwrap().clone());
    for (value, has_row) in [("block", true), ("allow", false)] {
        let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        want.set("sbfm_verified_bots", value).unwrap();
        let rows = diff(&want, &live, &Context::of_day(jiff::civil::Date::default())).rows;
        assert_eq!(rows.iter().any(|row| row.stale), has_row, "{value}");
    }
}
