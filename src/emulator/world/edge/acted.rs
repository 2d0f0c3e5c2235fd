//! What acted on a request, as an event of the analytics shows it.

use crate::emulator::world::access::derive;
use std::borrow::Cow;

/// The ruleset of the rules for AI bots.
const AI_RULES: &str = "3e677e63d4e9479382576f3fa66279e7";

/// The ruleset of Super Bot Fight Mode, whose id is not published.
const SBFM_RULES: &str = "Super Bot Fight Mode";

/// What acted on a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::emulator::world) struct Acted {
    pub(super) source: Cow<'static, str>,
    pub(super) action: String,
    pub(super) rule: String,
    pub(super) ruleset: String,
    pub(super) description: String,
}

impl Acted {
    pub(super) fn new(source: &'static str, action: &str, rule: &str, description: &str) -> Self {
        let [action, rule, description] = [action, rule, description].map(str::to_owned);
        Self { source: source.into(), action, rule, ruleset: String::new(), description }
    }

    pub(super) fn of_sbfm(action: &str, rule: &str, description: &str) -> Self {
        let ruleset = derive(SBFM_RULES);
        Self { ruleset, ..Self::new("firewallManaged", action, rule, description) }
    }

    pub(super) fn of_ai(rule: &str, description: &str) -> Self {
        let ruleset = AI_RULES.to_owned();
        Self { ruleset, ..Self::new("firewallManaged", "block", rule, description) }
    }

    /// Whether it keeps the request from the site until a challenge is solved, or for good.
    pub(super) fn stops(&self) -> bool {
        self.action == "block" || self.action.ends_with("challenge")
    }
}
