//! The problems of counts: a wrong count, a wrong bot score, a wrong sum.

use crate::config::check::{mismatch, named};
use crate::config::yaml::{Cursor, short};
use crate::model::{Diagnostic, is_score};
use serde_json::Value as Json;

/// Counts that do not add up.
pub(super) fn no_sum(root: Cursor<'_>, at: Cursor<'_>, key: &str, sum: i128, requests: i64) -> Diagnostic {
    let difference = i128::from(requests) - sum;
    let (amount, verb) = (difference.unsigned_abs(), if difference.abs() == 1 { "is" } else { "are" });
    let what = if difference > 0 { "missing" } else { "too many" };
    let message = format!("`{key}` sums to {sum}, but `requests` is {requests}: {amount} {verb} {what}");
    let problem = at.problem_at_key(message).label("its counts must add up to `requests`");
    let requests = root.get("requests").map(|requests| requests.related("this many"));
    let problem = requests.into_iter().fold(problem, Diagnostic::related);
    problem.hint("correct the counts or `requests`: Cloudflare refuses the report otherwise")
}

/// A key that is not a bot score.
pub(super) fn no_score(at: Cursor<'_>, key: &str) -> Diagnostic {
    let plain = key.trim().trim_start_matches(['0', '+']);
    let meant = is_score(plain).then(|| format!("\"{plain}\""));
    let problem = at.problem_at_key(format!("`{}` is not a bot score", short(key)));
    let problem = problem.label("scores are `1` to `99`, without leading zeros");
    problem.maybe_hint(write(meant.as_deref())).replacement(meant)
}

fn write(meant: Option<&str>) -> Option<String> {
    meant.map(|meant| format!("write `{meant}`"))
}

/// A value that is not an integer from 0 to the API's maximum.
pub(super) fn wrong(at: Cursor<'_>, name: &str) -> Diagnostic {
    let Json::Number(number) = at.value() else { return not_a_number(at, name) };
    let (rule, meant) = match number.as_f64() {
        Some(float) if float < 0.0 => ("a count is not negative", None),
        // Above 2^53 a float cannot represent every integer, so the suggestion could be wrong.
        Some(float) if float.fract() == 0.0 && float < 9e15 => {
            ("a count is written without a fraction", Some(format!("{float:.0}")))
        }
        Some(float) if float.fract() != 0.0 => ("a count is a whole number", None),
        _ => ("a count is at most 9223372036854775807", None),
    };
    let written = at.written().map_or_else(|| number.to_string(), str::to_owned);
    let message = format!("{} must be a whole number from 0, not `{}`", named(name), short(&written));
    at.problem(message).label(rule).maybe_hint(write(meant.as_deref())).replacement(meant)
}

fn not_a_number(at: Cursor<'_>, name: &str) -> Diagnostic {
    let problem = mismatch(at, name, "a whole number from 0");
    let text = at.value().as_str().map(str::trim);
    match text.filter(|text| text.parse::<i64>().is_ok_and(|number| number >= 0)) {
        Some(number) => problem
            .label("a string, because it is quoted")
            .maybe_hint(write(Some(number)))
            .replacement(number.to_owned()),
        None => problem,
    }
}
