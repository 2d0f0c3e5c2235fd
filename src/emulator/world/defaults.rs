//! The default live object of a zone, as recorded from real zones.
//! The defaults of the published schema are not what real zones show, so they are not used.

use crate::catalogue::{self, LATEST_MODEL_KEY, Setting, Value, Variant};
use serde_json::{Map, Value as Json};

/// All keys that GET reports for a variant: the given values, and plausible ones for all others.
pub(super) fn live(variant: Variant, given: &[(&'static Setting, Value)]) -> Map<String, Json> {
    let find =
        |name: &str| given.iter().rev().find(|(setting, _)| setting.name == name).map(|(_, value)| *value);
    let mut object: Map<String, Json> = catalogue::settable(variant)
        .map(|setting| (setting.name.to_owned(), plausible(setting, variant, &find)))
        .collect();
    object.extend(given.iter().map(|(setting, value)| (setting.name.to_owned(), value.to_json())));
    object.insert(LATEST_MODEL_KEY.to_owned(), Json::Bool(true));
    object
}

fn plausible(setting: &Setting, variant: Variant, given: &impl Fn(&str) -> Option<Value>) -> Json {
    match setting.name {
        "enable_js" => Json::Bool(true),
        "ai_bots_protection" => "block".into(),
        "is_robots_txt_managed" => Json::Bool(is_robots_txt_managed(variant, given)),
        // Cloudflare turns the sync on if it manages robots.txt.
        "bot_preference_sync_enabled" => Json::Bool(is_robots_txt_managed(variant, given)),
        _ => setting.neutral.map_or(Json::Bool(false), Value::to_json),
    }
}

fn is_robots_txt_managed(variant: Variant, given: &impl Fn(&str) -> Option<Value>) -> bool {
    match (given("is_robots_txt_managed"), given("bot_preference_sync_enabled")) {
        (Some(Value::Toggle(on)), _) => on,
        (None, Some(Value::Toggle(false))) => false,
        _ => matches!(variant, Variant::BotFightMode | Variant::SbfmPro),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_settable_key_is_reported_and_the_recorded_values_are_the_defaults() {
        for variant in Variant::ALL.iter().copied() {
            let object = live(variant, &[]);
            assert_eq!(object.len(), catalogue::settable(variant).count() + 1);
        }
        let free = live(Variant::BotFightMode, &[]);
        assert_eq!(free["enable_js"], true);
        assert_eq!(free["is_robots_txt_managed"], true);
        assert_eq!(free["ai_bots_protection"], "block");
        assert_eq!(live(Variant::BmEnterprise, &[])["auto_update_model"], true);
    }

    #[test]
    fn a_given_value_is_kept_and_dependent_values_follow() {
        let sync = catalogue::find("bot_preference_sync_enabled").unwrap();
        let object = live(Variant::SbfmPro, &[(sync, Value::Toggle(false))]);
        assert_eq!(object["bot_preference_sync_enabled"], false);
        assert_eq!(object["is_robots_txt_managed"], false);
    }
}
