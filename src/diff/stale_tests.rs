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
