//! The analytics of a world file: how they sample, how many queries they take, and what goes wrong with them.

use super::rows::Sampling;
use crate::emulator::world::key::{Key, Kind};
use crate::emulator::world::reader::{At, Reader};
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;

const SAMPLE: Key =
    Key::new("sample", Kind::Number(1, 100_000), "One of so many requests is kept; 1, so all, by default.");
const SEED: Key = Key::new("seed", Kind::Number(0, u32::MAX), "Which requests are kept.");
const QUERIES: Key = Key::new(
    "queries",
    Kind::Number(0, 1_000_000),
    "How many queries are answered in 5 minutes; without it, any number.",
);

/// The window of the limit on queries.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);

/// The keys of the analytics.
pub(in crate::emulator::world) const KEYS: [Key; 4] = [
    SAMPLE,
    SEED,
    QUERIES,
    Key::new("errors", Kind::Texts, "The messages that the next queries get instead of an answer, in order."),
];

/// The analytics of a world.
#[derive(Clone, Debug)]
pub(in crate::emulator::world) struct Analytics {
    pub(super) sampling: Sampling,
    queries: Option<u32>,
    pub(super) errors: VecDeque<String>,
    /// The time that the ages of requests count from: that of the first query, so that none moves between two queries.
    now: Option<Timestamp>,
    window: Option<(Timestamp, u32)>,
}

impl Default for Analytics {
    fn default() -> Self {
        let sampling = Sampling { interval: 1, seed: 0 };
        Self { sampling, queries: None, errors: VecDeque::new(), now: None, window: None }
    }
}

impl Analytics {
    /// Reads the member of a world file.
    pub(in crate::emulator::world) fn read(reader: &mut Reader, at: &At<'_>) -> Self {
        if !reader.keys(at, &KEYS) {
            return Self::default();
        }
        let interval = reader.number(at, &SAMPLE).unwrap_or(1);
        let seed = reader.number(at, &SEED).unwrap_or(0).into();
        Self {
            sampling: Sampling { interval, seed },
            queries: reader.number(at, &QUERIES),
            errors: reader.texts(at, "errors").unwrap_or_default().into(),
            ..Self::default()
        }
    }

    /// The time that the ages of requests count from.
    pub(super) fn fix(&mut self, now: Timestamp) -> Timestamp {
        *self.now.get_or_insert(now)
    }

    /// Takes a query from the limit; false if none is left.
    pub(super) fn take(&mut self, now: Timestamp) -> bool {
        let Some(most) = self.queries else { return true };
        let (since, taken) =
            self.window.filter(|(since, _)| now.duration_since(*since) < WINDOW).unwrap_or((now, 0));
        self.window = Some((since, taken.saturating_add(1)));
        taken < most
    }
}
