//! `plan --time-budget`: a plan of the zones that a run reached in its time. It is incomplete, and says so.

use super::by_log::Night;
use super::inputs::Inputs;
use super::moved_since::Then;
use super::planning::{self, Choices};
use super::{Context, Failure, session};
use crate::api::{Listed, UnusableZone};
use crate::cli::args::Age;
use crate::plan::Left;
use crate::run::{Present, Scope, Turns};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Reads and plans zones until the time is over, those first that were read longest ago. If a snapshot is wanted, it
/// reads unmanaged zones as well.
pub(super) fn night<F: Copy>(
    cx: &Context<'_, F>,
    then: Option<&Then>,
    (inputs, choices): (Inputs, Choices),
    time: &Age,
    wants_snapshot: bool,
) -> Result<Night, Failure> {
    let until = Duration::try_from(time.length).ok().and_then(|time| cx.clock.after(time));
    let until = until.ok_or_else(|| Failure::usage(format!("`--time-budget {}` is too long", time.typed)))?;
    let over = |before: &str| {
        Failure::new(format!("the time budget of {} ran out before {before}", time.typed)).hint(
            "give it more time; `--rate` makes requests wait, and so do other programs with the same token",
        )
    };
    let is_listed = then.is_some() || wants_snapshot;
    let all = if is_listed { cx.block_on(list(cx, until, &over))? } else { Vec::new() };
    let listed: Vec<_> = all.iter().filter_map(|zone| zone.as_ref().ok().cloned()).collect();
    let turns = Turns { before: then.map(Then::snapshot), listed: &listed, watches: wants_snapshot };
    let (mut plan, round) = cx.block_on(planning::make_in_time(cx, inputs, choices, turns, until));
    if plan.zones().is_empty() && round.watched.is_empty() && !round.left.is_empty() {
        return Err(over("any zone was read"));
    }
    // A snapshot cannot hold an unusable entry, so it is reported instead.
    let unusable = all.iter().filter(|_| wants_snapshot).filter_map(|zone| zone.as_ref().err());
    let mut failures: Vec<_> = unusable.map(UnusableZone::diagnostic).collect();
    failures.extend(round.watched.iter().filter_map(|zone| zone.live.as_ref().err().cloned()));
    let is_whole = wants_snapshot && !cx.stop.is_requested();
    let snapshot = is_whole.then(|| {
        let scope = Scope { account_id: cx.project.account_id.clone(), ..Scope::default() };
        turns.next(cx.clock.started(), &cx.session.address, plan.zones(), &round.watched).limited_to(scope)
    });
    plan.state_left(Left::of(&time.typed, &round.left, then.is_some()));
    if let Some(then) = then {
        let read = round.watched.into_iter().map(|zone| (zone.entry.id.clone(), Present::from(zone)));
        let mut read: BTreeMap<_, _> = read.collect();
        let present = all.into_iter().map(|zone| {
            let read = zone.as_ref().ok().and_then(|zone| read.remove(&zone.id));
            read.unwrap_or_else(|| zone.into())
        });
        failures.extend(then.compare_listed(&mut plan, &present.collect::<Vec<_>>()));
    }
    Ok(Night { plan, snapshot, failures })
}

/// All zones that the credentials can see, if there is time for the list.
async fn list<F: Copy>(
    cx: &Context<'_, F>,
    until: Instant,
    over: &(dyn Fn(&str) -> Failure + Sync),
) -> Result<Vec<Listed>, Failure> {
    tokio::select! {
        listed = cx.session.client.list_zones(cx.project.account_id.as_ref()) => {
            listed.map_err(|error| session::failure(&error))
        }
        () = cx.stop.requested() => Err(Failure::new("interrupted before the zones were listed")),
        () = tokio::time::sleep_until(until.into()) => Err(over("the zones were listed")),
    }
}
