//! `explain`: a setting, a plan variant and a word, in any letter case.

use super::story::Story;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn a_setting_is_explained() {
    assert_snapshot!(Story::new(json!([])).run("explain Fight_Mode"));
}

#[test]
fn the_values_of_ai_training_are_explained_as_they_act_since_september_2026() {
    assert_snapshot!(Story::new(json!([])).run("explain ai_training"));
}

#[test]
fn each_value_that_shuts_somebody_out_or_breaks_something_says_so() {
    let all = Story::new(json!([])).run("explain --output json").json();
    let mut told = Vec::new();
    for setting in all["settings"].as_array().unwrap() {
        for value in setting["values"].as_array().unwrap() {
            for caution in value["cautions"].as_array().unwrap() {
                let word = |of: &serde_json::Value| of.to_string().replace('"', "");
                let parts = [&setting["name"], &value["value"], &caution["kind"], &caution["confidence"]];
                told.push(parts.map(word).join(" "));
                assert!(caution["text"].as_str().is_some_and(|text| !text.is_empty()), "{caution}");
            }
        }
    }
    told.sort();
    assert_eq!(
        told,
        [
            "ai_bots_protection block social_previews low",
            "ai_search block search_engines medium",
            "ai_search block social_previews low",
            "ai_search only_on_ad_pages search_engines medium",
            "ai_training block search_engines high",
            "ai_training block social_previews low",
            "ai_training only_on_ad_pages search_engines high",
            "ai_user block social_previews low",
            "content_bots_protection block search_engines low",
            "enable_js true headers medium",
            "fight_mode true no_exception high",
            "optimize_wordpress false wordpress medium",
            "sbfm_definitely_automated block tunnel_and_api_clients high",
            "sbfm_definitely_automated managed_challenge tunnel_and_api_clients high",
            "sbfm_static_resource_protection true embedded_files medium",
            "sbfm_verified_bots block search_engines high",
        ]
    );
}

#[test]
fn a_plan_variant_is_explained() {
    assert_snapshot!(Story::new(json!([])).run("explain BOT_FIGHT_MODE"));
}

#[test]
fn a_word_is_explained_wherever_it_is_used() {
    assert_snapshot!(Story::new(json!([])).run("explain Stale"));
}
