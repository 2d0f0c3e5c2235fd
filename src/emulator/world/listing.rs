//! `GET /zones`: pages of the zones that a token sees. Other people may add and remove zones between two pages.

use super::access::Grant;
use super::fault::{On, Shift};
use super::message::{Reply, Request};
use super::reader::{At, Reader};
use super::state::World;
use super::zone::Zone;
use serde_json::{Value as Json, json};

impl World {
    /// One page of zones.
    pub(super) fn list_zones(&mut self, request: &Request, grant: &Grant) -> Reply {
        let script = self.faults.draw(On::Zones);
        script.shifts.iter().for_each(|shift| self.shift(shift));
        let reply = self.page_of_zones(request, grant).unwrap_or_else(|refusal| refusal);
        script.twist(reply)
    }

    fn page_of_zones(&self, request: &Request, grant: &Grant) -> Result<Reply, Reply> {
        let page = request.number("page", 1, 1, u32::MAX)?;
        let per_page = match request.query("per_page") {
            // The documented least is 5, but many programs probe a token with 1, which is answered.
            Some("1") => 1,
            _ => request.number("per_page", 20, 5, 50)?,
        };
        let wanted = |zone: &&Zone| {
            let is = |name: &str, value: &str| request.query(name).is_none_or(|asked| asked == value);
            is("account.id", &zone.account)
                && is("status", &zone.status)
                && grant.sees_zone(&zone.name, &zone.account)
        };
        let found: Vec<&Zone> = match request.query("name") {
            Some(name) => self.named(name).filter(wanted).collect(),
            None => self.zones.iter().filter(wanted).collect(),
        };
        let skipped = usize::try_from(u64::from(page - 1) * u64::from(per_page)).unwrap_or(usize::MAX);
        let size = usize::try_from(per_page).unwrap_or(usize::MAX);
        let shown: Vec<Json> = found.iter().skip(skipped).take(size).map(|zone| self.entry(zone)).collect();
        let info = json!({
            "page": page, "per_page": per_page, "count": shown.len(),
            "total_count": found.len(), "total_pages": found.len().div_ceil(size),
        });
        Ok(Reply::page(shown, info))
    }

    /// The entry of a zone in a listing.
    pub(super) fn entry(&self, zone: &Zone) -> Json {
        zone.entry(self.accounts.name(&zone.account))
    }

    fn shift(&mut self, shift: &Shift) {
        match shift {
            Shift::Remove(name) => self.remove(name),
            Shift::Add { zone, first } => {
                // It was read without an error when the fault was.
                let zone = Zone::read(&mut Reader::default(), &At::root(zone), &mut self.accounts);
                let place = if *first { 0 } else { self.zones.len() };
                let new = zone.filter(|zone| self.twin(zone).is_none());
                new.into_iter().for_each(|zone| self.insert(place, zone));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::world::access;
    use crate::emulator::world::message::Body;

    /// The names on each page when the list has 5 zones and a fault falls on the second page.
    fn pages(fault: &Json) -> Vec<Vec<String>> {
        let zones: Vec<Json> =
            (0..7).map(|n| json!({"name": format!("z{n}.example"), "plan": "free"})).collect();
        let mut world = World::read(&json!({"zones": zones, "faults": [fault]})).unwrap();
        let mut page = |page: u32| {
            let query = vec![("page".to_owned(), page.to_string()), ("per_page".to_owned(), "5".to_owned())];
            let authorization = Some("Bearer abc".to_owned());
            let request = Request { query, authorization, ..Request::default() };
            let grant = access::admit(None, &request).unwrap();
            let Body::Json(body) = world.list_zones(&request, &grant).body else { panic!("a page") };
            let names = body["result"].as_array().unwrap().iter();
            names.map(|zone| zone["name"].as_str().unwrap().to_owned()).collect()
        };
        vec![page(1), page(2)]
    }

    #[test]
    fn a_zone_that_is_added_first_shows_a_row_twice() {
        let zone = json!({"name": "new.example", "plan": "pro"});
        let pages = pages(&json!({"on": "ZONES", "nth": 2, "do": "add_zone", "zone": zone, "first": true}));
        assert_eq!(pages[1], ["z4.example", "z5.example", "z6.example"]);
    }

    #[test]
    fn a_zone_that_is_removed_hides_another_one() {
        let pages = pages(&json!({"on": "ZONES", "nth": 2, "do": "remove_zone", "name": "z0.example"}));
        assert_eq!(pages[1], ["z6.example"]);
    }
}
