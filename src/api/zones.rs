//! `GET /zones` and `GET /zones/{zone_id}`: which zones the token sees.

use super::client::list;
use super::envelope::{Answer, Shape};
use super::http::Call;
use super::{ApiError, Client, Payload, ZoneEntry};
use crate::model::{AccountId, ZoneId};
use serde_json::Value as Json;

const PERMISSION: &str = "Zone Read";

/// The largest page the API gives.
pub(super) const PER_PAGE: usize = 50;

/// A page of zones.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) zones: Vec<ZoneEntry>,
    /// How many pages there are, where it is told.
    pub(super) total: Option<u64>,
    /// Whether the page is as long as pages get.
    pub(super) is_full: bool,
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
    /// A page of the list cannot be had.
    pub async fn all_zones(&self, account: Option<&AccountId>) -> Result<Vec<ZoneEntry>, ApiError> {
        let first = self.page(1, account).await?;
        let rest = self.further_pages(&first, account).await;
        let mut zones = first.zones;
        for page in rest {
            zones.extend(page?.zones);
        }
        zones.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        zones.dedup_by(|a, b| a.id == b.id);
        for zone in &zones {
            self.remember(&zone.id, &zone.name);
        }
        Ok(zones)
    }

    /// A page of the list, from 1.
    pub(super) async fn page(&self, page: u64, account: Option<&AccountId>) -> Result<Page, ApiError> {
        let mut call = Call::get("/zones", PERMISSION);
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
        let mut call = Call::get("/zones", PERMISSION);
        call.zone = Some(name.to_owned());
        call.query = vec![("name", name.to_owned()), ("per_page", PER_PAGE.to_string())];
        call.query.extend(account.map(|account| ("account.id", account.to_string())));
        self.read(call, Shape::Envelope, read_page).await.map(|page| page.zones)
    }

    /// The zone with that id.
    pub(super) async fn by_id(&self, id: &ZoneId, name: &str) -> Result<ZoneEntry, ApiError> {
        let mut call = Call::get(format!("/zones/{id}"), PERMISSION);
        call.zone = Some(name.to_owned());
        let read =
            |answer: Answer| entry(&answer.result).filter(|zone| zone.id == *id).ok_or(Payload::Result);
        self.read(call, Shape::Envelope, read).await
    }
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
