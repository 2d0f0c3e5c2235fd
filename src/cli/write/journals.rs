//! Where journals are kept, and what an earlier run that was killed left behind.

use crate::api::ReadZones as _;
use crate::cli::Failure;
use crate::cli::args::Writes;
use crate::cli::environment::{self, Clock};
use crate::cli::output;
use crate::cli::session::{EMULATED, Session};
use crate::files;
use crate::model::{Live, Outcome, ZoneId};
use crate::run::{InFlight, Journal, JournalError, has_ended, in_flight, read_journal};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// Finds out the outcome of the zones that killed runs left in flight, even if nothing is to be written now. On an
/// emulator in this process nothing is at stake: there a journal is only written if one is asked for.
pub(crate) async fn settle_killed(args: &Writes, session: &Session) {
    let paths = match (&args.journal, session.address.as_str()) {
        (Some(path), _) => vec![path.clone()],
        (None, EMULATED) => Vec::new(),
        (None, _) => journals_in(&environment::state_folder()),
    };
    for killed in paths.into_iter().filter_map(|path| killed_run(path, &session.address)) {
        if let Err(error) = settle(&killed, session).await {
            output::say(&format!(
                "warning: cannot find out what happened to the zones in flight: {}\n",
                error.in_one_line()
            ));
        }
    }
}

/// Opens the journal of this run.
pub(crate) fn open(args: &Writes, session: &Session) -> Result<Option<Journal>, Failure> {
    let path = match (&args.journal, session.address.as_str()) {
        (Some(path), _) => path.clone(),
        (None, EMULATED) => return Ok(None),
        (None, _) => default_path()?,
    };
    Journal::open(&path, &session.address, Clock::now).map(Some).map_err(|error| refused(&error))
}

/// Writes the last line and prints where the journal is.
pub(crate) fn close(journal: &Journal) {
    match journal.end() {
        Ok(()) => output::say(&format!("journal: {}\n", journal.path().display())),
        Err(error) => output::say(&format!(
            "warning: {}\njournal: {} (without its end)\n",
            error.in_one_line(),
            journal.path().display()
        )),
    }
}

fn refused(error: &JournalError) -> Failure {
    Failure::of(error)
        .hint("nothing was written, because without a journal a killed run cannot be explained or undone; `--journal FILE` chooses another place")
}

fn default_path() -> Result<PathBuf, Failure> {
    let folder = environment::state_folder();
    files::make_folder(&folder)
        .map_err(|source| refused(&JournalError::Write { path: folder.clone(), source }))?;
    let name = Clock::now().replace(':', "");
    Ok(folder.join(format!("apply-{name}-{}.jsonl", std::process::id())))
}

/// A journal whose run did not end by itself, with what it had in flight.
#[derive(Debug)]
struct Killed {
    path: PathBuf,
    in_flight: Vec<InFlight>,
}

/// The journals of a folder of which a run may have been killed, by name.
fn journals_in(folder: &Path) -> Vec<PathBuf> {
    let is_open = |path: &PathBuf| path.extension().is_some_and(|end| end == "jsonl") && !has_ended(path);
    files::list_folder(folder).into_iter().filter(is_open).collect()
}

fn killed_run(path: PathBuf, address: &str) -> Option<Killed> {
    if !path.is_file() {
        return None;
    }
    let records = read_journal(&path).ok()?;
    let in_flight: Vec<_> = in_flight(&records).into_iter().filter(|put| put.api == address).collect();
    (!in_flight.is_empty()).then_some(Killed { path, in_flight })
}

/// Asks the API for the outcome of each PUT that was in flight, and writes it into that journal.
async fn settle(killed: &Killed, session: &Session) -> Result<(), JournalError> {
    let journal = match Journal::open(&killed.path, &session.address, Clock::now) {
        Ok(journal) => journal,
        Err(JournalError::Busy { path }) => {
            output::say(&format!("note: another apply is still running (journal {})\n", path.display()));
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    output::say(&format!(
        "an earlier apply was killed (journal {}); in flight were:\n",
        killed.path.display()
    ));
    let mut open = 0;
    for put in &killed.in_flight {
        let name = crate::model::clean(&put.zone);
        match ask(put, session).await {
            Some(outcome) => {
                output::say(&format!("  {name}: {}\n", words(outcome)));
                journal.settled(&put.zone, &put.zone_id, outcome.word())?;
            }
            None => {
                open += 1;
                output::say(&format!("  {name}: cannot be read now; the next apply tries again\n"));
            }
        }
    }
    if open == 0 { journal.end() } else { Ok(()) }
}

/// What a person needs to know of a PUT that was in flight.
fn words(outcome: Outcome) -> String {
    match outcome {
        Outcome::Applied => "applied, as a GET shows".to_owned(),
        Outcome::Failed => "not applied, as a GET shows".to_owned(),
        Outcome::NotApplied => "applied in part, as a GET shows".to_owned(),
        Outcome::Unknown => "unknown, since no GET can show it".to_owned(),
        other => other.text(),
    }
}

/// What a GET shows of a PUT; `None` if a later one may show more.
async fn ask(put: &InFlight, session: &Session) -> Option<Outcome> {
    let Ok(id) = ZoneId::try_from(put.zone_id.clone()) else { return Some(Outcome::Unknown) };
    match session.client.get(&id).await {
        Ok(live) => Some(settled(put, &live)),
        // The zone is gone, or is not for this token: trying again does not help.
        Err(error) if error.is_refusal() => Some(Outcome::Unknown),
        Err(_) => None,
    }
}

fn settled(put: &InFlight, live: &Live) -> Outcome {
    let taken: Vec<_> = put.body.iter().map(|(name, sent)| is_taken(put, name, sent, live)).collect();
    let count = |what: Option<bool>| taken.iter().filter(|taken| **taken == what).count();
    match (count(Some(true)), count(Some(false)), count(None)) {
        (_, 0, 0) => Outcome::Applied,
        (0, 0, _) => Outcome::Unknown,
        (_, 0, _) => Outcome::Unverified,
        (0, _, _) => Outcome::Failed,
        (_, _, _) => Outcome::NotApplied,
    }
}

/// Whether live has what was sent; `None` if GET does not report it.
fn is_taken(put: &InFlight, name: &String, sent: &Json, live: &Live) -> Option<bool> {
    if put.cleaned.contains(name) {
        return Some(live.active_stale(name).is_none());
    }
    let reported = crate::catalogue::find(name).and_then(|setting| live.get(setting))?;
    Some(reported.to_json() == *sent)
}
