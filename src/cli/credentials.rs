//! The credentials of a run: one for all accounts, or those under `accounts` of botform.yaml, with the default one for
//! all others. The file names variables; tokens only come from the environment.

use super::{Failure, environment, inputs};
use crate::api::Credentials;
use crate::config::Project;
use crate::model::{Account, AccountId, Diagnostic, DiagnosticKind};

/// A credential, and what it is for.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) credentials: Credentials,
    /// Its variable, which messages name if the run has several credentials.
    pub(crate) called: Option<String>,
    /// The listed accounts that it serves.
    pub(crate) accounts: Vec<AccountId>,
    /// Whether it serves all accounts that are not listed.
    pub(crate) is_rest: bool,
}

/// The credentials of a run. Problems with any of them are shown before a request is sent.
pub(crate) fn all(project: &Project) -> Result<Vec<Held>, Failure> {
    if project.accounts.is_empty() {
        let credentials = environment::credentials()?;
        return Ok(vec![Held { credentials, called: None, accounts: Vec::new(), is_rest: true }]);
    }
    inputs::report(&inputs::with_lines(problems(project)))?;
    let mut held: Vec<Held> = Vec::new();
    for account in &project.accounts {
        // One that cannot be read was reported.
        let Ok(credentials) = token(account) else { continue };
        add(&mut held, credentials, account.token.as_str(), Some(&account.account_id));
    }
    if let Some(variable) = environment::default_credentials() {
        add(&mut held, environment::credentials()?, variable, None);
    }
    let each: Vec<_> = held.iter().map(|held| held.credentials.clone()).collect();
    let others =
        |own: &Credentials| each.iter().filter(|other| !other.is_same(own)).cloned().collect::<Vec<_>>();
    for held in &mut held {
        held.credentials = held.credentials.clone().redacting(&others(&held.credentials));
    }
    Ok(held)
}

/// Adds a credential. The same one under two names counts once: it has one budget at Cloudflare.
fn add(held: &mut Vec<Held>, credentials: Credentials, variable: &str, account: Option<&AccountId>) {
    let known = held.iter().position(|held| held.credentials.is_same(&credentials));
    let index = known.unwrap_or_else(|| {
        let called = Some(variable.to_owned());
        held.push(Held { credentials, called, accounts: Vec::new(), is_rest: false });
        held.len() - 1
    });
    if let Some(held) = held.get_mut(index) {
        held.accounts.extend(account.cloned());
        held.is_rest |= account.is_none();
    }
}

/// The problems with the variables that the accounts name.
pub(crate) fn problems(project: &Project) -> Vec<Diagnostic> {
    let file = project.input.as_ref().map_or("", |input| input.path.as_str());
    project
        .accounts
        .iter()
        .filter_map(|account| Some(token(account).err()?.at(file, account.place)))
        .collect()
}

fn token(account: &Account) -> Result<Credentials, Diagnostic> {
    let Account { account_id, token: variable, .. } = account;
    let problem = |message: String| Diagnostic::error(message).kind(DiagnosticKind::Credentials);
    let Some(text) = environment::variable(variable.as_str()) else {
        let state = if environment::is_set(variable.as_str()) { "empty" } else { "not set" };
        return Err(problem(format!("{variable} is {state}")).hint(format!(
            "set it to an API token of account {account_id} (permission `Bot Management Write`, or `Read` for plan), \
             or remove the account from the list"
        )));
    };
    Credentials::token(text).map_err(|error| problem(format!("{variable}: {error}")).hint(error.hint()))
}
