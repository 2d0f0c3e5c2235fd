//! `GET /accounts/{account_id}/email-security/submissions`: mail that was asked to be reclassified.
//! Pages are pulled one at a time, so that a million rows need no more memory than their ids' hashes.

use super::client::list;
use super::envelope::{Answer, Shape};
use super::http::Call;
use super::{ApiError, Client, Exchange, Payload};
use crate::catalogue::submissions::MAX_PER_PAGE;
use crate::model::{AccountId, Submission};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

const PERMISSION: &str = "Cloud Email Security Read";

/// How many full pages without any new row are taken before it is an error.
const MOST_REPEATS: u32 = 10;

/// Which submissions are wanted; what is not set does not filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionQuery {
    /// The end of the time range; it is pinned, so that new submissions do not shift the pages.
    pub end: jiff::Timestamp,
    /// The beginning of the time range; Cloudflare takes 30 days before now if it is not set.
    pub start: Option<jiff::Timestamp>,
    /// Who asked: `TEAM` or `USER`.
    pub kind: Option<String>,
    /// One submission.
    pub submission_id: Option<String>,
    /// A text to search for.
    pub query: Option<String>,
    /// The review state: `escalated`, `reviewed`, `unreviewed`; the rows call it `customer_status`.
    pub status: Option<String>,
    /// The disposition before.
    pub original_disposition: Option<String>,
    /// The disposition that was asked for.
    pub requested_disposition: Option<String>,
    /// The disposition after.
    pub outcome_disposition: Option<String>,
    /// Whether an end user escalated it.
    pub escalated_from_user: Option<bool>,
    /// The member to order by.
    pub order: Option<String>,
    /// `asc` or `desc`.
    pub direction: Option<String>,
    /// The rows of a page, 1 to 1000.
    pub per_page: u32,
}

impl SubmissionQuery {
    /// All submissions until an instant, in the largest pages.
    #[must_use]
    pub fn until(end: jiff::Timestamp) -> Self {
        Self {
            end,
            start: None,
            kind: None,
            submission_id: None,
            query: None,
            status: None,
            original_disposition: None,
            requested_disposition: None,
            outcome_disposition: None,
            escalated_from_user: None,
            order: None,
            direction: None,
            per_page: MAX_PER_PAGE,
        }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        let Self { end, start, kind, submission_id, query, status, per_page, .. } = self;
        let Self { original_disposition, requested_disposition, outcome_disposition, .. } = self;
        let Self { escalated_from_user, order, direction, .. } = self;
        let optional = [
            ("start", start.map(|start| start.to_string())),
            ("type", kind.clone()),
            ("submission_id", submission_id.clone()),
            ("query", query.clone()),
            ("status", status.clone()),
            ("original_disposition", original_disposition.clone()),
            ("requested_disposition", requested_disposition.clone()),
            ("outcome_disposition", outcome_disposition.clone()),
            ("escalated_from_user", escalated_from_user.map(|from_user| from_user.to_string())),
            ("order", order.clone()),
            ("direction", direction.clone()),
        ];
        let set = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
        [("end", end.to_string()), ("per_page", per_page.to_string())].into_iter().chain(set).collect()
    }
}

/// Submissions, page by page.
#[derive(Debug)]
pub struct SubmissionPages {
    client: Client,
    path: String,
    parameters: Vec<(&'static str, String)>,
    per_page: usize,
    page: u64,
    /// Hashes of the ids seen; two ids of a million share one with a chance of 1 to 30 million.
    seen: HashSet<u64>,
    is_done: bool,
}

impl Client {
    /// The submissions of an account; nothing is sent before the first page is pulled.
    ///
    /// ```
    /// use botform::api::SubmissionQuery;
    /// use botform::model::AccountId;
    /// use serde_json::json;
    /// # use botform::api::{Client, Credentials, Options};
    /// # use botform::emulator::{Emulator, World};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let id = "01a7362d577a6c3019a474fd6f485823".to_owned();
    /// let submissions = json!({"account": id, "generate": {"count": 2500}});
    /// let world = World::read(&json!({ "submissions": submissions })).map_err(|errors| format!("{errors:?}"))?;
    /// let emulator = Emulator::start(world, ([127, 0, 0, 1], 0).into()).await?;
    /// let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned())?);
    /// options.base_url = emulator.base_url();
    /// options.proxy = false;
    /// let client = Client::new(options)?;
    ///
    /// let mut query = SubmissionQuery::until(jiff::Timestamp::now());
    /// query.status = Some("unreviewed".to_owned());
    /// let mut pages = client.submissions(&AccountId::try_from(id)?, &query);
    /// let mut count = 0;
    /// while let Some(rows) = pages.next_page().await? {
    ///     assert!(rows.iter().all(|row| row.is_unreviewed()));
    ///     count += rows.len();
    /// }
    /// assert!((500..1000).contains(&count));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn submissions(&self, account: &AccountId, query: &SubmissionQuery) -> SubmissionPages {
        let per_page = query.per_page.clamp(1, MAX_PER_PAGE);
        let query = SubmissionQuery { per_page, ..query.clone() };
        SubmissionPages {
            client: self.clone(),
            path: format!("/accounts/{account}/email-security/submissions"),
            parameters: query.parameters(),
            per_page: per_page as usize,
            page: 1,
            seen: HashSet::new(),
            is_done: false,
        }
    }
}

impl SubmissionPages {
    /// The next rows, none of which came before; nothing at the end. After an error the same page can be pulled again.
    ///
    /// # Errors
    /// The page cannot be had.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Submission>>, ApiError> {
        let mut repeats = 0;
        while !self.is_done {
            let rows = self.pull().await?;
            self.page += 1;
            // The total that the API tells ignores the filters, so only the length of a page shows the end.
            self.is_done = rows.len() < self.per_page;
            let fresh: Vec<_> = rows.into_iter().filter(|row| self.is_new(row)).collect();
            if !fresh.is_empty() {
                return Ok(Some(fresh));
            }
            repeats += 1;
            if repeats == MOST_REPEATS {
                return Err(self.repeats());
            }
        }
        Ok(None)
    }

    async fn pull(&self) -> Result<Vec<Submission>, ApiError> {
        let mut call = Call::get(self.path.clone(), PERMISSION);
        call.query = self.parameters.clone();
        call.query.push(("page", self.page.to_string()));
        self.client.read(call, Shape::Envelope, rows).await
    }

    fn is_new(&mut self, row: &Submission) -> bool {
        let Some(id) = row.submission_id() else { return true };
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        self.seen.insert(hasher.finish())
    }

    fn repeats(&self) -> ApiError {
        let (path, permission) = (self.path.clone(), PERMISSION);
        let exchange = Exchange { method: "GET", path, permission, ..Exchange::default() };
        ApiError::Payload { exchange: Arc::new(exchange), payload: Payload::Repeats }
    }
}

fn rows(answer: Answer) -> Result<Vec<Submission>, Payload> {
    list(answer.result, true)?.into_iter().map(|item| Submission::read(item).ok_or(Payload::Result)).collect()
}
