//! The texts of the queries. They consist of constants only: whatever comes from a person or a file is a variable.

use super::Shown;
use crate::model::Window;
use serde_json::{Map, Value as Json, json};

/// What an event must show to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Condition {
    /// The Ray id.
    Ray,
    /// The client address: it is used as a filter, and never fetched.
    Address,
    /// The user agent; `%` stands for any text.
    UserAgent,
    /// The path; `%` stands for any text.
    Path,
}

impl Condition {
    /// The key of the filter, and the name of the variable.
    const fn filter(self) -> (&'static str, &'static str) {
        match self {
            Self::Ray => ("rayName", "ray"),
            Self::Address => ("clientIP", "ip"),
            Self::UserAgent => ("userAgent_like", "agent"),
            Self::Path => ("clientRequestPath_like", "path"),
        }
    }
}

/// How requests are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RequestKind {
    /// By what Bot Management decided, and by the kind of verified bot.
    Decision,
    /// By the kind of verified bot alone, which every plan has.
    Category,
}

impl RequestKind {
    /// The first field that a table does not show, without which requests cannot be distinguished.
    pub(crate) fn missing(self, shown: &Shown) -> Option<&'static str> {
        self.fields().iter().copied().find(|field| !shown.has(field))
    }

    const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Decision => &["botManagementDecision", "verifiedBotCategory"],
            Self::Category => &["verifiedBotCategory"],
        }
    }
}

/// A query with its variables.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    pub(super) text: String,
    pub(super) variables: Map<String, Json>,
}

/// The fields of an event that are shown. No address of a client is among them.
pub(super) const EVENT: [&str; 14] = [
    "action",
    "clientAsn",
    "clientCountryName",
    "clientRequestHTTPHost",
    "clientRequestPath",
    "datetime",
    "description",
    "edgeResponseStatus",
    "rayName",
    "ruleId",
    "rulesetId",
    "sampleInterval",
    "source",
    "userAgent",
];

/// The fields that distinguish the events of rules.
pub(super) const RULE: [&str; 4] = ["action", "description", "ruleId", "source"];

/// Asks what zones may see.
pub(super) fn settings() -> Query {
    let table = "{ enabled availableFields maxDuration maxPageSize notOlderThan }";
    let tables = format!(
        "settings {{ firewallEventsAdaptive {table} firewallEventsAdaptiveGroups {table} httpRequestsAdaptiveGroups {table} }}"
    );
    Query { text: of_zones("Settings", &[], &tables), variables: Map::new() }
}

/// Asks for the events that meet all conditions, the latest first.
pub(super) fn events(
    conditions: &[(Condition, String)],
    window: Window,
    fields: &[&str],
    most: u64,
) -> Query {
    let keys: Vec<_> = conditions.iter().map(|(condition, _)| condition.filter()).collect();
    let filter: String = keys.iter().map(|(key, variable)| format!(", {key}: ${variable}")).collect();
    let declared: Vec<_> = keys.iter().map(|(_, variable)| (*variable, "string!")).collect();
    let node = format!(
        "firewallEventsAdaptive(limit: {most}, filter: {{datetime_geq: $from, datetime_lt: $to{filter}}}, orderBy: [datetime_DESC]) {{ {} }}",
        fields.join(" ")
    );
    let mut variables = times(window);
    let values = keys.iter().zip(conditions);
    variables
        .extend(values.map(|((_, variable), (_, value))| ((*variable).to_owned(), value.clone().into())));
    Query { text: of_zones("Events", &with_times(&declared), &node), variables }
}

/// Asks for the events of rules one by one, where they cannot be counted.
pub(super) fn rule_events(sources: &[&str], window: Window, most: u64) -> Query {
    let node = format!(
        "firewallEventsAdaptive(limit: {most}, filter: {{datetime_geq: $from, datetime_lt: $to, source_in: $sources}}, orderBy: [datetime_DESC]) {{ {} sampleInterval }}",
        RULE.join(" ")
    );
    of_sources("RuleEvents", sources, window, &node)
}

/// Asks how many events the rules had.
pub(super) fn rule_counts(sources: &[&str], window: Window, most: u64) -> Query {
    let node = format!(
        "firewallEventsAdaptiveGroups(limit: {most}, filter: {{datetime_geq: $from, datetime_lt: $to, source_in: $sources}}, orderBy: [count_DESC]) {{ {} }}",
        counted(&RULE)
    );
    of_sources("RuleCounts", sources, window, &node)
}

/// Asks how many requests of people's clients passed, of which kind.
pub(super) fn requests(kind: RequestKind, window: Window, most: u64) -> Query {
    let node = format!(
        "httpRequestsAdaptiveGroups(limit: {most}, filter: {{datetime_geq: $from, datetime_lt: $to, requestSource: \"eyeball\", securityAction_in: [\"unknown\", \"allow\"]}}, orderBy: [count_DESC]) {{ {} }}",
        counted(kind.fields())
    );
    Query { text: of_zones("Requests", &with_times(&[]), &node), variables: times(window) }
}

fn of_sources(name: &str, sources: &[&str], window: Window, node: &str) -> Query {
    let mut variables = times(window);
    variables.insert("sources".to_owned(), json!(sources));
    Query { text: of_zones(name, &with_times(&[("sources", "[string!]!")]), node), variables }
}

/// The count of each group, with its interval.
fn counted(dimensions: &[&str]) -> String {
    format!(
        "count dimensions {{ {} }} confidence(level: 0.95) {{ count {{ estimate lower upper sampleSize }} }}",
        dimensions.join(" ")
    )
}

/// A query about zones; a zone is identified by its `zoneTag`, since the order of the reply is not documented.
fn of_zones(name: &str, declared: &[(&str, &str)], node: &str) -> String {
    let declared: String = declared.iter().map(|(name, kind)| format!(", ${name}: {kind}")).collect();
    format!(
        "query {name}($zones: [string!]!{declared}) {{ viewer {{ zones(filter: {{zoneTag_in: $zones}}) {{ zoneTag {node} }} }} }}"
    )
}

fn with_times<'a>(declared: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [("from", "Time!"), ("to", "Time!")].into_iter().chain(declared.iter().copied()).collect()
}

/// The times of a window; they are accepted in whole seconds.
fn times(window: Window) -> Map<String, Json> {
    let Window { from, to } = window;
    let time = |at: jiff::Timestamp| at.round(jiff::Unit::Second).unwrap_or(at).to_string();
    Map::from_iter([("from".to_owned(), time(from).into()), ("to".to_owned(), time(to).into())])
}
