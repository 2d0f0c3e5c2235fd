//! How far the clock of this machine is from the server's.

use crate::render::Check;
use jiff::SignedDuration;

/// The clock difference above which to warn: this machine's clock decides the days of waivers and freezes.
const MOST_CLOCK_OFFSET: SignedDuration = SignedDuration::from_secs(60);

/// Compares the two; a server may not say what time it is.
pub(super) fn clock(offset: Option<SignedDuration>) -> Check {
    let Some(offset) = offset else {
        return Check::skipped("clock", "the server does not report its time");
    };
    let seconds = offset.as_secs().unsigned_abs();
    match offset.abs() <= MOST_CLOCK_OFFSET {
        true => Check::ok("clock", "matches the server"),
        false => {
            let side = if offset.is_positive() { "behind" } else { "ahead of" };
            Check::warning("clock", format!("this machine is {seconds} s {side} the server"))
                .hint("correct it: it decides the days of freezes, waivers and temporary values")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::CheckStatus;

    #[test]
    fn a_clock_that_is_wrong_by_more_than_a_minute_is_a_warning_with_its_side() {
        let said = |seconds| clock(Some(SignedDuration::from_secs(seconds))).message;
        assert_eq!([said(60), said(-60)], ["matches the server"; 2]);
        assert_eq!(said(61), "this machine is 61 s behind the server");
        assert_eq!(said(-7200), "this machine is 7200 s ahead of the server");
        assert_eq!(clock(Some(SignedDuration::from_secs(61))).status, CheckStatus::Warning);
        assert_eq!(clock(None).status, CheckStatus::Skipped);
    }
}
