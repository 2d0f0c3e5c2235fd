//! What the earlier rules would have refused. It refuses nothing itself: whether a rule may be softer is up to the
//! reviewers, who must know what it lets through.

use super::{Break, ProjectRules, RuleKind, Weakened};
use crate::diff::{Row, unread};
use crate::model::{Desired, Guards, Identity, Place, Policy};
use crate::plan::Plan;
use crate::plan::guards::{max_loosening, max_zones};
use crate::plan::policies::{applies, wanted};
use jiff::civil::Date;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many places that break one rule are listed.
const MOST: usize = 100;

/// Notes in a plan which softened rules it would have broken before.
pub(crate) fn judge_plan(plan: &mut Plan, then: ProjectRules<'_>, today: Date) {
    let mut weakened = plan.take_weakened();
    let zones = plan.zones().iter().map(|zone| Judged {
        zone: zone.identity(),
        label: plan.label(zone),
        file: zone.file.as_deref(),
        rows: Cow::Borrowed(zone.rows()),
    });
    let breached = breached(&weakened, then.policies, zones, today);
    let written: HashMap<_, _> =
        plan.changing().filter_map(|zone| Some((zone.file.as_deref()?, zone))).collect();
    for found in &mut weakened {
        found.breaks = match found.kind {
            RuleKind::Policy | RuleKind::Exception => of_policy(found, &breached),
            RuleKind::Guard => of_guard(&found.name, then.guards, plan).into_iter().collect(),
            RuleKind::Protection | RuleKind::Freeze => {
                let zone = found.file.as_deref().and_then(|file| written.get(file));
                let zone = zone.map(|zone| plan.label(zone));
                zone.into_iter().filter_map(|zone| of_zone(found, zone)).collect()
            }
            RuleKind::Waiver | RuleKind::Since => Vec::new(),
        };
    }
    plan.put_weakened(weakened);
}

/// Notes which softened policies the zone files would have broken before.
pub(crate) fn judge_files(weakened: &mut [Weakened], zones: &[Desired], then: ProjectRules<'_>, today: Date) {
    let zones = zones.iter().map(|zone| Judged {
        zone: zone.identity(),
        label: zone.zone.to_string(),
        file: zone.file.as_deref(),
        rows: Cow::Owned(unread(zone, today)),
    });
    let breached = breached(weakened, then.policies, zones, today);
    weakened.iter_mut().for_each(|found| found.breaks = of_policy(found, &breached));
}

/// A zone that policies judge.
struct Judged<'z> {
    zone: Identity<'z>,
    label: String,
    file: Option<&'z str>,
    rows: Cow<'z, [Row]>,
}

/// A value that breaks the earlier form of a policy.
struct Breached<'z> {
    zone: Identity<'z>,
    setting: &'static str,
    how: Break,
}

/// The values that break softened policies, by the id of the policy: each zone is judged once.
fn breached<'z>(
    weakened: &[Weakened],
    then: &'z [Policy],
    zones: impl Iterator<Item = Judged<'z>>,
    today: Date,
) -> BTreeMap<&'z str, Vec<Breached<'z>>> {
    let is_of_policy = |found: &&Weakened| matches!(found.kind, RuleKind::Policy | RuleKind::Exception);
    let names: BTreeSet<_> = weakened.iter().filter(is_of_policy).map(|found| found.name.as_str()).collect();
    let policies: Vec<_> = then.iter().filter(|policy| names.contains(policy.id.as_str())).collect();
    let mut all: BTreeMap<&str, Vec<Breached<'z>>> = BTreeMap::new();
    if policies.is_empty() {
        return all;
    }
    for Judged { zone, label, file, rows } in zones {
        for policy in policies.iter().filter(|policy| applies(policy, zone, today)) {
            let breaches = wanted(&policy.rule, file, &rows).into_iter().map(|breach| {
                let (file, place) = breach.at.unzip();
                let line = place.map(|place: Place| place.line);
                let how = Break { what: breach.what, zone: Some(label.clone()), file, line };
                Breached { zone, setting: breach.setting, how }
            });
            all.entry(policy.id.as_str()).or_default().extend(breaches);
        }
    }
    all
}

/// The breaches that a softer rule lets through: of its setting, or in the zones of its exception.
fn of_policy(found: &Weakened, breached: &BTreeMap<&str, Vec<Breached<'_>>>) -> Vec<Break> {
    let Weakened { kind: RuleKind::Policy | RuleKind::Exception, name, setting, zone, .. } = found else {
        return Vec::new();
    };
    let is_meant = |breached: &&Breached<'_>| {
        setting.as_deref().is_none_or(|setting| setting == breached.setting)
            && zone.as_deref().is_none_or(|pattern| breached.zone.is_meant_by(pattern))
    };
    let all = breached.get(name.as_str()).into_iter().flatten();
    all.filter(is_meant).take(MOST).map(|breached| breached.how.clone()).collect()
}

/// Judges the softened guards of a merged plan again: the whole may break a guard that none of its parts breaks.
pub(in crate::plan) fn judge_guards(plan: &mut Plan) {
    let mut weakened = plan.take_weakened();
    for found in weakened.iter_mut().filter(|found| found.kind == RuleKind::Guard) {
        let Some(then) = found.then.as_deref() else { continue };
        let limits =
            Guards { max_zones: then.parse().ok(), max_loosening: then.parse().ok(), ..Guards::default() };
        found.breaks = of_guard(&found.name, limits, plan).into_iter().collect();
    }
    plan.put_weakened(weakened);
}

fn of_guard(name: &str, then: Guards, plan: &Plan) -> Option<Break> {
    let all = then.zone_files.unwrap_or(plan.provenance().zone_files);
    let refusal = match name {
        "max_zones" => max_zones(plan, then.max_zones?, all)?,
        "max_loosening" => max_loosening(plan, then.max_loosening?)?,
        // `max_failures`: how many zones fail is not known before they are written.
        _ => return None,
    };
    Some(Break { what: refusal.message, zone: None, file: None, line: None })
}

/// A zone that was protected and would now be written.
fn of_zone(found: &Weakened, zone: String) -> Option<Break> {
    let what = "the zone would be written".to_owned();
    let is_planned_only = matches!(found.name.as_str(), "protect" | "freeze");
    is_planned_only.then(|| Break { what, zone: Some(zone), file: found.file.clone(), line: found.line })
}

#[cfg(test)]
#[path = "judged_tests.rs"]
mod tests;
