//! An account of a project with a credential of its own: the name of the variable that holds its token, never the token.

use super::{AccountId, Place};
use std::fmt;

/// An account, and the variable of the environment that holds its token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct Account {
    /// The account.
    pub account_id: AccountId,
    /// The variable that holds its token.
    pub token: TokenVariable,
    /// Where the project file names the variable.
    pub place: Place,
}

impl Account {
    /// An account of a project file.
    #[must_use]
    pub(crate) fn new(account_id: AccountId, token: TokenVariable, place: Place) -> Self {
        Self { account_id, token, place }
    }
}

/// The name of a variable that holds an API token: `CLOUDFLARE_API_TOKEN`, or that with `_` and a name after it. No other
/// name is taken, since a stranger's file must not be able to send another secret of a job to the API.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TokenVariable(String);

/// A text that is not the name of such a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is `CLOUDFLARE_API_TOKEN`, or begins with `CLOUDFLARE_API_TOKEN_` and goes on with letters, digits and `_`"
)]
pub(crate) struct InvalidTokenVariable;

impl TokenVariable {
    /// The variable of the credential that a run has without a list of accounts.
    pub(crate) const DEFAULT: &'static str = "CLOUDFLARE_API_TOKEN";

    /// The maximum length of a name.
    pub(crate) const MAX_LENGTH: usize = 128;

    /// The pattern of a name, for schemas; the length limit is separate.
    pub(crate) const PATTERN: &'static str = "^CLOUDFLARE_API_TOKEN(_[A-Za-z0-9_]+)?$";

    /// The name as text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for TokenVariable {
    type Err = InvalidTokenVariable;

    fn from_str(name: &str) -> Result<Self, InvalidTokenVariable> {
        let rest = name.strip_prefix(Self::DEFAULT).ok_or(InvalidTokenVariable)?;
        let is_word = |rest: &str| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let is_name = rest.is_empty() || rest.strip_prefix('_').is_some_and(is_word);
        let is_short = name.len() <= Self::MAX_LENGTH;
        if is_name && is_short { Ok(Self(name.to_owned())) } else { Err(InvalidTokenVariable) }
    }
}

impl fmt::Display for TokenVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_of_tokens_can_be_named() {
        for name in ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_TOKEN_RETAIL", "CLOUDFLARE_API_TOKEN_eu_1"] {
            assert_eq!(name.parse::<TokenVariable>().map(|name| name.to_string()), Ok(name.to_owned()));
        }
        for name in [
            "",
            "GITHUB_TOKEN",
            "CLOUDFLARE_API_TOKENS",
            "CLOUDFLARE_API_TOKEN_",
            "CLOUDFLARE_API_TOKEN-A",
            "CLOUDFLARE_API_TOKEN_A B",
            "CLOUDFLARE_API_TOKEN_A\n",
            "cloudflare_api_token",
            "$CLOUDFLARE_API_TOKEN",
            "CLOUDFLARE_API_KEY",
            &format!("CLOUDFLARE_API_TOKEN_{}", "A".repeat(200)),
        ] {
            assert_eq!(name.parse::<TokenVariable>(), Err(InvalidTokenVariable), "{name:?}");
        }
    }
}
