//! What a change would have done to recent requests: a number with its interval, or why there is none.

use super::{Estimate, NoNumber, Window};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a change does to requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub(crate) enum Does {
    /// Requests that are stopped now would pass.
    LetsPass,
    /// Requests that pass now would be refused.
    KeepsOut,
    /// Requests that pass now would be challenged.
    Challenges,
    /// Requests that are challenged now would be refused.
    BlocksChallenged,
    /// Requests that are refused now would be challenged.
    ChallengesBlocked,
    /// Requests that are led into a maze now would not be.
    LeavesMaze,
}

impl Does {
    /// What it does, as a predicate with the number of requests as its object.
    #[must_use]
    pub(crate) const fn phrase(self) -> &'static str {
        match self {
            Self::LetsPass => "would have let pass",
            Self::KeepsOut => "would have kept out",
            Self::Challenges => "would have challenged",
            Self::BlocksChallenged => "would have refused instead of challenged",
            Self::ChallengesBlocked => "would have challenged instead of refused",
            Self::LeavesMaze => "would have kept out of the maze",
        }
    }
}

/// Requests of a kind of verified bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Agent {
    /// The kind, in Cloudflare's words.
    pub name: String,
    /// How many requests.
    pub requests: Estimate,
}

/// What a change would have done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Impact {
    /// What it does to them.
    pub does: Does,
    /// How many requests it reaches.
    pub requests: Estimate,
    /// How many challenges of the rule were solved: probably people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solved: Option<Estimate>,
    /// The kinds of verified bots among them, the most first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<Agent>,
    /// The period that was counted.
    pub window: Window,
}

/// What is known of the effect of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RowImpact {
    /// A number.
    Counted(Impact),
    /// Why there is none.
    Unknown(NoNumber),
}

/// What is known of the effect of the rows of a zone: setting, whether it is stale, and that.
pub(crate) type RowImpacts = Vec<(String, bool, RowImpact)>;

impl RowImpact {
    /// The effect of the same change in several zones, with the number of zones without a number. Where no zone has
    /// one, the reason of the first stands.
    #[must_use]
    pub(crate) fn together<'a>(all: impl IntoIterator<Item = &'a Self>) -> Option<(Self, usize)> {
        let (mut sum, mut reason, mut unknown) = (None::<Impact>, None, 0);
        for one in all {
            match (one, &mut sum) {
                (Self::Unknown(why), _) => {
                    unknown += 1;
                    reason.get_or_insert(why);
                }
                (Self::Counted(impact), Some(sum)) => sum.add(impact),
                (Self::Counted(impact), none) => *none = Some(impact.clone()),
            }
        }
        match (sum, reason) {
            (Some(sum), _) => Some((Self::Counted(sum), unknown)),
            (None, Some(why)) => Some((Self::Unknown(why.clone()), 0)),
            (None, None) => None,
        }
    }
}

impl Impact {
    fn add(&mut self, other: &Self) {
        self.requests = self.requests.plus(other.requests);
        self.solved = match (self.solved, other.solved) {
            (Some(one), Some(other)) => Some(one.plus(other)),
            (one, other) => one.or(other),
        };
        for agent in &other.agents {
            match self.agents.iter_mut().find(|known| known.name == agent.name) {
                Some(known) => known.requests = known.requests.plus(agent.requests),
                None => self.agents.push(agent.clone()),
            }
        }
        self.agents
            .sort_by(|one, other| (other.requests.count, &one.name).cmp(&(one.requests.count, &other.name)));
        self.window.from = self.window.from.min(other.window.from);
        self.window.to = self.window.to.max(other.window.to);
    }
}
