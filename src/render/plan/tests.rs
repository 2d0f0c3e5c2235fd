use super::*;
use crate::catalogue::{Value, Variant, find};
use crate::diff::Context;
use crate::model::{Desired, Diagnostic, Place, StalePolicy, ZoneId, ZoneName};
use crate::plan::Provenance;
use crate::render::{Detail, Paint};
use serde_json::{Value as Json, json};

const ID: &str = "023e105f4ecef8ad9ca31a8372d0c353";

fn desired(name: &str, settings: &[(&str, Value)]) -> Desired {
    let zone = ZoneName::try_from(name.to_owned()).unwrap();
    let mut desired = Desired::in_file(format!("zones/{name}.yaml"), zone, Variant::SbfmPro, Place::START);
    for (line, (name, value)) in (7_u32..).zip(settings) {
        desired.set_at(find(name).unwrap(), *value, Place { line, column: 3 }).unwrap();
    }
    desired
}

fn zone(want: &Desired, live: Json) -> ZonePlan {
    let Json::Object(object) = live else { panic!("an object") };
    let context = Context::of_day(jiff::civil::date(2026, 11, 23));
    ZonePlan::build(want, ZoneId::try_from(ID.to_owned()).unwrap(), Live::read(object), &context)
}

fn plan(zones: Vec<ZonePlan>) -> Plan {
    Plan::build(Provenance::new("2026-11-23T00:00:00Z".parse().unwrap(), "emulate:".to_owned()), zones)
}

fn text(plan: &Plan) -> String {
    let text = PlanText::new(plan, Paint::Plain, Detail::Notable).to_string();
    text.replace(plan.digest().short(), "[digest]")
}

#[test]
fn a_plan_shows_each_change_with_its_effect_and_line() {
    let settings =
        [("ai_bots_protection", Value::Word("block")), ("sbfm_verified_bots", Value::Word("allow"))];
    let mut shop = desired("shop.example.com", &settings);
    shop.stale = StalePolicy::Clean;
    let live = json!({"ai_bots_protection": "disabled", "sbfm_verified_bots": "block", "enable_js": true,
        "stale_zone_configuration": {"fight_mode": true}});
    let lost = desired("lost.example.com", &[]);
    let why = Diagnostic::error("GET /zones/x failed with status 502").hint("try again");
    let lost = ZonePlan::failed(&lost, None, why, jiff::civil::date(2026, 11, 23));
    insta::assert_snapshot!(text(&plan(vec![zone(&shop, live), lost])), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_bots_protection      disabled → block             tightens   blocks social previews (low confidence)  :7
        ~ sbfm_verified_bots      block → allow                loosens    :8
        - fight_mode              true → false                 loosens    stale, left by an earlier plan variant
          0 settings in sync, 1 unmanaged

    ! lost.example.com (sbfm_pro)  failed                      zones/lost.example.com.yaml
          error: GET /zones/x failed with status 502
            hint: try again

    Plan: 1 zone to change (2 settings, 1 stale), 0 in sync, 0 blocked, 1 failed. 2 changes loosen protection.
    Digest: [digest]
    ");
}

#[test]
fn a_zone_in_sync_shows_only_what_needs_attention() {
    let quiet = zone(&desired("a.example.com", &[]), json!({"sbfm_verified_bots": "allow"}));
    let live = json!({"sbfm_verified_bots": "allow", "tomorrow": "a\u{1b}[2K",
        "stale_zone_configuration": {"sbfm_likely_automated": "block"}});
    let loud = zone(&desired("b.example.com", &[]), live);
    insta::assert_snapshot!(text(&plan(vec![quiet, loud])), @r"
    = b.example.com (sbfm_pro)  in sync                        zones/b.example.com.yaml
        ? sbfm_likely_automated   block                        stale, still acts on traffic; `stale: clean` would clean it
        ? tomorrow                a\u{1b}[2K                   not known to this version
          0 settings in sync, 1 unmanaged

    Plan: 0 zones to change, 2 in sync, 0 blocked, 0 failed. 1 stale setting still acts on traffic.
    Digest: [digest]
    ");
}

#[test]
fn many_zones_that_change_alike_are_one_group() {
    let zones = (0..30).map(|n| {
        let want = desired(&format!("z{n:02}.example.com"), &[("enable_js", Value::Toggle(true))]);
        zone(&want, json!({"sbfm_verified_bots": "allow", "enable_js": n == 7}))
    });
    insta::assert_snapshot!(text(&plan(zones.collect())), @"
    ~ 29 zones (sbfm_pro)
        ~ enable_js               false → true                 tightens   breaks ETag and Content-Security-Policy (medium confidence)
          z00.example.com, z01.example.com, z02.example.com, z03.example.com, z04.example.com, z05.example.com and 23 more (all with --detail)

    Plan: 29 zones to change (29 settings), 1 in sync, 0 blocked, 0 failed.
    Digest: [digest]
    ");
}

fn fleet(live: impl Fn(usize) -> Json) -> Vec<ZonePlan> {
    let want = |n| desired(&format!("z{n:02}.example.com"), &[("enable_js", Value::Toggle(true))]);
    (0..15).map(|n| zone(&want(n), live(n))).collect()
}

#[test]
fn a_zone_with_something_of_its_own_to_say_stands_beside_its_group() {
    let zones = fleet(|n| {
        let stale = if n == 3 { json!({"sbfm_likely_automated": "block"}) } else { json!({}) };
        json!({"sbfm_verified_bots": "allow", "enable_js": false, "stale_zone_configuration": stale})
    });
    let text = text(&plan(zones));
    assert!(text.starts_with("~ 14 zones (sbfm_pro)\n"), "{text}");
    assert!(text.contains("\n~ z03.example.com (sbfm_pro)"), "{text}");
    assert!(text.contains("? sbfm_likely_automated"), "{text}");
}

#[test]
fn what_get_does_not_report_is_shown_of_many_zones_and_counts_as_no_change() {
    let zones = (0..40).map(|n| {
        let settings =
            [("content_bots_protection", Value::Word("block")), ("enable_js", Value::Toggle(true))];
        let mut live = json!({"sbfm_verified_bots": "allow", "enable_js": true});
        live["ai_user"] = json!(format!("value {n}"));
        zone(&desired(&format!("z{n:02}.example.com"), &settings), live)
    });
    let plan = plan(zones.collect());
    let text = text(&plan);
    assert!(text.starts_with("= 40 zones (sbfm_pro)  in sync\n    + content_bots_protection"), "{text}");
    let said = "Plan: 0 zones to change, 40 in sync, 0 blocked, 0 failed. 40 settings are not reported by GET, so they are sent";
    assert!(text.contains(said), "{text}");
    let causes = super::causes(&plan, plan.zones().iter(), Page::from(Paint::Plain), 50);
    let title = "= 40 zones with settings that are sent although GET does not report them\n";
    assert!(causes.starts_with(title), "{causes}");
}

#[test]
fn a_key_that_cloudflare_added_to_all_zones_is_reported_once() {
    let zones = fleet(|_| json!({"sbfm_verified_bots": "allow", "enable_js": true, "tomorrow": 1}));
    insta::assert_snapshot!(text(&plan(zones)), @r"
    ? tomorrow   not known to this version, in 15 zones (each with --detail)

    Plan: 0 zones to change, 15 in sync, 0 blocked, 0 failed.
    Digest: [digest]
    ");
}
