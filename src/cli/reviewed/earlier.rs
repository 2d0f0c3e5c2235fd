//! What the zone files said earlier: at a git revision, or when the plan that was applied last was made.

use super::{revision, saved};
use crate::catalogue::Setting;
use crate::cli::Failure;
use crate::cli::args::Planning as Args;
use crate::cli::inputs::Inputs;
use crate::diff::{Earlier, EarlierValue, EarlierWanted};
use crate::model::Desired;
use crate::plan::{Plan, ZonePlan};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the zone files said, by file; empty if none is asked for.
pub(crate) fn load(args: &Args, inputs: &Inputs) -> Result<BTreeMap<String, Earlier>, Failure> {
    match (&args.since, &args.since_plan) {
        (Some(revision), _) => revision::earlier(revision, &inputs.zones),
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
fn of_plan(plan: &Plan, inputs: &Inputs) -> BTreeMap<String, Earlier> {
    let since: Arc<str> = plan.provenance().created_at.as_str().into();
    let wanted = |zone: &Desired| match plan.zones().iter().find(|earlier| earlier.is_of(zone)) {
        Some(then) => EarlierWanted::Known(planned(then)),
        None => EarlierWanted::New,
    };
    let of = |zone: &Desired| Earlier { since: Arc::clone(&since), wanted: wanted(zone) };
    inputs.zones.iter().map(|zone| (zone.file.clone(), of(zone))).collect()
}

/// What a plan wanted.
fn planned(zone: &ZonePlan) -> BTreeMap<&'static Setting, EarlierValue> {
    let managed = zone.rows().iter().filter(|row| row.is_managed());
    managed.filter_map(|row| row.key.setting().zip(row.wanted.as_ref().map(EarlierValue::of))).collect()
}
