//! Questions on the terminal: only a person can approve.

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

/// Asks on the terminal; `None` if nobody can answer.
pub(crate) fn read_answer(question: &str) -> Option<String> {
    if !can_ask() {
        return None;
    }
    say_drawn(Level::Info, &format!("{question} "));
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).ok()?;
    Some(line.trim().to_owned())
}

/// Asks on the terminal whether to continue. Otherwise nothing is `done`, which is printed. A run that is being stopped
/// asks nothing, since it starts nothing.
pub(crate) async fn is_approved(question: &str, done: &str, other_way: &str, stop: &Stop) -> bool {
    if stop.is_requested() {
        return true;
    }
    if !can_ask() {
        let why = format!("nothing was {done}: there is no terminal to ask for approval");
        Notice::new(Level::Error, why).hint(format!("add `--auto-approve`{other_way}")).say();
        return false;
    }
    let is_approved = ask(question, stop).await;
    if !is_approved {
        say(Level::Error, format!("nothing was {done}: not approved"));
    }
    is_approved
}

/// Asks on the terminal. Only `yes` approves; Ctrl-C does not.
async fn ask(question: &str, stop: &Stop) -> bool {
    say_drawn(Level::Info, &format!("\n{question}\n  Only `yes` approves: "));
    let (answer, answered) = oneshot::channel();
    // A read of stdin cannot be cancelled. On a thread of its own, it does not keep the runtime from ending.
    thread::spawn(move || {
        let mut line = String::new();
        let is_yes = io::stdin().lock().read_line(&mut line).is_ok() && line.trim() == "yes";
        // The receiver is gone if the run was stopped.
        let _ = answer.send(is_yes);
    });
    tokio::select! {
        is_yes = answered => is_yes.unwrap_or(false),
        () = stop.requested() => false,
    }
}
