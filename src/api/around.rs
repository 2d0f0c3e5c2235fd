//! What acts besides the bot settings of a zone: custom rules, IP access rules, environments, pay per crawl, the
//! security level. Each needs a read and a permission of its own, and its absence is not an error.

use super::client::{Absent, Answer, Call, Shape, Size, list};
use super::{ApiError, Client, Payload, Reason, ZoneRef};
use crate::model::{AccessRule, CustomRule, Environment};
use serde_json::Value as Json;

/// The most IP access rules that are read: more than any zone needs.
const MOST_RULES: usize = 5_000;

/// How many IP access rules a page holds.
const PER_PAGE: usize = 100;

impl Client {
    /// The custom rules of a zone, disabled ones too; none where it has no ruleset.
    pub(crate) async fn custom_rules(&self, zone: ZoneRef<'_>) -> Result<Vec<CustomRule>, ApiError> {
        let path = "rulesets/phases/http_request_firewall_custom/entrypoint";
        let rules = self.around(zone, path, "Zone WAF Read", |answer| {
            let rules = answer.result.get("rules").cloned().unwrap_or_default();
            Ok(list(rules, Absent::Empty)?.iter().map(custom_rule).collect())
        });
        // A zone without custom rules has no entrypoint ruleset, and Cloudflare answers 404.
        absent(rules.await, 10003, Some(404)).map(Option::unwrap_or_default)
    }

    /// The IP access rules that apply to a zone.
    pub(crate) async fn access_rules(&self, zone: ZoneRef<'_>) -> Result<Vec<AccessRule>, ApiError> {
        let mut rules = Vec::new();
        for page in 1.. {
            let mut call = below(zone, "firewall/access_rules/rules", "Zone Firewall Services Read");
            call.query = vec![("page", page.to_string()), ("per_page", PER_PAGE.to_string())];
            let found: Vec<AccessRule> = self
                .read(call, Shape::Envelope, |answer| {
                    Ok(list(answer.result, Absent::Empty)?.iter().map(access_rule).collect())
                })
                .await?;
            let is_last = found.len() < PER_PAGE;
            rules.extend(found);
            if is_last || rules.len() >= MOST_RULES {
                break;
            }
        }
        Ok(rules)
    }

    /// The environments of Version Management; `None` where it is off.
    pub(crate) async fn environments(&self, zone: ZoneRef<'_>) -> Result<Option<Vec<Environment>>, ApiError> {
        let found = self.around(zone, "environments", "Zone Versioning Read", |answer| {
            let environments = answer.result.get("environments").cloned().unwrap_or_default();
            Ok(list(environments, Absent::Empty)?.iter().map(environment).collect())
        });
        // 10001: Version Management is off.
        absent(found.await, 10001, Some(404))
    }

    /// Whether crawlers are asked to pay; `None` where the zone has no configuration for it.
    pub(crate) async fn asks_crawlers_to_pay(&self, zone: ZoneRef<'_>) -> Result<Option<bool>, ApiError> {
        let found = self.around(zone, "pay-per-crawl/configuration", "Zone Pay Per Crawl Read", |answer| {
            let says = |key: &str| answer.result.get(key).and_then(Json::as_bool);
            Ok(says("enabled").or_else(|| says("active")).unwrap_or(!answer.result.is_null()))
        });
        absent(found.await, 10004, Some(404))
    }

    /// The security level.
    pub(crate) async fn security_level(&self, zone: ZoneRef<'_>) -> Result<String, ApiError> {
        let level = |answer: Answer| {
            answer.result.get("value").and_then(Json::as_str).map(str::to_owned).ok_or(Payload::Result)
        };
        self.around(zone, "settings/security_level", "Zone Settings Read", level).await
    }

    async fn around<T>(
        &self,
        zone: ZoneRef<'_>,
        path: &str,
        permission: &'static str,
        parse: impl Fn(Answer) -> Result<T, Payload> + Sync,
    ) -> Result<T, ApiError> {
        self.read(below(zone, path, permission), Shape::Envelope, parse).await
    }
}

fn below<'a>(zone: ZoneRef<'a>, path: &str, permission: &'static str) -> Call<'a> {
    Call::get(format!("/zones/{}/{path}", zone.id), permission, Size::List).about(zone)
}

/// A refusal that says that there is nothing: by its code, or by its status.
fn absent<T>(found: Result<T, ApiError>, code: i64, status: Option<u16>) -> Result<Option<T>, ApiError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) => {
            let is_code =
                matches!(error.reason(), Some(Reason::Refused { code: Some(found), .. }) if found == code);
            let is_status = status.is_some() && error.http_status() == status;
            if (is_code || is_status) && !error.is_auth_failure() { Ok(None) } else { Err(error) }
        }
    }
}

fn text(object: &Json, key: &str) -> String {
    object.get(key).and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn custom_rule(rule: &Json) -> CustomRule {
    let phases = rule.pointer("/action_parameters/phases").and_then(Json::as_array);
    let skips = phases.into_iter().flatten().any(|phase| phase == "http_request_sbfm");
    CustomRule {
        id: text(rule, "id"),
        name: text(rule, "description"),
        expression: text(rule, "expression"),
        action: text(rule, "action"),
        is_enabled: rule.get("enabled").and_then(Json::as_bool).unwrap_or(true),
        skips_super_bot_fight_mode: skips && text(rule, "action") == "skip",
    }
}

fn access_rule(rule: &Json) -> AccessRule {
    let configuration = rule.get("configuration").unwrap_or(&Json::Null);
    AccessRule {
        id: text(rule, "id"),
        mode: text(rule, "mode"),
        target: text(configuration, "target"),
        notes: text(rule, "notes"),
    }
}

fn environment(environment: &Json) -> Environment {
    Environment {
        name: text(environment, "name"),
        is_locked: environment.get("locked_on_deployment").and_then(Json::as_bool).unwrap_or(false),
    }
}
