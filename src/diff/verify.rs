//! Compares all settings of a read-back, managed or not, with what the plan saw and sent.

use super::Row;
use crate::catalogue::{STALE_KEY, Setting, Value, is_harmless, settings};
use crate::model::{Finding, FindingKind, Live, LiveValue, Outcome};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The differences between a read-back and the plan: the sent settings first, then everything that moved, by name.
#[must_use]
pub(crate) fn verify(base: &Live, rows: &[Row], now: &Live) -> Vec<Finding> {
    let mut findings: Vec<_> = rows.iter().filter_map(|row| sent(row, now)).collect();
    findings.extend(differing(base, now, &Sent(rows)));
    findings
}

/// The differences between two reads of a zone, by name; the first read is the expected one.
#[must_use]
pub(crate) fn moved(seen: &Live, now: &Live) -> Vec<Finding> {
    differing(seen, now, &Sent(&[]))
}

/// The outcome that follows from the findings of a read-back.
#[must_use]
pub(crate) fn outcome_of(findings: &[Finding]) -> Outcome {
    let any = |kind| findings.iter().any(|finding| finding.kind == kind);
    if any(FindingKind::NotTaken) || any(FindingKind::Kept) || any(FindingKind::NotSent) {
        Outcome::NotApplied
    } else if any(FindingKind::Moved) {
        Outcome::Collateral
    } else if any(FindingKind::NotReported) {
        Outcome::Unverified
    } else {
        Outcome::Applied
    }
}

fn sent(row: &Row, now: &Live) -> Option<Finding> {
    let (setting, value) = row.change()?;
    let expected = Some(value.to_json());
    // An active stale member acts, whatever the top level shows.
    if let Some(left) = now.active_stale(setting.name).filter(|_| row.is_clean_up()) {
        return Some(finding(setting.name, FindingKind::Kept, expected, Some(left.clone())));
    }
    let kind = match now.get(setting) {
        // A cleaned stale setting may stay away or come back as a live key: both mean that it is gone.
        _ if row.stale => return None,
        Some(live) if live.is(value) => return None,
        None if row.leftover => return None,
        None if row.live.is_none() => FindingKind::NotReported,
        Some(_) | None => FindingKind::NotTaken,
    };
    Some(finding(setting.name, kind, expected, now.get(setting).map(LiveValue::to_json)))
}

/// The rows that were sent.
struct Sent<'a>(&'a [Row]);

impl Sent<'_> {
    /// The value that was sent for a setting.
    fn value(&self, name: &str) -> Option<Value> {
        self.find(name, |row| !row.stale)
    }

    /// The value that was sent to clean a stale member.
    fn clean_up(&self, name: &str) -> Option<Value> {
        self.find(name, |row| row.stale || row.leftover)
    }

    fn find(&self, name: &str, is_it: fn(&Row) -> bool) -> Option<Value> {
        let row = self.0.iter().find(|row| row.name() == name && is_it(row))?;
        row.change().map(|(_, value)| value)
    }

    /// Whether a write explains a setting's value: it was sent itself, or a stale one was sent that Cloudflare now
    /// reports as live.
    fn explains(&self, setting: &Setting, now: &Live) -> bool {
        let shows = |value| now.get(setting).is_some_and(|live| live.is(value));
        self.value(setting.name).is_some() || self.clean_up(setting.name).is_some_and(shows)
    }

    /// A stale member for comparison. After a write all harmless values are equal: a clean-up may leave a neutral
    /// member or none.
    fn stale<'l>(&self, live: &'l Live, name: &str) -> Option<&'l Json> {
        live.stale_value(name).filter(|value| self.0.is_empty() || !is_harmless(value))
    }
}

fn differing(base: &Live, now: &Live, sent: &Sent<'_>) -> Vec<Finding> {
    let value = |live: &Live, setting| live.get(setting).map(LiveValue::to_json);
    let settings = settings()
        .filter(|setting| !sent.explains(setting, now))
        .map(|setting| (setting.name.to_owned(), value(base, setting), value(now, setting)));
    let stale = names(base.stale(), now.stale())
        .into_iter()
        .filter(|name| sent.clean_up(name).is_none())
        .map(|name| {
            let value = |live| sent.stale(live, name).cloned();
            (format!("{STALE_KEY}.{name}"), value(base), value(now))
        });
    let unknown = names(base.unknown(), now.unknown())
        .into_iter()
        .map(|name| (name.to_owned(), base.unknown_value(name).cloned(), now.unknown_value(name).cloned()));
    let mut moved: Vec<_> = settings
        .chain(stale)
        .chain(unknown)
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| finding(&name, FindingKind::Moved, before, after))
        .collect();
    moved.sort_by(|one, two| one.setting.cmp(&two.setting));
    moved
}

fn names<'l>(
    one: impl Iterator<Item = (&'l str, &'l Json)>,
    two: impl Iterator<Item = (&'l str, &'l Json)>,
) -> BTreeSet<&'l str> {
    one.chain(two).map(|(name, _)| name).collect()
}

fn finding(setting: &str, kind: FindingKind, expected: Option<Json>, live: Option<Json>) -> Finding {
    Finding { setting: setting.to_owned(), kind, expected, live }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;
    use crate::diff::{Context, diff};
    use crate::model::Desired;
    use serde_json::json;

    #[test]
    fn what_a_read_back_leaves_out_was_not_taken_where_it_was_reported_before() {
        let live = |object: Json| Live::read(object.as_object().unwrap().clone());
        let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        want.set("ai_user", "block").unwrap();
        let after = live(json!({"sbfm_verified_bots": "allow"}));
        for (before, kind) in [
            (json!({"sbfm_verified_bots": "allow", "ai_user": "disabled"}), FindingKind::NotTaken),
            (json!({"sbfm_verified_bots": "allow"}), FindingKind::NotReported),
        ] {
            let before = live(before);
            let rows = diff(&want, &before, &Context::of_day(jiff::civil::Date::default())).rows;
            let found: Vec<_> = verify(&before, &rows, &after).iter().map(|found| found.kind).collect();
            assert_eq!(found, [kind]);
        }
    }

    #[test]
    fn what_no_row_is_about_moved_if_it_came_went_or_is_another_value() {
        let live = |unknown: &[(&str, Json)], stale: &[(&str, Json)]| {
            let members = |all: &[(&str, Json)]| {
                all.iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone()))
                    .collect::<serde_json::Map<_, _>>()
            };
            let mut object = members(unknown);
            object.insert("sbfm_verified_bots".to_owned(), "allow".into());
            object.insert(STALE_KEY.to_owned(), members(stale).into());
            Live::read(object)
        };
        let base = live(&[("new_key", json!(1)), ("gone_key", json!("x"))], &[("fight_mode", json!(true))]);
        let now = live(
            &[("new_key", json!(2)), ("came_key", json!(0))],
            &[("fight_mode", json!(false)), ("sbfm_likely_automated", json!("block"))],
        );
        let names = |base, now| moved(base, now).into_iter().map(|found| found.setting).collect::<Vec<_>>();
        let (fight, likely) =
            (format!("{STALE_KEY}.fight_mode"), format!("{STALE_KEY}.sbfm_likely_automated"));
        assert_eq!(names(&base, &now), ["came_key", "gone_key", "new_key", &fight, &likely]);
        assert_eq!(names(&base, &base), [""; 0]);
    }
}
