//! The counts of a report: whole, not negative, two maps that add up to `requests`, and the top values by attribute.

use crate::catalogue::feedback::ATTRIBUTES;
use crate::config::check::{Fields, listed};
use crate::config::suggest;
use crate::config::yaml::{member, short};
use crate::model::Severity;
use serde_json::Value as Json;

/// The maps that add up to `requests`.
const SUMS: [&str; 2] = ["requests_by_score", "requests_by_score_src"];

/// The pattern of a score, for schemas.
pub(super) const SCORE_PATTERN: &str = "^[1-9][0-9]?$";

/// Checks all counts, and their sums.
pub(super) fn check(fields: &mut Fields<'_>, with_sums: bool) {
    let requests = fields.get("", "requests").and_then(|(pointer, _)| count(fields, &pointer, "`requests`"));
    for key in SUMS {
        let Some((pointer, _)) = fields.get("", key) else { continue };
        let sum = sum(fields, &pointer, key);
        if let (Some(requests), Some(sum)) = (requests, sum)
            && with_sums
            && sum != i128::from(requests)
        {
            tell_sum(fields, &pointer, key, sum, requests);
        }
    }
}

/// The sum of a map's counts; `None` if one of them is wrong.
fn sum(fields: &mut Fields<'_>, pointer: &str, key: &str) -> Option<i128> {
    let members = fields.mapping(pointer, key)?;
    let mut sum = Some(0_i128);
    for name in members.keys() {
        let member = member(pointer, name);
        let is_right = key != "requests_by_score" || score(fields, &member, name);
        let count = count(fields, &member, &format!("the count of `{}`", short(name)));
        sum = sum.zip(count).filter(|_| is_right).map(|(sum, count)| sum + i128::from(count));
    }
    sum
}

/// Whether a key is a bot score.
fn score(fields: &mut Fields<'_>, pointer: &str, key: &str) -> bool {
    let is_score = |text: &str| {
        let number = text.parse::<u8>().ok().filter(|number| (1..=99).contains(number));
        number.is_some_and(|number| number.to_string() == text)
    };
    if is_score(key) {
        return true;
    }
    let mut problem = fields.doc.problem_at_key(pointer, format!("`{}` is not a bot score", short(key)));
    problem = problem.label("scores are `1` to `99`, without leading zeros".to_owned());
    let plain = key.trim().trim_start_matches(['0', '+']);
    if is_score(plain) {
        problem = problem.hint(format!("write `\"{plain}\"`")).replacement(format!("\"{plain}\""));
    }
    fields.push(problem);
    false
}

/// A count: a whole number that is not negative and that the API can hold.
fn count(fields: &mut Fields<'_>, pointer: &str, name: &str) -> Option<i64> {
    let value = fields.doc.get(pointer)?;
    let Json::Number(number) = value else {
        mismatch(fields, pointer, name, value);
        return None;
    };
    if let Some(count) = number.as_i64().filter(|count| *count >= 0) {
        return Some(count);
    }
    let (rule, mended) = match number.as_f64() {
        Some(float) if float < 0.0 => ("a count is not negative", None),
        // Beyond this a float does not tell one whole number from the next.
        Some(float) if float.fract() == 0.0 && float < 9e15 => {
            ("a count is written without a fraction", Some(format!("{float:.0}")))
        }
        Some(float) if float.fract() != 0.0 => ("a count is a whole number", None),
        _ => ("a count is at most 9223372036854775807", None),
    };
    let written = fields.doc.written(pointer).map_or_else(|| number.to_string(), str::to_owned);
    let message = format!("{name} has to be a whole number from 0, not `{}`", short(&written));
    let mut problem = fields.doc.problem_at_value(pointer, message);
    problem = problem.label(rule.to_owned());
    problem.hint = mended.as_ref().map(|mended| format!("write `{mended}`"));
    problem = problem.replacement(mended);
    fields.push(problem);
    None
}

fn mismatch(fields: &mut Fields<'_>, pointer: &str, name: &str, value: &Json) {
    // What has a name of one word gets its backticks there.
    let name = if name.contains(' ') { name } else { name.trim_matches('`') };
    let problem = fields.mismatched(pointer, name, "a whole number from 0");
    let number = value.as_str().map(str::trim).filter(|text| text.parse::<i64>().is_ok_and(|n| n >= 0));
    fields.push(match number {
        Some(number) => problem
            .label("a text, since it is in quotes")
            .hint(format!("write `{number}`"))
            .replacement(number.to_owned()),
        None => problem,
    });
}

fn tell_sum(fields: &mut Fields<'_>, pointer: &str, key: &str, sum: i128, requests: i64) {
    let difference = i128::from(requests) - sum;
    let (amount, verb) = (difference.unsigned_abs(), if difference.abs() == 1 { "is" } else { "are" });
    let what = if difference > 0 { "missing" } else { "too many" };
    let message = format!("`{key}` sums to {sum}, and `requests` is {requests}: {amount} {verb} {what}");
    let mut problem = fields.doc.problem_at_key(pointer, message);
    problem = problem.label("its counts have to add up to `requests`".to_owned());
    problem = problem.related(fields.doc.related_at_value("/requests", "this many"));
    fields.push(problem.hint("correct the counts or `requests`: Cloudflare refuses the report otherwise"));
}

/// The map of top values.
const KEY: &str = "requests_by_attribute";

/// The members of an item.
const ITEM: [&str; 2] = ["metric", "requests"];

/// Checks the top values by attribute: lists of values with their counts, which need not add up.
pub(super) fn check_attributes(fields: &mut Fields<'_>) {
    let pointer = format!("/{KEY}");
    let Some(value) = fields.doc.get(&pointer) else { return };
    let Some(members) = value.as_object() else {
        let problem = fields.mismatched(&pointer, KEY, "a mapping");
        let is_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        let hint = format!("write `{KEY}: {{}}` if there are none");
        fields.push(if is_empty { problem.hint(hint) } else { problem });
        return;
    };
    for name in members.keys() {
        known(fields, &member(&pointer, name), name);
        for item in fields.items(&pointer, name) {
            check_item(fields, &item);
        }
    }
}

/// The API takes any attribute, so that one that is not documented is only worth a warning.
fn known(fields: &mut Fields<'_>, pointer: &str, name: &str) {
    if ATTRIBUTES.contains(&name) {
        return;
    }
    let mut problem =
        fields.doc.problem_at_key(pointer, format!("`{}` is not a documented attribute", short(name)));
    problem.severity = Severity::Warning;
    let meant = suggest(name, ATTRIBUTES.iter().copied())
        .or_else(|| suggest(&format!("top{name}"), ATTRIBUTES.iter().copied()));
    problem.hint = Some(match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the documented ones are {}", listed(ATTRIBUTES.iter().copied())),
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
