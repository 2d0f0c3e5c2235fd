//! The request limit: a window begins with its first request, and exceeding it blocks requests for another window.

use super::key::{Key, Kind};
use super::reader::{At, Reader};
use jiff::Timestamp;

const REQUESTS: Key =
    Key::new("requests", Kind::Number(1, 1_000_000), "The number of requests in a window; 1200 by default.");
const SECONDS: Key =
    Key::new("seconds", Kind::Number(1, 86_400), "The length of a window in seconds; 300 by default.");

/// The keys of a limit.
pub(super) const KEYS: [Key; 2] = [REQUESTS, SECONDS];

/// The number of requests that a user may send in a window.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    pub(super) requests: u32,
    pub(super) seconds: u32,
    /// Whether it is enforced; otherwise no header announces it.
    pub(super) enforced: bool,
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
        Self { requests, seconds, enforced: true, begun: None, used: 0, refusing: false }
    }

    /// Reads the limit of a world file.
    pub(super) fn read(reader: &mut Reader, at: &At<'_>) -> Self {
        reader.keys(at, &KEYS);
        let requests = reader.number(at, &REQUESTS).unwrap_or(1200);
        let seconds = reader.number(at, &SECONDS).unwrap_or(300);
        Self::of(requests, seconds)
    }

    /// Counts a request; returns false if it exceeds the limit. Every request is then refused for a whole window.
    pub(super) fn take(&mut self, now: Timestamp) -> bool {
        if self.rest(now) == 0 {
            (self.begun, self.used, self.refusing) = (Some(now), 0, false);
        }
        self.used = self.used.saturating_add(1);
        if self.enforced && self.used > self.requests && !self.refusing {
            (self.begun, self.refusing) = (Some(now), true);
        }
        !self.refusing
    }

    /// How many requests are left in the window.
    pub(super) fn left(&self) -> u32 {
        if self.refusing { 0 } else { self.requests.saturating_sub(self.used) }
    }

    /// The seconds until the window ends, rounded up.
    pub(super) fn rest(&self, now: Timestamp) -> u64 {
        let Some(begun) = self.begun else { return 0 };
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
        assert!(limit.take(at(0)) && limit.take(at(100)));
        assert_eq!((limit.left(), limit.rest(at(100))), (0, 200));
        assert!(!limit.take(at(200)) && !limit.take(at(499)));
        assert_eq!(limit.rest(at(200)), 300);
        assert!(limit.take(at(500)));
        assert_eq!(limit.left(), 1);
    }

    #[test]
    fn a_window_that_has_ended_gives_all_requests_again() {
        let mut limit = Limit::of(1, 10);
        assert!(limit.take(at(0)) && limit.take(at(10)));
    }

    #[test]
    fn a_limit_that_is_not_enforced_refuses_nothing() {
        let mut limit = Limit::default();
        assert!((0..5000).all(|_| limit.take(at(0))));
    }
}
