//! Asks zones, up to ten at a time. A zone that fails a query is identified by the error and left out, so that the
//! others are answered; if the error names none, each zone is asked alone.

use super::query::{self, Condition, Query, RequestKind};
use super::read::{self, Counted};
use super::refused::{Meaning, QueryError, failed};
use super::tables::{Shown, Tables};
use crate::api::client::{Call, Shape};
use crate::api::{Body, Client};
use crate::model::{Event, NoNumber, NoNumberKind, Window, ZoneId};
use backon::BackoffBuilder as _;
use serde_json::{Value as Json, json};

/// The most zones of one query.
const MOST_ZONES: usize = 10;

/// How often a window is halved if it holds more events than fit one answer.
const MOST_HALVES: usize = 6;

/// What was found for each zone that was asked, in their order.
pub(crate) type Found<T> = Vec<Result<T, NoNumber>>;

impl Client {
    /// What the plans of zones allow to query.
    pub(crate) async fn tables(&self, zones: &[&ZoneId]) -> Found<Tables> {
        self.ask(zones, &query::settings(), &Tables::read).await
    }

    /// The events that meet all conditions, the latest first. All zones show the same fields.
    pub(crate) async fn events(
        &self,
        zones: &[&ZoneId],
        conditions: &[(Condition, String)],
        window: Window,
        shown: &Shown,
    ) -> Found<Vec<Event>> {
        let fields: Vec<_> = query::EVENT.into_iter().filter(|field| shown.has(field)).collect();
        let asked = query::events(conditions, window, &fields, shown.most().min(200));
        let read = |zone: &Json| {
            read::rows(zone, "firewallEventsAdaptive").map(|rows| rows.iter().map(read::event).collect())
        };
        self.ask(zones, &asked, &read).await
    }

    /// How many events the rules of some products had, counted by the analytics.
    pub(crate) async fn rule_counts(
        &self,
        zones: &[&ZoneId],
        sources: &[&str],
        window: Window,
        most: u64,
    ) -> Found<Vec<Counted>> {
        let asked = query::rule_counts(sources, window, most);
        self.ask(zones, &asked, &|zone| groups(zone, "firewallEventsAdaptiveGroups")).await
    }

    /// The same, counted here from the single events, for zones whose analytics do not count them. A window that holds
    /// more events than one answer takes is asked for in parts.
    pub(crate) async fn rule_events(
        &self,
        zones: &[&ZoneId],
        sources: &[&str],
        window: Window,
        most: u64,
    ) -> Found<Vec<Counted>> {
        let rows = |zone: &Json| read::rows(zone, "firewallEventsAdaptive").cloned();
        let asked = query::rule_events(sources, window, most);
        let mut found = Vec::with_capacity(zones.len());
        for (zone, rows) in zones.iter().zip(self.ask(zones, &asked, &rows).await) {
            found.push(match rows {
                Ok(rows) if rows.len() as u64 >= most => self.in_parts(zone, sources, window, most).await,
                rows => rows.map(|rows| read::counted(&rows)),
            });
        }
        found
    }

    async fn in_parts(
        &self,
        zone: &ZoneId,
        sources: &[&str],
        window: Window,
        most: u64,
    ) -> Result<Vec<Counted>, NoNumber> {
        let read = |zone: &Json| read::rows(zone, "firewallEventsAdaptive").cloned();
        let (mut open, mut all) = (window.halves().map(|half| (half, 1)).to_vec(), Vec::new());
        while let Some((part, depth)) = open.pop() {
            let asked = query::rule_events(sources, part, most);
            let rows = self.ask(&[zone], &asked, &read).await.pop().unwrap_or_else(|| Err(no_answer()))?;
            match (rows.len() as u64 >= most, depth < MOST_HALVES) {
                (false, _) => all.extend(rows),
                (true, true) => open.extend(part.halves().map(|half| (half, depth + 1))),
                (true, false) => {
                    let text = format!("there are more than {most} events in {}", part.words());
                    return Err(NoNumber::new(NoNumberKind::TooMany, text));
                }
            }
        }
        Ok(read::counted(&all))
    }

    /// How many requests passed, of which kind.
    pub(crate) async fn request_counts(
        &self,
        zones: &[&ZoneId],
        kind: RequestKind,
        window: Window,
        most: u64,
    ) -> Found<Vec<Counted>> {
        let asked = query::requests(kind, window, most);
        self.ask(zones, &asked, &|zone| groups(zone, "httpRequestsAdaptiveGroups")).await
    }

    async fn ask<T: Clone>(
        &self,
        zones: &[&ZoneId],
        query: &Query,
        read: &(impl Fn(&Json) -> Option<T> + Sync),
    ) -> Found<T> {
        let mut found: Vec<Option<Result<T, NoNumber>>> = vec![None; zones.len()];
        let indices: Vec<usize> = (0..zones.len()).collect();
        let mut open: Vec<Vec<usize>> = indices.chunks(MOST_ZONES).rev().map(<[usize]>::to_vec).collect();
        while let Some(batch) = open.pop() {
            let asked: Vec<_> = batch.iter().filter_map(|index| zones.get(*index).copied()).collect();
            let answer = self.answer(&asked, query).await;
            let (answers, again) = answer.split(&asked, read, |text| self.clean(text));
            for (index, answer) in batch.iter().zip(answers) {
                if let Some(place) = found.get_mut(*index) {
                    *place = answer;
                }
            }
            // `open` is a stack, so the last part pushed is asked next.
            for part in again.into_iter().rev() {
                open.push(part.into_iter().filter_map(|at| batch.get(at).copied()).collect());
            }
        }
        found.into_iter().map(|found| found.unwrap_or_else(|| Err(no_answer()))).collect()
    }

    /// Sends a query until it is answered or a further attempt is pointless.
    async fn answer(&self, zones: &[&ZoneId], query: &Query) -> Answer {
        let mut variables = query.variables.clone();
        variables.insert("zones".to_owned(), zones.iter().map(|zone| zone.as_str()).collect());
        let body = Body::from_iter([
            ("query".to_owned(), query.text.as_str().into()),
            ("variables".to_owned(), Json::Object(variables)),
        ]);
        let mut pauses = self.retry().pauses().build();
        loop {
            let reply = match self.read(Call::query(&body), Shape::Bare, |answer| Ok(answer.result)).await {
                Ok(reply) => reply,
                Err(error) => return Answer { data: None, errors: Vec::new(), failed: Some(failed(&error)) },
            };
            let errors = QueryError::read(&reply);
            let data = reply.get("data").filter(|data| !data.is_null()).cloned();
            // If it is busy, a moment may be enough. A used-up limit (300 queries in 5 minutes) would take too long.
            let is_busy = data.is_none() && errors.iter().any(|error| error.meaning() == Meaning::Busy);
            match pauses.next().filter(|_| is_busy) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Answer { data, errors, failed: None },
            }
        }
    }
}

fn groups(zone: &Json, table: &str) -> Option<Vec<Counted>> {
    read::rows(zone, table)?.iter().map(read::group).collect()
}

fn no_answer() -> NoNumber {
    NoNumber::new(NoNumberKind::Failed, "the analytics gave no answer for the zone")
}

/// A reply to a query.
struct Answer {
    data: Option<Json>,
    errors: Vec<QueryError>,
    failed: Option<NoNumber>,
}

/// What a zone got, if that is settled.
type Settled<T> = Option<Result<T, NoNumber>>;

impl Answer {
    /// What each zone of the query got, and which zones are asked again, in which parts.
    fn split<T>(
        self,
        asked: &[&ZoneId],
        read: &impl Fn(&Json) -> Option<T>,
        clean: impl Fn(&str) -> String,
    ) -> (Vec<Settled<T>>, Vec<Vec<usize>>) {
        if let Some(why) = self.failed {
            return (asked.iter().map(|_| Some(Err(why.clone()))).collect(), Vec::new());
        }
        let blamed: Vec<(usize, &QueryError)> = self
            .errors
            .iter()
            .flat_map(|error| error.zones(asked).into_iter().map(move |at| (at, error)))
            .collect();
        let blame =
            |at: usize| blamed.iter().find(|(zone, _)| *zone == at).map(|(_, error)| error.reason(&clean));
        let general = self.errors.first();
        if let Some(data) = &self.data {
            let zones =
                data.pointer("/viewer/zones").unwrap_or(&json!([])).as_array().cloned().unwrap_or_default();
            let own = |at: usize, id: &ZoneId| {
                let tagged =
                    zones.iter().find(|zone| zone.get("zoneTag").and_then(Json::as_str) == Some(id.as_str()));
                // The only zone of a query needs no tag to be recognized.
                let only = zones.first().filter(|zone| asked.len() == 1 && zone.get("zoneTag").is_none());
                let read = tagged.or(only).and_then(read);
                let why = || {
                    blame(at).or_else(|| general.map(|error| error.reason(&clean))).unwrap_or_else(no_answer)
                };
                Some(read.ok_or_else(why))
            };
            return (asked.iter().enumerate().map(|(at, id)| own(at, id)).collect(), Vec::new());
        }
        // These errors are about the caller and not about a zone: asking the zones one by one would only make it worse.
        let is_general =
            general.is_some_and(|error| matches!(error.meaning(), Meaning::UsedUp | Meaning::Busy));
        let is_settled = is_general || asked.len() == 1;
        let answers: Vec<_> = (0..asked.len())
            .map(|at| match (blame(at), is_settled) {
                (Some(why), _) => Some(Err(why)),
                (None, true) => Some(Err(general.map_or_else(no_answer, |error| error.reason(&clean)))),
                (None, false) => None,
            })
            .collect();
        // One refused field fails the whole query: the zones that were not blamed are asked again without the others.
        let rest: Vec<_> =
            answers.iter().enumerate().filter(|(_, answer)| answer.is_none()).map(|(at, _)| at).collect();
        let again = match rest.len() < asked.len() {
            true => vec![rest],
            false => rest.into_iter().map(|at| vec![at]).collect(),
        };
        (answers, again.into_iter().filter(|part| !part.is_empty()).collect())
    }
}
