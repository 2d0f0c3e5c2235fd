//! Where journals are kept, under which names, and for how long. A journal with nothing in flight is renamed, so that
//! later runs need not open it.

use crate::cli::args::Writes;
use crate::cli::environment::{self, Clock};
use crate::cli::output::{Level, say};
use crate::cli::session::Session;
use crate::cli::{Failure, writer};
use crate::files;
use crate::model::{Undone, plural};
use crate::run::{Journal, JournalError, JournalSummary};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::io;
use std::path::{Path, PathBuf};

/// The end of the name of a finished journal.
const FINISHED: &str = ".done.jsonl";

/// How long finished journals are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How many finished journals are kept.
const MOST_KEPT: usize = 500;

/// Opens the journal of this run. With an emulator nothing is at stake, so a journal is only written if `--journal`
/// asks for one.
pub(super) fn open(
    args: &Writes,
    session: &Session,
    undoes: Option<&Undone>,
) -> Result<Option<Journal>, Failure> {
    let path = match &args.journal {
        Some(path) => path.clone(),
        None if session.is_emulated() => return Ok(None),
        None => default_path()?,
    };
    let writer = Some(writer::writer(undoes.cloned()));
    Journal::open_by(&path, &session.address, Clock::now, writer).map(Some).map_err(|error| refused(&error))
}

/// Ends the journal, prints its path, and removes old finished ones. A journal with zones in flight keeps its name, so
/// that the next run looks into it.
pub(super) fn close(args: &Writes, journal: Journal) {
    let (path, open) = (journal.path().to_owned(), journal.in_flight());
    let ended = journal.end();
    drop(journal);
    let print = |place: String| say(Level::Info, format!("journal: {place}"));
    match ended {
        Ok(()) if open > 0 => {
            print(path.display().to_string());
            let zones = plural(open, "zone");
            say(Level::Note, format!("{zones} left in flight; the next `apply` checks what happened"));
        }
        Ok(()) if args.journal.is_none() => {
            print(finish(&path).display().to_string());
            remove_old(&environment::state_folder(), Timestamp::now());
        }
        Ok(()) => print(path.display().to_string()),
        Err(error) => {
            say(Level::Warning, error.in_one_line());
            print(format!("{} (incomplete)", path.display()));
        }
    }
}

/// Renames a journal of the state folder to that of a finished one and returns its path.
pub(super) fn finish(path: &Path) -> PathBuf {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let finished = path.with_file_name(format!("{name}{FINISHED}"));
    if files::rename(path, &finished).is_ok() { finished } else { path.to_owned() }
}

/// The journals of the state folder, by name.
pub(crate) fn journals_in_state() -> Vec<PathBuf> {
    let is_journal = |path: &PathBuf| path.extension().is_some_and(|end| end == "jsonl");
    files::list_folder(&environment::state_folder()).into_iter().filter(is_journal).collect()
}

/// Whether a journal has the name of a finished one.
pub(super) fn is_finished(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(FINISHED))
}

/// Removes finished journals that are older than 90 days, or not among the 500 newest. One that cannot be read or has
/// zones in flight stays, whatever its name.
fn remove_old(folder: &Path, now: Timestamp) {
    let named = files::list_folder(folder).into_iter().filter_map(|path| Some((begun(&path)?, path)));
    let mut finished: Vec<_> = named.collect();
    finished.sort();
    let oldest = now.checked_sub(KEPT).unwrap_or(now).to_zoned(TimeZone::UTC).datetime();
    let beyond = finished.len().saturating_sub(MOST_KEPT);
    for (index, (begun, path)) in finished.iter().enumerate() {
        let is_old = index < beyond || *begun < oldest;
        if is_old && JournalSummary::read(path).is_ok_and(|journal| journal.in_flight.is_empty()) {
            // The next apply tries again.
            let _ = files::remove(path);
        }
    }
}

/// When the run of a finished journal began, by its name.
fn begun(path: &Path) -> Option<DateTime> {
    let name = path.file_name()?.to_str()?.strip_suffix(FINISHED)?;
    let (time, _process) = name.strip_prefix("apply-")?.rsplit_once('-')?;
    DateTime::strptime("%Y-%m-%dT%H%M%SZ", time).ok()
}

fn refused(error: &JournalError) -> Failure {
    Failure::of(error).hint(error.hint())
}

fn default_path() -> Result<PathBuf, Failure> {
    let folder = environment::state_folder();
    files::make_folder(&folder)
        .map_err(|source: io::Error| refused(&JournalError::Write { path: folder.clone(), source }))?;
    let name = Clock::now().replace(':', "");
    Ok(folder.join(format!("apply-{name}-{}.jsonl", std::process::id())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Writes finished journals that began so many hours before a time, removes the old ones, and tells which are kept.
    fn kept(hours: &[i64]) -> Vec<bool> {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let finished = concat!(
            r#"{"event":"begin","format_version":"1.0","tool_version":"0","at":"","api":"a"}"#,
            "\n",
            r#"{"event":"end","at":""}"#,
            "\n"
        );
        let path = |hours: &i64| {
            let begun = (now - SignedDuration::from_hours(*hours)).strftime("%Y-%m-%dT%H%M%SZ");
            folder.path().join(format!("apply-{begun}-1.done.jsonl"))
        };
        let all: Vec<_> = hours.iter().map(path).collect();
        all.iter().for_each(|path| fs::write(path, finished).unwrap());
        remove_old(folder.path(), now);
        all.iter().map(|path| path.exists()).collect()
    }

    #[test]
    fn the_newest_finished_journals_are_kept() {
        let hours: Vec<_> = (0..MOST_KEPT as i64 + 20).collect();
        let kept = kept(&hours);
        assert!(kept[..MOST_KEPT].iter().all(|is_kept| *is_kept));
        assert!(kept[MOST_KEPT..].iter().all(|is_kept| !is_kept));
    }

    #[test]
    fn a_finished_journal_is_kept_for_90_days() {
        assert_eq!(kept(&[0, 90 * 24, 90 * 24 + 1]), [true, true, false]);
    }
}
