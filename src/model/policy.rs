//! The rules of a project for every run: the request rate, the guards, and the policies with their name patterns.

use super::Place;
use crate::catalogue::{Setting, Value};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A text that is not a threshold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not a number such as `10`, or a percentage such as `5%`")]
pub struct InvalidThreshold {
    input: String,
}

/// A number of zones, or a percentage of all; a string such as `10` or `5%` in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Threshold {
    /// A number.
    Count(u32),
    /// A percentage.
    Percent(u32),
}

impl Threshold {
    /// The largest count.
    pub const MAX_COUNT: u32 = 999_999_999;

    /// The pattern of a percentage, for schemas.
    pub const PERCENT_PATTERN: &'static str = "^(100|[1-9]?[0-9])%$";

    /// How many of `all` it allows; a percentage is rounded down.
    #[must_use]
    pub fn rounded_down(self, all: usize) -> usize {
        match self {
            Self::Count(count) => count as usize,
            Self::Percent(percent) => all.saturating_mul(percent as usize) / 100,
        }
    }

    /// How many of `all` it allows; a percentage is rounded up.
    #[must_use]
    pub fn rounded_up(self, all: usize) -> usize {
        match self {
            Self::Count(count) => count as usize,
            Self::Percent(percent) => all.saturating_mul(percent as usize).div_ceil(100),
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
        // Untrusted text: keep the message short.
        read.ok_or_else(|| InvalidThreshold { input: text.chars().take(60).collect() })
    }
}

impl TryFrom<String> for Threshold {
    type Error = InvalidThreshold;

    fn try_from(text: String) -> Result<Self, InvalidThreshold> {
        text.parse()
    }
}

impl From<Threshold> for String {
    fn from(threshold: Threshold) -> Self {
        threshold.to_string()
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

/// The limits of a run; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Guards {
    /// The most zones that may change.
    pub max_zones: Option<Threshold>,
    /// The most changes that may loosen protection.
    pub max_loosening: Option<u32>,
    /// How many zones may fail: once more have failed, no further zone is started.
    pub max_failures: Option<Threshold>,
    /// The number of zone files in the project, the base of percentages; `None` uses the number in the plan.
    pub zone_files: Option<usize>,
}

/// The rule of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyRule {
    /// None of these values.
    Forbid(BTreeMap<&'static Setting, Vec<Value>>),
    /// Exactly this value.
    Pin(BTreeMap<&'static Setting, Value>),
    /// No value that protects less.
    AtLeast(BTreeMap<&'static Setting, Value>),
    /// No value that is known to shut out search engines; one of which that is not certain is a warning.
    ShutsOutSearchEngines,
}

/// An exception of a zone from a policy, for a while.
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
    /// Why it exists.
    pub reason: String,
    /// The names or patterns of the zones that it covers; empty for all zones.
    pub zones: Vec<String>,
    /// The rule.
    pub rule: PolicyRule,
    /// The exceptions.
    pub exceptions: Vec<PolicyException>,
    /// Its place in the project file.
    pub place: Place,
}

/// A limit of requests in any window of a number of seconds.
///
/// ```
/// let rate: botform::model::Rate = "1200/300".parse()?;
/// assert_eq!((rate.requests(), rate.seconds()), (1200, 300));
/// assert_eq!(rate.to_string(), "1200/300");
/// # Ok::<(), botform::model::InvalidRate>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    requests: u32,
    seconds: u32,
}

/// A text that is not a request rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not a request rate: {rule}")]
pub struct InvalidRate {
    input: String,
    rule: &'static str,
}

impl Rate {
    /// Cloudflare's limit for a user, across all tokens.
    pub const CLOUDFLARE: Self = Self { requests: 1200, seconds: 300 };

    /// Cloudflare's separate limit of analytics queries for a user.
    pub const QUERIES: Self = Self { requests: 300, seconds: 300 };

    /// The pattern of a rate, for schemas.
    pub const PATTERN: &'static str = "^[1-9][0-9]{0,8}/([1-9][0-9]{0,2}|[12][0-9]{3}|3[0-5][0-9]{2}|3600)$";

    /// The longest window: an hour.
    pub const MAX_SECONDS: u32 = 3600;

    /// A rate of at least one request, in a window of 1 to 3600 seconds.
    ///
    /// # Errors
    /// One of the numbers is out of its range.
    pub fn new(requests: u32, seconds: u32) -> Result<Self, InvalidRate> {
        let invalid = |rule| Err(InvalidRate { input: format!("{requests}/{seconds}"), rule });
        if requests == 0 {
            return invalid("at least one request must be allowed");
        }
        if seconds == 0 || seconds > Self::MAX_SECONDS {
            return invalid("the window must be 1 to 3600 seconds");
        }
        Ok(Self { requests, seconds })
    }

    /// The requests.
    #[must_use]
    pub const fn requests(self) -> u32 {
        self.requests
    }

    /// The length of the window in seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.seconds
    }
}

impl Default for Rate {
    fn default() -> Self {
        Self::CLOUDFLARE
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.requests, self.seconds)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let number = |part: &str| {
            let digits = (1..=9).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            part.parse().ok().filter(|_| digits && (part == "0" || !part.starts_with('0')))
        };
        let parts = text.split_once('/').and_then(|(left, right)| Some((number(left)?, number(right)?)));
        match parts {
            Some((requests, seconds)) => Self::new(requests, seconds),
            None => {
                let input = text.escape_debug().take(40).collect();
                Err(InvalidRate { input, rule: "write requests/seconds, such as `1200/300`" })
            }
        }
    }
}

/// Whether a name matches a pattern: `*` matches any characters, `?` matches one; ignores letter case. Runs in
/// polynomial time, since patterns come from files under review.
#[must_use]
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let (mut p, mut n) = (0, 0);
    // The last star, and the first character of the name that it does not cover yet: backtracking only goes there.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || Some(c) == name.get(n) => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                n = taken + 1;
            }
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
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
    fn a_percentage_is_rounded_and_a_number_is_not() {
        for (text, all, down, up) in
            [("20%", 31, 6, 7), ("1%", 1, 0, 1), ("0%", 9, 0, 0), ("100%", 3, 3, 3), ("4", 1, 4, 4)]
        {
            let threshold: Threshold = text.parse().unwrap();
            assert_eq!(
                (threshold.rounded_down(all), threshold.rounded_up(all)),
                (down, up),
                "{text} of {all}"
            );
        }
    }

    #[test]
    fn invalid_thresholds_are_rejected() {
        for text in ["", "%", "101%", "-1", "+1", "1.5", "05", "9999999999", "5 %"] {
            assert!(text.parse::<Threshold>().is_err(), "{text}");
        }
    }

    #[test]
    fn invalid_rates_are_rejected() {
        for text in
            ["", "1200", "0/300", "1/0", "1/3601", "-1/2", "+1/2", "1/2/3", "a/b", "01/3", "99999999999/1"]
        {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        insta::assert_snapshot!("fast".parse::<Rate>().unwrap_err(), @"`fast` is not a request rate: write requests/seconds, such as `1200/300`");
    }
}
