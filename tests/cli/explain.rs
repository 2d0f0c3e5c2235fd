//! `explain`: a setting, a plan variant and a word, in any letter case.

use super::story::Story;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn a_setting_is_explained() {
    assert_snapshot!(Story::new(json!([])).run("explain Fight_Mode"));
}

#[test]
fn a_plan_variant_is_explained() {
    assert_snapshot!(Story::new(json!([])).run("explain BOT_FIGHT_MODE"));
}

#[test]
fn a_word_is_explained_wherever_it_is_used() {
    assert_snapshot!(Story::new(json!([])).run("explain Stale"));
}
