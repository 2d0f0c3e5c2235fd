//! `GET /zones` and `GET /zones/{zone_id}`: which zones the token sees, by page, by name or by id.

use super::client::{Answer, Call, Shape, Size, list};
use super::{ApiError, Client, Exchange, Method, Payload, ZoneEntry};
use crate::model::{AccountId, ZoneId, ZoneName};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value as Json;
use std::collections::BTreeSet;
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
    /// How many pages follow the first one.
    pub(super) fn further(&self) -> u64 {
        match self.total {
            Some(total) => total.saturating_sub(1),
            None if self.is_full => u64::MAX,
            None => 0,
        }
    }
}

/// Whether pages, in their order, are the whole list, which did not change while it was read. A list that shifts can
/// hide a zone: what stood on a page that was not read yet moves to one that was.
pub(super) fn is_whole(pages: &[Page]) -> bool {
    let Some((last, before)) = pages.split_last() else { return false };
    let mut ids = HashSet::new();
    let is_steady = |page: &Page| (page.total, page.count) == (last.total, last.count);
    before.iter().all(|page| page.is_full && is_steady(page))
        && last.total.is_none_or(|total| total <= pages.len() as u64)
        && pages.iter().flat_map(|page| &page.zones).all(|zone| ids.insert(&zone.id))
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
        let mut zones = Vec::new();
        for _ in 0..READS {
            let mut pages = vec![self.page(1, account).await?];
            for page in self.further_pages(&pages[0], account).await {
                pages.push(page?);
            }
            let is_whole = is_whole(&pages);
            zones.extend(pages.into_iter().flat_map(|page| page.zones));
            if is_whole {
                break;
            }
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
    pub(super) async fn page(&self, page: u64, account: Option<&AccountId>) -> Result<Page, ApiError> {
        let mut call = Call::get("/zones", PERMISSION, Size::Page);
        call.query = vec![("page", page.to_string()), ("per_page", PER_PAGE.to_string())];
        call.query.extend(account.map(|account| ("account.id", account.to_string())));
        self.read(call, Shape::Envelope, read_page).await
    }

    /// The zones of exactly that name.
    pub(super) async fn by_name(
        &self,
        name: &str,
        account: Option<&AccountId>,
    ) -> Result<Vec<ZoneEntry>, ApiError> {
        let mut call = Call::get("/zones", PERMISSION, Size::Page).named(name);
        call.query = vec![("name", name.to_owned()), ("per_page", PER_PAGE.to_string())];
        call.query.extend(account.map(|account| ("account.id", account.to_string())));
        self.read(call, Shape::Envelope, read_page).await.map(|page| page.zones)
    }

    /// The zone with that id.
    pub(super) async fn by_id(&self, id: &ZoneId, name: &str) -> Result<ZoneEntry, ApiError> {
        let mut call = Call::get(format!("/zones/{id}"), PERMISSION, Size::Object).named(name);
        call.zone_id = Some(id);
        let read =
            |answer: Answer| entry(&answer.result).filter(|zone| zone.id == *id).ok_or(Payload::Result);
        self.read(call, Shape::Envelope, read).await
    }

    /// The pages behind the first, in their order, with those that are added meanwhile.
    pub(super) async fn further_pages(
        &self,
        first: &Page,
        account: Option<&AccountId>,
    ) -> Vec<Result<Page, ApiError>> {
        let Some(mut total) = first.total else {
            return if first.is_full { self.pages_one_by_one(first, account).await } else { Vec::new() };
        };
        let (mut pages, mut read) = (Vec::new(), 1);
        while read < total.min(MOST) {
            let next = stream::iter(read + 1..=total.min(MOST)).map(|page| self.page(page, account));
            let next: Vec<_> = next.buffered(AT_ONCE).collect().await;
            read = total;
            total = next.iter().flatten().filter_map(|page| page.total).fold(total, u64::max);
            pages.extend(next);
        }
        pages
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
