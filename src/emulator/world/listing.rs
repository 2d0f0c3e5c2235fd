//! `GET /zones`: pages of the zones that a token sees.

use super::access::{Grant, Permission};
use super::fault::On;
use super::reply::{Body, Reply, envelope};
use super::request::Request;
use super::state::World;
use super::zone::Zone;
use serde_json::{Value as Json, json};

impl World {
    /// One page of zones.
    pub(super) fn list_zones(&mut self, request: &Request, grant: &Grant) -> Result<Reply, Reply> {
        grant.need(&[Permission::ZoneRead])?;
        let script = self.faults.draw(On::Zones);
        let reply = self.page_of_zones(request, grant).unwrap_or_else(|refusal| refusal);
        Ok(script.twist(reply))
    }

    fn page_of_zones(&self, request: &Request, grant: &Grant) -> Result<Reply, Reply> {
        let page = request.number("page", 1, 1, u32::MAX)?;
        let per_page = request.number("per_page", 20, 5, 50)?;
        let wanted = |zone: &&Zone| {
            let is = |name: &str, value: &str| request.query(name).is_none_or(|asked| asked == value);
            is("account.id", &zone.account) && is("status", &zone.status) && grant.sees_zone(zone)
        };
        let found: Vec<&Zone> = match request.query("name") {
            Some(name) => {
                self.named(name).iter().filter_map(|place| self.zones.get(*place)).filter(wanted).collect()
            }
            None => self.zones.iter().filter(wanted).collect(),
        };
        let skipped = usize::try_from(u64::from(page - 1) * u64::from(per_page)).unwrap_or(usize::MAX);
        let size = usize::try_from(per_page).unwrap_or(usize::MAX);
        let shown: Vec<Json> = found.iter().skip(skipped).take(size).map(|zone| self.entry(zone)).collect();
        let info = json!({
            "page": page, "per_page": per_page, "count": shown.len(),
            "total_count": found.len(), "total_pages": found.len().div_ceil(size),
        });
        let mut body = envelope(Json::Array(shown));
        body["result_info"] = info;
        Ok(Reply::new(200, Body::Json(body)))
    }
}
