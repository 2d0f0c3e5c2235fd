//! What voids or overrides the settings of a zone: rules that exempt requests, environments that a write does not
//! reach, a security level that challenges everybody. Each finding is a message about its zone.

use crate::api::{ApiError, Client, Clients, ReadZones as _, ZoneRef};
use crate::catalogue::{self, Value};
use crate::diff::Row;
use crate::model::{
    AccessRule, CustomRule, Diagnostic, DiagnosticKind, Environment, Live, LiveValue, Message, ZoneId, clean,
    short, some_of,
};
use crate::plan::{Plan, ZonePlan};
use crate::run::Stop;
use crate::run::lanes::in_lanes;

/// How many rules a message names.
const MOST_NAMED: usize = 5;

/// What acts beside the settings of a zone, as far as it could be read.
pub(crate) struct Around {
    custom_rules: Result<Vec<CustomRule>, ApiError>,
    access_rules: Result<Vec<AccessRule>, ApiError>,
    environments: Result<Option<Vec<Environment>>, ApiError>,
    pays: Result<Option<bool>, ApiError>,
    security_level: Result<String, ApiError>,
}

impl Around {
    /// How many requests reading it takes.
    pub(crate) const REQUESTS: usize = 5;

    /// Reads what acts on a zone.
    pub(crate) async fn read(client: &Client, zone: ZoneRef<'_>) -> Self {
        let (custom_rules, access_rules, environments, pays, security_level) = tokio::join!(
            client.custom_rules(zone),
            client.access_rules(zone),
            client.environments(zone),
            client.asks_crawlers_to_pay(zone),
            client.security_level(zone),
        );
        Self { custom_rules, access_rules, environments, pays, security_level }
    }

    /// What was asked for, and the error where it could not be read.
    pub(crate) fn reads(&self) -> [(&'static str, Option<&ApiError>); 5] {
        [
            ("custom rules", self.custom_rules.as_ref().err()),
            ("IP access rules", self.access_rules.as_ref().err()),
            ("environments", self.environments.as_ref().err()),
            ("pay per crawl", self.pays.as_ref().err()),
            ("security level", self.security_level.as_ref().err()),
        ]
    }

    /// The messages about a zone whose file says that custom rules are in place, or does not.
    fn messages(&self, acting: &Acting<'_>, says_custom_rules: bool) -> Vec<Diagnostic> {
        let mut said = Vec::new();
        if let Ok(rules) = &self.custom_rules {
            said.extend(skipped(rules, acting));
            said.extend(says_custom_rules.then(|| proof(rules)));
        }
        said.extend(self.access_rules.as_ref().ok().and_then(|rules| excepted(rules, acting)));
        said.extend(
            self.environments.as_ref().ok().and_then(Option::as_ref).and_then(|found| versions(found)),
        );
        let pays = self.pays.as_ref().ok().copied().flatten() == Some(true);
        if pays && acting.is("ai_bots_protection", "block") {
            said.push(
                no_effect(
                    "pay per crawl has no effect on crawlers that `ai_bots_protection: block` already refuses",
                )
                .hint("set `ai_bots_protection: disabled`, or switch pay per crawl off"),
            );
        }
        if self.security_level.as_ref().is_ok_and(|level| level == "under_attack") {
            said.push(no_effect(
                "the security level `under_attack` challenges everybody, whatever the bot settings say",
            ));
        }
        said.extend(self.reads().into_iter().filter_map(|(what, error)| unread(what, error?)));
        said
    }
}

/// The values that act on a zone: the planned ones, else the live ones.
struct Acting<'a> {
    zone: &'a ZonePlan,
    live: &'a Live,
}

impl Acting<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        let planned = self.zone.rows().iter().find(|row| row.name() == name && row.change().is_some());
        let live = || match self.live.effective(catalogue::find(name)?)?.as_ref() {
            LiveValue::Known(value) => Some(*value),
            LiveValue::Other(_) => None,
        };
        planned.and_then(Row::value).or_else(live)
    }

    fn is(&self, name: &str, word: &'static str) -> bool {
        self.value(name) == Some(Value::Word(word))
    }

    /// Whether a setting is on.
    fn acts(&self, name: &str) -> bool {
        let neutral = catalogue::find(name).and_then(|setting| setting.neutral);
        self.value(name).is_some_and(|value| Some(value) != neutral)
    }
}

fn no_effect(text: impl Into<Message>) -> Diagnostic {
    Diagnostic::warning(text).kind(DiagnosticKind::NoEffect)
}

/// The custom rules that exempt requests from Super Bot Fight Mode, if it is on.
fn skipped(rules: &[CustomRule], acting: &Acting<'_>) -> Option<Diagnostic> {
    // A `skip` of the phase `http_request_sbfm` voids these; Bot Fight Mode runs outside the rules and cannot be
    // skipped.
    const GROUPS: [&str; 4] = [
        "sbfm_definitely_automated",
        "sbfm_likely_automated",
        "sbfm_static_resource_protection",
        "sbfm_verified_bots",
    ];
    let groups: Vec<_> =
        GROUPS.iter().filter(|name| acting.acts(name)).map(|name| format!("`{name}`")).collect();
    let skipping = rules.iter().filter(|rule| rule.is_enabled && rule.skips_super_bot_fight_mode);
    let names: Vec<_> = skipping.map(|rule| named("custom rule", &rule.name, &rule.id)).collect();
    (!names.is_empty() && !groups.is_empty()).then(|| {
        let has = if groups.len() == 1 { "has" } else { "have" };
        let (groups, names) = (groups.join(", "), some_of(names.iter(), MOST_NAMED));
        no_effect(format!(
            "{groups} {has} no effect on requests that match {names}: it skips Super Bot Fight Mode"
        ))
    })
}

/// Whether custom rules stop requests by their bot score, as `custom_rules_in_place` says.
fn proof(rules: &[CustomRule]) -> Diagnostic {
    let names: Vec<_> = rules
        .iter()
        .filter(|rule| rule.stops_by_score())
        .map(|rule| named("custom rule", &rule.name, &rule.id))
        .collect();
    match names.is_empty() {
        false => Diagnostic::note(format!(
            "`custom_rules_in_place` is true: {} acts on the bot score",
            some_of(names.iter(), MOST_NAMED)
        ))
        .kind(DiagnosticKind::Stale),
        true => Diagnostic::warning(
            "the file says `custom_rules_in_place: true`, but no custom rule of the zone blocks or challenges by the bot score",
        )
        .kind(DiagnosticKind::Stale)
        .hint("add such a rule before the clean-up switches the Super Bot Fight Mode rules off"),
    }
}

/// The IP access rules that exempt requests from Bot Fight Mode, if it is on.
fn excepted(rules: &[AccessRule], acting: &Acting<'_>) -> Option<Diagnostic> {
    let allowing: Vec<_> = rules.iter().filter(|rule| rule.mode == "whitelist").collect();
    (!allowing.is_empty() && acting.acts("fight_mode")).then(|| {
        let name = |rule: &&AccessRule| {
            let target = match rule.target.as_str() {
                "ip" | "ip6" | "ip_range" => "IP access rule for an address",
                "asn" => "IP access rule for a network",
                "country" => "IP access rule for a country",
                _ => "IP access rule",
            };
            named(target, &rule.notes, &rule.id)
        };
        let names = some_of(allowing.iter().map(name), MOST_NAMED);
        no_effect(format!("`fight_mode` has no effect on requests that match {names}: it allows them"))
    })
}

fn versions(environments: &[Environment]) -> Option<Diagnostic> {
    let locked: Vec<_> = environments.iter().filter(|environment| environment.is_locked).collect();
    (!locked.is_empty()).then(|| {
        let names =
            some_of(locked.iter().map(|environment| format!("`{}`", foreign(&environment.name))), MOST_NAMED);
        no_effect(format!(
            "the zone is under Version Management, and {names} is locked: what is written may not take effect there"
        ))
        .hint("deploy the version that was written: in the dashboard, under Version Management")
    })
}

/// The note about something that could not be read: the settings can be judged without it.
fn unread(what: &str, error: &ApiError) -> Option<Diagnostic> {
    if error.is_stopped() {
        return None;
    }
    let permission = error.exchange().and_then(|exchange| exchange.permission);
    let needs = permission.filter(|_| error.is_auth_failure() || error.is_refusal());
    Some(match needs {
        Some(permission) => {
            Diagnostic::note(format!("the {what} could not be read, so it is not known what they void"))
                .kind(DiagnosticKind::Permission)
                .hint(format!("give the token the permission `{permission}`"))
        }
        None => Diagnostic::note(
            Message::from(format!("the {what} could not be read: ")).then(error.diagnostic().message),
        )
        .kind(DiagnosticKind::Connection),
    })
}

/// A rule by its name and its id.
fn named(what: &str, name: &str, id: &str) -> String {
    match name.is_empty() {
        true => format!("{what} {}", foreign(id)),
        false => format!("{what} «{}» ({})", foreign(name), foreign(id)),
    }
}

fn foreign(text: &str) -> String {
    clean(&short(text)).into_owned()
}

/// Adds to each zone of a plan that was read what voids its settings. It changes nothing that is approved or written.
pub(crate) async fn check_effect(
    clients: &Clients,
    plan: &mut Plan,
    concurrency: usize,
    says_custom_rules: &dyn Fn(&ZonePlan) -> bool,
    stop: &Stop,
) {
    let zones = plan.zones().iter().enumerate();
    let work = zones.filter_map(|(index, zone)| Some((index, zone, zone.zone_id.as_ref()?, zone.live()?)));
    let work: Vec<_> = work.collect();
    let lane = |(_, _, id, _): &(usize, &ZonePlan, &ZoneId, &Live)| clients.lane(id);
    let found = in_lanes(work, concurrency, lane, async |(index, zone, id, live)| {
        if stop.is_requested() {
            return (
                index,
                vec![Diagnostic::note("interrupted before it was checked what voids the settings")],
            );
        }
        let around = Around::read(clients.of_zone(id), ZoneRef::new(id, zone.zone.as_str())).await;
        (index, around.messages(&Acting { zone, live }, says_custom_rules(zone)))
    });
    let mut found = found.await.into_iter().peekable();
    let mut index = 0;
    plan.note(|_| {
        // Both are in the order of the plan, so no look-up is needed.
        let own = found.next_if(|(of, _)| *of == index).map(|(_, said)| said);
        index += 1;
        own.unwrap_or_default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;
    use crate::diff::Context;
    use crate::model::Desired;
    use serde_json::{Value as Json, json};

    fn zone(live: &Json) -> ZonePlan {
        let want = Desired::new("a.example".parse().unwrap(), Variant::BotFightMode);
        let id = "1".repeat(32).try_into().unwrap();
        let live = Live::read(live.as_object().unwrap().clone());
        ZonePlan::build(&want, id, live, &Context::of_day(jiff::civil::Date::default()))
    }

    /// What is said of a zone with that live state and these access rules, and with pay per crawl on.
    fn said(live: &Json, access_rules: Vec<AccessRule>) -> Vec<String> {
        let zone = zone(live);
        let around = Around {
            custom_rules: Ok(Vec::new()),
            access_rules: Ok(access_rules),
            environments: Ok(None),
            pays: Ok(Some(true)),
            security_level: Ok("medium".to_owned()),
        };
        let acting = Acting { zone: &zone, live: zone.live().unwrap() };
        around.messages(&acting, false).into_iter().map(|said| said.message.to_string()).collect()
    }

    #[test]
    fn pay_per_crawl_is_void_only_where_ai_bots_are_blocked_before() {
        let pays = "pay per crawl has no effect on crawlers that `ai_bots_protection: block` already refuses";
        assert_eq!(said(&json!({"ai_bots_protection": "block"}), Vec::new()), [pays]);
        assert_eq!(said(&json!({"ai_bots_protection": "only_on_ad_pages"}), Vec::new()), [""; 0]);
        assert_eq!(said(&json!({}), Vec::new()), [""; 0]);
    }

    #[test]
    fn an_access_rule_is_named_by_what_it_is_about() {
        let live = json!({"fight_mode": true, "enable_js": true});
        let rule = |mode: &str, target: &str| AccessRule {
            id: "r1".to_owned(),
            mode: mode.to_owned(),
            target: target.to_owned(),
            notes: String::new(),
        };
        for (target, name) in [
            ("ip", "IP access rule for an address r1"),
            ("ip6", "IP access rule for an address r1"),
            ("ip_range", "IP access rule for an address r1"),
            ("asn", "IP access rule for a network r1"),
            ("country", "IP access rule for a country r1"),
            ("planet", "IP access rule r1"),
        ] {
            let void = format!("`fight_mode` has no effect on requests that match {name}: it allows them");
            assert_eq!(said(&live, vec![rule("whitelist", target), rule("block", target)]), [void]);
        }
        assert_eq!(said(&live, vec![rule("block", "ip")]), [""; 0]);
        assert_eq!(said(&json!({"fight_mode": false}), vec![rule("whitelist", "ip")]), [""; 0]);
    }
}
