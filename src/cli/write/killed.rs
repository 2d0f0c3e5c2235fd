//! Zones that earlier runs left in flight, because they were killed or no GET showed the result. Only an answer about
//! the zone settles it.

use super::journals::{finish, is_finished, journals_in_state};
use crate::api::{ApiError, ReadZones as _, Refusal, ZoneRef};
use crate::cli::Context;
use crate::cli::args::Writes;
use crate::cli::environment::Clock;
use crate::cli::output::{Level, Notice, say};
use crate::cli::session::Session;
use crate::files::FileIdentity;
use crate::model::{Live, Outcome, ZoneId};
use crate::run::{InFlight, Journal, JournalError, JournalSummary, Stop, is_under_way};
use futures_util::StreamExt as _;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// The name of a journal once nothing in it is in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    /// It is renamed, so that later runs need not open it.
    Finished,
    /// It stays, since this run continues the journal.
    Kept,
}

/// A journal with the zones that its runs left in flight at this API.
#[derive(Debug)]
struct Killed {
    path: PathBuf,
    name: Name,
    in_flight: Vec<InFlight>,
    /// Whether zones are also in flight at other APIs.
    is_elsewhere_too: bool,
}

/// What a GET shows of a PUT that was in flight.
#[derive(Debug)]
enum Answer {
    /// The outcome.
    Settled(Outcome),
    /// The outcome is still unknown, with the reason.
    Open(String),
}

/// Finds the outcome of zones that earlier runs left in flight, even if there is nothing to write now: those of the
/// state folder, and of a journal that this run continues. An emulator in this process does not have the zones of the
/// state folder.
pub(super) async fn settle_killed<F>(args: &Writes, cx: &Context<'_, F>) {
    let in_state = if cx.session.is_emulated() { Vec::new() } else { journals_in_state() };
    let journals = journals(in_state, args.journal.as_deref());
    let read = |(path, name)| killed_run(path, name, &cx.session.address);
    let killed: Vec<_> = journals.into_iter().filter_map(read).collect();
    let puts = killed.iter().flat_map(|killed| &killed.in_flight);
    let answers = puts.map(|put| ask(put, &cx.session, &cx.stop));
    let answers = futures_util::stream::iter(answers).buffered(cx.session.concurrency.max(1));
    let mut answers = answers.collect::<Vec<_>>().await.into_iter();
    for run in &killed {
        let answers: Vec<_> = answers.by_ref().take(run.in_flight.len()).collect();
        if let Err(error) = settle(run, &answers, &cx.session) {
            let why = error.in_one_line();
            say(Level::Warning, format!("cannot record what happened to the zones in flight: {why}"));
        }
    }
}

/// The journals to read, each once: the state folder is absolute and `--journal` is as typed, so one file can have two
/// paths.
fn journals(in_state: Vec<PathBuf>, own: Option<&Path>) -> Vec<(PathBuf, Name)> {
    let own = own.filter(|path| path.is_file());
    let identity = own.and_then(FileIdentity::of);
    let is_own = |path: &PathBuf| identity.is_some() && FileIdentity::of(path) == identity;
    let others = in_state.into_iter().filter(|path| !is_finished(path) && !is_own(path));
    let others = others.map(|path| (path, Name::Finished));
    others.chain(own.map(|path| (path.to_owned(), Name::Kept))).collect()
}

/// The zones that a run left in flight; `None` if there are none, or if the journal cannot be read.
fn killed_run(path: PathBuf, name: Name, address: &str) -> Option<Killed> {
    let summary = match JournalSummary::read(&path) {
        Ok(summary) => summary,
        Err(error) => {
            let why = error.in_one_line();
            say(Level::Warning, format!("cannot tell whether an earlier run left zones in flight: {why}"));
            return None;
        }
    };
    let all = summary.in_flight.len();
    let in_flight: Vec<_> = summary.in_flight.into_iter().filter(|put| put.api == address).collect();
    if in_flight.is_empty() {
        return None;
    }
    // That run reads its zones back itself; to settle them here would write to a journal that it writes.
    if is_under_way(&path) {
        say(Level::Note, format!("another apply is still running (journal {})", path.display()));
        return None;
    }
    Some(Killed { path, name, is_elsewhere_too: in_flight.len() < all, in_flight })
}

/// Prints what became of the zones, and records in their journal what is settled.
fn settle(killed: &Killed, answers: &[Answer], session: &Session) -> Result<(), JournalError> {
    let path = killed.path.display();
    let text = format!("an earlier run left zones in flight (journal {path}):");
    let mut message = Notice::new(Level::Info, text);
    let mut settled = Vec::new();
    for (put, answer) in killed.in_flight.iter().zip(answers) {
        let words = match answer {
            Answer::Settled(outcome) => {
                settled.push((put, *outcome));
                words(*outcome)
            }
            Answer::Open(why) => format!("unknown, {why}; the next apply checks again"),
        };
        message = message.line(format!("{}: {words}", put.zone));
    }
    message.say();
    if settled.is_empty() {
        return Ok(());
    }
    let journal = Journal::open(&killed.path, &session.address, Clock::now)?;
    for (put, outcome) in &settled {
        journal.settled(&put.zone, &put.zone_id, *outcome)?;
    }
    if settled.len() == killed.in_flight.len() && !killed.is_elsewhere_too {
        journal.end()?;
        drop(journal);
        if killed.name == Name::Finished {
            finish(&killed.path);
        }
    }
    Ok(())
}

/// An outcome as it is printed for a PUT that was in flight.
fn words(outcome: Outcome) -> String {
    match outcome {
        Outcome::Applied => "applied, as a GET shows".to_owned(),
        Outcome::Failed => "not applied, as a GET shows".to_owned(),
        Outcome::NotApplied => "applied in part, as a GET shows".to_owned(),
        Outcome::Unknown => "unknown, because no GET can show it".to_owned(),
        other => other.text(),
    }
}

/// Asks what became of a PUT, unless the run is stopped meanwhile.
async fn ask(put: &InFlight, session: &Session, stop: &Stop) -> Answer {
    let Ok(id) = ZoneId::try_from(put.zone_id.clone()) else { return Answer::Settled(Outcome::Unknown) };
    let live = tokio::select! {
        live = session.client.get(ZoneRef::new(&id, &put.zone)) => live,
        () = stop.requested() => return Answer::Open("because the run was stopped".to_owned()),
    };
    match live {
        Ok(live) => Answer::Settled(settled(put, &live)),
        Err(error) => unread(&error),
    }
}

/// Of all errors, only that the zone does not exist settles it. Any other is about the credentials, which may differ
/// from those of the killed run, or is temporary.
fn unread(error: &ApiError) -> Answer {
    match error.refusal() {
        // Without one of these codes of Cloudflare, a proxy may have answered.
        Some(Refusal::NoSuchObject) if matches!(error.code(), Some(1001 | 7000 | 7003)) => {
            Answer::Settled(Outcome::Unknown)
        }
        Some(Refusal::Permission | Refusal::Resource | Refusal::WrongToken | Refusal::LockedOut) => {
            Answer::Open("because these credentials may not read it".to_owned())
        }
        _ => Answer::Open(format!("because of an error: {error}")),
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

/// Whether the live value is the sent one; `None` if GET does not report it.
fn is_taken(put: &InFlight, name: &String, sent: &Json, live: &Live) -> Option<bool> {
    let reported = crate::catalogue::find(name).and_then(|setting| live.get(setting));
    let is_sent = reported.map(|reported| reported.to_json() == *sent);
    if put.cleaned.contains(name) {
        return Some(live.active_stale(name).is_none() && is_sent.unwrap_or(true));
    }
    is_sent
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_clean_up_is_taken_once_the_stale_setting_does_not_act_any_more() {
        let sent = json!({"fight_mode": false}).as_object().unwrap().clone();
        let begin = crate::run::Record::Begin {
            format_version: String::new(),
            tool_version: String::new(),
            at: String::new(),
            api: String::new(),
            writer: None,
        };
        let put = crate::run::Record::Put {
            at: String::new(),
            zone: String::new(),
            zone_id: String::new(),
            account_id: None,
            plan: String::new(),
            file: String::new(),
            base: String::new(),
            before: Default::default(),
            stale_before: [("fight_mode".to_owned(), true.into())].into(),
            body: sent,
        };
        let put = crate::run::in_flight(&[begin, put]).remove(0);
        for (stale, outcome) in
            [(json!({}), Outcome::Applied), (json!({"fight_mode": true}), Outcome::Failed)]
        {
            let live = json!({"sbfm_verified_bots": "allow", "stale_zone_configuration": stale});
            assert_eq!(settled(&put, &Live::read(live.as_object().unwrap().clone())), outcome);
        }
    }

    #[test]
    fn credentials_that_may_not_read_a_zone_leave_it_open() {
        use crate::api::{Exchange, Method};
        for refusal in [Refusal::Permission, Refusal::Resource, Refusal::WrongToken, Refusal::LockedOut] {
            let error = ApiError::refused(Exchange::new(Method::Get, "/"), refusal, "no");
            let Answer::Open(why) = unread(&error) else { panic!("{refusal:?}") };
            assert_eq!(why, "because these credentials may not read it", "{refusal:?}");
        }
    }
}
