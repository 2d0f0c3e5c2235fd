//! Policies that ask less than they did, and exceptions that let more zones pass or pass longer. A policy is followed
//! by what it asks, not by its id: whatever it refused must be refused by one that holds for the same zones.

use super::patterns::{covers, overlap};
use super::{RuleKind, Weakened};
use crate::catalogue::Setting;
use crate::model::{LiveValue, Policy, PolicyException};
use crate::plan::policies::{asks, breach, settings};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// All that is softer on a day.
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

/// Up to how many exceptions it counts that another policy refuses what one lets pass. Beyond, which only a stranger
/// writes, each counts as if no other policy did, so that a run ends soon.
const MOST_COMPARED: usize = 200;

/// A part of what a policy asks: of the zones of a pattern, of a setting.
type Part<'p> = (&'p str, &'static Setting);

/// The parts of a policy that no policy asks any more.
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

/// Whether a policy holds for all zones that a pattern means.
fn holds_for(policy: &Policy, pattern: &str) -> bool {
    policy.zones.is_empty() || policy.zones.iter().any(|wide| covers(wide, pattern))
}

/// Whether each value of a setting that a policy refuses is refused by one of others.
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

/// The policy that is gone, or each way in which it asks less.
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
        let what = format!("policy `{id}` holds for fewer zones: {was} → {is}");
        all.push(at(found(what).between(Some(was), Some(is))));
    }
    let asks_less = of_lost.into_iter().filter(|setting| !is_refused(policy, setting, std::iter::once(same)));
    all.extend(asks_less.map(|setting| {
        let [was, is] = [policy, same].map(|policy| asks(&policy.rule, setting));
        let [told_was, told_is] = [&was, &is].map(|asked| asked.as_deref().unwrap_or("nothing"));
        let what = format!("policy `{id}` asks less of `{}`: {told_was} → {told_is}", setting.name);
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

/// The exceptions by which zones need not keep what the policy asked, beside those that it made itself; `others` may
/// refuse all the same what the policies of today let pass.
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

/// The exceptions that hold on a day or begin to.
fn active(policy: &Policy, today: Date) -> impl Iterator<Item = &PolicyException> {
    policy.exceptions.iter().filter(move |exception| exception.until >= today)
}

/// Whether two policies refuse a value of a setting.
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
