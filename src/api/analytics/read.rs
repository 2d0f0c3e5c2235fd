//! Reads the rows of a reply. Each member may be missing, and a number may come as text.

use crate::model::{Estimate, Event};
use serde_json::Value as Json;

/// Requests or events that are alike, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// What was done, in the word of the analytics.
    pub action: String,
    /// The product.
    pub source: String,
    /// The id of the rule.
    pub rule: String,
    /// The name of the rule.
    pub name: String,
    /// What Bot Management decided.
    pub decision: String,
    /// The kind of verified bot.
    pub category: String,
    /// How many.
    pub requests: Estimate,
}

fn text(row: &Json, key: &str) -> String {
    match row.get(key) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn number(row: &Json, key: &str) -> Option<u64> {
    match row.get(key)? {
        Json::Number(number) => {
            number.as_u64().or_else(|| number.as_f64().map(|number| number.max(0.0).round() as u64))
        }
        Json::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The rows of a table in the part of a zone; `None` if it is no list.
pub(super) fn rows<'a>(zone: &'a Json, table: &str) -> Option<&'a Vec<Json>> {
    zone.get(table)?.as_array()
}

/// An event.
pub(super) fn event(row: &Json) -> Event {
    Event {
        at: text(row, "datetime").parse().ok(),
        ray: text(row, "rayName"),
        action: text(row, "action"),
        source: text(row, "source"),
        rule: text(row, "ruleId"),
        ruleset: text(row, "rulesetId"),
        name: text(row, "description"),
        user_agent: text(row, "userAgent"),
        host: text(row, "clientRequestHTTPHost"),
        path: text(row, "clientRequestPath"),
        country: text(row, "clientCountryName"),
        asn: text(row, "clientAsn"),
        status: number(row, "edgeResponseStatus").and_then(|status| u16::try_from(status).ok()),
        // Events are sampled: a row stands for as many requests as its interval says.
        weight: number(row, "sampleInterval").unwrap_or(1).max(1),
    }
}

/// A group with its interval; `None` if it has no count, which is no zero.
pub(super) fn group(row: &Json) -> Option<Counted> {
    let dimensions = row.get("dimensions").unwrap_or(&Json::Null);
    let interval =
        row.get("confidence").and_then(|confidence| confidence.get("count")).unwrap_or(&Json::Null);
    let count = number(interval, "estimate").or_else(|| number(row, "count"))?;
    let lower = number(interval, "lower").unwrap_or(count).min(count);
    let upper = number(interval, "upper").unwrap_or(count).max(count);
    Some(Counted { requests: Estimate { count, lower, upper }, ..of(dimensions) })
}

/// What a row or the dimensions of a group say, not counted yet.
fn of(row: &Json) -> Counted {
    Counted {
        action: text(row, "action"),
        source: text(row, "source"),
        rule: text(row, "ruleId"),
        name: text(row, "description"),
        decision: text(row, "botManagementDecision"),
        category: text(row, "verifiedBotCategory"),
        requests: Estimate::default(),
    }
}

/// Events one by one, counted by what they say: each stands for as many as its sampling interval says.
pub(super) fn counted(rows: &[Json]) -> Vec<Counted> {
    let mut groups: Vec<(Counted, Vec<u64>)> = Vec::new();
    for row in rows {
        let (said, weight) = (of(row), number(row, "sampleInterval").unwrap_or(1));
        match groups.iter_mut().find(|(known, _)| *known == said) {
            Some((_, weights)) => weights.push(weight),
            None => groups.push((said, vec![weight])),
        }
    }
    let count =
        |(said, weights): (Counted, Vec<u64>)| Counted { requests: Estimate::sampled(weights), ..said };
    groups.into_iter().map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_count_is_read_whole_as_a_fraction_and_as_text() {
        let of = |value: Json| number(&json!({"count": value}), "count");
        for (value, expected) in [
            (json!(900), Some(900)),
            (json!(900.6), Some(901)),
            (json!(-0.7), Some(0)),
            (json!("900"), Some(900)),
            (json!("many"), None),
            (json!(null), None),
            (json!([900]), None),
        ] {
            assert_eq!(of(value.clone()), expected, "{value}");
        }
        assert_eq!(number(&json!({}), "count"), None);
    }
}
