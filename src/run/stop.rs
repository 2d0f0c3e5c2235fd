//! The wish to stop: no further zone is begun, the ones in flight are finished and read back.

use std::time::Duration;
use tokio::sync::watch;

/// How many zones are read or written at the same time, unless something else is asked for. A request takes long
/// and costs little, and the request budget holds whatever the number.
pub const CONCURRENCY: usize = 50;

/// How long to wait before something is sent, or looked for, again.
pub const PAUSE: Duration = Duration::from_millis(500);

/// A wish that can be seen from everywhere in a run, and waited for. Clones share it.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Asks the run to stop.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// Whether the run was asked to stop.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the run is asked to stop.
    pub async fn requested(&self) {
        let mut seen = self.0.subscribe();
        // A sender lives as long as `self`, so that waiting ends only with the wish.
        let _ = seen.wait_for(|stop| *stop).await;
    }
}
