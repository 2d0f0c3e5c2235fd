//! What GET says of a zone: known settings, stale members, unknown keys, the read-only flag.

use super::Digest;
use crate::catalogue::{self, LATEST_MODEL_KEY, STALE_KEY, Setting, Value, Variant};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::fmt;

/// A live value: one the catalogue knows, or what Cloudflare sent instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveValue {
    /// A value of the catalogue.
    Known(Value),
    /// A value that this version does not know; it is compared as text.
    Other(Box<Json>),
}

impl LiveValue {
    /// Reads the value of a setting.
    #[must_use]
    pub fn read(setting: &Setting, json: &Json) -> Self {
        setting.read(json).map_or_else(|| Self::Other(Box::new(json.clone())), Self::Known)
    }

    /// The value as the API wrote it.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Known(value) => value.to_json(),
            Self::Other(json) => json.as_ref().clone(),
        }
    }

    /// Whether it is a wanted value; an unknown one is compared as text.
    #[must_use]
    pub fn is(&self, wanted: Value) -> bool {
        match self {
            Self::Known(value) => *value == wanted,
            Self::Other(json) => json.as_str() == Some(wanted.to_string().as_str()),
        }
    }
}

impl fmt::Display for LiveValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::Other(json) => match json.as_ref() {
                Json::String(text) => f.pad(text),
                other => f.pad(&other.to_string()),
            },
        }
    }
}

/// The live object of a zone, small enough to be kept for thousands of zones. Absent and null are the same: not available, never "false".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// By name, each once.
    settings: Vec<(&'static Setting, LiveValue)>,
    stale: BTreeMap<String, Json>,
    unknown: BTreeMap<String, Json>,
}

impl Live {
    /// Reads the `result` of a GET; nothing is refused, since the API grows without notice.
    #[must_use]
    pub fn read(object: Map<String, Json>) -> Self {
        let mut live = Self::default();
        for (key, value) in object {
            live.put(key, value);
        }
        live.settings.shrink_to_fit();
        live
    }

    fn find(&self, setting: &Setting) -> Result<usize, usize> {
        self.settings.binary_search_by(|(member, _)| (*member).cmp(setting))
    }

    fn insert(&mut self, setting: &'static Setting, value: LiveValue) {
        match self.find(setting) {
            Ok(index) => {
                self.settings.remove(index);
                self.settings.insert(index, (setting, value));
            }
            Err(index) => self.settings.insert(index, (setting, value)),
        }
    }

    fn put(&mut self, key: String, value: Json) {
        if value.is_null() || key == LATEST_MODEL_KEY {
            return;
        }
        match (catalogue::find(&key), value) {
            (_, Json::Object(members)) if key == STALE_KEY => {
                self.stale =
                    members.into_iter().filter(|(_, member)| !catalogue::is_harmless(member)).collect();
            }
            (Some(setting), value) if !setting.is_read_only() => {
                self.insert(setting, LiveValue::read(setting, &value));
            }
            (_, value) => {
                self.unknown.insert(key, value);
            }
        }
    }

    /// Whether the object holds nothing that this version knows: no proof of any state.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.settings.is_empty()
    }

    /// The value of a setting; nothing if GET does not report it.
    #[must_use]
    pub fn get(&self, setting: &Setting) -> Option<&LiveValue> {
        self.find(setting).ok().and_then(|index| self.settings.get(index)).map(|(_, value)| value)
    }

    /// The reported settings, by name.
    pub fn settings(&self) -> impl Iterator<Item = (&'static Setting, &LiveValue)> {
        self.settings.iter().map(|(setting, value)| (*setting, value))
    }

    /// The stale members that still act on traffic, by name; harmless ones are left out when reading.
    #[must_use]
    pub fn stale(&self) -> &BTreeMap<String, Json> {
        &self.stale
    }

    /// The keys that this version does not know, by name.
    #[must_use]
    pub fn unknown(&self) -> &BTreeMap<String, Json> {
        &self.unknown
    }

    /// The plan variant that the reported keys tell; nothing if they do not.
    #[must_use]
    pub fn variant(&self) -> Option<Variant> {
        let reports = |name: &str| self.settings.iter().any(|(setting, _)| setting.name == name);
        let subscription = ["auto_update_model", "bm_cookie_enabled", "suppress_session_score"];
        if subscription.iter().any(|name| reports(name)) {
            Some(Variant::BmEnterprise)
        } else if reports("sbfm_likely_automated") {
            Some(Variant::SbfmBusiness)
        } else if self.settings.iter().any(|(setting, _)| setting.name.starts_with("sbfm_"))
            || reports("optimize_wordpress")
        {
            Some(Variant::SbfmPro)
        } else if reports("fight_mode") {
            Some(Variant::BotFightMode)
        } else {
            None
        }
    }

    /// The object as JSON: all that is reported but the flag that moves on its own.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let Self { settings, stale, unknown } = self;
        let mut object: Map<String, Json> =
            unknown.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        object.extend(settings.iter().map(|(setting, value)| (setting.name.to_owned(), value.to_json())));
        if !stale.is_empty() {
            let members = stale.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            object.insert(STALE_KEY.to_owned(), Json::Object(members));
        }
        Json::Object(object)
    }

    /// The digest of the object: what a plan saw, and what apply compares with.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_json(&self.to_json())
    }

    /// The same object with a setting at another value, or not reported.
    #[must_use]
    pub fn with_setting(mut self, setting: &'static Setting, value: Option<&Json>) -> Self {
        match (value, self.find(setting)) {
            (Some(json), _) => self.insert(setting, LiveValue::read(setting, json)),
            (None, Ok(index)) => drop(self.settings.remove(index)),
            (None, Err(_)) => {}
        }
        self
    }

    /// The same object with a key that this version does not know.
    #[must_use]
    pub fn with_unknown(mut self, key: &str, value: Json) -> Self {
        self.unknown.insert(key.to_owned(), value);
        self
    }

    /// The same object with a stale member at another value, or gone.
    #[must_use]
    pub fn with_stale(mut self, name: &str, value: Option<&Json>) -> Self {
        match value.filter(|json| !catalogue::is_harmless(json)) {
            Some(json) => self.stale.insert(name.to_owned(), json.clone()),
            None => self.stale.remove(name),
        };
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn live(value: Json) -> Live {
        let Json::Object(object) = value else { panic!("an object") };
        Live::read(object)
    }

    #[test]
    fn absent_null_and_the_model_flag_do_not_count() {
        let one = live(json!({"enable_js": true, "fight_mode": null, "using_latest_model": true}));
        let two =
            live(json!({"enable_js": true, "using_latest_model": false, "stale_zone_configuration": {}}));
        assert_eq!(one, two);
        assert_eq!(one.digest(), two.digest());
    }

    #[test]
    fn unknown_keys_and_values_are_kept() {
        let seen = live(json!({"enable_js": "maybe", "tomorrow": {"a": 1}}));
        let setting = catalogue::find("enable_js").unwrap();
        assert_eq!(seen.get(setting).unwrap().to_string(), "maybe");
        assert_eq!(seen.unknown()["tomorrow"], json!({"a": 1}));
        assert_eq!(seen.to_json(), json!({"enable_js": "maybe", "tomorrow": {"a": 1}}));
    }

    #[test]
    fn the_variant_follows_from_the_keys() {
        let of = |value| live(value).variant();
        assert_eq!(of(json!({"enable_js": true})), None);
        assert_eq!(of(json!({"fight_mode": false})), Some(Variant::BotFightMode));
        assert_eq!(of(json!({"fight_mode": null, "sbfm_verified_bots": "allow"})), Some(Variant::SbfmPro));
        assert_eq!(of(json!({"optimize_wordpress": false})), Some(Variant::SbfmPro));
        assert_eq!(of(json!({"sbfm_likely_automated": "allow"})), Some(Variant::SbfmBusiness));
        assert_eq!(
            of(json!({"sbfm_likely_automated": "allow", "bm_cookie_enabled": true})),
            Some(Variant::BmEnterprise)
        );
    }

    #[test]
    fn harmless_stale_members_are_left_out() {
        let seen = live(json!({"stale_zone_configuration": {
            "fight_mode": true, "sbfm_verified_bots": "Allow", "optimize_wordpress": null,
            "sbfm_static_resource_protection": "TRUE"}}));
        let active: Vec<_> = seen.stale().keys().collect();
        assert_eq!(active, ["fight_mode", "sbfm_static_resource_protection"]);
    }
}
