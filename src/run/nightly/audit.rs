//! Reads the audit log of an account, page by page, until its end or until enough is known. The log is only evidence,
//! so a log that cannot be read gives a reason and not an error.

use crate::api::{ApiError, AuditQuery, Clients, Refusal};
use crate::model::{AccountId, AuditEntry, Silence};
use crate::run::Stop;
use std::ops::ControlFlow;
use tracing::{Instrument as _, info_span};

/// Reads the log of an account. `take` gets each page, newest entries first, and breaks when it knows enough.
///
/// # Errors
/// Why the log was not read as far as needed.
pub(crate) async fn read_log(
    clients: &Clients,
    account: &AccountId,
    query: AuditQuery,
    stop: &Stop,
    take: impl FnMut(Vec<AuditEntry>) -> ControlFlow<()> + Send,
) -> Result<(), Silence> {
    let span = info_span!("audit log", account.id = account.as_str());
    read_pages(clients, account, query, stop, take).instrument(span).await
}

async fn read_pages(
    clients: &Clients,
    account: &AccountId,
    query: AuditQuery,
    stop: &Stop,
    mut take: impl FnMut(Vec<AuditEntry>) -> ControlFlow<()> + Send,
) -> Result<(), Silence> {
    let client = clients.of_account(account).map_err(|error| silence(&error))?;
    let mut pages = client.audit_pages(account, query);
    loop {
        let page = tokio::select! {
            page = pages.next_page() => page,
            () = stop.requested() => return Err(Silence::Unread("the run was interrupted".to_owned())),
        };
        match page {
            Ok(Some(entries)) => {
                if take(entries).is_break() {
                    return Ok(());
                }
            }
            Ok(None) if pages.is_whole() => return Ok(()),
            Ok(None) => return Err(Silence::Unread(format!("it has more than {} pages", pages.read()))),
            Err(error) => return Err(silence(&error)),
        }
    }
}

/// Why a log could not be read.
fn silence(error: &ApiError) -> Silence {
    match error.refusal() {
        Some(Refusal::Permission | Refusal::Resource | Refusal::WrongToken) => Silence::NotPermitted,
        _ => Silence::Unread(error.diagnostic().message.to_string()),
    }
}
