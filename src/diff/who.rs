//! Who gave a setting its value, judged by the audit logs. An entry can be late or missing: then there is a reason
//! instead of a name, and never a guess.

use crate::catalogue;
use crate::model::{AccountId, AuditEntry, Proof, Silence, Who, WhoEntry, ZoneId, bare_ray};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How long an entry may take to appear; Cloudflare does not document it.
const LATE: SignedDuration = SignedDuration::from_mins(15);

/// A value that somebody changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    /// The account of its zone, if known.
    pub account_id: Option<AccountId>,
    /// Its zone.
    pub zone_id: ZoneId,
    /// The setting.
    pub name: String,
    /// Whether it is a member of `stale_zone_configuration`.
    pub stale: bool,
    /// The live value; `None` if GET does not report it.
    pub live: Option<Json>,
}

/// The audit logs of some accounts.
#[derive(Clone, Debug)]
pub(crate) struct AuditLog {
    asked_at: Timestamp,
    /// The accounts whose log was asked for; the error says why it was not read to its end.
    accounts: BTreeMap<AccountId, Result<(), Silence>>,
    /// The entries of zones, the newest first.
    zones: BTreeMap<ZoneId, Vec<AuditEntry>>,
    /// The `CF-Ray`s of journals, without the data centre: the audit log has the bare id.
    own: BTreeSet<String>,
}

impl AuditLog {
    /// Logs of which nothing is read yet, and the `CF-Ray`s of the requests that journals know.
    pub(crate) fn new(asked_at: Timestamp, own: impl IntoIterator<Item = String>) -> Self {
        let own = own.into_iter().filter_map(|ray| bare_ray(&ray).map(str::to_owned)).collect();
        Self { asked_at, accounts: BTreeMap::new(), zones: BTreeMap::new(), own }
    }

    /// Adds entries of an account.
    pub(crate) fn add(&mut self, entries: impl IntoIterator<Item = AuditEntry>) {
        for entry in entries {
            let Some(zone_id) = &entry.zone_id else { continue };
            let entries = self.zones.entry(zone_id.clone()).or_default();
            // Usually they arrive in order, so this appends.
            let place = entries.partition_point(|other| Reverse(other.at) <= Reverse(entry.at));
            entries.insert(place, entry);
        }
    }

    /// States that the log of an account was read to its end, or why it was not.
    pub(crate) fn state(&mut self, account: AccountId, whole: Result<(), Silence>) {
        self.accounts.insert(account, whole);
    }

    /// Who changed a value that was live at `live_by` at the latest.
    pub(crate) fn who(&self, asked: &Asked, live_by: Timestamp) -> Who {
        if let Some(entry) = self.entry(asked) {
            return Who::Entry(entry);
        }
        let whole = asked.account_id.as_ref().and_then(|account| self.accounts.get(account));
        Who::Silent(match whole {
            None => Silence::NoAccount,
            Some(Err(why)) => why.clone(),
            Some(Ok(())) if self.asked_at.duration_since(live_by) < LATE => Silence::NoEntryYet,
            Some(Ok(())) => Silence::NoEntry,
        })
    }

    /// Whether each of these values has an entry, so that no older entries are needed.
    pub(crate) fn answers(&self, asked: &[Asked]) -> bool {
        asked.iter().all(|asked| self.entry(asked).is_some())
    }

    /// The newest entry that can have set the live value. If it set another value, the later change has no entry.
    fn entry(&self, asked: &Asked) -> Option<WhoEntry> {
        let entries = self.zones.get(&asked.zone_id)?.iter().filter(|entry| entry.sets_bot_settings());
        for entry in entries {
            let proof = match &entry.sent {
                // Without the request body, an entry only shows that somebody wrote bot settings of the zone.
                None => Proof::Zone,
                Some(sent) => match sent.get(&asked.name) {
                    None => continue,
                    Some(value) if is_same(&asked.name, value, asked.live.as_ref()) => Proof::Value,
                    Some(_) => return None,
                },
            };
            let is_own = entry.ray.as_ref().is_some_and(|ray| self.own.contains(ray));
            return Some(WhoEntry::of(entry, proof, is_own));
        }
        None
    }
}

/// Whether GET shows a value that was sent; it may omit a neutral one.
fn is_same(name: &str, sent: &Json, live: Option<&Json>) -> bool {
    let setting = catalogue::find(name);
    let read = |value: &Json| setting.and_then(|setting| setting.read(value));
    match live {
        Some(live) => live == sent || read(live).is_some_and(|value| read(sent) == Some(value)),
        None => {
            sent.is_null()
                || setting.is_some_and(|setting| read(sent).is_some() && read(sent) == setting.neutral)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{When, ZoneId};
    use serde_json::json;

    const ID: &str = "023e105f4ecef8ad9ca31a8372d0c353";

    fn id() -> ZoneId {
        ZoneId::try_from(ID.to_owned()).unwrap()
    }

    fn account() -> AccountId {
        AccountId::try_from(ID.to_owned()).unwrap()
    }

    fn at(time: &str) -> Timestamp {
        format!("2026-11-29T{time}:00Z").parse().unwrap()
    }

    fn put(time: &str, who: &str, body: Json) -> AuditEntry {
        let entry = json!({
            "action": {"time": at(time).to_string()}, "actor": {"email": who, "context": "dash"},
            "raw": {"uri": format!("/zones/{ID}/bot_management"), "method": "PUT", "cf_ray_id": "8f1b2c3d4e5f6a7b"},
            "resource": {"request": body},
        });
        AuditEntry::read(&entry).unwrap()
    }

    fn asked(live: Json) -> Asked {
        let live = Some(live).filter(|live| !live.is_null());
        Asked { account_id: Some(account()), zone_id: id(), name: "ai_search".to_owned(), stale: false, live }
    }

    /// What a log of these entries says at noon of a value that was live by then.
    fn said(entries: Vec<AuditEntry>, live: Json) -> String {
        let mut log = AuditLog::new(at("12:00"), []);
        log.add(entries);
        log.state(account(), Ok(()));
        log.who(&asked(live), at("12:00")).text(When::Said)
    }

    #[test]
    fn the_newest_entry_with_the_live_value_tells() {
        let entries = vec![
            put("08:00", "old@x", json!({"ai_search": "block"})),
            put("10:00", "new@x", json!({"ai_search": "block"})),
            put("11:00", "other@x", json!({"enable_js": true})),
        ];
        assert_eq!(said(entries, json!("block")), "by new@x in the dashboard at 2026-11-29T10:00:00Z");
    }

    #[test]
    fn an_entry_with_another_value_shows_that_the_change_has_none() {
        let entries = vec![
            put("08:00", "old@x", json!({"ai_search": "block"})),
            put("10:00", "new@x", json!({"ai_search": "disabled"})),
        ];
        assert_eq!(said(entries, json!("block")), "by whom: no entry in the audit log yet");
    }

    #[test]
    fn an_entry_that_does_not_say_what_was_sent_makes_it_probable() {
        let entries = vec![put("10:00", "a@x", json!(null))];
        assert_eq!(said(entries, json!("block")), "probably by a@x in the dashboard at 2026-11-29T10:00:00Z");
    }

    #[test]
    fn a_neutral_value_that_is_not_reported_any_more_was_sent() {
        let entries = vec![put("10:00", "a@x", json!({"ai_search": "disabled"}))];
        assert_eq!(said(entries, json!(null)), "by a@x in the dashboard at 2026-11-29T10:00:00Z");
    }

    #[test]
    fn silence_has_its_reason() {
        let mut log = AuditLog::new(at("12:00"), []);
        let who = |log: &AuditLog, by: &str| log.who(&asked(json!("block")), at(by));
        assert_eq!(who(&log, "12:00"), Who::Silent(Silence::NoAccount));
        log.state(account(), Err(Silence::NotPermitted));
        assert_eq!(who(&log, "12:00"), Who::Silent(Silence::NotPermitted));
        log.state(account(), Ok(()));
        assert_eq!(who(&log, "11:46"), Who::Silent(Silence::NoEntryYet));
        assert_eq!(who(&log, "11:45"), Who::Silent(Silence::NoEntry));
        let other = Asked { account_id: None, ..asked(json!("block")) };
        assert_eq!(log.who(&other, at("12:00")), Who::Silent(Silence::NoAccount));
    }

    #[test]
    fn a_request_of_a_journal_is_botform_itself() {
        let mut log = AuditLog::new(at("12:00"), ["8f1b2c3d4e5f6a7b-FRA".to_owned()]);
        log.add([put("10:00", "a@x", json!({"ai_search": "block"}))]);
        assert!(log.answers(&[asked(json!("block"))]) && !log.answers(&[asked(json!("disabled"))]));
        let who = log.who(&asked(json!("block")), at("12:00")).text(When::LeftOut);
        assert_eq!(who, "by botform (a@x)");
    }
}
