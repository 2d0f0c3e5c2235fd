//! The lines of a journal, and the PUTs that they leave in flight.

use crate::model::{Shard, Writer, schema_of};
use schemars::JsonSchema;
use schemars::generate::Contract;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The version of the format; readers refuse another major number.
pub(super) const FORMAT_VERSION: &str = "1.0";

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Record {
    /// A run begins.
    Begin {
        /// The version of this format.
        format_version: String,
        /// The version of botform that wrote it.
        tool_version: String,
        /// When, RFC 3339.
        at: String,
        /// The address of the API.
        api: String,
        /// Who writes it, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        writer: Option<Writer>,
    },
    /// The run writes what it claimed in the record.
    Claim {
        /// When, RFC 3339.
        at: String,
        /// The number of the record.
        number: u64,
        /// The part of the claimed zones that the run writes; absent if it writes all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shard: Option<Shard>,
    },
    /// A PUT is about to be sent.
    Put {
        /// When, RFC 3339.
        at: String,
        /// The zone.
        zone: String,
        /// Its id.
        zone_id: String,
        /// Its account, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account_id: Option<String>,
        /// The plan variant of its file.
        plan: String,
        /// Its file.
        file: String,
        /// The digest of the live object before the PUT.
        base: String,
        /// The earlier value of each declared setting that is sent; null if GET did not report it.
        before: BTreeMap<String, Json>,
        /// The earlier value of each stale setting that is cleaned.
        stale_before: BTreeMap<String, Json>,
        /// The exact body.
        body: Map<String, Json>,
    },
    /// A PUT was settled.
    Outcome {
        /// When, RFC 3339.
        at: String,
        /// The zone.
        zone: String,
        /// Its id.
        zone_id: String,
        /// Its outcome, as in the plan document.
        outcome: String,
        /// The `CF-Ray` of each reply to its PUT, by which the account's audit log identifies the request.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cf_rays: Vec<String>,
    },
    /// The run ended by itself and left nothing in flight.
    End {
        /// When, RFC 3339.
        at: String,
    },
}

/// A PUT without an outcome: the run was killed, or no GET could show the result.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct InFlight {
    /// The zone.
    pub zone: String,
    /// Its id.
    pub zone_id: String,
    /// The address of the API it was sent to.
    pub api: String,
    /// What was sent.
    pub body: Map<String, Json>,
    /// The stale settings that were to be cleaned.
    pub cleaned: Vec<String>,
    /// When.
    pub at: String,
}

/// The JSON Schema of one line.
#[must_use]
pub(crate) fn journal_schema() -> Json {
    let mut schema = schema_of::<Record>(Contract::Deserialize);
    schema.insert("title".to_owned(), "botform journal record".into());
    schema.to_value()
}

/// The PUTs that have no outcome, in the order they were recorded.
#[must_use]
pub fn in_flight(records: &[Record]) -> Vec<InFlight> {
    let mut open = Open::default();
    records.iter().for_each(|record| open.note(record));
    open.puts()
}

/// The PUTs of a journal that have no outcome, collected record by record.
#[derive(Debug, Default)]
pub(super) struct Open {
    address: String,
    /// By the id of the zone, with the number of the record.
    puts: BTreeMap<String, (usize, InFlight)>,
    count: usize,
}

impl Open {
    pub(super) fn note(&mut self, record: &Record) {
        self.count += 1;
        // Names each event: whether it leaves something in flight. All other readers pass by what they do not ask for.
        match record {
            Record::Put { at, zone, zone_id, body, stale_before, .. } => {
                let put = InFlight {
                    zone: zone.clone(),
                    zone_id: zone_id.clone(),
                    api: self.address.clone(),
                    body: body.clone(),
                    cleaned: stale_before.keys().cloned().collect(),
                    at: at.clone(),
                };
                self.puts.insert(zone_id.clone(), (self.count, put));
            }
            Record::Outcome { zone_id, .. } => drop(self.puts.remove(zone_id)),
            Record::Begin { api, .. } => self.address.clone_from(api),
            Record::Claim { .. } | Record::End { .. } => {}
        }
    }

    pub(super) fn len(&self) -> usize {
        self.puts.len()
    }

    /// In the order they were recorded.
    pub(super) fn puts(self) -> Vec<InFlight> {
        let mut puts: Vec<_> = self.puts.into_values().collect();
        puts.sort_by_key(|(number, _)| *number);
        puts.into_iter().map(|(_, put)| put).collect()
    }
}
