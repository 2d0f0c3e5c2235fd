//! What a reviewer must see of a plan, as sentences.

use super::parts::age;
use crate::model::{clean, plural};
use crate::plan::Plan;
use crate::report::{self, Seen};
use jiff::civil::Date;

/// A sentence for each that the headline does not say.
pub(super) fn sentences(plan: &Plan) -> Vec<String> {
    besides_headline(plan).map(|seen| sentence(&seen)).collect()
}

/// What stands below a headline, which counts what shuts out search engines and what loosens.
pub(super) fn besides_headline(plan: &Plan) -> impl Iterator<Item = Seen<'_>> {
    report::seen(plan).into_iter().filter(|seen| !matches!(seen, Seen::ShutsOut(_) | Seen::Loosens(_)))
}

/// What is said.
pub(super) fn sentence(seen: &Seen<'_>) -> String {
    match *seen {
        Seen::Since(since) => format!("Compared with {}.", clean(since)),
        Seen::Unreported(1) => "1 setting is not reported by GET, and sent each time.".to_owned(),
        Seen::Unreported(count) => {
            format!("{count} settings are not reported by GET, and sent each time.")
        }
        Seen::Protected(count) => format!("{} protected.", plural(count, "zone")),
        Seen::Held(count) => format!("{} held.", plural(count, "zone")),
        Seen::Unapproved(count) => format!("{} not approved.", plural(count, "zone")),
        Seen::Accepted(count, until) => {
            format!("{} accepted{}.", plural(count, "deviation"), ends(count, until))
        }
        Seen::Temporary(count, until) => {
            format!("{}{}.", plural(count, "temporary value"), ends(count, until))
        }
        Seen::StaleKept(1) => "1 stale setting still acts on traffic.".to_owned(),
        Seen::StaleKept(count) => format!("{count} stale settings still act on traffic."),
        Seen::ShutsOut(1) => "1 change shuts out search engines.".to_owned(),
        Seen::ShutsOut(count) => format!("{count} changes shut out search engines."),
        Seen::Loosens(1) => "1 change loosens protection.".to_owned(),
        Seen::Loosens(count) => format!("{count} changes loosen protection."),
        Seen::Snapshot(taken_at, old) => {
            let age = age(old.as_secs().max(0));
            format!("Planned from a snapshot that was {age} old, taken at {taken_at}.")
        }
    }
}

fn ends(count: usize, until: Date) -> String {
    if count == 1 { format!(" until {until}") } else { format!(", the first until {until}") }
}
