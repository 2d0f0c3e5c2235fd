//! What stands above the table: what a reviewer must see, problems of the run, and why zones failed.

use crate::model::{DiagnosticKind, Severity, clean, plural};
use crate::plan::ZonePlan;
use crate::render::said::{of_zones, placed};
use crate::render::seen::{besides_headline, sentence};
use crate::report::{Item, Report, Rule, Seen, refused, together};
use std::collections::BTreeMap;

/// How many zones of a message are named.
const NAMES: usize = 5;

/// A sentence about the run.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) weight: Weight,
}

/// How much a sentence matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// Nobody may miss it.
    Loud,
    /// It is an error.
    Failure,
    /// A reviewer must see it.
    Fact,
    /// It is a further message.
    Message,
}

impl Weight {
    /// From the most important to the least.
    pub(super) const ALL: [Self; 4] = [Self::Loud, Self::Failure, Self::Fact, Self::Message];
}

/// Why zones failed, and which.
#[derive(Debug)]
pub(super) struct Cause {
    /// What is said about them.
    texts: Vec<String>,
    /// Their numbers in the report.
    pub(super) zones: Vec<usize>,
}

/// The sentences and causes of a report.
pub(super) fn of(report: &Report<'_>) -> (Vec<Line>, Vec<Cause>) {
    let seen = besides_headline(report).map(|seen| {
        let weight = if matches!(seen, Seen::Weakened(_)) { Weight::Loud } else { Weight::Fact };
        Line { text: sentence(&seen), weight }
    });
    // A policy that several zones break is one sentence.
    let broken = report.refusals.iter().filter(|refusal| !refusal.broken.is_empty()).map(|refusal| {
        let text = format!("{}; {}", refused(refusal).message, refusal.hint);
        Line { text: clean(&text).into_owned(), weight: Weight::Failure }
    });
    let mut lines: Vec<_> = seen.chain(broken).collect();
    let numbers: BTreeMap<_, _> =
        report.zones().enumerate().map(|(number, (zone, _))| (std::ptr::from_ref(zone), number)).collect();
    // Errors of the same zones are one cause.
    let mut causes: BTreeMap<Vec<usize>, Vec<String>> = BTreeMap::new();
    for same in together(report.items()) {
        let Some(first) = same.first() else { continue };
        let is_error = first.severity == Severity::Error;
        match first.zone {
            // The softer rules are among the facts already.
            _ if first.rule == Rule::WEAKENED => {}
            None => {
                let weight = if is_error { Weight::Failure } else { Weight::Message };
                lines.push(Line { text: placed(first), weight });
            }
            Some(_) if is_error && first.rule != Rule::from(DiagnosticKind::Policy) => {
                let zones = zones_of(&same, &numbers);
                causes.entry(zones).or_default().push(of_zones(&same, NAMES));
            }
            Some(_) => {}
        }
    }
    let mut causes: Vec<_> = causes.into_iter().map(|(zones, texts)| Cause { texts, zones }).collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.zones.len()));
    (lines, causes)
}

/// The numbers of the zones of items.
fn zones_of(same: &[Item<'_>], numbers: &BTreeMap<*const ZonePlan, usize>) -> Vec<usize> {
    let numbers = same.iter().filter_map(|item| numbers.get(&std::ptr::from_ref(item.zone?)).copied());
    numbers.collect()
}

impl Cause {
    /// The number of its zones, what is said about them, and their names, if the texts name several.
    pub(super) fn in_parts(&self) -> (String, Vec<&str>, &str) {
        let count = plural(self.zones.len(), "zone");
        let mut all = "";
        let texts = self.texts.iter().map(|text| {
            let rest = text.strip_prefix(&count).and_then(|rest| rest.strip_prefix(" ("));
            let (names, said) = rest.and_then(|rest| rest.split_once("): ")).unwrap_or(("", text.as_str()));
            all = names;
            said
        });
        let texts = texts.collect();
        (count, texts, all)
    }
}

/// Splits a long text, which would push down what follows, into its first part and the rest.
pub(super) fn parted(text: &str) -> (&str, &str) {
    const LONG: usize = 260;
    const FIRST: usize = 200;
    if text.chars().count() <= LONG {
        return (text, "");
    }
    let most = text.char_indices().nth(FIRST).map_or(text.len(), |(at, _)| at);
    let first = text.get(..most).unwrap_or(text);
    // Never within what stands between backticks.
    let is_between = |at: &usize| first.get(..*at).is_some_and(|before| before.matches('`').count() % 2 == 0);
    let clause = first.rmatch_indices("; ").map(|(at, _)| at + 1).find(is_between).filter(|at| *at > 60);
    let word = || first.rmatch_indices(' ').map(|(at, _)| at).find(is_between);
    text.split_at(clause.or_else(word).unwrap_or(most))
}

#[cfg(test)]
mod tests {
    use super::parted;

    #[test]
    fn a_long_text_is_parted_between_words_and_loses_nothing() {
        let long = "wörter ".repeat(60);
        let clause = format!("{}; {}", "a".repeat(100), "b ".repeat(200));
        let unbroken = "ü".repeat(400);
        let code = format!("says `{}`", "a b ".repeat(100));
        for text in [long.as_str(), &clause, &unbroken, &code, "short"] {
            let (first, rest) = parted(text);
            assert_eq!(format!("{first}{rest}"), text);
            assert!(first.chars().count() <= 200, "{first}");
        }
        assert!(parted(&clause).0.ends_with("a;"));
        assert_eq!(parted(&code).0, "says");
        assert_eq!(parted("short"), ("short", ""));
    }
}
