//! Desired and live in, rows out: pure and sync.
//! Decides what differs, what is blocked and why; writes nothing and makes no requests.

mod adopt;
mod checks;
mod earlier;
mod effect;
mod feedback;
mod last_applied;
mod outside;
mod row;
mod sent;
mod share;
mod stale;
mod verify;
mod waivers;
mod who;
mod zone;

pub(crate) use adopt::{Adoption, adopt, describe};
pub(crate) use earlier::may_be_held;
pub use earlier::{Earlier, EarlierValue, EarlierWanted, Origin};
pub use effect::Effect;
pub use feedback::{FeedbackStatus, ZoneFeedback};
pub(crate) use feedback::{Presence, ZoneGroup, by_zone, presence};
pub(crate) use last_applied::RecordedSince;
pub use last_applied::{LastApplied, Recorded};
pub use outside::ChangedOutside;
pub(crate) use outside::{mark_one, mark_outside, value as live_value};
pub use row::{Acceptance, Row, Verdict};
pub(crate) use row::{Key, VerdictKind};
pub(crate) use sent::SentSetting;
pub(crate) use share::Shared;
pub(crate) use verify::{moved, outcome_of, verify};
pub(crate) use who::{Asked, AuditLog};
#[doc(hidden)]
pub use zone::Context;
pub(crate) use zone::{ZoneDiff, broken_need, derive, diff, unread};
