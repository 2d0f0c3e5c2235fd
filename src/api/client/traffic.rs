//! What a client counts: its requests by the status of their replies, and how long they waited for the budget.

use std::collections::BTreeMap;
use std::time::Duration;

/// What a client has sent so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct Traffic {
    /// The number of requests by status; `None` counts requests without a complete reply.
    pub requests: BTreeMap<Option<u16>, u64>,
    /// How long requests waited for the budget. Time that several spend waiting together counts once.
    pub waited: Duration,
}

impl Traffic {
    /// Adds what another client sent at the same time. The waits overlap, so the longer one counts.
    pub(in crate::api) fn beside(mut self, other: Self) -> Self {
        other
            .requests
            .into_iter()
            .for_each(|(status, count)| *self.requests.entry(status).or_default() += count);
        Self { waited: self.waited.max(other.waited), ..self }
    }

    /// The counts by label: each HTTP status, and `none` for requests without a reply.
    #[must_use]
    pub(crate) fn by_status(&self) -> Vec<(String, u64)> {
        let word = |status: &Option<u16>| status.map_or("none".to_owned(), |status| status.to_string());
        self.requests.iter().map(|(status, count)| (word(status), *count)).collect()
    }

    pub(super) fn count(&mut self, status: Option<u16>) {
        // A proxy may answer with any number. One label for all undefined ones bounds the metrics.
        let status = status.map(|status| if (100..600).contains(&status) { status } else { 999 });
        *self.requests.entry(status).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_beyond_those_of_http_is_one_word() {
        let mut traffic = Traffic::default();
        [Some(100), Some(599), Some(99), Some(600), None]
            .into_iter()
            .for_each(|status| traffic.count(status));
        let counted = [("none", 1), ("100", 1), ("599", 1), ("999", 2)];
        assert_eq!(traffic.by_status(), counted.map(|(word, count)| (word.to_owned(), count)));
    }
}
