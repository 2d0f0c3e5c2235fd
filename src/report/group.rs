//! Groups what is said about several zones. Equal things are found by their structure, never by their text.

use super::{Item, NotWritten, Said};
use crate::catalogue::Value;
use crate::diff::{Effect, Origin, Row, Verdict, VerdictKind};
use crate::model::{
    Diagnostic, DiagnosticKind, Finding, FindingKind, LiveValue, Message, Outcome, Severity, Wanted, Who,
    ZoneOutcome,
};
use crate::plan::ZonePlan;
use jiff::civil::Date;
use serde_json::Value as Json;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What is said about some zones.
#[derive(Clone, Debug)]
pub(crate) struct Group<'a, T> {
    /// What is said about each zone, in their order; never empty.
    pub(crate) said: Vec<T>,
    /// The zones.
    pub(crate) zones: Vec<&'a ZonePlan>,
}

impl<T> Group<'_, T> {
    /// What is said about the first zone; about the others it is the same, except names and numbers.
    pub(crate) fn first(&self) -> Option<&T> {
        self.said.first()
    }
}

/// Groups what is said about zones by rank and key. The groups come by rank, then the largest first, then by key.
pub(crate) fn group<'a, R: Ord + Copy, K: Ord, T>(
    said: impl IntoIterator<Item = (R, K, T, &'a ZonePlan)>,
) -> Vec<(R, Group<'a, T>)> {
    let mut groups: BTreeMap<(R, K), Group<'a, T>> = BTreeMap::new();
    for (rank, key, said, zone) in said {
        let group =
            groups.entry((rank, key)).or_insert_with(|| Group { said: Vec::new(), zones: Vec::new() });
        group.said.push(said);
        group.zones.push(zone);
    }
    let mut groups: Vec<_> = groups.into_iter().map(|((rank, _), group)| (rank, group)).collect();
    // The sort is stable, and the keys are in order already.
    groups.sort_by_key(|(rank, group)| (*rank, Reverse(group.zones.len())));
    groups
}

/// What a message says about any zone: its shape, without names and numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MessageKey {
    severity: Severity,
    message: Message,
    hint: Option<Message>,
    kind: DiagnosticKind,
    code: Option<i64>,
}

impl MessageKey {
    pub(crate) fn of(said: &Diagnostic) -> Self {
        let Diagnostic { severity, kind, message, hint, .. } = said;
        let (severity, kind, code) = (*severity, *kind, said.answered().code);
        Self { severity, message: message.shape(), hint: hint.as_ref().map(Message::shape), kind, code }
    }
}

/// What messages with one key have in common, without what belongs to a single zone, such as its place or CF-Ray.
pub(crate) fn in_common(said: &[&Diagnostic]) -> Option<Diagnostic> {
    let first = said.first()?;
    let messages: Vec<_> = said.iter().map(|said| &said.message).collect();
    let hints: Vec<_> = said.iter().filter_map(|said| said.hint.as_ref()).collect();
    let hint = (!hints.is_empty()).then(|| Message::in_common(&hints));
    let said = Diagnostic::new(first.severity, Message::in_common(&messages));
    Some(said.kind(first.kind).maybe_hint(hint))
}

/// What a row says about any zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowKey<'a> {
    name: &'a str,
    stale: bool,
    leftover: bool,
    live: Option<String>,
    wanted: Option<Value>,
    effect: Option<Effect>,
    origin: Option<Origin>,
    /// The earlier value, if it changed outside.
    before: Option<String>,
    /// Who changed it, without the time.
    who: Option<Who>,
    why: Option<Why<'a>>,
}

/// Why a row has its verdict, and where its value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Why<'a> {
    verdict: VerdictKind,
    reason: Option<&'a str>,
    until: Option<Date>,
    baseline: Option<(&'a str, u32)>,
    interim: Option<(&'a str, Date, Value)>,
}

impl<'a> RowKey<'a> {
    /// A row with all of its reasons.
    pub(crate) fn of(row: &'a Row) -> Self {
        let wanted = row.wanted.as_ref();
        let baseline = wanted.and_then(|wanted| Some((&*wanted.extended()?.file, wanted.place.line)));
        let interim = wanted.and_then(Wanted::interim);
        let why = Why {
            verdict: row.verdict.kind(),
            reason: row.verdict.reason(),
            until: match &row.verdict {
                Verdict::Accepted(acceptance) => Some(acceptance.until),
                _ => None,
            },
            baseline,
            interim: interim.map(|interim| (&*interim.reason, interim.until, interim.then.value)),
        };
        Self { why: Some(why), ..Self::of_values(row) }
    }

    /// The live and wanted value, with the end of a temporary one.
    pub(crate) fn of_change(row: &'a Row) -> Self {
        let interim = row.wanted.as_ref().and_then(Wanted::interim);
        let why = Why {
            verdict: row.verdict.kind(),
            reason: None,
            until: None,
            baseline: None,
            interim: interim.map(|interim| (&*interim.reason, interim.until, interim.then.value)),
        };
        Self { why: Some(why), ..Self::of_values(row) }
    }

    /// The live and wanted value.
    pub(crate) fn of_values(row: &'a Row) -> Self {
        Self {
            name: row.name(),
            stale: row.stale,
            leftover: row.leftover,
            live: row.live.as_ref().map(LiveValue::to_json).map(|live| live.to_string()),
            wanted: row.value(),
            effect: row.effect,
            origin: row.origin,
            before: row.changed_outside().map(|was| {
                was.before
                    .as_ref()
                    .map(LiveValue::to_json)
                    .map_or_else(String::new, |before| before.to_string())
            }),
            who: row.who.as_ref().map(|who| who.without_time()),
            why: None,
        }
    }
}

/// What a read-back says about any zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct FindingKey<'a> {
    setting: &'a str,
    kind: FindingKind,
    expected: Option<String>,
    live: Option<String>,
}

impl<'a> FindingKey<'a> {
    fn of(finding: &'a Finding) -> Self {
        let Finding { setting, kind, expected, live } = finding;
        let [expected, live] = [expected, live].map(|value| value.as_ref().map(Json::to_string));
        Self { setting, kind: *kind, expected, live }
    }
}

/// How a zone ended, without what is its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OutcomeKey<'a> {
    findings: Vec<FindingKey<'a>>,
    messages: Vec<MessageKey>,
}

impl<'a> OutcomeKey<'a> {
    /// The findings of the read-back, without the messages.
    pub(crate) fn of_findings(end: &'a ZoneOutcome) -> Self {
        Self { messages: Vec::new(), ..Self::of(end) }
    }

    pub(crate) fn of(end: &'a ZoneOutcome) -> Self {
        Self {
            findings: end.findings.iter().map(FindingKey::of).collect(),
            messages: end.diagnostics.iter().map(MessageKey::of).collect(),
        }
    }
}

/// What an item says about any zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ItemKey<'a> {
    Message(MessageKey),
    Weakened(&'a str),
    Row(Box<RowKey<'a>>, Option<NotWritten<'a>>),
    Finding(FindingKey<'a>, Outcome),
    Outcome(Outcome),
    Zone(&'a str),
}

impl<'a> ItemKey<'a> {
    fn of(item: &Item<'a>) -> Self {
        match &item.said {
            Said::Message(said) => Self::Message(MessageKey::of(said)),
            Said::Weakened(same) => Self::Weakened(same.first().map_or("", |first| &first.what)),
            Said::Difference(row) | Said::WithEnd(row) => {
                Self::Row(Box::new(RowKey::of(row)), item.zone.and_then(|zone| NotWritten::of(row, zone)))
            }
            Said::Kept(row) | Said::Outside(row) => Self::Row(Box::new(RowKey::of_values(row)), None),
            Said::Finding(finding, outcome) => Self::Finding(FindingKey::of(finding), *outcome),
            Said::Outcome(outcome) => Self::Outcome(*outcome),
            Said::Moved(moved) => Self::Zone(&moved.zone),
            Said::NoFile(zone) | Said::NoZone(zone) => Self::Zone(zone),
        }
    }
}

/// Groups items that say the same about zones, in the order of the first of each group; no group is empty.
pub(crate) fn together(items: Vec<Item<'_>>) -> Vec<Vec<Item<'_>>> {
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<Item<'_>>> = Vec::new();
    for item in items {
        let key = (item.severity, item.rule, ItemKey::of(&item));
        let earlier = item.zone.map(|_| *places.entry(key).or_insert(groups.len()));
        match earlier.and_then(|place| groups.get_mut(place)) {
            Some(same) => same.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups
}
