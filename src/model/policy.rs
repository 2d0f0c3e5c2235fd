//! What a project asks of every run: the guards, and the policy rules.

use super::Place;
use crate::catalogue::{Setting, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Why a text is no threshold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not a number such as `10`, or a part such as `5%`")]
pub struct InvalidThreshold {
    input: String,
}

/// A number of zones, or a part of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// So many.
    Count(u32),
    /// So many of a hundred.
    Percent(u32),
}

impl Threshold {
    /// The largest count.
    pub const MAX_COUNT: u32 = 999_999_999;

    /// The pattern of a part, for schemas.
    pub const PERCENT_PATTERN: &'static str = "^(100|[1-9]?[0-9])%$";

    /// How many of `all` it allows; a part is rounded down.
    #[must_use]
    pub fn of(self, all: usize) -> usize {
        match self {
            Self::Count(count) => count as usize,
            Self::Percent(percent) => all.saturating_mul(percent as usize) / 100,
        }
    }
}

impl FromStr for Threshold {
    type Err = InvalidThreshold;

    fn from_str(text: &str) -> Result<Self, InvalidThreshold> {
        let read = match text.strip_suffix('%') {
            Some(percent) => number(percent).filter(|percent| *percent <= 100).map(Self::Percent),
            None => number(text).map(Self::Count),
        };
        // A message need not hold all of a long text.
        read.ok_or_else(|| InvalidThreshold { input: text.chars().take(60).collect() })
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

fn number(text: &str) -> Option<u32> {
    let is_plain = text == "0" || !text.starts_with('0');
    let is_number = (1..=9).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    if is_plain && is_number { text.parse().ok() } else { None }
}

/// Limits that refuse a run; `None` where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Guards {
    /// The most zones that may change.
    pub max_zones: Option<Threshold>,
    /// The most changes that may loosen protection.
    pub max_loosening: Option<u32>,
    /// The failures after which no further zone is attempted.
    pub max_failures: Option<Threshold>,
}

/// What a policy asks of the settings that a file manages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyRule {
    /// None of these values.
    Forbid(BTreeMap<&'static Setting, Vec<Value>>),
    /// Exactly this value.
    Pin(BTreeMap<&'static Setting, Value>),
    /// No value that protects less.
    AtLeast(BTreeMap<&'static Setting, Value>),
}

/// A zone that need not keep a policy for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyException {
    /// The name of the zone, or a pattern of names.
    pub zone: String,
    /// Why.
    pub reason: String,
    /// The last day (UTC).
    pub until: jiff::civil::Date,
}

/// A rule for many zones, with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its name, unique in the project.
    pub id: String,
    /// Why it is there.
    pub reason: String,
    /// The names, or patterns of names, it holds for; empty for all zones.
    pub zones: Vec<String>,
    /// What it asks.
    pub rule: PolicyRule,
    /// The zones that need not keep it for a while.
    pub exceptions: Vec<PolicyException>,
    /// Where it stands in the project file.
    pub place: Place,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_read_back() {
        for text in ["0", "10", "5%", "100%", "0%"] {
            assert_eq!(text.parse::<Threshold>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_threshold_is_refused() {
        for text in ["", "%", "101%", "-1", "+1", "1.5", "05", "9999999999", "5 %"] {
            assert!(text.parse::<Threshold>().is_err(), "{text}");
        }
    }
}
