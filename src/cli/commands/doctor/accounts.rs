//! Checks the credentials of several accounts. Each check names the variable and the accounts that it is about.

use super::access::{
    Coverage, budget, failed, reads, submissions, unusable as unusable_entries, unwritten, visible,
};
use super::clock::clock;
use super::credential::token;
use crate::api::{Client, Clients, ZoneEntry};
use crate::model::{AccountId, Diagnostic, some_of};
use crate::render::{Check, CheckStatus};

/// How many accounts a check names.
const MOST_NAMED: usize = 3;

/// A variable that holds no credential.
pub(super) fn unusable(problem: Diagnostic) -> Check {
    let place = problem.file.as_ref().zip(problem.place);
    let place = place.map(|(file, place)| format!(" ({file}:{})", place.line)).unwrap_or_default();
    let hint = problem.hint.map(|hint| hint.to_string());
    Check::failed("credentials", format!("{}{place}", problem.message)).maybe_hint(hint)
}

/// The checks of all credentials, then those of all zones together.
pub(super) async fn checks(
    clients: &Clients,
    account: Option<&AccountId>,
    files: &Coverage<'_>,
) -> Vec<Check> {
    let (mut checks, mut zones, mut is_whole) = (Vec::new(), Vec::new(), true);
    for client in clients.all() {
        let (own, listed) = one(clients, client, files).await;
        let whose = whose(clients, client);
        checks.extend(
            own.into_iter().map(|check| Check { message: format!("{whose}: {}", check.message), ..check }),
        );
        is_whole &= listed.is_some();
        zones.extend(listed.into_iter().flatten());
    }
    if is_whole {
        checks.extend(files.of(&zones).checks(zones.len(), files));
    } else {
        let why = "not compared with the files, because not every credential could list its zones";
        checks.push(Check::skipped("zones", why));
    }
    checks.push(unwritten());
    checks.push(match account.map(|account| (account, clients.of_account(account))) {
        Some((_, Err(error))) => failed("Cloud Email Security Read", &error),
        Some((account, Ok(client))) => submissions(client, Some(account)).await,
        // Any client says why it is not checked.
        None => submissions(&clients.all()[0], None).await,
    });
    let offset = clients.all().iter().find_map(Client::clock_offset);
    checks.push(clock(offset));
    checks
}

/// The checks of one credential, and the zones of its accounts, if they could be listed.
async fn one(
    clients: &Clients,
    client: &Client,
    files: &Coverage<'_>,
) -> (Vec<Check>, Option<Vec<ZoneEntry>>) {
    let own = clients.accounts_of(client);
    let mut checks = vec![Check::ok("credentials", client.credential_kind().to_string())];
    let token = token(client, own.first().copied()).await;
    let goes_on = token.status != CheckStatus::Failed;
    checks.push(token);
    if !goes_on {
        return (checks, None);
    }
    let listed = match clients.zones_of(client).await {
        Ok(listed) => listed,
        Err(error) => {
            checks.push(failed("Zone Read", &error));
            return (checks, None);
        }
    };
    let odd = unusable_entries(&listed);
    let zones: Vec<_> = listed.into_iter().flatten().collect();
    checks.push(visible(&zones));
    checks.extend(odd);
    checks.extend(reads(client, &zones, &files.of(&zones)).await);
    checks.push(budget(client));
    (checks, Some(zones))
}

/// The variable of a credential, and its accounts.
fn whose(clients: &Clients, client: &Client) -> String {
    let variable = client.called().unwrap_or_default();
    match clients.accounts_of(client).as_slice() {
        [] => format!("{variable} (all other accounts)"),
        [account] => format!("{variable} (account {account})"),
        several => format!(
            "{variable} (accounts {})",
            some_of(several.iter().map(|account| account.as_str()), MOST_NAMED)
        ),
    }
}
