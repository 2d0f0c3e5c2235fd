//! What may happen: commits, pull requests, runs and their ends, hands on the dashboard, days.

use super::oracle::Oracle;
use super::runs::{Flight, Job};
use super::world::{File, Files, Making, Mode, Tag, Values, ZONES, commit, day};
use crate::plan::record::record::RecordedZone;
use crate::plan::{Plan, PlanDocument, Record, read};
use std::hash::{Hash, Hasher};
use std::io::Cursor;
use std::rc::Rc;

/// An edit of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Edit {
    Choice(usize, u8),
    Toggle(usize, u8),
    /// A baseline of both zones.
    Both(u8),
    /// A value that counts for so many days more.
    Temporary(usize, u8, u8),
    Mode(usize, Mode),
    /// The second setting is left alone.
    Unmanage(usize),
}

impl Edit {
    fn of(self, mut files: Files, today: u8) -> Files {
        match self {
            Self::Choice(zone, value) => files[zone].values[0] = Some(value),
            Self::Toggle(zone, value) => files[zone].values[1] = Some(value),
            Self::Both(value) => files.iter_mut().for_each(|file| file.values[0] = Some(value)),
            Self::Temporary(zone, value, days) => files[zone].temporary = Some((value, today + days)),
            Self::Mode(zone, mode) => files[zone].mode = mode,
            Self::Unmanage(zone) => files[zone].values[1] = None,
        }
        files
    }
}

/// What a run may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    /// What the plans of all merged pull requests hold.
    Approved,
    OnlyEnded,
    /// A saved plan, as a whole.
    ByHand,
}

/// What becomes of a PUT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fate {
    Taken,
    Refused,
    /// Only the first of its settings is taken.
    Half,
    /// The reply is lost, and so are those of the GETs after it.
    LostTaken,
    LostNotTaken,
    /// Not even the GET before it was answered.
    Unread,
}

/// An event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Event {
    /// A commit without a pull request.
    Push(Edit),
    /// A pull request from the newest commit, planned.
    Open(Edit),
    /// A pull request is planned again.
    Plan(usize),
    /// It is merged with the last plan of it.
    Merge(usize),
    /// A plan of the newest commit is saved for review.
    Save,
    /// The latest run of a plan is claimed: its scope, how many commits behind, the selected zone, one that is not
    /// read.
    Claim(Scope, usize, Option<usize>, Option<usize>),
    /// The same, when the journal of the run before is at hand.
    ClaimWithJournal(Scope),
    /// The PUT of a zone.
    Put(usize, usize, Fate),
    /// All PUTs that are left, the record, and nothing goes wrong; otherwise the run was stopped.
    Settle(usize, bool),
    /// Killed, with the PUT of a zone in flight.
    Kill(usize, Option<usize>),
    /// A PUT of a run that was killed arrives after all.
    Arrive,
    /// A claim, all PUTs, and the record, at once.
    Run(Scope),
    /// A hand on the dashboard, or Cloudflare's own.
    Set(usize, usize, u8),
    /// What the last PUT wrote is taken back by `undo`.
    Undo,
    /// A day passes.
    Day,
}

/// A setting that was written: its value before, and since.
pub(super) type Sent = (usize, u8, u8);

/// A plan, identified by what it was made from.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) plan: Rc<Plan>,
    pub(super) key: Rc<str>,
}

impl PartialEq for Made {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Made {}

impl Hash for Made {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// A pull request, with the last plan of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Pull {
    base: usize,
    edit: Edit,
    on: u8,
    made: Made,
    /// The settings that were written since.
    pub(super) spent: [[bool; 2]; 2],
}

/// The repository, the zones, the record, and all that is under way.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) commits: Vec<Files>,
    pub(super) tag: Tag,
    pub(super) live: [Values; 2],
    pub(super) day: u8,
    pub(super) pulls: Vec<Pull>,
    /// The plans of merged pull requests, with their merges.
    pub(super) merged: Vec<(usize, Made)>,
    pub(super) saved: Option<(usize, Made)>,
    pub(super) jobs: Vec<Job>,
    pub(super) flights: Vec<Flight>,
    /// The zones to which the last run that was killed had sent nothing, with its number.
    pub(super) journal: Option<(u64, [bool; 2])>,
    /// The zone that was written last.
    pub(super) undo: Option<(usize, Vec<Sent>)>,
    pub(super) oracle: Oracle,
}

impl State {
    pub(super) fn start() -> Self {
        let files = [File::FIRST; 2];
        Self {
            commits: vec![files],
            tag: Tag::new(Record::new(commit(0), day(0))).unwrap(),
            live: [[0; 2]; 2],
            day: 0,
            pulls: Vec::new(),
            merged: Vec::new(),
            saved: None,
            jobs: Vec::new(),
            flights: Vec::new(),
            journal: None,
            undo: None,
            oracle: Oracle::default(),
        }
    }

    /// What comes of an event; `None` if it cannot happen now.
    pub(super) fn after(&self, event: Event) -> Option<Result<Self, String>> {
        let mut next = self.clone();
        match next.take(event) {
            Ok(true) => Some(Ok(next)),
            Ok(false) => None,
            Err(why) => Some(Err(why)),
        }
    }

    fn take(&mut self, event: Event) -> Result<bool, String> {
        match event {
            Event::Push(edit) => {
                let files = edit.of(self.tip(), self.day);
                let is_other = files != self.tip();
                self.commits.push(files);
                return Ok(is_other);
            }
            Event::Open(edit) => {
                if self.pulls.len() == 2 || edit.of(self.tip(), self.day) == self.tip() {
                    return Ok(false);
                }
                let base = self.commits.len() - 1;
                let made = self.plan(&edit.of(self.tip(), self.day), [true; 2], None);
                self.pulls.push(Pull { base, edit, on: self.day, made, spent: [[false; 2]; 2] });
            }
            Event::Plan(nth) => {
                let Some(pull) = self.pulls.get(nth) else { return Ok(false) };
                let made = self.plan(&pull.edit.of(self.commits[pull.base], pull.on), [true; 2], None);
                let is_same = made == pull.made && pull.spent == [[false; 2]; 2];
                (self.pulls[nth].made, self.pulls[nth].spent) = (made, [[false; 2]; 2]);
                return Ok(!is_same);
            }
            Event::Merge(nth) => {
                if nth >= self.pulls.len() {
                    return Ok(false);
                }
                let Pull { edit, on, made, spent, .. } = self.pulls.remove(nth);
                self.commits.push(edit.of(self.tip(), on));
                let merge = self.commits.len() - 1;
                self.oracle.approve(merge, &made.plan, spent);
                self.merged.push((merge, made));
            }
            Event::Save => {
                let made = self.plan(&self.tip(), [true; 2], None);
                let text = serde_json::to_vec(&PlanDocument::new(&made.plan)).unwrap();
                let plan = read(Cursor::new(text)).map_err(|error| error.to_string())?;
                let made = Made { plan: Rc::new(plan), ..made };
                let saved = Some((self.commits.len() - 1, made));
                let is_same = saved == self.saved;
                self.saved = saved;
                return Ok(!is_same);
            }
            Event::Claim(scope, behind, only, unread) => return self.claim(scope, behind, only, unread),
            Event::ClaimWithJournal(scope) => {
                let Some((number, untouched)) = self.journal.take() else { return Ok(false) };
                let is_untouched = |zone: &RecordedZone| {
                    zone.in_doubt.is_some_and(|doubt| doubt.since == number)
                        && (0..2).any(|nth| untouched[nth] && zone.zone.as_str() == ZONES[nth])
                };
                let before = self.tag.clone();
                self.tag = Tag::new((*before.record).clone().without_doubt(is_untouched))?;
                return self.claim(scope, 0, None, None);
            }
            Event::Put(job, zone, fate) => return self.put(job, zone, fate),
            Event::Settle(job, goes_on) => return self.settle(job, goes_on),
            Event::Kill(job, flight) => return Ok(self.kill(job, flight)),
            Event::Arrive => {
                let Some(Flight { zone, body, number }) = self.flights.pop() else { return Ok(false) };
                let is_known = self.tag.doubt(zone).is_some_and(|doubt| doubt == (number, false));
                for (setting, value) in body {
                    self.live[zone][setting] = value;
                    // After a run has looked it is as if somebody had done it by hand.
                    if is_known {
                        self.written(zone, setting, value);
                    }
                }
            }
            Event::Run(scope) => {
                if !self.jobs.is_empty() || !self.claim(scope, 0, None, None)? {
                    return Ok(false);
                }
                return self.settle(0, true);
            }
            Event::Set(zone, setting, value) => {
                let is_other = self.live[zone][setting] != value;
                self.live[zone][setting] = value;
                return Ok(is_other);
            }
            Event::Undo => {
                let Some((zone, sent)) = self.undo.take() else { return Ok(false) };
                if sent.iter().any(|(setting, _, value)| self.live[zone][*setting] != *value) {
                    return Ok(false);
                }
                sent.iter().for_each(|(setting, before, _)| self.live[zone][*setting] = *before);
            }
            Event::Day => {
                if self.day == 4 {
                    return Ok(false);
                }
                self.day += 1;
            }
        }
        Ok(true)
    }

    pub(super) fn tip(&self) -> Files {
        self.commits[self.commits.len() - 1]
    }

    pub(super) fn making<'a>(
        &'a self,
        files: &'a Files,
        selected: [bool; 2],
        unread: Option<usize>,
    ) -> Making<'a> {
        let Self { commits, tag, live, day, .. } = self;
        Making { files, commits, tag, live: *live, day: *day, selected, unread }
    }

    pub(super) fn plan(&self, files: &Files, selected: [bool; 2], unread: Option<usize>) -> Made {
        let plan = self.making(files, selected, unread).plan();
        let key = format!("{files:?} {selected:?} {unread:?} {:?} {} {}", self.live, self.day, self.tag.text);
        Made { plan: Rc::new(plan), key: key.into() }
    }
}
