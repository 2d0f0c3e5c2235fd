//! The rows that the analytics hold of a zone's traffic: events of rules, and requests. Sampling keeps one of so many
//! requests, chosen by a number that each request has for good, so that the same world always keeps the same ones.

use super::acted::Acted;
use super::judge::acts;
use super::traffic::Class;
use crate::emulator::world::zone::Zone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// How the analytics sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sampling {
    /// One of so many requests is kept.
    pub(super) interval: u32,
    pub(super) seed: u64,
}

/// A row, by the names of its fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row(BTreeMap<&'static str, Json>);

impl Row {
    pub(super) fn get(&self, field: &str) -> Option<&Json> {
        self.0.get(field)
    }

    /// How many requests it stands for.
    pub(super) fn weight(&self) -> u64 {
        self.get("sampleInterval").and_then(Json::as_u64).unwrap_or(1)
    }
}

/// Which table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Events,
    Requests,
}

/// The rows of a zone in a table.
pub(super) fn rows(zone: &Zone, table: Table, sampling: Sampling, now: Timestamp) -> Vec<Row> {
    let mut rows = Vec::new();
    for (number, class) in zone.edge.traffic.iter().enumerate() {
        let acted = acts(zone, class);
        let own =
            Own { zone, class, seed: mixed(sampling.seed ^ hash(&zone.id) ^ number as u64), sampling, now };
        match table {
            Table::Events => acted.iter().for_each(|acted| own.events(acted, &mut rows)),
            Table::Requests => own.requests(acted.as_ref(), &mut rows),
        }
    }
    rows
}

/// A class of a zone, and how it is sampled.
struct Own<'a> {
    zone: &'a Zone,
    class: &'a Class,
    seed: u64,
    sampling: Sampling,
    now: Timestamp,
}

impl Own<'_> {
    fn events(&self, acted: &Acted, rows: &mut Vec<Row>) {
        for request in 0..self.class.requests {
            if self.is_kept(request, 0) {
                rows.push(self.event(request, acted, &acted.action));
            }
            let is_solved = request < self.class.solved && acted.action.ends_with("challenge");
            if is_solved && self.is_kept(request, 1) {
                let action = match acted.action.as_str() {
                    "managed_challenge" => "managed_challenge_non_interactive_solved".to_owned(),
                    other => format!("{other}_solved"),
                };
                rows.push(self.event(request, acted, &action));
            }
        }
    }

    fn requests(&self, acted: Option<&Acted>, rows: &mut Vec<Row>) {
        let action = acted.filter(|acted| acted.stops()).map_or("unknown", |acted| acted.action.as_str());
        for request in (0..self.class.requests).filter(|request| self.is_kept(*request, 2)) {
            let mut row = self.common(request);
            row.insert("botManagementDecision", json!(self.class.sender.decision()));
            row.insert("verifiedBotCategory", json!(self.class.category));
            row.insert("securityAction", json!(action));
            row.insert("requestSource", json!("eyeball"));
            rows.push(Row(row));
        }
    }

    fn event(&self, request: u32, acted: &Acted, action: &str) -> Row {
        let Acted { source, rule, ruleset, description, .. } = acted;
        let mut row = self.common(request);
        let ray = self.class.ray.clone().filter(|_| request == 0);
        let ray =
            ray.unwrap_or_else(|| format!("{:016x}", mixed(self.seed ^ (u64::from(request) << 8)) | 1 << 63));
        let status = if action == "block" || action.ends_with("challenge") { 403 } else { 200 };
        for (field, value) in [
            ("action", json!(action)),
            ("source", json!(source)),
            ("ruleId", json!(rule)),
            ("rulesetId", json!(ruleset)),
            ("description", json!(description)),
            ("ref", json!(rule)),
            ("rayName", json!(ray)),
            ("edgeResponseStatus", json!(status)),
        ] {
            row.insert(field, value);
        }
        Row(row)
    }

    fn common(&self, request: u32) -> BTreeMap<&'static str, Json> {
        let Class { path, user_agent, country, asn, address, .. } = self.class;
        let age = i64::try_from(self.class.age(request)).unwrap_or(i64::MAX);
        let at = self.now.saturating_sub(SignedDuration::from_secs(age)).unwrap_or(self.now);
        let at = at.round(jiff::Unit::Second).unwrap_or(at);
        BTreeMap::from([
            ("datetime", json!(at.to_string())),
            ("userAgent", json!(user_agent)),
            ("clientRequestPath", json!(path)),
            ("clientRequestHTTPHost", json!(self.zone.name)),
            ("clientCountryName", json!(country)),
            ("clientAsn", json!(asn.to_string())),
            ("clientIP", json!(address)),
            ("sampleInterval", json!(if self.is_named(request) { 1 } else { self.sampling.interval })),
        ])
    }

    /// Whether a request has a Ray id in the world file: it is there to be found, whatever the sampling.
    fn is_named(&self, request: u32) -> bool {
        request == 0 && self.class.ray.is_some()
    }

    fn is_kept(&self, request: u32, kind: u64) -> bool {
        let number = mixed(self.seed ^ (u64::from(request) << 2) ^ kind);
        self.is_named(request) || number.is_multiple_of(u64::from(self.sampling.interval.max(1)))
    }
}

/// The number of a text (FNV-1a).
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A number of which each bit depends on all bits of another (SplitMix64).
fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
