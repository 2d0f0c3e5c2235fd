//! `GET /accounts/{account_id}/email-security/submissions`: mail that was submitted for reclassification.
//! Pages are pulled one at a time, so a million rows need no more memory than the hashes of their ids.

use super::client::{Absent, Answer, Call, Shape, Size, list};
use super::{ApiError, Client, Exchange, Method, Payload};
use crate::catalogue::submissions::{DIRECTIONS, DISPOSITIONS, MAX_PER_PAGE, ORDERS, REVIEW_STATES, TYPES};
use crate::model::{AccountId, Submission};
use futures_util::{Stream, TryStreamExt as _, stream};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Deref;

const PERMISSION: &str = "Cloud Email Security Read";

/// How many full pages in a row without a new row are accepted before it is an error.
const MOST_REPEATS: u32 = 10;

/// Which submissions are wanted: the time range, and filters that are checked when they are set.
///
/// ```
/// use botform::api::SubmissionQuery;
///
/// let query = SubmissionQuery::until(jiff::Timestamp::now()).filter("status", "unreviewed")?;
/// let error = query.filter("type", "ROBOT").unwrap_err();
/// assert_eq!(error.to_string(), "`ROBOT` is not a value of `type`: choose TEAM or USER");
/// # Ok::<(), botform::api::InvalidFilter>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionQuery {
    end: jiff::Timestamp,
    start: Option<jiff::Timestamp>,
    filters: Vec<(&'static str, String)>,
    per_page: u32,
}

/// Why a filter cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidFilter {
    /// The filter does not exist.
    #[error("`{name}` is not a filter of submissions: choose {}", choice(&FILTERS.map(|(name, _)| name)))]
    Name {
        /// The name.
        name: String,
    },
    /// The filter does not accept the value.
    #[error("`{value}` is not a value of `{name}`: choose {}", choice(values))]
    Value {
        /// The name of the filter.
        name: &'static str,
        /// The value.
        value: String,
        /// The values that it accepts.
        values: &'static [&'static str],
    },
}

/// The filters and the order, as the API names them, with their values; one without values accepts any text.
const FILTERS: [(&str, &[&str]); 10] = [
    ("type", TYPES),
    ("submission_id", &[]),
    ("query", &[]),
    ("status", REVIEW_STATES),
    ("original_disposition", DISPOSITIONS),
    ("requested_disposition", DISPOSITIONS),
    ("outcome_disposition", DISPOSITIONS),
    ("escalated_from_user", &["true", "false"]),
    ("order", ORDERS),
    ("direction", DIRECTIONS),
];

fn choice(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

impl SubmissionQuery {
    /// All submissions until an instant, in the largest pages. The end is pinned, so that new submissions do not shift
    /// the pages.
    #[must_use]
    pub fn until(end: jiff::Timestamp) -> Self {
        Self { end, start: None, filters: Vec::new(), per_page: MAX_PER_PAGE }
    }

    /// Sets the beginning; without it Cloudflare silently goes back 30 days only.
    #[must_use]
    pub fn since(self, start: jiff::Timestamp) -> Self {
        Self { start: Some(start), ..self }
    }

    /// Sets the size of a page, 1 to 1000 rows.
    #[must_use]
    pub fn per_page(self, rows: u32) -> Self {
        Self { per_page: rows.clamp(1, MAX_PER_PAGE), ..self }
    }

    /// Adds a filter, or an `order` and its `direction`. Words may be in any letter case.
    ///
    /// # Errors
    /// The filter does not exist or does not accept the value.
    pub fn filter(mut self, name: &str, value: impl Into<String>) -> Result<Self, InvalidFilter> {
        let value = value.into();
        let Some((name, values)) = FILTERS.into_iter().find(|(filter, _)| *filter == name) else {
            return Err(InvalidFilter::Name { name: name.to_owned() });
        };
        let word = values.iter().find(|word| word.eq_ignore_ascii_case(&value));
        if word.is_none() && !values.is_empty() {
            return Err(InvalidFilter::Value { name, value, values });
        }
        self.filters.retain(|(filter, _)| *filter != name);
        self.filters.push((name, word.map_or(value, |word| (*word).to_owned())));
        Ok(self)
    }

    /// The beginning of the time range.
    #[must_use]
    pub fn start(&self) -> Option<jiff::Timestamp> {
        self.start
    }

    /// The end of the time range.
    #[must_use]
    pub fn end(&self) -> jiff::Timestamp {
        self.end
    }

    /// The value of a filter that is set.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.filters.iter().find(|(filter, _)| *filter == name).map(|(_, value)| value.as_str())
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        let range = [("end", self.end.to_string()), ("per_page", self.per_page.to_string())];
        let start = self.start.map(|start| ("start", start.to_string()));
        range.into_iter().chain(start).chain(self.filters.iter().cloned()).collect()
    }
}

/// Submissions, page by page.
#[derive(Debug)]
pub(crate) struct SubmissionPages {
    client: Client,
    path: String,
    parameters: Vec<(&'static str, String)>,
    per_page: usize,
    page: u64,
    seen: Seen,
    is_done: bool,
}

/// Lists email-security submissions.
pub trait ReadSubmissions {
    /// The submissions of an account, each once; the stream ends after its first error.
    fn submissions(
        &self,
        account: &AccountId,
        query: &SubmissionQuery,
    ) -> impl Stream<Item = Result<Submission, ApiError>> + Send + use<Self>;
}

impl<P> ReadSubmissions for P
where
    P: Deref,
    P::Target: ReadSubmissions + Sized,
{
    fn submissions(
        &self,
        account: &AccountId,
        query: &SubmissionQuery,
    ) -> impl Stream<Item = Result<Submission, ApiError>> + Send + use<P> {
        (**self).submissions(account, query)
    }
}

impl ReadSubmissions for Client {
    fn submissions(
        &self,
        account: &AccountId,
        query: &SubmissionQuery,
    ) -> impl Stream<Item = Result<Submission, ApiError>> + Send + use<> {
        let pages = self.submission_pages(account, query);
        let pages = stream::try_unfold(pages, async |mut pages: SubmissionPages| {
            let rows = pages.next_page().await?;
            Ok::<_, ApiError>(rows.map(|rows| (stream::iter(rows.into_iter().map(Ok)), pages)))
        });
        pages.try_flatten()
    }
}

impl Client {
    /// The submissions of an account, page by page; nothing is sent before the first page is pulled.
    #[must_use]
    pub(crate) fn submission_pages(&self, account: &AccountId, query: &SubmissionQuery) -> SubmissionPages {
        SubmissionPages {
            client: self.clone(),
            path: format!("/accounts/{account}/email-security/submissions"),
            parameters: query.parameters(),
            per_page: query.per_page as usize,
            page: 1,
            seen: Seen::default(),
            is_done: false,
        }
    }
}

impl SubmissionPages {
    /// The next rows, without repeats; `None` at the end. After an error the same page can be pulled again.
    ///
    /// # Errors
    /// The page cannot be read.
    pub(crate) async fn next_page(&mut self) -> Result<Option<Vec<Submission>>, ApiError> {
        let mut repeats = 0;
        while !self.is_done {
            let rows = self.pull().await?;
            self.page += 1;
            // The total that the API reports ignores the filters, so only the length of a page shows the end.
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
        let mut call = Call::get(self.path.clone(), PERMISSION, Size::List);
        call.query = self.parameters.clone();
        call.query.push(("page", self.page.to_string()));
        self.client.read(call, Shape::Envelope, rows).await
    }

    fn is_new(&mut self, row: &Submission) -> bool {
        match row.submission_id() {
            Some(id) => self.seen.insert(id),
            // A row without an id is identified by its whole content; otherwise pages of such rows would never end.
            None => self.seen.insert(&serde_json::Value::Object(row.members().clone()).to_string()),
        }
    }

    fn repeats(&self) -> ApiError {
        let exchange =
            Exchange { permission: Some(PERMISSION), ..Exchange::new(Method::Get, self.path.clone()) };
        ApiError::payload(exchange, Payload::Repeats)
    }
}

fn rows(answer: Answer) -> Result<Vec<Submission>, Payload> {
    list(answer.result, Absent::Empty)?
        .into_iter()
        .map(|item| Submission::read(item).ok_or(Payload::Result))
        .collect()
}

/// How many sorted lists there are: short ones are quick to insert into, and grow one at a time.
const LISTS: usize = 1024;

/// Hashes of the ids seen; two ids of a million share one with a chance of 1 to 30 million.
#[derive(Debug)]
pub(super) struct Seen(Vec<Vec<u64>>);

impl Default for Seen {
    fn default() -> Self {
        Self(vec![Vec::new(); LISTS])
    }
}

impl Seen {
    /// Remembers an id; returns false if it was already there.
    pub(super) fn insert(&mut self, id: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let hash = hasher.finish();
        let list = usize::try_from(hash % LISTS as u64).unwrap_or(0);
        let Some(list) = self.0.get_mut(list) else { return true };
        match list.binary_search(&hash) {
            Ok(_) => false,
            Err(place) => {
                list.insert(place, hash);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_only_new_once() {
        let mut seen = Seen::default();
        let ids: Vec<String> = (0..10_000).map(|id| format!("id-{id}")).collect();
        assert!(ids.iter().all(|id| seen.insert(id)));
        assert!(!ids.iter().any(|id| seen.insert(id)));
    }

    #[test]
    fn a_filter_that_is_set_twice_has_its_last_value() {
        let query = SubmissionQuery::until(jiff::Timestamp::UNIX_EPOCH).filter("status", "reviewed").unwrap();
        let query = query.filter("type", "TEAM").unwrap().filter("status", "Unreviewed").unwrap();
        let filters: Vec<_> = query.filters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(filters, [("type", "TEAM"), ("status", "unreviewed")]);
    }
}
