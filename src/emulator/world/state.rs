//! The world: zones, accounts, tokens, limit, submissions and the log of requests.

use super::access::{Accounts, DEFAULT_ACCOUNT, Token, derive};
use super::audit::Audit;
use super::defaults;
use super::edge::Analytics;
use super::fault::{Edit, Fault, Faults};
use super::limit::Limit;
use super::message::Recorded;
use super::on::On;
use super::reader::{At, Reader, WorldError};
use super::submissions::Submissions;
use super::zone::Zone;
use crate::catalogue::{Setting, Value, Variant};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A zone for a world that is built in code.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ZoneSeed {
    /// Its name.
    pub name: String,
    /// Its id; derived from the name by default.
    pub id: Option<String>,
    /// The id of its account; by default the account that all zones share.
    pub account: Option<String>,
    /// Its plan variant.
    pub variant: Variant,
    /// The values that GET shows; all other settings of the variant get plausible ones.
    pub settings: Vec<(&'static Setting, Value)>,
}

impl ZoneSeed {
    /// A zone with plausible values, an id derived from its name, and the account that all zones share.
    #[must_use]
    pub fn new(name: impl Into<String>, variant: Variant) -> Self {
        Self { name: name.into(), id: None, account: None, variant, settings: Vec::new() }
    }

    /// The same zone with these values.
    #[must_use]
    pub fn with(mut self, settings: impl IntoIterator<Item = (&'static Setting, Value)>) -> Self {
        self.settings.extend(settings);
        self
    }
}

/// The state of the emulator: the objects of the API, and the requests so far.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub(super) limit: Limit,
    /// How long every reply is delayed.
    pub(super) latency: Duration,
    pub(super) tokens: Option<Vec<Arc<Token>>>,
    pub(super) accounts: Accounts,
    pub(super) zones: Vec<Zone>,
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
    pub(super) faults: Faults,
    pub(super) submissions: Option<Submissions>,
    pub(super) analytics: Analytics,
    pub(super) audit: Audit,
    pub(super) requests: Vec<Recorded>,
    pub(super) served: u64,
}

impl World {
    /// Why a zone conflicts with the existing ones.
    pub(super) fn twin(&self, zone: &Zone) -> Option<String> {
        if self.named(&zone.name).any(|twin| twin.account == zone.account) {
            return Some(format!("the account has another zone `{}`", zone.name));
        }
        self.place(&zone.id).map(|_| format!("another zone has the id `{}`", zone.id))
    }

    /// A world whose zones show the given settings.
    #[must_use]
    pub fn matching(seeds: impl IntoIterator<Item = ZoneSeed>) -> Self {
        let mut world = Self::default();
        for ZoneSeed { name, id, account, variant, settings } in seeds {
            let account = account.unwrap_or_else(|| DEFAULT_ACCOUNT.to_owned());
            let mut zone = Zone::new(id.unwrap_or_default(), name, account, variant);
            zone.live = defaults::live(variant, &settings);
            world.insert(world.zones.len(), zone);
        }
        world
    }

    /// What GET would show of a zone now.
    #[must_use]
    pub fn object(&self, zone: &str) -> Option<Json> {
        self.zone(zone).map(Zone::object)
    }

    /// The feedback reports of a zone, in the order they came.
    #[must_use]
    pub fn feedback(&self, zone: &str) -> Option<&[Json]> {
        self.zone(zone).map(|zone| zone.feedback.as_slice())
    }

    /// The id of a zone; of the first one if two accounts hold the name.
    #[must_use]
    pub fn zone_id(&self, zone: &str) -> Option<&str> {
        self.zone(zone).map(|zone| zone.id.as_str())
    }

    /// The names of all zones, in the order of the world.
    pub fn zone_names(&self) -> impl Iterator<Item = &str> {
        self.zones.iter().map(|zone| zone.name.as_str())
    }

    /// Accepts a token that may do everything, besides those that the world lists. A world without a list accepts any.
    pub(crate) fn accept(&mut self, token: &str) {
        if let Some(tokens) = &mut self.tokens {
            tokens.push(Arc::new(Token::of_all(token)));
        }
    }

    /// Delays every reply.
    pub fn set_latency(&mut self, latency: Duration) {
        self.latency = latency;
    }

    /// The answered requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> &[Recorded] {
        &self.requests
    }

    /// Forgets the requests so far, what the audit log has of them, and all faults, of which the numbers count anew: for
    /// runs that last.
    pub fn begin_anew(&mut self) {
        self.requests = Vec::new();
        self.audit.forget();
        self.faults = Faults::default();
        self.zones.iter_mut().for_each(|zone| zone.faults = Faults::default());
    }

    /// Changes a member of a zone's live object, like an edit in the dashboard; `None` removes it.
    /// Returns false if the zone does not exist.
    pub fn set(&mut self, zone: &str, key: &str, value: Option<Json>) -> bool {
        let live = Map::from_iter([(key.to_owned(), value.unwrap_or(Json::Null))]);
        self.edit(zone, &Edit { live, stale: Map::new() })
    }

    /// Changes a member of the live object of the zone with that id; `None` removes it. Returns false if the zone does
    /// not exist.
    pub fn set_of(&mut self, id: &str, key: &str, value: Option<Json>) -> bool {
        let live = Map::from_iter([(key.to_owned(), value.unwrap_or(Json::Null))]);
        let zone = self.place(id).and_then(|place| self.zones.get_mut(place));
        zone.map(|zone| zone.edit(&Edit { live, stale: Map::new() })).is_some()
    }

    /// What GET would show now of the zone with that id.
    #[must_use]
    pub fn object_of(&self, id: &str) -> Option<Json> {
        self.place(id).and_then(|place| self.zones.get(place)).map(Zone::object)
    }

    /// Changes a stale member of a zone; `None` removes it. Returns false if the zone does not exist.
    pub fn set_stale(&mut self, zone: &str, key: &str, value: Option<Json>) -> bool {
        let stale = Map::from_iter([(key.to_owned(), value.unwrap_or(Json::Null))]);
        self.edit(zone, &Edit { live: Map::new(), stale })
    }

    /// Adds a fault, written as in a world file: to a zone, or without one to the requests that are not about one zone.
    ///
    /// # Errors
    /// The fault has errors, or the zone does not exist.
    pub fn script(&mut self, zone: Option<&str>, fault: &Json) -> Result<(), Vec<WorldError>> {
        let mut reader = Reader::default();
        let on = if zone.is_some() { On::OF_ZONE.as_slice() } else { &On::OF_WORLD };
        let fault = Fault::read(&mut reader, &At::root(fault), on);
        fault.iter().for_each(|fault| self.check_added(&mut reader, fault));
        let faults = match zone {
            None => Some(&mut self.faults),
            Some(name) => self.zone_mut(name).map(|zone| &mut zone.faults),
        };
        match (faults, fault) {
            (None, _) => reader.fail("", format!("there is no zone `{}`", zone.unwrap_or_default())),
            (Some(faults), Some(fault)) if reader.errors.is_empty() => faults.list.push(fault),
            _ => {}
        }
        if reader.errors.is_empty() { Ok(()) } else { Err(reader.errors) }
    }

    /// Adds an entry to the audit log, written as in a world file.
    ///
    /// # Errors
    /// The entry has errors.
    pub fn log(&mut self, entry: &Json) -> Result<(), Vec<WorldError>> {
        let (mut reader, mut audit) = (Reader::default(), std::mem::take(&mut self.audit));
        audit.add(&mut reader, &At::root(entry), self);
        self.audit = audit;
        if reader.errors.is_empty() { Ok(()) } else { Err(reader.errors) }
    }

    fn edit(&mut self, zone: &str, edit: &Edit) -> bool {
        self.zone_mut(zone).map(|zone| zone.edit(edit)).is_some()
    }

    fn zone(&self, name: &str) -> Option<&Zone> {
        self.named(name).next()
    }

    fn zone_mut(&mut self, name: &str) -> Option<&mut Zone> {
        let place = *self.by_name.get(name)?.first()?;
        self.zones.get_mut(place)
    }

    /// The zones of a name.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Zone> {
        let places = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|place| self.zones.get(*place))
    }

    /// The index of the zone of an id.
    pub(super) fn place(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Adds a zone at an index of the list. Without an id it gets one derived from its name, and also from its account
    /// if two zones have the name.
    pub(super) fn insert(&mut self, place: usize, mut zone: Zone) {
        if zone.id.is_empty() {
            let Zone { name, account, .. } = &zone;
            let id = derive(name);
            zone.id = if self.by_id.contains_key(&id) { derive(&format!("{name} {account}")) } else { id };
        }
        self.accounts.add(&zone.account);
        let is_last = place == self.zones.len();
        self.zones.insert(place, zone);
        if is_last { self.index(place) } else { self.index_anew() }
    }

    /// Removes the zones of a name.
    pub(super) fn remove(&mut self, name: &str) {
        self.zones.retain(|zone| zone.name != name);
        self.index_anew();
    }

    fn index_anew(&mut self) {
        self.by_id.clear();
        self.by_name.clear();
        self.index(0);
    }

    /// Updates the index of the zones from a position on.
    fn index(&mut self, from: usize) {
        for (place, zone) in self.zones.iter().enumerate().skip(from) {
            self.by_id.insert(zone.id.clone(), place);
            self.by_name.entry(zone.name.clone()).or_default().push(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use serde_json::json;

    #[test]
    fn a_matching_world_shows_what_the_seeds_say() {
        let verified = catalogue::find("sbfm_verified_bots").unwrap();
        let settings = vec![(verified, Value::Word("block"))];
        let world = World::matching([ZoneSeed { settings, ..ZoneSeed::new("a.example", Variant::SbfmPro) }]);
        let object = world.object("a.example").unwrap();
        assert_eq!(object["sbfm_verified_bots"], "block");
        assert_eq!(object["sbfm_definitely_automated"], "allow");
        assert!(world.object("b.example").is_none());
    }

    #[test]
    fn one_name_in_two_accounts_gives_two_ids() {
        let other = Some("b".repeat(32));
        let two = [
            ZoneSeed::new("a.example", Variant::SbfmPro),
            ZoneSeed { account: other, ..ZoneSeed::new("a.example", Variant::SbfmPro) },
        ];
        let world = World::matching(two);
        assert_ne!(world.zones[0].id, world.zones[1].id);
        assert_eq!(world.named("a.example").count(), 2);
    }

    #[test]
    fn an_edit_sets_and_removes() {
        let mut world = World::matching([ZoneSeed::new("a.example", Variant::SbfmPro)]);
        assert!(world.set("a.example", "ai_search", Some(json!("block"))));
        assert!(world.set("a.example", "ai_user", None));
        assert!(world.set_stale("a.example", "fight_mode", Some(json!(true))));
        let object = world.object("a.example").unwrap();
        assert_eq!(object["ai_search"], "block");
        assert!(object.get("ai_user").is_none());
        assert_eq!(object["stale_zone_configuration"], json!({"fight_mode": true}));
        assert!(!world.set("b.example", "ai_search", None));
    }

    #[test]
    fn a_fault_for_an_unknown_zone_is_an_error() {
        let errors =
            World::default().script(Some("a.example"), &json!({"on": "PUT", "do": "cut"})).unwrap_err();
        assert_eq!(errors[0].to_string(), "there is no zone `a.example`");
    }
}
