//! Email-security submissions of one account: filtered, ordered, paged, with the oddities of the real list.

use super::access::{Grant, Permission};
use super::fault::On;
use super::generate::Generated;
use super::reply::{Body, Reply, envelope};
use super::request::Request;
use super::state::World;
use super::submission_query::{Selection, SubmissionQuery};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Where rows come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Rows(Vec<Json>),
    Generated(Generated),
}

/// The submissions of an account.
#[derive(Clone, Debug)]
pub(super) struct Submissions {
    pub(super) account: String,
    pub(super) source: Source,
    /// How many rows of a page come again on the next one, as they do when new mail shifts the list.
    pub(super) repeat: u32,
    /// The last selection of generated rows, so that each page need not look at all of them.
    pub(super) last: Option<(Selection, u32, u32, Arc<Vec<u32>>)>,
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

impl World {
    /// One page of an account's submissions.
    pub(super) fn list_submissions(
        &mut self,
        id: &str,
        request: &Request,
        grant: &Grant,
    ) -> Result<Reply, Reply> {
        let known = self.accounts.contains_key(id);
        if !known {
            return Err(Reply::no_such(request.route()));
        }
        if !grant.sees_account(id) {
            return Err(Reply::forbidden());
        }
        grant.need(&[Permission::EmailSecurityRead])?;
        let script = self.faults.draw(On::Submissions);
        let own = self.submissions.as_mut().filter(|submissions| submissions.account == id);
        let reply = SubmissionQuery::read(request).map(|query| reply(own, &query, request.now));
        Ok(script.twist(reply.unwrap_or_else(|refusal| refusal)))
    }
}

fn reply(submissions: Option<&mut Submissions>, query: &SubmissionQuery, now: Timestamp) -> Reply {
    let (rows, total) = submissions.map(|own| own.page(query, now)).unwrap_or_default();
    let info =
        json!({ "count": rows.len(), "page": query.page, "per_page": query.per_page, "total_count": total });
    let mut body = envelope(Json::Array(rows));
    body["result_info"] = info;
    Reply::new(200, Body::Json(body))
}

impl Submissions {
    /// The rows of a page, and the number of all rows, which knows no filter.
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
