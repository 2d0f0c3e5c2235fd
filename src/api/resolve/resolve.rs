//! Finds the wanted zones with as few requests as possible: pages of the list, or one request per name. A list that was
//! not read completely never proves that a name is unique.

use crate::api::zones::{AT_ONCE, Filter, Page, incomplete, is_whole};
use crate::api::{ApiError, Client, Lookup, ResolveError, UnusableZone, ZoneEntry};
use crate::model::{AccountId, ZoneId};
use futures_util::{StreamExt as _, stream};

/// How many names get a suggestion; each one is compared with every name of the list.
pub(in crate::api) const MOST_SUGGESTIONS: usize = 20;

/// How similar two names must be for a suggestion.
const ALIKE: f64 = 0.85;

pub(in crate::api) type Found = Result<ZoneEntry, ApiError>;

/// Finds the wanted zones; the results are in the order of `wanted`.
pub(in crate::api) async fn resolve(client: &Client, wanted: &[Lookup]) -> Vec<Found> {
    match wanted {
        [] => Vec::new(),
        [one] => vec![ask(client, one).await],
        several => by_list(client, several).await,
    }
}

impl Client {
    /// The zones with these ids: one request each, however many zones the token sees. `None` if one of them cannot be
    /// read, which the whole list can explain.
    pub(crate) async fn zones_with_ids(&self, ids: &[ZoneId]) -> Option<Vec<ZoneEntry>> {
        // Indices, since a closure over references makes the future not `Send` for the compiler.
        let each =
            stream::iter(0..ids.len()).map(async |index| self.by_id(&ids[index], ids[index].as_str()).await);
        each.buffered(AT_ONCE).collect::<Vec<_>>().await.into_iter().collect::<Result<_, _>>().ok()
    }
}

/// Asks for one zone by its id or its exact name.
pub(in crate::api) async fn ask(client: &Client, lookup: &Lookup) -> Found {
    let name = lookup.name.as_str();
    if let Some(id) = &lookup.zone_id {
        return pinned(client, lookup, client.by_id(id, name).await?);
    }
    let pages = client.by_name(name, lookup.account_id.as_ref()).await?;
    let mut listing = Listing { is_whole: is_whole(&pages), ..Listing::default() };
    listing.add(pages);
    if listing.is_whole || listing.settles(lookup) {
        listing.pick(client, lookup)
    } else {
        Err(incomplete(Some(name)))
    }
}

async fn by_list(client: &Client, wanted: &[Lookup]) -> Vec<Found> {
    let listing = Listing::scan(client, wanted).await;
    // Indices, since a closure over references makes the future not `Send` for the compiler.
    let each = stream::iter(0..wanted.len()).map(|index| find(client, &wanted[index], &listing));
    let mut found: Vec<Found> = each.buffered(AT_ONCE).collect().await;
    listing.suggest(&mut found);
    found
}

/// Takes what the list settles and requests the rest one by one. That includes zones that were not found: a zone can
/// slip between two pages when the list shifts.
pub(in crate::api) async fn find(client: &Client, lookup: &Lookup, listing: &Listing) -> Found {
    match &listing.unreadable {
        _ if listing.settles(lookup) => listing.pick(client, lookup),
        Some(error) if lookup.zone_id.is_none() => Err(error.clone()),
        _ => ask(client, lookup).await,
    }
}

fn shared_account(wanted: &[Lookup]) -> Option<&AccountId> {
    let first = wanted.first()?.account_id.as_ref()?;
    wanted.iter().all(|lookup| lookup.account_id.as_ref() == Some(first)).then_some(first)
}

/// Checks that the zone with the pinned id has the expected name.
fn pinned(client: &Client, lookup: &Lookup, zone: ZoneEntry) -> Found {
    if zone.name == lookup.name.as_str() {
        return Ok(zone);
    }
    let (wanted, actual) = (lookup.name.clone(), client.clean(&zone.name));
    Err(ResolveError::IdMismatch { id: zone.id, wanted, actual }.into())
}

/// What a list says about a zone.
#[derive(Debug)]
pub(in crate::api) enum Said {
    /// Which zone it is, or why that is not known.
    Settled(Found),
    /// The list is complete and does not show the zone.
    Absent,
    /// The list is not complete.
    Open,
}

/// The zones listed so far; duplicates count once.
#[derive(Debug, Default)]
pub(in crate::api) struct Listing {
    /// By name and id.
    zones: Vec<ZoneEntry>,
    /// Their indices, by id.
    by_id: Vec<u32>,
    /// Listed zones with an invalid name or id.
    unusable: Vec<UnusableZone>,
    /// Whether the list is complete.
    is_whole: bool,
    /// Why the first page could not be read.
    unreadable: Option<ApiError>,
}

impl Listing {
    /// Lists zones, as far as that helps to find the wanted ones.
    pub(in crate::api) async fn scan(client: &Client, wanted: &[Lookup]) -> Self {
        let filter = Filter { account: shared_account(wanted), name: None };
        let mut listing = Self::default();
        match client.page(1, filter).await {
            Ok(first) => listing.read(client, first, filter, wanted).await,
            Err(error) => listing.unreadable = Some(error),
        }
        listing
    }

    /// What it says about a zone, without a request.
    pub(in crate::api) fn says(&self, client: &Client, lookup: &Lookup) -> Said {
        match &self.unreadable {
            _ if self.settles(lookup) => Said::Settled(self.pick(client, lookup)),
            Some(error) if lookup.zone_id.is_none() => Said::Settled(Err(error.clone())),
            None if self.is_whole => Said::Absent,
            _ => Said::Open,
        }
    }

    /// Leaves out the zones of these accounts.
    pub(in crate::api) fn without(&mut self, is_left_out: impl Fn(&AccountId) -> bool) {
        let zones = std::mem::take(&mut self.zones);
        self.zones =
            zones.into_iter().filter(|zone| !zone.account_id.as_ref().is_some_and(&is_left_out)).collect();
        self.index();
    }

    /// Adds the first page, and the others unless asking for the remaining zones takes fewer requests.
    async fn read(&mut self, client: &Client, first: Page, filter: Filter<'_>, wanted: &[Lookup]) {
        self.add([first.clone()]);
        let mut pages = vec![first];
        self.is_whole = is_whole(&pages);
        let open = wanted.iter().filter(|lookup| !self.settles(lookup)).count() as u64;
        // One page of 50 zones costs as much as one zone by name, so whichever takes fewer requests is used.
        if open < pages[0].further() {
            return;
        }
        let rest = client.further_pages(&pages[0], filter).await;
        let is_read = rest.iter().all(Result::is_ok);
        pages.extend(rest.into_iter().flatten());
        self.is_whole = is_read && is_whole(&pages);
        self.add(pages);
    }

    fn add(&mut self, pages: impl IntoIterator<Item = Page>) {
        for Page { zones, unusable, .. } in pages {
            self.zones.extend(zones);
            self.unusable.extend(unusable);
        }
        self.zones.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        self.zones.dedup_by(|one, other| one.id == other.id);
        self.index();
    }

    fn index(&mut self) {
        self.by_id = (0_u32..).take(self.zones.len()).collect();
        let id = |index: &u32| self.zones.get(*index as usize).map(|zone| &zone.id);
        self.by_id.sort_by(|one, other| id(one).cmp(&id(other)));
    }

    /// The zone of that id.
    fn with_id(&self, id: &ZoneId) -> Option<&ZoneEntry> {
        let zone = |index: &u32| self.zones.get(*index as usize);
        let found = self.by_id.binary_search_by(|index| zone(index).map(|zone| &zone.id).cmp(&Some(id)));
        found.ok().and_then(|at| self.by_id.get(at)).and_then(zone)
    }

    /// The zones of that name, in the wanted account.
    fn named(&self, lookup: &Lookup) -> Vec<&ZoneEntry> {
        let name = lookup.name.as_str();
        let first = self.zones.partition_point(|zone| zone.name.as_str() < name);
        let zones = self.zones.iter().skip(first).take_while(|zone| zone.name == name);
        let is_meant =
            |zone: &&ZoneEntry| lookup.account_id.is_none() || lookup.account_id == zone.account_id;
        zones.filter(is_meant).collect()
    }

    /// Whether zones that are not listed yet cannot change the result: an id is unique, and so is a name within an
    /// account. A name alone is unique only in the complete list.
    fn settles(&self, lookup: &Lookup) -> bool {
        match (&lookup.zone_id, &lookup.account_id) {
            (Some(id), _) => self.with_id(id).is_some(),
            (None, Some(_)) => !self.named(lookup).is_empty(),
            (None, None) => {
                self.unusable(lookup).is_some() || self.named(lookup).len() > usize::from(!self.is_whole)
            }
        }
    }

    /// An unusable entry of that name: it may be the wanted zone.
    fn unusable(&self, lookup: &Lookup) -> Option<&UnusableZone> {
        self.unusable.iter().find(|zone| zone.name == lookup.name.as_str())
    }

    fn pick(&self, client: &Client, lookup: &Lookup) -> Found {
        if let Some(zone) = lookup.zone_id.as_ref().and_then(|id| self.with_id(id)) {
            return pinned(client, lookup, zone.clone());
        }
        let name = lookup.name.clone();
        match (self.named(lookup).as_slice(), self.unusable(lookup)) {
            // Within an account a name is unique.
            ([zone], _) if lookup.account_id.is_some() => Ok((*zone).clone()),
            ([] | [_], Some(zone)) => Err(zone.clone().into()),
            ([], None) => Err(ResolveError::NotFound { name, similar: None }.into()),
            ([zone], None) => Ok((*zone).clone()),
            (several, _) => Err(ResolveError::Ambiguous { name, zones: shown(client, several) }.into()),
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

    /// The listed name that is most like another one.
    pub(in crate::api) fn most_like(&self, wanted: &str) -> Option<String> {
        let mut best = (ALIKE, None);
        for name in self.zones.iter().map(|zone| &zone.name).filter(|name| name.as_str() != wanted) {
            let alike = strsim::normalized_damerau_levenshtein(wanted, name);
            if alike > best.0 {
                best = (alike, Some(name));
            }
        }
        best.1.cloned()
    }
}

/// The zones, with names that are safe to print, by account.
pub(in crate::api) fn shown(client: &Client, zones: &[&ZoneEntry]) -> std::sync::Arc<[ZoneEntry]> {
    let mut shown: Vec<ZoneEntry> = zones
        .iter()
        .map(|zone| ZoneEntry { account_name: client.clean(&zone.account_name), ..(*zone).clone() })
        .collect();
    shown.sort_by(|a, b| (&a.account_id, &a.id).cmp(&(&b.account_id, &b.id)));
    shown.into()
}
