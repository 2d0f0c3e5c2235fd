//! Reads one zone of a world file.

use super::fault::On;
use super::reader::{At, Reader, choices};
use super::script::Faults;
use super::state::World;
use super::zone::{Shape, Zone};
use super::{defaults, fault_file, file};
use crate::catalogue::{self, LATEST_MODEL_KEY, STALE_KEY, Variant};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

const KEYS: [&str; 14] = [
    "name",
    "id",
    "account",
    "plan",
    "legacy_id",
    "status",
    "live",
    "stale",
    "sticky",
    "nulls",
    "unreported",
    "feedback",
    "feedback_shape",
    "faults",
];

/// The variants by their own words and by the plans they come with.
const PLANS: [(&str, Variant); 8] = [
    ("bot_fight_mode", Variant::BotFightMode),
    ("sbfm_pro", Variant::SbfmPro),
    ("sbfm_business", Variant::SbfmBusiness),
    ("bm_enterprise", Variant::BmEnterprise),
    ("free", Variant::BotFightMode),
    ("pro", Variant::SbfmPro),
    ("business", Variant::SbfmBusiness),
    ("enterprise", Variant::BmEnterprise),
];

/// Reads a zone and adds it to the world.
pub(super) fn zone(reader: &mut Reader, at: &At<'_>, world: &mut World) {
    if !reader.keys(at, &KEYS) {
        return;
    }
    reader.required(at, "name");
    reader.required(at, "plan");
    let account = file::account(reader, at, world);
    let (name, variant) = (name(reader, at), reader.word(at, "plan", &PLANS));
    let given = at.member("id").and_then(|_| file::identifier(reader, at, "id"));
    let id = given.unwrap_or_else(|| world.free_id(name.as_deref().unwrap_or_default(), &account));
    let variant_or_any = variant.unwrap_or(Variant::BotFightMode);
    let mut zone = Zone::new(id, name.clone().unwrap_or_default(), account, variant_or_any);
    fill(reader, at, &mut zone);
    if name.is_some() && variant.is_some() {
        add(reader, at, world, zone);
    }
}

fn add(reader: &mut Reader, at: &At<'_>, world: &mut World, zone: Zone) {
    let twins = world.named(&zone.name).iter().filter_map(|place| world.zones.get(*place));
    if twins.into_iter().any(|twin| twin.account == zone.account) {
        return reader.fail(&at.path, format!("the account has another zone `{}`", zone.name));
    }
    if world.place(&zone.id).is_some() {
        return reader.fail(&at.path, format!("another zone has the id `{}`", zone.id));
    }
    world.add(zone);
}

fn name(reader: &mut Reader, at: &At<'_>) -> Option<String> {
    let name = reader.text(at, "name")?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    if name.contains('.') && name.chars().all(fits) {
        return Some(name);
    }
    reader.fail(
        &format!("{}.name", at.path),
        format!("`{name}` is not a zone name such as `shop.example.com`"),
    );
    None
}

fn fill(reader: &mut Reader, at: &At<'_>, zone: &mut Zone) {
    (zone.live, zone.stale) = objects(reader, at, zone.variant);
    if let Some(word) = reader.text(at, "legacy_id") {
        zone.legacy_id = word;
    }
    if let Some(status) = reader.text(at, "status") {
        zone.status = status;
    }
    zone.sticky = sticky(reader, at, &zone.stale);
    zone.unreported = names(reader, at, "unreported", &zone.live);
    zone.nulls = reader.toggle(at, "nulls").unwrap_or(false);
    zone.feedback = reports(reader, at);
    // A bare null is how YAML writes the word.
    let shapes = [("bare", Shape::Bare), ("envelope", Shape::Envelope), ("null", Shape::Null)];
    let is_null = at.value.get("feedback_shape").is_some_and(Json::is_null);
    let shape = reader.word(at, "feedback_shape", &shapes);
    zone.shape = if is_null { Shape::Null } else { shape.unwrap_or_default() };
    zone.faults = Faults::new(fault_file::faults(reader, at, &On::OF_ZONE));
}

/// The live and the stale object; a stale object inside the live one, as GET shows it, counts too.
fn objects(reader: &mut Reader, at: &At<'_>, variant: Variant) -> (Map<String, Json>, Map<String, Json>) {
    let object = |reader: &mut Reader, at: Option<At<'_>>| at.and_then(|at| reader.map(&at).cloned());
    let live = object(reader, at.member("live"));
    let mut live = live.unwrap_or_else(|| defaults::live(variant, &[]));
    let inner = live.remove(STALE_KEY);
    let mut stale = object(reader, at.member("stale")).unwrap_or_default();
    match inner {
        Some(Json::Object(members)) => stale.extend(members),
        Some(Json::Null) | None => {}
        Some(_) => reader.fail(&format!("{}.live.{STALE_KEY}", at.path), "must be a mapping"),
    }
    live.entry(LATEST_MODEL_KEY).or_insert(Json::Bool(true));
    (live, stale)
}

/// Names of settings: of the catalogue, or of the zone's own object.
fn names(reader: &mut Reader, at: &At<'_>, key: &str, own: &Map<String, Json>) -> BTreeSet<String> {
    let names = reader.texts(at, key).unwrap_or_default();
    for name in names.iter().filter(|name| catalogue::find(name).is_none() && !own.contains_key(*name)) {
        let known: Vec<&str> =
            catalogue::settings().filter(|row| !row.is_read_only()).map(|row| row.name).collect();
        reader.fail(
            &format!("{}.{key}", at.path),
            format!("unknown setting `{name}`{}", choices(name, &known)),
        );
    }
    names.into_iter().collect()
}

/// The members that stay: those that are listed, all of them, or none.
fn sticky(reader: &mut Reader, at: &At<'_>, stale: &Map<String, Json>) -> BTreeSet<String> {
    match at.value.get("sticky") {
        Some(Json::Bool(true)) => stale.keys().cloned().collect(),
        Some(Json::Bool(false)) => BTreeSet::new(),
        _ => names(reader, at, "sticky", stale),
    }
}

fn reports(reader: &mut Reader, at: &At<'_>) -> Vec<Json> {
    let reports = reader.items(at, "feedback");
    reports.iter().filter_map(|report| reader.map(report).map(|map| Json::Object(map.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn world(zone: Json) -> World {
        World::read(&json!({ "zones": [zone] })).unwrap()
    }

    #[test]
    fn live_holds_exactly_the_keys_that_get_reports() {
        let world =
            world(json!({"name": "a.example", "plan": "free", "live": {"enable_js": true, "new_key": 7}}));
        let object = world.object("a.example").unwrap();
        assert_eq!(object, json!({"enable_js": true, "new_key": 7, "using_latest_model": true}));
    }

    #[test]
    fn without_live_all_settable_keys_are_there() {
        let object = world(json!({"name": "a.example", "plan": "enterprise"})).object("a.example").unwrap();
        assert_eq!(object.as_object().unwrap().len(), 16);
    }

    #[test]
    fn all_stale_members_can_be_sticky() {
        let zone = json!({"name": "a.example", "plan": "pro", "stale": {"fight_mode": true}, "sticky": true});
        assert_eq!(world(zone).zones[0].sticky.len(), 1);
    }

    #[test]
    fn a_reply_of_get_can_be_pasted_as_live() {
        let live = json!({"enable_js": true, "stale_zone_configuration": {"fight_mode": true}});
        let object =
            world(json!({"name": "a.example", "plan": "pro", "live": live})).object("a.example").unwrap();
        assert_eq!(object["stale_zone_configuration"], json!({"fight_mode": true}));
    }

    #[test]
    fn the_shape_of_feedback_may_be_a_bare_null() {
        let world = world(json!({"name": "a.example", "plan": "pro", "feedback_shape": null}));
        assert_eq!(world.zones[0].shape, Shape::Null);
    }

    #[test]
    fn two_zones_of_one_name_need_two_accounts() {
        let zone = |account: &str| json!({"name": "a.example", "plan": "free", "account": account});
        assert!(World::read(&json!({"zones": [zone("one"), zone("two")]})).is_ok());
        let errors = World::read(&json!({"zones": [zone("one"), zone("one")]})).unwrap_err();
        assert_eq!(errors[0].to_string(), "zones[1]: the account has another zone `a.example`");
    }
}
