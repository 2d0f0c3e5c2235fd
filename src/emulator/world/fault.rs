//! Scripted faults: which requests they affect, what they do, and their keys in a world file.

use super::key::{Key, Kind};
use super::message::{Body, Delivery, Reply, RetryAfter, edge_page};
use super::on::On;
use super::reader::{At, Reader};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::time::Duration;

use On::{Audit, Get, GetFeedback, Graphql, Post, Put, Submissions, Zones};

const WRITES: &[On] = &[Put, Post];
const OF_ZONE: &[On] = &[Get, Put, Post, GetFeedback];
const ALL: &[On] = &[Get, Put, Post, GetFeedback, Zones, Submissions, Graphql, Audit];

const NTH: Key = Key::new(
    "nth",
    Kind::Number(1, u32::MAX),
    "The first request that it affects, counted separately for each zone and kind of request.",
);
const COUNT: Key = Key::new(
    "count",
    Kind::Number(1, u32::MAX),
    "How many requests in a row it affects; one if `nth` is given, otherwise all.",
);
const STATUS_CODE: Key = Key::new("status", Kind::Number(200, 599), "The status of the reply.");
const CODE: Key = Key::new("code", Kind::Number(0, 999_999), "The code of the refusal.");
const RETRY_AFTER: Key =
    Key::new("retry_after", Kind::Number(0, 86_400), "The seconds that a client should wait.");
const MILLISECONDS: Key =
    Key::new("milliseconds", Kind::Number(0, 600_000), "How long the reply is delayed.");
const LISTINGS: Key =
    Key::new("listings", Kind::Number(0, 1_000_000), "How many listings omit the report before it appears.");

/// The two formats of `Retry-After`.
const SPELLINGS: [(&str, bool); 2] = [("seconds", false), ("date", true)];

/// The keys that every fault may have.
pub(super) const COMMON: [&str; 4] = ["on", "nth", "count", "do"];

/// The keys of all faults. [`WORDS`] has the keys of each kind and the requests that it can affect.
pub(super) const KEYS: [Key; 17] = [
    Key::new("on", Kind::Word(Vec::new), "The requests that it affects.").required(),
    NTH,
    COUNT,
    Key::new("do", Kind::Word(Vec::new), "What it does; with `_after_write` the write is stored.").required(),
    STATUS_CODE,
    CODE,
    Key::new("message", Kind::Text, "The message of the refusal."),
    RETRY_AFTER,
    Key::new(
        "retry_after_as",
        Kind::Word(|| SPELLINGS.map(|(word, _)| word).to_vec()),
        "The format of the header.",
    ),
    MILLISECONDS,
    Key::new("set", Kind::Settings, "The settings that change; null removes one."),
    Key::new("set_stale", Kind::Settings, "The stale settings that change; null removes one."),
    LISTINGS,
    Key::new("zone", Kind::Object(&["name", "plan"]), "The zone that is added."),
    Key::new("first", Kind::Toggle, "Whether it is added at the top of the list."),
    Key::new("name", Kind::Text, "The zone that is removed."),
    Key::new("result_info", Kind::Any, "The `result_info` of the page; without it the page has none."),
];

const STATUS: &[&str] = &["status", "retry_after", "retry_after_as"];
const THROTTLE: &[&str] = &["retry_after", "retry_after_as"];
const EDIT: &[&str] = &["set", "set_stale"];

/// The words of `do`, each with its own keys and the requests that it can affect.
pub(super) const WORDS: [(&str, &[&str], &[On]); 28] = [
    ("status", STATUS, ALL),
    ("status_after_write", STATUS, WRITES),
    ("cut", &[], ALL),
    ("cut_after_write", &[], WRITES),
    ("silent", &[], ALL),
    ("silent_after_write", &[], WRITES),
    ("reset", &[], ALL),
    ("reset_after_write", &[], WRITES),
    ("success_false", &[], ALL),
    ("success_false_after_write", &[], WRITES),
    ("empty", &[], ALL),
    ("empty_after_write", &[], WRITES),
    ("html", &[], ALL),
    ("html_after_write", &[], WRITES),
    ("throttle", THROTTLE, ALL),
    ("throttle_10429", THROTTLE, ALL),
    ("refuse", &["status", "code", "message"], ALL),
    ("unauthorized", &[], ALL),
    ("forbidden_zone", &[], ALL),
    ("delay", &["milliseconds"], ALL),
    ("ignore", &[], WRITES),
    ("collateral", EDIT, &[Put]),
    ("edit", EDIT, OF_ZONE),
    ("edit_after", EDIT, OF_ZONE),
    ("store_late", &["listings"], &[Post]),
    ("add_zone", &["zone", "first"], &[Zones]),
    ("remove_zone", &["name"], &[Zones]),
    ("miscount", &["result_info"], &[Zones, Submissions]),
];

/// A change by someone else; null removes a setting.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Edit {
    pub(super) live: Map<String, Json>,
    pub(super) stale: Map<String, Json>,
}

/// How the list of zones changes between two pages.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shift {
    /// Adds a zone, written as in a world file, at the end or the start of the list.
    Add { zone: Json, first: bool },
    /// Removes the zones of a name.
    Remove(String),
}

/// How a reply is distorted.
#[derive(Clone, Debug, PartialEq)]
enum Twist {
    Deliver(Delivery),
    /// Replaces it.
    Reply(Reply),
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq)]
enum Action {
    Edit(Edit),
    EditAfter(Edit),
    Collateral(Edit),
    /// The reply shows the wanted values, and nothing is stored.
    Ignore,
    StoreLate(u32),
    Shift(Shift),
    /// The page reports this `result_info`; `None` for no `result_info`.
    Miscount(Option<Json>),
    Delay(Duration),
    /// The reply is distorted, whether or not the write is stored.
    Twist {
        twist: Twist,
        stored: bool,
    },
}

/// A scripted fault.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    on: On,
    /// The first request that it affects, from 1.
    nth: u32,
    /// How many requests it affects; `None` for all from then on.
    count: Option<u32>,
    action: Action,
}

impl Fault {
    fn falls_on(&self, on: On, nth: u32) -> bool {
        let ends = self.count.map_or(u32::MAX, |count| self.nth.saturating_add(count));
        self.on == on && (self.nth..ends).contains(&nth)
    }

    /// The zone that it adds to the list.
    pub(super) fn added_zone(&self) -> Option<&Json> {
        match &self.action {
            Action::Shift(Shift::Add { zone, .. }) => Some(zone),
            _ => None,
        }
    }

    /// Reads the member `faults`.
    pub(super) fn read_all(reader: &mut Reader, at: &At<'_>, on: &[(&str, On)]) -> Vec<Self> {
        let items = reader.items(at, "faults");
        items.iter().filter_map(|item| Self::read(reader, item, on)).collect()
    }

    /// Reads one fault.
    pub(super) fn read(reader: &mut Reader, at: &At<'_>, on: &[(&str, On)]) -> Option<Self> {
        reader.map(at)?;
        reader.needed(at, &KEYS);
        let on = reader.word(at, "on", on);
        let word = reader.word(at, "do", &WORDS.map(|word| (word.0, word)));
        let (nth, count) = (reader.number(at, &NTH), reader.number(at, &COUNT));
        let (on, (word, own, falls_on)) = (on?, word?);
        reader.only(at, &[&COMMON, own].concat());
        if !falls_on.contains(&on) {
            let words: Vec<String> = falls_on.iter().map(|on| format!("`{}`", on.word())).collect();
            let message = format!("`{word}` can only be used with `on` {}", words.join(", "));
            reader.fail(&at.key("do"), message);
            return None;
        }
        let action = action(reader, at, word)?;
        Some(Self { on, nth: nth.unwrap_or(1), count: count.or(nth.map(|_| 1)), action })
    }
}

fn action(reader: &mut Reader, at: &At<'_>, word: &str) -> Option<Action> {
    let number = |reader: &mut Reader, key: &Key| {
        reader.required(at, key.name);
        reader.number(at, key)
    };
    Some(match word {
        "edit" => Action::Edit(edit(reader, at)),
        "edit_after" => Action::EditAfter(edit(reader, at)),
        "collateral" => Action::Collateral(edit(reader, at)),
        "ignore" => Action::Ignore,
        "delay" => Action::Delay(Duration::from_millis(number(reader, &MILLISECONDS)?.into())),
        "store_late" => Action::StoreLate(number(reader, &LISTINGS)?),
        "add_zone" => {
            reader.required(at, "zone");
            let first = reader.toggle(at, "first").unwrap_or(false);
            Action::Shift(Shift::Add { zone: at.member("zone")?.value.clone(), first })
        }
        "remove_zone" => {
            reader.required(at, "name");
            Action::Shift(Shift::Remove(reader.text(at, "name")?))
        }
        "miscount" => Action::Miscount(at.member("result_info").map(|info| info.value.clone())),
        word => {
            let (base, stored) = word.strip_suffix("_after_write").map_or((word, false), |base| (base, true));
            Action::Twist { twist: twist(reader, at, base), stored }
        }
    })
}

fn twist(reader: &mut Reader, at: &At<'_>, word: &str) -> Twist {
    let status = |reader: &mut Reader, least: u32, otherwise: u16| {
        let status = reader.number_from(at, &STATUS_CODE, least);
        status.and_then(|status| u16::try_from(status).ok()).unwrap_or(otherwise)
    };
    let second = RetryAfter { seconds: 1, as_date: false };
    Twist::Reply(match word {
        "cut" => return Twist::Deliver(Delivery::Cut),
        "silent" => return Twist::Deliver(Delivery::Silent),
        "reset" => return Twist::Deliver(Delivery::Reset),
        "success_false" => {
            let body = json!({ "success": false, "errors": null, "messages": [], "result": null });
            Reply::new(200, Body::Json(body))
        }
        "empty" => Reply::new(200, Body::Empty),
        "html" => Reply::new(200, Body::Html(edge_page(200))),
        "throttle" => Reply::throttled(971, retry_after(reader, at).unwrap_or(second)),
        "throttle_10429" => Reply::throttled(10429, retry_after(reader, at).unwrap_or(second)),
        "unauthorized" => Reply::unauthorized(),
        "forbidden_zone" => Reply::forbidden(),
        "refuse" => Reply::error(
            // Cloudflare can send a refusal with status 200.
            status(reader, 200, 400),
            reader.number(at, &CODE).unwrap_or(10400),
            reader.text(at, "message").unwrap_or_else(|| "Bad Request".to_owned()),
        ),
        _ => {
            reader.required(at, "status");
            let status = status(reader, 400, 500);
            Reply::failure(status, retry_after(reader, at))
        }
    })
}

fn retry_after(reader: &mut Reader, at: &At<'_>) -> Option<RetryAfter> {
    let as_date = reader.word(at, "retry_after_as", &SPELLINGS).unwrap_or(false);
    let seconds = reader.number(at, &RETRY_AFTER).map(u64::from);
    seconds.map(|seconds| RetryAfter { seconds, as_date })
}

fn edit(reader: &mut Reader, at: &At<'_>) -> Edit {
    let mut members = |key: &str| {
        let member = at.member(key);
        member.and_then(|member| reader.map(&member).cloned()).unwrap_or_default()
    };
    let edit = Edit { live: members("set"), stale: members("set_stale") };
    if edit == Edit::default() {
        reader.fail(&at.path, "needs `set` or `set_stale` with at least one setting");
    }
    edit
}

/// The faults of a zone or of the world, and the number of requests of each kind so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    pub(super) list: Vec<Fault>,
    seen: BTreeMap<On, u32>,
}

impl Faults {
    pub(super) fn new(list: Vec<Fault>) -> Self {
        Self { list, seen: BTreeMap::new() }
    }

    /// Counts a request and returns what happens around it.
    pub(super) fn draw(&mut self, on: On) -> Script {
        let nth = self.seen.entry(on).or_default();
        *nth = nth.saturating_add(1);
        let mut script = Script::default();
        for fault in self.list.iter().filter(|fault| fault.falls_on(on, *nth)) {
            script.take(fault.action.clone());
        }
        script
    }
}

/// All that happens around one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Script {
    /// What someone else changes right before the request.
    pub(super) before: Vec<Edit>,
    /// What someone else changes right after it.
    pub(super) after: Vec<Edit>,
    /// What a write changes in addition.
    pub(super) collateral: Vec<Edit>,
    /// How the list of zones changes right before the request.
    pub(super) shifts: Vec<Shift>,
    /// Whether the write is discarded.
    pub(super) lost: bool,
    /// How many listings omit the report before it appears.
    pub(super) late: Option<u32>,
    /// The false `result_info` of the page.
    info: Option<Option<Json>>,
    delay: Duration,
    twist: Option<Twist>,
}

impl Script {
    fn take(&mut self, action: Action) {
        match action {
            Action::Edit(edit) => self.before.push(edit),
            Action::EditAfter(edit) => self.after.push(edit),
            Action::Collateral(edit) => self.collateral.push(edit),
            Action::Ignore => self.lost = true,
            Action::StoreLate(listings) => self.late = Some(listings),
            Action::Shift(shift) => self.shifts.push(shift),
            Action::Miscount(info) => self.info = Some(info),
            Action::Delay(delay) => self.delay += delay,
            Action::Twist { twist, stored } if self.twist.is_none() => {
                self.lost |= !stored;
                self.twist = Some(twist);
            }
            // A reply can only be distorted once: the first fault of the list wins.
            Action::Twist { .. } => {}
        }
    }

    /// The reply as the client gets it.
    pub(super) fn twist(&self, reply: Reply) -> Reply {
        let reply = match (&self.twist, &self.info) {
            (Some(Twist::Deliver(delivery)), _) => Reply { delivery: *delivery, ..reply },
            (Some(Twist::Reply(instead)), _) => instead.clone(),
            (None, Some(info)) => reply.with_info(info.clone()),
            (None, None) => reply,
        };
        Reply { delay: self.delay, ..reply }
    }
}

#[cfg(test)]
#[path = "fault_tests.rs"]
mod tests;
