//! The lists of zones and accounts: filters with their operators, order, pages. Other people may add and remove zones
//! between two pages.

use super::access::{Grant, Permission};
use super::fault::Shift;
use super::message::{Reply, Request};
use super::on::On;
use super::reader::{At, Reader};
use super::state::World;
use super::zone::{Zone, a_labels};
use serde_json::{Value as Json, json};

const ORDERS: [&str; 5] = ["name", "status", "account.id", "account.name", "plan.id"];

/// How a text filter compares; the query writes it before a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    StartsWith,
    EndsWith,
    Contains,
}

const OPERATORS: [(&str, Operator); 5] = [
    ("equal", Operator::Equal),
    ("not_equal", Operator::NotEqual),
    ("starts_with", Operator::StartsWith),
    ("ends_with", Operator::EndsWith),
    ("contains", Operator::Contains),
];

/// A text filter.
struct TextFilter {
    operator: Operator,
    keeps_case: bool,
    text: String,
}

impl TextFilter {
    /// Reads `TEXT` or `OPERATOR:TEXT`.
    fn read(asked: &str) -> Self {
        let known = asked.split_once(':').and_then(|(word, text)| {
            let (word, keeps_case) =
                word.strip_suffix("_case_sensitive").map_or((word, false), |word| (word, true));
            let (_, operator) = OPERATORS.iter().find(|(known, _)| *known == word)?;
            Some((*operator, keeps_case, text))
        });
        let (operator, keeps_case, text) = known.unwrap_or((Operator::Equal, false, asked));
        Self { operator, keeps_case, text: if keeps_case { text.to_owned() } else { text.to_lowercase() } }
    }

    /// The exact text that a value must have, ignoring letter case.
    fn exact(&self) -> Option<&str> {
        (self.operator == Operator::Equal).then_some(&self.text)
    }

    fn takes(&self, value: &str) -> bool {
        let value = if self.keeps_case { value.to_owned() } else { value.to_lowercase() };
        match self.operator {
            Operator::Equal => value == self.text,
            Operator::NotEqual => value != self.text,
            Operator::StartsWith => value.starts_with(&self.text),
            Operator::EndsWith => value.ends_with(&self.text),
            Operator::Contains => value.contains(&self.text),
        }
    }
}

/// Reads a parameter that must be one of the words.
fn word<'r>(request: &'r Request, name: &str, words: &[&str]) -> Result<Option<&'r str>, Reply> {
    match request.query(name) {
        Some(asked) if !words.contains(&asked) => {
            Err(Reply::error(400, 10001, format!("{name} must be one of {}", words.join(", "))))
        }
        asked => Ok(asked),
    }
}

/// A page of a list.
struct Paging {
    page: u32,
    per_page: u32,
}

impl Paging {
    fn read(request: &Request) -> Result<Self, Reply> {
        let per_page = match request.query("per_page") {
            // The documented minimum is 5, but the API also answers 1, with which many programs probe a token.
            Some("1") => 1,
            _ => request.number("per_page", 20, 5, 50)?,
        };
        Ok(Self { page: request.number("page", 1, 1, u32::MAX)?, per_page })
    }

    fn cut<T>(&self, found: &[T], entry: impl Fn(&T) -> Json) -> Reply {
        let Self { page, per_page } = *self;
        let skipped = usize::try_from(u64::from(page - 1) * u64::from(per_page)).unwrap_or(usize::MAX);
        let size = usize::try_from(per_page).unwrap_or(usize::MAX);
        let shown: Vec<Json> = found.iter().skip(skipped).take(size).map(entry).collect();
        let info = json!({
            "page": page, "per_page": per_page, "count": shown.len(),
            "total_count": found.len(), "total_pages": found.len().div_ceil(size),
        });
        Reply::page(shown, info)
    }
}

/// The filters of zones.
struct ZoneFilter<'r> {
    name: Option<TextFilter>,
    account_name: Option<TextFilter>,
    account: Option<&'r str>,
    status: Option<&'r str>,
    kind: Option<&'r str>,
    /// Whether one matching filter is enough.
    is_any: bool,
}

impl<'r> ZoneFilter<'r> {
    fn read(request: &'r Request) -> Result<Self, Reply> {
        Ok(Self {
            // Clients report both forms of an international name as working: here both do.
            name: request.query("name").map(|name| TextFilter::read(&a_labels(name))),
            account_name: request.query("account.name").map(TextFilter::read),
            account: request.query("account.id"),
            status: word(request, "status", &["initializing", "pending", "active", "moved"])?,
            kind: request.query("type"),
            is_any: word(request, "match", &["any", "all"])? == Some("any"),
        })
    }

    fn takes(&self, zone: &Zone, account_name: &str) -> bool {
        let answers = [
            self.name.as_ref().map(|filter| filter.takes(&zone.name)),
            self.account_name.as_ref().map(|filter| filter.takes(account_name)),
            self.account.map(|id| id == zone.account),
            self.status.map(|status| status == zone.status),
            // All zones of a world are of type `full`.
            self.kind.map(|kinds| kinds.split(',').any(|kind| kind == "full")),
        ];
        let mut answers = answers.into_iter().flatten().peekable();
        if self.is_any && answers.peek().is_some() { answers.any(|yes| yes) } else { answers.all(|yes| yes) }
    }
}

impl World {
    /// One page of zones.
    pub(super) fn list_zones(&mut self, request: &Request, grant: &Grant) -> Reply {
        let script = self.faults.draw(On::Zones);
        script.shifts.iter().for_each(|shift| self.shift(shift));
        let reply = self.page_of_zones(request, grant).unwrap_or_else(|refusal| refusal);
        script.twist(reply)
    }

    fn page_of_zones(&self, request: &Request, grant: &Grant) -> Result<Reply, Reply> {
        let paging = Paging::read(request)?;
        let filter = ZoneFilter::read(request)?;
        let order = word(request, "order", &ORDERS)?;
        let is_down = word(request, "direction", &["asc", "desc"])? == Some("desc");
        let wanted = |zone: &&Zone| {
            grant.sees_zone(&zone.name, &zone.account)
                && filter.takes(zone, self.accounts.name(&zone.account))
        };
        let exact = filter.name.as_ref().filter(|_| !filter.is_any).and_then(TextFilter::exact);
        let mut found: Vec<&Zone> = match exact {
            Some(name) => self.named(name).filter(wanted).collect(),
            None => self.zones.iter().filter(wanted).collect(),
        };
        if let Some(order) = order {
            found.sort_by_cached_key(|zone| self.sort_key(zone, order));
        }
        if is_down {
            found.reverse();
        }
        Ok(paging.cut(&found, |zone| self.entry(zone)))
    }

    fn sort_key(&self, zone: &Zone, order: &str) -> String {
        match order {
            "status" => zone.status.clone(),
            "account.id" => zone.account.clone(),
            "account.name" => self.accounts.name(&zone.account).to_owned(),
            "plan.id" => zone.legacy_id.clone(),
            _ => zone.name.clone(),
        }
    }

    /// The entry of a zone in a listing.
    pub(super) fn entry(&self, zone: &Zone) -> Json {
        zone.entry(self.accounts.name(&zone.account))
    }

    fn shift(&mut self, shift: &Shift) {
        match shift {
            Shift::Remove(name) => self.remove(name),
            Shift::Add { zone, first } => {
                // Reading cannot fail: the zone was checked together with its fault.
                let zone = Zone::read(&mut Reader::default(), &At::root(zone), &mut self.accounts);
                let place = if *first { 0 } else { self.zones.len() };
                let new = zone.filter(|zone| self.twin(zone).is_none());
                new.into_iter().for_each(|zone| self.insert(place, zone));
            }
        }
    }

    /// One page of accounts.
    pub(super) fn list_accounts(&self, request: &Request, grant: &Grant) -> Result<Reply, Reply> {
        grant.need(&[Permission::ZoneRead])?;
        let paging = Paging::read(request)?;
        let name = request.query("name").map(TextFilter::read);
        let is_wanted = |(id, account): &(&str, &str)| {
            grant.sees_account(id) && name.as_ref().is_none_or(|filter| filter.takes(account))
        };
        let mut found: Vec<_> = self.accounts.iter().filter(is_wanted).collect();
        if word(request, "direction", &["asc", "desc"])? == Some("desc") {
            found.reverse();
        }
        Ok(paging.cut(&found, |(id, name)| account(id, name)))
    }

    /// One account.
    pub(super) fn one_account(&self, id: &str, request: &Request, grant: &Grant) -> Result<Reply, Reply> {
        self.check_account(id, request, grant)?;
        Ok(Reply::ok(account(id, self.accounts.name(id))))
    }
}

fn account(id: &str, name: &str) -> Json {
    json!({
        "id": id, "name": name, "type": "standard", "created_on": "2024-01-01T00:00:00.000000Z",
        "settings": { "enforce_twofactor": false, "abuse_contact_email": null },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::world::access;
    use crate::emulator::world::message::Body;

    fn ask(world: &mut World, query: &[(&str, &str)]) -> Reply {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let authorization = Some("Bearer abc".to_owned());
        let request = Request { query, authorization, ..Request::default() };
        let grant = access::admit(None, &request).unwrap();
        world.list_zones(&request, &grant)
    }

    fn names(world: &mut World, query: &[(&str, &str)]) -> Vec<String> {
        let reply = ask(world, query);
        let Body::Json(body) = reply.body else { panic!("a page") };
        let zones = body["result"].as_array().into_iter().flatten();
        zones.map(|zone| zone["name"].as_str().unwrap().to_owned()).collect()
    }

    fn three() -> World {
        let zone =
            |name: &str, plan: &str, account: &str| json!({"name": name, "plan": plan, "account": account});
        let zones = [
            zone("b.shop.example", "pro", "Two"),
            zone("a.example", "free", "One"),
            zone("c.example", "pro", "Two"),
        ];
        World::read(&json!({ "zones": zones })).unwrap()
    }

    #[test]
    fn zones_are_filtered_by_name_and_account() {
        let found = |query: &[(&str, &str)]| names(&mut three(), query).join(" ");
        assert_eq!(found(&[("name", "a.example")]), "a.example");
        assert_eq!(found(&[("name", "A.EXAMPLE")]), "a.example");
        assert_eq!(found(&[("name", "contains:SHOP")]), "b.shop.example");
        assert_eq!(found(&[("name", "contains_case_sensitive:SHOP")]), "");
        assert_eq!(found(&[("name", "starts_with:a")]), "a.example");
        assert_eq!(found(&[("name", "ends_with:shop.example")]), "b.shop.example");
        assert_eq!(found(&[("name", "not_equal:a.example")]), "b.shop.example c.example");
        assert_eq!(found(&[("account.name", "Two")]), "b.shop.example c.example");
        assert_eq!(found(&[("account.name", "Two"), ("name", "a.example")]), "");
        assert_eq!(
            found(&[("account.name", "One"), ("name", "c.example"), ("match", "any")]),
            "a.example c.example"
        );
        assert_eq!(found(&[("type", "partial")]), "");
    }

    #[test]
    fn zones_are_ordered_both_ways() {
        let found = |query: &[(&str, &str)]| names(&mut three(), query).join(" ");
        assert_eq!(found(&[("order", "name")]), "a.example b.shop.example c.example");
        assert_eq!(found(&[("order", "name"), ("direction", "desc")]), "c.example b.shop.example a.example");
        assert_eq!(found(&[("order", "account.name")]), "a.example b.shop.example c.example");
    }

    #[test]
    fn an_unknown_word_is_refused() {
        for query in [
            ("order", "age"),
            ("direction", "up"),
            ("match", "some"),
            ("status", "asleep"),
            ("per_page", "2"),
        ] {
            assert_eq!(ask(&mut three(), &[query]).status, 400, "{query:?}");
        }
    }

    /// The names on each page when the list has 5 zones and a fault falls on the second page.
    fn pages(fault: &Json) -> Vec<Vec<String>> {
        let zones: Vec<Json> =
            (0..7).map(|n| json!({"name": format!("z{n}.example"), "plan": "free"})).collect();
        let mut world = World::read(&json!({"zones": zones, "faults": [fault]})).unwrap();
        let mut page = |page: &str| names(&mut world, &[("page", page), ("per_page", "5")]);
        vec![page("1"), page("2")]
    }

    #[test]
    fn a_zone_that_is_added_first_shows_a_row_twice() {
        let zone = json!({"name": "new.example", "plan": "pro"});
        let pages = pages(&json!({"on": "ZONES", "nth": 2, "do": "add_zone", "zone": zone, "first": true}));
        assert_eq!(pages[1], ["z4.example", "z5.example", "z6.example"]);
    }

    #[test]
    fn a_fault_replaces_the_result_info_of_a_page() {
        let info = json!({"total_pages": 1, "total_count": 51});
        for (fault, told) in [
            (json!({"on": "ZONES", "do": "miscount", "result_info": info}), Some(info)),
            (json!({"on": "ZONES", "do": "miscount"}), None),
        ] {
            let zones = json!([{"name": "a.example", "plan": "free"}]);
            let mut world = World::read(&json!({"zones": zones, "faults": [fault]})).unwrap();
            let Body::Json(body) = ask(&mut world, &[]).body else { panic!("a page") };
            assert_eq!(
                (body["result"].as_array().unwrap().len(), body.get("result_info")),
                (1, told.as_ref())
            );
        }
    }

    #[test]
    fn a_zone_that_is_removed_hides_another_one() {
        let pages = pages(&json!({"on": "ZONES", "nth": 2, "do": "remove_zone", "name": "z0.example"}));
        assert_eq!(pages[1], ["z6.example"]);
    }
}
