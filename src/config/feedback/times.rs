//! The problems of a report's times: their format, their order, and times in the future.

use crate::config::check::{Check, text_that};
use crate::config::yaml::{Cursor, short};
use crate::model::{Diagnostic, read_time as read};
use jiff::{SignedDuration, Timestamp};

/// The clock difference between machines that is tolerated.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

const LAST: &str = "last_request_seen_at";

/// Rejects times in the future.
pub(super) fn check(check: &mut Check, root: Cursor<'_>, now: Timestamp) {
    let latest = now.checked_add(SKEW).unwrap_or(Timestamp::MAX);
    for key in ["first_request_seen_at", LAST] {
        let Some(at) = root.get(key) else { continue };
        let Some(time) = at.value().as_str().and_then(read).filter(|time| *time > latest) else { continue };
        let ahead = length(time.duration_since(now));
        let problem = at.problem(format!("`{key}` is {ahead} in the future"));
        let hint = "a report covers requests that were already seen; correct the time or its offset";
        check.push(problem.hint(hint));
    }
}

/// The first request after the last one.
pub(super) fn swapped(root: Cursor<'_>, at: Cursor<'_>, first: Timestamp, last: Timestamp) -> Diagnostic {
    let after = length(first.duration_since(last));
    let problem = at.problem(format!("`first_request_seen_at` is {after} after `{LAST}`"));
    let problem = problem.label("the first request cannot come after the last");
    let other = root.get(LAST).map(|last| last.related("the last one"));
    let problem = other.into_iter().fold(problem, Diagnostic::related);
    problem.hint("swap the two, or correct the one that is wrong")
}

/// What is wrong with a time, with the right spelling if it can be derived.
pub(super) fn wrong(at: Cursor<'_>, key: &str) -> Diagnostic {
    let text = match text_that(at, key, |_| false) {
        Ok(text) => text,
        Err(problem) => return *problem,
    };
    let upper = text.trim().replacen(' ', "T", 1).to_ascii_uppercase();
    let candidates =
        [upper.clone(), format!("{upper}Z"), format!("{upper}:00Z"), format!("{upper}T00:00:00Z")];
    let meant = candidates.into_iter().find(|candidate| read(candidate).is_some());
    let hint = meant.as_ref().map(|meant| {
        let condition = if *meant == upper { "" } else { " if it is in UTC" };
        format!("write `{meant}`{condition}")
    });
    let problem = at.problem(format!("`{}` is not a time", short(text)));
    let problem = problem.label("RFC 3339 with an offset, such as `2026-01-31T08:00:00Z`");
    problem.maybe_hint(hint).replacement(meant)
}

/// A length of time in its largest unit.
fn length(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().abs();
    let (count, unit) = match seconds {
        0..=119 => (seconds.max(1), "second"),
        120..=7199 => (seconds / 60, "minute"),
        7200..=172_799 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_of_rfc_3339_are_read_and_no_others() {
        for good in ["2025-09-30T08:00:00Z", "2025-09-30T08:00:00.749712Z", "2025-09-30T08:00:00-23:59"] {
            assert!(read(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "2025-09-30",
            "2025-09-30T08:00:00",
            "2025-09-30 08:00:00Z",
            "2025-09-30t08:00:00z",
            "2025-09-30T08:00Z",
            "2025-09-30T08:00:60Z",
            "2025-09-30T24:00:00Z",
            "2025-09-31T08:00:00Z",
            "2025-09-30T08:00:00.Z",
            "2025-09-30T08:00:00.1234567890Z",
            "2025-09-30T08:00:00+24:00",
            "2025-09-30T08:00:00+0200",
            "2025-09-30T08:00:00Z[UTC]",
            "２025-09-30T08:00:00Z",
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn lengths_are_shown_in_their_largest_unit() {
        let told = |seconds| length(SignedDuration::from_secs(seconds));
        assert_eq!(
            [told(0), told(90), told(-120), told(7_200)],
            ["1 second", "90 seconds", "2 minutes", "2 hours"]
        );
        assert_eq!(told(200_000), "2 days");
    }

    proptest! {
        #[test]
        fn any_text_is_handled_without_a_panic(text in "[0-9TZ:.+é-]{0,40}") {
            let _ = read(&text);
        }
    }
}
