//! An entry of an account's audit log, as far as it is about bot settings. Nearly every member may be missing, and the
//! shape has changed: it is read tolerantly. Addresses of clients are left out, so that nothing can print them.

use super::ZoneId;
use core::net::IpAddr;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};

/// The longest name of an actor that is kept.
const LONGEST_NAME: usize = 120;

/// What kind of actor an entry names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum ActorKind {
    /// A person, or a token of one or of the account.
    Customer,
    /// Cloudflare itself: its staff or its systems.
    Cloudflare,
}

/// By which way an actor came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum ActorContext {
    /// The dashboard.
    Dashboard,
    /// The API, with a token.
    Token,
    /// The API, with the key of a user.
    Key,
    /// An application that a user let in.
    Application,
    /// The entry does not say it, or in a word that this version does not know.
    Unknown,
}

/// One entry of an audit log.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub(crate) struct AuditEntry {
    /// Its id.
    pub(crate) id: Option<String>,
    /// When it happened.
    pub(crate) at: Option<Timestamp>,
    /// The zone that it is about.
    pub(crate) zone_id: Option<ZoneId>,
    /// What kind of actor it was.
    pub(crate) actor: ActorKind,
    /// By which way the actor came.
    pub(crate) context: ActorContext,
    /// The address of the user for mail.
    pub(crate) email: Option<String>,
    /// The name of the token.
    pub(crate) token: Option<String>,
    /// The `CF-Ray` of the request, without the data centre.
    pub(crate) ray: Option<String>,
    /// The program that sent the request, as it called itself.
    pub(crate) agent: Option<String>,
    /// What was sent, if the entry holds it.
    pub(crate) sent: Option<Map<String, Json>>,
    target: Target,
}

/// What the request of an entry was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// The bot settings of a zone.
    BotSettings,
    /// The zone itself or its subscription: its plan variant may be another one now.
    Plan,
    /// The entry does not say it.
    Unknown,
    /// Something else, or nothing that was changed.
    Other,
}

impl AuditEntry {
    /// Reads an entry; `None` if the value is not an object.
    #[must_use]
    pub(crate) fn read(entry: &Json) -> Option<Self> {
        entry.as_object()?;
        let [action, actor, raw] =
            ["action", "actor", "raw"].map(|key| entry.get(key).unwrap_or(&Json::Null));
        let uri = text(raw, "uri").or_else(|| text(raw, "url"));
        let target = target(entry, uri);
        Some(Self {
            id: text(entry, "id").map(str::to_owned),
            at: time(entry, action),
            zone_id: zone_id(entry, uri),
            actor: match text(actor, "type") {
                Some("system" | "cloudflare_admin" | "Cloudflare") => ActorKind::Cloudflare,
                _ => ActorKind::Customer,
            },
            context: match text(actor, "context") {
                Some("dash" | "dashboard") => ActorContext::Dashboard,
                Some("api_token" | "api") => ActorContext::Token,
                Some("api_key") => ActorContext::Key,
                Some("oauth") => ActorContext::Application,
                _ => ActorContext::Unknown,
            },
            email: name(actor, "email"),
            token: name(actor, "token_name"),
            ray: text(raw, "cf_ray_id").and_then(bare_ray).map(str::to_owned),
            agent: name(raw, "user_agent"),
            sent: (target == Target::BotSettings).then(|| sent(entry)).flatten(),
            target,
        })
    }

    /// Whether it set bot settings of a zone, as far as it says.
    #[must_use]
    pub(crate) fn sets_bot_settings(&self) -> bool {
        matches!(self.target, Target::BotSettings | Target::Unknown)
    }

    /// Whether bot settings of its zone can be others now: it set some, or changed the zone's plan.
    #[must_use]
    pub(crate) fn may_change_bot_settings(&self) -> bool {
        self.target != Target::Other
    }
}

/// A `CF-Ray` without the data centre; `None` if the text is not one.
pub(crate) fn bare_ray(ray: &str) -> Option<&str> {
    let bare = ray.split('-').next().unwrap_or_default();
    let is_ray = (8..=32).contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_ray.then_some(bare)
}

fn text<'a>(value: &'a Json, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Json::as_str).filter(|text| !text.is_empty())
}

/// The name of an actor. The address of a client does not count as one, and must not be shown.
fn name(value: &Json, key: &str) -> Option<String> {
    let name: String = text(value, key)?.chars().take(LONGEST_NAME).collect();
    name.parse::<IpAddr>().is_err().then_some(name)
}

/// The time: that of the action, or where older entries have it.
fn time(entry: &Json, action: &Json) -> Option<Timestamp> {
    let stated = text(action, "time").or_else(|| text(entry, "action_time"));
    let stated = stated.or_else(|| text(entry, "time")).or_else(|| text(entry, "when"))?;
    let without_zone = || Some(stated.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    stated.parse().ok().or_else(without_zone)
}

fn zone_id(entry: &Json, uri: Option<&str>) -> Option<ZoneId> {
    let stated = entry.get("zone").and_then(|zone| text(zone, "id"));
    let of_uri = || uri?.split("/zones/").nth(1)?.split(['/', '?']).next();
    ZoneId::try_from(stated.or_else(of_uri)?.to_ascii_lowercase()).ok()
}

fn target(entry: &Json, uri: Option<&str>) -> Target {
    let raw = entry.get("raw").unwrap_or(&Json::Null);
    let status =
        raw.get("status_code").and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
    let result = entry.get("action").and_then(|action| action.get("result"));
    let is_failure = status.is_some_and(|status| status >= 400)
        || result
            .is_some_and(|result| matches!(result.as_str(), Some("failure" | "failed")) || *result == false);
    let reads = text(raw, "method").is_some_and(|method| matches!(method, "GET" | "HEAD" | "OPTIONS"));
    if is_failure || reads {
        return Target::Other;
    }
    let Some(uri) = uri else { return unnamed(entry) };
    let path = uri.split('?').next().unwrap_or_default().trim_end_matches('/');
    let mut below = path.split("/zones/").nth(1).unwrap_or_default().split('/').skip(1);
    match (below.next(), below.next()) {
        (Some("bot_management"), None) => Target::BotSettings,
        (None | Some("subscription" | "subscriptions"), None) if path.contains("/zones/") => Target::Plan,
        _ => Target::Other,
    }
}

/// What an entry without an address is about: what its resource says, if it says anything.
fn unnamed(entry: &Json) -> Target {
    let resource = entry.get("resource").unwrap_or(&Json::Null);
    let words = [text(resource, "product"), text(resource, "type")];
    let is_bots = |word: &str| word.to_ascii_lowercase().contains("bot");
    match words {
        [None, None] => Target::Unknown,
        words if words.iter().flatten().any(|word| is_bots(word)) => Target::BotSettings,
        _ => Target::Other,
    }
}

/// What was sent: an object, or JSON as text.
fn sent(entry: &Json) -> Option<Map<String, Json>> {
    match entry.get("resource")?.get("request")? {
        Json::Object(members) => Some(members.clone()),
        Json::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "023e105f4ecef8ad9ca31a8372d0c353";

    fn read(entry: Json) -> AuditEntry {
        AuditEntry::read(&entry).unwrap()
    }

    #[test]
    fn a_whole_entry_is_read_without_the_address_of_the_client() {
        let entry = read(json!({
            "id": "f174be97", "account": {"id": ID, "name": "Shops"},
            "action": {"type": "update", "result": "success", "time": "2026-11-29T10:00:00.5Z", "description": "x"},
            "actor": {"type": "user", "context": "api_token", "email": "jane@example.com", "id": ID,
                "ip_address": "198.51.100.7", "token_id": "t", "token_name": "deploy"},
            "raw": {"cf_ray_id": "8f1b2c3d4e5f6a7b-FRA", "method": "PUT", "status_code": 200,
                "uri": format!("/zones/{ID}/bot_management"), "user_agent": "botform/0.1.0"},
            "resource": {"id": ID, "product": "bot_management", "request": {"ai_search": "block"}, "response": {}},
            "zone": {"id": ID, "name": "shop.example.com"},
        }));
        assert_eq!(entry.at.unwrap().to_string(), "2026-11-29T10:00:00.5Z");
        assert_eq!((entry.actor, entry.context), (ActorKind::Customer, ActorContext::Token));
        assert_eq!(
            (entry.token.as_deref(), entry.ray.as_deref()),
            (Some("deploy"), Some("8f1b2c3d4e5f6a7b"))
        );
        assert_eq!(entry.sent.as_ref().unwrap()["ai_search"], "block");
        assert_eq!(entry.zone_id.as_ref().unwrap().as_str(), ID);
        assert!(!format!("{entry:?}").contains("198.51.100.7"));
    }

    #[test]
    fn what_is_missing_or_older_is_read_too() {
        let old = json!({"action": "update", "when": "2026-11-29T10:00:00Z", "actor": null,
            "raw": {"uri": format!("https://api.cloudflare.com/client/v4/zones/{ID}/bot_management/?x=1")},
            "resource": {"request": "{\"ai_search\":\"block\"}"}});
        let old = read(old);
        assert!(old.sets_bot_settings() && old.at.is_some() && old.zone_id.is_some());
        assert_eq!(old.sent.unwrap()["ai_search"], "block");
        let bare = read(
            json!({"zone": {"id": ID.to_uppercase()}, "actor": {"type": "system", "email": "192.0.2.1"}}),
        );
        assert!(bare.sets_bot_settings() && bare.at.is_none() && bare.email.is_none());
        assert_eq!((bare.actor, bare.zone_id.unwrap().as_str()), (ActorKind::Cloudflare, ID));
        let local = read(json!({"action": {"time": "2026-11-29T10:00:00"}}));
        assert_eq!(local.at.unwrap().to_string(), "2026-11-29T10:00:00Z");
        assert_eq!(AuditEntry::read(&json!("text")), None);
    }

    #[test]
    fn only_writes_of_settings_or_of_the_plan_count() {
        let of = |method: &str, path: &str| {
            let entry = read(json!({"raw": {"method": method, "uri": format!("/zones/{ID}{path}")}}));
            (entry.sets_bot_settings(), entry.may_change_bot_settings())
        };
        assert_eq!(of("PUT", "/bot_management"), (true, true));
        assert_eq!(of("PATCH", ""), (false, true));
        assert_eq!(of("PUT", "/subscription"), (false, true));
        for (method, path) in [
            ("GET", "/bot_management"),
            ("POST", "/bot_management/feedback"),
            ("POST", "/dns_records"),
            ("POST", "/subscription/other"),
        ] {
            assert_eq!(of(method, path), (false, false), "{method} {path}");
        }
        let elsewhere = read(json!({"raw": {"uri": "/accounts/x/members"}}));
        assert!(!elsewhere.may_change_bot_settings());
        for refused in [json!({"result": "failure"}), json!({"result": false})] {
            assert!(!read(json!({"zone": {"id": ID}, "action": refused})).may_change_bot_settings());
        }
        assert!(!read(json!({"raw": {"status_code": "403"}})).may_change_bot_settings());
    }

    #[test]
    fn a_resource_says_what_an_entry_without_an_address_is_about() {
        let of = |resource: Json| read(json!({"resource": resource})).sets_bot_settings();
        assert!(of(json!({"product": "Bot Management"})) && of(json!({})));
        assert!(!of(json!({"product": "dns_records"})));
    }
}
