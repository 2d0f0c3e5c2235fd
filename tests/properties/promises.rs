//! Promises that hold in every run, whatever the schedule, judged from the requests that the API saw.

use crate::history::{History, Seen};
use crate::schedule::{Protection, Schedule};
use crate::truth::Ended;
use botform::model::{Outcome, ZoneOutcome};
use botform::plan::{Status, ZonePlan};
use serde_json::{Map, Value};
use std::time::Duration;

/// How old a read may be when its zone is written.
const FRESH: Duration = Duration::from_secs(2);

/// The same where nothing made the PUT wait. A PUT that is sent again comes half a second after the one before.
const AT_ONCE: Duration = Duration::from_millis(200);

type Object = Map<String, Value>;

/// A zone after its run.
pub(crate) struct Told<'a> {
    pub(crate) schedule: &'a Schedule,
    pub(crate) n: usize,
    pub(crate) plan: &'a ZonePlan,
    pub(crate) outcome: &'a ZoneOutcome,
    /// Whether the file identifies its zone unambiguously.
    pub(crate) is_clear: bool,
    /// Whether a rate or a reply made requests wait.
    pub(crate) may_wait: bool,
    /// The requests about the zone that the file means, from the apply alone.
    pub(crate) own: Vec<(usize, &'a Seen)>,
    /// Those about the other zone of that name.
    pub(crate) of_twin: Vec<(usize, &'a Seen)>,
}

impl Told<'_> {
    /// The first promise that is broken.
    pub(crate) fn broken(&self) -> Option<String> {
        self.identity().or_else(|| self.writes()).or_else(|| self.outcome())
    }

    fn puts(&self) -> Vec<(usize, &Seen)> {
        self.own.iter().filter(|(_, seen)| seen.method == "PUT").copied().collect()
    }

    fn ended(&self, now: Object) -> Ended<'_> {
        let case = &self.schedule.zones[self.n].case;
        let bodies = self.puts().into_iter().filter_map(|(_, seen)| seen.body.clone()).collect();
        Ended { case, plan: self.plan, outcome: self.outcome, bodies, now }
    }

    /// Only the zone that the file identifies is written.
    fn identity(&self) -> Option<String> {
        let planned = &self.schedule.zones[self.n];
        if planned.protection != Protection::Never && !self.puts().is_empty() {
            return Some("a protected zone was written".to_owned());
        }
        if self.of_twin.iter().any(|(_, seen)| seen.method == "PUT") {
            return Some("the other zone of that name was written".to_owned());
        }
        (!self.is_clear && !self.puts().is_empty())
            .then(|| "one of two zones of a name was guessed and written".to_owned())
    }

    /// Only what was reviewed is sent, and only over what was reviewed and read just before.
    fn writes(&self) -> Option<String> {
        let ended = self.ended(Object::new());
        let (seen, parts) = (ended.seen(), ended.parts());
        for (count, (place, put)) in self.puts().into_iter().enumerate() {
            if put.journaled <= count {
                return Some("written before the journal told of it".to_owned());
            }
            let Some(part) = parts.iter().position(|part| put.body.as_ref() == Some(part)) else {
                return Some(format!("sent {:?}, not one of {parts:?}", put.body));
            };
            let mut reads = self.own.iter().filter(|(at, seen)| *at < place && seen.is_read());
            let Some((_, read)) = reads.next_back() else { return Some("written without a read".to_owned()) };
            if put.at - read.at > if self.may_wait { FRESH } else { AT_ONCE } {
                return Some(format!("written {:?} after its read", put.at - read.at));
            }
            if read.object != if part == 0 { seen.clone() } else { ended.before_clean_up() } {
                return Some("written over something that was not reviewed".to_owned());
            }
        }
        (self.puts().len() > 3 * parts.len()).then(|| "sent more than three times".to_owned())
    }

    /// The outcome is what the reads behind the last PUT show.
    fn outcome(&self) -> Option<String> {
        let puts = self.puts();
        let last = puts.last().map(|(place, _)| *place);
        let shown: Vec<&Object> = self
            .own
            .iter()
            .filter(|(place, seen)| last.is_none_or(|last| *place > last) && seen.is_read())
            .map(|(_, seen)| &seen.object)
            .collect();
        let before = self.ended(Object::new()).seen();
        let any =
            |is: &dyn Fn(&Ended<'_>) -> bool| shown.iter().any(|object| is(&self.ended((*object).clone())));
        let wanted = |end: &Ended<'_>| end.now == end.wanted() || end.is_unverifiable();
        let untouched = |end: &Ended<'_>| end.now == before;
        // What GET does not report is written to a zone that is otherwise in sync.
        let status = if self.plan.has_changes() { Status::Change } else { self.plan.status() };
        if self.plan.live().is_none() && !status.is_failure() {
            return Some(format!("{status:?} of a zone that nobody read"));
        }
        let is_true = match (status, self.outcome.outcome, puts.is_empty()) {
            (Status::InSync, Outcome::InSync, none)
            | (Status::Blocked, Outcome::Blocked, none)
            | (Status::Failed, Outcome::Failed | Outcome::Throttled | Outcome::NotAttempted, none) => none,
            (Status::Change, Outcome::Blocked, true) => {
                self.schedule.zones[self.n].protection == Protection::After
            }
            (Status::Change, Outcome::NotAttempted, true) => true,
            (Status::Change, Outcome::Protected, true) => self.plan.protected.is_some(),
            (Status::Change, Outcome::Failed | Outcome::Throttled, true) => true,
            (Status::Change, Outcome::Stale, _) => any(&|end| !untouched(end)),
            (Status::Change, Outcome::InSync, true) => any(&wanted),
            (Status::Change, Outcome::Applied | Outcome::Unverified, false) => any(&wanted),
            (Status::Change, Outcome::NotApplied, false) => any(&|end| !end.is_taken()),
            (Status::Change, Outcome::Collateral, false) => {
                any(&|end| end.is_taken() && end.now != end.wanted())
            }
            (
                Status::Change,
                Outcome::Failed | Outcome::Throttled | Outcome::Refused | Outcome::NotAttempted,
                false,
            ) => any(&untouched),
            (Status::Change, Outcome::Unknown, false) => shown.is_empty() || any(&untouched),
            _ => false,
        };
        (!is_true).then(|| {
            format!("{:?} of {:?} is no truth: {:?}", self.outcome.outcome, self.plan.status(), self.outcome)
        })
    }
}

/// What all requests together may not do.
pub(crate) fn broken(history: &History, schedule: &Schedule) -> Option<String> {
    too_many(history, schedule).or_else(|| too_early(history)).or_else(|| after_the_stop(history))
}

/// A plan without faults that takes longer than its rate demands: each window takes as many requests as are allowed.
pub(crate) fn too_slow(plan: &History, schedule: &Schedule) -> Option<String> {
    let (requests, seconds) = schedule.rate?;
    let is_calm = schedule.listing.is_empty() && plan.seen.iter().all(Seen::is_read);
    let (first, last) = plan.seen.first().zip(plan.seen.last()).filter(|_| is_calm)?;
    let windows = (plan.seen.len() as u32 - 1) / requests;
    let took = last.at - first.at;
    let is_slow = took > Duration::from_secs(seconds.into()) * windows + AT_ONCE;
    is_slow.then(|| format!("{} requests took {took:?}, at {requests} in {seconds} s", plan.seen.len()))
}

/// More requests in a window than the rate allows.
fn too_many(history: &History, schedule: &Schedule) -> Option<String> {
    let (requests, seconds) = schedule.rate?;
    let window = Duration::from_secs(seconds.into());
    let groups = history.seen.windows(requests as usize + 1);
    let is_early = |group: &[Seen]| group[group.len() - 1].at - group[0].at < window;
    groups.into_iter().any(is_early).then(|| format!("more than {requests} requests in {seconds} s"))
}

/// A request before the time that one was told to wait for: any, after one that was throttled, else the same once more.
fn too_early(history: &History) -> Option<String> {
    history.seen.iter().enumerate().find_map(|(place, seen)| {
        let until = seen.at + seen.retry_after?;
        let what = |seen: &Seen| (seen.zone.clone(), seen.method.clone(), seen.body.clone());
        let is_same = |later: &Seen| seen.zone.is_some() && what(later) == what(seen);
        let waits = |later: &&Seen| later.at < until && (seen.status == Some(429) || is_same(later));
        let later: Vec<_> = history.seen[place + 1..].iter().filter(waits).collect();
        // At one instant the first of a zone was on its way already, and the second may have been. The third was not.
        let is_third = |nth: usize| {
            let same = later[..nth].iter().filter(|other| other.zone == later[nth].zone);
            later[nth].zone.is_some() && later[nth].zone != seen.zone && same.count() >= 2
        };
        let early = (0..later.len()).find(|nth| later[*nth].at > seen.at || is_third(*nth))?;
        Some(format!("sent {:?} before `Retry-After`", until - later[early].at))
    })
}

/// After Ctrl-C no zone is started: every zone that is still written was read before.
fn after_the_stop(history: &History) -> Option<String> {
    let after = &history.seen[history.stopped?..];
    after.iter().enumerate().filter(|(_, seen)| seen.method == "PUT").find_map(|(place, put)| {
        let is_same = |seen: &&Seen| seen.zone == put.zone;
        let before = after[..place].iter().find(is_same)?;
        Some(format!("{} after Ctrl-C, then PUT", before.method))
    })
}
