//! One zone: its live object, what an earlier plan left behind, its feedback reports and its faults.

use super::fault::Edit;
use super::script::Faults;
use crate::catalogue::{self, LATEST_MODEL_KEY, STALE_KEY, Variant};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// How the list of feedback reports is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shape {
    Bare,
    #[default]
    Envelope,
    /// The envelope, with null instead of an empty list.
    Null,
}

/// A zone of the world.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    pub(super) id: String,
    pub(super) name: String,
    /// The id of its account.
    pub(super) account: String,
    pub(super) status: String,
    pub(super) variant: Variant,
    /// The word that `plan.legacy_id` reports.
    pub(super) legacy_id: String,
    /// One flat merged object, what is not reported included.
    pub(super) live: Map<String, Json>,
    pub(super) stale: Map<String, Json>,
    /// The stale members that a clean-up does not remove.
    pub(super) sticky: BTreeSet<String>,
    /// The keys that PUT takes and GET never shows.
    pub(super) unreported: BTreeSet<String>,
    /// Whether GET says null for what the plan lacks.
    pub(super) nulls: bool,
    pub(super) feedback: Vec<Json>,
    pub(super) shape: Shape,
    pub(super) faults: Faults,
}

impl Zone {
    pub(super) fn new(id: String, name: String, account: String, variant: Variant) -> Self {
        Self {
            id,
            name,
            account,
            status: "active".to_owned(),
            variant,
            legacy_id: variant.legacy_id().to_owned(),
            live: Map::new(),
            stale: Map::new(),
            sticky: BTreeSet::new(),
            unreported: BTreeSet::new(),
            nulls: false,
            feedback: Vec::new(),
            shape: Shape::default(),
            faults: Faults::default(),
        }
    }

    /// What GET shows now.
    pub(super) fn object(&self) -> Json {
        let mut object = self.live.clone();
        object.retain(|key, _| !self.unreported.contains(key));
        object.entry(LATEST_MODEL_KEY).or_insert(Json::Bool(true));
        if !self.stale.is_empty() {
            object.insert(STALE_KEY.to_owned(), Json::Object(self.stale.clone()));
        }
        if self.nulls {
            let lacks = |setting: &&catalogue::Setting| {
                !setting.is_read_only() && !setting.is_settable_on(self.variant)
            };
            for setting in catalogue::settings().filter(lacks) {
                object.entry(setting.name).or_insert(Json::Null);
            }
        }
        Json::Object(object)
    }

    /// Whether the zone has the setting, by its plan or because GET shows it.
    pub(super) fn has(&self, key: &str) -> bool {
        let by_plan = catalogue::find(key).is_some_and(|setting| setting.is_settable_on(self.variant));
        by_plan || self.live.get(key).is_some_and(|value| !value.is_null())
    }

    /// Someone else changes the zone.
    pub(super) fn edit(&mut self, edit: &Edit) {
        let Edit { live, stale } = edit;
        merge(&mut self.live, live);
        merge(&mut self.stale, stale);
    }

    /// The entry of the zone in a listing.
    pub(super) fn entry(&self, account: &str) -> Json {
        json!({
            "id": self.id, "name": self.name, "status": self.status, "paused": false, "type": "full",
            "account": { "id": self.account, "name": account }, "plan": self.plan(),
        })
    }

    fn plan(&self) -> Json {
        let (id, name) = match self.legacy_id.as_str() {
            "free" => ("0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "Free Website"),
            "pro" => ("pro", "Pro Website"),
            "business" => ("business", "Business Website"),
            "enterprise" => ("enterprise", "Enterprise Website"),
            // A plan without an id has been seen, and the word is deprecated: clients must bear both.
            other => ("", other),
        };
        json!({
            "id": id, "name": name, "price": 0, "currency": "USD", "frequency": "", "legacy_id": self.legacy_id,
            "is_subscribed": true, "can_subscribe": false, "legacy_discount": false, "externally_managed": false,
        })
    }
}

/// Takes over the members of a change; null removes.
fn merge(object: &mut Map<String, Json>, change: &Map<String, Json>) {
    for (key, value) in change {
        match value {
            Json::Null => drop(object.remove(key)),
            value => drop(object.insert(key.clone(), value.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::world::defaults;

    fn pro() -> Zone {
        let mut zone = Zone::new(String::new(), "a.example".to_owned(), String::new(), Variant::SbfmPro);
        zone.live = defaults::live(Variant::SbfmPro, &[]);
        zone
    }

    #[test]
    fn get_shows_the_keys_of_the_plan_and_no_empty_stale_object() {
        let object = pro().object();
        assert!(object.get("sbfm_verified_bots").is_some() && object.get("using_latest_model").is_some());
        assert!(object.get("fight_mode").is_none() && object.get(STALE_KEY).is_none());
    }

    #[test]
    fn nulls_stand_for_what_the_plan_lacks() {
        let object = Zone { nulls: true, ..pro() }.object();
        for key in ["fight_mode", "sbfm_likely_automated", "auto_update_model"] {
            assert_eq!(object.get(key), Some(&Json::Null), "{key}");
        }
        assert!(object.get(STALE_KEY).is_none());
    }

    #[test]
    fn what_is_not_reported_is_kept_and_not_shown() {
        let mut zone = pro();
        zone.unreported.insert("ai_search".to_owned());
        assert!(zone.object().get("ai_search").is_none() && zone.live.contains_key("ai_search"));
    }
}
