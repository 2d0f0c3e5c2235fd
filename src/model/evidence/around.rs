//! What acts on the traffic of a zone besides its bot settings. All texts are untrusted: anyone may have written the
//! rules.

/// A custom rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CustomRule {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it matches.
    pub expression: String,
    /// What it does.
    pub action: String,
    /// Whether it acts.
    pub is_enabled: bool,
    /// Whether it excepts what it matches from Super Bot Fight Mode.
    pub skips_super_bot_fight_mode: bool,
}

impl CustomRule {
    /// Whether it stops requests by their bot score, as Cloudflare asks for where Super Bot Fight Mode is switched off.
    #[must_use]
    pub(crate) fn stops_by_score(&self) -> bool {
        let stops =
            matches!(self.action.as_str(), "block" | "challenge" | "js_challenge" | "managed_challenge");
        self.is_enabled && stops && self.expression.contains("cf.bot_management.score")
    }
}

/// An IP access rule. The address itself is not kept: it may be that of a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AccessRule {
    /// Its id.
    pub id: String,
    /// What it does: `whitelist`, `block`, `challenge`, …
    pub mode: String,
    /// What it is about: `ip`, `ip_range`, `country`, `asn`, …
    pub target: String,
    /// What somebody noted about it.
    pub notes: String,
}

/// An environment of Version Management.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    /// Its name.
    pub name: String,
    /// Whether a write does not reach it.
    pub is_locked: bool,
}
