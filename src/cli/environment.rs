//! All that is read from the environment and the clock.

use super::failure::Failure;
use crate::api::Credentials;
use std::ffi::OsString;
use std::path::PathBuf;

/// The address of the API when nothing else is said.
pub(super) const CLOUDFLARE: &str = "https://api.cloudflare.com/client/v4";

/// A variable that is set and not empty.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The credentials: a token, or an email with a key.
pub(super) fn credentials() -> Result<Credentials, Failure> {
    let token = variable("CLOUDFLARE_API_TOKEN");
    let pair = variable("CLOUDFLARE_EMAIL").zip(variable("CLOUDFLARE_API_KEY"));
    let credentials = match (token, pair) {
        (Some(token), _) => Credentials::token(token),
        (None, Some((email, key))) => Credentials::email_and_key(email, key),
        (None, None) => {
            return Err(Failure::new("no credentials for the Cloudflare API").hint(
                "set CLOUDFLARE_API_TOKEN (permission `Bot Management Write`, or `Read` for plan), \
                 or CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY; `--emulate` needs none",
            ));
        }
    };
    credentials.map_err(|error| Failure::of(&error).hint(error.hint()))
}

/// Now, RFC 3339, to the second.
pub(super) fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}

/// Now.
pub(super) fn instant() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Today (UTC).
pub(super) fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The current folder.
pub(super) fn current_folder() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|error| {
        Failure::of(&error).hint("the current folder cannot be read; change to one that can")
    })
}

/// The folder where state of the user is kept.
pub(super) fn state_folder() -> PathBuf {
    let folder = variable("XDG_STATE_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".local/state")))
        .or_else(|| variable("LOCALAPPDATA").map(PathBuf::from))
        .unwrap_or_else(std::env::temp_dir);
    folder.join("botform")
}

/// Where programs are looked for: absolute folders only, since the current one may be full of a stranger's files.
pub(super) fn search_path() -> OsString {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let absolute: Vec<_> = std::env::split_paths(&folders).filter(|folder| folder.is_absolute()).collect();
    std::env::join_paths(absolute).unwrap_or_default()
}
