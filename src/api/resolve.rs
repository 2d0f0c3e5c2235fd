//! Finds the wanted zones with as few requests as it takes: pages of the list, or one request a name.

use super::zones::{AT_ONCE, Page};
use super::{ApiError, Client, Lookup, ResolveError, ZoneEntry};
use crate::model::{AccountId, ZoneId};
use futures_util::{StreamExt as _, stream};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many names get a suggestion; each one is compared with every name of the list.
const MOST_SUGGESTIONS: usize = 20;

/// How much alike two names must be.
const ALIKE: f64 = 0.85;

type Found = Result<ZoneEntry, ApiError>;

/// Finds the wanted zones; the results are in the order of `wanted`.
pub(super) async fn resolve(client: &Client, wanted: &[Lookup]) -> Vec<Found> {
    match wanted {
        [] => Vec::new(),
        [one] => vec![ask(client, one).await],
        several => by_list(client, several).await,
    }
}

/// Asks for one zone by its id or its exact name.
async fn ask(client: &Client, lookup: &Lookup) -> Found {
    let name = lookup.name.as_str();
    if let Some(id) = &lookup.zone_id {
        return pinned(client, lookup, client.by_id(id, name).await?);
    }
    let mut listing = Listing::default();
    listing.add(client.by_name(name, lookup.account_id.as_ref()).await?);
    listing.pick(client, lookup)
}

async fn by_list(client: &Client, wanted: &[Lookup]) -> Vec<Found> {
    let account = shared_account(wanted);
    let first = match client.page(1, account).await {
        Ok(first) => first,
        Err(error) => return vec![Err(error); wanted.len()],
    };
    let mut listing = Listing::default();
    let further =
        first.total.map_or(if first.is_full { u64::MAX } else { 0 }, |total| total.saturating_sub(1));
    listing.add(first.zones.clone());
    let open = wanted.iter().filter(|lookup| !listing.settles(lookup)).count() as u64;
    if further > 0 && open < further {
        return ask_for_open(client, wanted, &listing).await;
    }
    let failure = listing.add_pages(client.further_pages(&first, account).await);
    finish(client, wanted, &listing, failure.as_ref()).await
}

/// Takes what the first page settles, and asks for the rest one by one.
async fn ask_for_open(client: &Client, wanted: &[Lookup], listing: &Listing) -> Vec<Found> {
    // Indices, since a closure over references makes the future not `Send` for the compiler.
    let each = stream::iter(0..wanted.len()).map(|index| open(client, &wanted[index], listing));
    let mut found: Vec<Found> = each.buffered(AT_ONCE).collect().await;
    listing.suggest(&mut found);
    found
}

async fn open(client: &Client, lookup: &Lookup, listing: &Listing) -> Found {
    if listing.settles(lookup) { listing.pick(client, lookup) } else { ask(client, lookup).await }
}

/// Takes all from the pages, and asks for pinned zones that they lack.
async fn finish(
    client: &Client,
    wanted: &[Lookup],
    listing: &Listing,
    failure: Option<&ApiError>,
) -> Vec<Found> {
    let each = stream::iter(0..wanted.len()).map(|index| finished(client, &wanted[index], listing, failure));
    let mut found: Vec<Found> = each.buffered(AT_ONCE).collect().await;
    listing.suggest(&mut found);
    found
}

async fn finished(client: &Client, lookup: &Lookup, listing: &Listing, failure: Option<&ApiError>) -> Found {
    match (&lookup.zone_id, failure) {
        (Some(id), _) if !listing.ids.contains_key(id) => ask(client, lookup).await,
        // A page that is missing may hold the zone, or another one of its name.
        (None, Some(error)) if !listing.is_certain(lookup) => Err(error.clone()),
        _ => listing.pick(client, lookup),
    }
}

fn shared_account(wanted: &[Lookup]) -> Option<&AccountId> {
    let first = wanted.first()?.account_id.as_ref()?;
    wanted.iter().all(|lookup| lookup.account_id.as_ref() == Some(first)).then_some(first)
}

/// Checks that a zone found by its pinned id is the one that is meant.
fn pinned(client: &Client, lookup: &Lookup, zone: ZoneEntry) -> Found {
    if zone.name == lookup.name.as_str() {
        return Ok(zone);
    }
    let (wanted, actual) = (lookup.name.clone(), client.clean(&zone.name));
    Err(ResolveError::IdMismatch { id: zone.id, wanted, actual }.into())
}

/// The zones that were listed so far; one that is listed twice counts once.
#[derive(Default)]
struct Listing {
    ids: HashMap<ZoneId, ZoneEntry>,
    names: BTreeMap<String, BTreeSet<ZoneId>>,
    accounts: BTreeSet<String>,
}

impl Listing {
    fn add(&mut self, zones: Vec<ZoneEntry>) {
        for zone in zones {
            self.names.entry(zone.name.clone()).or_default().insert(zone.id.clone());
            self.accounts.insert(zone.account_id.clone());
            self.ids.insert(zone.id.clone(), zone);
        }
    }

    /// Adds what could be read, and hands back the first error.
    fn add_pages(&mut self, pages: Vec<Result<Page, ApiError>>) -> Option<ApiError> {
        let mut failure = None;
        for page in pages {
            match page {
                Ok(page) => self.add(page.zones),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        failure
    }

    /// The zones of that name, in the wanted account.
    fn named(&self, lookup: &Lookup) -> Vec<&ZoneEntry> {
        let ids = self.names.get(lookup.name.as_str()).into_iter().flatten();
        let zones = ids.filter_map(|id| self.ids.get(id));
        let is_meant = |zone: &&ZoneEntry| {
            lookup.account_id.as_ref().is_none_or(|account| account.as_str() == zone.account_id)
        };
        zones.filter(is_meant).collect()
    }

    /// Whether no further page can change what is found: an id is unique, and so is a name in its account.
    fn settles(&self, lookup: &Lookup) -> bool {
        match (&lookup.zone_id, &lookup.account_id) {
            (Some(id), _) => self.ids.contains_key(id),
            (None, Some(_)) => !self.named(lookup).is_empty(),
            (None, None) => false,
        }
    }

    /// Whether a zone is found, and a page that is missing would hardly hold another one of its name.
    fn is_certain(&self, lookup: &Lookup) -> bool {
        self.settles(lookup) || (self.accounts.len() == 1 && !self.named(lookup).is_empty())
    }

    fn pick(&self, client: &Client, lookup: &Lookup) -> Found {
        if let Some(zone) = lookup.zone_id.as_ref().and_then(|id| self.ids.get(id)) {
            return pinned(client, lookup, zone.clone());
        }
        let name = lookup.name.clone();
        match self.named(lookup).as_slice() {
            [] => Err(ResolveError::NotFound { name, similar: None }.into()),
            [zone] => Ok((*zone).clone()),
            several => Err(ResolveError::Ambiguous { name, zones: shown(client, several) }.into()),
        }
    }

    /// Adds a similar name to the first zones that were not found.
    fn suggest(&self, found: &mut [Found]) {
        let missing = found.iter_mut().filter_map(|result| match result {
            Err(ApiError::Resolve(ResolveError::NotFound { name, similar })) => Some((name, similar)),
            _ => None,
        });
        for (name, similar) in missing.take(MOST_SUGGESTIONS) {
            *similar = self.most_like(name.as_str());
        }
    }

    fn most_like(&self, wanted: &str) -> Option<String> {
        let mut best = (ALIKE, None);
        for name in self.names.keys().filter(|name| name.as_str() != wanted) {
            let alike = strsim::normalized_damerau_levenshtein(wanted, name);
            if alike > best.0 {
                best = (alike, Some(name));
            }
        }
        best.1.cloned()
    }
}

/// The zones, with names that are fit for a message, by account.
fn shown(client: &Client, zones: &[&ZoneEntry]) -> std::sync::Arc<[ZoneEntry]> {
    let mut shown: Vec<ZoneEntry> = zones
        .iter()
        .map(|zone| ZoneEntry {
            account_name: client.clean(&zone.account_name),
            account_id: client.clean(&zone.account_id),
            ..(*zone).clone()
        })
        .collect();
    shown.sort_by(|a, b| (&a.account_id, &a.id).cmp(&(&b.account_id, &b.id)));
    shown.into()
}
