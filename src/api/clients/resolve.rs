//! Finds zones with several clients. For a name without an account every client is asked, since two accounts may hold
//! it; if one could not be asked, the name is not known to be unique.

use super::Clients;
use super::clients::{Scope, unlisted};
use crate::api::resolve::{Found, Listing, MOST_SUGGESTIONS, Said, ask, find, shown};
use crate::api::zones::AT_ONCE;
use crate::api::{ApiError, Lookup, ResolveError, ZoneEntry};
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use std::sync::Arc;

/// A client with what it lists.
struct Part<'c> {
    clients: &'c Clients,
    scope: Scope<'c>,
    /// `None` if it is asked for a single zone, or for none.
    listing: Option<Listing>,
}

/// Finds the wanted zones; the results are in the order of `wanted`.
pub(super) async fn resolve(clients: &Clients, wanted: &[Lookup]) -> Vec<Found> {
    let parts = join_all(clients.scopes().into_iter().map(|scope| Part::read(clients, scope, wanted))).await;
    // Indices, since a closure over references makes the future not `Send` for the compiler.
    let each = stream::iter(0..wanted.len()).map(|index| settle(&wanted[index], &parts));
    let mut found: Vec<Found> = each.buffered(AT_ONCE).collect().await;
    suggest(&parts, &mut found);
    found
}

impl<'c> Part<'c> {
    async fn read(clients: &'c Clients, scope: Scope<'c>, wanted: &[Lookup]) -> Self {
        let mut part = Self { clients, scope, listing: None };
        let asked: Vec<_> =
            wanted.iter().filter(|lookup| part.is_asked(lookup)).map(|lookup| part.scoped(lookup)).collect();
        if asked.len() > 1 {
            let mut listing = Listing::scan(scope.client, &asked).await;
            if scope.account.is_none() {
                listing.without(|account| clients.is_listed(account));
            }
            part.listing = Some(listing);
        }
        part
    }

    /// Whether the zone may belong to this client.
    fn is_asked(&self, lookup: &Lookup) -> bool {
        match (&lookup.account_id, self.scope.account) {
            (None, _) => true,
            (Some(wanted), Some(account)) => wanted == account,
            (Some(wanted), None) => !self.clients.is_listed(wanted),
        }
    }

    /// The look-up in the client's account.
    fn scoped(&self, lookup: &Lookup) -> Lookup {
        let account_id = self.scope.account.or(lookup.account_id.as_ref()).cloned();
        Lookup { account_id, ..lookup.clone() }
    }

    /// What is known without a further request.
    fn says(&self, lookup: &Lookup) -> Said {
        self.listing.as_ref().map_or(Said::Open, |listing| listing.says(self.scope.client, lookup))
    }

    async fn ask(&self, lookup: &Lookup) -> Found {
        ask(self.scope.client, lookup).await
    }

    /// The zones of an answer that belong to this client, or why the answer is open.
    fn zones(&self, answer: Found) -> Result<Vec<ZoneEntry>, ApiError> {
        let is_own = |zone: &ZoneEntry| self.scope.holds(zone, |account| self.clients.is_listed(account));
        let zones = match answer {
            Ok(zone) => vec![zone],
            Err(ApiError::Resolve(ResolveError::Ambiguous { zones, .. })) => zones.to_vec(),
            Err(ApiError::Resolve(ResolveError::NotFound { .. })) => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(zones.into_iter().filter(is_own).collect())
    }
}

async fn settle(lookup: &Lookup, parts: &[Part<'_>]) -> Found {
    let asked: Vec<_> = parts.iter().filter(|part| part.is_asked(lookup)).collect();
    let found = match (asked.as_slice(), &lookup.account_id) {
        ([], Some(account)) => return Err(unlisted(account)),
        ([part], _) => {
            let lookup = part.scoped(lookup);
            match &part.listing {
                Some(listing) => find(part.scope.client, &lookup, listing).await,
                None => part.ask(&lookup).await,
            }
            .map(|zone| (zone, part.scope.index))
        }
        (several, _) => among(lookup, several).await,
    };
    let (zone, index) = found?;
    if let Some(part) = asked.first() {
        part.clients.remember(&zone, index);
    }
    Ok(zone)
}

/// Finds a zone that each of several clients may have.
async fn among(lookup: &Lookup, parts: &[&Part<'_>]) -> Result<(ZoneEntry, usize), ApiError> {
    let mut answers = Vec::with_capacity(parts.len());
    for part in parts {
        let scoped = part.scoped(lookup);
        answers.push(match part.says(&scoped) {
            Said::Settled(answer) => Some(part.zones(answer)),
            Said::Open => Some(part.zones(part.ask(&scoped).await)),
            Said::Absent => None,
        });
    }
    let is_seen = answers.iter().flatten().any(|zones| zones.as_ref().is_ok_and(|zones| !zones.is_empty()));
    if !is_seen {
        // A zone can slip between two pages while a list is read, so even complete lists are not trusted with its
        // absence.
        for (part, answer) in parts.iter().zip(&mut answers).filter(|(_, answer)| answer.is_none()) {
            *answer = Some(part.zones(part.ask(&part.scoped(lookup)).await));
        }
    }
    let answers =
        parts.iter().copied().zip(answers.into_iter().map(|answer| answer.unwrap_or(Ok(Vec::new()))));
    judge(lookup, answers)
}

/// Combines the answers of all clients. An id is unique; a name only is if all of them answered.
fn judge<'p>(
    lookup: &Lookup,
    answers: impl Iterator<Item = (&'p Part<'p>, Result<Vec<ZoneEntry>, ApiError>)>,
) -> Result<(ZoneEntry, usize), ApiError> {
    let mut zones: Vec<(ZoneEntry, &Part<'_>)> = Vec::new();
    let mut failed: Option<(&Part<'_>, ApiError)> = None;
    for (part, answer) in answers {
        match answer {
            Ok(found) => zones.extend(found.into_iter().map(|zone| (zone, part))),
            Err(error) if error.is_identity_mismatch() => return Err(error),
            // An error that leaves the zone's existence open outweighs "this credential does not see it".
            Err(error) if failed.as_ref().is_none_or(|(_, first)| first.is_elsewhere()) => {
                failed = Some((part, error));
            }
            Err(_) => {}
        }
    }
    let mut seen = std::collections::HashSet::new();
    zones.retain(|(zone, _)| seen.insert(zone.id.clone()));
    let name = lookup.name.clone();
    match (zones.as_slice(), failed) {
        ([(zone, part)], Some((other, source))) if lookup.zone_id.is_none() => {
            Err(ResolveError::NotAllAsked {
                name,
                account: zone.account_id.clone().or_else(|| part.scope.account.cloned()),
                unasked: other.scope.account.cloned(),
                source: Arc::new(source),
            }
            .into())
        }
        ([(zone, part)], _) => Ok((zone.clone(), part.scope.index)),
        ([], Some((_, error))) => Err(error),
        ([], None) => Err(ResolveError::NotFound { name, similar: None }.into()),
        ([(_, part), ..], _) => {
            let entries: Vec<_> = zones.iter().map(|(zone, _)| zone).collect();
            Err(ResolveError::Ambiguous { name, zones: shown(part.scope.client, &entries) }.into())
        }
    }
}

/// Adds a similar name to the first zones that were not found.
fn suggest(parts: &[Part<'_>], found: &mut [Found]) {
    let missing = found.iter_mut().filter_map(|result| match result {
        Err(ApiError::Resolve(ResolveError::NotFound { name, similar })) => Some((name, similar)),
        _ => None,
    });
    for (name, similar) in missing.take(MOST_SUGGESTIONS) {
        let mut listings = parts.iter().filter_map(|part| part.listing.as_ref());
        *similar = listings.find_map(|listing| listing.most_like(name.as_str()));
    }
}
