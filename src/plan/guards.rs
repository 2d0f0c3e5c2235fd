//! Guards: what refuses a plan as a whole, each with its number, its threshold, its zones and how to allow it.

use super::policies::{Breach, applies, broken_by_live, ended, hint, wanted};
use super::{Plan, ZonePlan};
use crate::model::{Diagnostic, Guards, Policy, Threshold};
use serde::Serialize;
use std::collections::BTreeMap;

/// How many zones a message names.
const NAMES_SHOWN: usize = 5;

/// A guard that refuses a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Refusal {
    /// The guard: `older`, `twice`, `protection`, `max-zones`, `max-loosening` or `policy`.
    pub guard: &'static str,
    /// What, with the number, the threshold and the zones.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// The values of zone files that break a policy; empty for the other guards.
    #[serde(skip)]
    pub broken: Vec<Broken>,
}

impl Refusal {
    /// A saved plan whose zone files nobody has looked at.
    pub(crate) fn unseen_files() -> Self {
        Self {
            guard: "protection",
            message: "the plan was saved, and nobody looked whether zone files protect its zones now"
                .to_owned(),
            hint: "give what the files say now, or say that there are none".to_owned(),
            broken: Vec::new(),
        }
    }
}

/// A value of a zone file that breaks a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broken {
    /// The zone, by its place in the plan.
    pub zone: usize,
    /// The setting.
    pub setting: &'static str,
    /// The error, with its place in the zone file or in the baseline that it extends.
    pub error: Diagnostic,
}

/// All guards that refuse a plan, in a fixed order.
#[must_use]
pub fn guard(plan: &Plan, limits: &Guards, policies: &[Policy], today: jiff::civil::Date) -> Vec<Refusal> {
    let all = limits.zone_files.unwrap_or(plan.provenance().zone_files);
    let limits = [
        older(plan),
        twice(plan),
        limits.max_zones.and_then(|most| max_zones(plan, most, all)),
        limits.max_loosening.and_then(|most| max_loosening(plan, most)),
    ];
    let broken = in_force(plan, policies).into_iter().filter_map(|policy| broken(plan, policy, today));
    limits.into_iter().flatten().chain(broken).collect()
}

/// Warns of live values that break a policy and that the plan leaves as they are.
pub fn warn_of_live(plan: &mut Plan, policies: &[Policy], today: jiff::civil::Date) {
    let policies = in_force(plan, policies);
    plan.note(|zone| broken_by_live(zone, &policies, today));
}

/// The policies that the plan does not override.
fn in_force<'p>(plan: &Plan, policies: &'p [Policy]) -> Vec<&'p Policy> {
    let overridden = &plan.provenance().overrides.override_policy;
    policies.iter().filter(|policy| !overridden.contains(&policy.id)).collect()
}

/// Of two plans of one zone neither knows what the other writes.
fn twice(plan: &Plan) -> Option<Refusal> {
    let mut by_id: BTreeMap<_, Vec<&ZonePlan>> = BTreeMap::new();
    for zone in plan.zones() {
        zone.zone_id.iter().for_each(|id| by_id.entry(id).or_default().push(zone));
    }
    let is_wrong = |zones: &&Vec<&ZonePlan>| zones.len() > 1 && zones.iter().any(|zone| zone.is_written());
    let twice: Vec<_> = by_id.values().filter(is_wrong).flatten().copied().collect();
    (!twice.is_empty()).then(|| {
        let files: Vec<_> = twice.iter().map(|zone| format!("{} ({})", zone.zone, zone.file)).collect();
        Refusal {
            guard: "twice",
            message: format!("a zone stands in the plan more than once: {}", shown(&files)),
            hint: "plan each zone once; two files of one zone are among the problems of loading them"
                .to_owned(),
            broken: Vec::new(),
        }
    })
}

/// A job that is run again, or that overtook a newer one, would undo what was applied since.
fn older(plan: &Plan) -> Option<Refusal> {
    let newer = plan.provenance().older_than.as_deref()?;
    Some(Refusal {
        guard: "older",
        message: format!("HEAD is older than `{newer}`, which was applied already"),
        hint: "run the newest job of the branch, or check out its newest commit and plan again; to go back, revert the commit".to_owned(),
        broken: Vec::new(),
    })
}

/// A share is one of all zone files of the project, whatever was selected.
fn max_zones(plan: &Plan, most: Threshold, zone_files: usize) -> Option<Refusal> {
    let changing: Vec<_> = plan.changing().collect();
    let all = zone_files.max(plan.zones().len());
    let limit = most.rounded_up(all);
    (changing.len() > limit).then(|| Refusal {
        guard: "max-zones",
        message: format!(
            "{} of {all} zones would change, and at most {most} may: {}",
            changing.len(),
            names(plan, &changing)
        ),
        hint: format!("if all of them are intended, allow them with `--max-zones {}`", changing.len()),
        broken: Vec::new(),
    })
}

fn max_loosening(plan: &Plan, most: u32) -> Option<Refusal> {
    let loosening = |zone: &ZonePlan| zone.changes().filter(|row| row.is_loosening()).count();
    let count: usize = plan.changing().map(loosening).sum();
    let zones: Vec<_> = plan.changing().filter(|zone| loosening(zone) > 0).collect();
    (count > most as usize).then(|| Refusal {
        guard: "max-loosening",
        message: format!(
            "{count} changes would loosen protection, and at most {most} may: {}",
            names(plan, &zones)
        ),
        hint: format!("if all of them are intended, allow them with `--max-loosening {count}`"),
        broken: Vec::new(),
    })
}

fn broken(plan: &Plan, policy: &Policy, today: jiff::civil::Date) -> Option<Refusal> {
    let (mut zones, mut broken) = (Vec::new(), Vec::new());
    // The places by what is wrong there.
    let mut breaches: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let judged = plan.zones().iter().enumerate().filter(|(_, zone)| applies(policy, zone.identity(), today));
    for (index, zone) in judged {
        let found = wanted(&policy.rule, &zone.file, zone.rows());
        zones.extend((!found.is_empty()).then_some(zone.identity()));
        let told = ended(policy, &[zone.identity()], today);
        for breach in found {
            let error = breach.error(policy, &told);
            broken.push(Broken { zone: index, setting: breach.setting, error });
            let Breach { what, at, .. } = breach;
            let at = at.map(|(file, place)| format!(" ({file}:{})", place.line)).unwrap_or_default();
            breaches.entry(what).or_default().push(format!("{}{at}", plan.label(zone)));
        }
    }
    let breaches: Vec<_> =
        breaches.iter().map(|(what, places)| format!("{what}: {}", shown(places))).collect();
    (!zones.is_empty()).then(|| Refusal {
        guard: "policy",
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
    shown(&zones.iter().map(|zone| plan.label(zone)).collect::<Vec<_>>())
}

/// The first of many, and how many more there are.
fn shown(all: &[String]) -> String {
    let shown: Vec<_> = all.iter().take(NAMES_SHOWN).map(String::as_str).collect();
    match all.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
