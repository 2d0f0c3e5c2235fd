//! The top values by attribute.

use crate::catalogue::feedback::ATTRIBUTES;
use crate::config::check::{Check, did_you_mean, listed, mismatch};
use crate::config::keys::ITEM;
use crate::config::suggest;
use crate::config::yaml::{Cursor, short};
use crate::model::Severity;

/// The map of top values.
const KEY: &str = "requests_by_attribute";

/// Checks the top values by attribute: lists of values with their counts, which need not add up.
pub(super) fn check(check: &mut Check, root: Cursor<'_>) {
    let Some(at) = root.get(KEY) else { return };
    let Some(members) = at.members() else {
        let problem = mismatch(at, KEY, "a mapping");
        let is_empty = at.value().is_null() || at.value().as_array().is_some_and(Vec::is_empty);
        let hint = format!("write `{KEY}: {{}}` if there are none");
        check.push(if is_empty { problem.hint(hint) } else { problem });
        return;
    };
    for (name, member) in members {
        known(check, name, member);
        check.items(member, name).into_iter().for_each(|item| check.entry(item, &ITEM, ITEM.called));
    }
}

/// The API accepts any attribute, so an undocumented one is only a warning.
fn known(check: &mut Check, name: &str, at: Cursor<'_>) {
    if ATTRIBUTES.contains(&name) {
        return;
    }
    let meant = suggest(name, ATTRIBUTES.iter().copied())
        .or_else(|| suggest(&format!("top{name}"), ATTRIBUTES.iter().copied()));
    let all = || format!("the documented ones are {}", listed(ATTRIBUTES.iter().copied()));
    let problem = at.problem_at_key(format!("`{}` is not a documented attribute", short(name)));
    let problem = problem.severity(Severity::Warning).hint(did_you_mean(meant).unwrap_or_else(all));
    check.push(problem.replacement(meant.map(str::to_owned)));
}
