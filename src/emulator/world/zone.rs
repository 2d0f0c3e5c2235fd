//! One zone: its live object, what an earlier plan left behind, its feedback reports and its faults.

use super::access::{Accounts, identifier};
use super::defaults;
use super::edge::{Edge, OF_ZONE};
use super::fault::{Edit, Fault, Faults, Script};
use super::key::{Key, Kind};
use super::message::Reply;
use super::on::On;
use super::reader::{At, Reader, choices};
use crate::catalogue::{self, LATEST_MODEL_KEY, STALE_KEY, Variant};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// The keys of a zone.
pub(super) const KEYS: [Key; 18] = [
    Key::new("name", Kind::Name, "Its name, in lower case.").required(),
    Key::new("id", Kind::Id, "Its id; derived from the name by default."),
    Key::new("account", Kind::Text, "The id or the name of its account."),
    Key::new("plan", Kind::Word(|| PLANS.map(|(word, _)| word).to_vec()), "Its plan, or its plan variant.")
        .required(),
    Key::new("legacy_id", Kind::Text, "The word that `plan.legacy_id` reports, if it differs from the plan."),
    Key::new("status", Kind::Text, "Its status; `active` by default."),
    Key::new(
        "live",
        Kind::Settings,
        "Exactly the keys that GET reports; by default all keys of the plan, with common values.",
    ),
    Key::new("stale", Kind::Settings, "Settings that an earlier plan left behind."),
    Key::new(
        "sticky",
        Kind::TextsOrAll,
        "The stale members that a clean-up does not remove; `true` for all.",
    ),
    Key::new(
        "refused",
        Kind::Texts,
        "The settings whose PUT is refused, whatever their value, and with it the whole body.",
    ),
    Key::new("nulls", Kind::Toggle, "Whether GET shows null for settings that the plan lacks."),
    Key::new("unreported", Kind::Texts, "The settings that PUT accepts and GET never shows."),
    Key::new("feedback", Kind::Objects(&[]), "Existing feedback reports."),
    Key::new(
        "feedback_shape",
        Kind::Shape(|| SHAPES.map(|(word, _)| word).to_vec()),
        "How the list of feedback reports is sent.",
    ),
    Key::new("faults", Kind::Faults(&On::OF_ZONE), "Scripted faults on the zone's own requests."),
    OF_ZONE[0],
    OF_ZONE[1],
    OF_ZONE[2],
];

const SHAPES: [(&str, Shape); 3] =
    [("bare", Shape::Bare), ("envelope", Shape::Envelope), ("null", Shape::Null)];

/// The variants by their own words and by the names of their plans.
pub(super) const PLANS: [(&str, Variant); 8] = [
    ("bot_fight_mode", Variant::BotFightMode),
    ("sbfm_pro", Variant::SbfmPro),
    ("sbfm_business", Variant::SbfmBusiness),
    ("bm_enterprise", Variant::BmEnterprise),
    ("free", Variant::BotFightMode),
    ("pro", Variant::SbfmPro),
    ("business", Variant::SbfmBusiness),
    ("enterprise", Variant::BmEnterprise),
];

/// When all zones were created.
const CREATED: &str = "2024-01-01T00:00:00.000000Z";

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
    /// The value of `plan.legacy_id`.
    pub(super) legacy_id: String,
    /// One flat object of all settings, including the unreported ones.
    pub(super) live: Map<String, Json>,
    pub(super) stale: Map<String, Json>,
    /// Whether GET shows an empty stale object.
    pub(super) shows_empty_stale: bool,
    /// The stale members that a clean-up does not remove.
    pub(super) sticky: BTreeSet<String>,
    /// The settings whose PUT is refused.
    pub(super) refused: BTreeSet<String>,
    /// The keys that PUT accepts and GET never shows.
    pub(super) unreported: BTreeSet<String>,
    /// Whether GET shows null for settings that the plan lacks.
    pub(super) nulls: bool,
    pub(super) feedback: Vec<Json>,
    /// Late reports, each with the number of listings that still omit it.
    pub(super) late: Vec<(u32, Json)>,
    pub(super) shape: Shape,
    pub(super) faults: Faults,
    pub(super) edge: Edge,
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
            shows_empty_stale: false,
            sticky: BTreeSet::new(),
            refused: BTreeSet::new(),
            unreported: BTreeSet::new(),
            nulls: false,
            feedback: Vec::new(),
            late: Vec::new(),
            shape: Shape::default(),
            faults: Faults::default(),
            edge: Edge::default(),
        }
    }

    /// Reads a zone of a world file. Its id stays empty if the file has none.
    pub(super) fn read(reader: &mut Reader, at: &At<'_>, accounts: &mut Accounts) -> Option<Self> {
        if !reader.keys(at, &KEYS) {
            return None;
        }
        let account = accounts.pick(reader, at);
        let (name, variant) = (name(reader, at), reader.word(at, "plan", &PLANS));
        let id = identifier(reader, at, "id").unwrap_or_default();
        let variant_or_any = variant.unwrap_or(Variant::BotFightMode);
        let mut zone = Self::new(id, name.clone().unwrap_or_default(), account, variant_or_any);
        zone.fill(reader, at);
        (name.is_some() && variant.is_some()).then_some(zone)
    }

    fn fill(&mut self, reader: &mut Reader, at: &At<'_>) {
        (self.live, self.stale) = objects(reader, at, self.variant);
        let shown = at.member("live").and_then(|live| live.member(STALE_KEY));
        self.shows_empty_stale = shown.is_some();
        if let Some(word) = reader.text(at, "legacy_id") {
            self.legacy_id = word;
        }
        if let Some(status) = reader.text(at, "status") {
            self.status = status;
        }
        self.sticky = sticky(reader, at, &self.stale);
        self.refused = names(reader, at, "refused", &self.live);
        self.unreported = names(reader, at, "unreported", &self.live);
        self.nulls = reader.toggle(at, "nulls").unwrap_or(false);
        self.feedback = reports(reader, at);
        // An unquoted `null` in YAML is a null, not the word.
        let is_null = at.value.get("feedback_shape").is_some_and(Json::is_null);
        let shape = reader.word(at, "feedback_shape", &SHAPES);
        self.shape = if is_null { Shape::Null } else { shape.unwrap_or_default() };
        self.faults = Faults::new(Fault::read_all(reader, at, &On::OF_ZONE));
        self.edge = Edge::read(reader, at);
    }

    /// Answers a request, with the faults that affect it.
    pub(super) fn play(&mut self, on: On, act: impl FnOnce(&mut Self, &Script) -> Reply) -> Reply {
        let script = self.faults.draw(on);
        script.before.iter().for_each(|edit| self.edit(edit));
        let writes = matches!(on, On::Put | On::Post);
        let reply = if writes && script.lost { act(&mut self.clone(), &script) } else { act(self, &script) };
        script.after.iter().for_each(|edit| self.edit(edit));
        script.twist(reply)
    }

    /// What GET shows now.
    pub(super) fn object(&self) -> Json {
        let mut object = self.live.clone();
        object.retain(|key, _| !self.unreported.contains(key));
        object.entry(LATEST_MODEL_KEY).or_insert(Json::Bool(true));
        if !self.stale.is_empty() || self.shows_empty_stale {
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

    /// Applies a change by someone else.
    pub(super) fn edit(&mut self, edit: &Edit) {
        let Edit { live, stale } = edit;
        merge(&mut self.live, live);
        merge(&mut self.stale, stale);
    }

    /// The entry of the zone in a listing.
    pub(super) fn entry(&self, account: &str) -> Json {
        json!({
            // `GET /zones` shows international names in Unicode, whatever form they were asked for in.
            "id": self.id, "name": idna::domain_to_unicode(&self.name).0, "status": self.status, "paused": false, "type": "full",
            "development_mode": 0, "name_servers": ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"],
            "original_name_servers": null, "original_registrar": null, "original_dnshost": null,
            "created_on": CREATED, "modified_on": CREATED, "activated_on": CREATED,
            "meta": {
                "step": 2, "custom_certificate_quota": 0, "page_rule_quota": 3, "phishing_detected": false,
                "cdn_only": false, "dns_only": false, "foundation_dns": false,
            },
            "owner": { "id": self.account, "type": "organization", "name": account },
            "account": { "id": self.account, "name": account }, "permissions": ["#zone:read"],
            "plan": self.plan(),
        })
    }

    fn plan(&self) -> Json {
        let (id, name) = match self.legacy_id.as_str() {
            "free" => ("0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "Free Website"),
            "pro" => ("pro", "Pro Website"),
            "business" => ("business", "Business Website"),
            "enterprise" => ("enterprise", "Enterprise Website"),
            // Cloudflare has sent plans without an id, and `legacy_id` is deprecated: clients must not rely on either.
            other => ("", other),
        };
        json!({
            "id": id, "name": name, "price": 0, "currency": "USD", "frequency": "", "legacy_id": self.legacy_id,
            "is_subscribed": true, "can_subscribe": false, "legacy_discount": false, "externally_managed": false,
        })
    }
}

/// Merges the members of a change; null removes a member.
fn merge(object: &mut Map<String, Json>, change: &Map<String, Json>) {
    for (key, value) in change {
        match value {
            Json::Null => drop(object.remove(key)),
            value => drop(object.insert(key.clone(), value.clone())),
        }
    }
}

/// A name with its international labels as A-labels.
pub(super) fn a_labels(name: &str) -> String {
    match idna::domain_to_ascii(name) {
        Ok(ascii) if !name.is_ascii() => ascii,
        _ => name.to_owned(),
    }
}

fn name(reader: &mut Reader, at: &At<'_>) -> Option<String> {
    let typed = reader.text(at, "name")?;
    // International names are held as A-labels, and listed in Unicode as Cloudflare does.
    let name = a_labels(&typed);
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    if name.contains('.') && name.chars().all(fits) {
        return Some(name);
    }
    reader.fail(&at.key("name"), format!("`{name}` is not a zone name such as `shop.example.com`"));
    None
}

/// The live and the stale object; also accepts a stale object inside the live one, as GET shows it.
fn objects(reader: &mut Reader, at: &At<'_>, variant: Variant) -> (Map<String, Json>, Map<String, Json>) {
    let object = |reader: &mut Reader, at: Option<At<'_>>| at.and_then(|at| reader.map(&at).cloned());
    let live = object(reader, at.member("live"));
    let mut live = live.unwrap_or_else(|| defaults::live(variant, &[]));
    let inner = live.remove(STALE_KEY);
    let mut stale = object(reader, at.member("stale")).unwrap_or_default();
    match inner {
        Some(Json::Object(members)) => stale.extend(members),
        Some(Json::Null) | None => {}
        Some(_) => reader.fail(&at.key(&format!("live.{STALE_KEY}")), "must be a mapping"),
    }
    live.entry(LATEST_MODEL_KEY).or_insert(Json::Bool(true));
    (live, stale)
}

/// Names of settings: from the catalogue or from the zone's own object.
fn names(reader: &mut Reader, at: &At<'_>, key: &str, own: &Map<String, Json>) -> BTreeSet<String> {
    let names = reader.texts(at, key).unwrap_or_default();
    for name in names.iter().filter(|name| catalogue::find(name).is_none() && !own.contains_key(*name)) {
        let known: Vec<&str> =
            catalogue::settings().filter(|row| !row.is_read_only()).map(|row| row.name).collect();
        reader.fail(&at.key(key), format!("unknown setting `{name}`{}", choices(name, &known)));
    }
    names.into_iter().collect()
}

/// The sticky members: those listed, all, or none.
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

    fn pro() -> Zone {
        let mut zone = Zone::new(String::new(), "a.example".to_owned(), String::new(), Variant::SbfmPro);
        zone.live = defaults::live(Variant::SbfmPro, &[]);
        zone
    }

    fn read(value: Json) -> Zone {
        let (mut reader, at) = (Reader::default(), At::root(&value));
        let zone = Zone::read(&mut reader, &at, &mut Accounts::default()).unwrap();
        assert_eq!(reader.errors, []);
        zone
    }

    #[test]
    fn get_shows_the_keys_of_the_plan_and_no_empty_stale_object() {
        let object = pro().object();
        assert!(object.get("sbfm_verified_bots").is_some() && object.get("using_latest_model").is_some());
        assert!(object.get("fight_mode").is_none() && object.get(STALE_KEY).is_none());
    }

    #[test]
    fn nulls_are_shown_for_settings_that_the_plan_lacks() {
        let object = Zone { nulls: true, ..pro() }.object();
        for key in ["fight_mode", "sbfm_likely_automated", "auto_update_model"] {
            assert_eq!(object.get(key), Some(&Json::Null), "{key}");
        }
        assert!(object.get(STALE_KEY).is_none());
    }

    #[test]
    fn unreported_settings_are_stored_and_not_shown() {
        let mut zone = pro();
        zone.unreported.insert("ai_search".to_owned());
        assert!(zone.object().get("ai_search").is_none() && zone.live.contains_key("ai_search"));
    }

    #[test]
    fn live_holds_exactly_the_keys_that_get_reports() {
        let live = json!({"enable_js": true, "new_key": 7});
        let object = read(json!({"name": "a.example", "plan": "free", "live": live})).object();
        assert_eq!(object, json!({"enable_js": true, "new_key": 7, "using_latest_model": true}));
    }

    #[test]
    fn without_live_all_settable_keys_are_there() {
        let object = read(json!({"name": "a.example", "plan": "enterprise"})).object();
        let settable = catalogue::settable(Variant::BmEnterprise).count();
        assert_eq!(object.as_object().unwrap().len(), settable + 1);
    }

    #[test]
    fn all_stale_members_can_be_sticky() {
        let zone = json!({"name": "a.example", "plan": "pro", "stale": {"fight_mode": true}, "sticky": true});
        assert_eq!(read(zone).sticky.len(), 1);
    }

    #[test]
    fn a_reply_of_get_can_be_pasted_as_live() {
        let live = json!({"enable_js": true, "stale_zone_configuration": {"fight_mode": true}});
        let object = read(json!({"name": "a.example", "plan": "pro", "live": live})).object();
        assert_eq!(object[STALE_KEY], json!({"fight_mode": true}));
        let clean = json!({"enable_js": true, "stale_zone_configuration": {}});
        let object = read(json!({"name": "a.example", "plan": "pro", "live": clean})).object();
        assert_eq!(object[STALE_KEY], json!({}));
    }

    #[test]
    fn the_shape_of_feedback_may_be_a_bare_null() {
        let zone = read(json!({"name": "a.example", "plan": "pro", "feedback_shape": null}));
        assert_eq!(zone.shape, Shape::Null);
    }
}
