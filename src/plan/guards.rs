//! Guards: reasons to refuse a plan as a whole, each with its number, its threshold, its zones and how to allow it.

use super::policies::{Breach, applies, broken_by_live, ended, exceptions, hint, is_meant, wanted};
use super::{Plan, ZonePlan};
use crate::diff::{Origin, Row};
use crate::model::{Diagnostic, Guards, Policy, Threshold, plural, some_of};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::ops::Deref;

/// How many zones a message names.
const NAMES_SHOWN: usize = 5;

/// What may refuse a plan as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Guard {
    /// The files are older than what was applied last.
    Older,
    /// A zone is in the plan more than once.
    Twice,
    /// Nobody checked whether zone files protect the zones of a saved plan now.
    Protection,
    /// More zones would change than may.
    MaxZones,
    /// More changes would loosen protection than may.
    MaxLoosening,
    /// A value of the files breaks a policy.
    Policy,
    /// The plan would write what no approved plan holds.
    Approval,
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(crate::catalogue::word::<Self>(*self as usize))
    }
}

/// A guard that refuses a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Refusal {
    /// The guard.
    pub guard: Guard,
    /// What is refused, with the number, the threshold and the zones.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// The values of zone files that break a policy; empty for the other guards.
    #[serde(skip)]
    pub(crate) broken: Vec<Broken>,
}

impl Refusal {
    /// The refusal of a plan that holds more than the approvals.
    pub(crate) fn unapproved(plan: &Plan, zones: &[&ZonePlan]) -> Self {
        Self {
            guard: Guard::Approval,
            message: format!("no approved plan holds what the plan would write: {}", names(plan, zones)),
            hint: "first restrict the plan to what is approved".to_owned(),
            broken: Vec::new(),
        }
    }

    /// The refusal of a saved plan whose zone files nobody has checked.
    pub(crate) fn unseen_files() -> Self {
        Self {
            guard: Guard::Protection,
            message: "the plan was saved, and the zone files have not been checked for protection since"
                .to_owned(),
            hint: "pass the zone files as they are now, or state that there are none".to_owned(),
            broken: Vec::new(),
        }
    }
}

/// A value of a zone file that breaks a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct Broken {
    /// The zone, by its index in the plan.
    pub zone: usize,
    /// The setting.
    pub setting: &'static str,
    /// The error, with its place in the zone file or in the baseline that it extends.
    pub error: Diagnostic,
}

/// Everything that refuses a plan: at least one guard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Refusals(pub(crate) Vec<Refusal>);

impl Deref for Refusals {
    type Target = [Refusal];

    fn deref(&self) -> &[Refusal] {
        &self.0
    }
}

impl From<Refusals> for Vec<Refusal> {
    fn from(Refusals(refusals): Refusals) -> Self {
        refusals
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the plan is refused")?;
        let mut refusals = self.iter();
        refusals.try_for_each(|Refusal { guard, message, .. }| write!(f, "; guard {guard}: {message}"))
    }
}

impl Error for Refusals {}

/// All guards that refuse a plan, in a fixed order.
pub(crate) fn guard(plan: &Plan, limits: &Guards, policies: &[&Policy], today: Date) -> Vec<Refusal> {
    let all = limits.zone_files.unwrap_or(plan.provenance().zone_files);
    let limits = [
        older(plan),
        twice(plan),
        limits.max_zones.and_then(|most| max_zones(plan, most, all)),
        limits.max_loosening.and_then(|most| max_loosening(plan, most)),
    ];
    let broken = policies.iter().filter_map(|policy| broken(plan, policy, today));
    limits.into_iter().flatten().chain(broken).collect()
}

/// The last day on which the plan keeps the policies, by the exceptions that it needs; `None` if it needs none.
pub(crate) fn excused_until(plan: &Plan, policies: &[&Policy], today: Date) -> Option<Date> {
    let of_zone = |zone: &ZonePlan| {
        let excused = policies.iter().filter_map(|policy| {
            let last = exceptions(policy, zone.identity(), today).map(|exception| exception.until).max()?;
            let breaks = is_meant(policy, zone.identity())
                && !wanted(&policy.rule, zone.file.as_deref(), zone.rows()).is_empty();
            breaks.then_some(last)
        });
        excused.min()
    };
    plan.zones().iter().filter_map(of_zone).min()
}

/// Warns of live values that break a policy and that the plan does not change.
pub(crate) fn warn_of_live(plan: &mut Plan, policies: &[Policy], today: Date) {
    let overridden = &plan.provenance().overrides.override_policy;
    let policies: Vec<_> = policies.iter().filter(|policy| !overridden.contains(&policy.id)).collect();
    plan.note(|zone| broken_by_live(zone, &policies, today));
}

/// Refuses two plans of one zone: neither knows what the other writes.
fn twice(plan: &Plan) -> Option<Refusal> {
    let mut by_id: BTreeMap<_, Vec<&ZonePlan>> = BTreeMap::new();
    for zone in plan.zones() {
        zone.zone_id.iter().for_each(|id| by_id.entry(id).or_default().push(zone));
    }
    let is_wrong = |zones: &&Vec<&ZonePlan>| zones.len() > 1 && zones.iter().any(|zone| zone.is_written());
    let twice: Vec<_> = by_id.values().filter(is_wrong).flatten().copied().collect();
    (!twice.is_empty()).then(|| {
        let files: Vec<_> = twice.iter().map(|zone| format!("{} ({})", zone.zone, zone.path())).collect();
        Refusal {
            guard: Guard::Twice,
            message: format!("a zone is in the plan more than once: {}", some_of(files.iter(), NAMES_SHOWN)),
            hint: "plan each zone once; loading two files of one zone reports a problem".to_owned(),
            broken: Vec::new(),
        }
    })
}

/// Refuses files that are older than the record: a job that is run again, or late, would undo what was applied since.
fn older(plan: &Plan) -> Option<Refusal> {
    let newer = plan.provenance().older_than.as_deref()?;
    Some(Refusal {
        guard: Guard::Older,
        message: format!("HEAD is older than `{newer}`, which has been applied already"),
        hint: "run the newest job of the branch, or check out its newest commit and plan again; to go back, revert the commit".to_owned(),
        broken: Vec::new(),
    })
}

/// Refuses too many changing zones. A share is of all zone files of the project, whatever is selected.
pub(super) fn max_zones(plan: &Plan, most: Threshold, zone_files: usize) -> Option<Refusal> {
    let changing: Vec<_> = plan.changing().filter(|zone| own(zone).next().is_some()).collect();
    // A plan that a program made may have no zone files.
    let all = zone_files.max(plan.zones().len());
    let limit = most.rounded_up(all);
    (changing.len() > limit).then(|| Refusal {
        guard: Guard::MaxZones,
        message: format!(
            "{} of {all} zones would change, and at most {most} may: {}",
            changing.len(),
            names(plan, &changing)
        ),
        hint: format!("if all of them are intended, allow them with `--max-zones {}`", changing.len()),
        broken: Vec::new(),
    })
}

/// The changes of a zone that the guards count. What was merged before was judged in its own pull request.
fn own(zone: &ZonePlan) -> impl Iterator<Item = &Row> {
    zone.changes().filter(|row| row.origin != Some(Origin::MergedBefore))
}

pub(super) fn max_loosening(plan: &Plan, most: u32) -> Option<Refusal> {
    let loosening = |zone: &ZonePlan| own(zone).filter(|row| row.is_loosening()).count();
    let count: usize = plan.changing().map(loosening).sum();
    let zones: Vec<_> = plan.changing().filter(|zone| loosening(zone) > 0).collect();
    (count > most as usize).then(|| Refusal {
        guard: Guard::MaxLoosening,
        message: format!(
            "{} would loosen protection, and at most {most} may: {}",
            plural(count, "change"),
            names(plan, &zones)
        ),
        hint: format!("if all of them are intended, allow them with `--max-loosening {count}`"),
        broken: Vec::new(),
    })
}

fn broken(plan: &Plan, policy: &Policy, today: Date) -> Option<Refusal> {
    let (mut zones, mut broken) = (Vec::new(), Vec::new());
    // Places by problem, so that a policy that many zones break is explained once.
    let mut breaches: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let judged = plan.zones().iter().enumerate().filter(|(_, zone)| applies(policy, zone.identity(), today));
    for (index, zone) in judged {
        let found = wanted(&policy.rule, zone.file.as_deref(), zone.rows());
        zones.extend((!found.is_empty()).then_some(zone.identity()));
        let expired = ended(policy, &[zone.identity()], today);
        for breach in found {
            let error = breach.error(policy, &expired);
            broken.push(Broken { zone: index, setting: breach.setting, error });
            let Breach { what, at, .. } = breach;
            let at = at.map(|(file, place)| format!(" ({file}:{})", place.line)).unwrap_or_default();
            breaches.entry(what).or_default().push(format!("{}{at}", plan.label(zone)));
        }
    }
    let breaches: Vec<_> = breaches
        .iter()
        .map(|(what, places)| format!("{what}: {}", some_of(places.iter(), NAMES_SHOWN)))
        .collect();
    (!zones.is_empty()).then(|| Refusal {
        guard: Guard::Policy,
        message: format!(
            "policy `{}` ({}): {}{}",
            policy.id,
            policy.reason,
            breaches.join("; "),
            ended(policy, &zones, today)
        ),
        hint: hint(policy),
        broken,
    })
}

fn names(plan: &Plan, zones: &[&ZonePlan]) -> String {
    some_of(zones.iter().map(|zone| plan.label(zone)), NAMES_SHOWN)
}
