//! `GET /zones` and `GET /zones/{zone_id}`: which zones the token sees, by page, by name or by id.

use super::client::{Absent, Answer, Call, Shape, Size, list};
use super::zone::printable;
use super::{ApiError, Client, Exchange, Method, Payload, UnusableZone, ZoneEntry};
use crate::model::{AccountId, InvalidName, ZoneId, ZoneName, unicode};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};

const PERMISSION: &str = "Zone Read";

/// The largest page the API gives.
const PER_PAGE: usize = 50;

/// How many requests run at a time.
pub(super) const AT_ONCE: usize = 50;

/// The most pages that are read, whatever total the API reports.
const MOST: u64 = 10_000;

/// How many times a list that keeps shifting is read when all of it is wanted.
const READS: u32 = 2;

/// Which zones are listed: all, those of a name, those of an account.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filter<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) account: Option<&'a AccountId>,
}

/// A zone of a list, or an entry that cannot be used.
pub(crate) type Listed = Result<ZoneEntry, UnusableZone>;

/// A page of zones.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) zones: Vec<ZoneEntry>,
    /// Entries with an invalid name or id.
    pub(super) unusable: Vec<UnusableZone>,
    /// The number of pages, if the reply reports it.
    total: Option<u64>,
    /// The number of zones, if the reply reports it.
    count: Option<u64>,
    /// Whether the page has the maximum length.
    is_full: bool,
}

impl Page {
    /// The number of pages, if the reported totals are plausible. A reply may report too few pages for its own count,
    /// or no pages although it shows a zone.
    fn stated(&self) -> Option<u64> {
        let is_empty = self.zones.is_empty() && self.unusable.is_empty();
        let pages = self.total.max(self.count.map(|count| count.div_ceil(PER_PAGE as u64)));
        pages.filter(|pages| *pages > 0 || is_empty)
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

/// Whether the pages, in order, are the complete list and it did not change while it was read. A list that shifts can
/// hide a zone: it moves from a page that was not read yet to one that was. A full page is the last one only if the
/// reported total says so, and a total that does not match the zones shown is not trusted.
pub(super) fn is_whole(pages: &[Page]) -> bool {
    let Some((last, before)) = pages.split_last() else { return false };
    let mut ids = HashSet::new();
    let unusable: usize = pages.iter().map(|page| page.unusable.len()).sum();
    let is_steady = |page: &Page| (page.total, page.count) == (last.total, last.count);
    before.iter().all(|page| page.is_full && is_steady(page))
        && last.stated().map_or(!last.is_full, |stated| stated <= pages.len() as u64)
        && pages.iter().flat_map(|page| &page.zones).all(|zone| ids.insert(&zone.id))
        && last.count.is_none_or(|count| count == (ids.len() + unusable) as u64)
}

/// Whether zones are certainly missing: `zones` is how many this and earlier readings found together.
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
    /// A page of the list cannot be read, or the list reports more zones than it shows.
    pub async fn all_zones(&self, account: Option<&AccountId>) -> Result<Vec<ZoneEntry>, ApiError> {
        let listed = self.list_zones(account).await?.into_iter();
        listed.map(|zone| zone.map_err(ApiError::from)).collect()
    }

    /// All zones, followed by the entries that cannot be used.
    ///
    /// # Errors
    /// A page of the list cannot be read, or the list reports more zones than it shows.
    pub(crate) async fn list_zones(&self, account: Option<&AccountId>) -> Result<Vec<Listed>, ApiError> {
        let filter = Filter { account, ..Filter::default() };
        let (mut zones, mut unusable) = (Vec::new(), Vec::new());
        for read in 1..=READS {
            let pages = self.pages(filter).await?;
            zones = sorted([zones, pages.iter().flat_map(|page| &page.zones).cloned().collect()].concat());
            unusable = pages.iter().flat_map(|page| &page.unusable).cloned().collect::<Vec<_>>();
            // A list can shift while its pages are read; a second reading fills the gaps of the first.
            if is_whole(&pages) {
                break;
            }
            if read == READS && lacks_some(&pages, zones.len() + unusable.len()) {
                return Err(incomplete(None));
            }
        }
        let (zones, twins) = split_twins(zones);
        unusable.extend(twins);
        Ok(zones.into_iter().map(Ok).chain(unusable.into_iter().map(Err)).collect())
    }

    /// The zones of these names, of one account or of all, by name: one request each, however many zones the token
    /// sees. A name that several accounts hold gives several zones; a name that the token does not see gives none.
    ///
    /// # Errors
    /// A request fails, or the list of a name is incomplete.
    pub(crate) async fn zones_named(
        &self,
        names: &[ZoneName],
        account: Option<&AccountId>,
    ) -> Result<Vec<ZoneEntry>, ApiError> {
        // Indices, since a closure over references makes the future not `Send` for the compiler.
        let each = stream::iter(0..names.len()).map(async |index| {
            let name = names[index].as_str();
            let pages = self.by_name(name, account).await?;
            let unusable = pages.iter().flat_map(|page| &page.unusable).next().cloned();
            match unusable {
                Some(unusable) => Err(unusable.into()),
                None if is_whole(&pages) => {
                    Ok(pages.into_iter().flat_map(|page| page.zones).collect::<Vec<_>>())
                }
                None => Err(incomplete(Some(name))),
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

    /// The list of the zones of exactly that name.
    pub(super) async fn by_name(
        &self,
        name: &str,
        account: Option<&AccountId>,
    ) -> Result<Vec<Page>, ApiError> {
        let pages = self.pages(Filter { name: Some(name), account }).await?;
        let is_found = pages.iter().any(|page| !page.zones.is_empty() || !page.unusable.is_empty());
        match unicode(name).filter(|_| !is_found) {
            // Which form of an international name Cloudflare takes is reported both ways.
            Some(unicode) => self.pages(Filter { name: Some(&unicode), account }).await,
            None => Ok(pages),
        }
    }

    /// The zone with that id.
    pub(super) async fn by_id(&self, id: &ZoneId, name: &str) -> Result<ZoneEntry, ApiError> {
        let mut call = Call::get(format!("/zones/{id}"), PERMISSION, Size::Object).named(name);
        call.zone_id = Some(id);
        let is_it = |zone: &Listed| zone.as_ref().map_or(true, |zone| zone.id == *id);
        let read = |answer: Answer| entry(&answer.result).filter(is_it).ok_or(Payload::Result);
        let zone = self.read(call, Shape::Envelope, read).await?;
        zone.map_err(ApiError::from)
    }

    /// The pages after the first, in order, including those added while reading: as many as the list reports, or one
    /// by one until a page is not full. Pages without a new zone end it, whatever the list reports.
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
                    // A server that ignores `page` and reports no total would repeat full pages forever.
                    pages.push(Err(error(filter.name, Payload::Repeats)));
                }
                return pages;
            }
        }
    }
}

/// The error of an incomplete list.
pub(super) fn incomplete(name: Option<&str>) -> ApiError {
    error(name, Payload::Incomplete)
}

fn error(name: Option<&str>, payload: Payload) -> ApiError {
    let exchange = Exchange::new(Method::Get, "/zones");
    ApiError::payload(
        Exchange { permission: Some(PERMISSION), zone: name.map(Into::into), ..exchange },
        payload,
    )
}

fn sorted(mut zones: Vec<ZoneEntry>) -> Vec<ZoneEntry> {
    zones.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    // Two names with one id must both survive: which zone the id means is not known.
    zones.dedup_by(|a, b| a.id == b.id && a.name == b.name);
    zones
}

fn read_page(answer: Answer) -> Result<Page, Payload> {
    let Answer { result, total_pages: total, total_count: count, .. } = answer;
    let items = list(result, Absent::Wrong)?;
    // Skipping an unreadable entry would make its zone look deleted, and it must not hide the others.
    let listed: Vec<_> =
        items.iter().map(|item| entry(item).unwrap_or_else(|| Err(unreadable(item)))).collect();
    let is_full = listed.len() >= PER_PAGE;
    let (mut zones, mut unusable) = (Vec::with_capacity(listed.len()), Vec::new());
    for zone in listed {
        match zone {
            Ok(zone) => zones.push(zone),
            Err(zone) => unusable.push(zone),
        }
    }
    Ok(Page { zones, unusable, is_full, total, count })
}

/// An entry without a name or an id, as far as it can be read.
fn unreadable(item: &Json) -> UnusableZone {
    let text = |key: &str| item.get(key).and_then(Json::as_str).unwrap_or_default();
    let account = item.get("account").and_then(|account| account.get("id")).and_then(Json::as_str);
    let (id, name) = (text("id"), text("name").to_ascii_lowercase());
    let why = match (id, name.as_str()) {
        ("", "") => "it has neither",
        ("", _) => "it has no id",
        (_, _) => "it has no name",
    };
    let shown = |text: &str| if text.is_empty() { "(none)".to_owned() } else { text.to_owned() };
    UnusableZone::new(&shown(&name), &shown(id), account.unwrap_or_default(), why.to_owned())
}

/// Separates zones that share their id with a zone of another name: which of them the id means is not known.
fn split_twins(zones: Vec<ZoneEntry>) -> (Vec<ZoneEntry>, Vec<UnusableZone>) {
    let mut times: HashMap<ZoneId, usize> = HashMap::new();
    zones.iter().for_each(|zone| *times.entry(zone.id.clone()).or_default() += 1);
    let is_alone = |zone: &ZoneEntry| times.get(&zone.id) == Some(&1);
    let (alone, twins): (Vec<_>, Vec<_>) = zones.into_iter().partition(is_alone);
    let unusable = twins.iter().map(|zone| {
        let account = zone.account_id.as_ref().map_or("", AccountId::as_str);
        UnusableZone::new(&zone.name, zone.id.as_str(), account, "another zone has its id".to_owned())
    });
    (alone, unusable.collect())
}

/// Reads a zone; `None` if it lacks a name or an id.
fn entry(item: &Json) -> Option<Listed> {
    let text = |value: &Json, key: &str| value.get(key).and_then(Json::as_str).map(str::to_owned);
    let account = item.get("account").unwrap_or(&Json::Null);
    let (id, name) = (text(item, "id")?, text(item, "name")?.to_lowercase());
    let account_id = text(account, "id").filter(|id| !id.is_empty());
    let stated = account_id.as_deref().unwrap_or_default();
    let refuse = |input: &str, what: &str, error: &InvalidName| {
        let why = format!("`{}` is not {what}: {}", printable(input), error.rule());
        UnusableZone::new(&name, &id, stated, why)
    };
    // All three can end up in request paths and file paths: check them before anything uses them.
    let read = || {
        let zone_id = ZoneId::try_from(id.as_str()).map_err(|error| refuse(&id, "a zone id", &error))?;
        // `GET /zones` returns international names in Unicode; names are compared in their `xn--` form.
        let zone = ZoneName::try_from(name.as_str()).map_err(|error| refuse(&name, "a zone name", &error))?;
        let account_id = account_id.as_deref().map(AccountId::try_from).transpose();
        Ok(ZoneEntry {
            account_id: account_id.map_err(|error| refuse(stated, "an account id", &error))?,
            account_name: text(account, "name").unwrap_or_default(),
            legacy_id: item.get("plan").and_then(|plan| text(plan, "legacy_id")),
            status: text(item, "status"),
            ..ZoneEntry::new(zone_id, zone.as_str())
        })
    };
    Some(read())
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
            let zone = json!({"id": id, "name": "Example.com", "plan": plan, "account": null});
            let zone = entry(&zone).unwrap().unwrap();
            assert_eq!((zone.name.as_str(), zone.legacy_id), ("example.com", legacy_id));
        }
        assert_eq!(entry(&json!({"id": id, "plan": "free"})), None);
    }

    #[test]
    fn a_zone_with_an_invalid_name_or_id_is_not_usable() {
        let id = "023e105f4ecef8ad9ca31a8372d0c353";
        let why = |id: &str, name: &str, account: &str| {
            let zone = entry(&json!({"id": id, "name": name, "account": {"id": account}})).unwrap();
            zone.unwrap_err().to_string()
        };
        insta::assert_snapshot!(
            [
                why(id, "shop.example.com", "x/../../../evil"),
                why("../../zones", "shop.example.com", id),
                why(id, "../evil\u{1b}[2J", id),
                why(id, &"a.".repeat(200), id),
            ]
            .join("\n"),
            @r"
        zone shop.example.com (zone id 023e105f4ecef8ad9ca31a8372d0c353) is listed with an invalid name or id: `x/../../../evil` is not an account id: an id has 32 lower-case hexadecimal digits
        zone shop.example.com (zone id ../../zones) is listed with an invalid name or id: `../../zones` is not a zone id: an id has 32 lower-case hexadecimal digits
        zone ../evil\u{1b}[2j (zone id 023e105f4ecef8ad9ca31a8372d0c353) is listed with an invalid name or id: `../evil\u{1b}[2j` is not a zone name: each label has 1 to 63 characters
        zone a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.… (zone id 023e105f4ecef8ad9ca31a8372d0c353) is listed with an invalid name or id: `a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.…` is not a zone name: a name has at most 253 characters
        "
        );
    }

    #[test]
    fn further_pages_follow_the_reported_totals_or_full_pages() {
        let page =
            |total, count, is_full| Page { zones: Vec::new(), unusable: Vec::new(), total, count, is_full };
        for (page, further) in [
            (page(Some(3), None, false), 2),
            (page(Some(1), Some(51), true), 1),
            (page(Some(0), None, false), 0),
            (page(None, None, true), u64::MAX),
            (page(None, None, false), 0),
        ] {
            assert_eq!(page.further(), further, "{page:?}");
        }
    }
}
