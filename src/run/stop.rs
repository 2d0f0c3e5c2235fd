//! The wish to stop: no further zone is started, the ones in flight are finished and read back.

use tokio::sync::watch;

/// A wish that can be seen from everywhere in a run, and waited for.
#[derive(Debug)]
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
        // The sender lives as long as `self`, so that waiting ends only with the wish.
        let _ = seen.wait_for(|stop| *stop).await;
    }
}
