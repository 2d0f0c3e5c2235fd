//! Desired and live in, rows out: pure and sync.
//! It decides what differs, what is blocked and why; it writes nothing and uses no API.

mod adopt;
mod checks;
mod earlier;
mod effect;
mod feedback;
mod row;
mod share;
mod stale;
mod verify;
mod waivers;
mod zone;

pub use adopt::{Adoption, adopt, describe};
pub use earlier::{Earlier, EarlierValue, EarlierWanted, Origin, may_be_held};
pub use effect::Effect;
pub use feedback::{FeedbackStatus, Presence, ZoneFeedback, ZoneGroup, by_zone, presence};
pub use row::{Key, Reason, Row, Verdict};
pub use share::Shared;
pub use verify::{moved, outcome_of, verify};
pub use zone::{Context, ZoneDiff, derive, diff, unread};
