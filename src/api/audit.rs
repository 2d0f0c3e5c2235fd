//! `GET /accounts/{account_id}/logs/audit`: who changed what in an account, page by page. Entries can be late, and some
//! changes leave none, so the log is a hint and no proof.

use super::client::{Absent, Answer, Call, Shape, Size, list};
use super::{ApiError, Client, Failure, Payload, Reason, Refusal};
use crate::model::{AccountId, AuditEntry, ZoneId};
use jiff::Timestamp;
use serde_json::Value as Json;
use std::collections::HashSet;

const PERMISSION: &str = "Account Settings Read";

/// The largest page the API gives.
const LIMIT: u32 = 1000;

/// The page size if a larger page exceeds the size limit of a reply.
const SMALL_LIMIT: u32 = 100;

/// Which entries are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuditQuery {
    /// The beginning of the window.
    pub(crate) since: Timestamp,
    /// Its end.
    pub(crate) before: Timestamp,
    /// The zone; all if there is none.
    pub(crate) zone: Option<ZoneId>,
    /// How many pages are read at most.
    pub(crate) most_pages: usize,
}

/// The pages of an audit log, the newest entries first.
#[derive(Debug)]
pub(crate) struct AuditPages {
    client: Client,
    path: String,
    query: AuditQuery,
    limit: u32,
    cursor: Option<String>,
    /// The cursors so far: one that repeats is the end.
    cursors: HashSet<String>,
    ids: HashSet<String>,
    pages: usize,
    is_done: bool,
}

/// One page.
#[derive(Debug)]
struct Page {
    entries: Vec<Json>,
    cursor: Option<String>,
}

impl Client {
    /// The audit log of an account; nothing is sent before the first page is pulled.
    #[must_use]
    pub(crate) fn audit_pages(&self, account: &AccountId, query: AuditQuery) -> AuditPages {
        AuditPages {
            client: self.clone(),
            path: format!("/accounts/{account}/logs/audit"),
            query,
            limit: LIMIT,
            cursor: None,
            cursors: HashSet::new(),
            ids: HashSet::new(),
            pages: 0,
            is_done: false,
        }
    }
}

impl AuditPages {
    /// Whether all pages were read.
    #[must_use]
    pub(crate) fn is_whole(&self) -> bool {
        self.is_done
    }

    /// How many pages were read.
    #[must_use]
    pub(crate) fn read(&self) -> usize {
        self.pages
    }

    /// The next entries, each once; `None` at the end, or where more pages are not wanted.
    ///
    /// # Errors
    /// The page cannot be read.
    pub(crate) async fn next_page(&mut self) -> Result<Option<Vec<AuditEntry>>, ApiError> {
        if self.is_done || self.pages == self.query.most_pages {
            return Ok(None);
        }
        let page = self.pull().await?;
        self.pages += 1;
        let next = page.cursor.filter(|cursor| self.cursors.insert(cursor.clone()));
        self.is_done = page.entries.is_empty() || next.is_none();
        self.cursor = next;
        let read: Vec<_> = page.entries.iter().filter_map(AuditEntry::read).collect();
        Ok(Some(read.into_iter().filter(|entry| self.is_wanted(entry)).collect()))
    }

    /// A page, in a form that works: the names of filters differ between versions of the API, and a page of many large
    /// entries can exceed the size limit of a reply.
    async fn pull(&mut self) -> Result<Page, ApiError> {
        loop {
            let error = match self.ask().await {
                Ok(page) => return Ok(page),
                Err(error) => error,
            };
            let is_rejected = error.refusal() == Some(Refusal::Rejected);
            let is_too_large = error.reason() == Some(Reason::Transport(Failure::TooLarge));
            // Entries of other zones are filtered out here as well, so the filter can be dropped.
            if is_rejected && self.query.zone.is_some() && self.pages == 0 {
                self.query.zone = None;
            } else if is_too_large && self.limit > SMALL_LIMIT {
                self.limit = SMALL_LIMIT;
            } else {
                return Err(error);
            }
        }
    }

    async fn ask(&self) -> Result<Page, ApiError> {
        let AuditQuery { since, before, zone, most_pages: _ } = &self.query;
        let mut call = Call::get(self.path.clone(), PERMISSION, Size::List);
        call.query = vec![
            ("since", since.to_string()),
            ("before", before.to_string()),
            ("limit", self.limit.to_string()),
            ("direction", "desc".to_owned()),
        ];
        call.query.extend(zone.as_ref().map(|zone| ("zone_id", zone.to_string())));
        call.query.extend(self.cursor.iter().map(|cursor| ("cursor", cursor.clone())));
        self.client.read(call, Shape::Envelope, page).await
    }

    /// Whether an entry is new and within the window and zone: the API's own filters are not relied on. An entry
    /// without a time is kept.
    fn is_wanted(&mut self, entry: &AuditEntry) -> bool {
        let is_of_window = entry.at.is_none_or(|at| (self.query.since..=self.query.before).contains(&at));
        let is_of_zone = self.query.zone.is_none() || entry.zone_id == self.query.zone;
        let is_new = |ids: &mut HashSet<String>| entry.id.as_ref().is_none_or(|id| ids.insert(id.clone()));
        is_of_window && is_of_zone && is_new(&mut self.ids)
    }
}

fn page(answer: Answer) -> Result<Page, Payload> {
    Ok(Page { entries: list(answer.result, Absent::Empty)?, cursor: answer.cursor })
}
