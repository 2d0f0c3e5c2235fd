//! A request rate: a number of requests in any window of a number of seconds.

use std::fmt;
use std::str::FromStr;

/// At most a number of requests in any window of a number of seconds.
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

/// Why a text is no request rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not a request rate: {rule}")]
pub struct InvalidRate {
    input: String,
    rule: &'static str,
}

impl Rate {
    /// What Cloudflare allows a user, all tokens together.
    pub const CLOUDFLARE: Self = Self { requests: 1200, seconds: 300 };

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
            return invalid("the window has 1 to 3600 seconds");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_and_other_texts_are_refused() {
        for text in
            ["", "1200", "0/300", "1/0", "1/3601", "-1/2", "+1/2", "1/2/3", "a/b", "01/3", "99999999999/1"]
        {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        insta::assert_snapshot!("fast".parse::<Rate>().unwrap_err(), @"`fast` is not a request rate: write requests/seconds, such as `1200/300`");
    }
}
