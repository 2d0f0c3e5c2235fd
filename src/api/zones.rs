//! `GET /zones` and `GET /zones/{zone_id}`: which zones the token sees, and finding the wanted ones with as few requests as
//! it takes: pages of the list, or one request a name.

use super::client::{Answer, Call, Shape, Size, list};
use super::{ApiError, Client, Exchange, Lookup, Method, Payload, ResolveError, ZoneEntry};
use crate::model::{AccountId, ZoneId, ZoneName};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

const PERMISSION: &str = "Zone Read";

/// The largest page the API gives.
const PER_PAGE: usize = 50;

/// How many requests are made at a time.
const AT_ONCE: usize = 50;

/// The most pages that are read, whatever the API says.
const MOST: u64 = 10_000;

/// A page of zones.
#[derive(Debug)]
struct Page {
    zones: Vec<ZoneEntry>,
    /// How many pages there are, if the reply says.
    total: Option<u64>,
    /// Whether the page is as long as pages get.
    is_full: bool,
}

impl Client {
    /// All zones that the token sees, of one account or of all, by name.
    ///
    /// ```no_run
    /// # async fn example(client: botform::api::Client) -> Result<(), botform::api::ApiError> {
    /// for zone in client.all_zones(None).await? {
    ///     println!("{} {}", zone.name, zone.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A page of the list cannot be read.
    pub async fn all_zones(&self, account: Option<&AccountId>) -> Result<Vec<ZoneEntry>, ApiError> {
        let first = self.page(1, account).await?;
        let rest = self.further_pages(&first, account).await;
        let mut zones = first.zones;
        for page in rest {
            zones.extend(page?.zones);
        }
        Ok(sorted(zones))
    }

    /// The zones of these names, of one account or of all, by name: one request each, whatever else the token sees. A
    /// name that several accounts hold gives several zones, one that the token does not see gives none.
    ///
    /// # Errors
    /// A request fails.
    pub async fn zones_named(
        &self,
        names: &[ZoneName],
        account: Option<&AccountId>,
    ) -> Result<Vec<ZoneEntry>, ApiError> {
        // Indices, since a closure over references makes the future not `Send` for the compiler.
        let each = stream::iter(0..names.len()).map(|index| self.by_name(names[index].as_str(), account));
        let found: Vec<_> = each.buffered(AT_ONCE).try_collect().await?;
        Ok(sorted(found.concat()))
    }

    /// A page of the list, from 1.
    async fn page(&self, page: u64, account: Option<&AccountId>) -> Result<Page, ApiError> {
        let mut call = Call::get("/zones", PERMISSION, Size::Page);
        call.query = vec![("page", page.to_string()), ("per_page", PER_PAGE.to_string())];
        call.query.extend(account.map(|account| ("account.id", account.to_string())));
        self.read(call, Shape::Envelope, read_page).await
    }

    /// The zones of exactly that name.
    async fn by_name(&self, name: &str, account: Option<&AccountId>) -> Result<Vec<ZoneEntry>, ApiError> {
        let mut call = Call::get("/zones", PERMISSION, Size::Page).named(name);
        call.query = vec![("name", name.to_owned()), ("per_page", PER_PAGE.to_string())];
        call.query.extend(account.map(|account| ("account.id", account.to_string())));
        self.read(call, Shape::Envelope, read_page).await.map(|page| page.zones)
    }

    /// The zone with that id.
    async fn by_id(&self, id: &ZoneId, name: &str) -> Result<ZoneEntry, ApiError> {
        let mut call = Call::get(format!("/zones/{id}"), PERMISSION, Size::Object).named(name);
        call.zone_id = Some(id);
        let read =
            |answer: Answer| entry(&answer.result).filter(|zone| zone.id == *id).ok_or(Payload::Result);
        self.read(call, Shape::Envelope, read).await
    }

    /// The pages behind the first, in their order.
    async fn further_pages(&self, first: &Page, account: Option<&AccountId>) -> Vec<Result<Page, ApiError>> {
        match first.total {
            Some(total) => {
                let pages = stream::iter(2..=total.min(MOST)).map(|page| self.page(page, account));
                pages.buffered(AT_ONCE).collect().await
            }
            None if first.is_full => self.pages_one_by_one(first, account).await,
            None => Vec::new(),
        }
    }

    /// The pages behind the first if no reply says how many there are.
    async fn pages_one_by_one(
        &self,
        first: &Page,
        account: Option<&AccountId>,
    ) -> Vec<Result<Page, ApiError>> {
        let mut seen: BTreeSet<ZoneId> = first.zones.iter().map(|zone| zone.id.clone()).collect();
        let mut pages = Vec::new();
        for number in 2..=MOST {
            let mut page = self.page(number, account).await;
            let is_last = page.as_ref().map_or(true, |page| !page.is_full);
            let is_new =
                |page: &Page| page.zones.iter().filter(|zone| seen.insert(zone.id.clone())).count() > 0;
            if !is_last && !page.as_ref().is_ok_and(is_new) {
                // A server that does not count its pages would send them for ever.
                let exchange = Exchange { permission: PERMISSION, ..Exchange::new(Method::Get, "/zones") };
                page = Err(ApiError::payload(exchange, Payload::Repeats));
            }
            let is_wrong = page.is_err();
            pages.push(page);
            if is_last || is_wrong {
                break;
            }
        }
        pages
    }
}

fn sorted(mut zones: Vec<ZoneEntry>) -> Vec<ZoneEntry> {
    zones.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    zones.dedup_by(|a, b| a.id == b.id);
    zones
}

fn read_page(answer: Answer) -> Result<Page, Payload> {
    let items = list(answer.result, false)?;
    // A zone that cannot be read would look like one that is not there.
    let zones: Option<Vec<_>> = items.iter().map(entry).collect();
    let zones = zones.ok_or(Payload::Result)?;
    Ok(Page { is_full: zones.len() >= PER_PAGE, zones, total: answer.total_pages })
}

fn entry(item: &Json) -> Option<ZoneEntry> {
    let text = |value: &Json, key: &str| value.get(key).and_then(Json::as_str).map(str::to_owned);
    let account = item.get("account").unwrap_or(&Json::Null);
    Some(ZoneEntry {
        id: ZoneId::try_from(text(item, "id")?).ok()?,
        name: text(item, "name")?.to_ascii_lowercase(),
        account_id: text(account, "id").unwrap_or_default(),
        account_name: text(account, "name").unwrap_or_default(),
        legacy_id: item.get("plan").and_then(|plan| text(plan, "legacy_id")),
        status: text(item, "status"),
    })
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_zone_with_an_odd_plan_is_read() {
        let id = "023e105f4ecef8ad9ca31a8372d0c353";
        for (plan, legacy_id) in [
            (json!(null), None),
            (json!("free"), None),
            (json!({"id": "", "legacy_id": null}), None),
            (json!({"id": "", "legacy_id": "galactic"}), Some("galactic".to_owned())),
        ] {
            let zone =
                entry(&json!({"id": id, "name": "Example.com", "plan": plan, "account": null})).unwrap();
            assert_eq!((zone.name.as_str(), zone.legacy_id), ("example.com", legacy_id));
        }
        assert_eq!(entry(&json!({"id": "short", "name": "example.com"})), None);
    }
}
