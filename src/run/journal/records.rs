//! Reads journals record by record and within limits: none is ever held as a whole.

use super::{JournalError, Record};
use crate::files;
use serde::de::IgnoredAny;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// The most bytes of a journal: enough for many runs over thousands of zones.
pub(crate) const MOST_JOURNAL_BYTES: u64 = 256 << 20;

/// The most bytes of one of its lines.
const MOST_LINE_BYTES: u64 = 4 << 20;

/// The `CF-Ray`s of a journal's PUTs to an API address, as far as the journal can be read.
pub(crate) fn rays_of(path: &Path, api: &str) -> BTreeSet<String> {
    let (mut rays, mut is_meant) = (BTreeSet::new(), false);
    // The lines before a broken one are still evidence.
    for (_, record) in Records::open(path).into_iter().flatten().map_while(Result::ok) {
        match record {
            Record::Begin { api: of, .. } => is_meant = of == api,
            Record::Outcome { cf_rays, .. } if is_meant => rays.extend(cf_rays),
            _ => {}
        }
    }
    rays
}

/// Reads a journal line by line. A torn line, as a killed run leaves it, is skipped.
///
/// # Errors
/// The file cannot be read, is too large, or is no journal.
pub fn read_journal(path: &Path) -> Result<Vec<Record>, JournalError> {
    Records::open(path)?.map(|record| record.map(|(_, record)| record)).collect()
}

/// The records of a journal in order, each with its line, from 1.
pub(in crate::run) struct Records {
    path: PathBuf,
    lines: Box<dyn BufRead + Send>,
    line: usize,
    /// A line that is not JSON. Only the beginning of the next run may follow it, or nothing.
    torn: Option<JournalError>,
    has_begun: bool,
}

impl Records {
    pub(in crate::run) fn open(path: &Path) -> Result<Self, JournalError> {
        let failed =
            |error: files::FileError| JournalError::Read { path: path.to_owned(), source: error.into() };
        let file = files::open_up_to(path, MOST_JOURNAL_BYTES).map_err(failed)?;
        let lines = Box::new(BufReader::new(file.take(MOST_JOURNAL_BYTES)));
        Ok(Self { path: path.to_owned(), lines, line: 0, torn: None, has_begun: false })
    }

    fn read(&mut self) -> Result<Option<Record>, JournalError> {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            self.line += 1;
            let read = self.lines.by_ref().take(MOST_LINE_BYTES).read_until(b'\n', &mut bytes);
            if read.map_err(|source| JournalError::Read { path: self.path.clone(), source })? == 0 {
                return if self.has_begun { Ok(None) } else { Err(self.other_version()) };
            }
            let line = String::from_utf8_lossy(&bytes);
            if line.trim().is_empty() {
                continue;
            }
            if let Some(error) = self.torn.take().filter(|_| !line.contains("\"event\":\"begin\"")) {
                return Err(error);
            }
            match serde_json::from_str(&line) {
                Ok(record) => return self.check(record).map(Some),
                Err(source) => {
                    let error = JournalError::Line { path: self.path.clone(), line: self.line, source };
                    // Whole JSON that is not a record of this version may mean that something is in flight.
                    if serde_json::from_str::<IgnoredAny>(&line).is_ok() && self.has_begun {
                        return Err(error);
                    }
                    self.torn = Some(error);
                }
            }
        }
    }

    /// Checks that the journal starts with the beginning of a run, and that this version can read each run.
    fn check(&mut self, record: Record) -> Result<Record, JournalError> {
        let is_known = match &record {
            Record::Begin { format_version, .. } => format_version.starts_with("1."),
            _ => self.has_begun,
        };
        self.has_begun = true;
        if is_known { Ok(record) } else { Err(self.other_version()) }
    }

    fn other_version(&self) -> JournalError {
        JournalError::Version { path: self.path.clone() }
    }
}

impl Iterator for Records {
    type Item = Result<(usize, Record), JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.read().transpose()?;
        Some(record.map(|record| (self.line, record)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::JournalSummary;

    const END: &str = r#"{"event":"end","at":""}"#;

    fn begin(version: &str, at: &str) -> String {
        format!(
            r#"{{"event":"begin","format_version":"{version}","tool_version":"0","at":"{at}","api":"a"}}"#
        )
    }

    fn put(id: &str) -> String {
        format!(
            r#"{{"event":"put","at":"","zone":"{id}","zone_id":"{id}","plan":"","file":"","base":"","before":{{}},"stale_before":{{}},"body":{{}}}}"#
        )
    }

    /// What a journal of these lines is read as: its summary and how many records it has.
    fn read(lines: &[&str]) -> Result<(JournalSummary, usize), JournalError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, lines.join("\n")).unwrap();
        let records = read_journal(&path)?;
        Ok((JournalSummary::read(&path)?, records.len()))
    }

    #[test]
    fn a_torn_line_is_passed_over_before_the_next_run_and_at_the_end() {
        let begin = begin("1.7", "");
        assert_eq!(read(&[&begin, "", "  ", END]).unwrap().1, 2, "and so is an empty one");
        assert_eq!(read(&[&begin, "{\"ev", &begin, "{\"ev"]).unwrap().1, 2);
        for lines in [&[&*begin, "{\"ev", END][..], &[&begin, "{\"a\":1}"]] {
            assert!(matches!(read(lines), Err(JournalError::Line { line: 2, .. })), "{lines:?}");
        }
    }

    #[test]
    fn what_does_not_begin_as_a_journal_of_this_version_is_none() {
        let (known, later) = (begin("1.0", ""), begin("2.0", ""));
        for lines in [&[][..], &["{\"a\":1}"], &[END], &[&*later], &[&known, &later]] {
            assert!(matches!(read(lines), Err(JournalError::Version { .. })), "{lines:?}");
        }
    }

    #[test]
    fn a_summary_is_of_the_first_beginning_and_of_what_is_open_in_its_order() {
        let (first, second) = (begin("1.0", "1"), begin("1.0", "2"));
        let summary = read(&[&first, &put("b"), &second, &put("a")]).unwrap().0;
        let open: Vec<_> = summary.in_flight.iter().map(|put| put.zone.as_str()).collect();
        assert_eq!((summary.begun.as_str(), summary.zones, open), ("1", 2, vec!["b", "a"]));
    }
}
