//! The live object of a zone as GET reports it: known settings, stale members, unknown keys, the read-only flag.

use super::Digest;
use crate::catalogue::{self, LATEST_MODEL_KEY, STALE_KEY, Setting, Value, Variant};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::fmt;

/// A live value: one that the catalogue knows, or another one that Cloudflare sent.
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

    /// Reads the value of a stale member, which Cloudflare also spells as text and in other letter case.
    #[must_use]
    pub(crate) fn read_stale(setting: &Setting, json: &Json) -> Self {
        let word = json.as_str().map(str::to_ascii_lowercase);
        let value = match word.as_deref() {
            Some("true") => setting.read(&true.into()),
            Some("false") => setting.read(&false.into()),
            Some(word) => setting.word(word),
            None => None,
        };
        value.map_or_else(|| Self::read(setting, json), Self::Known)
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

/// Keys with their values as the API sent them, by name.
type Members = Vec<(Box<str>, Json)>;

/// The live object of a zone, small enough to keep for thousands of zones. Absent and null mean the same: not
/// available, never "false".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// By name, each once.
    settings: Vec<(&'static Setting, LiveValue)>,
    stale: Members,
    unknown: Members,
}

impl Live {
    /// Reads the `result` of a GET. Accepts everything, since the API grows without notice.
    #[must_use]
    pub fn read(object: Map<String, Json>) -> Self {
        let mut live = Self { settings: Vec::with_capacity(object.len()), ..Self::default() };
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
            Ok(index) => self.settings[index] = (setting, value),
            Err(index) => self.settings.insert(index, (setting, value)),
        }
    }

    fn put(&mut self, key: String, value: Json) {
        if value.is_null() || key == LATEST_MODEL_KEY {
            return;
        }
        match (catalogue::find(&key), value) {
            (_, Json::Object(members)) if key == STALE_KEY => {
                let members = members.into_iter().filter(|(_, member)| !member.is_null());
                self.stale = members.map(|(name, member)| (name.into_boxed_str(), member)).collect();
                self.stale.sort_by(|one, two| one.0.cmp(&two.0));
            }
            (Some(setting), value) if !setting.is_read_only() => {
                self.insert(setting, LiveValue::read(setting, &value));
            }
            (_, value) => {
                let index = self.unknown.partition_point(|(name, _)| **name < *key);
                self.unknown.insert(index, (key.into_boxed_str(), value));
            }
        }
    }

    /// Whether the object holds nothing that this version knows: it then proves nothing about the zone.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.settings.is_empty()
    }

    /// The value of a setting; `None` if GET does not report it.
    #[must_use]
    pub fn get(&self, setting: &Setting) -> Option<&LiveValue> {
        self.find(setting).ok().and_then(|index| self.settings.get(index)).map(|(_, value)| value)
    }

    /// The reported settings, by name.
    pub fn settings(&self) -> impl Iterator<Item = (&'static Setting, &LiveValue)> {
        self.settings.iter().map(|(setting, value)| (*setting, value))
    }

    /// The members of `stale_zone_configuration`, harmless ones too, by name.
    pub fn stale(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.stale.iter().map(|(name, value)| (&**name, value))
    }

    /// The value of a stale member; `None` if it does not exist.
    #[must_use]
    pub fn stale_value(&self, name: &str) -> Option<&Json> {
        find_member(&self.stale, name)
    }

    /// The value of a stale member that still acts on traffic; `None` if it is harmless or absent.
    #[must_use]
    pub fn active_stale(&self, name: &str) -> Option<&Json> {
        self.stale_value(name).filter(|value| !catalogue::is_harmless(value))
    }

    /// The value of a setting's stale member that still acts on traffic; `None` if there is none.
    #[must_use]
    pub fn leftover(&self, setting: &Setting) -> Option<LiveValue> {
        self.active_stale(setting.name).map(|value| LiveValue::read_stale(setting, value))
    }

    /// The value of a setting that acts on traffic: that of its active stale member, which acts whatever the top level
    /// reports, else the reported one; `None` if neither exists.
    #[must_use]
    pub fn effective(&self, setting: &Setting) -> Option<Cow<'_, LiveValue>> {
        self.leftover(setting).map(Cow::Owned).or_else(|| self.get(setting).map(Cow::Borrowed))
    }

    /// The keys that this version does not know, by name.
    pub fn unknown(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.unknown.iter().map(|(name, value)| (&**name, value))
    }

    /// The value of a key that this version does not know.
    #[must_use]
    pub fn unknown_value(&self, name: &str) -> Option<&Json> {
        find_member(&self.unknown, name)
    }

    /// The plan variant that follows from the reported settings; `None` if they are inconclusive.
    #[must_use]
    pub fn variant(&self) -> Option<Variant> {
        self.settings.iter().filter_map(|(setting, _)| setting.identifies).max()
    }

    /// The object as JSON, without `using_latest_model`, which Cloudflare changes on its own.
    #[must_use]
    pub fn to_object(&self) -> Map<String, Json> {
        let Self { settings, stale, unknown } = self;
        let members = |members: &Members| -> Map<String, Json> {
            members.iter().map(|(key, value)| (key.to_string(), value.clone())).collect()
        };
        let mut object = members(unknown);
        object.extend(settings.iter().map(|(setting, value)| (setting.name.to_owned(), value.to_json())));
        if !stale.is_empty() {
            object.insert(STALE_KEY.to_owned(), Json::Object(members(stale)));
        }
        object
    }

    /// The digest of the object, which a plan records and apply compares.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_object(self.to_object())
    }
}

fn find_member<'m>(members: &'m Members, name: &str) -> Option<&'m Json> {
    let found = members.binary_search_by(|(member, _)| (**member).cmp(name)).ok();
    found.and_then(|index| members.get(index)).map(|(_, value)| value)
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
    fn absent_null_and_the_model_flag_are_ignored() {
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
        assert_eq!(seen.unknown_value("tomorrow"), Some(&json!({"a": 1})));
        assert_eq!(Json::Object(seen.to_object()), json!({"enable_js": "maybe", "tomorrow": {"a": 1}}));
    }

    #[test]
    fn an_odd_value_under_the_stale_key_is_an_unknown_key() {
        let seen = live(json!({"stale_zone_configuration": "fight_mode"}));
        assert_eq!((seen.settings().count(), seen.unknown_value(STALE_KEY)), (0, Some(&json!("fight_mode"))));
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
    fn harmless_stale_members_are_kept_and_do_not_count_as_active() {
        let seen = live(json!({"stale_zone_configuration": {
            "fight_mode": true, "sbfm_verified_bots": "Allow", "optimize_wordpress": null,
            "sbfm_static_resource_protection": "TRUE"}}));
        let all: Vec<_> = seen.stale().map(|(name, _)| name).collect();
        assert_eq!(all, ["fight_mode", "sbfm_static_resource_protection", "sbfm_verified_bots"]);
        assert_eq!(seen.active_stale("fight_mode"), Some(&json!(true)));
        assert_eq!(seen.active_stale("sbfm_verified_bots"), None);
    }

    #[test]
    fn the_effective_value_is_that_of_the_active_stale_member_else_the_reported_one() {
        let seen = live(json!({"fight_mode": false, "sbfm_verified_bots": "block", "ai_search": "block",
            "stale_zone_configuration": {"fight_mode": "TRUE", "sbfm_verified_bots": "allow",
                "sbfm_likely_automated": "Block", "sbfm_definitely_automated": "fortress"}}));
        let effective = |name| seen.effective(catalogue::find(name).unwrap()).map(|value| value.to_json());
        assert_eq!(effective("fight_mode"), Some(json!(true)));
        assert_eq!(effective("sbfm_verified_bots"), Some(json!("block")), "a harmless member does not act");
        assert_eq!(effective("sbfm_likely_automated"), Some(json!("block")));
        assert_eq!(effective("sbfm_definitely_automated"), Some(json!("fortress")));
        assert_eq!(effective("ai_search"), Some(json!("block")));
        assert_eq!(effective("ai_user"), None);
    }
}
