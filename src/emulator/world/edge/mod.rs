//! What the edge of Cloudflare knows beside the settings: the traffic of a zone, what the settings do to it, the
//! analytics that show it, and what voids a setting. The rule ids are written here once more: a stand-in that read
//! them from the client's table could never show that one of them is wrong.

mod acted;
mod analytics;
mod answer;
mod around;
mod graphql;
mod judge;
mod node;
mod of_zone;
mod rows;
mod shown;
mod traffic;

pub(super) use analytics::{Analytics, KEYS as ANALYTICS};
pub(super) use of_zone::{Edge, KEYS as OF_ZONE, is_around};
