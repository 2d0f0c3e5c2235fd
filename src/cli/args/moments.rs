//! Ages and times on the command line: `7d`, `2026-01-31`, `2026-01-31T08:00:00Z`.

use crate::cli::Failure;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// The beginning or the end of a time range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// That long ago.
    Ago(SignedDuration),
    /// A day (UTC).
    Day(Date),
    /// An instant.
    At(Timestamp),
}

/// A length of time such as `7d`, with the user's spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Age {
    /// How long it is.
    pub(crate) length: SignedDuration,
    /// What was typed.
    pub(crate) typed: String,
}

/// Reads a moment.
pub(crate) fn moment(text: &str) -> Result<Moment, String> {
    if let Some(age) = length(text) {
        return Ok(Moment::Ago(age));
    }
    let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
    let at = || text.parse().ok().map(Moment::At);
    day.map(Moment::Day).or_else(at).ok_or_else(|| {
        "write an age such as `7d` or `12h`, a day such as `2026-01-31`, or a time such as `2026-01-31T08:00:00Z`"
            .to_owned()
    })
}

/// Reads a length of time.
pub(crate) fn age(text: &str) -> Result<Age, String> {
    let age = length(text).map(|length| Age { length, typed: text.to_owned() });
    age.ok_or_else(|| "write a length of time such as `7d`, `12h`, `30m` or `2w`".to_owned())
}

/// Reads the time that a run has.
pub(crate) fn time_budget(text: &str) -> Result<Age, String> {
    age(text)
        .ok()
        .filter(|age| age.length.is_positive())
        .ok_or_else(|| "write a length of time above zero, such as `10m` or `1h30m`".to_owned())
}

/// A length of time. Rejects months and years, whose length depends on the date.
fn length(text: &str) -> Option<SignedDuration> {
    let span: Span = text.parse().ok()?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    (!length.is_negative()).then_some(length)
}

impl Moment {
    /// The instant as the beginning of a range; a day begins at midnight.
    pub(crate) fn begins(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(age) => now.saturating_sub(age).unwrap_or(Timestamp::MIN),
            Self::Day(day) => midnight(day),
            Self::At(at) => at,
        }
    }

    /// The instant as the end of a range; a day ends at its last microsecond.
    pub(crate) fn ends(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Day(day) => {
                let next = day.tomorrow().map_or(Timestamp::MAX, midnight);
                next.saturating_sub(SignedDuration::from_micros(1)).unwrap_or(next)
            }
            Self::Ago(_) | Self::At(_) => self.begins(now),
        }
    }
}

fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

/// A time range, open where no limit was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Its beginning.
    pub(crate) since: Option<Timestamp>,
    /// Its end.
    pub(crate) until: Option<Timestamp>,
}

impl Window {
    /// The range between the given limits.
    pub(crate) fn of(since: Option<Moment>, until: Option<Moment>, now: Timestamp) -> Result<Self, Failure> {
        let window =
            Self { since: since.map(|since| since.begins(now)), until: until.map(|until| until.ends(now)) };
        match (window.since, window.until.unwrap_or(Timestamp::MAX)) {
            (Some(since), until) if since > until => {
                Err(Failure::usage(format!("`--since` ({since}) is after `--until` ({until})"))
                    .hint("`--until` with a day includes that day"))
            }
            _ => Ok(window),
        }
    }

    /// Whether it contains an instant.
    pub(crate) fn holds(&self, at: Timestamp) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at <= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-08T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn ages_days_and_times_are_read() {
        let begins = |text: &str| moment(text).unwrap().begins(now()).to_string();
        assert_eq!(begins("7d"), "2026-11-01T12:00:00Z");
        assert_eq!(begins("36h"), "2026-11-07T00:00:00Z");
        assert_eq!(begins("1w 2 days"), "2026-10-30T12:00:00Z");
        assert_eq!(begins("2026-11-01"), "2026-11-01T00:00:00Z");
        assert_eq!(begins("2026-11-01T02:00:00+02:00"), "2026-11-01T00:00:00Z");
        for bad in [
            "",
            "d",
            "-7d",
            "7",
            "7y",
            "1mo",
            "99999999999999d",
            "yesterday",
            "2026-13-01",
            "2026-11-01T00:00:00",
        ] {
            assert!(moment(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_run_has_some_time() {
        let seconds = |text: &str| time_budget(text).map(|time| time.length.as_secs());
        assert_eq!((seconds("10m"), seconds("1h30m"), seconds("90 seconds")), (Ok(600), Ok(5_400), Ok(90)));
        for bad in ["", "0s", "0", "-10m", "10", "1mo", "soon"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_day_as_the_end_is_included() {
        let until = moment("2026-11-01").unwrap().ends(now());
        assert_eq!(until.to_string(), "2026-11-01T23:59:59.999999Z");
        let day = moment("2026-11-01").ok();
        assert!(Window::of(day, day, now()).is_ok());
        assert!(Window::of(moment("1d").ok(), moment("2d").ok(), now()).is_err());
    }
}
