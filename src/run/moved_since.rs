//! Compares a plan and the listed zones with an earlier snapshot. What could not be compared becomes a note.

use super::{Scope, Seen, Snapshot};
use crate::api::{Listed, UnusableZone, ZoneEntry};
use crate::catalogue::Variant;
use crate::model::{AccountId, Diagnostic, DiagnosticKind, Live, Named, ZoneId, some_of};
use crate::plan::{MovedSetting, MovedSince, MovedZone, Plan, WhatMoved, ZonePlan};
use std::collections::{BTreeMap, BTreeSet};

/// How many accounts a message names.
const NAMES: usize = 3;

/// A zone as it is now.
#[derive(Clone, Debug)]
pub(crate) struct Present {
    listed: Listed,
    /// Its live settings, if they were read although no file manages the zone.
    live: Option<Result<Live, Diagnostic>>,
    told: Told,
}

/// When what is known of a zone was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// In this run.
    Now,
    /// Before: it was taken over from the earlier snapshot, so there is nothing to compare it with.
    Then,
}

impl From<Listed> for Present {
    fn from(listed: Listed) -> Self {
        Self { listed, live: None, told: Told::Now }
    }
}

impl From<Seen> for Present {
    fn from(Seen { entry, live }: Seen) -> Self {
        Self { listed: Ok(entry), live: Some(live), told: Told::Now }
    }
}

impl Present {
    /// The zones of a snapshot, which may have taken some over from an earlier one.
    pub(crate) fn all_of(snapshot: &Snapshot) -> Vec<Self> {
        let told = |zone: &ZoneId| match snapshot.times(zone) {
            Some(times) if times.taken_over > 0 => Told::Then,
            _ => Told::Now,
        };
        let present = |seen: Seen| Self { told: told(&seen.entry.id), ..Self::from(seen) };
        snapshot.seen().into_iter().map(present).collect()
    }
}

/// A zone as it is now, by the listing or by the plan.
struct Now<'a> {
    account: Option<&'a AccountId>,
    legacy: Option<&'a str>,
    live: Result<&'a Live, Option<&'a str>>,
    has_file: bool,
    told: Told,
}

/// Compares a plan and the listed zones with an earlier snapshot; `scopes` are what the listing and the run were
/// limited to.
///
/// # Errors
/// The two have no account in common, so they cannot be compared.
pub(crate) fn compare_since(
    plan: &mut Plan,
    then: &Snapshot,
    present: &[Present],
    scopes: &[&Scope],
) -> Result<(), Diagnostic> {
    plan.mark_outside(|id| then.live(id)?.ok());
    let now = zones_of_now(plan, present);
    check_accounts(then, &now)?;
    let mut moved = MovedSince { taken_at: then.taken_at(), ..MovedSince::default() };
    moved.limited_to =
        std::iter::once(then.scope()).chain(scopes.iter().copied()).flat_map(Scope::flags).collect();
    moved.limited_to.dedup();
    let gone = gone(then, &now);
    for ((name, id), zone) in &now {
        let entry = then.entry(id);
        let is_wanted = |scope: &Scope| scope.holds(name, Some(id), zone.account);
        match entry {
            _ if !scopes.iter().all(|scope| is_wanted(scope)) => {}
            Some(before) => known(&mut moved, (name, id), zone, before, then),
            None => match gone.iter().find(|old| old.name == *name) {
                Some(old) => moved.zones.push(MovedZone {
                    before: Some(old.id.to_string()),
                    now: Some(id.to_string()),
                    ..about(name, id, zone.account, WhatMoved::OtherId)
                }),
                None if is_wanted(then.scope()) => {
                    moved.zones.push(about(name, id, zone.account, WhatMoved::New));
                }
                // It was outside the snapshot's scope, so whether it existed then is not known.
                None => moved.not_compared += 1,
            },
        }
    }
    let names: BTreeSet<_> =
        now.keys().filter(|(_, id)| then.entry(id).is_none()).map(|(name, _)| *name).collect();
    let unusable: BTreeSet<_> = unusable(present).map(|zone| zone.id.as_str()).collect();
    for old in gone.into_iter().filter(|old| !names.contains(&*old.name)) {
        let is_asked =
            scopes.iter().all(|scope| scope.holds(&old.name, Some(&old.id), old.account_id.as_ref()));
        match is_asked {
            true if unusable.contains(old.id.as_str()) => {
                let reason = Some("it is listed with an invalid name or id".to_owned());
                let what = about(&old.name, &old.id, old.account_id.as_ref(), WhatMoved::NotCompared);
                moved.zones.push(MovedZone { reason, ..what });
                moved.not_compared += 1;
            }
            true => {
                let what = about(&old.name, &old.id, old.account_id.as_ref(), WhatMoved::Gone);
                moved.zones.push(what);
            }
            false => moved.not_compared += 1,
        }
    }
    moved.zones.sort_by(|one, two| (&one.zone, &one.zone_id).cmp(&(&two.zone, &two.zone_id)));
    plan.state_moved(moved);
    Ok(())
}

/// The zones of the snapshot that are no longer there.
fn gone<'t>(then: &'t Snapshot, now: &BTreeMap<(&str, &ZoneId), Now<'_>>) -> Vec<&'t ZoneEntry> {
    let ids: BTreeSet<_> = now.keys().map(|(_, id)| *id).collect();
    then.entries().filter(|old| !ids.contains(&old.id)).collect()
}

fn unusable(present: &[Present]) -> impl Iterator<Item = &UnusableZone> {
    present.iter().filter_map(|zone| zone.listed.as_ref().err())
}

/// The zones as they are now: those that are listed, and those that were planned.
fn zones_of_now<'a>(plan: &'a Plan, present: &'a [Present]) -> BTreeMap<(&'a str, &'a ZoneId), Now<'a>> {
    let mut zones = BTreeMap::new();
    for Present { listed, live, told } in present {
        let Ok(entry) = listed else { continue };
        let live = match live {
            Some(Ok(live)) => Ok(live),
            Some(Err(_)) => Err(Some("it was not read")),
            None => Err(None),
        };
        let (account, legacy) = (entry.account_id.as_ref(), entry.legacy_id.as_deref());
        let now = Now { account, legacy, live, has_file: false, told: *told };
        zones.insert((entry.name.as_str(), &entry.id), now);
    }
    for zone in plan.zones() {
        let Some(id) = &zone.zone_id else { continue };
        let ZonePlan { account_id, legacy_id, .. } = zone;
        let live = zone.live().ok_or(Some("it was not read"));
        // A file that pins the id of another zone must not hide the listed zone of that id.
        if live.is_ok()
            || zones.keys().all(|(_, listed)| *listed != id)
            || zones.contains_key(&(zone.zone.as_str(), id))
        {
            let (account, legacy) = (account_id.as_ref(), legacy_id.as_deref());
            let told = zones.get(&(zone.zone.as_str(), id)).map_or(Told::Now, |listed| listed.told);
            zones.insert((zone.zone.as_str(), id), Now { account, legacy, live, has_file: true, told });
        }
    }
    zones
}

fn check_accounts(then: &Snapshot, now: &BTreeMap<(&str, &ZoneId), Now<'_>>) -> Result<(), Diagnostic> {
    let before: BTreeSet<_> = then.entries().filter_map(|zone| zone.account_id.as_ref()).collect();
    let after: BTreeSet<_> = now.values().filter_map(|zone| zone.account).collect();
    if before.is_empty() || after.is_empty() || !before.is_disjoint(&after) {
        return Ok(());
    }
    let [before, after] = [before, after].map(|ids| some_of(ids.iter().map(|id| id.as_str()), NAMES));
    let message = format!(
        "nothing was compared: the snapshot of `--moved-since` was taken in account {before}, but this run is in account {after}"
    );
    Err(Diagnostic::error(message)
        .kind(DiagnosticKind::Identity)
        .hint("give a snapshot that was taken with the same credentials"))
}

/// Compares a zone that is in the snapshot with the same zone now.
fn known(
    moved: &mut MovedSince,
    (name, id): (&str, &ZoneId),
    zone: &Now<'_>,
    before: &ZoneEntry,
    then: &Snapshot,
) {
    let was = then.live(id);
    let variant = |live: Option<&Live>, legacy: Option<&str>| {
        let of_live = live.and_then(Live::variant).map(Variant::word);
        of_live.or(legacy).map(str::to_owned)
    };
    let (old, new) = (was.and_then(Result::ok), zone.live.ok());
    let (old, new, legacy) = match (old, new) {
        (Some(old), Some(new)) => (Some(old), Some(new), None),
        // The live settings and `legacy_id` can name different variants (Enterprise without the Bot Management add-on),
        // so like is only compared with like.
        _ => (None, None, Some((before.legacy_id.as_deref(), zone.legacy))),
    };
    let (old_legacy, new_legacy) = legacy.unwrap_or_default();
    let [was_on, is_on] = [variant(old, old_legacy), variant(new, new_legacy)];
    if was_on.is_some() && is_on.is_some() && was_on != is_on {
        let about = about(name, id, zone.account, WhatMoved::Variant);
        moved.zones.push(MovedZone { before: was_on, now: is_on, ..about });
    }
    let why = match (was, zone.live) {
        (Some(Ok(_)), Ok(_)) if zone.told == Told::Then => None,
        (Some(Ok(was)), Ok(is)) => {
            moved.compared += 1;
            let settings = if zone.has_file { Vec::new() } else { MovedSetting::between(was, is) };
            if !settings.is_empty() {
                moved
                    .zones
                    .push(MovedZone { settings, ..about(name, id, zone.account, WhatMoved::Settings) });
            }
            return;
        }
        (_, Err(None)) => None,
        (_, Err(Some(why))) => Some(why.to_owned()),
        // No run has had time to read it yet: it is counted, but not reported again each night.
        (Some(Err(_)), Ok(_)) if then.times(id).is_none() => None,
        (Some(Err(why)), Ok(_)) => Some(format!("it was not read then: {why}")),
        (None, Ok(_)) => None,
    };
    moved.not_compared += 1;
    if why.is_some() {
        moved.zones.push(MovedZone { reason: why, ..about(name, id, zone.account, WhatMoved::NotCompared) });
    }
}

fn about(zone: &str, id: &ZoneId, account: Option<&AccountId>, what: WhatMoved) -> MovedZone {
    MovedZone {
        zone: zone.to_owned(),
        zone_id: id.to_string(),
        account_id: account.cloned(),
        what,
        before: None,
        now: None,
        settings: Vec::new(),
        reason: None,
    }
}

impl Scope {
    /// Whether a zone is within it.
    pub(crate) fn holds(&self, name: &str, id: Option<&ZoneId>, account: Option<&AccountId>) -> bool {
        let Self { account_id, zones, exclude } = self;
        let named = Named { name, ids: [account.map(AccountId::as_str), id.map(ZoneId::as_str)] };
        let is_one = |patterns: &[String]| patterns.iter().any(|pattern| named.is_meant_by(pattern));
        let is_of = account_id.is_none() || account.is_none() || account_id.as_ref() == account;
        is_of && (zones.is_empty() || is_one(zones)) && !is_one(exclude)
    }

    /// The flags that produce it.
    pub(crate) fn flags(&self) -> impl Iterator<Item = String> {
        let Self { account_id, zones, exclude } = self;
        let account = account_id.iter().map(|id| format!("--account {id}"));
        let zones = zones.iter().map(|zone| format!("--zone {zone}"));
        account.chain(zones).chain(exclude.iter().map(|zone| format!("--exclude {zone}")))
    }
}

#[cfg(test)]
#[path = "moved_since_tests.rs"]
mod tests;
