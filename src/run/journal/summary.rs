//! Summarizes a journal: what its last run wrote, by whom, and what is in flight.

use super::record::{InFlight, Open};
use super::{JournalError, Record, Records};
use crate::diff::SentSetting;
use crate::model::{Shard, Undone, Writer};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The summary of a journal.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub(crate) struct JournalSummary {
    /// When its first run began, RFC 3339.
    pub begun: String,
    /// The address of the API of its last run.
    pub api: String,
    /// How many zones were written.
    pub zones: usize,
    /// The last run that sent anything: the one that an undo reverts.
    pub last: LastWrites,
    /// The PUTs that have no outcome.
    pub in_flight: Vec<InFlight>,
    /// What its last run claimed in the record, and the zones that it sent a PUT to.
    pub claim: Option<Claimed>,
}

/// What a run that claimed zones in the record sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub(crate) struct Claimed {
    /// The number of the record.
    pub number: u64,
    /// The part of the claimed zones that the run writes; `None` if it writes all.
    pub shard: Option<Shard>,
    /// The ids of the zones that it sent a PUT to.
    pub sent: BTreeSet<String>,
}

/// What a run wrote.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub(crate) struct LastWrites {
    /// When it began, RFC 3339.
    pub begun: String,
    /// Who wrote it.
    pub writer: Option<Writer>,
    /// Its zones, by their names.
    pub zones: Vec<ZoneWrites>,
}

/// What a run wrote to a zone.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub(crate) struct ZoneWrites {
    /// The zone.
    pub zone: String,
    /// What was sent, by the name of the setting.
    pub settings: Vec<SentSetting>,
    /// Its outcome, as in the plan document; `None` while it is not known.
    pub outcome: Option<String>,
}

impl JournalSummary {
    /// Reads a journal.
    ///
    /// # Errors
    /// The file cannot be read, is too large, or is no journal.
    pub(crate) fn read(path: &Path) -> Result<Self, JournalError> {
        let (mut summary, mut open) = (Self::default(), Open::default());
        let (mut zones, mut last) = (BTreeSet::new(), Last::default());
        for record in Records::open(path)? {
            let (_, record) = record?;
            open.note(&record);
            last.note(&record);
            match record {
                Record::Begin { at, api, .. } => {
                    (summary.api, summary.claim) = (api, None);
                    if summary.begun.is_empty() {
                        summary.begun = at;
                    }
                }
                Record::Claim { number, shard, .. } => {
                    summary.claim = Some(Claimed { number, shard, sent: BTreeSet::new() });
                }
                Record::Put { zone_id, .. } => {
                    summary.claim.iter_mut().for_each(|claim| claim.sent.extend([zone_id.clone()]));
                    zones.insert(zone_id);
                }
                _ => {}
            }
        }
        Ok(Self { zones: zones.len(), in_flight: open.puts(), last: last.writes(), ..summary })
    }
}

/// The last run that sent anything, collected record by record.
#[derive(Default)]
struct Last {
    /// The beginning of a run that has sent nothing yet: when, and by whom.
    begun: Option<(String, Option<Writer>)>,
    writes: LastWrites,
    /// By the id of the zone. The outcome can stand in a later run, which settled what this one left.
    zones: BTreeMap<String, ZoneWrites>,
}

impl Last {
    fn note(&mut self, record: &Record) {
        match record {
            Record::Begin { at, writer, .. } => self.begun = Some((at.clone(), writer.clone())),
            Record::Put { zone, zone_id, before, stale_before, body, file, .. } => {
                if let Some((begun, writer)) = self.begun.take() {
                    self.writes = LastWrites { begun, writer, zones: Vec::new() };
                    self.zones.clear();
                }
                self.writes.mark_undo(file);
                let zone = self.zones.entry(zone_id.clone()).or_insert_with(|| ZoneWrites {
                    zone: zone.clone(),
                    settings: Vec::new(),
                    outcome: None,
                });
                zone.outcome = None;
                let value = |name: &String| stale_before.get(name).or_else(|| before.get(name));
                zone.add(body, |name| value(name).cloned().unwrap_or_default());
            }
            Record::Outcome { zone_id, outcome, .. } => {
                if let Some(zone) = self.zones.get_mut(zone_id) {
                    zone.outcome = Some(outcome.clone());
                }
            }
            _ => {}
        }
    }

    fn writes(self) -> LastWrites {
        let mut zones: Vec<_> = self.zones.into_values().collect();
        zones.sort_by(|one, two| one.zone.cmp(&two.zone));
        LastWrites { zones, ..self.writes }
    }
}

impl LastWrites {
    /// Recognizes an undo by a version that did not record `undoes`: it names a journal where others name a zone file.
    fn mark_undo(&mut self, file: &str) {
        if file.ends_with(".jsonl") {
            let writer = self.writer.get_or_insert_default();
            writer.undoes.get_or_insert_with(|| Undone::new(file, ""));
        }
    }
}

impl ZoneWrites {
    /// Adds what a PUT sends. Only the first PUT of a run to a zone knows the values from before the run.
    fn add(&mut self, body: &Map<String, Json>, before: impl Fn(&String) -> Json) {
        for (name, sent) in body {
            match self.settings.iter_mut().find(|setting| setting.setting == *name) {
                Some(known) => *known = SentSetting::new(name, known.before.clone(), sent),
                None => self.settings.push(SentSetting::new(name, before(name), sent)),
            }
        }
        self.settings.sort_by(|one, two| one.setting.cmp(&two.setting));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Effect;
    use serde_json::json;

    fn summary(records: &[Json]) -> JournalSummary {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let lines: Vec<_> = records.iter().map(Json::to_string).collect();
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        JournalSummary::read(&path).unwrap()
    }

    fn begin(at: &str, writer: Json) -> Json {
        json!({"event": "begin", "format_version": "1.0", "tool_version": "0", "at": at, "api": "a", "writer": writer})
    }

    fn put(id: &str, file: &str, before: Json, body: Json) -> Json {
        json!({"event": "put", "at": "", "zone": format!("{id}.example"), "zone_id": id, "plan": "sbfm_pro", "file": file,
            "base": "", "before": before, "stale_before": {}, "body": body})
    }

    fn outcome(id: &str, word: &str) -> Json {
        json!({"event": "outcome", "at": "", "zone": "", "zone_id": id, "outcome": word})
    }

    #[test]
    fn the_last_run_that_sent_anything_is_listed_with_its_effects_and_outcomes() {
        let told = summary(&[
            begin("1", json!(null)),
            put("x", "x.yaml", json!({}), json!({"ai_search": "block"})),
            begin("2", json!({"host": "ci-7", "later": true})),
            put("b", "b.yaml", json!({"ai_search": "block"}), json!({"ai_search": "disabled"})),
            put("a", "a.yaml", json!({"tomorrow": 1}), json!({"tomorrow": 2})),
            // The clean-up follows in a PUT of its own.
            put(
                "b",
                "b.yaml",
                json!({"ai_search": "disabled"}),
                json!({"ai_search": "disabled", "fight_mode": false}),
            ),
            begin("3", json!(null)),
            outcome("b", "applied"),
        ]);
        assert_eq!((told.zones, told.last.begun.as_str()), (3, "2"));
        assert_eq!(told.last.writer.unwrap().host.as_deref(), Some("ci-7"));
        let zones: Vec<_> =
            told.last.zones.iter().map(|zone| (&*zone.zone, zone.outcome.as_deref())).collect();
        assert_eq!(zones, [("a.example", None), ("b.example", Some("applied"))]);
        let b = &told.last.zones[1].settings;
        assert_eq!((b.len(), &b[0].before, b[0].effect), (2, &json!("block"), Some(Effect::Loosens)));
        assert_eq!(told.last.zones[0].settings[0].effect, None);
    }

    #[test]
    fn an_undo_of_an_earlier_version_is_known_by_what_it_names() {
        let of = |file: &str| {
            let told = summary(&[begin("1", json!(null)), put("a", file, json!({}), json!({}))]);
            told.last.writer.and_then(|writer| writer.undoes).map(|undone| undone.journal)
        };
        assert_eq!((of("a.yaml"), of("j.jsonl")), (None, Some("j.jsonl".to_owned())));
    }
}
