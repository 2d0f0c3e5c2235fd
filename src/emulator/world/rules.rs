//! The rules of PUT on `bot_management`: the whole body is checked before any of it is stored.

use super::fault::Edit;
use super::zone::Zone;
use crate::catalogue::{self, Setting};
use serde_json::{Map, Value as Json};

/// Merges a body into a zone and returns the object of the reply.
///
/// # Errors
/// The message of the refusal; nothing is stored then.
pub(super) fn put(zone: &mut Zone, body: &Map<String, Json>, collateral: &[Edit]) -> Result<Json, String> {
    // Whether Cloudflare stores the other fields of a refused body is not known: here it stores none.
    check(zone, body)?;
    store(zone, body);
    collateral.iter().for_each(|edit| zone.edit(edit));
    let reply = zone.object();
    settle(zone, body);
    Ok(reply)
}

fn check(zone: &Zone, body: &Map<String, Json>) -> Result<(), String> {
    for key in body.keys() {
        if catalogue::find(key).is_some_and(Setting::is_read_only) {
            return Err(format!("cannot write to read-only value '{key}'"));
        }
    }
    if let Some(key) = body.keys().find(|key| zone.refused.contains(*key)) {
        return Err(format!("zone does not have access to {}", key.replace('_', " ")));
    }
    for (key, value) in body {
        check_value(zone, key, value)?;
    }
    for (key, value) in body {
        check_entitlement(zone, key, value)?;
    }
    check_fight_mode(zone, body)
}

fn check_value(zone: &Zone, key: &str, value: &Json) -> Result<(), String> {
    let live = zone.live.get(key).filter(|live| !live.is_null());
    // A value that the zone already has is valid at Cloudflare, even if the catalogue does not know it.
    if live.is_some_and(|live| live == value) {
        return Ok(());
    }
    match catalogue::find(key) {
        Some(setting) if setting.read(value).is_some() => Ok(()),
        None if live.is_some() && !value.is_null() => Ok(()),
        Some(_) => Err(format!("invalid value for '{key}'")),
        None => Err(format!("unknown field '{key}'")),
    }
}

/// Entitlement depends on the value: a setting that the plan lacks may be written as "off", which is not stored.
fn check_entitlement(zone: &Zone, key: &str, value: &Json) -> Result<(), String> {
    let neutral = catalogue::find(key).and_then(|setting| setting.neutral).map(catalogue::Value::to_json);
    if zone.has(key) || neutral.as_ref() == Some(value) {
        return Ok(());
    }
    let verb = if neutral == Some(Json::Bool(true)) { "disable" } else { "enable" };
    let thing = match key {
        "sbfm_definitely_automated" => "definitely automated bots ruleset".to_owned(),
        "sbfm_likely_automated" => "likely automated bots ruleset".to_owned(),
        "sbfm_verified_bots" => "verified bots ruleset".to_owned(),
        other => other.replace('_', " "),
    };
    Err(format!("zone not entitled to {verb} {thing}"))
}

fn check_fight_mode(zone: &Zone, body: &Map<String, Json>) -> Result<(), String> {
    let merged = |key: &str| body.get(key).or_else(|| zone.live.get(key)) == Some(&Json::Bool(true));
    // What happens when `enable_js` is turned off under `fight_mode` was never recorded: it is refused too.
    let touched = body.contains_key("fight_mode") || body.contains_key("enable_js");
    if touched && merged("fight_mode") && !merged("enable_js") {
        return Err("cannot enable Fight_Mode while EnableJS is disabled".to_owned());
    }
    Ok(())
}

fn store(zone: &mut Zone, body: &Map<String, Json>) {
    for (key, value) in body {
        let neutral = catalogue::find(key).and_then(|setting| setting.neutral).map(catalogue::Value::to_json);
        // Writing the neutral value cleans a stale member up, but some have been seen to stay.
        if neutral.as_ref() == Some(value) && !zone.sticky.contains(key) {
            zone.stale.remove(key);
        }
        if zone.has(key) {
            zone.live.insert(key.clone(), value.clone());
        }
    }
}

/// What Cloudflare silently reverts after the reply: the sync cannot be off while robots.txt is managed.
fn settle(zone: &mut Zone, body: &Map<String, Json>) {
    const SYNC: &str = "bot_preference_sync_enabled";
    let managed = zone.live.get("is_robots_txt_managed") == Some(&Json::Bool(true));
    if managed && body.get(SYNC) == Some(&Json::Bool(false)) {
        zone.live.insert(SYNC.to_owned(), Json::Bool(true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{STALE_KEY, Variant, settings};
    use crate::emulator::world::defaults;
    use serde_json::json;

    fn zone(variant: Variant) -> Zone {
        let mut zone = Zone::new(String::new(), "a.example".to_owned(), String::new(), variant);
        zone.live = defaults::live(variant, &[]);
        zone
    }

    fn send(zone: &mut Zone, body: Json) -> Result<Json, String> {
        let Json::Object(body) = body else { panic!("an object") };
        put(zone, &body, &[])
    }

    #[test]
    fn an_empty_body_changes_nothing() {
        let mut free = zone(Variant::BotFightMode);
        let before = free.object();
        assert_eq!(send(&mut free, json!({})), Ok(before.clone()));
        assert_eq!(free.object(), before);
    }

    #[test]
    fn one_field_changes_and_the_others_are_kept() {
        let mut pro = zone(Variant::SbfmPro);
        let mut wanted = pro.object();
        wanted["crawler_protection"] = json!("enabled");
        assert_eq!(send(&mut pro, json!({"crawler_protection": "enabled"})), Ok(wanted.clone()));
        assert_eq!(pro.object(), wanted);
    }

    #[test]
    fn every_settable_value_of_every_variant_is_stored_and_shown() {
        for variant in Variant::ALL.iter().copied() {
            for setting in catalogue::settable(variant) {
                for value in setting.values() {
                    let mut zone = zone(variant);
                    zone.live.insert("is_robots_txt_managed".to_owned(), json!(false));
                    send(&mut zone, json!({ setting.name: value.to_json() })).unwrap();
                    assert_eq!(zone.object()[setting.name], value.to_json(), "{variant} {}", setting.name);
                }
            }
        }
    }

    #[test]
    fn a_read_only_field_refuses_the_whole_body() {
        let mut free = zone(Variant::BotFightMode);
        for key in ["using_latest_model", STALE_KEY] {
            let refused = send(&mut free, json!({ key: true, "ai_search": "block" })).unwrap_err();
            assert_eq!(refused, format!("cannot write to read-only value '{key}'"));
        }
        assert_eq!(free.object()["ai_search"], "disabled");
    }

    #[test]
    fn a_wrong_type_or_word_is_refused() {
        let mut free = zone(Variant::BotFightMode);
        for body in [
            json!({"ai_training": "allow"}),
            json!({"enable_js": "true"}),
            json!({"enable_js": null}),
            json!({"crawler_protection": true}),
            json!({"no_such_field": true}),
        ] {
            assert!(send(&mut free, body.clone()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_body_with_one_bad_field_stores_none_of_it() {
        let mut pro = zone(Variant::SbfmPro);
        let before = pro.object();
        assert!(send(&mut pro, json!({"ai_search": "block", "sbfm_likely_automated": "block"})).is_err());
        assert_eq!(pro.object(), before);
    }

    #[test]
    fn fight_mode_needs_enable_js_in_the_merged_result() {
        let mut free = zone(Variant::BotFightMode);
        free.live.insert("enable_js".to_owned(), json!(false));
        let refused = send(&mut free, json!({"fight_mode": true})).unwrap_err();
        assert_eq!(refused, "cannot enable Fight_Mode while EnableJS is disabled");
        assert!(send(&mut free, json!({"fight_mode": true, "enable_js": true})).is_ok());
        assert!(send(&mut free, json!({"enable_js": false})).is_err());
        assert!(send(&mut free, json!({"enable_js": false, "fight_mode": false})).is_ok());
    }

    #[test]
    fn entitlement_depends_on_the_value() {
        let mut pro = zone(Variant::SbfmPro);
        let refused = send(&mut pro, json!({"sbfm_likely_automated": "block"})).unwrap_err();
        assert_eq!(refused, "zone not entitled to enable likely automated bots ruleset");
        let refused = send(&mut pro, json!({"auto_update_model": false})).unwrap_err();
        assert_eq!(refused, "zone not entitled to disable auto update model");
        let shown =
            send(&mut pro, json!({"sbfm_likely_automated": "allow", "auto_update_model": true})).unwrap();
        assert!(shown.get("sbfm_likely_automated").is_none() && shown.get("auto_update_model").is_none());
    }

    #[test]
    fn every_neutral_value_is_accepted_on_every_variant_and_adds_no_key() {
        for variant in Variant::ALL.iter().copied() {
            for setting in settings().filter(|setting| !setting.is_settable_on(variant)) {
                let Some(neutral) = setting.neutral else { continue };
                let mut zone = zone(variant);
                let shown = send(&mut zone, json!({ setting.name: neutral.to_json() })).unwrap();
                assert!(shown.get(setting.name).is_none(), "{variant} {}", setting.name);
            }
        }
    }

    #[test]
    fn the_sync_reverts_after_the_reply_while_robots_txt_is_managed() {
        let mut free = zone(Variant::BotFightMode);
        let shown = send(&mut free, json!({"bot_preference_sync_enabled": false})).unwrap();
        assert_eq!(shown["bot_preference_sync_enabled"], false);
        assert_eq!(free.object()["bot_preference_sync_enabled"], true);
        let both = json!({"bot_preference_sync_enabled": false, "is_robots_txt_managed": false});
        send(&mut free, both).unwrap();
        assert_eq!(free.object()["bot_preference_sync_enabled"], false);
    }

    #[test]
    fn a_neutral_value_removes_a_stale_member_unless_it_is_sticky() {
        let mut pro = zone(Variant::SbfmPro);
        pro.stale =
            json!({"fight_mode": true, "sbfm_likely_automated": "block"}).as_object().unwrap().clone();
        pro.sticky.insert("fight_mode".to_owned());
        let shown = send(&mut pro, json!({"fight_mode": false, "sbfm_likely_automated": "allow"})).unwrap();
        assert_eq!(shown[STALE_KEY], json!({"fight_mode": true}));
        assert!(shown.get("fight_mode").is_none() && shown.get("sbfm_likely_automated").is_none());
    }

    #[test]
    fn a_key_that_only_the_zone_knows_can_be_written_back() {
        let mut pro = zone(Variant::SbfmPro);
        pro.live.insert("ai_weather".to_owned(), json!("sunny"));
        pro.live.insert("ai_training".to_owned(), json!("audit"));
        assert!(send(&mut pro, json!({"ai_weather": "rainy", "ai_training": "audit"})).is_ok());
    }
}
