//! The single things that a report says, in one line each. Nothing in it acts on a terminal.

use super::outcomes::finding_text;
use super::parts::{named, value};
use crate::diff::Row;
use crate::model::{LiveValue, Outcome, clean};
use crate::plan::ZonePlan;
use crate::report::{Item, Said};

/// What is said.
pub(super) fn text(item: &Item<'_>) -> String {
    match &item.said {
        Said::Message(said) => clean(&said.message).into_owned(),
        Said::Difference(row) => difference(row),
        Said::Kept(row) => {
            format!("stale, and left as it is: {}: {}", named(row.name()), values(row).0)
        }
        Said::Finding(finding, outcome) => {
            format!("{}: {}", named(&finding.setting), finding_text(finding, *outcome))
        }
        Said::Outcome(Outcome::NotAttempted) => "not attempted: the zone is as it was".to_owned(),
        Said::Outcome(outcome) => outcome.text(),
        Said::NoFile(zone) => format!("no file manages {}", clean(zone)),
        Said::NoZone(zone) => {
            format!("the zone {} is gone, or is not seen by the credentials", clean(zone))
        }
    }
}

/// What is said, and what to do about it.
pub(super) fn with_hint(item: &Item<'_>) -> String {
    let hint = match &item.said {
        Said::Message(said) => said.hint.as_deref(),
        _ => None,
    };
    match hint {
        Some(hint) => format!("{}; {}", text(item), clean(hint)),
        None => text(item),
    }
}

/// The same after its place.
pub(super) fn placed(item: &Item<'_>) -> String {
    let line = item.place.map(|place| format!(":{}", place.line)).unwrap_or_default();
    let place = item.file.map(|file| format!("{}{line}: ", clean(file))).unwrap_or_default();
    format!("{place}{}", with_hint(item))
}

/// A difference in one line.
fn difference(row: &Row) -> String {
    let (live, wanted) = values(row);
    let effect = row.effect.map(|effect| format!(" ({})", effect.word())).unwrap_or_default();
    let stale = if row.stale { "stale, left by an earlier plan variant: " } else { "" };
    let origin = row.origin.map(|origin| format!(", {}", origin.word())).unwrap_or_default();
    format!("{stale}{}: {live} → {wanted}{effect}{origin}", named(row.name()))
}

/// The live value of a row and the wanted one, as a person reads them.
pub(super) fn values(row: &Row) -> (String, String) {
    let live = row.live.as_ref().map(LiveValue::to_json);
    (value(live.as_ref()), row.value().map(|wanted| wanted.to_string()).unwrap_or_default())
}

/// A message in the words that it has for any zone.
pub(super) fn in_common(text: &str, zone: &ZonePlan) -> String {
    let text = text.replace(zone.zone.as_str(), "…");
    match &zone.zone_id {
        Some(id) => text.replace(id.as_str(), "…"),
        None => text,
    }
}
