//! Finds the events of a request and what caused each. A Ray id belongs to one zone, so its search ends once it is
//! found.

use super::ask::{Answer, Asked as Table, When, rules};
use super::stop::{Known, behind};
use super::ways::{may_report, ways};
use crate::api::{Client, Clients, Condition, ReadZones as _, Shown, Tables, ZoneRef};
use crate::model::{
    Asked, Desired, Event, InvalidReport, Live, NewReport, NoNumber, NoNumberKind, RayId, ReportKind, Stop,
    Why, WhyZone, Window, ZoneId,
};
use crate::run::Stop as Wish;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How many zones are looked through at once.
const AT_ONCE: usize = 10;

/// How many different rules are explained per zone.
const MOST_STOPS: usize = 20;

/// What is looked for. It holds the address of a client, which is sent and never shown.
#[derive(Clone, Default)]
pub(crate) struct Question {
    /// The Ray id.
    pub(crate) ray: Option<RayId>,
    /// The client address.
    pub(crate) address: Option<String>,
    /// The user agent; `*` stands for any text.
    pub(crate) user_agent: Option<String>,
    /// The path; `*` stands for any text.
    pub(crate) path: Option<String>,
    /// The period that is searched.
    pub(crate) window: Window,
    /// The current time.
    pub(crate) now: Timestamp,
}

/// A zone to look through.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Its id.
    pub(crate) id: ZoneId,
    /// Its name.
    pub(crate) name: String,
    /// What its file wants; `None` if it has none.
    pub(crate) want: Option<Desired>,
}

/// The answer, and the report that can be sent about it, if any.
pub(crate) struct Found {
    /// The answer.
    pub(crate) why: Why,
    /// The zone of the report, and the report.
    pub(crate) report: Option<(String, NewReport)>,
}

impl Question {
    fn conditions(&self) -> Vec<(Condition, String)> {
        let like = |text: &String| text.replace('*', "%");
        [
            (Condition::Ray, self.ray.as_ref().map(ToString::to_string)),
            (Condition::Address, self.address.clone()),
            (Condition::UserAgent, self.user_agent.as_ref().map(like)),
            (Condition::Path, self.path.as_ref().map(like)),
        ]
        .into_iter()
        .filter_map(|(condition, value)| Some((condition, value?)))
        .collect()
    }

    fn asked(&self) -> Asked {
        Asked {
            ray: self.ray.as_ref().map(ToString::to_string),
            by_address: self.address.is_some(),
            user_agent: self.user_agent.clone(),
            path: self.path.clone(),
        }
    }
}

/// Looks through zones for a request.
pub(crate) async fn why(clients: &Clients, targets: &[Target], question: &Question, wish: &Wish) -> Found {
    let (mut zones, mut zones_asked, mut report) = (Vec::new(), 0, None);
    // One query can only cover zones that one credential sees.
    let is_same = |one: &Target, other: &Target| clients.lane(&one.id) == clients.lane(&other.id);
    for part in targets.chunk_by(is_same).flat_map(|part| part.chunks(AT_ONCE)) {
        let Some(client) = part.first().map(|first| clients.of_zone(&first.id)) else { continue };
        if wish.is_requested() {
            break;
        }
        zones_asked += part.len();
        let mut is_found = false;
        for (target, tables, events, window) in events(client, part, question).await {
            match events {
                Err(why) => zones.push(unasked(target, why)),
                Ok(events) if events.is_empty() => {}
                Ok(events) => {
                    is_found = true;
                    let (zone, own) = explained(client, target, &tables, events, window, question).await;
                    zones.push(zone);
                    report = report.or(own.map(|report| (target.name.clone(), report)));
                }
            }
        }
        if is_found && question.ray.is_some() {
            // Why other zones could not be asked does not matter any more.
            zones.retain(|zone| zone.failed.is_none());
            break;
        }
    }
    let is_found = zones.iter().any(|zone| !zone.stops.is_empty());
    let reasons = if is_found { Vec::new() } else { reasons(question, targets.len(), zones_asked) };
    Found { why: Why { asked: question.asked(), zones, zones_asked, reasons }, report }
}

/// Why a request that was stopped may not be found.
fn reasons(question: &Question, zones: usize, asked: usize) -> Vec<String> {
    let window = question.window;
    let mut reasons = vec![
        "events appear 1 to 3 minutes after the request: try again in a few minutes".to_owned(),
        format!(
            "it may be outside the searched period ({} to {}); on Free the analytics go back 24 h",
            window.from.round(jiff::Unit::Second).unwrap_or(window.from),
            window.to.round(jiff::Unit::Second).unwrap_or(window.to)
        ),
        "busy zones are sampled: the event of a single request may not be kept".to_owned(),
        "something else may have stopped it, which is no security event: the origin, a Worker, Access, or a cached error page"
            .to_owned(),
        "it may have gone to a zone that was not searched or that the token does not see".to_owned(),
    ];
    if asked < zones {
        reasons.push(format!("the run was interrupted after {asked} of {zones} zones"));
    }
    reasons
}

fn unasked(target: &Target, why: NoNumber) -> WhyZone {
    WhyZone {
        zone: target.name.clone(),
        plan: None,
        file: target.want.as_ref().and_then(|want| want.file.clone()),
        window: None,
        stops: Vec::new(),
        failed: Some(why),
        unread: None,
    }
}

type OfZone<'t> = (&'t Target, Result<Tables, NoNumber>, Result<Vec<Event>, NoNumber>, Window);

/// The events of each zone; zones with the same entitlements are asked together.
async fn events<'t>(client: &Client, part: &'t [Target], question: &Question) -> Vec<OfZone<'t>> {
    let ids: Vec<_> = part.iter().map(|target| &target.id).collect();
    let tables = client.tables(&ids).await;
    let conditions = question.conditions();
    let mut batches: BTreeMap<(Shown, Timestamp), Vec<usize>> = BTreeMap::new();
    let none =
        || NoNumber::new(NoNumberKind::NotEntitled, "the zone's plan does not include security events");
    let mut found: Vec<_> = tables
        .iter()
        .map(|tables| (tables.as_ref().err().cloned().map_or_else(|| Err(none()), Err), question.window))
        .collect();
    for (index, tables) in tables.iter().enumerate() {
        if let Ok(Tables { events: Some(shown), .. }) = tables {
            let from = shown.within(question.window, question.now).from;
            batches.entry((shown.clone(), from)).or_default().push(index);
        }
    }
    for ((shown, from), indices) in batches {
        let window = Window { from, ..question.window };
        let zones: Vec<_> = indices.iter().filter_map(|index| ids.get(*index).copied()).collect();
        let answers = client.events(&zones, &conditions, window, &shown).await;
        for (index, events) in indices.into_iter().zip(answers) {
            if let Some(place) = found.get_mut(index) {
                *place = (events, window);
            }
        }
    }
    let all = part.iter().zip(tables).zip(found);
    all.map(|((target, tables), (events, window))| (target, tables, events, window)).collect()
}

/// Explains the events of a zone.
async fn explained(
    client: &Client,
    target: &Target,
    tables: &Result<Tables, NoNumber>,
    events: Vec<Event>,
    window: Window,
    question: &Question,
) -> (WhyZone, Option<NewReport>) {
    let read = client.get(ZoneRef::new(&target.id, &target.name)).await;
    // The last 24 hours are what the analytics of every plan go back.
    let day = SignedDuration::from_hours(24);
    let last = Window { from: question.now.saturating_sub(day).unwrap_or(question.now), to: question.now };
    let when = When { window: last, now: question.now };
    let counted = rules(client, &[Table { zone: &target.id, tables }], when).await.pop();
    let none = || (Err(NoNumber::new(NoNumberKind::Failed, "the zone was not asked")), last);
    let counted = counted.unwrap_or_else(none);
    let known = Known {
        zone: &target.name,
        want: target.want.as_ref(),
        live: read.as_ref().ok(),
        today: question.now.to_zoned(jiff::tz::TimeZone::UTC).date(),
    };
    let report = report(&events, known);
    let zone = WhyZone {
        zone: target.name.clone(),
        plan: read.as_ref().ok().and_then(Live::variant),
        file: target.want.as_ref().and_then(|want| want.file.clone()),
        window: Some(window),
        stops: stops(events, known, &counted),
        failed: None,
        unread: read.err().map(|error| error.diagnostic().message.to_string()),
    };
    (zone, report)
}

/// The events of each rule and action together, the latest first.
fn stops(events: Vec<Event>, known: Known<'_>, counted: &Answer) -> Vec<Stop> {
    let mut stops: Vec<Stop> = Vec::new();
    for event in events {
        let is_same = |stop: &&mut Stop| {
            let key = |event: &Event| {
                (event.rule.clone(), event.source.clone(), event.name.clone(), event.action.clone())
            };
            key(&stop.event) == key(&event)
        };
        if let Some(stop) = stops.iter_mut().find(is_same) {
            stop.events += 1;
        } else if stops.len() < MOST_STOPS {
            let (by, settings) = behind(&event, known);
            let ways = ways(&event, &settings, known, counted);
            stops.push(Stop { event, events: 1, by, ways });
        }
    }
    stops
}

/// A report about what was stopped, if the zone may send one. A report must have scores: definitely automated traffic
/// has the score 1, and the events do not show the scores of other groups.
fn report(events: &[Event], known: Known<'_>) -> Option<NewReport> {
    let is_meant = |event: &&Event| {
        let (_, settings) = behind(event, known);
        event.kind().stops() && settings.iter().any(|setting| may_report(setting, known))
    };
    let meant: Vec<_> = events.iter().filter(is_meant).collect();
    let times = || meant.iter().filter_map(|event| event.at);
    let (first, last, event) = (times().min()?, times().max()?, meant.first()?);
    let requests = u32::try_from(meant.iter().map(|event| event.weight).sum::<u64>()).ok()?;
    build(event, requests, first..=last, known).ok()
}

fn build(
    event: &Event,
    requests: u32,
    seen: std::ops::RangeInclusive<Timestamp>,
    known: Known<'_>,
) -> Result<NewReport, InvalidReport> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let expression = format!(
        "(http.host eq {} and http.request.uri.path eq {} and cf.bot_management.score eq 1)",
        quoted(known.zone),
        quoted(&event.path)
    );
    let description = "Requests of a customer were classified as definitely automated";
    let report = NewReport::build(
        ReportKind::FalsePositive,
        description,
        &expression,
        seen,
        [(1, requests)],
        [("unknown", requests)],
    )?;
    let report = report.with_attribute("topPaths", [(event.path.as_str(), requests)])?;
    match event.user_agent.is_empty() {
        true => Ok(report),
        false => report.with_attribute("topUserAgents", [(event.user_agent.as_str(), requests)]),
    }
}
