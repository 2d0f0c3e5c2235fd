//! The undo of a journal as a desired state: what each zone had before the run, and what the run left there.

use crate::catalogue::{self, Value, Variant};
use crate::model::{AccountId, Desired, Diagnostic, Place, ZoneId, ZoneName};
use crate::plan::{Plan, Provenance, ZonePlan};
use crate::run::journal::Records;
use crate::run::{JournalError, Record};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The undo of the last run of a journal.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
#[non_exhaustive]
pub struct Undo {
    /// The address of the API of that run.
    pub api: String,
    /// When that run began, RFC 3339.
    pub at: String,
    /// What each zone gets back, sorted by name. Its file is the name of the journal, and its places are lines there.
    pub zones: Vec<Desired>,
    /// What cannot be restored.
    pub lost: Vec<Lost>,
    /// The zone files that wanted what is undone: they may protect a zone.
    pub files: BTreeSet<String>,
    /// What the run wrote, by the id of the zone.
    sent: BTreeMap<ZoneId, Sent>,
}

/// Something that cannot be restored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Lost {
    /// The zone, as the journal names it.
    pub zone: String,
    /// Its id, as the journal gives it.
    pub zone_id: String,
    /// What, and why.
    pub what: String,
}

/// The settings that a run wrote to a zone.
#[derive(Clone, Debug, PartialEq)]
struct Sent {
    zone: ZoneName,
    before: BTreeMap<String, Json>,
    body: Map<String, Json>,
}

impl Undo {
    /// Reads the undo of the last run of a journal that sent anything; a run that only settled a killed one does not
    /// count.
    ///
    /// # Errors
    /// The file cannot be read, is too large, or is no journal.
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        let mut run = LastRun::default();
        for record in Records::open(path)? {
            let (line, record) = record?;
            run.note(line, record);
        }
        Ok(run.undo(&path.file_name().unwrap_or_default().to_string_lossy()))
    }

    /// Blocks the zones of its plan that somebody changed after the run, unless the plan overrides that. Blocks all of
    /// them if the plan is for another API than the run's, where the same id may belong to another zone.
    pub fn block(&self, plan: &mut Plan) {
        let Provenance { api, overrides, .. } = plan.provenance();
        let (elsewhere, allowed) = ((*api != self.api).then(|| api.clone()), overrides.undo_moved.clone());
        plan.block(|zone| {
            let is_allowed = || allowed.iter().any(|called| zone.identity().is_called(called));
            match &elsewhere {
                _ if !zone.is_written() => None,
                Some(api) => Some(Diagnostic::error(format!(
                    "the run to undo wrote to the API at `{}`, but this is `{api}`",
                    self.api
                ))),
                None if is_allowed() => None,
                None => self.moved(zone),
            }
        });
    }

    /// Why a zone is not undone: a setting has neither the value that the run sent nor the one before it, so somebody
    /// changed it since. `None` if all is as the run left it.
    fn moved(&self, zone: &ZonePlan) -> Option<Diagnostic> {
        let sent = self.sent.get(zone.zone_id.as_ref()?)?;
        let live = zone.live()?.to_object();
        let moved: Vec<_> = sent.before.keys().filter_map(|name| sent.moved(name, &live)).collect();
        (!moved.is_empty()).then(|| {
            let message = format!("changed since the run to undo: {}", moved.join("; "));
            let is_shared = self.sent.values().filter(|sent| sent.zone == zone.zone).nth(1).is_some();
            let called = if is_shared { zone.identity().label() } else { zone.zone.to_string() };
            let hint = format!("find out who changed it and why; `--undo-moved {called}` restores it anyway");
            Diagnostic::error(message).hint(hint)
        })
    }
}

impl Sent {
    /// What happened to a setting since it was sent; `None` if nothing did.
    fn moved(&self, name: &str, live: &Map<String, Json>) -> Option<String> {
        let value = |json: Option<&Json>| json.filter(|json| !json.is_null()).cloned();
        let (sent, before) = (value(self.body.get(name)), value(self.before.get(name)));
        let now = value(live.get(name));
        let neutral = || catalogue::find(name).and_then(|setting| setting.neutral).map(Value::to_json);
        // GET omits a setting that the zone's plan lacks, although PUT accepts its neutral value.
        if now == sent || now == before || (now.is_none() && sent == neutral()) {
            return None;
        }
        let words =
            |value: Option<Json>| value.map_or_else(|| "not reported".to_owned(), |json| json.to_string());
        Some(format!("`{name}` was sent as {} and is now {}", words(sent), words(now)))
    }
}

/// The last run of a journal that sent anything, collected record by record.
#[derive(Default)]
struct LastRun {
    /// The address of a run that has sent nothing yet, and when it began.
    begun: Option<(String, String)>,
    api: String,
    at: String,
    /// The first PUT of each zone, with its line: it records what the zone had before the run. What a later PUT sends
    /// in addition (the clean-ups after the changes) is added to it.
    first: BTreeMap<String, (usize, Record)>,
}

impl LastRun {
    fn note(&mut self, line: usize, record: Record) {
        match &record {
            Record::Begin { api, at, .. } => self.begun = Some((api.clone(), at.clone())),
            Record::Put { zone_id, .. } => {
                if let Some((api, at)) = self.begun.take() {
                    (self.api, self.at) = (api, at);
                    self.first.clear();
                }
                match self.first.get_mut(zone_id) {
                    Some((_, first)) => add(first, record),
                    None => drop(self.first.insert(zone_id.clone(), (line, record))),
                }
            }
            _ => {}
        }
    }

    fn undo(self, file: &str) -> Undo {
        let sent = (self.api, self.at);
        let (api, at) = if self.first.is_empty() { self.begun.unwrap_or_default() } else { sent };
        let mut back = Undo { api, at, ..Undo::default() };
        for (line, record) in self.first.into_values() {
            zone(line, record, file, &mut back);
        }
        back.zones.sort_by(|one, two| (&one.zone, &one.zone_id).cmp(&(&two.zone, &two.zone_id)));
        back.lost.sort();
        back
    }
}

/// Adds to the first PUT of a zone what a later one of the same run sent in addition.
fn add(first: &mut Record, next: Record) {
    let (
        Record::Put { before, stale_before, body, .. },
        Record::Put { before: next_before, stale_before: next_stale, body: next_body, .. },
    ) = (first, next)
    else {
        return;
    };
    let is_new: BTreeSet<_> = next_body.keys().filter(|name| !body.contains_key(*name)).cloned().collect();
    before.extend(next_before.into_iter().filter(|(name, _)| is_new.contains(name)));
    stale_before.extend(next_stale.into_iter().filter(|(name, _)| is_new.contains(name)));
    body.extend(next_body.into_iter().filter(|(name, _)| is_new.contains(name)));
}

fn zone(line: usize, record: Record, file: &str, back: &mut Undo) {
    let Record::Put { zone, zone_id, account_id, plan, before, stale_before, file: origin, body, .. } =
        record
    else {
        return;
    };
    let place = Place { line: line.try_into().unwrap_or(u32::MAX), column: 1 };
    let lost = |what: String| Lost { zone: zone.clone(), zone_id: zone_id.clone(), what };
    let name = ZoneName::try_from(zone.clone()).ok();
    // Without its id a zone would be looked up by its name, and nothing would show whether it moved since.
    let id = ZoneId::try_from(zone_id.clone()).ok();
    let account = account_id.map(AccountId::try_from).transpose().ok();
    let (Some(name), Some(id), Some(account), Some(plan)) = (name, id, account, Variant::parse(&plan)) else {
        back.lost.push(lost(
            "the journal does not name a zone, its ids and a plan variant that this version can read"
                .to_owned(),
        ));
        return;
    };
    let mut desired = Desired::in_file(file.to_owned(), name, plan, place);
    (desired.zone_id, desired.account_id) = (Some(id.clone()), account);
    // Where GET reported the setting itself as well, the zone has it, and the stale value can be written to it.
    let (again, lost_stale): (Vec<_>, Vec<_>) =
        stale_before.iter().partition(|(setting, _)| before.contains_key(*setting));
    let again: BTreeMap<_, _> = again.into_iter().collect();
    for (setting, value) in &before {
        let value = again.get(setting).copied().unwrap_or(value);
        if let Err(why) = restore(&mut desired, setting, value, place) {
            back.lost.push(lost(why));
        }
    }
    for (setting, value) in lost_stale {
        back.lost.push(lost(format!(
            "`{setting}` was stale at {value}, left by an earlier plan variant; that cannot be written again"
        )));
    }
    back.files.insert(origin);
    back.sent.insert(id, Sent { zone: desired.zone.clone(), before, body });
    back.zones.push(desired);
}

fn restore(desired: &mut Desired, name: &str, value: &Json, place: Place) -> Result<(), String> {
    if value.is_null() {
        return Err(format!("`{name}` was not reported before, so its value is not known"));
    }
    let setting = catalogue::find(name).ok_or_else(|| format!("`{name}` is not known to this version"))?;
    let before = setting
        .read(value)
        .ok_or_else(|| format!("`{name}` was {value}, which this version cannot write"))?;
    desired.set_at(setting, before, place).map_err(|error| error.to_string())
}

#[cfg(test)]
#[path = "undo_tests.rs"]
mod tests;
