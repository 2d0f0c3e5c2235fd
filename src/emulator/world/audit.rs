//! The audit log of each account: an entry for each PUT to this emulator, and those of the world file. Entries show after a
//! delay, and pages are told apart by cursors, in one of the forms in which clients have met them.

use super::access::{DEFAULT_ACCOUNT, Grant, derive};
use super::key::{Key, Kind};
use super::message::{Reply, Request};
use super::reader::{At, Reader};
use super::state::World;
use super::zone::Zone;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json, json};

/// Beyond this the log drops its older half.
const MOST_ENTRIES: usize = 200_000;

const DELAY: Key = Key::new(
    "delay_seconds",
    Kind::Number(0, 86_400),
    "How long it takes until an entry shows; 0 by default.",
);

const MINUTES_AGO: Key = Key::new(
    "minutes_ago",
    Kind::Number(0, 10_000_000),
    "How long before the first request it happened, in place of `action.time`.",
);

/// The keys of an audit log.
pub(super) const KEYS: [Key; 3] = [
    DELAY,
    Key::new(
        "cursor",
        Kind::Word(|| FORMS.map(|(word, _)| word).to_vec()),
        "The form of cursors: `plain` by default.",
    ),
    Key::new(
        "entries",
        Kind::Objects(&[]),
        "The entries, as the API shows them; `minutes_ago` may stand in place of `action.time`, and a zone may be named without its id.",
    ),
];

/// The forms of cursors.
const FORMS: [(&str, Form); 3] =
    [("plain", Form::Plain), ("cursors_after", Form::After), ("repeats", Form::Repeats)];

/// The form of cursors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    /// `cursor`, also on the last page with an entry; an empty page follows.
    #[default]
    Plain,
    /// `cursors.after`, which the last page does not have.
    After,
    /// `cursor`; that of the last page leads to the last page.
    Repeats,
}

/// The audit log of all accounts.
#[derive(Clone, Debug, Default)]
pub(super) struct Audit {
    delay: u32,
    form: Form,
    entries: Vec<Logged>,
}

/// An entry.
#[derive(Clone, Debug)]
struct Logged {
    account: String,
    at: Moment,
    entry: Json,
}

/// When an entry happened.
#[derive(Clone, Copy, Debug)]
enum Moment {
    At(Timestamp),
    /// So many minutes before the first request.
    MinutesAgo(u32),
}

/// A zone that was written.
pub(super) struct Written {
    zone_id: String,
    zone: String,
    account: String,
}

impl Written {
    pub(super) fn of(zone: &Zone) -> Self {
        let Zone { id, name, account, .. } = zone;
        Self { zone_id: id.clone(), zone: name.clone(), account: account.clone() }
    }
}

impl Audit {
    /// Reads the log of a world file. Its zones are read already.
    pub(super) fn read(reader: &mut Reader, at: &At<'_>, world: &World) -> Self {
        if !reader.keys(at, &KEYS) {
            return Self::default();
        }
        let mut audit = Self {
            delay: reader.number(at, &DELAY).unwrap_or(0),
            form: reader.word(at, "cursor", &FORMS).unwrap_or_default(),
            entries: Vec::new(),
        };
        for entry in reader.items(at, "entries") {
            audit.entries.extend(Logged::read(reader, &entry, world));
        }
        audit
    }

    /// Forgets all entries.
    pub(super) fn forget(&mut self) {
        self.entries = Vec::new();
    }

    /// Adds an entry that is written as in a world file.
    pub(super) fn add(&mut self, reader: &mut Reader, at: &At<'_>, world: &World) {
        self.entries.extend(Logged::read(reader, at, world));
    }

    /// Logs a PUT that changed a zone.
    pub(super) fn note(&mut self, written: &Written, request: &Request, ray: &str, grant: &Grant) {
        if self.entries.len() >= MOST_ENTRIES {
            self.entries.drain(..MOST_ENTRIES / 2);
        }
        let Written { zone_id, zone, account } = written;
        let entry = json!({
            "id": derive(&format!("audit {ray}")),
            "account": { "id": account },
            "action": { "type": "update", "result": "success", "time": request.now.to_string(), "description": "" },
            "actor": grant.actor(request),
            "raw": {
                "cf_ray_id": ray, "method": request.method, "status_code": 200,
                "uri": request.route(), "user_agent": request.agent,
            },
            "resource": {
                "id": zone_id, "product": "bot_management", "type": "bot_management", "scope": "zones",
                "request": request.json(), "response": null,
            },
            "zone": { "id": zone_id, "name": zone },
        });
        self.entries.push(Logged { account: account.clone(), at: Moment::At(request.now), entry });
    }

    /// Gives entries whose time is counted from the first request their time.
    fn fix(&mut self, now: Timestamp) {
        for logged in &mut self.entries {
            let Moment::MinutesAgo(minutes) = logged.at else { continue };
            let ago = SignedDuration::from_mins(minutes.into());
            let at = now.saturating_sub(ago).unwrap_or(now);
            logged.at = Moment::At(at);
            let action = logged.entry.as_object_mut().map(|entry| entry.entry("action").or_insert(json!({})));
            if let Some(Json::Object(action)) = action {
                action.insert("time".to_owned(), at.to_string().into());
            }
        }
    }

    /// A page of the log of an account.
    pub(super) fn page(&mut self, account: &str, request: &Request) -> Result<Reply, Reply> {
        self.fix(request.now);
        let query = Query::read(request)?;
        let shown =
            request.now.saturating_sub(SignedDuration::from_secs(self.delay.into())).unwrap_or_default();
        let mut rows: Vec<(Timestamp, usize)> = Vec::new();
        for (index, logged) in self.entries.iter().enumerate() {
            if let Moment::At(at) = logged.at
                && logged.account == account
                && at <= shown
                && query.takes(at, &logged.entry)
            {
                rows.push((at, index));
            }
        }
        rows.sort_unstable();
        if query.is_descending {
            rows.reverse();
        }
        let begin = query
            .cursor
            .map_or(0, |last| rows.iter().position(|row| *row == last).map_or(rows.len(), |place| place + 1));
        let page: Vec<_> = rows.iter().skip(begin).take(query.limit).copied().collect();
        let is_last = begin + page.len() >= rows.len();
        let next = page.last().map(|(at, index)| format!("{}-{index}", at.as_nanosecond()));
        let entries: Vec<_> = page.iter().map(|(_, index)| self.entries[*index].entry.clone()).collect();
        let count = entries.len().to_string();
        let info = match self.form {
            Form::Plain => json!({ "count": count, "cursor": next.unwrap_or_default() }),
            Form::After if is_last => json!({ "count": count, "cursors": {} }),
            Form::After => json!({ "count": count, "cursors": { "after": next } }),
            Form::Repeats if is_last => {
                json!({ "count": count, "cursor": request.query("cursor").unwrap_or("0-0") })
            }
            Form::Repeats => json!({ "count": count, "cursor": next }),
        };
        Ok(Reply::page(entries, info))
    }
}

impl Logged {
    fn read(reader: &mut Reader, at: &At<'_>, world: &World) -> Option<Self> {
        let mut entry = reader.map(at)?.clone();
        let ago = reader.number(at, &MINUTES_AGO);
        entry.remove(MINUTES_AGO.name);
        let stated = at.member("action").and_then(|action| reader.time(&action, "time"));
        let Some(moment) = ago.map(Moment::MinutesAgo).or(stated.map(Moment::At)) else {
            reader.fail(&at.path, "`action.time` or `minutes_ago` is missing");
            return None;
        };
        let account = account(reader, at, &mut entry, world)?;
        let text = Json::Object(entry.clone()).to_string();
        entry.entry("id").or_insert_with(|| derive(&format!("{} {text}", at.path)).into());
        Some(Self { account, at: moment, entry: Json::Object(entry) })
    }
}

/// The account of an entry: the one that it names, that of its zone, or the first one. A zone without an id gets it.
fn account(reader: &mut Reader, at: &At<'_>, entry: &mut Map<String, Json>, world: &World) -> Option<String> {
    let text = |key: &str, member: &str| entry.get(key)?.get(member)?.as_str().map(str::to_owned);
    let (account, id, name) = (text("account", "id"), text("zone", "id"), text("zone", "name"));
    let zone = match (&id, &name) {
        (Some(id), _) => world.place(id).and_then(|place| world.zones.get(place)),
        (None, Some(name)) => world.named(name).next(),
        (None, None) => None,
    };
    if let (None, None, Some(name)) = (&zone, &id, &name) {
        reader.fail(&at.key("zone"), format!("there is no zone `{name}`"));
        return None;
    }
    if let (Some(zone), Some(Json::Object(member))) = (zone, entry.get_mut("zone")) {
        member.insert("id".to_owned(), zone.id.clone().into());
    }
    let of_zone = || zone.map(|zone| zone.account.clone());
    let first = || world.accounts.iter().next().map(|(id, _)| id.to_owned());
    Some(account.or_else(of_zone).or_else(first).unwrap_or_else(|| DEFAULT_ACCOUNT.to_owned()))
}

/// A query of the log.
struct Query {
    since: Timestamp,
    before: Timestamp,
    limit: usize,
    is_descending: bool,
    /// The last entry of the page before.
    cursor: Option<(Timestamp, usize)>,
    /// Pointers into an entry, and the values that they must lead to.
    equal: Vec<(&'static str, String)>,
}

/// The filters, and what they compare.
const FILTERS: [(&str, &str); 5] = [
    ("zone_id", "/zone/id"),
    ("raw_method", "/raw/method"),
    ("raw_uri", "/raw/uri"),
    ("action_type", "/action/type"),
    ("resource_product", "/resource/product"),
];

impl Query {
    fn read(request: &Request) -> Result<Self, Reply> {
        let limit = request.number("limit", 100, 1, 1000)?;
        let is_descending = match request.query("direction") {
            None | Some("desc") => true,
            Some("asc") => false,
            Some(_) => return Err(Reply::error(400, 10001, "direction must be one of asc, desc")),
        };
        let filter = |(name, pointer): (&str, &'static str)| Some((pointer, request.query(name)?.to_owned()));
        Ok(Self {
            since: instant(request, "since")?,
            before: instant(request, "before")?,
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            is_descending,
            cursor: request.query("cursor").filter(|text| !text.is_empty()).map(cursor).transpose()?,
            equal: FILTERS.into_iter().filter_map(filter).collect(),
        })
    }

    fn takes(&self, at: Timestamp, entry: &Json) -> bool {
        let is_equal = |(pointer, value): &(&str, String)| {
            entry.pointer(pointer).and_then(Json::as_str) == Some(value.as_str())
        };
        (self.since..=self.before).contains(&at) && self.equal.iter().all(is_equal)
    }
}

/// A limit of the window: a day or an instant.
fn instant(request: &Request, name: &str) -> Result<Timestamp, Reply> {
    let wrong = |what: &str| Reply::error(400, 10001, format!("{name} {what}"));
    let text = request.query(name).ok_or_else(|| wrong("is required"))?;
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    text.parse().ok().or_else(day).ok_or_else(|| wrong("must be a date or a date-time"))
}

fn cursor(text: &str) -> Result<(Timestamp, usize), Reply> {
    let parts = || {
        let (at, index) = text.split_once('-')?;
        Some((Timestamp::from_nanosecond(at.parse().ok()?).ok()?, index.parse().ok()?))
    };
    parts().ok_or_else(|| Reply::error(400, 10001, "cursor is invalid"))
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
