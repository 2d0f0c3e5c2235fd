//! What is said on stderr, progress on a terminal included, and whether a write of any kind is stuck.

use crate::cli::redact::redact;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Says something on stderr.
pub(crate) fn say(text: &str) {
    let _writing = Writing::begin();
    say_aside(text);
}

/// The same from beside the run, which is not stuck where this is.
pub(crate) fn say_aside(text: &str) {
    // There is nobody left to tell that stderr is closed.
    let _ = write!(anstream::stderr(), "{}", redact(text));
}

/// Whether a person sits at stdin and stderr.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// A bar of zones, on a terminal only: elsewhere the result says it all.
pub(crate) fn progress_bar(zones: usize, verb: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(zones as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{prefix} {pos}/{len} {bar:30} {eta}") {
        bar.set_style(style);
    }
    bar.set_prefix(verb);
    bar
}

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
