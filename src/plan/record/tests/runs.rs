//! What runs do: they claim, write, settle, and are killed.

use super::events::{Fate, Made, Scope, State};
use super::world::{
    Making, Tag, Values, ZONES, commit, day, day_number, index, is_one, live_number, nth, number,
};
use crate::diff::RecordedSince;
use crate::model::{Finding, FindingKind, Outcome, ZoneOutcome};
use crate::plan::{Approvals, ApprovedPlan, Claim, Plan, ZonePlan};
use std::rc::Rc;

/// A run that has claimed its zones.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Job {
    pub(super) head: usize,
    pub(super) scope: Scope,
    pub(super) made: Made,
    pub(super) claimed: Tag,
    pub(super) number: u64,
    pub(super) ends: [Option<Outcome>; 2],
    /// The settings that were not taken.
    pub(super) not_taken: [[bool; 2]; 2],
    is_stale: bool,
}

/// A PUT in flight of a run that was killed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Flight {
    pub(super) zone: usize,
    pub(super) body: Vec<(usize, u8)>,
    pub(super) number: u64,
}

/// What a zone's PUT sends: setting, value.
pub(super) fn body(zone: &ZonePlan) -> Vec<(usize, u8)> {
    if !zone.is_written() {
        return Vec::new();
    }
    let changes = zone.changes().map(|row| (nth(row.name()), number(row.value().unwrap())));
    changes.collect()
}

impl State {
    /// A run reads the record, plans, and claims; the lease holds, since nothing happens in between.
    pub(super) fn claim(
        &mut self,
        scope: Scope,
        behind: usize,
        only: Option<usize>,
        unread: Option<usize>,
    ) -> Result<bool, String> {
        if self.jobs.len() == 2 || behind >= self.commits.len() {
            return Ok(false);
        }
        let selected = [0, 1].map(|zone| only.is_none_or(|only| only == zone));
        let (head, made) = match scope {
            Scope::ByHand => {
                let Some(saved) = self.saved.clone() else { return Ok(false) };
                saved
            }
            Scope::Approved | Scope::OnlyEnded => {
                let head = self.commits.len() - 1 - behind;
                (head, self.plan(&self.commits[head], selected, unread))
            }
        };
        // The command line refuses it, and claims nothing.
        if head < index(&self.tag.record.commit) {
            return Ok(true);
        }
        if scope != Scope::ByHand {
            self.check_last(&made.plan)?;
        }
        let Some(plan) = self.restricted(scope, head, &made.plan) else { return Ok(true) };
        let made = Made { plan: Rc::new(plan), key: format!("{} {scope:?} {head}", made.key).into() };
        let as_of = day_number(self.tag.record.day_of(&made.plan));
        let files = &self.commits[head];
        let project = Making { day: as_of, ..self.making(files, selected, None) }.project();
        let (claimed, claim) = self.tag.record.claim(&made.plan, &commit(head), &project);
        self.looked(scope, head, &made.plan);
        self.tag = Tag::new(claimed)?;
        let is_moved = |zone: &ZonePlan| zone.is_written() && live_of(zone) != self.live[place(zone)];
        let is_stale = scope == Scope::ByHand && made.plan.zones().iter().any(is_moved);
        let claimed = self.tag.clone();
        let (ends, not_taken) = ([None; 2], [[false; 2]; 2]);
        self.jobs.push(Job { head, scope, made, claimed, number: claim.number, ends, not_taken, is_stale });
        self.check_record(false)?;
        Ok(true)
    }

    /// What is left of a plan for a run; `None` if the command line refuses it.
    fn restricted(&self, scope: Scope, head: usize, plan: &Plan) -> Option<Plan> {
        let record = (*self.tag.record).clone();
        let approvals = match scope {
            Scope::ByHand => {
                let making = self.making(&self.commits[head], [true; 2], None);
                let day = plan.provenance().as_of;
                let now = |zone: &ZonePlan| zone.recorded_since(&making.earlier(place(zone)), day);
                let is_moved = plan.zones().iter().any(|zone| now(zone) == RecordedSince::Moved);
                return (!is_moved).then(|| plan.clone().only(|zone| now(zone) == RecordedSince::Same));
            }
            Scope::OnlyEnded => Approvals::only_ended(record),
            Scope::Approved => {
                let merged = self.merged.iter().filter(|(merge, _)| *merge <= head);
                let plans = merged.map(|(merge, made)| {
                    let contain = record.commits().into_iter().filter(|own| index(own) >= *merge);
                    let contained_in = contain.map(str::to_owned).collect();
                    ApprovedPlan::new((*made.plan).clone(), commit(*merge), contained_in)
                });
                let plans = plans.collect();
                Approvals::new(record, plans)
            }
        };
        Some(approvals.restrict(plan.clone()))
    }

    pub(super) fn put(&mut self, job: usize, zone: usize, fate: Fate) -> Result<bool, String> {
        let Some(run) = self.jobs.get(job) else { return Ok(false) };
        let plan = Rc::clone(&run.made.plan);
        let Some(planned) = plan.zones().iter().find(|planned| place(planned) == zone) else {
            return Ok(false);
        };
        if !planned.is_written() || run.ends[zone].is_some() || run.is_stale {
            return Ok(false);
        }
        let body = body(planned);
        let is_ended = planned.ended(day(self.day)).is_some();
        let outcome = match fate {
            _ if live_of(planned) != self.live[zone] || is_ended => Outcome::Stale,
            Fate::Taken => Outcome::Applied,
            Fate::Refused => Outcome::Refused,
            Fate::Half => Outcome::NotApplied,
            Fate::LostTaken | Fate::LostNotTaken => Outcome::Unknown,
            Fate::Unread => Outcome::Failed,
        };
        self.jobs[job].ends[zone] = Some(outcome);
        if outcome == Outcome::Stale || outcome == Outcome::Failed {
            return Ok(true);
        }
        self.check_put(&self.jobs[job], planned)?;
        let (number, is_overtaken) = (self.jobs[job].number, self.jobs[job].is_overtaken(self));
        // What a run does after another one has looked is as if somebody had done it by hand.
        if !is_overtaken {
            self.oracle.sent(zone, number);
        }
        let taken = match fate {
            Fate::Taken | Fate::LostTaken => body.len(),
            Fate::Half => body.len() / 2,
            Fate::Refused | Fate::LostNotTaken | Fate::Unread => 0,
        };
        let before = self.live[zone];
        for (nth, (setting, value)) in body.iter().enumerate() {
            if nth < taken {
                self.live[zone][*setting] = *value;
                if !is_overtaken {
                    self.written(zone, *setting, *value);
                }
            } else {
                self.jobs[job].not_taken[zone][*setting] = true;
            }
        }
        let sent = body.iter().take(taken).map(|(setting, value)| (*setting, before[*setting], *value));
        self.undo = (taken > 0).then(|| (zone, sent.collect()));
        Ok(true)
    }

    pub(super) fn written(&mut self, zone: usize, setting: usize, value: u8) {
        self.oracle.written(zone, setting, value);
        self.pulls.iter_mut().for_each(|pull| pull.spent[zone][setting] = true);
    }

    pub(super) fn settle(&mut self, job: usize, goes_on: bool) -> Result<bool, String> {
        if job >= self.jobs.len() {
            return Ok(false);
        }
        if goes_on {
            self.put(job, 0, Fate::Taken)?;
            self.put(job, 1, Fate::Taken)?;
        }
        let run = self.jobs.remove(job);
        let plan = &run.made.plan;
        let ends: Vec<_> = plan.zones().iter().map(|zone| run.end(zone)).collect();
        let claim = Claim { number: run.number, commit: commit(run.head) };
        let settled = run.claimed.record.settle(plan, &claim, &ends).map_err(|error| error.to_string())?;
        // A lease that is lost: the record says what another run has claimed.
        if self.tag != run.claimed {
            return Ok(true);
        }
        self.tag = Tag::new(settled)?;
        let is_done = ends.iter().all(|end| end.outcome.is_success());
        let outcomes: Vec<_> =
            plan.zones().iter().zip(&ends).map(|(zone, end)| (place(zone), end.outcome)).collect();
        self.settled(&run, &outcomes);
        // An older plan leaves entries alone, also those that are no longer needed.
        self.check_record(plan.provenance().as_of >= run.claimed.record.day)?;
        let is_today = plan.provenance().as_of == day(self.day);
        if is_done && is_today && plan.zones().len() == 2 && run.scope != Scope::OnlyEnded {
            self.check_done(&run)?;
        }
        Ok(true)
    }

    pub(super) fn kill(&mut self, job: usize, flight: Option<usize>) -> bool {
        let Some(run) = self.jobs.get(job) else { return false };
        let number = run.number;
        let untouched = [0, 1].map(|zone| flight != Some(zone) && run.ends[zone].is_none());
        if let Some(zone) = flight {
            let plan = Rc::clone(&run.made.plan);
            let planned = plan.zones().iter().find(|planned| place(planned) == zone);
            let Some(planned) = planned.filter(|planned| planned.is_written()) else { return false };
            if run.ends[zone].is_some() || run.is_stale || live_of(planned) != self.live[zone] {
                return false;
            }
            let is_overtaken = run.is_overtaken(self);
            self.flights.push(Flight { zone, body: body(planned), number });
            if !is_overtaken {
                self.oracle.sent(zone, number);
            }
        }
        self.journal = Some((number, untouched));
        self.jobs.remove(job);
        true
    }
}

impl Job {
    fn end(&self, zone: &ZonePlan) -> ZoneOutcome {
        let place = place(zone);
        let Some(outcome) = self.ends[place] else { return ZoneOutcome::plain(zone.unwritten()) };
        let mut end = ZoneOutcome::plain(outcome);
        if outcome == Outcome::NotApplied {
            let rows = zone.changes().filter(|row| self.not_taken[place][nth(row.name())]);
            end.findings = rows.map(|row| not_taken(row.name())).collect();
        }
        end
    }
}

fn not_taken(setting: &str) -> Finding {
    Finding { setting: setting.to_owned(), kind: FindingKind::NotTaken, expected: None, live: None }
}

/// The place of a zone.
pub(super) fn place(zone: &ZonePlan) -> usize {
    ZONES.iter().position(|name| *name == zone.zone.as_str()).unwrap()
}

/// What a plan saw.
pub(super) fn live_of(zone: &ZonePlan) -> Values {
    let Some(live) = zone.live() else { return [0; 2] };
    let mut values = [0; 2];
    for (setting, value) in live.settings().filter(|(setting, _)| is_one(setting.name)) {
        values[nth(setting.name)] = live_number(value);
    }
    values
}
