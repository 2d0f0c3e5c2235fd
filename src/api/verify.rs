//! `GET /user/tokens/verify`, `GET /accounts/{account_id}/tokens/verify` and `GET /user`: whether the credentials are
//! valid. None of them reports the permissions.

use super::client::{Answer, Call, Shape, Size};
use super::{ApiError, Client};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;
use std::fmt;

/// The kinds of credentials that Cloudflare issues; the prefix of a token shows its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum CredentialKind {
    /// A token of a user.
    UserToken,
    /// A token that an account owns.
    AccountToken,
    /// A token without a known prefix.
    Token,
    /// The global API key of a user.
    GlobalKey,
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UserToken => "an API token of a user",
            Self::AccountToken => "an API token of an account",
            Self::Token => "an API token",
            Self::GlobalKey => "the global API key of a user",
        })
    }
}

/// The status of the credentials at Cloudflare.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct CredentialStatus {
    /// `active`, `disabled` or `expired`; `None` if Cloudflare does not report it.
    pub status: Option<String>,
    /// When a token expires; `None` if it does not or if Cloudflare does not report it.
    pub expires_on: Option<Timestamp>,
}

impl CredentialStatus {
    /// Whether Cloudflare reports the credentials as disabled or expired.
    #[must_use]
    pub(crate) fn is_inactive(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status != "active")
    }
}

impl Client {
    /// Asks the credentials' own endpoint whether they are valid. An account-owned token can only be verified in its
    /// account ([`Options::account_id`](super::Options::account_id)); without one, the zone list stands in, which every
    /// token may request.
    ///
    /// # Errors
    /// Cloudflare refuses the credentials, or does not answer.
    pub(crate) async fn verify_credentials(&self) -> Result<CredentialStatus, ApiError> {
        let (path, is_own) = self.own_endpoint();
        let read = |answer: Answer| {
            let text = |key: &str| answer.result.get(key).and_then(Json::as_str).filter(|_| is_own);
            Ok(CredentialStatus {
                status: text("status").map(|status| self.clean(status)),
                expires_on: text("expires_on").and_then(|time| time.parse().ok()),
            })
        };
        self.read(Call::get(path, None, Size::List), Shape::Bare, read).await
    }

    /// How far the server's clock was ahead of this machine's at the latest reply, to about a second; `None` before the
    /// first.
    #[must_use]
    pub fn clock_offset(&self) -> Option<SignedDuration> {
        self.server_clock()
    }
}
