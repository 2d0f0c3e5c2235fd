//! Ctrl-C and SIGTERM: the first asks the run to stop, the second ends it at once.

use crate::cli::output;
use crate::run::Stop;
use std::sync::Arc;

/// Listens for the wish to stop, as long as the runtime lives.
pub(crate) fn listen(stop: &Arc<Stop>) {
    let stop = Arc::clone(stop);
    tokio::spawn(async move {
        wait().await;
        stop.request();
        output::say(
            "\nstopping: no further zone is begun, the ones in flight are finished and read back (once more to end at once)\n",
        );
        wait().await;
        end();
    });
}

#[cfg(unix)]
pub(crate) async fn wait() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
pub(crate) async fn wait() {
    let _ = tokio::signal::ctrl_c().await;
}

#[expect(
    clippy::exit,
    reason = "the second Ctrl-C ends the process at once; the journal tells what was in flight"
)]
fn end() {
    std::process::exit(1);
}
