//! Compares all settings of a read-back, managed or not, with what the plan saw and sent.

use super::{Change, ChangeReason};
use crate::catalogue::{STALE_KEY, Setting, settings};
use crate::model::{Finding, FindingKind, Live, LiveValue, Outcome};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// What a read-back shows otherwise than the plan expects: the sent settings first, then all that moved, by name.
#[must_use]
pub fn verify(base: &Live, changes: &[Change], now: &Live) -> Vec<Finding> {
    let mut findings: Vec<_> = changes.iter().filter_map(|change| sent(change, now)).collect();
    findings.extend(moved(base, changes, now));
    findings
}

/// The outcome that the findings of a read-back mean.
#[must_use]
pub fn outcome_of(findings: &[Finding]) -> Outcome {
    let any = |kind| findings.iter().any(|finding| finding.kind == kind);
    if any(FindingKind::NotTaken) || any(FindingKind::Kept) {
        Outcome::NotApplied
    } else if any(FindingKind::Moved) {
        Outcome::Collateral
    } else if any(FindingKind::NotReported) {
        Outcome::Unverified
    } else {
        Outcome::Applied
    }
}

fn sent(change: &Change, now: &Live) -> Option<Finding> {
    let name = change.setting().name;
    let kind = match change.reason() {
        ChangeReason::Stale => {
            let kept = now.stale().get(name)?;
            return Some(finding(
                name,
                FindingKind::Kept,
                Some(change.after().to_json()),
                Some(kept.clone()),
            ));
        }
        ChangeReason::Declared => match now.get(change.setting()) {
            Some(live) if live.is(change.after()) => return None,
            None if change.before().is_none() => FindingKind::NotReported,
            Some(_) | None => FindingKind::NotTaken,
        },
    };
    let live = now.get(change.setting()).map(LiveValue::to_json);
    Some(finding(name, kind, Some(change.after().to_json()), live))
}

fn moved(base: &Live, changes: &[Change], now: &Live) -> Vec<Finding> {
    let was_sent = |name: &str, reason| {
        changes.iter().any(|change| change.setting().name == name && change.reason() == reason)
    };
    let settings = settings()
        .filter(|setting| !was_sent(setting.name, ChangeReason::Declared))
        .map(|setting| (setting.name.to_owned(), value(base, setting), value(now, setting)));
    let stale = keys(base.stale(), now.stale())
        .into_iter()
        .filter(|name| !was_sent(name, ChangeReason::Stale))
        .map(|name| (format!("{STALE_KEY}.{name}"), acts(base, name), acts(now, name)));
    let unknown = keys(base.unknown(), now.unknown())
        .into_iter()
        .map(|name| (name.clone(), base.unknown().get(name).cloned(), now.unknown().get(name).cloned()));
    let mut moved: Vec<_> = settings
        .chain(stale)
        .chain(unknown)
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| finding(&name, FindingKind::Moved, before, after))
        .collect();
    moved.sort_by(|one, two| one.setting.cmp(&two.setting));
    moved
}

fn value(live: &Live, setting: &Setting) -> Option<Json> {
    live.get(setting).map(LiveValue::to_json)
}

fn acts(live: &Live, name: &str) -> Option<Json> {
    live.stale().get(name).cloned()
}

fn keys<'a, V>(
    one: &'a std::collections::BTreeMap<String, V>,
    two: &'a std::collections::BTreeMap<String, V>,
) -> BTreeSet<&'a String> {
    one.keys().chain(two.keys()).collect()
}

fn finding(setting: &str, kind: FindingKind, expected: Option<Json>, live: Option<Json>) -> Finding {
    Finding { setting: setting.to_owned(), kind, expected, live }
}
