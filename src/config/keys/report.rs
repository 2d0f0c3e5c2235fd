//! The keys of a report file: those that say which zone it is about, then the members that are sent.

use super::zone::{ACCOUNT_ID, NAME, ZONE_ID};
use super::{Key, Kind, Mapping, Presence};
use crate::catalogue::feedback::SUBTYPES;
use crate::config::yaml::Cursor;
use Presence::{Optional, Required, RequiredWith};

/// A report file.
pub(in crate::config) static REPORT: Mapping = Mapping {
    called: "a report file",
    keys: &[
        NAME,
        ZONE_ID,
        ACCOUNT_ID,
        Key {
            name: "type",
            kind: Kind::Words(types),
            presence: Required("type: false_positive"),
            about: "Which way the traffic was misjudged.",
        },
        Key {
            name: "description",
            kind: Kind::Text("say what was misjudged"),
            presence: Required("description: customers were treated as bots"),
            about: "What was misjudged, in words.",
        },
        Key {
            name: "expression",
            kind: Kind::Text("write the expression that matches the traffic"),
            presence: RequiredWith(expression),
            about: "The filter that matches the misjudged traffic and no other, with a condition on the bot score.",
        },
        Key {
            name: "first_request_seen_at",
            kind: Kind::Time,
            presence: Required("first_request_seen_at: \"2026-01-31T08:00:00Z\""),
            about: "When the first of the requests was seen.",
        },
        Key {
            name: "last_request_seen_at",
            kind: Kind::Time,
            presence: Required("last_request_seen_at: \"2026-01-31T09:00:00Z\""),
            about: "When the last of the requests was seen.",
        },
        Key {
            name: "requests",
            kind: Kind::Count,
            presence: Required("requests: 100"),
            about: "How many requests were misjudged.",
        },
        Key {
            name: "requests_by_score",
            kind: Kind::Scores,
            presence: Required("requests_by_score: {\"1\": 100}"),
            about: "The number of requests by bot score, 1 to 99; the counts add up to `requests`.",
        },
        Key {
            name: "requests_by_score_src",
            kind: Kind::Sources,
            presence: Required("requests_by_score_src: {machine_learning: 100}"),
            about: "The number of requests by the engine that scored them; the counts add up to `requests`.",
        },
        Key {
            name: "requests_by_attribute",
            kind: Kind::Attributes,
            presence: Required("requests_by_attribute: {}"),
            about: "The most frequent values of each attribute; `{}` if there are none.",
        },
        Key {
            name: "subtype",
            kind: Kind::WordsOrOther(SUBTYPES),
            presence: Optional,
            about: "The kind of abuse; undocumented kinds are accepted too.",
        },
        Key { name: "created_at", kind: Kind::ReadOnly, presence: Optional, about: "" },
    ],
};

/// An item of the top values of an attribute.
pub(in crate::config) static ITEM: Mapping = Mapping {
    called: "an item of a top list",
    keys: &[
        Key {
            name: "metric",
            kind: Kind::AnyText,
            presence: Required("metric: 203.0.113.10"),
            about: "The value, such as an address or a path.",
        },
        Key {
            name: "requests",
            kind: Kind::Count,
            presence: Required("requests: 100"),
            about: "How many of the requests had it.",
        },
    ],
};

/// How the traffic of a file's own zone is written.
fn expression(report: Cursor<'_>) -> String {
    let said = |key: &str| report.get(key).and_then(|at| at.value().as_str().map(str::to_owned));
    let is_plain = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
    let zone = said("zone").filter(is_plain).unwrap_or_else(|| "shop.example.com".to_owned());
    let example = likely_expression(&zone, said("type").as_deref() == Some("false_negative"));
    format!("write what matches the misjudged traffic and no other, such as `{example}`")
}

/// An expression for a part of a zone: a score alone would report the whole site. People that were taken for bots have
/// low scores, bots that were let through have high ones.
pub(in crate::config) fn likely_expression(zone: &str, is_of_bots: bool) -> String {
    let scores = if is_of_bots { "ge 30" } else { "lt 30" };
    format!(
        "expression: (http.host eq \"{zone}\" and http.request.uri.path eq \"/checkout\" and cf.bot_management.score {scores})"
    )
}

fn types() -> Vec<(&'static str, &'static str)> {
    vec![
        ("false_positive", "people, or welcome bots, that were treated as unwelcome bots"),
        ("false_negative", "bots that were let through"),
    ]
}
