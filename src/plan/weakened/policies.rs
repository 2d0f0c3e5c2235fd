//! Policies that require less than before, and exceptions that cover more zones or last longer. A policy is followed by
//! what it requires, not by its id: what it refused must still be refused by a policy for the same zones.

use super::patterns::{covers, overlap};
use super::{RuleKind, Weakened};
use crate::catalogue::Setting;
use crate::model::{LiveValue, Policy, PolicyException};
use crate::plan::policies::{asks, breach, settings};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Everything that is softer on a day.
pub(super) fn weakened<'p>(
    then: &'p [Policy],
    now: &'p [Policy],
    today: Date,
) -> impl Iterator<Item = Weakened> + 'p {
    let is_many = now.iter().flat_map(|policy| active(policy, today)).count() > MOST_COMPARED;
    then.iter().flat_map(move |policy| {
        let lost = lost(policy, now);
        let mut found = softer(policy, now, &lost);
        let others = if is_many { &[] } else { now };
        found.extend(excepted(policy, (now, others), &lost, today));
        found
    })
}

/// Up to how many exceptions are checked against the other policies, which may still refuse what one lets pass. Beyond
/// that (a count only an attacker writes) every exception counts as softer, to bound the time.
const MOST_COMPARED: usize = 200;

/// A part of what a policy requires: a zone pattern and a setting.
type Part<'p> = (&'p str, &'static Setting);

/// The parts of a policy that no policy requires any more.
fn lost<'p>(policy: &'p Policy, now: &[Policy]) -> BTreeSet<Part<'p>> {
    let is_lost = |part: &Part<'p>| {
        let (pattern, setting) = *part;
        !is_refused(policy, setting, now.iter().filter(|other| holds_for(other, pattern)))
    };
    parts(policy).filter(is_lost).collect()
}

fn parts(policy: &Policy) -> impl Iterator<Item = Part<'_>> {
    let all = policy.zones.is_empty().then_some("*");
    let patterns = policy.zones.iter().map(String::as_str).chain(all);
    patterns.flat_map(|pattern| settings(&policy.rule).into_iter().map(move |setting| (pattern, setting)))
}

/// Whether a policy applies to all zones that a pattern matches.
fn holds_for(policy: &Policy, pattern: &str) -> bool {
    policy.zones.is_empty() || policy.zones.iter().any(|wide| covers(wide, pattern))
}

/// Whether each value of a setting that a policy refuses is refused by another one.
fn is_refused<'p>(
    policy: &Policy,
    setting: &'static Setting,
    by: impl Iterator<Item = &'p Policy> + Clone,
) -> bool {
    let refuses = |policy: &Policy, value: &LiveValue| breach(&policy.rule, setting, value).is_some();
    values(setting)
        .filter(|value| refuses(policy, value))
        .all(|value| by.clone().any(|other| refuses(other, &value)))
}

/// All values of a setting, and one that this version does not know.
fn values(setting: &Setting) -> impl Iterator<Item = LiveValue> {
    let unknown = LiveValue::Other(Box::new("not known to this version".into()));
    setting.values().into_iter().map(LiveValue::Known).chain([unknown])
}

/// The policy that is gone, or each way in which it requires less.
fn softer(policy: &Policy, now: &[Policy], lost: &BTreeSet<Part<'_>>) -> Vec<Weakened> {
    let of_lost: BTreeSet<_> = lost.iter().map(|(_, setting)| *setting).collect();
    if of_lost.is_empty() {
        return Vec::new();
    }
    let id = &policy.id;
    let found = |what| Weakened::new(RuleKind::Policy, id, what);
    let Some(same) = now.iter().find(|other| other.id == *id) else {
        let asked = of_lost
            .iter()
            .filter_map(|setting| Some(format!("`{}` {}", setting.name, asks(&policy.rule, setting)?)));
        let asked = asked.collect::<Vec<_>>().join(", ");
        return vec![found(format!("policy `{id}` is gone: {asked}")).between(Some(asked), None)];
    };
    let at = |found: Weakened| Weakened { line: Some(same.place.line), ..found };
    let mut all = Vec::new();
    if lost.iter().any(|(pattern, _)| !holds_for(same, pattern)) {
        let [was, is] = [policy, same].map(zones);
        let what = format!("policy `{id}` covers fewer zones: {was} → {is}");
        all.push(at(found(what).between(Some(was), Some(is))));
    }
    let asks_less = of_lost.into_iter().filter(|setting| !is_refused(policy, setting, std::iter::once(same)));
    all.extend(asks_less.map(|setting| {
        let [was, is] = [policy, same].map(|policy| asks(&policy.rule, setting));
        let [told_was, told_is] = [&was, &is].map(|asked| asked.as_deref().unwrap_or("nothing"));
        let what = format!("policy `{id}` requires less of `{}`: {told_was} → {told_is}", setting.name);
        at(Weakened { setting: Some(setting.name.to_owned()), ..found(what).between(was, is) })
    }));
    all
}

fn zones(policy: &Policy) -> String {
    match policy.zones.as_slice() {
        [] => "all zones".to_owned(),
        patterns => patterns.join(", "),
    }
}

/// The new exceptions that free zones from what the policy required, apart from those that it already made; `others`
/// may still refuse what today's policies let pass.
fn excepted(
    policy: &Policy,
    (now, others): (&[Policy], &[Policy]),
    lost: &BTreeSet<Part<'_>>,
    today: Date,
) -> Vec<Weakened> {
    let kept: Vec<_> = parts(policy).filter(|part| !lost.contains(part)).collect();
    let mut found = Vec::new();
    for of in now {
        let relevant = kept.iter().filter(|(_, setting)| shares(policy, of, setting));
        let relevant: Vec<_> = relevant.filter(|_| active(of, today).next().is_some()).collect();
        for exception in active(of, today).filter(|_| !relevant.is_empty()) {
            let PolicyException { zone, until, reason: _ } = exception;
            let covers_it = |made: &PolicyException| covers(&made.zone, zone) && made.until >= *until;
            let is_kept = |(pattern, setting): &Part<'_>| {
                let holds = |other: &&Policy| holds_for(other, pattern) || holds_for(other, zone);
                let excepts = |other: &Policy| active(other, today).any(|made| overlap(&made.zone, zone));
                let others = others.iter().filter(holds).filter(|other| !excepts(other));
                !overlap(zone, pattern) || !holds(&of) || is_refused(policy, setting, others)
            };
            if !policy.exceptions.iter().any(covers_it) && !relevant.iter().all(|part| is_kept(part)) {
                found.push(new_exception(policy, of, exception));
            }
        }
    }
    found
}

/// The exceptions that have not ended on a day.
fn active(policy: &Policy, today: Date) -> impl Iterator<Item = &PolicyException> {
    policy.exceptions.iter().filter(move |exception| exception.until >= today)
}

/// Whether two policies both refuse some value of a setting.
fn shares(one: &Policy, other: &Policy, setting: &'static Setting) -> bool {
    let refuse =
        |value: LiveValue| [one, other].iter().all(|policy| breach(&policy.rule, setting, &value).is_some());
    values(setting).any(refuse)
}

fn new_exception(policy: &Policy, of: &Policy, exception: &PolicyException) -> Weakened {
    let PolicyException { zone, until, reason: _ } = exception;
    let made = policy.exceptions.iter().filter(|made| made.zone.eq_ignore_ascii_case(zone));
    let was = made.map(|made| made.until).max().filter(|was| was < until);
    let what = match was {
        Some(was) => format!("an exception of policy `{}` ends later: {was} → {until}", of.id),
        None => format!("policy `{}` has a new exception until {until}", of.id),
    };
    let found = Weakened::new(RuleKind::Exception, &policy.id, what);
    let found = found.between(was.map(|was| was.to_string()), Some(until.to_string()));
    Weakened { zone: Some(zone.clone()), line: Some(of.place.line), ..found }
}
