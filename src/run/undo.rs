//! The undo of a journal, as a desired state: what each zone had before the run.

use super::Record;
use crate::catalogue::{self, Variant};
use crate::model::{Desired, Place, ZoneId, ZoneName};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// The undo of the last run of a journal.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Undo {
    /// The address of the API of that run.
    pub api: String,
    /// What each zone is to have again, by name.
    pub zones: Vec<Desired>,
    /// What cannot be brought back: zone, and what about it.
    pub lost: Vec<(String, String)>,
    /// The zone files that wanted what is undone: they may protect a zone.
    pub files: BTreeSet<String>,
}

/// Reads it; `file` is the name of the journal.
pub fn undo(records: &[Record], file: &str) -> Undo {
    let mut back = Undo::default();
    let mut first: BTreeMap<&str, &Record> = BTreeMap::new();
    for record in last_run(records) {
        match record {
            Record::Begin { api, .. } => back.api.clone_from(api),
            // The first PUT of a zone records what it had before the run.
            Record::Put { zone_id, .. } => {
                first.entry(zone_id).or_insert(record);
            }
            Record::Outcome { .. } | Record::End { .. } => {}
        }
    }
    for record in first.into_values() {
        zone(record, file, &mut back);
    }
    back.zones.sort_by(|one, two| one.zone.cmp(&two.zone));
    back.lost.sort();
    back
}

/// The records of the last run that sent anything; what only settled a killed run is none.
fn last_run(records: &[Record]) -> &[Record] {
    let last_put = records.iter().rposition(|record| matches!(record, Record::Put { .. })).unwrap_or(0);
    let before = records.get(..=last_put).unwrap_or_default();
    let begin = before.iter().rposition(|record| matches!(record, Record::Begin { .. })).unwrap_or(0);
    records.get(begin..).unwrap_or_default()
}

fn zone(record: &Record, file: &str, back: &mut Undo) {
    let Record::Put { zone, zone_id, plan, before, stale_before, file: origin, .. } = record else { return };
    let lost = |what: String| (zone.clone(), what);
    let name = ZoneName::try_from(zone.clone()).ok();
    let (Some(name), Some(plan)) = (name, Variant::parse(plan)) else {
        back.lost.push(lost(
            "the journal does not name a zone and plan variant that this version knows".to_owned(),
        ));
        return;
    };
    let mut desired = Desired::in_file(file.to_owned(), name, plan, Place::START);
    desired.zone_id = ZoneId::try_from(zone_id.clone()).ok();
    for (setting, value) in before {
        if let Err(why) = restore(&mut desired, setting, value) {
            back.lost.push(lost(why));
        }
    }
    for (setting, value) in stale_before {
        back.lost.push(lost(format!(
            "`{setting}` was stale at {value}, left by an earlier plan variant; that cannot be written again"
        )));
    }
    back.files.insert(origin.clone());
    back.zones.push(desired);
}

fn restore(desired: &mut Desired, name: &str, value: &Json) -> Result<(), String> {
    if value.is_null() {
        return Err(format!("`{name}` was not reported before, so its value is not known"));
    }
    let setting = catalogue::find(name).ok_or_else(|| format!("`{name}` is not known to this version"))?;
    let before = setting
        .read(value)
        .ok_or_else(|| format!("`{name}` was {value}, which this version cannot write"))?;
    desired.set_at(setting, before, Place::START).map_err(|error| error.to_string())
}
