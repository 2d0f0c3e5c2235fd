//! The file of a journal: one line before each PUT and one after its read-back, each on disk before the run goes on.
//! It makes a killed run explainable and makes an undo possible.

use super::Record;
use super::record::{FORMAT_VERSION, Open};
use crate::api::Body;
use crate::diff::Row;
use crate::files;
use crate::model::{LiveValue, Outcome, Shard, Writer};
use crate::plan::ZonePlan;
use serde_json::Value as Json;
use std::fs::{File, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A journal that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
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
    /// A line is not a journal record.
    #[error("line {line} of the journal {} is not a journal record", path.display())]
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
    #[error("the journal {} belongs to a run that has not ended", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The file does not begin like a journal.
    #[error("{} is not a journal that this version of botform reads", path.display())]
    Version {
        /// The file.
        path: PathBuf,
    },
}

/// The hint for a process that reached its limit of open files.
const TOO_MANY_FILES: &str = "this process has reached its limit of open files: raise it (`ulimit -n`), or use a lower `--concurrency`";

impl JournalError {
    /// What to do about it before anything is written.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Write { source, .. } | Self::Read { source, .. } if is_too_many_files(source) => {
                TOO_MANY_FILES
            }
            Self::Write { .. } | Self::Version { .. } | Self::Line { .. } => {
                "nothing was written, because without a journal a killed run cannot be explained or undone; `--journal FILE` chooses another place"
            }
            Self::Read { .. } => "check that it is a journal, and its owner and mode",
            Self::Busy { .. } => "wait until that run ends, or choose another file with `--journal FILE`",
        }
    }

    /// The error with its cause, for a message of one line.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        match std::error::Error::source(self) {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }
}

#[cfg(unix)]
fn is_too_many_files(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}

#[cfg(not(unix))]
fn is_too_many_files(_: &io::Error) -> bool {
    false
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    lines: Mutex<Lines>,
    now: fn() -> String,
    /// How many lines are on disk; `None` once a flush has failed. It is locked while a flush is under way, so that
    /// there is one at a time.
    on_disk: tokio::sync::Mutex<Option<usize>>,
    /// The PUTs of this run that have no outcome yet.
    open: Mutex<Open>,
}

/// The lines of a file, and how many of them were added.
#[derive(Debug)]
struct Lines {
    file: Arc<File>,
    written: usize,
}

impl Lines {
    /// Adds a line; returns its number.
    fn append(&mut self, line: &[u8]) -> io::Result<usize> {
        let end = self.file.metadata()?.len();
        (&*self.file).write_all(line).inspect_err(|_| {
            // A line that was not written whole is not recorded, and half of one must not spoil the next.
            let _ = self.file.set_len(end);
        })?;
        self.written += 1;
        Ok(self.written)
    }
}

impl Journal {
    /// Opens a journal and writes its first line; earlier runs in the same file are kept. The file is locked, so
    /// that no other run takes it for the journal of a killed one.
    ///
    /// # Errors
    /// The file holds something else, or cannot be made, locked or written: then nothing may be sent.
    pub fn open(path: &Path, api: &str, now: fn() -> String) -> Result<Self, JournalError> {
        Self::open_by(path, api, now, None)
    }

    /// Like [`Journal::open`], for a run whose writer is known.
    ///
    /// # Errors
    /// As for [`Journal::open`].
    pub fn open_by(
        path: &Path,
        api: &str,
        now: fn() -> String,
        writer: Option<Writer>,
    ) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Write { path: path.to_owned(), source };
        let mut file = files::open_append(path).map_err(|error| failed(error.into()))?;
        lock(&file, path)?;
        if !is_journal(&mut file).map_err(failed)? {
            return Err(JournalError::Version { path: path.to_owned() });
        }
        end_torn_line(&mut file).map_err(failed)?;
        let lines = Mutex::new(Lines { file: Arc::new(file), written: 0 });
        let journal =
            Self { path: path.to_owned(), lines, now, on_disk: Some(0).into(), open: Mutex::default() };
        // The name of a new file must survive a crash too, or the flushed lines cannot be found.
        files::sync_folder_of(path);
        journal.write(&Record::Begin {
            format_version: FORMAT_VERSION.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            at: now(),
            api: api.to_owned(),
            writer,
        })?;
        Ok(journal)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Records that the run writes what it claimed in the record, or only one shard of that.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn claims(&self, number: u64, shard: Option<Shard>) -> Result<(), JournalError> {
        self.write(&Record::Claim { at: (self.now)(), number, shard })
    }

    /// Records a PUT that is about to be sent. It is on disk when this returns.
    pub(in crate::run) async fn put(&self, zone: &ZonePlan, body: &Body) -> Result<(), JournalError> {
        // For a setting whose stale member is cleaned, the reported value is recorded too: if there is one, the zone
        // has the setting, and an undo can write to it the value that acted.
        let reported = |row: &Row| row.key.setting().and_then(|setting| zone.live()?.get(setting));
        let value = |row: &Row, live: Option<&LiveValue>| {
            (row.name().to_owned(), live.map_or(Json::Null, LiveValue::to_json))
        };
        let before = zone.changes().filter(|row| !row.is_clean_up() || reported(row).is_some());
        let stale_before = zone.changes().filter(|row| row.is_clean_up());
        let record = Record::Put {
            at: (self.now)(),
            zone: zone.zone.to_string(),
            zone_id: zone.zone_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            account_id: zone.account_id.as_ref().map(ToString::to_string),
            plan: zone.plan.to_string(),
            file: zone.path().to_owned(),
            base: zone.base().map(|base| base.to_string()).unwrap_or_default(),
            before: before.map(|row| value(row, reported(row))).collect(),
            stale_before: stale_before.map(|row| value(row, row.live.as_ref())).collect(),
            body: body.clone(),
        };
        self.write_together(&record).await
    }

    /// Records the outcome of a PUT. A PUT whose outcome is unknown stays in flight, as after a kill: a later run
    /// settles it.
    pub(in crate::run) async fn outcome(
        &self,
        zone: &ZonePlan,
        outcome: Outcome,
        rays: Vec<String>,
    ) -> Result<(), JournalError> {
        if outcome == Outcome::Unknown {
            return Ok(());
        }
        let zone_id = zone.zone_id.as_ref().map(ToString::to_string).unwrap_or_default();
        self.write_together(&self.end_of(zone.zone.as_str(), &zone_id, outcome, rays)).await
    }

    /// Records the outcome of a PUT of a run that was killed.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn settled(&self, zone: &str, zone_id: &str, outcome: Outcome) -> Result<(), JournalError> {
        self.write(&self.end_of(zone, zone_id, outcome, Vec::new()))
    }

    fn end_of(&self, zone: &str, zone_id: &str, outcome: Outcome, cf_rays: Vec<String>) -> Record {
        Record::Outcome {
            at: (self.now)(),
            zone: zone.to_owned(),
            zone_id: zone_id.to_owned(),
            outcome: outcome.word().to_owned(),
            cf_rays,
        }
    }

    /// How many PUTs of this run have no outcome.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Records that the run ended by itself. A run that leaves something in flight gets no such line.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end(&self) -> Result<(), JournalError> {
        if self.in_flight() > 0 {
            return Ok(());
        }
        self.write(&Record::End { at: (self.now)() })
    }

    /// Writes and flushes a single line; nothing else is being written at that time.
    fn write(&self, record: &Record) -> Result<(), JournalError> {
        if self.on_disk.try_lock().is_ok_and(|known| known.is_none()) {
            return Err(self.lost());
        }
        self.append(record)?;
        let file = Arc::clone(&self.lines().file);
        file.sync_data().map_err(|error| self.failed(error))?;
        self.note(record);
        Ok(())
    }

    /// Writes a line together with those of other zones: a flush takes as long for fifty lines as for one, and the run
    /// goes on meanwhile. Lines added during a flush are flushed together by the next one.
    async fn write_together(&self, record: &Record) -> Result<(), JournalError> {
        let line = self.append(record)?;
        // Lets the other tasks add their lines first, so that one flush covers them all.
        tokio::task::yield_now().await;
        let mut on_disk = self.on_disk.lock().await;
        match *on_disk {
            Some(known) if known >= line => {}
            Some(_) => {
                let (file, written) = {
                    let lines = self.lines();
                    (Arc::clone(&lines.file), lines.written)
                };
                let flushed = tokio::task::spawn_blocking(move || file.sync_data()).await;
                let flushed = flushed.map_err(io::Error::other).flatten();
                *on_disk = flushed.is_ok().then_some(written);
                flushed.map_err(|error| self.failed(error))?;
            }
            None => return Err(self.lost()),
        }
        drop(on_disk);
        self.note(record);
        Ok(())
    }

    fn note(&self, record: &Record) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).note(record);
    }

    fn append(&self, record: &Record) -> Result<usize, JournalError> {
        let mut line = serde_json::to_vec(record).map_err(|error| self.failed(error.into()))?;
        line.push(b'\n');
        self.lines().append(&line).map_err(|error| self.failed(error))
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The error of every write after a failed flush: the system may have dropped the lines and still report the next
    /// flush as a success, so it proves nothing.
    fn lost(&self) -> JournalError {
        self.failed(io::Error::other("an earlier line did not reach the disk"))
    }

    fn failed(&self, source: io::Error) -> JournalError {
        JournalError::Write { path: self.path.clone(), source }
    }
}

/// A killed run may have left half a line: the next record begins on its own line.
fn end_torn_line(file: &mut File) -> io::Result<()> {
    if file.metadata()?.len() == 0 {
        return Ok(());
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    if last == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}

/// Locks a journal for this run.
fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => JournalError::Busy { path: path.to_owned() },
        TryLockError::Error(source) => JournalError::Write { path: path.to_owned(), source },
    })
}

/// Whether a file is empty or begins like a journal, even with a line that a killed run left torn. No other file may be
/// written to.
fn is_journal(file: &mut File) -> io::Result<bool> {
    // Enough for any first line, and little to read of a file that is something else.
    const LONGEST: u64 = 64 << 10;
    let mut first = Vec::new();
    file.rewind()?;
    // Reading from a device or a pipe could block for ever.
    BufReader::new(file.take(if file.metadata()?.is_file() { LONGEST } else { 0 }))
        .read_until(b'\n', &mut first)?;
    if first.ends_with(b"\n") {
        return Ok(matches!(serde_json::from_slice(&first), Ok(Record::Begin { .. })));
    }
    let beginning = br#"{"event":"begin""#;
    let length = first.len().min(beginning.len());
    Ok(first[..length] == beginning[..length])
}

/// Whether a run is writing the journal now.
#[must_use]
pub(crate) fn is_under_way(path: &Path) -> bool {
    // A shared lock, so that two commands that look at the same time do not take each other for a run.
    files::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_open_files_has_its_own_hint() {
        for (code, is_limit) in [(libc::EMFILE, true), (libc::ENFILE, true), (libc::ENOSPC, false)] {
            let source = io::Error::from_raw_os_error(code);
            let error = JournalError::Write { path: PathBuf::from("j"), source };
            assert_eq!(error.hint() == TOO_MANY_FILES, is_limit, "{code}");
        }
    }
}
