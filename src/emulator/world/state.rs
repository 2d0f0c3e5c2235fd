//! The world: zones, accounts, tokens, limit, submissions and the log of requests.

use super::access::Token;
use super::fault::{Edit, On};
use super::limit::Limit;
use super::reader::{At, Reader, WorldError};
use super::request::Recorded;
use super::script::Faults;
use super::submissions::Submissions;
use super::zone::Zone;
use super::{defaults, fault_file, file, id};
use crate::catalogue::{Setting, Value, Variant};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A zone of a world that is made in code.
#[derive(Clone, Debug)]
pub struct ZoneSeed {
    /// Its name.
    pub name: String,
    /// Its id; made from the name if there is none.
    pub id: Option<String>,
    /// The id of its account, if it is not the one of all zones.
    pub account: Option<String>,
    /// Its plan variant.
    pub variant: Variant,
    /// The values that GET shows; all other settings of the variant get plausible ones.
    pub settings: Vec<(&'static Setting, Value)>,
}

/// The state of the emulator: what the API knows, and what it was asked.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub(super) limit: Limit,
    pub(super) tokens: Option<Vec<Arc<Token>>>,
    /// The names of the accounts by id.
    pub(super) accounts: BTreeMap<String, String>,
    /// The first account that the file lists; then no zone may name one that is not listed.
    pub(super) first_account: Option<String>,
    pub(super) zones: Vec<Zone>,
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
    pub(super) faults: Faults,
    pub(super) submissions: Option<Submissions>,
    pub(super) requests: Vec<Recorded>,
    pub(super) served: u64,
}

impl World {
    /// Reads a world file.
    ///
    /// # Errors
    /// All that is wrong in it, each with its dotted path.
    pub fn read(value: &Json) -> Result<Self, Vec<WorldError>> {
        file::read(value)
    }

    /// A world whose zones show the given settings.
    #[must_use]
    pub fn matching(seeds: impl IntoIterator<Item = ZoneSeed>) -> Self {
        let mut world = Self::default();
        for ZoneSeed { name, id, account, variant, settings } in seeds {
            let account = account.unwrap_or_else(|| id::DEFAULT_ACCOUNT.to_owned());
            let id = id.unwrap_or_else(|| world.free_id(&name, &account));
            let mut zone = Zone::new(id, name, account, variant);
            zone.live = defaults::live(variant, &settings);
            world.add(zone);
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

    /// The requests that were answered, the oldest first.
    #[must_use]
    pub fn requests(&self) -> &[Recorded] {
        &self.requests
    }

    /// Changes a member of a zone's live object, as someone in the dashboard would; nothing removes it.
    /// False if there is no such zone.
    pub fn set(&mut self, zone: &str, key: &str, value: Option<Json>) -> bool {
        let live = Map::from_iter([(key.to_owned(), value.unwrap_or(Json::Null))]);
        self.edit(zone, &Edit { live, stale: Map::new() })
    }

    /// Changes a stale member of a zone; nothing removes it. False if there is no such zone.
    pub fn set_stale(&mut self, zone: &str, key: &str, value: Option<Json>) -> bool {
        let stale = Map::from_iter([(key.to_owned(), value.unwrap_or(Json::Null))]);
        self.edit(zone, &Edit { live: Map::new(), stale })
    }

    /// Adds a fault, written as in a world file: to a zone, or without one to the account's own calls.
    ///
    /// # Errors
    /// All that is wrong in it, or that there is no such zone.
    pub fn script(&mut self, zone: Option<&str>, fault: &Json) -> Result<(), Vec<WorldError>> {
        let mut reader = Reader::default();
        let on = if zone.is_some() { On::OF_ZONE.as_slice() } else { &On::OF_WORLD };
        let fault = fault_file::fault(&mut reader, &At::root(fault), on);
        let faults = match zone {
            None => Some(&mut self.faults),
            Some(name) => self.zone_mut(name).map(|zone| &mut zone.faults),
        };
        match (faults, fault) {
            (None, _) => reader.fail("", format!("there is no zone `{}`", zone.unwrap_or_default())),
            (Some(faults), Some(fault)) if reader.errors.is_empty() => faults.add(fault),
            _ => {}
        }
        if reader.errors.is_empty() { Ok(()) } else { Err(reader.errors) }
    }

    fn edit(&mut self, zone: &str, edit: &Edit) -> bool {
        self.zone_mut(zone).map(|zone| zone.edit(edit)).is_some()
    }

    fn zone(&self, name: &str) -> Option<&Zone> {
        self.named(name).first().and_then(|index| self.zones.get(*index))
    }

    fn zone_mut(&mut self, name: &str) -> Option<&mut Zone> {
        let index = self.named(name).first().copied()?;
        self.zones.get_mut(index)
    }

    /// The places of the zones of a name.
    pub(super) fn named(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The place of the zone of an id.
    pub(super) fn place(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// An id made from the name, and from the account too where two zones have the name.
    pub(super) fn free_id(&self, name: &str, account: &str) -> String {
        let id = id::derive(name);
        if self.by_id.contains_key(&id) { id::derive(&format!("{name} {account}")) } else { id }
    }

    pub(super) fn add(&mut self, zone: Zone) {
        let place = self.zones.len();
        self.accounts.entry(zone.account.clone()).or_insert_with(|| "Example account".to_owned());
        self.by_id.insert(zone.id.clone(), place);
        self.by_name.entry(zone.name.clone()).or_default().push(place);
        self.zones.push(zone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use serde_json::json;

    fn seed(name: &str, variant: Variant) -> ZoneSeed {
        ZoneSeed { name: name.to_owned(), id: None, account: None, variant, settings: Vec::new() }
    }

    #[test]
    fn a_matching_world_shows_what_the_seeds_say() {
        let verified = catalogue::find("sbfm_verified_bots").unwrap();
        let settings = vec![(verified, Value::Word("block"))];
        let world = World::matching([ZoneSeed { settings, ..seed("a.example", Variant::SbfmPro) }]);
        let object = world.object("a.example").unwrap();
        assert_eq!(object["sbfm_verified_bots"], "block");
        assert_eq!(object["sbfm_definitely_automated"], "allow");
        assert!(world.object("b.example").is_none());
    }

    #[test]
    fn one_name_in_two_accounts_gives_two_ids() {
        let other = Some("b".repeat(32));
        let two = [
            seed("a.example", Variant::SbfmPro),
            ZoneSeed { account: other, ..seed("a.example", Variant::SbfmPro) },
        ];
        let world = World::matching(two);
        assert_ne!(world.zones[0].id, world.zones[1].id);
        assert_eq!(world.named("a.example"), [0, 1]);
    }

    #[test]
    fn an_edit_sets_and_removes() {
        let mut world = World::matching([seed("a.example", Variant::SbfmPro)]);
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
    fn a_fault_for_a_zone_that_is_not_there_is_an_error() {
        let errors =
            World::default().script(Some("a.example"), &json!({"on": "PUT", "do": "cut"})).unwrap_err();
        assert_eq!(errors[0].to_string(), "there is no zone `a.example`");
    }
}
