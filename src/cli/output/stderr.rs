//! Output to stderr, as wrapped text or as lines of a JSON log, and the detection of writes that are stuck.

use crate::cli::environment::{self, Clock};
use crate::cli::redact::leaving;
use crate::model::Notation;
use crate::render::{Page, Paint};
use serde_json::{Value as Json, json};
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use terminal_size::{Height, Width, terminal_size_of};

/// The level of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// The run does not do what was asked.
    Error,
    /// Something needs attention.
    Warning,
    /// Something is worth knowing.
    Note,
    /// Progress, without a label.
    Info,
}

impl Level {
    /// The level in the log.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warning => "WARN",
            Self::Note | Self::Info => "INFO",
        }
    }
}

/// Prints on stderr: the text for people or, with a JSON log, the fields of each line with its level.
pub(super) fn say_text(text: &str, fields: impl FnOnce() -> Vec<(Level, Json)>) {
    let _writing = Writing::begin();
    write(text, fields);
}

/// Prints a message that is not part of the run: if this write is stuck, the run is not.
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

/// Wraps sentences; drawings fit already.
fn fitted(text: &str, width: Option<usize>) -> String {
    let page = Page { paint: Paint::Plain, width };
    text.split_inclusive('\n').map(|line| page.wrap(line, 0, 2)).collect()
}

/// Whether messages are lines of JSON, as the log is.
static SPEAKS_JSON: AtomicBool = AtomicBool::new(false);

/// Makes messages lines of JSON, for the whole process.
pub(crate) fn speak_json() {
    SPEAKS_JSON.store(true, Ordering::Relaxed);
}

/// A message as a line of the log; nothing for an empty one.
fn line_of_log((level, fields): (Level, Json)) -> String {
    if fields["message"] == "" {
        return String::new();
    }
    let (timestamp, level, target) = (Clock::now(), level.word(), "botform");
    let line = json!({ "timestamp": timestamp, "level": level, "fields": fields, "target": target });
    format!("{line}\n")
}

/// The width of stderr in cells: `COLUMNS`, or else the terminal's; `None` without a terminal.
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

/// The minimum width in cells: a narrower layout is unreadable.
const LEAST_WIDTH: usize = 40;

/// The numbers of writes that have begun and ended.
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
