//! What a zone may see of its analytics.

use crate::model::Window;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// How long a query may be on its way: what is exactly as old as allowed now would be too old when it arrives.
const ON_THE_WAY: SignedDuration = SignedDuration::from_secs(60);

/// The most rows that are asked for at once.
const MOST_ROWS: u64 = 10_000;

/// The tables of a zone, as far as it has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tables {
    /// The events of rules, one by one.
    pub events: Option<Shown>,
    /// The events of rules, counted.
    pub event_counts: Option<Shown>,
    /// The requests, counted.
    pub request_counts: Option<Shown>,
}

/// What a table shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shown {
    /// The fields; all, if none is listed.
    fields: Vec<String>,
    longest: Option<i64>,
    oldest: Option<i64>,
    most: Option<u64>,
}

/// A table of the reply.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Table {
    enabled: Option<bool>,
    available_fields: Option<Vec<String>>,
    max_duration: Option<i64>,
    max_page_size: Option<u64>,
    not_older_than: Option<i64>,
}

impl Tables {
    /// Reads the part of a zone.
    pub(super) fn read(zone: &serde_json::Value) -> Option<Self> {
        let settings = zone.get("settings")?.as_object()?;
        let table = |name| settings.get(name).and_then(Shown::read);
        Some(Self {
            events: table("firewallEventsAdaptive"),
            event_counts: table("firewallEventsAdaptiveGroups"),
            request_counts: table("httpRequestsAdaptiveGroups"),
        })
    }
}

impl Shown {
    fn read(table: &serde_json::Value) -> Option<Self> {
        let Table { enabled, available_fields, max_duration, max_page_size, not_older_than } =
            Table::deserialize(table).ok()?;
        (enabled != Some(false)).then(|| Self {
            fields: available_fields.unwrap_or_default(),
            longest: max_duration,
            oldest: not_older_than,
            most: max_page_size,
        })
    }

    /// Whether it has a field. A nested one may be listed with what it is a part of.
    pub(crate) fn has(&self, field: &str) -> bool {
        let is_listed =
            |listed: &String| listed.rsplit(['.', '_', '/']).next() == Some(field) || listed == field;
        self.fields.is_empty() || self.fields.iter().any(is_listed)
    }

    /// The most rows of one answer.
    pub(crate) fn most(&self) -> u64 {
        self.most.filter(|most| *most > 0).map_or(MOST_ROWS, |most| most.min(MOST_ROWS))
    }

    /// The part of a window that it shows.
    pub(crate) fn within(&self, window: Window, now: Timestamp) -> Window {
        let seconds = |seconds| SignedDuration::from_secs(seconds);
        let mut from = window.from;
        if let Some(oldest) = self.oldest.filter(|oldest| *oldest > 0) {
            let first = now.saturating_sub(seconds(oldest)).and_then(|at| at.saturating_add(ON_THE_WAY));
            from = from.max(first.unwrap_or(from));
        }
        if let Some(longest) = self.longest.filter(|longest| *longest > 0) {
            from = from.max(window.to.saturating_sub(seconds(longest)).unwrap_or(from));
        }
        Window { from: from.min(window.to), to: window.to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tables(settings: serde_json::Value) -> Tables {
        Tables::read(&json!({ "settings": settings })).unwrap()
    }

    #[test]
    fn a_table_that_is_disabled_or_missing_is_none() {
        let found = tables(json!({
            "firewallEventsAdaptive": {"enabled": true, "availableFields": ["action", "dimensions_ruleId"]},
            "firewallEventsAdaptiveGroups": {"enabled": false},
            "httpRequestsAdaptiveGroups": null,
        }));
        let events = found.events.unwrap();
        assert!(events.has("action") && events.has("ruleId") && !events.has("Id") && !events.has("rayName"));
        assert_eq!((found.event_counts, found.request_counts), (None, None));
        assert_eq!(Tables::read(&json!({"settings": null})), None);
    }

    #[test]
    fn a_window_is_cut_to_what_the_zone_may_see() {
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
        let from = now.saturating_sub(SignedDuration::from_hours(48)).unwrap();
        let window = Window { from, to: now };
        let shown =
            |table: serde_json::Value| Shown::read(&table).unwrap().within(window, now).from.to_string();
        assert_eq!(shown(json!({})), "2026-11-27T12:00:00Z");
        assert_eq!(shown(json!({"notOlderThan": 86400, "maxDuration": 259_200})), "2026-11-28T12:01:00Z");
        assert_eq!(shown(json!({"notOlderThan": 259_200, "maxDuration": 3600})), "2026-11-29T11:00:00Z");
    }

    #[test]
    fn a_page_size_of_nothing_is_none_and_a_large_one_is_cut() {
        let most = |size: serde_json::Value| Shown::read(&json!({"maxPageSize": size})).unwrap().most();
        assert_eq!([most(json!(0)), most(json!(null))], [MOST_ROWS; 2]);
        assert_eq!([most(json!(7)), most(json!(MOST_ROWS + 1))], [7, MOST_ROWS]);
    }
}
