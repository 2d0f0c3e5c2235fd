//! `plan --who`: asks the audit logs who changed the values that differ. The answers do not change the plan's writes.

use super::Context;
use super::args::Age;
use super::environment::Clock;
use super::write::journals_in_state;
use crate::api::AuditQuery;
use crate::diff::{Asked, AuditLog, live_value};
use crate::model::{AccountId, ZoneId};
use crate::plan::Plan;
use crate::run::{Snapshot, rays_of, read_log};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::PathBuf;

/// The maximum number of pages of a log that are read: 100,000 entries.
const MOST_PAGES: usize = 100;

/// How long before the time of a snapshot a change may be that it does not show: reading all zones takes time.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);

/// Adds who changed the values that differ to a plan. `known` are snapshots that show by when a value was live.
pub(super) fn state<F: Copy>(
    cx: &Context<'_, F>,
    plan: &mut Plan,
    age: &Age,
    known: &[&Snapshot],
    journals: &[PathBuf],
) {
    let asked = plan.asks_who();
    if asked.is_empty() {
        return;
    }
    let now = Clock::timestamp();
    let oldest = known.iter().map(|snapshot| snapshot.taken_at().saturating_sub(BEFORE).unwrap_or_default());
    let since = now.saturating_sub(age.length).unwrap_or_default();
    let since = oldest.chain([since]).min().unwrap_or(since);
    let mut log = AuditLog::new(now, own_rays(&cx.session.address, journals));
    let mut accounts: BTreeMap<AccountId, Vec<Asked>> = BTreeMap::new();
    for asked in &asked {
        let account = asked.account_id.iter().cloned();
        account.for_each(|account| accounts.entry(account).or_default().push(asked.clone()));
    }
    for (account, asked) in accounts {
        let zones: BTreeSet<&ZoneId> = asked.iter().map(|asked| &asked.zone_id).collect();
        // One listing for all zones: the API can filter by one zone only.
        let zone = zones.first().filter(|_| zones.len() == 1).map(|zone| (*zone).clone());
        let query = AuditQuery { since, before: now, zone, most_pages: MOST_PAGES };
        let whole = cx.block_on(read_log(&cx.session.client, &account, query, &cx.stop, |entries| {
            let is_meant = |zone: Option<&ZoneId>| zone.is_some_and(|zone| zones.contains(zone));
            log.add(entries.into_iter().filter(|entry| is_meant(entry.zone_id.as_ref())));
            if log.answers(&asked) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }));
        log.state(account, whole);
    }
    plan.state_who(&log, &|asked| live_by(asked, known).unwrap_or(now));
}

/// The requests in the journals of this machine and in the given ones.
fn own_rays(address: &str, journals: &[PathBuf]) -> BTreeSet<String> {
    let mut paths = journals_in_state();
    paths.extend(journals.iter().cloned());
    paths.iter().flat_map(|path| rays_of(path, address)).collect()
}

/// The time of the first snapshot that shows a value live, if any.
fn live_by(asked: &Asked, known: &[&Snapshot]) -> Option<Timestamp> {
    let holds = |snapshot: &&&Snapshot| {
        let live = snapshot.live(&asked.zone_id).and_then(Result::ok);
        live.is_some_and(|live| live_value(live, &asked.name, asked.stale) == asked.live)
    };
    let read_at = |snapshot: &&Snapshot| Some(snapshot.times(&asked.zone_id)?.read_at);
    known.iter().filter(holds).filter_map(read_at).min()
}
