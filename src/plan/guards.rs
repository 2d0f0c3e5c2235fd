//! Guards: what refuses a plan as a whole, each with its number, its threshold, its zones and how to allow it.

use super::{Plan, ZonePlan};
use crate::catalogue::{Setting, Value};
use crate::diff::{Effect, Row};
use crate::model::{Guards, LiveValue, Policy, PolicyException, PolicyRule, Threshold, matches};
use serde::Serialize;

/// How many zones a message names.
const NAMES_SHOWN: usize = 5;

/// A guard that refuses a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Refusal {
    /// The guard: `max-zones`, `max-loosening` or `policy`.
    pub guard: &'static str,
    /// What, with the number, the threshold and the zones.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// All guards that refuse a plan, in a fixed order.
#[must_use]
pub fn guard(plan: &Plan, limits: &Guards, policies: &[Policy], today: jiff::civil::Date) -> Vec<Refusal> {
    let overrides = &plan.provenance().overrides;
    let mut refusals: Vec<_> = [
        limits.max_zones.and_then(|most| max_zones(plan, most)),
        limits.max_loosening.and_then(|most| max_loosening(plan, most)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let broken = policies
        .iter()
        .filter(|policy| !overrides.override_policy.contains(&policy.id))
        .filter_map(|policy| broken(plan, policy, today));
    refusals.extend(broken);
    refusals
}

fn max_zones(plan: &Plan, most: Threshold) -> Option<Refusal> {
    let changing: Vec<_> = plan.changing().collect();
    let limit = most.of(plan.zones().len());
    (changing.len() > limit).then(|| Refusal {
        guard: "max-zones",
        message: format!(
            "{} of {} zones would change, and at most {most} may: {}",
            changing.len(),
            plan.zones().len(),
            names(&changing)
        ),
        hint: format!("if all of them are intended, allow them with `--max-zones {}`", changing.len()),
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
            names(&zones)
        ),
        hint: format!("if all of them are intended, allow them with `--max-loosening {count}`"),
    })
}

fn broken(plan: &Plan, policy: &Policy, today: jiff::civil::Date) -> Option<Refusal> {
    let mut zones = Vec::new();
    let mut breaches = Vec::new();
    for zone in plan.changing().filter(|zone| applies(policy, zone, today)) {
        let found: Vec<_> = zone.changes().filter_map(|row| breach(&policy.rule, row)).collect();
        if !found.is_empty() {
            zones.push(zone);
            breaches.extend(found);
        }
    }
    breaches.sort();
    breaches.dedup();
    (!zones.is_empty()).then(|| Refusal {
        guard: "policy",
        message: format!(
            "policy `{}` ({}): {}: {}{}",
            policy.id,
            policy.reason,
            breaches.join("; "),
            names(&zones),
            ended(policy, &zones, today)
        ),
        hint: format!(
            "change the zone files, add an exception to the policy, or break it once with `--override-policy {}`",
            policy.id
        ),
    })
}

/// The exceptions that would have let the zones pass, and have ended.
fn ended(policy: &Policy, zones: &[&ZonePlan], today: jiff::civil::Date) -> String {
    let meant = |exception: &&PolicyException| {
        exception.until < today && zones.iter().any(|zone| matches(&exception.zone, zone.zone.as_str()))
    };
    let ended = policy.exceptions.iter().filter(meant).map(|exception| {
        let PolicyException { zone, reason, until } = exception;
        format!("; the exception for {zone} ended on {until}: {reason}")
    });
    ended.collect()
}

fn applies(policy: &Policy, zone: &ZonePlan, today: jiff::civil::Date) -> bool {
    let name = zone.zone.as_str();
    let meant = policy.zones.is_empty() || policy.zones.iter().any(|pattern| matches(pattern, name));
    let excepted =
        policy.exceptions.iter().any(|exception| exception.until >= today && matches(&exception.zone, name));
    meant && !excepted
}

/// How a change breaks a rule; `None` if it keeps it. A clean-up of stale settings is not judged.
fn breach(rule: &PolicyRule, row: &Row) -> Option<String> {
    let (setting, after) = row.change().filter(|_| !row.stale)?;
    match rule {
        PolicyRule::Forbid(forbidden) => forbidden
            .get(setting)
            .filter(|values| values.contains(&after))
            .map(|_| format!("`{}` may not be {after}", setting.name)),
        PolicyRule::Pin(pins) => pins
            .get(setting)
            .filter(|pinned| **pinned != after)
            .map(|pinned| format!("`{}` is pinned to {pinned}, not {after}", setting.name)),
        PolicyRule::AtLeast(least) => least
            .get(setting)
            .filter(|least| is_looser(setting, after, **least))
            .map(|least| format!("`{}` may not be looser than {least}, and would be {after}", setting.name)),
    }
}

fn is_looser(setting: &Setting, after: Value, least: Value) -> bool {
    Effect::of(setting, after, Some(&LiveValue::Known(least))) == Effect::Loosens
}

fn names(zones: &[&ZonePlan]) -> String {
    let shown: Vec<_> = zones.iter().take(NAMES_SHOWN).map(|zone| zone.zone.as_str()).collect();
    match zones.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
