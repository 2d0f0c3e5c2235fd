//! The messages about the keys of a zone file, and that no input makes the check panic.

use crate::config::{Canvas, check_text, draw};
use crate::model::{Diagnostic, Marked, StalePolicy};
use insta::assert_snapshot;
use proptest::prelude::*;

const GOOD: &str = "zone: a.example\nplan: sbfm_pro\nsettings: {}\n";

/// The problems of a text, one per line: place, message, label, hint, replacement.
pub(super) fn told(text: &str) -> String {
    let (desired, problems) = check_text("a.yaml", text.as_bytes());
    assert_eq!(desired.is_some(), !problems.iter().any(Diagnostic::is_error), "{text}");
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn line(problem: &Diagnostic) -> String {
    let Diagnostic { place, message, hint, .. } = problem;
    let Marked { excerpt: _, label, replacement, related } = problem.marked();
    let place = place.map_or(String::new(), |place| format!("{}:{} ", place.line, place.column));
    let part = |mark: &str, part: Option<&dyn std::fmt::Display>| {
        part.map_or(String::new(), |part| format!("\n  {mark} {part}"))
    };
    let related = related
        .as_ref()
        .map(|related| format!("{}:{} {}", related.place.line, related.place.column, related.label));
    let parts: [(&str, Option<&dyn std::fmt::Display>); 4] = [
        ("|", label.as_ref().map(|text| text as _)),
        (":::", related.as_ref().map(|text| text as _)),
        ("?", hint.as_ref().map(|text| text as _)),
        ("->", replacement.as_ref().map(|text| text as _)),
    ];
    let parts: String = parts.map(|(mark, text)| part(mark, text)).concat();
    format!("{place}{message}{parts}")
}

#[test]
fn a_whole_file_is_read() {
    let text = "zone: shop.example.com\nzone_id: 023e105f4ecef8ad9ca31a8372d0c353\n\
        account_id: 0123456789abcdef0123456789abcdef\nplan: sbfm_pro\nsettings:\n  enable_js: true\n  \
        cf_robots_variant: off\n  sbfm_verified_bots: allow\nstale: clean\ncustom_rules_in_place: true\nprotect: false\n\
        freeze: {reason: sale, until: 2026-12-31}\naccept:\n  - setting: fight_mode\n    reason: kept\n    until: 2027-01-01\n";
    let (desired, problems) = check_text("zones/a.yaml", text.as_bytes());
    let messages: Vec<_> = problems.iter().map(|problem| problem.message.to_string()).collect();
    assert_eq!(messages, ["`custom_rules_in_place` has no effect here"]);
    let desired = desired.unwrap();
    assert_eq!(desired.path(), "zones/a.yaml");
    assert_eq!(desired.stale, StalePolicy::Clean);
    assert!(desired.custom_rules_in_place && !desired.protect);
    assert_eq!(desired.freeze.as_ref().unwrap().until.to_string(), "2026-12-31");
    assert_eq!((desired.accept[0].setting.name, desired.accept[0].place.line), ("fight_mode", 14));
    let settings: Vec<_> = desired
        .settings()
        .map(|(s, wanted)| format!("{} {} {}", s.name, wanted.value, wanted.place.line))
        .collect();
    assert_eq!(settings, ["cf_robots_variant off 7", "enable_js true 6", "sbfm_verified_bots allow 8"]);
}

#[test]
fn all_missing_keys_are_reported_at_once() {
    assert_snapshot!(told("{}"), @"
    1:1 `plan` is missing
      ? add `plan:` with the zone's variant (`bot_fight_mode`: Bot Fight Mode, on the Free plan; `sbfm_pro`: Super Bot Fight Mode, on the Pro plan; `sbfm_business`: Super Bot Fight Mode, on the Business plan, and on Enterprise without the Bot Management add-on; `bm_enterprise`: Bot Management for Enterprise)
    1:1 `settings` is missing
      ? add `settings:` with what is to be managed, or `settings: {}` to manage nothing
    1:1 `zone` is missing
      ? add `zone: example.com`
    ");
    assert_snapshot!(told("- a\n"), @r"
        1:1 a zone file must be a mapping, not a list
          ? start the file with `zone:`, `plan:` and `settings:`
        ");
}

#[test]
fn misspelt_and_misplaced_keys_are_reported() {
    assert_snapshot!(told("zome: a.example\nplan: sbfm_pro\nenable_js: true\nsettings:\n  stale: clean\n  enable-js: true\n  \
        using_latest_model: true\n  fight_mode: true\n  optimize_wordpres: true\n  nothing: 1\nother: 1\n"), @"
    1:1 unknown key `zome`
      | not a key of a zone file
      ? did you mean `zone`?
      -> zone
    3:1 `enable_js` belongs under `settings`
      | a setting, not a key of the zone file
      ? move it under `settings:`
    5:3 `stale` does not belong under `settings`
      | a key of the zone file itself
      ? move it to the top level of the file
    6:3 unknown setting `enable-js`
      | not a setting of sbfm_pro
      ? did you mean `enable_js`?
      -> enable_js
    7:3 `using_latest_model` is read-only
      | only Cloudflare sets it
      ? remove it
    8:3 `fight_mode` is not available on sbfm_pro (needs bot_fight_mode)
      | not a setting of sbfm_pro
      ::: 2:7 the plan variant of this file
      ? Super Bot Fight Mode replaces it: set `sbfm_definitely_automated`; where an earlier plan left it on, `stale: clean` turns it off
    9:3 unknown setting `optimize_wordpres`
      | not a setting of sbfm_pro
      ? did you mean `optimize_wordpress`?
      -> optimize_wordpress
    10:3 unknown setting `nothing`
      | not a setting of sbfm_pro
      ? the settings of sbfm_pro are `ai_bots_protection`, `ai_search`, `ai_user`, `ai_training`, `ai_bots_migration_opt_out`, `bot_preference_sync_enabled`, `jsd_api_results_enabled`, `cf_robots_variant`, `content_bots_protection`, `crawler_protection`, `enable_js`, `is_robots_txt_managed`, `optimize_wordpress`, `sbfm_definitely_automated`, `sbfm_verified_bots`, `sbfm_static_resource_protection`
    11:1 unknown key `other`
      | not a key of a zone file
      ? the keys of a zone file are `zone`, `zone_id`, `account_id`, `plan`, `extends`, `settings`, `temporary`, `stale`, `custom_rules_in_place`, `protect`, `freeze`, `accept`
    ");
}

#[test]
fn a_wrong_plan_leaves_the_settings_checked_against_all_variants() {
    let with = |plan: &str| {
        told(&format!("zone: a.example\nplan: {plan}\nsettings: {{fight_mode: true, nothing: 1}}\n"))
    };
    assert_snapshot!(with("sbfm-pro"), @r"
        2:7 `sbfm-pro` is not a plan variant
          | one of `bot_fight_mode`, `sbfm_pro`, `sbfm_business`, `bm_enterprise`
          ? did you mean `sbfm_pro`?
          -> sbfm_pro
        3:30 unknown setting `nothing`
          | not a setting
          ? the settings are `ai_bots_protection`, `ai_search`, `ai_user`, `ai_training`, `ai_bots_migration_opt_out`, `bot_preference_sync_enabled`, `jsd_api_results_enabled`, `cf_robots_variant`, `content_bots_protection`, `crawler_protection`, `enable_js`, `is_robots_txt_managed`, `fight_mode`, `optimize_wordpress`, `sbfm_definitely_automated`, `sbfm_likely_automated`, `sbfm_verified_bots`, `sbfm_static_resource_protection`, `auto_update_model`, `bm_cookie_enabled`, `suppress_session_score`
        ");
    assert_snapshot!(with("Business"), @r"
        2:7 `Business` is not a plan variant
          | one of `bot_fight_mode`, `sbfm_pro`, `sbfm_business`, `bm_enterprise`
          ? the variant of the plan `business` is `sbfm_business`
          -> sbfm_business
        3:30 unknown setting `nothing`
          | not a setting
          ? the settings are `ai_bots_protection`, `ai_search`, `ai_user`, `ai_training`, `ai_bots_migration_opt_out`, `bot_preference_sync_enabled`, `jsd_api_results_enabled`, `cf_robots_variant`, `content_bots_protection`, `crawler_protection`, `enable_js`, `is_robots_txt_managed`, `fight_mode`, `optimize_wordpress`, `sbfm_definitely_automated`, `sbfm_likely_automated`, `sbfm_verified_bots`, `sbfm_static_resource_protection`, `auto_update_model`, `bm_cookie_enabled`, `suppress_session_score`
        ");
    assert_snapshot!(with("enterprise"), @r"
        2:7 `enterprise` is not a plan variant
          | one of `bot_fight_mode`, `sbfm_pro`, `sbfm_business`, `bm_enterprise`
          ? `bm_enterprise` with the Bot Management add-on, `sbfm_business` without it
          -> bm_enterprise
        3:30 unknown setting `nothing`
          | not a setting
          ? the settings are `ai_bots_protection`, `ai_search`, `ai_user`, `ai_training`, `ai_bots_migration_opt_out`, `bot_preference_sync_enabled`, `jsd_api_results_enabled`, `cf_robots_variant`, `content_bots_protection`, `crawler_protection`, `enable_js`, `is_robots_txt_managed`, `fight_mode`, `optimize_wordpress`, `sbfm_definitely_automated`, `sbfm_likely_automated`, `sbfm_verified_bots`, `sbfm_static_resource_protection`, `auto_update_model`, `bm_cookie_enabled`, `suppress_session_score`
        ");
    assert_snapshot!(with("gold"), @r"
        2:7 `gold` is not a plan variant
          | one of `bot_fight_mode`, `sbfm_pro`, `sbfm_business`, `bm_enterprise`
          ? `bot_fight_mode`: Bot Fight Mode, on the Free plan; `sbfm_pro`: Super Bot Fight Mode, on the Pro plan; `sbfm_business`: Super Bot Fight Mode, on the Business plan, and on Enterprise without the Bot Management add-on; `bm_enterprise`: Bot Management for Enterprise
        3:30 unknown setting `nothing`
          | not a setting
          ? the settings are `ai_bots_protection`, `ai_search`, `ai_user`, `ai_training`, `ai_bots_migration_opt_out`, `bot_preference_sync_enabled`, `jsd_api_results_enabled`, `cf_robots_variant`, `content_bots_protection`, `crawler_protection`, `enable_js`, `is_robots_txt_managed`, `fight_mode`, `optimize_wordpress`, `sbfm_definitely_automated`, `sbfm_likely_automated`, `sbfm_verified_bots`, `sbfm_static_resource_protection`, `auto_update_model`, `bm_cookie_enabled`, `suppress_session_score`
        ");
}

#[test]
fn names_and_ids_are_checked() {
    assert_snapshot!(told("zone: Shop.Example\nzone_id: 12345678901234567890123456789012\naccount_id: abc\nplan: sbfm_pro\n\
        settings: {}\n"), @r#"
        1:7 `Shop.Example` is not a zone name
          | a name must be lower case
          ? did you mean `shop.example`?
          -> shop.example
        2:10 the number `12345678901234567890123456789012` is too large
          ? quote it if it is a string
          -> "12345678901234567890123456789012"
        3:13 `abc` is not an account id
          | an id has 32 lower-case hexadecimal digits
        "#);
    assert_snapshot!(told("zone: 1.2\nplan: sbfm_pro\nsettings:\n"), @r#"
        1:7 `zone` must be a string, not `1.2`
          ? put it in quotes
          -> "1.2"
        3:1 `settings` has no value
          ? write `settings: {}` to manage nothing
        "#);
}

#[test]
fn freezes_and_waivers_are_checked() {
    assert_snapshot!(told(&format!("{GOOD}freeze: {{reason: ' ', until: 2026-02-30, x: 1}}\naccept:\n  - {{setting: figth_mode}}\n  \
        - {{setting: fight_mode, reason: a, until: 2026-12-31T10:00:00Z}}\n  - 1\nprotect: yes\nstale: cleen\ncustom_rules_in_place: maybe\n")), @r"
        4:18 `reason` is empty
          ? say why, for later readers of the file
        4:30 `until` must be a date, not `2026-02-30`
          | written year-month-day
          ? a date looks like `2026-12-31`
        4:42 unknown key `x`
          | not a key of `freeze`
          ? the keys of `freeze` are `reason`, `until`
        6:5 `reason` is missing
          ? add `reason: why`
        6:5 `until` is missing
          ? add `until: 2026-12-31`
        6:15 `figth_mode` is not a setting
          ? did you mean `fight_mode`?
          -> fight_mode
        7:45 `until` must be a date, not `2026-12-31T10:00:00Z`
          | written year-month-day
          ? a date looks like `2026-12-31`
          -> 2026-12-31
        8:5 an item of `accept` must be a mapping, not `1`
        9:10 `protect` must be `true` or `false`, not `yes`
          | not a boolean in YAML 1.2
          ? write `true`
          -> true
        10:8 `cleen` is not a value of `stale`
          | one of `report`, `clean`
          ? did you mean `clean`?
          -> clean
        11:24 `custom_rules_in_place` must be `true` or `false`, not `maybe`
        ");
    assert_snapshot!(told(&format!("{GOOD}accept:\n  - &w {{setting: fight_mode, reason: a, until: 2026-12-31}}\n  \
        - {{setting: fight_mode, reason: b, until: 2026-12-31}}\n")), @r"
        6:15 `fight_mode` is accepted more than once
          ? keep the one that ends last
        ");
    assert_snapshot!(told(&format!("{GOOD}freeze:\naccept: {{}}\n")), @r"
        4:1 `freeze` has no value
          ? write a mapping, or leave `freeze` out
        5:9 `accept` must be a list, not a mapping
        ");
}

#[test]
fn rules_across_settings_point_at_both() {
    assert_snapshot!(told("zone: a.example\nplan: bot_fight_mode\nsettings:\n  fight_mode: true\n  enable_js: false\n  \
        bot_preference_sync_enabled: false\n  is_robots_txt_managed: true\n"), @r"
        5:14 `fight_mode: true` needs `enable_js: true`
          | Cloudflare refuses it otherwise
          ::: 4:15 required by this
          ? write `enable_js: true`, or remove `fight_mode: true`
          -> true
        7:26 `bot_preference_sync_enabled: false` needs `is_robots_txt_managed: false`
          | Cloudflare silently turns it on again while robots.txt is managed
          ::: 6:32 required by this
          ? write `is_robots_txt_managed: false`, or remove `bot_preference_sync_enabled: false`
          -> false
        ");
    assert_eq!(told("zone: a.example\nplan: bot_fight_mode\nsettings: {fight_mode: true}\n"), "");
}

#[test]
fn a_fix_is_only_offered_if_it_is_right_for_the_file() {
    let with = |lines: &str| told(&format!("{GOOD}{lines}\n"));
    assert_snapshot!(with("stale: true"), @"
    4:8 `true` is not a value of `stale`
      | one of `report`, `clean`
    ");
    assert_snapshot!(with("stale:"), @"
    4:1 `stale` has no value
      ? write one of `report`, `clean`, or leave `stale` out
    ");
    assert_snapshot!(with("freeze: {reason: 5, until: 2026}"), @r#"
    4:18 `reason` must be a string, not `5`
      ? put it in quotes
      -> "5"
    4:28 `until` must be a date, not `2026`
      | written year-month-day
      ? a date looks like `2026-12-31`
    "#);
    assert_snapshot!(told("zone: 5\nplan: 7\nsettings: {}\naccount_id: 12\n"), @"
    1:7 `zone` must be a string, not `5`
    2:7 `7` is not a plan variant
      | one of `bot_fight_mode`, `sbfm_pro`, `sbfm_business`, `bm_enterprise`
      ? `bot_fight_mode`: Bot Fight Mode, on the Free plan; `sbfm_pro`: Super Bot Fight Mode, on the Pro plan; `sbfm_business`: Super Bot Fight Mode, on the Business plan, and on Enterprise without the Bot Management add-on; `bm_enterprise`: Bot Management for Enterprise
    4:13 `account_id` must be a string, not `12`
    ");
    assert_snapshot!(told("zone: a.example\nplan:\nsetings: {enable_js: true}\n"), @"
    2:1 `plan` has no value
      ? write one of `bot_fight_mode`: Bot Fight Mode, on the Free plan; `sbfm_pro`: Super Bot Fight Mode, on the Pro plan; `sbfm_business`: Super Bot Fight Mode, on the Business plan, and on Enterprise without the Bot Management add-on; `bm_enterprise`: Bot Management for Enterprise
    3:1 unknown key `setings`
      | not a key of a zone file
      ? did you mean `settings`?
      -> settings
    ");
    assert_snapshot!(told("zone: a.example\nplan: sbfm_pro\nenable_js: true\n"), @"
    1:1 `settings` is missing
      ? add `settings:`, with the settings of the file below it
    3:1 `enable_js` belongs under `settings`
      | a setting, not a key of the zone file
      ? move it under `settings:`
    ");
    assert_snapshot!(told("zone: *.example.com\nplan: sbfm_pro\nsettings: {}\n"), @r#"
    1:7 an unquoted string cannot begin with `*`
      | YAML reads it as an alias
      ? put it in quotes, such as "*.example.com"
    "#);
    assert_snapshot!(told("zone: a.example\nplan: sbfm_pro\nsettings: {enable_js: \"true\"}\n"), @r#"
    3:23 `enable_js` must be `true` or `false`, not `"true"`
      | a string, because it is quoted
      ? write `true`
      -> true
    "#);
}

#[test]
fn custom_rules_without_effect_are_reported() {
    let with = |plan: &str, more: &str| {
        told(&format!("zone: a.example\nplan: {plan}\nsettings: {{}}\ncustom_rules_in_place: true\n{more}"))
    };
    assert_snapshot!(with("sbfm_pro", "stale: clean\n"), @"
    4:1 `custom_rules_in_place` has no effect here
      | only `stale: clean` on bm_enterprise needs it
      ? remove it
    ");
    assert_ne!(with("bm_enterprise", ""), "");
    assert_eq!(with("bm_enterprise", "stale: clean\n"), "");
}

#[test]
fn a_rejected_member_does_not_hide_other_problems() {
    assert_snapshot!(told(&format!("{GOOD}plan: sbfm_pro\nstale: x\n")), @r"
        4:1 the key `plan` appears a second time
          | each key may appear once
          ::: 2:1 the first one
          ? remove one of the two
        5:8 `x` is not a value of `stale`
          | one of `report`, `clean`
        ");
}

proptest! {
    #[test]
    fn any_bytes_give_problems_that_can_be_drawn(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for problem in check_text("a.yaml", &bytes).1 {
            prop_assert!(draw(&problem, Canvas::default()).contains("a.yaml"));
        }
    }

    #[test]
    fn any_mutation_of_a_good_file_gives_problems_that_can_be_drawn(at in 0_usize..60, insert in "(\\PC|[\n\t]){0,6}", cut in 0_usize..8) {
        let mut text: Vec<char> = GOOD.chars().collect();
        let at = at.min(text.len());
        text.splice(at..(at + cut).min(GOOD.len()), insert.chars());
        let text: String = text.into_iter().collect();
        for problem in check_text("a.yaml", text.as_bytes()).1 {
            let colored = draw(&problem, Canvas { colors: true, width: None });
            prop_assert!(colored.contains("a.yaml"));
        }
    }
}
