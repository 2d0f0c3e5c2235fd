//! Checks one credential: its kind, and whether Cloudflare accepts it.

use super::access::failed;
use crate::api::{ApiError, Client, CredentialKind, Reason};
use crate::cli::environment;
use crate::cli::session::Session;
use crate::model::AccountId;
use crate::render::Check;

/// The kind of the credential of a run that has a single one.
pub(super) fn credential(client: &Client, session: &Session) -> Check {
    let name = "credentials";
    if session.is_emulated() {
        return Check::ok(name, "the emulator's own");
    }
    let both = environment::variable("CLOUDFLARE_API_TOKEN")
        .and(environment::variable("CLOUDFLARE_API_KEY"))
        .is_some();
    let kind = client.credential_kind().to_string();
    match both {
        true => Check::warning(name, format!("{kind}; CLOUDFLARE_API_KEY is also set, but not used"))
            .hint("unset the one that you do not need"),
        false => Check::ok(name, kind),
    }
}

/// Whether Cloudflare accepts a credential.
pub(super) async fn token(client: &Client, account: Option<&AccountId>) -> Check {
    let of_account = client.credential_kind() == CredentialKind::AccountToken;
    let name = if client.credential_kind() == CredentialKind::GlobalKey { "key" } else { "token" };
    match client.verify_credentials().await {
        Err(error) if is_connection(&error) => failed("connection", &error),
        Err(error) => failed(name, &error),
        Ok(status) if status.is_inactive() => {
            let place = match of_account {
                true => "in the dashboard, under Manage Account > Account API Tokens",
                false => "at https://dash.cloudflare.com/profile/api-tokens",
            };
            Check::failed(name, format!("Cloudflare reports it as {}", status.status.unwrap_or_default()))
                .hint(format!("enable it again or create a new one, {place}"))
        }
        Ok(status) => match status.expires_on {
            Some(end) => Check::ok(name, format!("active until {end}")),
            None if status.status.is_some() => Check::ok(name, "active, does not expire"),
            None if of_account && account.is_none() => {
                Check::ok(name, "accepted").hint("add `--account ID` to see when it expires")
            }
            None => Check::ok(name, "accepted"),
        },
    }
}

/// Whether no reply arrived, so that the credentials could not be judged.
fn is_connection(error: &ApiError) -> bool {
    matches!(error, ApiError::Exchange(error) if matches!(error.reason, Reason::Transport(_)))
}
