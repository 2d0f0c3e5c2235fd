//! Submissions generated on the fly: a row is a function of its number, so any number of rows takes no memory.

use super::key::{Key, Kind};
use super::reader::{At, Reader};
use crate::catalogue::submissions::{DISPOSITIONS, REVIEW_STATES};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// The members that may be null: each row lacks one of them, in turn, except every seventeenth row.
const NULLABLE: [&str; 16] = [
    "customer_status",
    "escalated_as",
    "escalated_at",
    "escalated_by",
    "escalated_submission_id",
    "original_disposition",
    "original_edf_hash",
    "original_postfix_id",
    "outcome",
    "outcome_disposition",
    "requested_by",
    "requested_disposition",
    "requested_ts",
    "status",
    "subject",
    "type",
];

const SUBJECTS: [&str; 5] = [
    "Invoice overdue",
    "Your parcel is waiting",
    "Re: contract",
    "Password expires today",
    "Weekly newsletter",
];

const COUNT: Key = Key::new("count", Kind::Number(0, 10_000_000), "The number of rows.").required();
const DAYS: Key =
    Key::new("days", Kind::Number(1, 3650), "The number of days over which they are spread; 30 by default.");

/// The keys of generated rows.
pub(super) const KEYS: [Key; 4] = [
    COUNT,
    DAYS,
    Key::new("start", Kind::Time, "When the oldest was requested."),
    Key::new("end", Kind::Time, "When the newest was requested."),
];

/// The number of rows and their time range; row 0 is the oldest.
#[derive(Clone, Debug)]
pub(super) struct Generated {
    pub(super) count: u32,
    days: u32,
    start: Option<Timestamp>,
    /// By default the time of the first request, fixed from then on, so that no row moves between two pages.
    end: Option<Timestamp>,
}

impl Generated {
    /// Reads the entry of a world file.
    pub(super) fn read(reader: &mut Reader, at: &At<'_>) -> Self {
        reader.keys(at, &KEYS);
        let (start, end) = (reader.time(at, "start"), reader.time(at, "end"));
        if start.zip(end).is_some_and(|(start, end)| start > end) {
            reader.fail(&at.path, "`start` is after `end`");
        }
        Self {
            count: reader.number(at, &COUNT).unwrap_or(0),
            days: reader.number(at, &DAYS).unwrap_or(30),
            start,
            end,
        }
    }

    /// Fixes the time of the newest row.
    pub(super) fn fix(&mut self, now: Timestamp) {
        self.end.get_or_insert(now);
    }

    /// When a row was requested.
    pub(super) fn requested_at(&self, row: u32) -> Timestamp {
        let end = self.end.unwrap_or_default().as_millisecond();
        let days = i64::from(self.days) * 86_400_000;
        let start = self.start.map_or(end.saturating_sub(days), Timestamp::as_millisecond);
        let span = i128::from(end.saturating_sub(start).max(0));
        let gone = span * i128::from(row + 1) / i128::from(self.count.max(1));
        let millisecond = start.saturating_add(i64::try_from(gone).unwrap_or(0));
        Timestamp::from_millisecond(millisecond).unwrap_or_default()
    }

    /// The number of the first row that was not requested before a time.
    pub(super) fn first_since(&self, time: Timestamp) -> u32 {
        self.partition(|at| at < time)
    }

    /// The number of the first row that was requested after a time.
    pub(super) fn first_after(&self, time: Timestamp) -> u32 {
        self.partition(|at| at <= time)
    }

    fn partition(&self, before: impl Fn(Timestamp) -> bool) -> u32 {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            if before(self.requested_at(middle)) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// A row as the API shows it.
    pub(super) fn row(&self, row: u32) -> Json {
        let members = ["submission_id", "requested_at"].into_iter().chain(NULLABLE);
        let object =
            members.map(|name| (name.to_owned(), self.member(row, name).map_or(Json::Null, Json::from)));
        Json::Object(object.collect::<Map<_, _>>())
    }

    /// One member of a row; `None` if it is null.
    pub(super) fn member(&self, row: u32, name: &str) -> Option<String> {
        // Cloudflare never sends the deprecated member as null, and strict clients would fail on it.
        if name != "requested_ts" && NULLABLE.get(index(row, 17)).is_some_and(|null| *null == name) {
            return None;
        }
        let state = pick(REVIEW_STATES, row / 2);
        if name.starts_with("escalated") && state != "escalated" {
            return None;
        }
        Some(match name {
            "submission_id" => format!("00000000-0000-4000-8000-{row:012x}"),
            "requested_at" | "requested_ts" | "escalated_at" => self.requested_at(row).to_string(),
            "customer_status" => state.to_owned(),
            "original_disposition" => pick(DISPOSITIONS, row).to_owned(),
            "requested_disposition" => pick(DISPOSITIONS, row / 5 + 1).to_owned(),
            "outcome_disposition" | "escalated_as" => pick(DISPOSITIONS, row / 7 + 2).to_owned(),
            "escalated_submission_id" => format!("00000000-0000-4000-9000-{row:012x}"),
            "original_edf_hash" => format!("{row:064x}"),
            "original_postfix_id" => format!("4Z{row:010X}"),
            "outcome" => pick(&["accepted", "rejected"], row / 3).to_owned(),
            "requested_by" | "escalated_by" => format!("user{}@example.com", row % 50),
            "status" => pick(&["completed", "pending"], row / 11).to_owned(),
            "subject" => format!("{} ({row})", pick(&SUBJECTS, row)),
            "type" => pick(&["Team", "User"], row / 4).to_owned(),
            _ => return None,
        })
    }
}

fn index(row: u32, length: usize) -> usize {
    usize::try_from(row).unwrap_or(0) % length
}

fn pick(words: &[&'static str], row: u32) -> &'static str {
    words.get(index(row, words.len().max(1))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hundred() -> Generated {
        let end = Some("2026-10-31T00:00:00Z".parse().unwrap());
        Generated { count: 100, days: 30, start: None, end }
    }

    #[test]
    fn rows_are_spread_over_the_days_up_to_the_end() {
        let rows = hundred();
        assert_eq!(rows.requested_at(99).to_string(), "2026-10-31T00:00:00Z");
        assert!(rows.requested_at(0) > "2026-10-01T00:00:00Z".parse().unwrap());
        assert!((1..100).all(|row| rows.requested_at(row - 1) < rows.requested_at(row)));
    }

    #[test]
    fn a_time_finds_its_row() {
        let rows = hundred();
        let at = rows.requested_at(40);
        assert_eq!((rows.first_since(at), rows.first_after(at)), (40, 41));
    }

    #[test]
    fn every_member_but_three_is_null_in_some_rows_and_set_in_others() {
        let rows = hundred();
        for name in NULLABLE.into_iter().filter(|name| *name != "requested_ts") {
            assert!((0..100).any(|row| rows.member(row, name).is_none()), "{name}");
            assert!((0..100).any(|row| rows.member(row, name).is_some()), "{name}");
        }
        for name in ["submission_id", "requested_at", "requested_ts"] {
            assert!((0..100).all(|row| rows.member(row, name).is_some()), "{name}");
        }
    }
}
