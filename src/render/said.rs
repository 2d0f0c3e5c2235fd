//! The single things that a report says, in one line each, without control characters.

use super::outcomes::finding_text;
use super::parts::{named, value};
use super::seen;
use crate::catalogue::Caution;
use crate::diff::{Acceptance, Origin, Row, Verdict};
use crate::model::{
    Diagnostic, Interim, LiveValue, Outcome, Part, Wanted, When, clean, plural, shown_name, some_of,
};
use crate::plan::{MovedSetting, MovedZone, WhatMoved, ZonePlan};
use crate::report;
use crate::report::{Item, NotWritten, Said};
use serde_json::Value as Json;

/// What is said.
pub(super) fn text(item: &Item<'_>) -> String {
    match &item.said {
        Said::Message(said) => clean(&said.message.to_string()).into_owned(),
        Said::Weakened(same) => format!("weakened: {}", seen::weakened_alone(same)),
        Said::Difference(row) => difference(row, item.zone),
        Said::WithEnd(row) => with_end(row),
        Said::Kept(row) => {
            format!("{}: {}; stale, still acts on traffic", named(row.name()), values(row).0)
        }
        Said::Outside(row) => outside(row),
        Said::Moved(moved) => moved_zone(moved),
        Said::Finding(finding, outcome) => {
            format!("{}: {}", named(&finding.setting), finding_text(finding, *outcome))
        }
        Said::Outcome(Outcome::NotAttempted) => "not attempted: the zone is as it was".to_owned(),
        Said::Outcome(outcome) => outcome.text(),
        Said::NoFile(zone) => format!("no file manages {}", clean(zone)),
        Said::NoZone(zone) => {
            format!("the zone {} is gone, or the credentials cannot see it", clean(zone))
        }
    }
}

/// What is said, and what to do about it.
pub(super) fn with_hint(item: &Item<'_>) -> String {
    match &item.said {
        Said::Message(said) => message(said),
        _ => text(item),
    }
}

/// A message in one line, with what to do about it.
pub(super) fn message(said: &Diagnostic) -> String {
    let text = match &said.hint {
        Some(hint) => format!("{}; {hint}", said.message),
        None => said.message.to_string(),
    };
    clean(&text).into_owned()
}

/// What items of zones have in common, with what to do about it.
fn in_common(items: &[Item<'_>]) -> String {
    let messages = items.iter().filter_map(|item| match &item.said {
        Said::Message(said) => Some(&**said),
        _ => None,
    });
    match report::in_common(&messages.collect::<Vec<_>>()) {
        Some(said) if items.len() > 1 => message(&said),
        _ => items.first().map(with_hint).unwrap_or_default(),
    }
}

/// What items have in common, after the names of at most so many of their zones. A single zone is only named if the
/// text does not name it.
pub(super) fn of_zones(items: &[Item<'_>], most: usize) -> String {
    let [item] = items else {
        let names = items.iter().filter_map(|item| Some(item.zone?.zone.as_str()));
        return format!("{} ({}): {}", plural(items.len(), "zone"), some_of(names, most), in_common(items));
    };
    let is_named = match &item.said {
        Said::Message(said) => said.message.parts().iter().any(|part| matches!(part, Part::Zone(_))),
        _ => false,
    };
    let zone = item.zone.filter(|_| !is_named).map(|zone| format!("{}: ", zone.zone));
    format!("{}{}", zone.unwrap_or_default(), with_hint(item))
}

/// The same after its place.
pub(super) fn placed(item: &Item<'_>) -> String {
    let line = item.place.map(|place| format!(":{}", place.line)).unwrap_or_default();
    let place = item.file.map(|file| format!("{}{line}: ", clean(file))).unwrap_or_default();
    format!("{place}{}", with_hint(item))
}

/// A difference in one line.
fn difference(row: &Row, zone: Option<&ZonePlan>) -> String {
    let (live, wanted) = values(row);
    let effect = row.effect.map(|effect| format!(" ({})", effect.word())).unwrap_or_default();
    let stale = if row.is_clean_up() { "stale, left by an earlier plan variant: " } else { "" };
    let cautions = row.cautions().map(Caution::short);
    let moved = row.origin.map(|origin| who_moved(origin).to_owned());
    let term = row.wanted.as_ref().and_then(Wanted::interim).map(|interim| temporary(row, interim));
    let not_written = zone.and_then(|zone| NotWritten::of(row, zone)).map(not_written);
    let who = who(row, When::Said);
    let notes: String = cautions
        .chain(moved)
        .chain(who)
        .chain(term)
        .chain(not_written)
        .map(|note| format!("; {note}"))
        .collect();
    format!("{stale}{}: {live} → {wanted}{effect}{notes}", named(row.name()))
}

/// Who changed the live value of a row, if the audit log was asked.
pub(super) fn who(row: &Row, when: When) -> Option<String> {
    row.who.as_ref().map(|who| who.text(when))
}

/// A temporary value, or a deviation that the file accepts, in one line.
fn with_end(row: &Row) -> String {
    let (live, wanted) = values(row);
    let name = named(row.name());
    match (&row.verdict, row.wanted.as_ref().and_then(Wanted::interim)) {
        (Verdict::Accepted(why), _) => {
            let file = if wanted.is_empty() { wanted } else { format!(", file {wanted}") };
            format!("{name}: live {live}{file}; {}", accepted(why))
        }
        (_, Some(interim)) => format!("{name}: {live}; {}", temporary(row, interim)),
        (_, None) => format!("{name}: {live}"),
    }
}

/// Until when and why a value is wanted, and what is wanted afterwards.
pub(super) fn temporary(row: &Row, interim: &Interim) -> String {
    let Interim { reason, until, then } = interim;
    let is_same = row.value() == Some(then.value);
    let then = if is_same { String::new() } else { format!(", then {}", then.value) };
    format!("temporary until {until}{then}: {}", clean(reason))
}

/// Until when and why a deviation is accepted.
pub(super) fn accepted(acceptance: &Acceptance) -> String {
    let Acceptance { reason, until, .. } = acceptance;
    format!("accepted until {until}: {}", clean(reason))
}

/// Why a change is not written.
pub(super) fn not_written(why: NotWritten<'_>) -> String {
    match why {
        NotWritten::Held(why) => format!("not written, held: {}", clean(why)),
        NotWritten::Unapproved(why) => format!("not written, not approved: {}", clean(why)),
        NotWritten::Protected(why, None) => format!("not written, protected: {}", clean(why)),
        NotWritten::Protected(why, Some(until)) => {
            format!("not written, protected until {until}: {}", clean(why))
        }
    }
}

/// Which side moved, as a clause.
pub(super) fn who_moved(origin: Origin) -> &'static str {
    match origin {
        Origin::Drift => "live moved",
        Origin::Pending => "file moved",
        Origin::Both => "file and live moved",
        Origin::MergedBefore => "file moved, merged before",
    }
}

/// Which side moved, as a noun.
pub(super) fn mover(origin: Origin) -> &'static str {
    match origin {
        Origin::Drift => "live",
        Origin::Pending => "the file",
        Origin::Both => "the file and live",
        Origin::MergedBefore => "the file, merged before",
    }
}

/// A row that changed outside, in one line.
fn outside(row: &Row) -> String {
    let (before, now) = before_and_now(row);
    let effect = row.effect.map(|effect| format!(" ({})", effect.word())).unwrap_or_default();
    let stale = if row.stale { "stale, left by an earlier plan variant: " } else { "" };
    let cautions: String = row.cautions().map(|caution| format!("; {}", caution.short())).collect();
    let who = who(row, When::Said).map(|who| format!(", {who}")).unwrap_or_default();
    format!("changed outside: {stale}{}: {before} → {now}{effect}{who}{cautions}", named(row.name()))
}

/// The earlier and the present value of a row that changed outside.
pub(super) fn before_and_now(row: &Row) -> (String, String) {
    let json = |value: Option<&LiveValue>| value.map(LiveValue::to_json);
    let before = row.changed_outside().and_then(|was| json(was.before.as_ref()));
    (value(before.as_ref()), value(json(row.live.as_ref()).as_ref()))
}

/// What happened to a zone since an earlier snapshot, in one line.
pub(super) fn moved_zone(moved: &MovedZone) -> String {
    let MovedZone { zone, zone_id, account_id: _, what, before, now, settings, reason } = moved;
    let zone = clean(&shown_name(zone)).into_owned();
    let [before, now] = [before, now].map(|text| clean(text.as_deref().unwrap_or("unknown")).into_owned());
    match what {
        WhatMoved::New => format!("zone {zone} is new (zone id {zone_id})"),
        WhatMoved::Gone => {
            format!("zone {zone} is gone, or the credentials cannot see it (zone id {zone_id})")
        }
        WhatMoved::Variant => format!("zone {zone} is on another plan variant: {before} → {now}"),
        WhatMoved::OtherId => {
            format!("zone {zone} is a different zone: its id was {before} and is now {now}")
        }
        WhatMoved::Settings => {
            let texts = settings.iter().map(|setting| {
                let MovedSetting { setting, stale, before, now, effect, who } = setting;
                let json = |json: &Json| value(Some(json).filter(|json| !json.is_null()));
                let stale = if *stale { "stale " } else { "" };
                let effect = effect.map(|effect| format!(" ({})", effect.word())).unwrap_or_default();
                let who = who.as_ref().map(|who| format!(", {}", who.text(When::Said))).unwrap_or_default();
                format!("{stale}{}: {} → {}{effect}{who}", named(setting), json(before), json(now))
            });
            format!(
                "zone {zone}, which no file manages, changed outside: {}",
                texts.collect::<Vec<_>>().join(", ")
            )
        }
        WhatMoved::NotCompared => {
            let why = clean(reason.as_deref().unwrap_or("it was not read"));
            format!("zone {zone} is not compared with the snapshot: {why}")
        }
    }
}

/// The live value of a row and the wanted one, as a person reads them.
pub(super) fn values(row: &Row) -> (String, String) {
    let live = row.live.as_ref().map(LiveValue::to_json);
    (value(live.as_ref()), row.value().map(|wanted| wanted.to_string()).unwrap_or_default())
}
