//! The request limit: a window begins with its first request, and exceeding it blocks requests for another window.

use super::key::{Key, Kind};
use super::reader::{At, Reader};
use jiff::Timestamp;
use std::collections::BTreeMap;

const REQUESTS: Key =
    Key::new("requests", Kind::Number(1, 1_000_000), "The number of requests in a window; 1200 by default.");
const SECONDS: Key =
    Key::new("seconds", Kind::Number(1, 86_400), "The length of a window in seconds; 300 by default.");

/// The keys of a limit.
pub(super) const KEYS: [Key; 2] = [REQUESTS, SECONDS];

/// The number of requests that a user may send in a window. Each user has windows of their own, whichever of their tokens
/// a request carries.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    pub(super) requests: u32,
    pub(super) seconds: u32,
    /// Whether it is enforced; otherwise no header announces it.
    pub(super) enforced: bool,
    /// The windows by user.
    windows: BTreeMap<String, Window>,
}

/// The window of a user.
#[derive(Clone, Debug, Default)]
struct Window {
    begun: Option<Timestamp>,
    used: u32,
    refusing: bool,
}

impl Default for Limit {
    fn default() -> Self {
        let mut limit = Self::of(1200, 300);
        limit.enforced = false;
        limit
    }
}

impl Limit {
    pub(super) fn of(requests: u32, seconds: u32) -> Self {
        Self { requests, seconds, enforced: true, windows: BTreeMap::new() }
    }

    /// Reads the limit of a world file.
    pub(super) fn read(reader: &mut Reader, at: &At<'_>) -> Self {
        reader.keys(at, &KEYS);
        let requests = reader.number(at, &REQUESTS).unwrap_or(1200);
        let seconds = reader.number(at, &SECONDS).unwrap_or(300);
        Self::of(requests, seconds)
    }

    /// Counts a request of a user; returns false if it exceeds the limit. All of the user's requests are then refused for
    /// a whole window.
    pub(super) fn take(&mut self, user: &str, now: Timestamp) -> bool {
        let is_over = self.rest(user, now) == 0;
        let window = self.windows.entry(user.to_owned()).or_default();
        if is_over {
            *window = Window { begun: Some(now), used: 0, refusing: false };
        }
        window.used = window.used.saturating_add(1);
        if self.enforced && window.used > self.requests && !window.refusing {
            (window.begun, window.refusing) = (Some(now), true);
        }
        !window.refusing
    }

    /// How many requests a user has left in the window.
    pub(super) fn left(&self, user: &str) -> u32 {
        match self.windows.get(user) {
            Some(window) if window.refusing => 0,
            window => self.requests.saturating_sub(window.map_or(0, |window| window.used)),
        }
    }

    /// The seconds until the window of a user ends, rounded up.
    pub(super) fn rest(&self, user: &str, now: Timestamp) -> u64 {
        let Some(begun) = self.windows.get(user).and_then(|window| window.begun) else { return 0 };
        let gone = now.as_millisecond().saturating_sub(begun.as_millisecond()).max(0);
        let rest = (i64::from(self.seconds) * 1000).saturating_sub(gone).max(0);
        u64::try_from(rest).unwrap_or(0).div_ceil(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    #[test]
    fn one_too_many_is_refused_for_a_whole_window() {
        let mut limit = Limit::of(2, 300);
        assert!(limit.take("", at(0)) && limit.take("", at(100)));
        assert_eq!((limit.left(""), limit.rest("", at(100))), (0, 200));
        assert!(!limit.take("", at(200)) && !limit.take("", at(499)));
        assert_eq!(limit.rest("", at(200)), 300);
        assert!(limit.take("", at(500)));
        assert_eq!(limit.left(""), 1);
    }

    #[test]
    fn a_window_that_has_ended_gives_all_requests_again() {
        let mut limit = Limit::of(1, 10);
        assert!(limit.take("", at(0)) && limit.take("", at(10)));
    }

    #[test]
    fn a_limit_that_is_not_enforced_refuses_nothing() {
        let mut limit = Limit::default();
        assert!((0..5000).all(|_| limit.take("", at(0))));
    }

    #[test]
    fn each_user_has_a_window_of_their_own() {
        let mut limit = Limit::of(1, 300);
        assert!(limit.take("one", at(0)) && limit.take("two", at(100)));
        assert!(!limit.take("one", at(100)));
        assert_eq!((limit.left("two"), limit.rest("two", at(100))), (0, 300));
        assert_eq!((limit.left("three"), limit.rest("three", at(100))), (1, 0));
    }
}
