//! What the settings of a zone do to a request, as far as it is known: the order of the products, and the rule that an
//! event of each shows. An active stale setting acts with its own value, whatever the top level says.

use super::acted::Acted;
use super::traffic::{Class, Sender};
use crate::catalogue::is_harmless;
use crate::emulator::world::access::derive;
use crate::emulator::world::zone::Zone;
use serde_json::Value as Json;

/// The value that acts: that of an active stale member, else the live one.
fn effective<'z>(zone: &'z Zone, key: &str) -> Option<&'z Json> {
    zone.stale.get(key).filter(|value| !is_harmless(value)).or_else(|| zone.live.get(key))
}

fn is_on(zone: &Zone, key: &str) -> bool {
    effective(zone, key).is_some_and(|value| !is_harmless(value))
}

fn word<'z>(zone: &'z Zone, key: &str) -> &'z str {
    effective(zone, key).and_then(Json::as_str).unwrap_or_default()
}

/// What acts on the requests of a class; `None` if they pass.
pub(super) fn acts(zone: &Zone, class: &Class) -> Option<Acted> {
    class
        .rule
        .clone()
        .or_else(|| fight_mode(zone, class))
        .or_else(|| ai_rules(zone, class))
        .or_else(|| content_bots(zone, class))
        .or_else(|| super_bot_fight_mode(zone, class))
        .or_else(|| labyrinth(zone, class))
}

fn fight_mode(zone: &Zone, class: &Class) -> Option<Acted> {
    let acts = class.sender == Sender::Automated && is_on(zone, "fight_mode");
    acts.then(|| Acted::new("botFight", "managed_challenge", "bot_fight_mode", "Bot Fight Mode"))
}

fn ai_rules(zone: &Zone, class: &Class) -> Option<Acted> {
    let blocks = |key: &str| match word(zone, key) {
        "block" => true,
        "only_on_ad_pages" => class.has_ads,
        "disallow" => class.category == "AI Crawler",
        _ => false,
    };
    let own: &[&str] = match class.category.as_str() {
        "AI Crawler" => &["ai_bots_protection", "ai_training"],
        "AI Search" => &["ai_bots_protection", "ai_search"],
        "AI Assistant" => &["ai_bots_protection", "ai_user"],
        "Search Engine Crawler" => &["ai_training", "ai_search"],
        _ => return None,
    };
    let key = *own.iter().find(|key| blocks(key))?;
    Some(match (key, word(zone, key)) {
        (_, "only_on_ad_pages") => {
            let name = "Block AI bots on ad pages";
            Acted::of_ai(&derive(name), name)
        }
        ("ai_training", _) => {
            let name = "Block AI training crawlers";
            Acted::of_ai(&derive(name), name)
        }
        _ => Acted::of_ai("7bd01eeccb6b420fa0be30264603a5cb", "Manage AI bots"),
    })
}

fn content_bots(zone: &Zone, class: &Class) -> Option<Acted> {
    let acts = class.is_content_bot && is_on(zone, "content_bots_protection");
    acts.then(|| Acted::of_ai("8fb4273cf339402ebc4a777810d32c18", "Block content bots"))
}

fn super_bot_fight_mode(zone: &Zone, class: &Class) -> Option<Acted> {
    let (key, own, of_static, name) = match class.sender {
        Sender::Automated => (
            "sbfm_definitely_automated",
            "874a3e315c344b1281ad4f00046aab6f".to_owned(),
            "5ac94856e22545c0ac580ded156bc052",
            "Manage definite bots",
        ),
        Sender::LikelyAutomated => (
            "sbfm_likely_automated",
            derive("Manage likely bots"),
            "023ec3b3a7f548f292eaaa89a9a471bd",
            "Manage likely bots",
        ),
        Sender::VerifiedBot if word(zone, "sbfm_verified_bots") == "block" => {
            let name = "Manage verified bots";
            return Some(Acted::of_sbfm("block", &derive(name), name));
        }
        Sender::VerifiedBot | Sender::Person => return None,
    };
    let action = word(zone, key);
    if action.is_empty() || action == "allow" {
        return None;
    }
    match (class.is_static, is_on(zone, "sbfm_static_resource_protection")) {
        (true, false) => None,
        (true, true) => Some(Acted::of_sbfm(action, of_static, "Static resource protection")),
        (false, _) => Some(Acted::of_sbfm(action, &own, name)),
    }
}

fn labyrinth(zone: &Zone, class: &Class) -> Option<Acted> {
    let acts = class.category == "AI Crawler" && is_on(zone, "crawler_protection");
    acts.then(|| Acted::new("linkMaze", "link_maze_injected", "", "AI Labyrinth"))
}
