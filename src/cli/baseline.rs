//! What the zone files said at an earlier time: from a git revision, or from the plan that was applied last.

use super::args::Planning as Args;
use super::inputs::Inputs;
use super::{Failure, saved};
use crate::catalogue::{Setting, Value};
use crate::config;
use crate::diff::Baseline;
use crate::model::Desired;
use crate::plan::{Plan, ZonePlan};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// The baselines of the zone files, by file; empty if none is asked for.
pub(super) fn load(args: &Args, inputs: &Inputs) -> Result<BTreeMap<String, Baseline>, Failure> {
    match (&args.since, &args.baseline) {
        (Some(revision), _) => at_revision(revision, &inputs.zones),
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

fn of_plan(plan: &Plan, inputs: &Inputs) -> BTreeMap<String, Baseline> {
    let same =
        |file: &str| inputs.files.iter().any(|input| input.path == file && plan.inputs.contains(input));
    plan.zones
        .iter()
        .filter(|zone| zone.seen().is_some())
        .map(|zone| {
            let baseline = Baseline {
                since: plan.created_at.clone(),
                file_changed: !same(&zone.file),
                wanted: planned(zone),
            };
            (zone.file.clone(), baseline)
        })
        .collect()
}

/// What a plan wanted: what was in sync, and what it was to write.
fn planned(zone: &ZonePlan) -> BTreeMap<&'static Setting, Value> {
    let in_sync = zone.in_sync.iter().filter_map(|member| {
        let value = match &member.live {
            Some(live) => member.setting.read(&live.to_json()),
            None => member.setting.neutral,
        };
        value.map(|value| (member.setting, value))
    });
    let declared =
        zone.changes().iter().filter(|change| change.reason() == crate::diff::ChangeReason::Declared);
    in_sync.chain(declared.map(|change| (change.setting(), change.after()))).collect()
}

fn at_revision(revision: &str, zones: &[Desired]) -> Result<BTreeMap<String, Baseline>, Failure> {
    let commit = git(["rev-parse", "--verify", "--end-of-options", &format!("{revision}^{{commit}}")])?;
    let commit = text(&commit);
    let date = text(&git(["show", "--no-patch", "--format=%cI", &commit])?);
    let tracked = lines(&git(["ls-tree", "-r", "-z", "--name-only", &commit])?);
    let changed = lines(&git(["diff", "-z", "--name-only", "--relative", &commit])?);
    let since = format!("{revision} ({date})");
    let mut baselines = BTreeMap::new();
    for zone in zones.iter().filter(|zone| tracked.contains(&zone.file)) {
        let file_changed = changed.contains(&zone.file);
        let wanted = if file_changed { earlier(&commit, zone)? } else { wanted(zone) };
        baselines.insert(zone.file.clone(), Baseline { since: since.clone(), file_changed, wanted });
    }
    Ok(baselines)
}

/// What the file said then; nothing of a file that was not valid.
fn earlier(commit: &str, zone: &Desired) -> Result<BTreeMap<&'static Setting, Value>, Failure> {
    let bytes = git(["show", &format!("{commit}:./{}", zone.file)])?;
    let (desired, _) = config::check_text(&zone.file, &bytes);
    Ok(desired.as_ref().map(wanted).unwrap_or_default())
}

fn wanted(zone: &Desired) -> BTreeMap<&'static Setting, Value> {
    zone.settings().map(|(setting, wanted)| (setting, wanted.value)).collect()
}

fn git<const N: usize>(args: [&str; N]) -> Result<Vec<u8>, Failure> {
    let hint = "`--since` needs git and a revision of this checkout; `--baseline PLANFILE` needs neither";
    let output = Command::new("git")
        .args(args.map(OsStr::new))
        .current_dir(Path::new("."))
        .output()
        .map_err(|error| Failure::new(format!("cannot run git: {error}")).hint(hint))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Failure::new(format!("git {} failed: {}", args.join(" "), text(&output.stderr))).hint(hint))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

fn lines(bytes: &[u8]) -> BTreeSet<String> {
    bytes.split(|byte| *byte == 0).map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}
