//! Ctrl-C and SIGTERM. The first asks the run to stop, the second ends it at once. A separate thread waits for them, so
//! that neither a blocked output nor a busy runtime delays them.

use super::{Failure, output};
use crate::run::Stop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;
use std::{io, thread};
use tokio::sync::oneshot;

const STOPPING: &str = "\nstopping: zones in flight are finished and read back, no other zone is started \
                        (press Ctrl-C again to end at once)\n";

/// The signals of a run, from when this is made until it is dropped.
#[derive(Debug)]
pub(crate) struct Signals {
    is_over: Arc<AtomicBool>,
}

impl Signals {
    /// Makes the first signal request a stop.
    pub(crate) fn install(stop: &Arc<Stop>) -> Result<Self, Failure> {
        let is_over = Arc::new(AtomicBool::new(false));
        let (stop, over) = (Arc::clone(stop), Arc::clone(&is_over));
        let (installed, is_installed) = mpsc::channel();
        let failed = |error: io::Error| Failure::of(&error).context("cannot listen for signals");
        let runtime = runtime()?;
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    let mut signals = match listen() {
                        Ok(signals) => signals,
                        Err(error) => return drop(installed.send(Err(error))),
                    };
                    // It cannot be sent if the run has ended.
                    let _ = installed.send(Ok(()));
                    serve(&mut signals, &stop, &over).await;
                });
            })
            .map_err(failed)?;
        is_installed.recv().map_err(|error| failed(io::Error::other(error)))?.map_err(failed)?;
        Ok(Self { is_over })
    }
}

/// After the run, the next signal ends the process, as it would without a handler.
impl Drop for Signals {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

async fn serve(signals: &mut Listener, stop: &Stop, is_over: &AtomicBool) {
    signals.next().await;
    if is_over.load(Ordering::Relaxed) {
        end();
    }
    tokio::select! {
        () = announce() => stop.request(),
        () = signals.next() => end(),
    }
    tokio::select! {
        () = signals.next() => {}
        // A run that cannot write its output would never end: nobody reads it any more.
        () = output::stuck() => {}
    }
    end();
}

/// Announces that the run stops, before it can end. It does not wait for a blocked stderr.
async fn announce() {
    let (said, is_said) = oneshot::channel();
    thread::spawn(move || {
        output::say_aside(STOPPING);
        let _ = said.send(());
    });
    let _ = tokio::time::timeout(Duration::from_secs(1), is_said).await;
}

#[cfg(unix)]
struct Listener {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
fn listen() -> io::Result<Listener> {
    use tokio::signal::unix::{SignalKind, signal};
    Ok(Listener { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
}

#[cfg(unix)]
impl Listener {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Listener(tokio::signal::windows::CtrlC);

#[cfg(not(unix))]
fn listen() -> io::Result<Listener> {
    tokio::signal::windows::ctrl_c().map(Listener)
}

#[cfg(not(unix))]
impl Listener {
    async fn next(&mut self) {
        let _ = self.0.recv().await;
    }
}

/// The runtime of a run. Most of its time is spent waiting for answers, so one thread is enough.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map(|runtime| Runtime(Some(runtime))).map_err(|error| Failure::of(&error))
}

/// A runtime that shuts down when dropped, without waiting for a DNS lookup that hangs.
#[derive(Debug)]
pub(crate) struct Runtime(Option<tokio::runtime::Runtime>);

impl Runtime {
    /// Runs work to its end.
    #[expect(clippy::expect_used, reason = "only the drop takes the runtime out")]
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.as_ref().expect("the runtime lasts until it is dropped").block_on(work)
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(tokio::runtime::Runtime::shutdown_background);
    }
}

/// Waits for a signal, for a command without a run to stop.
pub(crate) async fn wait() -> io::Result<()> {
    listen()?.next().await;
    Ok(())
}

#[expect(
    clippy::exit,
    reason = "a second Ctrl-C ends the process at once; the journal records what was in flight"
)]
fn end() {
    std::process::exit(1);
}
