//! Reads the zones of a run and plans each as it arrives, so that no live object is held twice. Every run can be asked
//! to stop: no further zone is begun, and those in flight are finished and read back.

use super::lanes::in_lanes;
use super::span::span;
use crate::api::{ApiError, Lookup, ReadZones, ZoneEntry, ZoneRef};
use crate::diff::{Context, Earlier};
use crate::model::{AccountId, Desired, Diagnostic, Identity, Live, Message, Part, ZoneId, ZoneName};
use crate::plan::ZonePlan;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tracing::{Instrument as _, info_span};

/// How many zones are read or written at the same time by default. A request takes long and costs little, and the
/// request budget holds whatever the number.
pub(crate) const CONCURRENCY: usize = 50;

/// How long to wait before something is sent, or looked for, again.
pub(crate) const PAUSE: Duration = Duration::from_millis(500);

/// How a run plans.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Planning {
    /// How many zones are read at the same time.
    pub concurrency: usize,
    /// The settings that are sent although live does not report them.
    pub send_unavailable: BTreeSet<&'static str>,
    /// The day (UTC) on which waivers and freezes are judged.
    pub today: jiff::civil::Date,
    /// What the zone files said at an earlier time, by zone: its name, or `NAME@ID` with the id of the account, or else
    /// of the zone, that today's desired state gives.
    pub earlier: BTreeMap<String, Earlier>,
    /// The zones that may be loosened although somebody tightened them by hand: names, or `NAME@ID` with the id of
    /// the account or of the zone where two accounts hold the name.
    pub may_loosen: BTreeSet<String>,
    /// Stops the run early.
    pub stop: Stop,
    /// When to begin no further zone: those in flight are finished, and none waits longer for the request budget.
    /// [`plan_zones`] leaves out the zones that it did not reach.
    pub until: Option<Instant>,
}

impl Planning {
    /// Planning on a day (UTC), without earlier files and with nothing allowed.
    #[must_use]
    pub fn new(today: jiff::civil::Date) -> Self {
        Self {
            concurrency: CONCURRENCY,
            send_unavailable: BTreeSet::new(),
            today,
            earlier: BTreeMap::new(),
            may_loosen: BTreeSet::new(),
            stop: Stop::default(),
            until: None,
        }
    }
}

/// Reads and plans all zones, in the order of `wants`; each is dropped once its zone is planned. It has no way to
/// write. Zones that it does not reach before [`Planning::until`] are left out.
pub fn plan_zones(
    api: &(impl ReadZones + Sync),
    wants: Vec<Desired>,
    planning: &Planning,
    done: &(dyn Fn(&ZonePlan) + Sync),
) -> impl Future<Output = Vec<ZonePlan>> + Send {
    let planned = plan_in_time(api, wants, planning, done);
    async move { planned.await.into_iter().flatten().collect() }
}

/// Like [`plan_zones`], with an entry for each zone: `None` if the time ran out before it was begun.
pub(crate) fn plan_in_time(
    api: &(impl ReadZones + Sync),
    wants: Vec<Desired>,
    planning: &Planning,
    done: &(dyn Fn(&ZonePlan) + Sync),
) -> impl Future<Output = Vec<Option<ZonePlan>>> + Send {
    let span = info_span!("plan", zones = wants.len());
    plan_each(api, wants, planning, done).instrument(span)
}

async fn plan_each(
    api: &(impl ReadZones + Sync),
    wants: Vec<Desired>,
    planning: &Planning,
    done: &(dyn Fn(&ZonePlan) + Sync),
) -> Vec<Option<ZonePlan>> {
    let entries = tokio::select! {
        entries = resolve(api, &wants) => entries,
        () = planning.stop.requested() => return wants.iter().map(|want| Some(interrupted(want, planning))).collect(),
        () = over(planning.until) => return wants.iter().map(|_| None).collect(),
    };
    let shared = &shared(&wants);
    let zones = wants.into_iter().zip(entries).collect();
    let lane = |(_, entry): &(Desired, Result<Found, ApiError>)| {
        entry.as_ref().map_or(0, |found| api.lane(&found.id))
    };
    in_lanes(zones, planning.concurrency, lane, async |(want, entry)| {
        let id = entry.as_ref().ok().map(|found| &found.id);
        let span = span(want.zone.as_str(), id);
        let mut zone = plan_zone(api, &want, entry, shared, planning).instrument(span).await;
        if let Some(zone) = &mut zone {
            zone.taken_at = api.taken_at();
            done(zone);
        }
        zone
    })
    .await
}

/// Waits until a time, or for ever without one.
async fn over(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until.into()).await,
        None => std::future::pending().await,
    }
}

/// Reads a zone; `None` if there is no time left to begin it.
async fn read(
    api: &(impl ReadZones + Sync),
    zone: ZoneRef<'_>,
    until: Option<Instant>,
) -> Option<Result<Live, ApiError>> {
    let Some(until) = until else { return Some(api.get(zone).await) };
    let lease = api.place_until(zone.id, until).await?;
    // The wait for a place may have used up the time.
    if tokio::time::Instant::now().into_std() >= until {
        return None;
    }
    Some(api.get(zone.within(&lease)).await)
}

/// What planning needs of a zone that was found.
struct Found {
    id: ZoneId,
    account_id: Option<AccountId>,
    legacy_id: Option<String>,
}

async fn resolve(api: &(impl ReadZones + Sync), wants: &[Desired]) -> Vec<Result<Found, ApiError>> {
    let lookups: Vec<_> = wants.iter().map(lookup).collect();
    let found = |ZoneEntry { id, account_id, legacy_id, .. }| Found { id, account_id, legacy_id };
    api.resolve(&lookups).await.into_iter().map(|entry| entry.map(found)).collect()
}

/// The names that several zones have, in different accounts.
fn shared(wants: &[Desired]) -> BTreeSet<ZoneName> {
    let mut seen = HashSet::new();
    wants.iter().filter(|want| !seen.insert(&want.zone)).map(|want| want.zone.clone()).collect()
}

/// What finds the zone of a file.
pub(super) fn lookup(want: &Desired) -> Lookup {
    Lookup { name: want.zone.clone(), zone_id: want.zone_id.clone(), account_id: want.account_id.clone() }
}

async fn plan_zone(
    api: &(impl ReadZones + Sync),
    want: &Desired,
    entry: Result<Found, ApiError>,
    shared: &BTreeSet<ZoneName>,
    planning: &Planning,
) -> Option<ZonePlan> {
    let entry = match entry {
        Ok(entry) => entry,
        // A pinned id that belongs to another zone is an error in the file: reading again would not help.
        Err(error) if error.is_identity_mismatch() => {
            let why = error.diagnostic().maybe_at(want.file.as_deref(), want.place);
            return Some(ZonePlan::blocked(want, want.zone_id.clone(), why, planning.today));
        }
        Err(error) => return Some(unread(want, want.zone_id.clone(), &error, planning)),
    };
    let live = tokio::select! {
        live = read(api, ZoneRef::new(&entry.id, want.zone.as_str()), planning.until) => live?,
        () = planning.stop.requested() => return Some(interrupted(want, planning)),
    };
    let Found { id, account_id, legacy_id } = entry;
    let account_id = account_id.or_else(|| want.account_id.clone());
    let found = Identity::new(&want.zone, Some(&id), account_id.as_ref());
    Some(match live {
        Ok(live) => {
            let context = Context {
                legacy_id,
                send_unavailable: planning.send_unavailable.clone(),
                today: planning.today,
                earlier: planning.earlier.get(&want.identity().label()).cloned(),
                may_loosen: planning.may_loosen.iter().any(|called| found.is_called(called)),
                shares_name: shared.contains(&want.zone),
            };
            let mut zone = ZonePlan::build(want, id, live, &context);
            zone.account_id = account_id;
            zone
        }
        Err(error) => unread(want, Some(id), &error, planning),
    })
}

fn unread(want: &Desired, id: Option<ZoneId>, error: &ApiError, planning: &Planning) -> ZonePlan {
    if error.is_stopped() {
        return ZonePlan::not_attempted(want, error.diagnostic(), planning.today);
    }
    ZonePlan::failed(want, id, error.diagnostic().maybe_hint(way_out(want, error)), planning.today)
}

/// The hint for a zone that was not read. The file of a zone that does not exist may have to be removed.
fn way_out(want: &Desired, error: &ApiError) -> Option<Message> {
    let hint = error.hint()?;
    let Some(file) = want.file.clone().filter(|_| error.is_absence()) else { return Some(hint) };
    Some(hint.text(". If it was deleted: `git rm ").with(Part::File(file)).text("`"))
}

fn interrupted(want: &Desired, planning: &Planning) -> ZonePlan {
    let why = Diagnostic::error("interrupted before the zone was read").hint("run the command again");
    ZonePlan::not_attempted(want, why, planning.today)
}

/// A request to stop that every part of a run can see and wait for.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Asks the run to stop.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// Whether the run was asked to stop.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the run is asked to stop.
    pub async fn requested(&self) {
        let mut seen = self.0.subscribe();
        // The sender lives as long as `self`, so waiting ends only with the request.
        let _ = seen.wait_for(|stop| *stop).await;
    }
}
