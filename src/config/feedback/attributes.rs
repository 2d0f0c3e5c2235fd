//! The top values of a report by attribute: lists of values with their counts, which need not add up.

use super::counts::count;
use crate::catalogue::feedback::ATTRIBUTES;
use crate::config::check::{Fields, listed};
use crate::config::suggest;
use crate::config::yaml::{member, short};
use crate::model::Severity;

const KEY: &str = "requests_by_attribute";

/// The members of an item.
const ITEM: [&str; 2] = ["metric", "requests"];

/// Checks all attributes.
pub(super) fn check(fields: &mut Fields<'_>) {
    let pointer = format!("/{KEY}");
    let Some(members) = fields.mapping(&pointer, KEY) else {
        mend_empty(fields, &pointer);
        return;
    };
    for name in members.keys() {
        known(fields, &member(&pointer, name), name);
        for item in fields.items(&pointer, name) {
            check_item(fields, &item);
        }
    }
}

/// Says how an empty map is written where nothing, or an empty list, stands for it.
fn mend_empty(fields: &mut Fields<'_>, pointer: &str) {
    let is_empty = fields
        .doc
        .get(pointer)
        .is_some_and(|value| value.is_null() || value.as_array().is_some_and(Vec::is_empty));
    if let Some(problem) = fields.problems.last_mut().filter(|_| is_empty) {
        problem.hint = Some(format!("write `{KEY}: {{}}` if there are none"));
    }
}

/// The API takes any attribute, so that one that is not documented is only worth a warning.
fn known(fields: &mut Fields<'_>, pointer: &str, name: &str) {
    if ATTRIBUTES.contains(&name) {
        return;
    }
    let mut problem =
        fields.doc.problem_at_key(pointer, format!("`{}` is no documented attribute", short(name)));
    problem.severity = Severity::Warning;
    let meant = suggest(name, ATTRIBUTES).or_else(|| suggest(&format!("top{name}"), ATTRIBUTES));
    problem.hint = Some(match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the documented ones are {}", listed(ATTRIBUTES)),
    });
    problem = problem.replacement(meant.map(str::to_owned));
    fields.push(problem);
}

fn check_item(fields: &mut Fields<'_>, item: &str) {
    if fields.mapping(item, "an item of a top list").is_none() {
        return;
    }
    fields.known_keys(item, &ITEM, "an item of a top list");
    fields.require(item, "metric", "metric: 203.0.113.10");
    fields.require(item, "requests", "requests: 100");
    fields.text(item, "metric");
    if let Some((pointer, _)) = fields.get(item, "requests") {
        count(fields, &pointer, "`requests`");
    }
}
