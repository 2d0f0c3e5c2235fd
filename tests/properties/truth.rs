//! Whether an outcome is true of the world, judged without the program's own comparison.

use crate::cases::Case;
use botform::diff::Row;
use botform::emulator::World;
use botform::model::{Live, Outcome, ZoneOutcome};
use botform::plan::{Status, ZonePlan};
use serde_json::{Map, Value};

const STALE: &str = "stale_zone_configuration";

/// A zone after a run.
pub(crate) struct Ended<'a> {
    pub(crate) case: &'a Case,
    pub(crate) plan: &'a ZonePlan,
    pub(crate) outcome: &'a ZoneOutcome,
    /// The bodies of its PUTs.
    pub(crate) bodies: Vec<Value>,
    /// The live object now.
    pub(crate) now: Map<String, Value>,
}

/// The object that GET would show of a zone, without members that change on their own.
pub(crate) fn object(world: &World, name: &str) -> Map<String, Value> {
    let Some(Value::Object(object)) = world.object(name) else { panic!("no zone {name}") };
    plain(&Live::read(object))
}

fn plain(live: &Live) -> Map<String, Value> {
    live.to_object()
}

impl Ended<'_> {
    /// What the plan saw.
    pub(crate) fn seen(&self) -> Map<String, Value> {
        self.plan.live().map(plain).unwrap_or_default()
    }

    /// The live object after the plan's changes.
    pub(crate) fn wanted(&self) -> Map<String, Value> {
        self.after(|_| true)
    }

    /// The live object after the changes that come before the clean-ups.
    pub(crate) fn before_clean_up(&self) -> Map<String, Value> {
        self.after(|change| !change.is_clean_up())
    }

    /// The bodies to send, in their order: a clean-up beside other changes has its own.
    pub(crate) fn parts(&self) -> Vec<Value> {
        let body = |is_clean_up: bool| -> Map<String, Value> {
            let rows = self.plan.changes().filter(|row| row.is_clean_up() == is_clean_up);
            rows.map(|row| (row.name().to_owned(), row.value().unwrap().to_json())).collect()
        };
        [body(false), body(true)].into_iter().filter(|body| !body.is_empty()).map(Value::Object).collect()
    }

    fn after(&self, is_meant: impl Fn(&Row) -> bool) -> Map<String, Value> {
        let mut wanted = self.seen();
        for change in self.plan.changes().filter(|change| is_meant(change)) {
            let name = change.name();
            // A neutral value over an active leftover cleans that up, and is live where GET reports the setting.
            if change.is_clean_up() && wanted.contains_key(name) {
                wanted.insert(name.to_owned(), change.value().unwrap().to_json());
            }
            match change.is_clean_up() {
                false if self.case.unreported.iter().any(|hidden| hidden == name) => {}
                false => {
                    wanted.insert(name.to_owned(), change.value().unwrap().to_json());
                }
                true => {
                    let stale = wanted.get_mut(STALE).and_then(Value::as_object_mut).unwrap();
                    stale.remove(name);
                    if stale.is_empty() {
                        wanted.remove(STALE);
                    }
                }
            }
        }
        wanted
    }

    /// Whether all sent settings have the sent values.
    pub(crate) fn is_taken(&self) -> bool {
        let wanted = self.wanted();
        self.plan.changes().all(|change| {
            let name = change.name();
            match change.is_clean_up() {
                // A setting that GET reports neither before nor after proves nothing.
                false if change.live.is_none() && !self.now.contains_key(name) => true,
                false => self.now.get(name) == wanted.get(name),
                true => self.now.get(STALE).is_none_or(|stale| stale.get(name).is_none()),
            }
        })
    }

    /// Whether only settings that GET reported neither before nor after are not as wanted.
    pub(crate) fn is_unverifiable(&self) -> bool {
        let mut wanted = self.wanted();
        for change in self.plan.changes().filter(|change| change.live.is_none()) {
            if !self.now.contains_key(change.name()) {
                wanted.remove(change.name());
            }
        }
        self.now == wanted
    }

    /// Whether a PUT with an unknown outcome had no effect.
    pub(crate) fn is_lost(&self) -> bool {
        self.plan.has_changes() && self.outcome.outcome == Outcome::Unknown && self.bodies.is_empty()
    }

    /// What is wrong with the zone's outcome; `None` if it is true.
    pub(crate) fn lie(&self) -> Option<String> {
        let Self { case: _, plan, outcome, bodies, now } = self;
        let untouched = || *now == self.seen();
        let outcome = outcome.outcome;
        // What GET does not report is written to a zone that is otherwise in sync.
        let status = if plan.has_changes() { Status::Change } else { plan.status() };
        if plan.live().is_none() && !status.is_failure() {
            return Some(format!("{status:?} of a zone that nobody read"));
        }
        let is_true = match (status, outcome) {
            (Status::InSync, Outcome::InSync)
            | (Status::Blocked, Outcome::Blocked)
            | (Status::Failed, Outcome::Failed) => bodies.is_empty(),
            (Status::Change, Outcome::Applied) => !bodies.is_empty() && *now == self.wanted(),
            (Status::Change, Outcome::Unverified) => !bodies.is_empty() && self.is_unverifiable(),
            (Status::Change, Outcome::InSync) => bodies.is_empty() && self.is_unverifiable() && !untouched(),
            (Status::Change, Outcome::Stale) => bodies.is_empty() && !untouched(),
            (Status::Change, Outcome::NotApplied) => !bodies.is_empty() && !self.is_taken(),
            (Status::Change, Outcome::Collateral) => {
                !bodies.is_empty() && self.is_taken() && *now != self.wanted()
            }
            (Status::Change, Outcome::Refused) => !bodies.is_empty() && untouched(),
            (Status::Change, Outcome::Failed | Outcome::Throttled) => bodies.is_empty() || untouched(),
            (Status::Change, Outcome::NotAttempted) => bodies.is_empty() || untouched(),
            (Status::Change, Outcome::Unknown) => !bodies.is_empty(),
            _ => false,
        };
        (!is_true).then(|| {
            format!(
                "{outcome:?} of {:?} is no truth:\nseen   {:?}\nwanted {:?}\nnow    {now:?}\nsent   {bodies:?}\n{:?}",
                plan.status(),
                Value::Object(self.seen()).to_string(),
                Value::Object(self.wanted()).to_string(),
                self.outcome
            )
        })
    }

    /// What is wrong with the sent bodies; `None` if they are exactly the reviewed ones.
    pub(crate) fn trespass(&self) -> Option<String> {
        let parts = self.parts();
        let mut left = parts.as_slice();
        let mut is_in_order = |sent: &Value| {
            left = left.iter().position(|part| part == sent).map_or(&[], |at| &left[at..]);
            !left.is_empty()
        };
        let is_reviewed = self.bodies.iter().all(&mut is_in_order);
        let count = |part: &Value| self.bodies.iter().filter(|sent| *sent == part).count();
        let is_patient = parts.iter().all(|part| count(part) <= 3);
        let file = &self.case.file;
        let names = |key: &String| {
            let is_managed = file.settings.iter().any(|(name, _)| name == key);
            let is_stale = file.clean && self.plan.live().is_some_and(|live| live.stale_value(key).is_some());
            is_managed || is_stale
        };
        let is_managed = self.bodies.iter().filter_map(Value::as_object).flat_map(Map::keys).all(names);
        let fits = is_reviewed && is_managed && is_patient;
        (!fits).then(|| format!("planned {parts:?}, sent {:?}", self.bodies))
    }
}
