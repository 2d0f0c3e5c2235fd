//! Asks the analytics of many zones with few queries: zones with the same entitlements are asked together, ten at a
//! time.

use crate::api::{Client, Counted, RequestKind, Shown, Tables};
use crate::catalogue::SOURCES;
use crate::model::{NoNumber, NoNumberKind, Window, ZoneId};
use std::collections::BTreeMap;

/// What was counted for a zone, and the part of the window that its plan allows.
pub(super) type Answer = (Result<Vec<Counted>, NoNumber>, Window);

/// A zone to ask, with what its plan may query.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) zone: &'a ZoneId,
    pub(super) tables: &'a Result<Tables, NoNumber>,
}

/// The window of a run, and the current time.
#[derive(Clone, Copy)]
pub(super) struct When {
    pub(super) window: Window,
    pub(super) now: jiff::Timestamp,
}

/// Counts the events of the rules that a bot setting may be behind, in the order of the zones.
pub(super) async fn rules(client: &Client, asked: &[Asked<'_>], when: When) -> Vec<Answer> {
    let mut answers = unasked(asked.len(), when.window);
    let (mut counted, mut single) = (Batches::default(), Batches::default());
    for (index, Asked { tables, .. }) in asked.iter().enumerate() {
        match tables {
            Err(why) => refuse(&mut answers, index, why.clone()),
            Ok(Tables { event_counts: Some(shown), .. }) if shown.has("ruleId") => {
                counted.add(shown, index, when);
            }
            // On Free the grouped counts are disabled, but the single events work.
            Ok(Tables { events: Some(shown), .. }) if shown.has("ruleId") => single.add(shown, index, when),
            Ok(_) => refuse(&mut answers, index, not_shown("security events")),
        }
    }
    for (window, most, indices) in counted.into_iter() {
        let zones = zones(asked, &indices);
        settle(&mut answers, window, indices, client.rule_counts(&zones, &SOURCES, window, most).await);
    }
    for (window, most, indices) in single.into_iter() {
        let zones = zones(asked, &indices);
        settle(&mut answers, window, indices, client.rule_events(&zones, &SOURCES, window, most).await);
    }
    answers
}

/// Counts the requests that passed, in the order of the zones.
pub(super) async fn requests(
    client: &Client,
    asked: &[Asked<'_>],
    kind: RequestKind,
    when: When,
) -> Vec<Answer> {
    let mut answers = unasked(asked.len(), when.window);
    let mut batches = Batches::default();
    for (index, Asked { tables, .. }) in asked.iter().enumerate() {
        match tables {
            Err(why) => refuse(&mut answers, index, why.clone()),
            Ok(Tables { request_counts: Some(shown), .. }) => match kind.missing(shown) {
                None => batches.add(shown, index, when),
                Some(field) => refuse(&mut answers, index, not_shown(&format!("`{field}`"))),
            },
            Ok(_) => refuse(&mut answers, index, not_shown("counts of requests")),
        }
    }
    for (window, most, indices) in batches.into_iter() {
        let zones = zones(asked, &indices);
        settle(&mut answers, window, indices, client.request_counts(&zones, kind, window, most).await);
    }
    answers
}

fn not_shown(what: &str) -> NoNumber {
    NoNumber::new(NoNumberKind::NotEntitled, format!("the zone's plan does not include {what}"))
}

fn zones<'a>(asked: &[Asked<'a>], indices: &[usize]) -> Vec<&'a ZoneId> {
    indices.iter().filter_map(|index| asked.get(*index)).map(|asked| asked.zone).collect()
}

fn unasked(count: usize, window: Window) -> Vec<Answer> {
    let none = || (Err(NoNumber::new(NoNumberKind::Failed, "the zone was not asked")), window);
    std::iter::repeat_with(none).take(count).collect()
}

fn refuse(answers: &mut [Answer], index: usize, why: NoNumber) {
    if let Some(answer) = answers.get_mut(index) {
        answer.0 = Err(why);
    }
}

fn settle(
    answers: &mut [Answer],
    window: Window,
    indices: Vec<usize>,
    found: Vec<Result<Vec<Counted>, NoNumber>>,
) {
    for (index, found) in indices.into_iter().zip(found) {
        if let Some(answer) = answers.get_mut(index) {
            *answer = (found, window);
        }
    }
}

/// Zones by the window and the number of rows that they may ask for: what is not entitled fails the whole query.
#[derive(Default)]
struct Batches(BTreeMap<(jiff::Timestamp, jiff::Timestamp, u64), Vec<usize>>);

impl Batches {
    fn add(&mut self, shown: &Shown, index: usize, when: When) {
        let Window { from, to } = shown.within(when.window, when.now);
        self.0.entry((from, to, shown.most())).or_default().push(index);
    }

    fn into_iter(self) -> impl Iterator<Item = (Window, u64, Vec<usize>)> {
        self.0.into_iter().map(|((from, to, most), indices)| (Window { from, to }, most, indices))
    }
}
