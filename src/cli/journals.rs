//! Where journals are kept, and what an earlier run that was killed left behind.

use super::args::Writes;
use super::connect::{EMULATED, Session};
use super::{Failure, environment, output};
use crate::api::ReadZones as _;
use crate::model::{LiveValue, ZoneId};
use crate::run::{InFlight, Journal, JournalError, Record, in_flight, read_journal};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// Settles what killed runs left in flight, then opens the journal of this run. On an emulator in this process
/// nothing is at stake: there a journal is only written where one is asked for.
pub(super) async fn open(args: &Writes, session: &Session) -> Result<Option<Journal>, Failure> {
    let path = match (&args.journal, session.address.as_str()) {
        (Some(path), _) => path.clone(),
        (None, EMULATED) => return Ok(None),
        (None, _) => default_path()?,
    };
    for killed in killed_runs(args.journal.as_deref(), &path, &session.address) {
        settle(&killed, session).await?;
    }
    Journal::open(&path, &session.address, environment::now).map(Some).map_err(|error| refused(&error))
}

/// Writes the last line and tells where the journal is.
pub(super) fn close(journal: &Journal) {
    match journal.end() {
        Ok(()) => output::say(&format!("journal: {}\n", journal.path().display())),
        Err(error) => output::say(&format!("warning: {error}\n")),
    }
}

fn refused(error: &JournalError) -> Failure {
    Failure::of(error)
        .hint("nothing was written: without a journal a killed run could not be explained; `--journal FILE` names another place")
}

fn default_path() -> Result<PathBuf, Failure> {
    let folder = environment::state_folder();
    std::fs::create_dir_all(&folder)
        .map_err(|source| refused(&JournalError::Write { path: folder.clone(), source }))?;
    let name = environment::now().replace(':', "");
    Ok(folder.join(format!("apply-{name}-{}.jsonl", std::process::id())))
}

/// A journal whose run did not end by itself, with what it had in flight.
#[derive(Debug)]
struct Killed {
    path: PathBuf,
    in_flight: Vec<InFlight>,
}

fn killed_runs(given: Option<&Path>, path: &Path, address: &str) -> Vec<Killed> {
    let paths = match given {
        Some(path) => vec![path.to_owned()],
        None => path.parent().map(journals_in).unwrap_or_default(),
    };
    paths.into_iter().filter_map(|path| killed_run(path, address)).collect()
}

fn journals_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    paths.sort();
    paths
}

fn killed_run(path: PathBuf, address: &str) -> Option<Killed> {
    let records = read_journal(&path).ok()?;
    let same_api = records.iter().any(|record| matches!(record, Record::Begin { api, .. } if api == address));
    let in_flight = in_flight(&records);
    (same_api && !in_flight.is_empty()).then_some(Killed { path, in_flight })
}

/// Asks the API what became of each PUT that was in flight, and writes it into that journal.
async fn settle(killed: &Killed, session: &Session) -> Result<(), Failure> {
    let journal = match Journal::open(&killed.path, &session.address, environment::now) {
        Ok(journal) => journal,
        Err(JournalError::Busy { path }) => {
            output::say(&format!("note: another apply is under way (journal {})\n", path.display()));
            return Ok(());
        }
        Err(error) => return Err(refused(&error)),
    };
    output::say(&format!(
        "an earlier apply was killed (journal {}); in flight were:\n",
        killed.path.display()
    ));
    for put in &killed.in_flight {
        let outcome = became(put, session).await;
        output::say(&format!("  {}: {}\n", crate::render::clean(&put.zone), outcome.replace('_', " ")));
        journal.settled(&put.zone, &put.zone_id, outcome).map_err(|error| refused(&error))?;
    }
    journal.end().map_err(|error| refused(&error))
}

async fn became(put: &InFlight, session: &Session) -> &'static str {
    let Ok(id) = ZoneId::try_from(put.zone_id.clone()) else { return "unknown" };
    let Ok(live) = session.client.get(&id).await else { return "unknown" };
    let taken = |(name, sent): (&String, &Json)| {
        let reported =
            crate::catalogue::find(name).and_then(|setting| live.get(setting)).map(LiveValue::to_json);
        match reported {
            Some(json) => &json == sent,
            None => !live.stale().contains_key(name),
        }
    };
    let count = put.body.iter().filter(|member| taken(*member)).count();
    match count {
        0 => "failed",
        count if count == put.body.len() => "applied",
        _ => "not_applied",
    }
}
