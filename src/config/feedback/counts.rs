//! The counts of a report: whole, not negative, two maps that add up to `requests`, and the top values by attribute.

use crate::catalogue::feedback::ATTRIBUTES;
use crate::config::check::{Check, did_you_mean, listed, mismatch, named};
use crate::config::suggest;
use crate::config::yaml::{Cursor, short};
use crate::model::{Diagnostic, Severity};
use serde_json::Value as Json;

/// The maps that add up to `requests`.
const SUMS: [&str; 2] = ["requests_by_score", "requests_by_score_src"];

/// The pattern of a score, for schemas.
pub(super) const SCORE_PATTERN: &str = "^[1-9][0-9]?$";

/// Checks all counts, and their sums.
pub(super) fn check(check: &mut Check, root: Cursor<'_>, with_sums: bool) {
    let requests = root.get("requests").and_then(|at| Some((at, count(check, at, "requests")?)));
    for key in SUMS {
        let Some(at) = root.get(key) else { continue };
        let sum = sum(check, at, key);
        if let (Some((requests_at, requests)), Some(sum)) = (requests, sum)
            && with_sums
            && sum != i128::from(requests)
        {
            let problem = at.problem_at_key(wrong_sum(key, sum, requests));
            let problem = problem.label("its counts have to add up to `requests`");
            let problem = problem.related(requests_at.related("this many"));
            let hint = "correct the counts or `requests`: Cloudflare refuses the report otherwise";
            check.push(problem.hint(hint));
        }
    }
}

fn wrong_sum(key: &str, sum: i128, requests: i64) -> String {
    let difference = i128::from(requests) - sum;
    let (amount, verb) = (difference.unsigned_abs(), if difference.abs() == 1 { "is" } else { "are" });
    let what = if difference > 0 { "missing" } else { "too many" };
    format!("`{key}` sums to {sum}, and `requests` is {requests}: {amount} {verb} {what}")
}

/// The sum of a map's counts; `None` if one of them is wrong.
fn sum(check: &mut Check, at: Cursor<'_>, key: &str) -> Option<i128> {
    let mut sum = Some(0_i128);
    for (name, member) in check.mapping(at, key)? {
        let is_right = key != "requests_by_score" || score(check, name, member);
        let count = count(check, member, &format!("the count of `{}`", short(name)));
        sum = sum.zip(count).filter(|_| is_right).map(|(sum, count)| sum + i128::from(count));
    }
    sum
}

/// Whether a key is a bot score.
fn score(check: &mut Check, key: &str, at: Cursor<'_>) -> bool {
    let is_score = |text: &str| {
        let number = text.parse::<u8>().ok().filter(|number| (1..=99).contains(number));
        number.is_some_and(|number| number.to_string() == text)
    };
    if is_score(key) {
        return true;
    }
    let plain = key.trim().trim_start_matches(['0', '+']);
    let meant = is_score(plain).then(|| format!("\"{plain}\""));
    let problem = at.problem_at_key(format!("`{}` is not a bot score", short(key)));
    let problem = problem.label("scores are `1` to `99`, without leading zeros");
    check.push(problem.maybe_hint(write(meant.as_deref())).replacement(meant));
    false
}

fn write(meant: Option<&str>) -> Option<String> {
    meant.map(|meant| format!("write `{meant}`"))
}

/// A count: a whole number that is not negative and that the API can hold.
fn count(check: &mut Check, at: Cursor<'_>, name: &str) -> Option<i64> {
    let Json::Number(number) = at.value() else {
        check.push(not_a_number(at, name));
        return None;
    };
    if let Some(count) = number.as_i64().filter(|count| *count >= 0) {
        return Some(count);
    }
    let (rule, meant) = match number.as_f64() {
        Some(float) if float < 0.0 => ("a count is not negative", None),
        // Beyond this a float does not tell one whole number from the next.
        Some(float) if float.fract() == 0.0 && float < 9e15 => {
            ("a count is written without a fraction", Some(format!("{float:.0}")))
        }
        Some(float) if float.fract() != 0.0 => ("a count is a whole number", None),
        _ => ("a count is at most 9223372036854775807", None),
    };
    let written = at.written().map_or_else(|| number.to_string(), str::to_owned);
    let message = format!("{} has to be a whole number from 0, not `{}`", named(name), short(&written));
    check.push(at.problem(message).label(rule).maybe_hint(write(meant.as_deref())).replacement(meant));
    None
}

fn not_a_number(at: Cursor<'_>, name: &str) -> Diagnostic {
    let problem = mismatch(at, name, "a whole number from 0");
    let text = at.value().as_str().map(str::trim);
    match text.filter(|text| text.parse::<i64>().is_ok_and(|number| number >= 0)) {
        Some(number) => problem
            .label("a text, since it is in quotes")
            .maybe_hint(write(Some(number)))
            .replacement(number.to_owned()),
        None => problem,
    }
}

/// The map of top values.
const KEY: &str = "requests_by_attribute";

/// The members of an item.
const ITEM: [&str; 2] = ["metric", "requests"];

/// Checks the top values by attribute: lists of values with their counts, which need not add up.
pub(super) fn check_attributes(check: &mut Check, root: Cursor<'_>) {
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
        check.items(at, name).into_iter().for_each(|item| check_item(check, item));
    }
}

/// The API takes any attribute, so that one that is not documented is only worth a warning.
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

fn check_item(check: &mut Check, item: Cursor<'_>) {
    if check.mapping(item, "an item of a top list").is_none() {
        return;
    }
    check.known_keys(item, &ITEM, "an item of a top list");
    check.require(item, "metric", "metric: 203.0.113.10");
    check.require(item, "requests", "requests: 100");
    check.text_that(item, "metric", |_| true);
    if let Some(requests) = item.get("requests") {
        count(check, requests, "requests");
    }
}
