//! What every exception to a rule carries: a reason and an end.

use super::Fields;
use jiff::civil::Date;

/// The pattern of a date, for schemas.
pub(in crate::config) const DATE_PATTERN: &str = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";

/// Reads `reason` and `until`, both of which must be there.
pub(in crate::config) fn reason_and_end(fields: &mut Fields<'_>, parent: &str) -> Option<(String, Date)> {
    fields.require(parent, "reason", "reason: why");
    fields.require(parent, "until", "until: 2026-12-31");
    let reason = reason(fields, parent);
    let until = date(fields, parent, "until");
    reason.zip(until)
}

/// Reads a reason, which says something.
pub(in crate::config) fn reason(fields: &mut Fields<'_>, parent: &str) -> Option<String> {
    let (pointer, text) = fields.text(parent, "reason")?;
    if text.trim().is_empty() {
        let problem = fields.doc.problem_at_value(&pointer, "the reason is empty");
        fields.push(problem.hint("say why, for those who read the file later"));
        return None;
    }
    Some(text.to_owned())
}

fn date(fields: &mut Fields<'_>, parent: &str, key: &str) -> Option<Date> {
    let (pointer, text) = fields.text(parent, key)?;
    let read = strict_date(text);
    if read.is_none() {
        let message = format!("`{key}` has to be a date, not {}", super::value::shown(&text.into()));
        let mut problem = fields.doc.problem_at_value(&pointer, message);
        problem = problem.label("written year-month-day".to_owned());
        let meant = text.get(..10).and_then(strict_date);
        problem.hint = Some("a date is written such as `2026-12-31`".to_owned());
        problem = problem.replacement(meant.map(|date| date.to_string()));
        fields.push(problem);
    }
    read
}

fn strict_date(text: &str) -> Option<Date> {
    let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let is_placed = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    if is_plain && is_placed { text.parse().ok() } else { None }
}
