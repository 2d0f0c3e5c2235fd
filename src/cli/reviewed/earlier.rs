//! What the zone files wanted earlier: at a git revision, or when the last applied plan was made.

use super::before::Before;
use super::revision;
use super::rules::Rules;
use super::saved::{self, planned, unmanaged};
use crate::cli::Failure;
use crate::cli::args::{Planning as Args, Zones};
use crate::cli::inputs::{self, Inputs};
use crate::cli::output::{Level, say};
use crate::config::Project;
use crate::diff::EarlierWanted;
use crate::model::{Desired, plural};
use crate::plan::{Plan, ZonePlan};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

/// The revision that a run compares with: `--since`, or that of the project unless `--since-plan` is given.
pub(crate) fn since<'a>(args: &'a Args, project: &'a Project) -> Option<&'a str> {
    let of_project = project.since.as_deref().filter(|_| args.since_plan.is_none());
    args.since.as_deref().or(of_project)
}

/// What the zone files wanted; empty if no earlier time is given.
pub(crate) fn load(args: &Args, inputs: &Inputs, project: &Project) -> Result<Before, Failure> {
    match (since(args, project), &args.since_plan) {
        (Some(revision), _) => {
            let mut before = revision::before(revision, &args.last_journal, &args.zones, &inputs.zones)?;
            if let Some(base) = &args.base {
                revision::note_base(base, &inputs.zones, &mut before)?;
            }
            say_new(&before);
            Ok(before)
        }
        (None, Some(path)) => Ok(of_plan(&saved::load(path, None)?, args, &inputs.zones)),
        (None, None) if args.confirm_loosening.is_empty() => Ok(Before::default()),
        // Without an earlier time no change is ever held, so there would be nothing to confirm.
        (None, None) => Err(Failure::usage("`--confirm-loosening` needs `--since` or `--since-plan`")),
    }
}

/// The rules at a revision, for a check that makes no plan.
pub(crate) fn rules_at(revision: &str, args: &Zones, zones: &[Desired]) -> Result<Rules, Failure> {
    revision::before(revision, &[], args, zones).map(|before| before.rules)
}

/// Says for how many zones no change can be held, because their files are new.
fn say_new(before: &Before) {
    let new: Vec<_> =
        before.earlier.values().filter(|earlier| earlier.wanted == EarlierWanted::New).collect();
    if let [first, ..] = new.as_slice() {
        let (zones, since) = (plural(new.len(), "zone"), &first.since);
        say(Level::Note, format!("no change is held for {zones} that had no file at {since}"));
    }
}

/// The zones that `--confirm-loosening` names; each must be a zone of the run.
pub(crate) fn may_loosen(args: &Args, inputs: &Inputs) -> Result<BTreeSet<String>, Failure> {
    inputs::one_zone_each("--confirm-loosening", &args.confirm_loosening, &inputs.zones)?;
    Ok(args.confirm_loosening.iter().map(|called| called.to_ascii_lowercase()).collect())
}

/// Zones are matched by identity: files may have been moved, and the plan may have been made in another folder.
fn of_plan(plan: &Plan, args: &Args, zones: &[Desired]) -> Before {
    let since: Arc<str> = plan.provenance().created_at.to_string().into();
    let mut by_name: HashMap<&str, Vec<&ZonePlan>> = HashMap::new();
    for zone in plan.zones() {
        by_name.entry(zone.zone.as_str()).or_default().push(zone);
    }
    let wanted = |zone: &Desired| {
        let named = by_name.get(zone.zone.as_str()).map(Vec::as_slice).unwrap_or_default();
        let mut fitting = named.iter().filter(|then| then.is_of(zone)).map(|then| planned(then));
        let Some(first) = fitting.next() else { return EarlierWanted::New };
        match fitting.all(|other| other == first) {
            // Two accounts may hold a zone of one name; if both wanted the same, it does not matter which one is meant.
            true => EarlierWanted::Known(first),
            false => {
                EarlierWanted::Unreadable("the plan holds several different zones of this name".to_owned())
            }
        }
    };
    let before = Before::of(&since, zones.iter().map(|zone| (zone, wanted(zone))));
    // A run of a part of the folder must not take the files of the other parts for deleted ones.
    let is_meant = |then: &&ZonePlan| is_below(plan, args, then.path());
    let then = plan.zones().iter().filter(is_meant).map(|then| (unmanaged(then), planned(then)));
    before.with_gone(&since, &args.zones, zones, then)
}

/// Whether a file of a plan would be part of this run if it still existed.
fn is_below(plan: &Plan, args: &Args, file: &str) -> bool {
    let paths = &args.zones.paths;
    let is_of_plan = |path: &Path| plan.provenance().paths.iter().any(|other| Path::new(other) == path);
    paths.iter().all(|path| is_of_plan(path)) || paths.iter().any(|path| Path::new(file).starts_with(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;
    use crate::model::Diagnostic;
    use crate::plan::Provenance;
    use clap::{Args as _, FromArgMatches as _};
    use jiff::civil::date;

    fn args(paths: &[&str]) -> Args {
        let line = [&["plan"], paths].concat();
        let matches = Args::augment_args(clap::Command::new("plan")).get_matches_from(line);
        Args::from_arg_matches(&matches).unwrap()
    }

    fn zone(value: &str, id: Option<&str>) -> Desired {
        let mut zone = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        zone.set("ai_search", value).unwrap();
        zone.zone_id = id.map(|digit| digit.repeat(32).try_into().unwrap());
        zone
    }

    #[test]
    fn two_zones_of_a_plan_that_may_be_the_one_of_a_file_must_have_wanted_the_same() {
        let wanted = |first: &str, second: &str, now: Option<&str>| {
            let planned = |value, id| {
                let want = zone(value, Some(id));
                ZonePlan::failed(&want, want.zone_id.clone(), Diagnostic::error("no"), date(2026, 12, 1))
            };
            let plan = Plan::build(Provenance::default(), vec![planned(first, "1"), planned(second, "2")]);
            of_plan(&plan, &args(&[]), &[zone("block", now)]).earlier.into_values().next().unwrap().wanted
        };
        let settings = |wanted| match wanted {
            EarlierWanted::Known(settings) => {
                settings.into_values().map(|then| then.value.to_string()).collect()
            }
            _ => Vec::new(),
        };
        assert_eq!(settings(wanted("block", "block", None)), ["block"]);
        assert_eq!(settings(wanted("disabled", "block", Some("1"))), ["disabled"]);
        assert!(matches!(wanted("disabled", "block", None), EarlierWanted::Unreadable(_)));
    }

    #[test]
    fn a_file_that_is_gone_is_one_of_a_run_with_the_paths_of_the_plan_or_above_it() {
        let paths = vec!["zones".to_owned(), "more".to_owned()];
        let plan = Plan::build(Provenance { paths, ..Provenance::default() }, Vec::new());
        for (paths, file, is_one) in [
            (&["zones"][..], "elsewhere/a.yaml", true),
            (&["more", "zones"], "elsewhere/a.yaml", true),
            (&["zones/shops"], "zones/shops/a.yaml", true),
            (&["zones/shops"], "zones/a.yaml", false),
            (&["zones", "zones/shops"], "elsewhere/a.yaml", false),
        ] {
            assert_eq!(is_below(&plan, &args(paths), file), is_one, "{paths:?} {file}");
        }
    }
}
