//! Messages and questions on stderr, and whether a write of any kind is stuck.

use super::notice::{Level, Notice, say, say_drawn};
use crate::cli::environment::{self, Clock};
use crate::cli::redact::leaving;
use crate::model::Notation;
use crate::render::{Page, Paint};
use crate::run::Stop;
use serde_json::{Value as Json, json};
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use terminal_size::{Height, Width, terminal_size_of};
use tokio::sync::oneshot;

/// Prints on stderr: a text for people, or members of lines of a JSON log with their levels.
pub(super) fn say_text(text: &str, fields: impl FnOnce() -> Vec<(Level, Json)>) {
    let _writing = Writing::begin();
    write(text, fields);
}

/// Prints what happens from outside the run, which is not stuck where this is.
pub(crate) fn say_aside(text: &str) {
    write(text, || vec![(Level::Info, json!({ "message": text.trim() }))]);
}

fn write(text: &str, fields: impl FnOnce() -> Vec<(Level, Json)>) {
    let (text, notation) = match SPEAKS_JSON.load(Ordering::Relaxed) {
        true => (fields().into_iter().map(line_of_log).collect(), Notation::Json),
        false => (fitted(text, stderr_width()), Notation::Painted),
    };
    // A closed stderr cannot be reported anywhere.
    let _ = write!(anstream::stderr(), "{}", leaving(&text, notation));
}

/// Sentences in lines that fit; what is drawn fits already.
fn fitted(text: &str, width: Option<usize>) -> String {
    let page = Page { paint: Paint::Plain, width };
    text.split_inclusive('\n').map(|line| page.wrap(line, 0, 2)).collect()
}

/// Whether messages are lines of JSON, as the log is.
static SPEAKS_JSON: AtomicBool = AtomicBool::new(false);

/// Makes them that, for the whole process.
pub(crate) fn speak_json() {
    SPEAKS_JSON.store(true, Ordering::Relaxed);
}

/// A message in the form of the log's lines; an empty one is none.
fn line_of_log((level, fields): (Level, Json)) -> String {
    if fields["message"] == "" {
        return String::new();
    }
    let (timestamp, level, target) = (Clock::now(), level.word(), "botform");
    let line = json!({ "timestamp": timestamp, "level": level, "fields": fields, "target": target });
    format!("{line}\n")
}

/// Whether a person sits at stdin and stderr.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
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

/// The cells of a line on stderr: what `COLUMNS` says, else the terminal; `None` where there is none.
pub(crate) fn stderr_width() -> Option<usize> {
    width(terminal_size_of(io::stderr()))
}

/// The same for stdout.
pub(super) fn stdout_width() -> Option<usize> {
    width(terminal_size_of(io::stdout()))
}

fn width(terminal: Option<(Width, Height)>) -> Option<usize> {
    let typed = environment::variable("COLUMNS").and_then(|columns| columns.parse().ok());
    let width = typed.or(terminal.map(|(Width(cells), _)| usize::from(cells)));
    width.filter(|width| *width > 0).map(|width| width.max(LEAST_WIDTH))
}

/// What is laid out for at least: nothing can be read in less.
const LEAST_WIDTH: usize = 40;

/// The writes that have begun, and those that have ended.
static BEGUN: AtomicUsize = AtomicUsize::new(0);
static ENDED: AtomicUsize = AtomicUsize::new(0);

/// A write to stdout, stderr or a file, which may block.
pub(super) struct Writing;

impl Writing {
    pub(super) fn begin() -> Self {
        BEGUN.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        ENDED.fetch_add(1, Ordering::SeqCst);
    }
}

/// Waits until a write has made no progress for a second.
pub(crate) async fn stuck() {
    loop {
        let ended = ENDED.load(Ordering::SeqCst);
        let is_writing = BEGUN.load(Ordering::SeqCst) > ended;
        tokio::time::sleep(Duration::from_secs(1)).await;
        if is_writing && ENDED.load(Ordering::SeqCst) == ended {
            return;
        }
    }
}
