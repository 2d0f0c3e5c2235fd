//! Questions on the terminal: only a person approves.

use super::notice::{Notice, say, say_drawn};
use super::stderr::Level;
use crate::run::Stop;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::thread;
use tokio::sync::oneshot;

/// Whether a person sits at stdin and stderr.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// What a person answers on the terminal; `None` if there is nobody to ask.
pub(crate) fn read_answer(question: &str) -> Option<String> {
    if !can_ask() {
        return None;
    }
    say_drawn(Level::Info, &format!("{question} "));
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).ok()?;
    Some(line.trim().to_owned())
}

/// Asks on the terminal whether to go on, and says so if the answer is not yes: then nothing is `done`. A run that is
/// stopped is not asked about, since it does nothing any more.
pub(crate) async fn is_approved(question: &str, done: &str, other_way: &str, stop: &Stop) -> bool {
    if stop.is_requested() {
        return true;
    }
    if !can_ask() {
        let why = format!("nothing was {done}, because there is no terminal to ask for approval");
        Notice::new(Level::Error, why).hint(format!("add `--auto-approve`{other_way}")).say();
        return false;
    }
    let is_approved = ask(question, stop).await;
    if !is_approved {
        say(Level::Error, format!("nothing was {done}, because it was not approved"));
    }
    is_approved
}

/// Asks on the terminal. Only `yes` approves; Ctrl-C does not.
async fn ask(question: &str, stop: &Stop) -> bool {
    say_drawn(Level::Info, &format!("\n{question}\n  Only `yes` approves: "));
    let (answer, answered) = oneshot::channel();
    // On a separate thread, not one of the runtime, so that nothing waits for it when the run is stopped here.
    thread::spawn(move || {
        let mut line = String::new();
        let is_yes = io::stdin().lock().read_line(&mut line).is_ok() && line.trim() == "yes";
        // There is no receiver any more if the run was stopped.
        let _ = answer.send(is_yes);
    });
    tokio::select! {
        is_yes = answered => is_yes.unwrap_or(false),
        () = stop.requested() => false,
    }
}
