//! The policy rules of a project file.

use super::check::{Fields, listed, reason, reason_and_end, setting_key, setting_value};
use super::yaml::member;
use crate::catalogue::{Setting, Value};
use crate::model::{Diagnostic, Policy, PolicyException, PolicyRule};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The keys of a policy.
pub(super) const KEYS: [&str; 7] = ["id", "reason", "zones", "forbid", "pin", "at_least", "exceptions"];

/// The keys of an exception.
pub(super) const EXCEPTION: [&str; 3] = ["zone", "reason", "until"];

/// The keys of which a policy has exactly one.
pub(super) const RULES: [&str; 3] = ["forbid", "pin", "at_least"];

/// Reads all policies.
pub(super) fn read(fields: &mut Fields<'_>) -> Vec<Policy> {
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    let mut policies = Vec::new();
    for pointer in fields.items("", "policy") {
        let Some(policy) = policy(fields, &pointer) else { continue };
        if let Some(first) = places.get(&policy.id) {
            let mut problem = repeated(fields, &pointer, &policy.id);
            problem = problem.related(fields.doc.related_at_value(first, "the first one"));
            fields.push(problem);
        } else {
            places.insert(policy.id.clone(), member(&pointer, "id"));
        }
        policies.push(policy);
    }
    policies
}

fn repeated(fields: &Fields<'_>, pointer: &str, id: &str) -> Diagnostic {
    let message = format!("a second policy has the id `{}`", super::yaml::short(id));
    fields.doc.problem_at_value(&member(pointer, "id"), message).hint("give each policy its own id")
}

fn policy(fields: &mut Fields<'_>, pointer: &str) -> Option<Policy> {
    fields.mapping(pointer, "an item of `policy`")?;
    fields.known_keys(pointer, &KEYS, "a policy");
    fields.require(pointer, "id", "id: verified-bots-pass");
    fields.require(pointer, "reason", "reason: why");
    let id = id(fields, pointer);
    let reason = reason(fields, pointer);
    let zones = zones(fields, pointer);
    let rule = rule(fields, pointer);
    let exceptions = fields.items(pointer, "exceptions");
    let exceptions = exceptions.iter().filter_map(|item| exception(fields, item)).collect();
    let place = fields.doc.value_place(pointer);
    Some(Policy { id: id?, reason: reason?, zones, rule: rule?, exceptions, place })
}

fn id(fields: &mut Fields<'_>, pointer: &str) -> Option<String> {
    let (at, text) = fields.text(pointer, "id")?;
    if text.trim().is_empty() {
        let problem = fields.doc.problem_at_value(&at, "the id is empty");
        fields.push(problem.hint("messages name the policy by its id"));
        return None;
    }
    Some(text.to_owned())
}

fn zones(fields: &mut Fields<'_>, pointer: &str) -> Vec<String> {
    let items = fields.items(pointer, "zones");
    items.iter().filter_map(|item| pattern(fields, item)).collect()
}

/// A zone name or pattern: an empty one would match nothing.
fn pattern(fields: &mut Fields<'_>, pointer: &str) -> Option<String> {
    match fields.doc.get(pointer)? {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        _ => {
            fields.mismatch(
                pointer,
                "an item of `zones`",
                "a zone name, or a pattern such as `*.example.com`",
            );
            None
        }
    }
}

fn exception(fields: &mut Fields<'_>, pointer: &str) -> Option<PolicyException> {
    fields.mapping(pointer, "an item of `exceptions`")?;
    fields.known_keys(pointer, &EXCEPTION, "an exception");
    fields.require(pointer, "zone", "zone: shop.example.com");
    let zone = fields.text(pointer, "zone").map(|(at, _)| at).and_then(|at| pattern(fields, &at));
    let (reason, until) = reason_and_end(fields, pointer)?;
    Some(PolicyException { zone: zone?, reason, until })
}

fn rule(fields: &mut Fields<'_>, pointer: &str) -> Option<PolicyRule> {
    let named: Vec<&str> = RULES.into_iter().filter(|key| fields.get(pointer, key).is_some()).collect();
    let [key] = named.as_slice() else {
        let message = format!("a policy has exactly one of {}", listed(RULES));
        let problem = match named.get(1) {
            Some(second) => fields.doc.problem_at_key(&member(pointer, second), message),
            None => fields.doc.problem_at_value(pointer, message),
        };
        fields.push(problem.hint("write each rule as a separate policy"));
        return None;
    };
    let parent = member(pointer, key);
    match *key {
        "forbid" => values(fields, &parent, key, several).map(PolicyRule::Forbid),
        "pin" => values(fields, &parent, key, setting_value).map(PolicyRule::Pin),
        _ => values(fields, &parent, key, ordered).map(PolicyRule::AtLeast),
    }
}

fn values<V>(
    fields: &mut Fields<'_>,
    parent: &str,
    name: &str,
    read: impl Fn(&mut Fields<'_>, &str, &'static Setting) -> Option<V>,
) -> Option<BTreeMap<&'static Setting, V>> {
    let members = fields.mapping(parent, name)?;
    if members.is_empty() {
        let problem = fields.doc.problem_at_key(parent, format!("`{name}` names no setting"));
        fields.push(problem.hint("name a setting, or remove the policy"));
    }
    let mut values = BTreeMap::new();
    for key in members.keys() {
        let Some(setting) = setting_key(fields, parent, key) else { continue };
        values.extend(read(fields, &member(parent, key), setting).map(|value| (setting, value)));
    }
    Some(values)
}

fn several(fields: &mut Fields<'_>, pointer: &str, setting: &'static Setting) -> Option<Vec<Value>> {
    let Some(items) = fields.doc.get(pointer)?.as_array().filter(|items| !items.is_empty()) else {
        fields.mismatch(pointer, setting.name, "a list of the values that are forbidden");
        return None;
    };
    let items = (0..items.len()).map(|at| format!("{pointer}/{at}"));
    Some(items.filter_map(|item| setting_value(fields, &item, setting)).collect())
}

fn ordered(fields: &mut Fields<'_>, pointer: &str, setting: &'static Setting) -> Option<Value> {
    if setting.most_protection().is_none() {
        let message = format!("no value of `{}` protects more than another", setting.name);
        let mut problem = fields.doc.problem_at_key(pointer, message);
        problem = problem.label("`at_least` needs values with an order");
        fields.push(problem.hint("use `pin` to ask for one value"));
        return None;
    }
    setting_value(fields, pointer, setting)
}
