//! The policy rules of a project file.

use super::check::{
    Check, date, items, listed, mismatch, pattern, said, says, setting_key, setting_value, value, word,
};
use super::keys::{Rule, SHUTS_OUT, rules};
use super::yaml::{Cursor, short};
use crate::catalogue::{Setting, Value};
use crate::model::{Policy, PolicyException, PolicyRule};
use std::collections::BTreeMap;

/// Reads all policies.
pub(super) fn read(check: &mut Check, root: Cursor<'_>) -> Vec<Policy> {
    let mut ids: BTreeMap<&str, Cursor<'_>> = BTreeMap::new();
    let mut policies = Vec::new();
    for at in items(root, "policy") {
        let Some((policy, id_at, id)) = policy(check, at) else { continue };
        let first = *ids.entry(id).or_insert(id_at);
        if first.span() != id_at.span() {
            let problem = id_at.problem(format!("a second policy has the id `{}`", short(id)));
            let problem = problem.related(first.related("the first one"));
            check.push(problem.hint("give each policy a unique id"));
        }
        policies.push(policy);
    }
    policies
}

fn policy<'d>(check: &mut Check, at: Cursor<'d>) -> Option<(Policy, Cursor<'d>, &'d str)> {
    // The table of keys has reported items that are not mappings.
    at.members()?;
    let rule = rule(check, at);
    let zones = items(at, "zones").into_iter().filter_map(|at| pattern(at, "").ok()).collect();
    let exceptions = items(at, "exceptions").into_iter().filter_map(exception).collect();
    let (id_at, id) = (at.get("id")?, value(at, "id", |at, key| says(at, key, ""))?);
    let reason = value(at, "reason", said);
    let policy =
        Policy { id: id.to_owned(), reason: reason?, zones, rule: rule?, exceptions, place: at.place() };
    Some((policy, id_at, id))
}

fn exception(at: Cursor<'_>) -> Option<PolicyException> {
    Some(PolicyException {
        zone: value(at, "zone", pattern)?,
        reason: value(at, "reason", said)?,
        until: value(at, "until", date)?,
    })
}

fn rule(check: &mut Check, at: Cursor<'_>) -> Option<PolicyRule> {
    let named: Vec<_> = rules().filter_map(|(key, rule)| Some((key, rule, at.get(key)?))).collect();
    let &[(key, rule, said)] = named.as_slice() else {
        let message = format!("a policy must have exactly one of {}", listed(rules().map(|(key, _)| key)));
        let problem = match named.get(1) {
            Some((.., second)) => second.problem_at_key(message),
            None => at.problem(message),
        };
        check.push(problem.hint("write each rule as its own policy"));
        return None;
    };
    match rule {
        Rule::Several(_) if said.get(SHUTS_OUT.0).is_some() => shuts_out(check, key, said),
        Rule::Several(make) => values(check, said, key, several).map(make),
        Rule::One(make) => values(check, said, key, setting_value).map(make),
        Rule::Ordered(make) => values(check, said, key, ordered).map(make),
    }
}

/// A rule about whom no value may shut out; it stands alone.
fn shuts_out(check: &mut Check, rule: &str, at: Cursor<'_>) -> Option<PolicyRule> {
    let (name, whom) = SHUTS_OUT;
    if let Some((_, other)) = check.mapping(at, rule)?.into_iter().find(|(key, _)| *key != name) {
        let problem = other.problem_at_key(format!("`{name}` stands alone in `{rule}`"));
        check.push(problem.hint("write each rule as its own policy"));
        return None;
    }
    match word(at.get(name)?, name, &[(whom, PolicyRule::ShutsOutSearchEngines)]) {
        Ok(rule) => Some(rule),
        Err(problem) => {
            check.push(*problem);
            None
        }
    }
}

fn values<V>(
    check: &mut Check,
    at: Cursor<'_>,
    name: &str,
    read: impl Fn(&mut Check, Cursor<'_>, &'static Setting) -> Option<V>,
) -> Option<BTreeMap<&'static Setting, V>> {
    let members = check.mapping(at, name)?;
    if members.is_empty() {
        let problem = at.problem_at_key(format!("`{name}` does not name a setting"));
        check.push(problem.hint("add a setting, or remove the policy"));
    }
    let mut values = BTreeMap::new();
    for (key, member) in members {
        let Some(setting) = setting_key(check, key, member) else { continue };
        values.extend(read(check, member, setting).map(|value| (setting, value)));
    }
    Some(values)
}

fn several(check: &mut Check, at: Cursor<'_>, setting: &'static Setting) -> Option<Vec<Value>> {
    let Some(items) = at.items().filter(|items| !items.is_empty()) else {
        let problem = mismatch(at, setting.name, "a list of the forbidden values");
        let one = setting.read(at.value()).and(at.written()).map(|written| format!("[{written}]"));
        let hint = one.as_ref().map(|one| format!("write `{one}`"));
        check.push(problem.maybe_hint(hint).replacement(one));
        return None;
    };
    Some(items.into_iter().filter_map(|item| setting_value(check, item, setting)).collect())
}

fn ordered(check: &mut Check, at: Cursor<'_>, setting: &'static Setting) -> Option<Value> {
    if !setting.has_order() {
        let problem = at.problem_at_key(format!("no value of `{}` protects more than another", setting.name));
        let problem = problem.label("`at_least` needs values with an order");
        check.push(problem.hint("use `pin` to ask for one value"));
        return None;
    }
    setting_value(check, at, setting)
}
