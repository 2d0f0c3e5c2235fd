//! What must hold, by what each plan showed and who approved it. Nothing of the code under test is asked.

use super::events::{Made, Scope, State};
use super::runs::{Job, body, live_of, place};
use super::world::{Mode, Tag, Values, commit, day_number, index, live_number, nth, number};
use crate::diff::{LastApplied, Row, Verdict};
use crate::model::Outcome;
use crate::plan::{Plan, ZonePlan};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};

/// What was applied last of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Last {
    Unmanaged,
    Value(u8),
    /// A temporary value that has ended.
    Ended(u8),
    Doubt(u64),
}

impl Last {
    fn is_as(self, other: Self) -> bool {
        match (self, other) {
            (Self::Value(one) | Self::Ended(one), Self::Value(other) | Self::Ended(other)) => one == other,
            (one, other) => one == other,
        }
    }
}

/// A change that a plan showed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Shown {
    zone: usize,
    setting: usize,
    last: Last,
    live: u8,
    want: u8,
    /// The last day of a temporary value.
    until: Option<u8>,
}

/// What reviewers saw in a plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Seen {
    id: u64,
    changes: Vec<Shown>,
    /// What was live, and what it would be.
    live: [Values; 2],
    then: [Values; 2],
    /// What was written since.
    spent: [[bool; 2]; 2],
}

fn shown(zone: usize, row: &Row) -> Shown {
    let last = match row.last {
        Some(LastApplied::Value(value)) => Last::Value(number(value)),
        Some(LastApplied::Ended(value)) => Last::Ended(number(value)),
        Some(LastApplied::InDoubt(since)) => Last::Doubt(since),
        _ => Last::Unmanaged,
    };
    let live = live_number(row.live.as_ref().unwrap());
    let until =
        row.wanted.as_ref().and_then(|wanted| wanted.interim()).map(|interim| day_number(interim.until));
    Shown { zone, setting: nth(row.name()), last, live, want: number(row.value().unwrap()), until }
}

impl Seen {
    fn of(id: u64, plan: &Plan, spent: [[bool; 2]; 2]) -> Self {
        let mut seen = Self { id, changes: Vec::new(), live: [[9; 2]; 2], then: [[9; 2]; 2], spent };
        for planned in plan.zones().iter().filter(|planned| planned.live().is_some()) {
            let zone = place(planned);
            (seen.live[zone], seen.then[zone]) = (live_of(planned), live_of(planned));
            for (setting, value) in body(planned) {
                seen.then[zone][setting] = value;
            }
            if planned.body().is_some() {
                seen.changes.extend(planned.changes().map(|row| shown(zone, row)));
            }
        }
        seen
    }
}

/// What was really done, and approved.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Oracle {
    approved: Vec<Seen>,
    /// What runs made of each setting, or saw as the files had it, since the zone was settled; the newest last.
    reached: [[Vec<u8>; 2]; 2],
    /// The runs whose PUT was neither settled nor looked at.
    open: [Option<u64>; 2],
    /// The approvals under which a zone was settled.
    used: BTreeSet<(u64, usize)>,
    /// The zones that went back: the commit with the temporary value.
    back: BTreeSet<(usize, usize)>,
}

impl Default for Oracle {
    fn default() -> Self {
        let reached = [(); 2].map(|()| [(); 2].map(|()| vec![0]));
        let (approved, open) = (Vec::new(), [None; 2]);
        Self { approved, reached, open, used: BTreeSet::new(), back: BTreeSet::new() }
    }
}

impl Oracle {
    pub(super) fn approve(&mut self, merge: usize, plan: &Plan, spent: [[bool; 2]; 2]) {
        self.approved.push(Seen::of(merge as u64, plan, spent));
    }

    /// A PUT has made a setting what it is. Whoever moves it back knows of it, and no plan that was made before does.
    pub(super) fn written(&mut self, zone: usize, setting: usize, value: u8) {
        self.reach(zone, setting, value);
        self.approved.iter_mut().for_each(|seen| seen.spent[zone][setting] = true);
    }

    pub(super) fn sent(&mut self, zone: usize, number: u64) {
        self.open[zone] = Some(number);
    }

    fn reach(&mut self, zone: usize, setting: usize, value: u8) {
        let reached = &mut self.reached[zone][setting];
        reached.retain(|other| *other != value);
        reached.push(value);
    }
}

/// The approval of a saved plan.
fn by_hand(made: &Made) -> u64 {
    let mut hasher = DefaultHasher::new();
    made.hash(&mut hasher);
    hasher.finish() | 1 << 60
}

impl State {
    /// What was applied last of a setting, by the text of the record and the files.
    fn last(&self, tag: &Tag, zone: usize, setting: usize, today: u8, want: u8) -> Last {
        if let Some((since, _)) = tag.doubt(zone) {
            return Last::Doubt(since);
        }
        let (own, day) = tag.own(zone);
        let file = self.commits[own][zone];
        let Some(value) = file.on(day)[setting] else { return Last::Unmanaged };
        match file.temporary {
            Some((_, until))
                if setting == 0 && day <= until && until < today && file.values[0] == Some(want) =>
            {
                Last::Ended(value)
            }
            _ => Last::Value(value),
        }
    }

    /// A plan shows what was applied last as the record has it.
    pub(super) fn check_last(&self, plan: &Plan) -> Result<(), String> {
        let today = day_number(plan.provenance().as_of);
        for planned in plan.zones().iter().filter(|planned| planned.live().is_some()) {
            let zone = place(planned);
            for row in planned.rows().iter().filter(|row| row.last.is_some()) {
                let Shown { setting, last, want, .. } = shown(zone, row);
                let is = self.last(&self.tag, zone, setting, today, want);
                if last != is {
                    return Err(format!("zone {zone}: the plan shows {last:?}, and the record says {is:?}"));
                }
            }
        }
        Ok(())
    }

    /// A run has read the zones.
    pub(super) fn looked(&mut self, scope: Scope, head: usize, plan: &Plan) {
        for planned in plan.zones().iter().filter(|planned| planned.live().is_some()) {
            let zone = place(planned);
            // A saved plan that shows a doubt which a run has looked at was made after that.
            let was_looked_at = self.tag.doubt(zone).is_some_and(|(_, looked_at)| looked_at);
            if scope != Scope::ByHand || was_looked_at {
                self.oracle.open[zone] = None;
            }
            if self.tag.doubt(zone).is_some() {
                self.reach_in_sync(head, planned, plan);
            }
        }
    }

    /// A plan has shown which settings are as a commit wants them.
    fn reach_in_sync(&mut self, head: usize, planned: &ZonePlan, plan: &Plan) {
        let (zone, today) = (place(planned), day_number(plan.provenance().as_of));
        for (setting, want) in self.commits[head][zone].on(today).into_iter().enumerate() {
            let live = live_of(planned)[setting];
            if want == Some(live) {
                self.oracle.reach(zone, setting, live);
            }
        }
    }

    /// A temporary value that somebody has moved before its end is left to them.
    fn give_up(&mut self, job: &Job, planned: &ZonePlan) {
        let (zone, today) = (place(planned), day_number(job.made.plan.provenance().as_of));
        let (own, day) = job.claimed.own(zone);
        let file = self.commits[own][zone];
        let wants = self.commits[job.head][zone].on(today)[0];
        if let (Some((value, until)), Some(then)) = (file.temporary, file.values[0]) {
            let is_moved = live_of(planned)[0] != value && wants == Some(then);
            if day <= until && until < today && is_moved {
                self.oracle.reach(zone, 0, then);
            }
        }
    }

    /// What is written was approved.
    pub(super) fn check_put(&self, job: &Job, planned: &ZonePlan) -> Result<(), String> {
        let zone = place(planned);
        if job.scope == Scope::ByHand {
            // Writing drift changes no record: once somebody moves the value back, all is as it was when it was saved.
            let is_drift = |row: &Row| {
                let row = shown(zone, row);
                row.last == Last::Value(row.want)
            };
            let is_used = self.oracle.used.contains(&(by_hand(&job.made), zone));
            return match is_used && !planned.changes().all(is_drift) {
                true => Err(format!("zone {zone}: a saved plan is written twice")),
                false => Ok(()),
            };
        }
        let sent: BTreeSet<_> = body(planned).into_iter().map(|(setting, _)| setting).collect();
        for row in planned.changes() {
            let row = shown(zone, row);
            if self.is_way_back(job, &row) {
                continue;
            }
            if matches!(row.last, Last::Value(last) | Last::Ended(last) if last == row.want)
                || matches!(row.last, Last::Ended(_))
            {
                return Err(format!("drift is written: {row:?}"));
            }
            let is_approved = |seen: &&Seen| {
                let is_used = self.oracle.used.contains(&(seen.id, zone));
                seen.id <= job.head as u64
                    && !is_used
                    && seen.holds(&row)
                    && self.is_still(job, seen, zone, &sent)
            };
            if job.scope == Scope::OnlyEnded || !self.oracle.approved.iter().any(|seen| is_approved(&seen)) {
                return Err(format!("nobody approved {row:?}"));
            }
        }
        Ok(())
    }

    fn is_way_back(&self, job: &Job, row: &Shown) -> bool {
        let (own, day) = job.claimed.own(row.zone);
        let file = self.commits[own][row.zone];
        let today = day_number(job.made.plan.provenance().as_of);
        let is_ended = file.temporary.is_some_and(|(value, until)| {
            day <= until && until < today && row.live == value && file.values[0] == Some(row.want)
        });
        row.setting == 0 && is_ended && !self.oracle.back.contains(&(row.zone, own))
    }

    /// Whether the other managed settings of a zone are as a plan saw them, or as it or the record made them.
    fn is_still(&self, job: &Job, seen: &Seen, zone: usize, sent: &BTreeSet<usize>) -> bool {
        let (own, day) = job.claimed.own(zone);
        let (last, managed) = (self.commits[own][zone].on(day), self.commits[job.head][zone].on(self.day));
        (0..2).filter(|setting| managed[*setting].is_some() && !sent.contains(setting)).all(|setting| {
            let live = self.live[zone][setting];
            let is_recorded = last[setting] == Some(live);
            live == seen.live[zone][setting] || live == seen.then[zone][setting] || is_recorded
        })
    }

    /// A run has settled the record.
    pub(super) fn settled(&mut self, job: &Job, ends: &[(usize, Outcome)]) {
        // What a plan saw before the last run says nothing of a zone that it did not write itself.
        let is_older = job.made.plan.provenance().as_of < job.claimed.record.day;
        let seen = job.made.plan.zones().iter().filter(|planned| planned.live().is_some());
        // Of a zone that was to be written and was not, the record keeps what it had.
        let is_failed = |planned: &ZonePlan| {
            planned.is_written()
                && !ends.iter().any(|(zone, end)| *zone == place(planned) && end.has_written())
        };
        for planned in seen.filter(|planned| !is_failed(planned) && (!is_older || planned.is_written())) {
            self.reach_in_sync(job.head, planned, &job.made.plan);
            self.give_up(job, planned);
        }
        for (zone, outcome) in ends {
            // From here on the record tells the write from what a plan saw before it. Once a commit wants the earlier
            // value again, all three values are what the reviewer saw.
            self.oracle.approved.iter_mut().for_each(|seen| seen.spent[*zone] = [false; 2]);
            self.pulls.iter_mut().for_each(|pull| pull.spent[*zone] = [false; 2]);
            if *outcome != Outcome::Unknown && self.oracle.open[*zone] == Some(job.number) {
                self.oracle.open[*zone] = None;
            }
            let planned = job.made.plan.zones().iter().find(|planned| place(planned) == *zone);
            if *outcome != Outcome::Applied {
                continue;
            }
            let (own, _) = job.claimed.own(*zone);
            let rows = planned.into_iter().flat_map(ZonePlan::changes).map(|row| shown(*zone, row));
            if rows.into_iter().any(|row| self.is_way_back(job, &row)) {
                self.oracle.back.insert((*zone, own));
            }
            match job.scope {
                Scope::Approved => {
                    self.oracle.used.extend((0..=job.head as u64).map(|merge| (merge, *zone)));
                }
                Scope::ByHand => {
                    self.oracle.used.insert((by_hand(&job.made), *zone));
                }
                Scope::OnlyEnded => {}
            }
        }
    }

    /// No merged change is lost: what the record says about a zone was really reached, and every PUT is settled or
    /// open.
    pub(super) fn check_record(&mut self, is_settled: bool) -> Result<(), String> {
        let record = &self.tag.record;
        let (all, day) = (index(&record.commit), day_number(record.day));
        for zone in 0..2 {
            let doubt = self.tag.doubt(zone);
            if self.oracle.open[zone].is_some() && doubt.is_none() {
                return Err(format!("zone {zone}: a PUT is neither settled nor in doubt"));
            }
            let is_listed = self.tag.entry(zone).is_some();
            let (own, own_day) = self.tag.own(zone);
            let wants = self.commits[own][zone].on(own_day);
            let differs = wants != self.commits[all][zone].on(day);
            if is_settled && is_listed && doubt.is_none() && !differs {
                return Err(format!("zone {zone} is listed, and nothing else is wanted of it"));
            }
            if doubt.is_some() {
                continue;
            }
            for (setting, want) in wants.into_iter().enumerate() {
                let Some(want) = want else { continue };
                let reached = &mut self.oracle.reached[zone][setting];
                let is_right =
                    if is_listed { reached.contains(&want) } else { reached.last() == Some(&want) };
                if !is_right {
                    let last = reached.last();
                    return Err(format!(
                        "zone {zone}, setting {setting}: the record says that {want} was applied, and it was {last:?}"
                    ));
                }
                if !is_listed && is_settled {
                    *reached = vec![want];
                }
            }
        }
        Ok(())
    }

    /// After a run that did all, a plan shows drift alone.
    pub(super) fn check_done(&self, job: &Job) -> Result<(), String> {
        let files = self.commits[job.head];
        let made = self.plan(&files, [true; 2], None);
        for planned in made.plan.zones() {
            let zone = place(planned);
            // A saved plan leaves the doubt about what it does not write to the next one.
            let is_left = job.scope == Scope::ByHand && self.tag.doubt(zone).is_some();
            if files[zone].mode != Mode::Plain || is_left {
                continue;
            }
            let differs =
                |row: &&Row| matches!(row.verdict, Verdict::Change | Verdict::Held(_) | Verdict::Blocked);
            for row in planned.rows().iter().filter(differs) {
                let row = shown(zone, row);
                let is_drift = match row.last {
                    Last::Value(last) => last == row.want,
                    Last::Ended(last) => last != row.live,
                    Last::Unmanaged | Last::Doubt(_) => false,
                };
                if !is_drift {
                    return Err(format!("all was applied at {}, and {row:?} is left", commit(job.head)));
                }
            }
        }
        Ok(())
    }
}

impl Job {
    /// Whether another run has claimed the record since.
    pub(super) fn is_overtaken(&self, state: &State) -> bool {
        state.tag != self.claimed
    }
}

impl Seen {
    fn holds(&self, row: &Shown) -> bool {
        let Shown { zone, setting, last, live, want, until } = *row;
        !self.spent[zone][setting]
            && self.changes.iter().any(|seen| {
                (seen.zone, seen.setting, seen.live, seen.want, seen.until)
                    == (zone, setting, live, want, until)
                    && seen.last.is_as(last)
            })
    }
}
