//! What the zone files said at an earlier time: from a git revision, or from the plan that was applied last.

use super::args::Planning as Args;
use super::inputs::Inputs;
use super::revision::{Earlier, Then};
use super::{Failure, output, revision, saved};
use crate::catalogue::{Setting, Value};
use crate::diff::{Baseline, ChangeReason};
use crate::model::{Desired, Input};
use crate::plan::{Plan, ZonePlan};
use crate::render::{clean, plural};
use std::collections::{BTreeMap, BTreeSet};

/// The baselines of the zone files, by file; empty if none is asked for.
pub(super) fn load(args: &Args, inputs: &Inputs) -> Result<BTreeMap<String, Baseline>, Failure> {
    match (&args.since, &args.baseline) {
        (Some(revision), _) => Ok(of_revision(revision::earlier(revision, &inputs.zones)?, &inputs.zones)),
        (None, Some(path)) => Ok(of_plan(&saved::load(path, None)?, inputs)),
        (None, None) if args.confirm_loosening.is_empty() => Ok(BTreeMap::new()),
        (None, None) => Err(Failure::usage("`--confirm-loosening` goes with `--since` or `--baseline`")),
    }
}

/// The names that `--confirm-loosening` gives; each must be a zone of the run.
pub(super) fn may_loosen(args: &Args, inputs: &Inputs) -> Result<BTreeSet<String>, Failure> {
    let known = |name: &&String| inputs.zones.iter().any(|zone| zone.zone.as_str() == name.as_str());
    match args.confirm_loosening.iter().find(|name| !known(name)) {
        Some(name) => Err(Failure::usage(format!("`--confirm-loosening {name}` names no zone of this run"))),
        None => Ok(args.confirm_loosening.iter().cloned().collect()),
    }
}

/// The zones at a revision as the diff knows them: a zone is held where the values that its file wants are as they
/// were, or cannot be known.
fn of_revision(earlier: Earlier, zones: &[Desired]) -> BTreeMap<String, Baseline> {
    let Earlier { since, zones: mut then } = earlier;
    let new = then.values().filter(|then| **then == Then::New).count();
    if new > 0 {
        let zones = plural(new, "zone");
        output::say(&format!("note: nothing is held for {zones} that no file named at {}\n", clean(&since)));
    }
    let baseline = |zone: &Desired| {
        let (since, file_changed, wanted) = match then.remove(&zone.file) {
            Some(Then::Known(values)) => (since.clone(), values != wanted(zone), values),
            Some(Then::Unreadable(reason)) => (format!("{since}, where {reason}"), false, wanted(zone)),
            Some(Then::New) | None => (since.clone(), true, BTreeMap::new()),
        };
        (zone.file.clone(), Baseline { since, file_changed, wanted })
    };
    zones.iter().map(baseline).collect()
}

/// Zones are found by their names: files may have been moved, and the plan made in another folder.
fn of_plan(plan: &Plan, inputs: &Inputs) -> BTreeMap<String, Baseline> {
    let digest = |inputs: &[Input], file: &str| {
        inputs.iter().find(|input| input.path == file).map(|input| input.digest.clone())
    };
    let earlier = |zone: &Desired| plan.zones.iter().find(|earlier| is_same(earlier, zone));
    inputs
        .zones
        .iter()
        .map(|zone| {
            let then = earlier(zone);
            let file_changed =
                then.is_none_or(|then| digest(&inputs.files, &zone.file) != digest(&plan.inputs, &then.file));
            let wanted = match then {
                Some(then) if file_changed => planned(then),
                Some(_) => wanted(zone),
                None => BTreeMap::new(),
            };
            (zone.file.clone(), Baseline { since: plan.created_at.clone(), file_changed, wanted })
        })
        .collect()
}

/// Two accounts may hold the same name; then the id tells.
fn is_same(earlier: &ZonePlan, zone: &Desired) -> bool {
    let same_id = zone.zone_id.is_none() || earlier.zone_id.is_none() || zone.zone_id == earlier.zone_id;
    earlier.zone == zone.zone && same_id
}

/// What a plan wanted: what was in sync or accepted, and what it was to write.
fn planned(zone: &ZonePlan) -> BTreeMap<&'static Setting, Value> {
    let in_sync = zone.in_sync.iter().filter_map(|member| {
        let value = match &member.live {
            Some(live) => member.setting.values().into_iter().find(|value| live.is(*value)),
            None => member.setting.neutral,
        };
        value.map(|value| (member.setting, value))
    });
    let accepted = zone.waived.iter().filter_map(|waived| waived.wanted.map(|value| (waived.setting, value)));
    let declared = zone.changes().iter().filter(|change| change.reason() == ChangeReason::Declared);
    in_sync.chain(accepted).chain(declared.map(|change| (change.setting(), change.after()))).collect()
}

/// What a file wants.
pub(super) fn wanted(zone: &Desired) -> BTreeMap<&'static Setting, Value> {
    zone.settings().map(|(setting, wanted)| (setting, wanted.value)).collect()
}
