//! What else acts on the traffic of a zone, as plain data of the world: custom rules, IP access rules, the environments
//! of Version Management, pay per crawl, the security level. Each has its own call and its own permission.

use crate::emulator::world::access::{Grant, Permission};
use crate::emulator::world::key::{Key, Kind};
use crate::emulator::world::message::{Reply, Request};
use crate::emulator::world::reader::{At, Reader};
use serde_json::{Value as Json, json};

/// The key of what acts beside the settings.
pub(in crate::emulator::world) const AROUND: Key =
    Key::new("around", Kind::Mapping(&KEYS), "What acts on the traffic beside the bot settings.");

const KEYS: [Key; 5] = [
    Key::new(
        "custom_rules",
        Kind::Objects(&["action"]),
        "The custom rules; without them the zone has no ruleset.",
    ),
    Key::new("access_rules", Kind::Objects(&["mode"]), "The IP access rules."),
    Key::new(
        "environments",
        Kind::Objects(&["name"]),
        "The environments of Version Management; without them it is off.",
    ),
    Key::new(
        "pay_per_crawl",
        Kind::Object(&[]),
        "The configuration of pay per crawl; without it the zone has none.",
    ),
    Key::new("security_level", Kind::Text, "The security level; `medium` by default."),
];

/// What acts beside the settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::emulator::world) struct Around {
    custom_rules: Vec<Json>,
    access_rules: Vec<Json>,
    environments: Vec<Json>,
    pay_per_crawl: Option<Json>,
    security_level: Option<String>,
}

impl Around {
    /// Reads the member of a zone.
    pub(in crate::emulator::world) fn read(reader: &mut Reader, zone: &At<'_>) -> Self {
        let Some(at) = zone.member(AROUND.name) else { return Self::default() };
        if !reader.keys(&at, &KEYS) {
            return Self::default();
        }
        let list = |reader: &mut Reader, key| {
            let items = reader.items(&at, key);
            items.iter().filter_map(|item| reader.map(item).map(|map| Json::Object(map.clone()))).collect()
        };
        Self {
            custom_rules: list(reader, "custom_rules"),
            access_rules: list(reader, "access_rules"),
            environments: list(reader, "environments"),
            pay_per_crawl: at.member("pay_per_crawl").map(|member| member.value.clone()),
            security_level: reader.text(&at, "security_level"),
        }
    }

    /// Answers a call below a zone; `None` if it is none of these.
    pub(in crate::emulator::world) fn answer(
        &self,
        path: &[&str],
        request: &Request,
        grant: &Grant,
    ) -> Option<Result<Reply, Reply>> {
        type Answer = fn(&Around, &Request) -> Result<Reply, Reply>;
        let (permission, answer): (_, Answer) = match path {
            ["rulesets", "phases", "http_request_firewall_custom", "entrypoint"] => {
                (Permission::WafRead, |around, _| around.ruleset())
            }
            ["firewall", "access_rules", "rules"] => (Permission::FirewallRead, Self::rules),
            ["environments"] => (Permission::VersioningRead, |around, _| around.versions()),
            ["pay-per-crawl", "configuration"] => (Permission::PayPerCrawlRead, |around, _| around.paid()),
            ["settings", "security_level"] => (Permission::SettingsRead, |around, _| Ok(around.level())),
            _ => return None,
        };
        if request.method != "GET" {
            return Some(Err(Reply::method_not_allowed()));
        }
        Some(grant.need(&[permission]).and_then(|()| answer(self, request)))
    }

    fn ruleset(&self) -> Result<Reply, Reply> {
        if self.custom_rules.is_empty() {
            let message = "could not find entrypoint ruleset in the http_request_firewall_custom phase";
            return Err(Reply::error(404, 10003, message));
        }
        Ok(Reply::ok(json!({
            "id": "c0ffee00000000000000000000000001", "kind": "zone", "name": "default", "version": "1",
            "phase": "http_request_firewall_custom", "rules": self.custom_rules,
        })))
    }

    fn rules(&self, request: &Request) -> Result<Reply, Reply> {
        let page = request.number("page", 1, 1, 1_000_000)? as usize;
        let per_page = request.number("per_page", 20, 1, 1000)? as usize;
        let all = &self.access_rules;
        let rows: Vec<_> = all.iter().skip((page - 1) * per_page).take(per_page).cloned().collect();
        let info = json!({
            "page": page, "per_page": per_page, "count": rows.len(), "total_count": all.len(),
            "total_pages": all.len().div_ceil(per_page),
        });
        Ok(Reply::page(rows, info))
    }

    fn versions(&self) -> Result<Reply, Reply> {
        match self.environments.is_empty() {
            true => Err(Reply::error(400, 10001, "version management is not enabled")),
            false => Ok(Reply::ok(json!({ "environments": self.environments }))),
        }
    }

    fn paid(&self) -> Result<Reply, Reply> {
        self.pay_per_crawl.clone().map(Reply::ok).ok_or_else(|| Reply::error(404, 10004, "not found"))
    }

    fn level(&self) -> Reply {
        let value = self.security_level.as_deref().unwrap_or("medium");
        Reply::ok(json!({ "id": "security_level", "value": value, "editable": true, "modified_on": null }))
    }
}
