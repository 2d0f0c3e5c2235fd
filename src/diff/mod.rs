//! Desired and live in, changes out: pure and sync.
//! It decides what differs, what is blocked and why; it writes nothing and asks nobody.

mod baseline;
mod change;
mod effect;
mod feedback;
mod rules;
mod stale;
mod verify;
mod zone;

pub use baseline::{Baseline, Origin};
pub use change::{Change, ChangeReason};
pub use effect::Effect;
pub use feedback::{FeedbackStatus, Presence, ZoneFeedback, ZoneGroup, by_zone, presence};
pub use stale::{StaleAction, StaleMember};
pub use verify::{outcome_of, verify};
pub use zone::{Context, InSync, Waived, ZoneDiff, diff};
