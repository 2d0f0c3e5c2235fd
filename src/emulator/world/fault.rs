//! The words of scripted faults: on which requests they fall and what they do.

use super::reply::{Body, Delivery, Reply, edge_page};
use serde_json::{Map, Value as Json, json};

/// The kind of request that a fault falls on; each is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum On {
    Get,
    Put,
    Post,
    GetFeedback,
    Zones,
    Submissions,
}

impl On {
    /// The words of a zone's faults.
    pub(super) const OF_ZONE: [(&'static str, Self); 4] =
        [("GET", Self::Get), ("PUT", Self::Put), ("POST", Self::Post), ("GET_FEEDBACK", Self::GetFeedback)];

    /// The words of the world's faults.
    pub(super) const OF_WORLD: [(&'static str, Self); 2] =
        [("ZONES", Self::Zones), ("SUBMISSIONS", Self::Submissions)];

    /// Whether such a request stores anything.
    pub(super) const fn writes(self) -> bool {
        matches!(self, Self::Put | Self::Post)
    }
}

/// What someone else changes; null removes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Edit {
    pub(super) live: Map<String, Json>,
    pub(super) stale: Map<String, Json>,
}

/// What happens to a reply.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Twist {
    Status(u16),
    Cut,
    Silent,
    Reset,
    Throttle { code: u32, retry_after: u64 },
    SuccessFalse,
    Refuse { status: u16, code: u32, message: String },
    Empty,
    Html,
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    /// Someone edits the zone right before the request.
    Edit(Edit),
    /// Someone edits the zone right after it.
    EditAfter(Edit),
    /// The write moves something else too.
    Collateral(Edit),
    /// The reply shows the wanted values, and nothing is stored.
    Ignore,
    /// The reply goes wrong, with the write stored or not.
    Twist { twist: Twist, stored: bool },
}

/// A scripted fault.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) on: On,
    /// The first request it falls on, from 1.
    pub(super) nth: u32,
    /// How many it falls on; nothing for all from then on.
    pub(super) count: Option<u32>,
    pub(super) action: Action,
}

impl Fault {
    pub(super) fn falls_on(&self, on: On, nth: u32) -> bool {
        let ends = self.count.map_or(u32::MAX, |count| self.nth.saturating_add(count));
        self.on == on && (self.nth..ends).contains(&nth)
    }
}

impl Twist {
    /// The reply as the client gets it.
    pub(super) fn apply(&self, reply: Reply) -> Reply {
        match self {
            Self::Status(status) => Reply::failure(*status),
            Self::Cut => Reply { delivery: Delivery::Cut, ..reply },
            Self::Silent => Reply { delivery: Delivery::Silent, ..reply },
            Self::Reset => Reply { delivery: Delivery::Reset, ..reply },
            Self::Throttle { code, retry_after } => Reply::throttled(*code, *retry_after),
            Self::SuccessFalse => {
                let body = json!({ "success": false, "errors": null, "messages": [], "result": null });
                Reply::new(200, Body::Json(body))
            }
            Self::Refuse { status, code, message } => Reply::error(*status, *code, message),
            Self::Empty => Reply::new(200, Body::Empty),
            Self::Html => Reply::new(200, Body::Html(edge_page(200))),
        }
    }
}
