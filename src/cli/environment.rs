//! Everything that is read from the environment and the clock.

use super::Failure;
use crate::api::Credentials;
use crate::files;
use crate::model::{AccountId, TokenVariable};
use etcetera::base_strategy::{BaseStrategy as _, Xdg};
use jiff::{Timestamp, Unit, civil::Date, tz::TimeZone};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The default address of the API.
pub(crate) const CLOUDFLARE: &str = "https://api.cloudflare.com/client/v4";

/// A variable that is set and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether a variable is set, even if it is empty.
pub(crate) fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

/// The variables that may hold a token: the default one, and those that `accounts` of a project may name.
pub(crate) fn token_variables() -> impl Iterator<Item = String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(|name| name.parse::<TokenVariable>().is_ok())
}

/// The variable of the default credentials, if they are set.
pub(crate) fn default_credentials() -> Option<&'static str> {
    let has_pair = || variable("CLOUDFLARE_EMAIL").and(variable(KEY)).is_some();
    match variable(TokenVariable::DEFAULT) {
        Some(_) => Some(TokenVariable::DEFAULT),
        None => has_pair().then_some(KEY),
    }
}

/// The variable of the global API key.
const KEY: &str = "CLOUDFLARE_API_KEY";

/// The credentials: a token, or an email with a key.
pub(crate) fn credentials() -> Result<Credentials, Failure> {
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

/// The variable that names the account.
pub(crate) const ACCOUNT: &str = "CLOUDFLARE_ACCOUNT_ID";

/// The account that an argument names, else the environment.
pub(crate) fn account(argument: Option<&str>) -> Result<Option<AccountId>, Failure> {
    let typed = argument.map(|id| (id.to_owned(), "--account"));
    let Some((id, origin)) = typed.or_else(|| variable(ACCOUNT).map(|id| (id, ACCOUNT))) else {
        return Ok(None);
    };
    AccountId::try_from(id).map(Some).map_err(|error| {
        let suggestion = error.suggestion().map(|suggestion| format!("did you mean `{suggestion}`?"));
        Failure::usage(format!("`{origin}`: {error}")).maybe_hint(suggestion)
    })
}

/// The clock of a run. The whole run has one beginning and one day, also past midnight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: Timestamp,
    begun: Instant,
}

impl Clock {
    /// Starts with the run.
    pub(crate) fn start() -> Self {
        Self { started: Timestamp::now(), begun: Instant::now() }
    }

    /// When the run began.
    pub(crate) fn started(self) -> Timestamp {
        self.started
    }

    /// The day (UTC) on which the run began.
    pub(crate) fn today(self) -> Date {
        self.started.to_zoned(TimeZone::UTC).date()
    }

    /// When that much time has passed since the run began, whatever happens to the machine's clock.
    pub(crate) fn after(self, time: Duration) -> Option<Instant> {
        self.begun.checked_add(time)
    }

    /// The time now.
    pub(crate) fn timestamp() -> Timestamp {
        Timestamp::now()
    }

    /// The time now, in seconds since 1970.
    pub(crate) fn seconds() -> i64 {
        Timestamp::now().as_second()
    }

    /// The time now, RFC 3339, to the second.
    pub(crate) fn now() -> String {
        let now = Timestamp::now();
        now.round(Unit::Second).unwrap_or(now).to_string()
    }
}

/// The part of a file's web address before its path, for the commit that a job of GitHub or GitLab has checked out.
pub(crate) fn link_base() -> Option<String> {
    let on_github = || {
        let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/blob/{}/", variable("GITHUB_SHA")?))
    };
    let on_gitlab =
        || Some(format!("{}/-/blob/{}/", variable("CI_PROJECT_URL")?, variable("CI_COMMIT_SHA")?));
    let is_plain = |base: &String| base.chars().all(|c| c.is_ascii_alphanumeric() || "-._~/:".contains(c));
    on_github().or_else(on_gitlab).filter(is_plain)
}

/// The current folder below the root of its checkout, with `/`; empty at the root, and outside of a checkout.
pub(crate) fn folder_in_checkout() -> String {
    let current = std::env::current_dir().unwrap_or_default();
    let below = files::checkout_of(&current).and_then(|root| current.strip_prefix(root).ok());
    let parts = below.into_iter().flat_map(Path::components);
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

pub(crate) fn current_folder() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|error| {
        Failure::of(&error)
            .context("cannot read the current folder")
            .hint("change to a folder that exists and that you may read")
    })
}

/// The folder where journals are kept: the user's state folder, or the current folder for a user without a home.
/// Never a shared temporary folder, where others could put files.
pub(crate) fn state_folder() -> PathBuf {
    let has_home =
        ["HOME", "USERPROFILE"].into_iter().filter_map(variable).any(|home| Path::new(&home).is_absolute());
    let state = Xdg::new().ok().filter(|_| has_home).and_then(|folders| folders.state_dir());
    match state {
        Some(folder) => folder.join("botform"),
        None => PathBuf::from(".botform/journals"),
    }
}

/// The search path for programs: absolute folders only, since the current folder may hold a stranger's files.
pub(crate) fn search_path() -> OsString {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let absolute: Vec<_> = std::env::split_paths(&folders).filter(|folder| folder.is_absolute()).collect();
    std::env::join_paths(absolute).unwrap_or_default()
}
