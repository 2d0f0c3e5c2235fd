//! `GET /zones` and `GET /zones/{zone_id}`: which zones the token sees, by page, by name or by id.

use super::client::{Answer, Call, Shape, Size, list};
use super::{ApiError, Client, Exchange, Method, Payload, ZoneEntry};
use crate::model::{AccountId, ZoneId, ZoneName};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value as Json;
use std::collections::HashSet;

const PERMISSION: &str = "Zone Read";

/// The largest page the API gives.
const PER_PAGE: usize = 50;

/// How many requests are made at a time.
pub(super) const AT_ONCE: usize = 50;

/// The most pages that are read, whatever the API says.
const MOST: u64 = 10_000;

/// How often a list that shifts is read where all of it is wanted.
const READS: u32 = 2;

/// Which zones are listed: all, those of a name, those of an account.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filter<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) account: Option<&'a AccountId>,
}

/// A page of zones.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) zones: Vec<ZoneEntry>,
    /// How many pages there are, if the reply says.
    total: Option<u64>,
    /// How many zones there are, if the reply says.
    count: Option<u64>,
    /// Whether the page is as long as pages get.
    is_full: bool,
}

impl Page {
    /// How many pages there are, if what the reply says of it can be true. A reply may say too few pages for its own
    /// count, or none beside a zone.
    fn stated(&self) -> Option<u64> {
        let pages = self.total.max(self.count.map(|count| count.div_ceil(PER_PAGE as u64)));
        pages.filter(|pages| *pages > 0 || self.zones.is_empty())
    }

    /// How many pages follow the first one.
    pub(super) fn further(&self) -> u64 {
        match self.stated() {
            Some(pages) => pages.saturating_sub(1),
            None if self.is_full => u64::MAX,
            None => 0,
        }
    }
}

/// Whether pages, in their order, are the whole list, which did not change while it was read. A list that shifts can
/// hide a zone: what stood on a page that was not read yet moves to one that was. A full page is the last one only where
/// the list says so, and a list that says another number of zones than it shows is not believed.
pub(super) fn is_whole(pages: &[Page]) -> bool {
    let Some((last, before)) = pages.split_last() else { return false };
    let mut ids = HashSet::new();
    let is_steady = |page: &Page| (page.total, page.count) == (last.total, last.count);
    before.iter().all(|page| page.is_full && is_steady(page))
        && last.stated().map_or(!last.is_full, |stated| stated <= pages.len() as u64)
        && pages.iter().flat_map(|page| &page.zones).all(|zone| ids.insert(&zone.id))
        && last.count.is_none_or(|count| count == ids.len() as u64)
}

/// Whether the pages of a list and those read before, with so many zones, leave zones out for sure.
fn lacks_some(pages: &[Page], zones: usize) -> bool {
    let Some(last) = pages.last() else { return true };
    let shown = pages.iter().filter(|page| !page.zones.is_empty()).count() as u64;
    match (last.count, last.stated()) {
        (Some(count), _) => count > zones as u64,
        (None, Some(stated)) => stated > shown,
        (None, None) => last.is_full,
    }
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
    /// A page of the list cannot be read, or the list says that there are more zones than it shows.
    pub async fn all_zones(&self, account: Option<&AccountId>) -> Result<Vec<ZoneEntry>, ApiError> {
        let (filter, mut zones) = (Filter { account, ..Filter::default() }, Vec::new());
        for read in 1..=READS {
            let pages = self.pages(filter).await?;
            let is_whole = is_whole(&pages);
            zones = sorted([zones, pages.iter().flat_map(|page| &page.zones).cloned().collect()].concat());
            if is_whole {
                break;
            }
            if read == READS && lacks_some(&pages, zones.len()) {
                return Err(incomplete(None));
            }
        }
        Ok(zones)
    }

    /// The zones of these names, of one account or of all, by name: one request each, whatever else the token sees. A
    /// name that several accounts hold gives several zones, one that the token does not see gives none.
    ///
    /// # Errors
    /// A request fails, or the list of a name cannot be read whole.
    pub async fn zones_named(
        &self,
        names: &[ZoneName],
        account: Option<&AccountId>,
    ) -> Result<Vec<ZoneEntry>, ApiError> {
        // Indices, since a closure over references makes the future not `Send` for the compiler.
        let each = stream::iter(0..names.len()).map(async |index| {
            let name = names[index].as_str();
            match self.by_name(name, account).await? {
                (zones, true) => Ok(zones),
                (_, false) => Err(incomplete(Some(name))),
            }
        });
        let found: Vec<_> = each.buffered(AT_ONCE).try_collect().await?;
        Ok(sorted(found.concat()))
    }

    /// All pages of a list.
    async fn pages(&self, filter: Filter<'_>) -> Result<Vec<Page>, ApiError> {
        let first = self.page(1, filter).await?;
        let further = self.further_pages(&first, filter).await;
        std::iter::once(Ok(first)).chain(further).collect()
    }

    /// A page of the list, from 1.
    pub(super) async fn page(&self, page: u64, filter: Filter<'_>) -> Result<Page, ApiError> {
        let Filter { name, account } = filter;
        let mut call = Call::get("/zones", PERMISSION, Size::Page);
        if let Some(name) = name {
            call = call.named(name);
            call.query.push(("name", name.to_owned()));
        }
        if name.is_none() || page > 1 {
            call.query.push(("page", page.to_string()));
        }
        call.query.push(("per_page", PER_PAGE.to_string()));
        call.query.extend(account.map(|account| ("account.id", account.to_string())));
        self.read(call, Shape::Envelope, read_page).await
    }

    /// The zones of exactly that name, and whether there are no others.
    pub(super) async fn by_name(
        &self,
        name: &str,
        account: Option<&AccountId>,
    ) -> Result<(Vec<ZoneEntry>, bool), ApiError> {
        let pages = self.pages(Filter { name: Some(name), account }).await?;
        let is_whole = is_whole(&pages);
        Ok((pages.into_iter().flat_map(|page| page.zones).collect(), is_whole))
    }

    /// The zone with that id.
    pub(super) async fn by_id(&self, id: &ZoneId, name: &str) -> Result<ZoneEntry, ApiError> {
        let mut call = Call::get(format!("/zones/{id}"), PERMISSION, Size::Object).named(name);
        call.zone_id = Some(id);
        let read =
            |answer: Answer| entry(&answer.result).filter(|zone| zone.id == *id).ok_or(Payload::Result);
        self.read(call, Shape::Envelope, read).await
    }

    /// The pages behind the first, in their order, with those that are added meanwhile: as many as the list says, or
    /// one by one until one is not full. Pages that show no further zone end it whatever the list says.
    pub(super) async fn further_pages(
        &self,
        first: &Page,
        filter: Filter<'_>,
    ) -> Vec<Result<Page, ApiError>> {
        let mut seen: HashSet<ZoneId> = first.zones.iter().map(|zone| zone.id.clone()).collect();
        let (mut pages, mut read) = (Vec::new(), 1);
        let (mut stated, mut is_full) = (first.stated(), first.is_full);
        loop {
            let at_once =
                stated.map_or(u64::from(is_full), |stated| (stated.saturating_sub(read)).min(AT_ONCE as u64));
            let end = (read + at_once).min(MOST);
            let next = stream::iter(read + 1..=end).map(|page| self.page(page, filter));
            let next: Vec<_> = next.buffered(AT_ONCE).collect().await;
            let zones = next.iter().flatten().flat_map(|page| &page.zones);
            let is_new = zones.filter(|zone| seen.insert(zone.id.clone())).count() > 0;
            stated = next.iter().flatten().filter_map(Page::stated).max().max(stated);
            is_full = next.last().is_some_and(|page| page.as_ref().is_ok_and(|page| page.is_full));
            read = end;
            pages.extend(next);
            if !is_new {
                if is_full && stated.is_none() {
                    // A server that does not count its pages would send them for ever.
                    pages.push(Err(error(filter.name, Payload::Repeats)));
                }
                return pages;
            }
        }
    }
}

/// A list of which some zones did not come.
pub(super) fn incomplete(name: Option<&str>) -> ApiError {
    error(name, Payload::Incomplete)
}

fn error(name: Option<&str>, payload: Payload) -> ApiError {
    let exchange = Exchange::new(Method::Get, "/zones");
    ApiError::payload(Exchange { permission: PERMISSION, zone: name.map(Into::into), ..exchange }, payload)
}

fn sorted(mut zones: Vec<ZoneEntry>) -> Vec<ZoneEntry> {
    zones.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    zones.dedup_by(|a, b| a.id == b.id);
    zones
}

fn read_page(answer: Answer) -> Result<Page, Payload> {
    let Answer { result, total_pages: total, total_count: count } = answer;
    let items = list(result, false)?;
    // A zone that cannot be read would look like one that is not there.
    let zones: Option<Vec<_>> = items.iter().map(entry).collect();
    let zones = zones.ok_or(Payload::Result)?;
    Ok(Page { is_full: zones.len() >= PER_PAGE, zones, total, count })
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
