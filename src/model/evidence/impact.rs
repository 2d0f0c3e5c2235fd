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

#[cfg(test)]
mod tests {
    use super::super::NoNumberKind;
    use super::*;

    fn counted(agents: &[(&str, u64)], solved: Option<u64>, day: &str) -> RowImpact {
        let agent = |(name, count): &(&str, u64)| Agent {
            name: (*name).to_owned(),
            requests: Estimate::exact(*count),
        };
        let [from, to] = ["00", "12"].map(|hour| format!("{day}T{hour}:00:00Z").parse().unwrap());
        RowImpact::Counted(Impact {
            does: Does::KeepsOut,
            requests: Estimate::exact(agents.iter().map(|(_, count)| count).sum()),
            solved: solved.map(Estimate::exact),
            agents: agents.iter().map(agent).collect(),
            window: Window { from, to },
        })
    }

    #[test]
    fn a_change_of_several_zones_adds_up_by_kind_of_bot() {
        let all = [
            counted(&[("AI Crawler", 5), ("AI Search", 3)], None, "2026-11-28"),
            RowImpact::Unknown(NoNumber::new(NoNumberKind::TooOld, "no")),
            counted(&[("AI Search", 4)], Some(2), "2026-11-27"),
            counted(&[("AI Assistant", 1)], Some(3), "2026-11-29"),
        ];
        let Some((RowImpact::Counted(sum), 1)) = RowImpact::together(&all) else { panic!() };
        let agents: Vec<_> =
            sum.agents.iter().map(|agent| (agent.name.as_str(), agent.requests.count)).collect();
        assert_eq!(agents, [("AI Search", 7), ("AI Crawler", 5), ("AI Assistant", 1)]);
        assert_eq!((sum.requests.count, sum.solved.map(|solved| solved.count)), (13, Some(5)));
        let window = [sum.window.from, sum.window.to].map(|time| time.to_string());
        assert_eq!(window, ["2026-11-27T00:00:00Z", "2026-11-29T12:00:00Z"]);
    }

    #[test]
    fn where_no_zone_has_a_number_the_reason_of_the_first_stands() {
        let none = |text| RowImpact::Unknown(NoNumber::new(NoNumberKind::TooOld, text));
        assert_eq!(RowImpact::together(&[none("first"), none("second")]), Some((none("first"), 0)));
        assert_eq!(RowImpact::together(&[]), None);
    }
}
