//! What the changes of a plan would have done to recent requests. Only zones with changes are asked.

use super::ask::{Asked, When, requests, rules};
use super::question::{Question, question};
use crate::api::{Client, Clients, ReadZones as _, RequestKind};
use crate::diff::{Row, VerdictKind};
use crate::model::{NoNumber, NoNumberKind, RowImpact, RowImpacts, Window, ZoneId};
use crate::plan::{Plan, ZonePlan};
use crate::run::Stop;
use jiff::{SignedDuration, Timestamp};

/// How far the analytics may lag behind (usually 1 to 3 minutes): later requests are not counted.
const LAG: SignedDuration = SignedDuration::from_mins(5);

/// How many zones are asked between two checks whether the run is to stop.
const AT_ONCE: usize = 50;

/// A zone, and the question of each of its rows.
struct Open<'p> {
    index: usize,
    zone: &'p ZoneId,
    questions: Vec<(&'p Row, Question)>,
}

/// Adds to each change of a plan what it would have done to the requests of that period, up to five minutes ago. It
/// changes nothing that is approved or written.
pub(crate) async fn impact(
    clients: &Clients,
    plan: &mut Plan,
    length: SignedDuration,
    now: Timestamp,
    stop: &Stop,
) {
    let from = now.saturating_sub(length).unwrap_or(now);
    let to = now.saturating_sub(LAG).unwrap_or(now).max(from);
    let when = When { window: Window { from, to }, now };
    let mut open: Vec<_> =
        plan.zones().iter().enumerate().filter_map(|(index, zone)| open(index, zone)).collect();
    let mut answers: Vec<(usize, RowImpacts)> = Vec::with_capacity(open.len());
    // A query is about zones that one credential sees.
    open.sort_by_key(|open| clients.lane(open.zone));
    let is_same = |one: &Open<'_>, other: &Open<'_>| clients.lane(one.zone) == clients.lane(other.zone);
    for part in open.chunk_by(is_same).flat_map(|part| part.chunks(AT_ONCE)) {
        let Some(client) = part.first().map(|first| clients.of_zone(first.zone)) else { continue };
        let found = if stop.is_requested() { interrupted(part) } else { answer(client, part, when).await };
        for (open, found) in part.iter().zip(found) {
            let named = open.questions.iter().zip(found);
            let named = named.map(|((row, _), impact)| (row.name().to_owned(), row.stale, impact)).collect();
            answers.push((open.index, named));
        }
    }
    answers.sort_by_key(|(index, _)| *index);
    plan.add_impact(answers);
}

fn open(index: usize, zone: &ZonePlan) -> Option<Open<'_>> {
    let (id, live) = (zone.zone_id.as_ref()?, zone.live()?);
    let asks = |row: &'_ Row| {
        matches!(row.verdict.kind(), VerdictKind::Change | VerdictKind::Held | VerdictKind::Unapproved)
    };
    let questions =
        zone.rows().iter().filter(|row| zone.has_changes() && asks(row)).filter_map(|row| {
            Some((row, question(row.key.setting()?, row.live.as_ref(), row.value()?, live)))
        });
    let questions: Vec<_> = questions.collect();
    (!questions.is_empty()).then_some(Open { index, zone: id, questions })
}

fn interrupted(part: &[Open<'_>]) -> Vec<Vec<RowImpact>> {
    let why =
        || RowImpact::Unknown(NoNumber::new(NoNumberKind::Failed, "interrupted before the zone was asked"));
    part.iter().map(|open| open.questions.iter().map(|_| why()).collect()).collect()
}

async fn answer(client: &Client, part: &[Open<'_>], when: When) -> Vec<Vec<RowImpact>> {
    let needs_any =
        |open: &Open<'_>| open.questions.iter().any(|(_, asked)| !matches!(asked, Question::Nothing(_)));
    let asks = |open: &Open<'_>, is_meant: &dyn Fn(&Question) -> bool| {
        open.questions.iter().any(|(_, question)| is_meant(question))
    };
    // A zone without anything to count must not cost a query.
    let needed: Vec<_> = part.iter().filter(|open| needs_any(open)).collect();
    let ids: Vec<_> = needed.iter().map(|open| open.zone).collect();
    let tables = client.tables(&ids).await;
    let asked = |is_meant: &dyn Fn(&Question) -> bool| -> (Vec<usize>, Vec<Asked<'_>>) {
        let all = needed.iter().zip(&tables).filter(|(open, _)| asks(open, is_meant));
        all.map(|(open, tables)| (open.index, Asked { zone: open.zone, tables })).unzip()
    };
    let of_kind = |wanted: RequestKind| move |question: &Question| matches!(question, Question::Requests { kind, .. } if *kind == wanted);
    let (of_events, events) = asked(&|question| matches!(question, Question::Events { .. }));
    let events = rules(client, &events, when).await;
    let (of_decisions, decisions) = asked(&of_kind(RequestKind::Decision));
    let decisions = requests(client, &decisions, RequestKind::Decision, when).await;
    let (of_categories, categories) = asked(&of_kind(RequestKind::Category));
    let categories = requests(client, &categories, RequestKind::Category, when).await;
    let answered = |open: &Open<'_>, question: &Question| {
        let (indices, answers) = match question {
            Question::Events { .. } => (&of_events, &events),
            Question::Requests { kind: RequestKind::Decision, .. } => (&of_decisions, &decisions),
            Question::Requests { kind: RequestKind::Category, .. } => (&of_categories, &categories),
            Question::Nothing(why) => return RowImpact::Unknown(why.clone()),
        };
        let found = indices.iter().position(|index| *index == open.index).and_then(|at| answers.get(at));
        match found {
            Some((counted, window)) => question.answer(counted, *window),
            None => RowImpact::Unknown(NoNumber::new(NoNumberKind::Failed, "the zone was not asked")),
        }
    };
    part.iter()
        .map(|open| open.questions.iter().map(|(_, question)| answered(open, question)).collect())
        .collect()
}
