//! What the zone files said earlier: at a git revision, or when the plan that was applied last was made.

use super::Failure;
use crate::catalogue::{Setting, Value};
use crate::cli::args::Planning as Args;
use crate::cli::inputs::Inputs;
use crate::cli::revision;
use crate::cli::saved;
use crate::diff::{Baseline, ChangeReason};
use crate::model::{Desired, Input};
use crate::plan::{Plan, ZonePlan};
use std::collections::{BTreeMap, BTreeSet};

/// What the zone files said, by file; empty if that is not asked for.
pub(crate) fn load(args: &Args, inputs: &Inputs) -> Result<BTreeMap<String, Baseline>, Failure> {
    match (&args.since, &args.since_plan) {
        (Some(revision), _) => revision::baselines(revision, &inputs.zones),
        (None, Some(path)) => Ok(of_plan(&saved::load(path, None)?, inputs)),
        (None, None) if args.confirm_loosening.is_empty() => Ok(BTreeMap::new()),
        (None, None) => Err(Failure::usage("`--confirm-loosening` needs `--since` or `--since-plan`")),
    }
}

/// The names that `--confirm-loosening` gives; each must be a zone of the run.
pub(crate) fn may_loosen(args: &Args, inputs: &Inputs) -> Result<BTreeSet<String>, Failure> {
    let known =
        |name: &&String| inputs.zones.iter().any(|zone| zone.zone.as_str().eq_ignore_ascii_case(name));
    match args.confirm_loosening.iter().find(|name| !known(name)) {
        Some(name) => {
            Err(Failure::usage(format!("`--confirm-loosening {name}`: {name} is not a zone of this run")))
        }
        None => Ok(args.confirm_loosening.iter().map(|name| name.to_ascii_lowercase()).collect()),
    }
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
pub(crate) fn wanted(zone: &Desired) -> BTreeMap<&'static Setting, Value> {
    zone.settings().map(|(setting, wanted)| (setting, wanted.value)).collect()
}
