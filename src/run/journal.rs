//! The journal of an apply: one line before each PUT and one after its read-back, flushed to disk each time.
//! It makes a killed run explainable and its way back known.

use crate::api::Body;
use crate::diff::ChangeReason;
use crate::model::Outcome;
use crate::plan::ZonePlan;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The version of the format; readers refuse another major number.
const FORMAT_VERSION: &str = "1.0";

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
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
    },
    /// A PUT is about to be sent.
    Put {
        /// When, RFC 3339.
        at: String,
        /// The zone.
        zone: String,
        /// Its id.
        zone_id: String,
        /// The plan variant of its file.
        plan: String,
        /// Its file.
        file: String,
        /// The digest of the live object before the PUT.
        base: String,
        /// The value before of each declared setting that is sent; null if GET did not report it.
        before: BTreeMap<String, Json>,
        /// The value before of each stale setting that is cleaned.
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
        /// What became of it, as in the plan document.
        outcome: String,
    },
    /// The run ended by itself.
    End {
        /// When, RFC 3339.
        at: String,
    },
}

/// A PUT without an outcome: the run was killed.
#[derive(Clone, Debug, PartialEq)]
pub struct InFlight {
    /// The zone.
    pub zone: String,
    /// Its id.
    pub zone_id: String,
    /// What was sent.
    pub body: Map<String, Json>,
    /// When.
    pub at: String,
}

/// A journal that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be written.
    #[error("cannot write the journal {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file cannot be read.
    #[error("cannot read the journal {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A line is no record of a journal.
    #[error("line {line} of the journal {} is no journal record", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Another run writes it.
    #[error("the journal {} belongs to a run that is under way", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// It does not begin as a journal does.
    #[error("{} is no journal that this version of botform reads", path.display())]
    Version {
        /// The file.
        path: PathBuf,
    },
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
    now: fn() -> String,
}

impl Journal {
    /// Opens a journal and writes its first line; earlier runs in the same file are kept. The file is locked, so
    /// that no other run takes it for the journal of a killed one.
    ///
    /// # Errors
    /// The file cannot be made, locked or written: then nothing may be sent.
    pub fn open(path: &Path, api: &str, now: fn() -> String) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Write { path: path.to_owned(), source };
        let file = private().append(true).create(true).open(path).map_err(failed)?;
        file.try_lock().map_err(|_| JournalError::Busy { path: path.to_owned() })?;
        let journal = Self { path: path.to_owned(), file: Mutex::new(file), now };
        journal.end_torn_line().map_err(failed)?;
        journal.write(&Record::Begin {
            format_version: FORMAT_VERSION.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            at: now(),
            api: api.to_owned(),
        })?;
        Ok(journal)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tells a PUT that is about to be sent.
    pub(super) fn put(&self, zone: &ZonePlan, body: &Body) -> Result<(), JournalError> {
        let values = |reason| {
            zone.changes()
                .iter()
                .filter(|change| change.reason() == reason)
                .map(|change| {
                    (change.setting().name.to_owned(), change.before().cloned().unwrap_or_default())
                })
                .collect()
        };
        self.write(&Record::Put {
            at: (self.now)(),
            zone: zone.zone.to_string(),
            zone_id: zone.zone_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            plan: zone.plan.to_string(),
            file: zone.file.clone(),
            base: zone.base().map(|base| base.to_string()).unwrap_or_default(),
            before: values(ChangeReason::Declared),
            stale_before: values(ChangeReason::Stale),
            body: body.clone(),
        })
    }

    /// Tells what became of a PUT.
    pub(super) fn outcome(&self, zone: &ZonePlan, outcome: Outcome) -> Result<(), JournalError> {
        let zone_id = zone.zone_id.as_ref().map(ToString::to_string).unwrap_or_default();
        self.settled(zone.zone.as_str(), &zone_id, outcome.word())
    }

    /// Tells what became of a PUT of a run that was killed.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn settled(&self, zone: &str, zone_id: &str, outcome: &str) -> Result<(), JournalError> {
        self.write(&Record::Outcome {
            at: (self.now)(),
            zone: zone.to_owned(),
            zone_id: zone_id.to_owned(),
            outcome: outcome.to_owned(),
        })
    }

    /// Tells that the run ended by itself.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end(&self) -> Result<(), JournalError> {
        self.write(&Record::End { at: (self.now)() })
    }

    fn write(&self, record: &Record) -> Result<(), JournalError> {
        let failed = |source| JournalError::Write { path: self.path.clone(), source };
        let mut line = serde_json::to_vec(record).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&line).and_then(|()| file.sync_data()).map_err(failed)
    }

    /// A killed run may have left half a line: the next record begins on a line of its own.
    fn end_torn_line(&self) -> io::Result<()> {
        let text = std::fs::read(&self.path)?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if text.last().is_some_and(|byte| *byte != b'\n') { file.write_all(b"\n") } else { Ok(()) }
    }
}

/// New files are for their owner alone: a journal tells how sites are protected.
#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

/// Reads a journal. A last or torn line without an end is what a killed run leaves, and is passed over.
///
/// # Errors
/// The file cannot be read, or is no journal.
pub fn read_journal(path: &Path) -> Result<Vec<Record>, JournalError> {
    let failed = |source| JournalError::Read { path: path.to_owned(), source };
    let text = String::from_utf8_lossy(&std::fs::read(path).map_err(failed)?).into_owned();
    let mut records = Vec::new();
    let lines: Vec<_> = text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()).collect();
    for (index, (number, line)) in lines.iter().enumerate() {
        // A torn line is followed by the beginning of the next run, or by nothing.
        let torn = lines.get(index + 1).is_none_or(|(_, next)| next.contains("\"event\":\"begin\""));
        match serde_json::from_str(line) {
            Ok(record) => records.push(record),
            Err(_) if torn && index > 0 => {}
            Err(source) => {
                return Err(JournalError::Line { path: path.to_owned(), line: number + 1, source });
            }
        }
    }
    let known = |record: &Record| match record {
        Record::Begin { format_version, .. } => format_version.starts_with("1."),
        _ => true,
    };
    let begins = matches!(records.first(), Some(Record::Begin { .. }));
    if begins && records.iter().all(known) {
        Ok(records)
    } else {
        Err(JournalError::Version { path: path.to_owned() })
    }
}

/// The JSON Schema of one line.
#[must_use]
pub fn journal_schema() -> Json {
    let settings = schemars::generate::SchemaSettings::draft07();
    let mut schema = settings.into_generator().into_root_schema_for::<Record>();
    schema.insert("title".to_owned(), "botform journal record".into());
    schema.to_value()
}

/// The PUTs that have no outcome, in the order they were told.
#[must_use]
pub fn in_flight(records: &[Record]) -> Vec<InFlight> {
    let mut open: Vec<InFlight> = Vec::new();
    for record in records {
        match record {
            Record::Put { at, zone, zone_id, body, .. } => {
                open.retain(|put| put.zone_id != *zone_id);
                open.push(InFlight {
                    zone: zone.clone(),
                    zone_id: zone_id.clone(),
                    body: body.clone(),
                    at: at.clone(),
                });
            }
            Record::Outcome { zone_id, .. } => open.retain(|put| put.zone_id != *zone_id),
            Record::Begin { .. } | Record::End { .. } => {}
        }
    }
    open
}
