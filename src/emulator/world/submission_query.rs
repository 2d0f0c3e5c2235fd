//! What a list of submissions is asked for, with the limits of the API.

use super::reply::Reply;
use super::request::Request;
use crate::catalogue::submissions::{
    DEFAULT_DAYS, DEFAULT_PER_PAGE, DIRECTIONS, DISPOSITIONS, MAX_PER_PAGE, ORDERS, TYPES,
};
use jiff::Timestamp;

/// Which rows, in which order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Selection {
    /// Members and the values they must have.
    pub(super) equal: Vec<(&'static str, String)>,
    pub(super) text: Option<String>,
    pub(super) escalated_from_user: Option<bool>,
    pub(super) order: &'static str,
    pub(super) ascending: bool,
}

/// A whole query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SubmissionQuery {
    pub(super) selection: Selection,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) page: u32,
    pub(super) per_page: u32,
}

impl SubmissionQuery {
    pub(super) fn read(request: &Request) -> Result<Self, Reply> {
        let month = jiff::SignedDuration::from_hours(24 * DEFAULT_DAYS);
        // What a row matches is its review status, which the query calls `status`.
        let free = [("status", "customer_status"), ("submission_id", "submission_id")];
        let mut equal = Vec::new();
        for (parameter, member) in free {
            equal.extend(request.query(parameter).map(|value| (member, value.to_owned())));
        }
        for name in ["original_disposition", "requested_disposition", "outcome_disposition"] {
            equal.extend(word(request, name, &DISPOSITIONS)?.map(|value| (name, value.to_owned())));
        }
        equal.extend(word(request, "type", &TYPES)?.map(|value| ("type", value.to_owned())));
        let selection = Selection {
            equal,
            text: request.query("query").map(str::to_lowercase),
            escalated_from_user: word(request, "escalated_from_user", &["true", "false"])?
                .map(|word| word == "true"),
            order: word(request, "order", &ORDERS)?.unwrap_or("requested_at"),
            ascending: word(request, "direction", &DIRECTIONS)? == Some("asc"),
        };
        Ok(Self {
            selection,
            start: time(request, "start")?
                .unwrap_or_else(|| request.now.saturating_sub(month).unwrap_or_default()),
            end: time(request, "end")?.unwrap_or(request.now),
            page: request.number("page", 1, 1, u32::MAX)?,
            per_page: request.number("per_page", DEFAULT_PER_PAGE, 1, MAX_PER_PAGE)?,
        })
    }
}

impl Selection {
    /// Whether it leaves out nothing.
    pub(super) fn is_open(&self) -> bool {
        self.equal.is_empty() && self.text.is_none() && self.escalated_from_user.is_none()
    }

    /// Whether a row is wanted; its members are asked for one by one.
    pub(super) fn takes(&self, member: impl Fn(&str) -> Option<String>) -> bool {
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
