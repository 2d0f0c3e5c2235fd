//! Email-security submissions of one account: filtered, ordered, paged, with the quirks of the real list.

use super::access::Accounts;
use super::generate;
use super::generate::Generated;
use super::key::{Key, Kind};
use super::message::{Reply, Request};
use super::reader::{At, Reader};
use crate::catalogue::submissions::{
    DEFAULT_DAYS, DEFAULT_PER_PAGE, DIRECTIONS, DISPOSITIONS, MAX_PER_PAGE, ORDERS, TYPES,
};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// The selected rows and their order.
#[derive(Clone, Debug, PartialEq)]
struct Selection {
    /// Members and the values they must have.
    equal: Vec<(&'static str, String)>,
    text: Option<String>,
    escalated_from_user: Option<bool>,
    order: &'static str,
    ascending: bool,
}

/// A whole query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SubmissionQuery {
    selection: Selection,
    start: Timestamp,
    end: Timestamp,
    page: u32,
    per_page: u32,
}

impl SubmissionQuery {
    pub(super) fn read(request: &Request) -> Result<Self, Reply> {
        let month = jiff::SignedDuration::from_hours(24 * DEFAULT_DAYS);
        // The query's `status` filters by the review state, `customer_status`, not by the row's own `status`.
        let free = [("status", "customer_status"), ("submission_id", "submission_id")];
        let mut equal = Vec::new();
        for (parameter, member) in free {
            equal.extend(request.query(parameter).map(|value| (member, value.to_owned())));
        }
        for name in ["original_disposition", "requested_disposition", "outcome_disposition"] {
            equal.extend(word(request, name, DISPOSITIONS)?.map(|value| (name, value.to_owned())));
        }
        equal.extend(word(request, "type", TYPES)?.map(|value| ("type", value.to_owned())));
        let selection = Selection {
            equal,
            text: request.query("query").map(str::to_lowercase),
            escalated_from_user: word(request, "escalated_from_user", &["true", "false"])?
                .map(|word| word == "true"),
            order: word(request, "order", ORDERS)?.unwrap_or("requested_at"),
            ascending: word(request, "direction", DIRECTIONS)? == Some("asc"),
        };
        Ok(Self {
            selection,
            start: time(request, "start")?
                // Without `start` the API goes back 30 days, and does not say so.
                .unwrap_or_else(|| request.now.saturating_sub(month).unwrap_or_default()),
            end: time(request, "end")?.unwrap_or(request.now),
            page: request.number("page", 1, 1, u32::MAX)?,
            per_page: request.number("per_page", DEFAULT_PER_PAGE, 1, MAX_PER_PAGE)?,
        })
    }
}

impl Selection {
    /// Whether it selects everything.
    fn is_open(&self) -> bool {
        self.equal.is_empty() && self.text.is_none() && self.escalated_from_user.is_none()
    }

    /// Whether a row matches; members are computed on demand.
    fn takes(&self, member: impl Fn(&str) -> Option<String>) -> bool {
        let equal =
            |(name, value): &(&str, String)| member(name).is_some_and(|has| has.eq_ignore_ascii_case(value));
        let holds = |text: &String| {
            let texts = ["subject", "requested_by", "submission_id"];
            texts.into_iter().filter_map(&member).any(|has| has.to_lowercase().contains(text))
        };
        let from_user = || member("type").as_deref() == Some("User") && member("escalated_by").is_some();
        self.equal.iter().all(equal)
            && self.text.as_ref().is_none_or(holds)
            && self.escalated_from_user.is_none_or(|wanted| wanted == from_user())
    }
}

fn word(request: &Request, name: &str, words: &[&'static str]) -> Result<Option<&'static str>, Reply> {
    let Some(text) = request.query(name) else { return Ok(None) };
    let found = words.iter().find(|word| **word == text).copied();
    found
        .map(Some)
        .ok_or_else(|| Reply::error(400, 10001, format!("{name} must be one of {}", words.join(", "))))
}

fn time(request: &Request, name: &str) -> Result<Option<Timestamp>, Reply> {
    let Some(text) = request.query(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| Reply::error(400, 10001, format!("{name} must be a date-time")))
}

/// The source of the rows.
#[derive(Clone, Debug)]
enum Source {
    Rows(Vec<Json>),
    Generated(Generated),
}

/// The submissions of an account.
#[derive(Clone, Debug)]
pub(super) struct Submissions {
    pub(super) account: String,
    source: Source,
    /// How many rows of a page appear again on the next one, as happens when new mail shifts the list.
    repeat: u32,
    /// The last selection of generated rows, cached so that each page does not scan all of them.
    last: Option<(Selection, u32, u32, Arc<Vec<u32>>)>,
}

/// The rows of a query in their order.
enum Listing {
    /// A run of rows, the newest first or last.
    Run {
        first: u32,
        end: u32,
        ascending: bool,
    },
    Picked(Arc<Vec<u32>>),
}

const REPEAT: Key = Key::new(
    "repeat_across_pages",
    Kind::Number(0, 1000),
    "How many rows of a page appear again on the next one.",
);

/// The keys of the submissions; rows are either listed or generated.
pub(super) const KEYS: [Key; 4] = [
    Key::new("account", Kind::Text, "The id or the name of the account."),
    Key::new("rows", Kind::Objects(&ROW), "The rows, as the API shows them."),
    Key::new("generate", Kind::Mapping(&generate::KEYS), "Generated rows."),
    REPEAT,
];

/// The required members of a row.
const ROW: [&str; 2] = ["submission_id", "requested_at"];

/// One page of submissions; empty for an account without any.
pub(super) fn page(submissions: Option<&mut Submissions>, query: &SubmissionQuery, now: Timestamp) -> Reply {
    let (rows, total) = submissions.map(|own| own.page(query, now)).unwrap_or_default();
    let info =
        json!({ "count": rows.len(), "page": query.page, "per_page": query.per_page, "total_count": total });
    Reply::page(rows, info)
}

impl Submissions {
    /// Reads the submissions of a world file.
    pub(super) fn read(reader: &mut Reader, at: &At<'_>, accounts: &mut Accounts) -> Option<Self> {
        if !reader.keys(at, &KEYS) {
            return None;
        }
        let account = accounts.pick(reader, at);
        accounts.add(&account);
        let repeat = reader.number(at, &REPEAT).unwrap_or(0);
        let source = match at.member("generate") {
            Some(generate) if at.member("rows").is_none() => {
                Source::Generated(Generated::read(reader, &generate))
            }
            Some(_) => {
                reader.fail(&at.path, "must not have both `rows` and `generate`");
                return None;
            }
            None => Source::Rows(rows(reader, at)),
        };
        Some(Self { account, source, repeat, last: None })
    }

    /// The rows of a page, and the total, which ignores the filters as Cloudflare's does.
    fn page(&mut self, query: &SubmissionQuery, now: Timestamp) -> (Vec<Json>, u32) {
        if let Source::Generated(generated) = &mut self.source {
            generated.fix(now);
        }
        let listing = self.listing(query);
        let repeat = self.repeat.min(query.per_page - 1);
        let first = u64::from(query.page - 1) * u64::from(query.per_page - repeat);
        let places = first..first + u64::from(query.per_page);
        let rows = places.map_while(|place| listing.at(place)).map(|row| self.source.row(row)).collect();
        (rows, self.source.len())
    }

    fn listing(&mut self, query: &SubmissionQuery) -> Listing {
        let SubmissionQuery { selection, start, end, .. } = query;
        let generated = match &self.source {
            Source::Rows(_) => return Listing::Picked(Arc::new(self.source.pick(selection, *start, *end))),
            Source::Generated(generated) => generated,
        };
        let (first, end) = (generated.first_since(*start), generated.first_after(*end));
        if selection.is_open() && matches!(selection.order, "requested_at" | "submission_id") {
            return Listing::Run { first, end: end.max(first), ascending: selection.ascending };
        }
        if let Some((same, since, until, picked)) = &self.last
            && (same, *since, *until) == (selection, first, end)
        {
            return Listing::Picked(Arc::clone(picked));
        }
        let picked = Arc::new(self.source.order(selection, (first..end).collect()));
        self.last = Some((selection.clone(), first, end, Arc::clone(&picked)));
        Listing::Picked(picked)
    }
}

fn rows(reader: &mut Reader, at: &At<'_>) -> Vec<Json> {
    let rows = reader.items(at, "rows");
    for row in &rows {
        if reader.map(row).is_some() {
            ROW.iter().for_each(|key| reader.required(row, key));
            reader.time(row, "requested_at");
        }
    }
    rows.into_iter().map(|row| row.value.clone()).collect()
}

impl Listing {
    fn at(&self, place: u64) -> Option<u32> {
        match self {
            Self::Picked(rows) => rows.get(usize::try_from(place).ok()?).copied(),
            Self::Run { first, end, ascending } => {
                let place = u32::try_from(place).ok().filter(|place| *place < end - first)?;
                Some(if *ascending { first + place } else { end - 1 - place })
            }
        }
    }
}

impl Source {
    fn len(&self) -> u32 {
        match self {
            Self::Rows(rows) => u32::try_from(rows.len()).unwrap_or(u32::MAX),
            Self::Generated(generated) => generated.count,
        }
    }

    fn row(&self, row: u32) -> Json {
        match self {
            Self::Rows(rows) => {
                usize::try_from(row).ok().and_then(|row| rows.get(row)).cloned().unwrap_or_default()
            }
            Self::Generated(generated) => generated.row(row),
        }
    }

    fn member(&self, row: u32, name: &str) -> Option<String> {
        match self {
            Self::Rows(rows) => {
                let row = usize::try_from(row).ok().and_then(|row| rows.get(row))?;
                row.get(name).and_then(Json::as_str).map(ToOwned::to_owned)
            }
            Self::Generated(generated) => generated.member(row, name),
        }
    }

    fn requested_at(&self, row: u32) -> Option<Timestamp> {
        self.member(row, "requested_at").and_then(|time| time.parse().ok())
    }

    fn pick(&self, selection: &Selection, start: Timestamp, end: Timestamp) -> Vec<u32> {
        let within = |row: &u32| self.requested_at(*row).is_some_and(|at| (start..=end).contains(&at));
        self.order(selection, (0..self.len()).filter(within).collect())
    }

    fn order(&self, selection: &Selection, mut rows: Vec<u32>) -> Vec<u32> {
        rows.retain(|row| selection.takes(|name| self.member(*row, name)));
        match selection.order {
            "requested_at" => rows.sort_by_cached_key(|row| self.requested_at(*row)),
            member => rows.sort_by_cached_key(|row| self.member(*row, member)),
        }
        if !selection.ascending {
            rows.reverse();
        }
        rows
    }
}
