//! The messages about the values of settings.

use super::tests::told;
use insta::assert_snapshot;

fn with(settings: &str) -> String {
    told(&format!("zone: a.example\nplan: bot_fight_mode\nsettings: {{{settings}}}\n"))
}

#[test]
fn words_that_look_like_booleans_get_the_boolean() {
    assert_snapshot!(with("fight_mode: yes"), @r"
        3:24 `fight_mode` must be `true` or `false`, not `yes`
          | not a boolean in YAML 1.2
          ? write `true`
          -> true
        ");
    assert_snapshot!(with("enable_js: 'true'"), @"
    3:23 `enable_js` must be `true` or `false`, not `'true'`
      | a string, because it is quoted
      ? write `true`
      -> true
    ");
    assert_snapshot!(with("enable_js: Off"), @r"
        3:23 `enable_js` must be `true` or `false`, not `Off`
          | not a boolean in YAML 1.2
          ? write `false`
          -> false
        ");
    assert_snapshot!(with("enable_js: 0"), @r"
        3:23 `enable_js` must be `true` or `false`, not `0`
          | not a boolean in YAML 1.2
          ? write `false`
          -> false
        ");
    assert_snapshot!(with("enable_js: block"), @r"
        3:23 `enable_js` must be `true` or `false`, not `block`
          ? `true`: the detection snippet is added to HTML pages; `false`: no snippet is added; `fight_mode` cannot be on
        ");
}

#[test]
fn booleans_where_a_word_belongs_get_the_word() {
    assert_snapshot!(with("crawler_protection: true"), @r"
        3:32 `true` is not a value of `crawler_protection`
          | one of `enabled`, `disabled`
          ? write the word `enabled`
          -> enabled
        ");
    assert_snapshot!(with("cf_robots_variant: false"), @r#"
        3:31 `false` is not a value of `cf_robots_variant`
          | one of `off`, `policy_only`
          ? write the word `off`
          -> "off"
        "#);
    assert_snapshot!(with("ai_search: on"), @r"
        3:23 `on` is not a value of `ai_search`
          | one of `disabled`, `block`, `only_on_ad_pages`
          ? `botform explain ai_search` describes each value
        ");
}

#[test]
fn misspelt_words_get_the_right_one() {
    assert_snapshot!(with("ai_training: Block"), @r"
        3:25 `Block` is not a value of `ai_training`
          | one of `disabled`, `disallow`, `block`, `only_on_ad_pages`
          ? did you mean `block`?
          -> block
        ");
    assert_snapshot!(with("ai_search: only_on_add_pages"), @r"
        3:23 `only_on_add_pages` is not a value of `ai_search`
          | one of `disabled`, `block`, `only_on_ad_pages`
          ? did you mean `only_on_ad_pages`?
          -> only_on_ad_pages
        ");
    assert_snapshot!(with("ai_training: allow"), @r"
        3:25 `allow` is not a value of `ai_training`
          | one of `disabled`, `disallow`, `block`, `only_on_ad_pages`
          ? did you mean `disabled`?
          -> disabled
        ");
}

#[test]
fn values_of_another_kind_are_reported() {
    assert_snapshot!(with("enable_js: null"), @r"
        3:23 `enable_js` has no value
          | null is not a value of a setting
          ? leave the setting out to leave it unmanaged
        ");
    assert_snapshot!(with("ai_search: [block]"), @r"
        3:23 a list is not a value of `ai_search`
          | one of `disabled`, `block`, `only_on_ad_pages`
          ? `botform explain ai_search` describes each value
        ");
    assert_snapshot!(with("ai_search: {a: 1}"), @r"
        3:23 a mapping is not a value of `ai_search`
          | one of `disabled`, `block`, `only_on_ad_pages`
          ? `botform explain ai_search` describes each value
        ");
    assert_snapshot!(with("ai_search: 1.5"), @r"
        3:23 `1.5` is not a value of `ai_search`
          | one of `disabled`, `block`, `only_on_ad_pages`
          ? `botform explain ai_search` describes each value
        ");
    assert_snapshot!(with("ai_search: ''"), @r"
        3:23 an empty string is not a value of `ai_search`
          | one of `disabled`, `block`, `only_on_ad_pages`
          ? `botform explain ai_search` describes each value
        ");
    assert_snapshot!(with("enable_js: [true]"), @r"
        3:23 `enable_js` must be `true` or `false`, not a list
          ? `true`: the detection snippet is added to HTML pages; `false`: no snippet is added; `fight_mode` cannot be on
        ");
}

#[test]
fn every_yaml_spelling_of_a_valid_value_is_accepted() {
    assert_eq!(with("enable_js: True, cf_robots_variant: off, ai_search: 'block', ai_user: \"block\""), "");
}

#[test]
fn words_of_custom_rules_get_those_of_the_setting() {
    for (line, meant) in [
        ("sbfm_definitely_automated: challenge", "managed_challenge"),
        ("sbfm_definitely_automated: js_challenge", "managed_challenge"),
        ("ai_search: allow", "disabled"),
        ("ai_training: allow", "disabled"),
    ] {
        let told = told(&format!("zone: a.example\nplan: sbfm_pro\nsettings: {{{line}}}\n"));
        assert!(told.contains(&format!("did you mean `{meant}`?")), "{line}: {told}");
    }
}
