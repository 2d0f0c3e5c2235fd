//! One security event, and the time in which it is looked for. It holds no address of a client: none is asked for.

use super::{ActionKind, action_kind};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a rule did to a request. All texts come from the analytics, or from whoever sent the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Event {
    /// When it happened.
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
    /// The Ray id of the request.
    pub ray: String,
    /// What was done, in the word of the analytics.
    pub action: String,
    /// The product, in the word of the analytics.
    pub source: String,
    /// The id of the rule.
    pub rule: String,
    /// The id of its ruleset.
    pub ruleset: String,
    /// The name of the rule.
    pub name: String,
    /// The user agent of the request.
    pub user_agent: String,
    /// The host of the request.
    pub host: String,
    /// The path of the request.
    pub path: String,
    /// The country that it came from.
    pub country: String,
    /// The number of the network that it came from.
    pub asn: String,
    /// The status of the reply.
    pub status: Option<u16>,
    /// How many events it stands for in the sample.
    pub weight: u64,
}

impl Event {
    /// What the action means.
    #[must_use]
    pub(crate) fn kind(&self) -> ActionKind {
        action_kind(&self.action)
    }
}

/// A range of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Window {
    /// Its beginning.
    #[schemars(with = "String")]
    pub from: Timestamp,
    /// Its end.
    #[schemars(with = "String")]
    pub to: Timestamp,
}

impl Window {
    /// How long it is.
    #[must_use]
    pub(crate) fn length(&self) -> SignedDuration {
        self.to.duration_since(self.from)
    }

    /// Both halves.
    #[must_use]
    pub(crate) fn halves(self) -> [Self; 2] {
        let half = SignedDuration::from_secs(self.length().as_secs() / 2);
        let middle = self.from.saturating_add(half).unwrap_or(self.to);
        [Self { to: middle, ..self }, Self { from: middle, ..self }]
    }

    /// Its length in words, such as `24 h`.
    #[must_use]
    pub(crate) fn words(&self) -> String {
        let minutes = (self.length().as_secs() + 30) / 60;
        match minutes {
            0..120 => format!("{minutes} min"),
            120..2880 => format!("{} h", (minutes + 30) / 60),
            _ => format!("{} days", (minutes + 720) / 1440),
        }
    }
}
