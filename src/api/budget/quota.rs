//! The rate-limit headers of a reply.

use reqwest::header::HeaderMap;
use std::time::Duration;

/// What is left of the rate limit, and the limit itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::api) struct Quota {
    /// Requests left, and for how long that holds.
    pub(in crate::api) left: Option<(u32, Duration)>,
    /// Requests allowed, and in which window.
    pub(in crate::api) policy: Option<(u32, Duration)>,
}

impl Quota {
    /// Reads `Ratelimit: "default";r=LEFT;t=SECONDS` and `Ratelimit-Policy: "default";q=REQUESTS;w=SECONDS`.
    pub(in crate::api) fn read(headers: &HeaderMap) -> Self {
        let pair = |header, number, seconds| {
            headers
                .get(header)
                .and_then(|value| value.to_str().ok())
                .and_then(|text| scarcest(text, number, seconds))
        };
        Self { left: pair("ratelimit", "r", "t"), policy: pair("ratelimit-policy", "q", "w") }
    }
}

/// The item with the smallest number: a header may list several limits, and the scarcest decides.
fn scarcest(text: &str, number: &str, seconds: &str) -> Option<(u32, Duration)> {
    let items = text.split(',').filter_map(|item| {
        let seconds = parameter(item, seconds)?;
        Some((parameter(item, number)?, Duration::from_secs(seconds.into())))
    });
    items.min()
}

fn parameter(item: &str, key: &str) -> Option<u32> {
    let mut pairs = item.split(';').filter_map(|part| part.split_once('='));
    pairs.find(|(name, _)| name.trim() == key).and_then(|(_, value)| value.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_headers_are_read_and_invalid_ones_ignored() {
        let mut headers = HeaderMap::new();
        headers.insert("ratelimit", "\"default\";r=1130; t=34".parse().unwrap());
        headers.insert("ratelimit-policy", "\"default\";q=1200;w=300".parse().unwrap());
        let quota = Quota::read(&headers);
        assert_eq!(quota.left, Some((1130, Duration::from_secs(34))));
        assert_eq!(quota.policy, Some((1200, Duration::from_secs(300))));
        headers.insert("ratelimit", "\"a\";r=9;t=1, \"b\";r=3;t=60, \"c\";r=7;t=2".parse().unwrap());
        assert_eq!(Quota::read(&headers).left, Some((3, Duration::from_secs(60))), "the scarcest counts");
        for odd in ["", "r", "r=;t=", "r=-1;t=3", "\"a\";r=x;t=1", "r=5"] {
            headers.insert("ratelimit", odd.parse().unwrap());
            assert_eq!(Quota::read(&headers).left, None, "{odd}");
        }
    }
}
