//! The errors of a query, which come with status 200: what each means, and which zones it is about.

use crate::api::{ApiError, Refusal};
use crate::model::{NoNumber, NoNumberKind, ZoneId};
use serde::Deserialize;
use serde_json::Value as Json;

/// An error of a reply.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct QueryError {
    pub(super) message: String,
    path: Option<Vec<Json>>,
    extensions: Option<Extensions>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Extensions {
    code: Option<Json>,
}

/// What an error asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The limit of queries is used up: it takes minutes.
    UsedUp,
    /// It is too busy: a moment may be enough.
    Busy,
    NotPermitted,
    NotEntitled,
    TooOld,
    /// The query itself is wrong.
    OurFault,
    Unknown,
}

impl QueryError {
    /// Reads the errors of a reply.
    pub(super) fn read(reply: &Json) -> Vec<Self> {
        let errors = reply.get("errors").and_then(Json::as_array).into_iter().flatten();
        errors.map(|error| Self::deserialize(error).unwrap_or_default()).collect()
    }

    pub(super) fn meaning(&self) -> Meaning {
        let text = self.message.to_ascii_lowercase();
        let is_authz = self.extensions.as_ref().and_then(|extensions| extensions.code.as_ref()?.as_str())
            == Some("authz");
        let says = |part: &str| text.contains(part);
        match () {
            () if says("rate limiter budget depleted") => Meaning::UsedUp,
            () if says("too many queries in progress") || says("excessive resources") => Meaning::Busy,
            () if says("are not authorized") || says("not authorized") => Meaning::NotPermitted,
            () if says("does not have access to") || is_authz => Meaning::NotEntitled,
            () if says("cannot request data older than") || says("time range is too large") => {
                Meaning::TooOld
            }
            () if says("unknown field") || says("error parsing args") => Meaning::OurFault,
            () => Meaning::Unknown,
        }
    }

    /// The zones of the query that it is about, by their place in it; empty if it does not say.
    pub(super) fn zones(&self, asked: &[&ZoneId]) -> Vec<usize> {
        let index = self.path.as_ref().and_then(|path| path.get(2)).and_then(|at| match at {
            Json::Number(number) => number.as_u64().and_then(|number| usize::try_from(number).ok()),
            Json::String(text) => text.parse().ok(),
            _ => None,
        });
        let named: Vec<_> = asked
            .iter()
            .enumerate()
            .filter(|(_, id)| self.message.contains(id.as_str()))
            .map(|(index, _)| index)
            .collect();
        // An id in the message is certain, while `path[2]` may count zones that the reply leaves out.
        match (named.is_empty(), index.filter(|index| *index < asked.len())) {
            (true, Some(index)) => vec![index],
            _ => named,
        }
    }

    /// Why there is no number; `clean` makes the foreign text fit for a message.
    pub(super) fn reason(&self, clean: impl Fn(&str) -> String) -> NoNumber {
        let said = clean(&self.message);
        let (kind, text) = match self.meaning() {
            Meaning::UsedUp => {
                (NoNumberKind::UsedUp, "Cloudflare's limit of analytics queries is used up".to_owned())
            }
            Meaning::Busy => {
                (NoNumberKind::UsedUp, "Cloudflare's analytics are too busy to answer".to_owned())
            }
            Meaning::NotPermitted => {
                (NoNumberKind::NotPermitted, "the token may not read the analytics of the zone".to_owned())
            }
            Meaning::NotEntitled => (
                NoNumberKind::NotEntitled,
                match last_quoted(&said) {
                    Some(field) => format!("the zone's plan does not include `{field}`"),
                    None => "the zone's plan does not include these analytics".to_owned(),
                },
            ),
            Meaning::TooOld => {
                (NoNumberKind::TooOld, "the zone's analytics do not go back that far".to_owned())
            }
            Meaning::OurFault => (
                NoNumberKind::Failed,
                format!("Cloudflare does not accept the query of this version: {said}"),
            ),
            Meaning::Unknown => (NoNumberKind::Failed, format!("the analytics answered: {said}")),
        };
        NoNumber::new(kind, text)
    }
}

/// The last word in quotes, if it can be a field.
fn last_quoted(text: &str) -> Option<&str> {
    let parts: Vec<_> = text.split(['\'', '"', '`']).collect();
    let quoted = parts.iter().skip(1).step_by(2).next_back()?;
    let is_field =
        !quoted.is_empty() && quoted.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_field && quoted.len() <= 60).then_some(*quoted)
}

/// Why there is no number if the whole request failed.
pub(super) fn failed(error: &ApiError) -> NoNumber {
    let kind = match error.refusal() {
        Some(Refusal::Permission | Refusal::Resource | Refusal::WrongToken | Refusal::LockedOut) => {
            NoNumberKind::NotPermitted
        }
        Some(Refusal::Throttled) => NoNumberKind::UsedUp,
        Some(Refusal::NotEntitled) => NoNumberKind::NotEntitled,
        _ => NoNumberKind::Failed,
    };
    match kind {
        NoNumberKind::NotPermitted => NoNumber::new(kind, "the token may not read the analytics of the zone"),
        NoNumberKind::UsedUp => NoNumber::new(kind, "Cloudflare's limit of analytics queries is used up"),
        kind => NoNumber::new(kind, error.diagnostic().message.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Exchange, Method};

    #[test]
    fn a_request_that_failed_as_a_whole_says_what_kind_of_number_is_missing() {
        let of = |refusal| {
            let exchange = Exchange::new(Method::Post, "/graphql");
            failed(&ApiError::refused(exchange, refusal, "no"))
        };
        for (refusal, kind) in [
            (Refusal::Permission, NoNumberKind::NotPermitted),
            (Refusal::Resource, NoNumberKind::NotPermitted),
            (Refusal::WrongToken, NoNumberKind::NotPermitted),
            (Refusal::LockedOut, NoNumberKind::NotPermitted),
            (Refusal::Throttled, NoNumberKind::UsedUp),
            (Refusal::NotEntitled, NoNumberKind::NotEntitled),
            (Refusal::Server, NoNumberKind::Failed),
        ] {
            assert_eq!(of(refusal).kind, kind, "{refusal:?}");
        }
        assert_eq!(of(Refusal::Throttled).text, "Cloudflare's limit of analytics queries is used up");
    }

    #[test]
    fn a_field_is_the_last_word_in_quotes_that_can_be_one() {
        for (text, field) in [
            ("zone 'a' does not have access to the field 'botScore'", Some("botScore")),
            ("the field \"bot_score_2\"", Some("bot_score_2")),
            ("the path `bot score`", None),
            ("the field ''", None),
            ("no field", None),
        ] {
            assert_eq!(last_quoted(text), field, "{text}");
        }
    }
}
