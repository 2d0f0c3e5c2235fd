//! Reads one value: returns it, or what is wrong with it.

use super::phrases::{
    boolean_meant, boolean_mend, did_you_mean, listed, mismatch, mismatch_of, named, shown,
};
use super::setting::setting_named;
use crate::catalogue::{Setting, Variant};
use crate::config::keys::variants;
use crate::config::suggest;
use crate::config::yaml::Cursor;
use crate::model::{
    AccountId, Diagnostic, InvalidName, InvalidRate, InvalidTokenVariable, Rate, Threshold, TokenVariable,
    ZoneId, ZoneName,
};
use jiff::civil::Date;
use serde_json::Value as Json;

/// A value, or what is wrong with it.
pub(in crate::config) type Read<T> = Result<T, Box<Diagnostic>>;

/// The pattern of a date, for schemas.
pub(in crate::config) const DATE_PATTERN: &str = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";

/// The value of a key, if it is there and valid; `Check` has already reported it otherwise.
pub(in crate::config) fn value<'d, T>(
    parent: Cursor<'d>,
    key: &str,
    read: impl Fn(Cursor<'d>, &str) -> Read<T>,
) -> Option<T> {
    read(parent.get(key)?, key).ok()
}

/// The items of a list, if it is one.
pub(in crate::config) fn items<'d>(parent: Cursor<'d>, key: &str) -> Vec<Cursor<'d>> {
    parent.get(key).and_then(Cursor::items).unwrap_or_default()
}

/// A string. If only quotes are missing and the value is valid with them, the problem has that fix.
pub(in crate::config) fn text_that<'d>(
    at: Cursor<'d>,
    key: &str,
    is_right: impl Fn(&str) -> bool,
) -> Read<&'d str> {
    if let Some(text) = at.value().as_str() {
        return Ok(text);
    }
    let problem = mismatch(at, key, "a string");
    let written = at.written().filter(|_| at.value().is_number() || at.value().is_boolean());
    Err(Box::new(match written.filter(|written| is_right(written)) {
        Some(written) => problem.hint("put it in quotes").replacement(format!("\"{written}\"")),
        None => problem,
    }))
}

/// A string that is not blank.
pub(in crate::config) fn says<'d>(at: Cursor<'d>, key: &str, hint: &str) -> Read<&'d str> {
    let text = text_that(at, key, |_| true)?;
    match text.trim() {
        "" => Err(Box::new(at.problem(format!("`{key}` is empty")).hint(hint))),
        _ => Ok(text),
    }
}

/// A string that was already checked not to be blank.
pub(in crate::config) fn said(at: Cursor<'_>, key: &str) -> Read<String> {
    says(at, key, "").map(str::to_owned)
}

pub(in crate::config) fn zone_name(at: Cursor<'_>, key: &str) -> Read<ZoneName> {
    parsed(at, key, "a zone name", ZoneName::try_from)
}

pub(in crate::config) fn zone_id(at: Cursor<'_>, key: &str) -> Read<ZoneId> {
    parsed(at, key, "a zone id", ZoneId::try_from)
}

pub(in crate::config) fn account_id(at: Cursor<'_>, key: &str) -> Read<AccountId> {
    parsed(at, key, "an account id", AccountId::try_from)
}

/// A string that parses into a type.
fn parsed<T>(
    at: Cursor<'_>,
    key: &str,
    what: &str,
    parse: impl Fn(String) -> Result<T, InvalidName>,
) -> Read<T> {
    let text = text_that(at, key, |text| parse(text.to_owned()).is_ok())?;
    parse(text.to_owned()).map_err(|error| {
        let problem = at.problem(format!("{} is not {what}", shown(&text.into())));
        let problem = problem.label(error.rule()).maybe_hint(did_you_mean(error.suggestion()));
        Box::new(problem.replacement(error.suggestion().map(str::to_owned)))
    })
}

/// A boolean.
pub(in crate::config) fn toggle(at: Cursor<'_>, key: &str) -> Read<bool> {
    at.value().as_bool().ok_or_else(|| {
        let problem = mismatch(at, key, "`true` or `false`");
        Box::new(match boolean_meant(at.value()) {
            Some(meant) => boolean_mend(problem, meant, at.is_quoted()),
            None => problem,
        })
    })
}

/// One of the given words.
pub(in crate::config) fn word<T: Clone>(at: Cursor<'_>, key: &str, words: &[(&'static str, T)]) -> Read<T> {
    let text = at.value().as_str();
    if let Some((_, found)) = words.iter().find(|(word, _)| Some(*word) == text) {
        return Ok(found.clone());
    }
    let all = || words.iter().map(|(word, _)| *word);
    let meant = text.and_then(|text| suggest(text, all()));
    if at.value().is_null() {
        return Err(Box::new(mismatch(at, key, &format!("one of {}", listed(all())))));
    }
    let problem = at.problem(format!("{} is not a value of `{key}`", shown(at.value())));
    let problem = problem.label(format!("one of {}", listed(all()))).maybe_hint(did_you_mean(meant));
    Err(Box::new(problem.replacement(meant.map(str::to_owned))))
}

/// A plan variant.
pub(in crate::config) fn plan(at: Cursor<'_>, key: &str) -> Read<Variant> {
    if at.value().is_null() {
        let problem = mismatch(at, key, "a plan variant");
        return Err(Box::new(problem.hint(format!("write one of {}", variants()))));
    }
    let text = at.value().as_str().unwrap_or_default();
    if let Some(plan) = Variant::parse(text) {
        return Ok(plan);
    }
    let words: Vec<_> = Variant::ALL.iter().map(|variant| variant.word()).collect();
    let plan = text.trim().to_lowercase();
    let of_plan = Variant::ALL.iter().copied().find(|variant| variant.legacy_id() == plan);
    let meant = of_plan.map(Variant::word).or_else(|| suggest(text, words.iter().copied()));
    let hint = match of_plan {
        Some(Variant::BmEnterprise) => {
            "`bm_enterprise` with the Bot Management add-on, `sbfm_business` without it".to_owned()
        }
        Some(variant) => format!("the variant of the plan `{plan}` is `{variant}`"),
        None => did_you_mean(meant).unwrap_or_else(variants),
    };
    let problem = at.problem(format!("{} is not a plan variant", shown(at.value())));
    let problem = problem.label(format!("one of {}", listed(words))).hint(hint);
    Err(Box::new(problem.replacement(meant.map(str::to_owned))))
}

/// A setting of any plan variant that can be written.
pub(in crate::config) fn setting(at: Cursor<'_>, key: &str) -> Read<&'static Setting> {
    setting_named(at, text_that(at, key, |_| false)?)
}

/// A whole number.
pub(in crate::config) fn whole(at: Cursor<'_>, key: &str, least: u32, most: u32) -> Read<u32> {
    let is_within = |number: &u32| (least..=most).contains(number);
    whole_number(at.value()).filter(is_within).ok_or_else(|| {
        let problem = mismatch(at, key, &format!("a whole number from {least} to {most}"));
        let meant: Option<u32> = at.value().as_str().and_then(|text| text.trim().parse().ok());
        let meant = meant.filter(is_within).map(|meant| meant.to_string());
        let hint = meant.as_ref().map(|meant| format!("write `{meant}`"));
        Box::new(problem.maybe_hint(hint).replacement(meant))
    })
}

/// An integer, however it is written (`5`, `5.0`).
fn whole_number(value: &Json) -> Option<u32> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0)?;
    // Larger numbers are out of range anyway, so saturation is fine.
    let exact = value.as_u64().or_else(|| format!("{number:.0}").parse().ok());
    exact.and_then(|number| u32::try_from(number).ok())
}

/// A day.
pub(in crate::config) fn date(at: Cursor<'_>, key: &str) -> Read<Date> {
    let text = at.value().as_str();
    text.and_then(strict_date).ok_or_else(|| {
        let meant = text.and_then(|text| text.get(..10)).and_then(strict_date);
        let problem = mismatch(at, key, "a date").label("written year-month-day");
        let problem = problem.hint("a date looks like `2026-12-31`");
        Box::new(problem.replacement(meant.map(|date| date.to_string())))
    })
}

fn strict_date(text: &str) -> Option<Date> {
    let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let is_placed = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    if is_plain && is_placed { text.parse().ok() } else { None }
}

/// A zone name or pattern; not empty, since that would match nothing.
pub(in crate::config) fn pattern(at: Cursor<'_>, called: &str) -> Read<String> {
    let pattern = at.value().as_str().filter(|text| !text.is_empty());
    let wrong = || Box::new(mismatch_of(at, called, "a zone name, or a pattern such as `*.example.com`"));
    pattern.map(str::to_owned).ok_or_else(wrong)
}

pub(in crate::config) fn rate(at: Cursor<'_>, key: &str) -> Read<Rate> {
    let text = at.value().as_str().or_else(|| at.written().filter(|_| at.value().is_number()));
    let Some(text) = text else {
        return Err(Box::new(mismatch(at, key, "a request rate such as `1200/300`")));
    };
    text.parse().map_err(|error: InvalidRate| {
        let problem = at.problem(error.to_string());
        Box::new(problem.hint("Cloudflare allows 1200 requests in 300 seconds: `1200/300`"))
    })
}

/// What the name of a variable that holds a token is.
pub(in crate::config) const TOKEN_WANTED: &str = "name a variable of the environment: `CLOUDFLARE_API_TOKEN`, or one that begins with `CLOUDFLARE_API_TOKEN_`";

/// The name of a variable that holds a token. What is written may be a token itself: it is not
/// repeated.
pub(in crate::config) fn token_variable(at: Cursor<'_>, key: &str) -> Read<TokenVariable> {
    let text = text_that(at, key, |text| text.parse::<TokenVariable>().is_ok())?;
    text.parse().map_err(|error: InvalidTokenVariable| {
        let problem =
            at.problem_at_key(format!("{} must name the variable that holds the token", named(key)));
        Box::new(problem.label(error.to_string()).hint(TOKEN_WANTED))
    })
}

/// The pattern of a revision, for schemas: neither an empty one nor a range.
pub(in crate::config) const REVISION_PATTERN: &str =
    r"^([^\s.^]|\.[^\s.^])(\.?[^\s.^]|\^+[^\s.^!@-])*\^*\.?$";

/// What a revision is.
pub(in crate::config) const REVISION_WANTED: &str =
    "name one commit, such as the tag `applied` or `origin/main`, without spaces";

/// A git revision, which is one commit.
pub(in crate::config) fn revision<'d>(at: Cursor<'d>, key: &str) -> Read<&'d str> {
    let text = says(at, key, REVISION_WANTED)?;
    let wrong = match text {
        _ if is_range(text) => "is a range, not a revision",
        _ if text.contains(char::is_whitespace) => "is not a revision",
        _ => return Ok(text),
    };
    Err(Box::new(at.problem(format!("{} {wrong}", shown(at.value()))).hint(REVISION_WANTED)))
}

/// Whether a text means several commits to git.
pub(crate) fn is_range(revision: &str) -> bool {
    revision.contains("..")
        || revision.starts_with('^')
        || ["^!", "^@", "^-"].iter().any(|part| revision.contains(part))
}

/// A number, or a percentage of all.
pub(in crate::config) fn threshold(at: Cursor<'_>, key: &str) -> Read<Threshold> {
    Err(Box::new(match at.value() {
        Json::Number(_) => return whole(at, key, 0, Threshold::MAX_COUNT).map(Threshold::Count),
        Json::String(text) => match text.parse() {
            Ok(Threshold::Percent(percent)) => return Ok(Threshold::Percent(percent)),
            Ok(Threshold::Count(count)) => {
                let problem = at.problem(format!("{} has a number in quotes", named(key)));
                problem.hint(format!("write `{count}`")).replacement(count.to_string())
            }
            Err(error) => at.problem(error.to_string()),
        },
        _ => mismatch(at, key, "a number such as `10`, or a percentage such as `5%`"),
    }))
}
