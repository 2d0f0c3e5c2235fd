//! A world file: its keys, and the world that it describes.

use super::access::{Accounts, Token};
use super::audit::Audit;
use super::edge::{ANALYTICS, Analytics};
use super::fault::{Fault, Faults};
use super::key::{Key, Kind};
use super::limit::Limit;
use super::on::On;
use super::reader::{At, Reader, WorldError};
use super::submissions::Submissions;
use super::zone::Zone;
use super::{World, access, audit, limit, submissions, zone};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;

const LATENCY: Key =
    Key::new("latency_ms", Kind::Number(0, 600_000), "How long every reply is delayed, in milliseconds.");

/// The keys of a world file.
pub(super) const KEYS: [Key; 9] = [
    Key::new(
        "limit",
        Kind::Mapping(&limit::KEYS),
        "The request limit. Without it nothing is throttled, and no reply announces a quota.",
    ),
    LATENCY,
    Key::new(
        "tokens",
        Kind::List(&access::TOKEN),
        "The accepted tokens; without this list, any well-formed token has all permissions.",
    ),
    Key::new("accounts", Kind::List(&access::ACCOUNT), "The accounts. If given, zones may only name these."),
    Key::new("zones", Kind::List(&zone::KEYS), "The zones."),
    Key::new(
        "faults",
        Kind::Faults(&On::OF_WORLD),
        "Faults on the lists of zones, of submissions and of the audit log, and on the analytics.",
    ),
    Key::new(
        "submissions",
        Kind::EitherOf(&submissions::KEYS, ["rows", "generate"]),
        "The email-security submissions of an account: `rows` or `generate`.",
    ),
    Key::new("analytics", Kind::Mapping(&ANALYTICS), "How the analytics of all zones work."),
    Key::new("audit", Kind::Mapping(&audit::KEYS), "The audit log. Each PUT adds an entry to it."),
];

impl World {
    /// Reads a world file.
    ///
    /// # Errors
    /// All errors in it, each with its dotted path.
    pub fn read(value: &Json) -> Result<Self, Vec<WorldError>> {
        let (mut reader, mut world, at) = (Reader::default(), Self::default(), At::root(value));
        if reader.keys(&at, &KEYS) {
            world.fill(&mut reader, &at);
        }
        if reader.errors.is_empty() { Ok(world) } else { Err(reader.errors) }
    }

    fn fill(&mut self, reader: &mut Reader, at: &At<'_>) {
        if let Some(limit) = at.member("limit") {
            self.limit = Limit::read(reader, &limit);
        }
        let milliseconds = reader.number(at, &LATENCY).unwrap_or(0);
        self.latency = Duration::from_millis(milliseconds.into());
        self.accounts = Accounts::read(reader, at);
        for zone in reader.items(at, "zones") {
            self.read_zone(reader, &zone);
        }
        if at.member("tokens").is_some() {
            let tokens = reader.items(at, "tokens");
            let read = tokens.iter().filter_map(|token| Token::read(reader, token));
            self.tokens = Some(read.map(Arc::new).collect());
        }
        let faults = Fault::read_all(reader, at, &On::OF_WORLD);
        faults.iter().for_each(|fault| self.check_added(reader, fault));
        self.faults = Faults::new(faults);
        if let Some(submissions) = at.member("submissions") {
            self.submissions = Submissions::read(reader, &submissions, &mut self.accounts);
        }
        if let Some(analytics) = at.member("analytics") {
            self.analytics = Analytics::read(reader, &analytics);
        }
        if let Some(audit) = at.member("audit") {
            self.audit = Audit::read(reader, &audit, self);
        }
    }

    fn read_zone(&mut self, reader: &mut Reader, at: &At<'_>) {
        let Some(zone) = Zone::read(reader, at, &mut self.accounts) else { return };
        match self.twin(&zone) {
            Some(twin) => reader.fail(&at.path, twin),
            None => self.insert(self.zones.len(), zone),
        }
    }

    /// Checks that a zone added by a fault is valid.
    pub(super) fn check_added(&self, reader: &mut Reader, fault: &Fault) {
        if let Some(value) = fault.added_zone() {
            let at = At { path: "faults.zone".to_owned(), value };
            Zone::read(reader, &at, &mut self.accounts.clone());
        }
    }
}

/// Reads a world file from YAML, JSON or any other serde format; the error names the first problem.
///
/// ```
/// use botform::config::{Options, parse_document};
/// use botform::emulator::World;
///
/// let text = "zones: [{name: shop.example.com, plan: pro}]";
/// let document = parse_document("world.yaml", text.as_bytes(), Options::default())?;
/// let world: World = serde_json::from_value(document.root().clone())?;
/// assert_eq!(world.zone_names().count(), 1);
///
/// let wrong = serde_json::from_str::<World>(r#"{"zones": [{"name": "shop.example.com", "plan": "por"}]}"#);
/// assert!(wrong.unwrap_err().to_string().starts_with("zones[0].plan: unknown word `por`, did you mean `pro`?"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl<'de> Deserialize<'de> for World {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Json::deserialize(deserializer)?;
        Self::read(&value).map_err(|errors| match errors.as_slice() {
            [] => D::Error::custom("the world cannot be read"),
            [error] => D::Error::custom(error),
            [error, others @ ..] => D::Error::custom(format!("{error} (and {} more)", others.len())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn errors(value: Json) -> String {
        let errors = World::read(&value).unwrap_err();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn an_empty_mapping_is_a_world_and_a_list_is_not() {
        assert!(World::read(&json!({})).is_ok());
        insta::assert_snapshot!(errors(json!([])), @"must be a mapping, not a list");
    }

    #[test]
    fn every_error_of_a_file_is_reported_with_its_path() {
        let text = errors(json!({
            "zone": [],
            "limit": {"requests": 0},
            "tokens": [{"permissions": ["zone_reed"]}, {"token": 7}],
            "accounts": [{"id": "x"}],
            "zones": [
                {"plan": "sbfm_pro"},
                {"name": "a.example", "plan": "sbfm_prob", "live": []},
                {"name": "A b", "plan": "free"},
            ],
            "submissions": {"generate": {}, "rows": []},
        }));
        insta::assert_snapshot!(text, @"
        unknown key `zone`, did you mean `zones`? (one of `limit`, `latency_ms`, `tokens`, `accounts`, `zones`, `faults`, `submissions`, `analytics`, `audit`)
        limit.requests: must be a whole number from 1 to 1000000
        accounts[0].id: `x` is not an id: 32 lower-case hexadecimal digits
        zones[0]: `name` is missing
        zones[1].plan: unknown word `sbfm_prob`, did you mean `sbfm_pro`? (one of `bot_fight_mode`, `sbfm_pro`, `sbfm_business`, `bm_enterprise`, `free`, `pro`, `business`, `enterprise`)
        zones[1].live: must be a mapping, not a list
        zones[2].name: `A b` is not a zone name such as `shop.example.com`
        tokens[0]: `token` is missing
        tokens[0].permissions: unknown word `zone_reed`, did you mean `zone_read`? (one of `bot_management_read`, `bot_management_write`, `feedback_read`, `feedback_write`, `zone_read`, `email_security_read`, `analytics_read`, `waf_read`, `firewall_read`, `versioning_read`, `pay_per_crawl_read`, `settings_read`, `account_settings_read`)
        tokens[1].token: must be a string, not a number
        submissions: must not have both `rows` and `generate`
        ");
    }

    #[test]
    fn two_zones_of_one_name_need_two_accounts() {
        let zone = |account: &str| json!({"name": "a.example", "plan": "free", "account": account});
        assert!(World::read(&json!({"zones": [zone("one"), zone("two")]})).is_ok());
        let text = errors(json!({"zones": [zone("one"), zone("one")]}));
        insta::assert_snapshot!(text, @"zones[1]: the account has another zone `a.example`");
    }

    #[test]
    fn a_token_is_never_printed() {
        let world = World::read(&json!({"tokens": [{"token": "s3cret"}]})).unwrap();
        assert!(!format!("{world:?}").contains("s3cret"));
    }

    #[test]
    fn a_listed_account_is_found_by_name_and_an_unlisted_one_is_an_error() {
        let account = json!([{"id": "a".repeat(32), "name": "Shops"}]);
        let zone = |account: &str| json!([{"name": "a.example", "plan": "free", "account": account}]);
        let world = World::read(&json!({"accounts": account, "zones": zone("Shops")})).unwrap();
        assert_eq!(world.zones[0].account, "a".repeat(32));
        let text = errors(json!({"accounts": account, "zones": zone("Shop")}));
        insta::assert_snapshot!(text, @"zones[0].account: no account `Shop`, did you mean `Shops`? (one of `Shops`, `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`)");
    }
}
