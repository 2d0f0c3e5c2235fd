//! The one entry to writing: a plan that no guard refuses, for the API that it was made for, with each zone once and
//! none that its file protects by now, checked within the hour. The zones of a saved plan are confirmed and read before
//! the first write.

use super::settle::{is_result, stale, unread};
use crate::api::{ApiError, Lookup, ReadZones, ZoneRef};
use crate::model::{Diagnostic, Guards, Outcome, Policy, Threshold, ZoneOutcome};
use crate::plan::{
    Approvals, FilesNow, Overrides, Plan, Refusal, Refusals, SourceKind, ZonePlan, excused_until, guard,
};
use crate::run::Stop;
use crate::run::lanes::in_lanes;
use crate::run::span::span;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;
use tracing::Instrument as _;

/// A plan that neither a guard nor a policy refuses: the only thing that [`Apply`](crate::run::Apply) takes.
#[derive(Clone, Debug)]
#[must_use]
pub struct Guarded<'p> {
    plan: &'p Plan,
    saved: Option<Saved>,
    /// The zones that their files protect now, by their place in the plan.
    protected: BTreeMap<usize, Diagnostic>,
    /// How many zones may fail, by the limits.
    max_failures: Option<Threshold>,
    /// The last day (UTC) of the exceptions that it needs.
    excused_until: Option<Date>,
    checked: Checked,
}

/// The rules that a plan is judged by before it is written. A member left at its default adds none; a saved plan still
/// brings its own limits, and needs [`files`](Self::files).
///
/// ```
/// use botform::model::Guards;
/// use botform::run::Rules;
///
/// let mut rules = Rules::new(jiff::Timestamp::now());
/// rules.limits.max_loosening = Some(5);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rules<'a> {
    /// The time now. What ends on a day is judged on its day (UTC), or on that of the plan if that is later.
    pub now: Timestamp,
    /// The limits of the project. Limits saved with the plan take precedence.
    pub limits: Guards,
    /// The policies of the project. Those that the saved plan overrides are not judged.
    pub policies: &'a [Policy],
    /// Overrides given now: their limits take precedence over those saved with the plan, and their policies are not
    /// judged. The other members only count when a plan is made.
    pub overrides: Overrides,
    /// What is known of the zone files.
    pub files: ZoneFiles<'a>,
    /// The reviewed plans that must hold everything that is written; `None` if the plan itself was reviewed.
    pub approvals: Option<&'a Approvals>,
}

impl Rules<'_> {
    /// No limits and no policies, for a plan that was made in this run.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            limits: Guards::default(),
            policies: &[],
            overrides: Overrides::default(),
            files: ZoneFiles::Planned,
            approvals: None,
        }
    }
}

/// What happens to a saved plan if some of its zones moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Saved {
    Whole,
    Partial,
}

/// When a plan was checked.
#[derive(Clone, Copy, Debug)]
struct Checked {
    /// By the caller's clock.
    now: Timestamp,
    steady: Instant,
    wall: SystemTime,
}

impl Checked {
    /// How long ago, by whichever clock says more: the steady one stops while a machine sleeps (perhaps with its
    /// question unanswered), the other can be set back.
    fn elapsed(&self) -> Duration {
        self.steady.elapsed().max(self.wall.elapsed().unwrap_or_default())
    }
}

/// What is known of the zone files at the time of the write: a zone may be protected since its plan was made.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ZoneFiles<'a> {
    /// The plan was made from them in this run. Refused for a plan that was read from a document.
    Planned,
    /// There are none: what is wanted comes from a program. Refused for a plan that was read from a document and names
    /// the zone files it was made from.
    None,
    /// They were read just now. Zones that they protect are not written.
    Now(&'a FilesNow),
}

/// The result of applying a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[must_use]
#[non_exhaustive]
pub struct Applied {
    /// The outcome of each zone, in the order of the plan.
    pub outcomes: Vec<ZoneOutcome>,
    /// Why nothing at all was written.
    pub refused: Option<Refused>,
}

/// Why nothing of a plan was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refused {
    /// An id of the plan is not that of the zone it names: the plan could show the changes of one zone and write them
    /// to another.
    #[error("the plan file is refused: an id in it belongs to another zone than the file says")]
    Identity,
    /// A zone moved after the plan was made.
    #[error("the plan is stale: a zone changed after it was made")]
    Stale,
    /// The plan was made from a snapshot: its zones may have moved since, and nobody confirmed their ids.
    #[error("the plan was made from a snapshot: it can be reviewed, but not applied")]
    Snapshot,
    /// The plan was made for another API than the one it would be written to.
    #[error("the plan was made for another API than this run would write to")]
    Address,
    /// It was checked too long ago: its zones may be protected by now.
    #[error("the plan was checked more than an hour ago")]
    Aged,
    /// It needs an exception of a policy that has ended since it was checked.
    #[error("an exception of a policy that the plan needs has ended")]
    ExceptionEnded,
}

impl Refused {
    /// What to do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Identity => "run `plan` again, and have the new plan reviewed",
            Self::Stale => "run `plan` again, or write the other zones with `--partial`",
            Self::Snapshot => "plan from the live zones: the digest is the same if no zone has moved",
            Self::Address => "use the `--base-url` or `--emulate` that the plan was made with",
            Self::Aged => "run the same command again",
            Self::ExceptionEnded => "run `plan` again",
        }
    }
}

impl<'p> Guarded<'p> {
    /// How long a check is valid; a later write needs a new one, with the zone files as they are then. A day that ends
    /// meanwhile counts at once for each zone that is not written yet.
    pub const HOLDS: Duration = Duration::from_secs(60 * 60);

    /// Checks a plan against limits and policies, and against what the zone files say. A plan that was read from a
    /// document is one that was [saved](Self::saved).
    ///
    /// # Errors
    /// Everything that refuses it.
    pub fn check(plan: &'p Plan, rules: &Rules<'_>) -> Result<Self, Refusals> {
        let Rules { now, limits, policies, overrides, files, approvals } = rules;
        let saved = &plan.provenance().overrides;
        let limits = Guards {
            max_zones: overrides.max_zones.or(saved.max_zones).or(limits.max_zones),
            max_loosening: overrides.max_loosening.or(saved.max_loosening).or(limits.max_loosening),
            ..*limits
        };
        let is_overridden = |id| overrides.override_policy.contains(id) || saved.override_policy.contains(id);
        let policies: Vec<_> = policies.iter().filter(|policy| !is_overridden(&policy.id)).collect();
        // A clock that is behind must not revive a waiver or an exception that had ended when the plan was made.
        let today = day(*now).max(plan.provenance().as_of);
        let mut refusals = guard(plan, &limits, &policies, today);
        let protected = match files {
            ZoneFiles::Now(now) => now.stopped(plan).collect(),
            ZoneFiles::Planned | ZoneFiles::None => BTreeMap::new(),
        };
        let is_seen = match files {
            ZoneFiles::Now(_) => true,
            ZoneFiles::Planned => !plan.is_saved(),
            ZoneFiles::None => !plan.is_saved() || plan.changing().all(|zone| zone.file.is_none()),
        };
        if !is_seen {
            refusals.push(Refusal::unseen_files());
        }
        if let Some(approvals) = approvals {
            let api = &plan.provenance().api;
            // Judged here too, so that a program that never restricted its plan cannot write past the approvals.
            let is_refused = |zone: &&ZonePlan| !approvals.judge(zone, api).is_approved();
            let refused: Vec<_> = plan.changing().filter(is_refused).collect();
            refusals.extend((!refused.is_empty()).then(|| Refusal::unapproved(plan, &refused)));
        }
        if !refusals.is_empty() {
            return Err(Refusals(refusals));
        }
        Ok(Self {
            plan,
            saved: plan.is_saved().then_some(Saved::Whole),
            protected,
            max_failures: limits.max_failures,
            excused_until: excused_until(plan, &policies, today),
            checked: Checked { now: *now, steady: Instant::now(), wall: SystemTime::now() },
        })
    }

    /// The same plan as one that was saved and reviewed: before the first write all its zones are confirmed by name and
    /// id and read again. If one moved, nothing is written.
    pub fn saved(self) -> Self {
        Self { saved: Some(Saved::Whole), ..self }
    }

    /// The same plan as one that was saved and reviewed, of which the zones that did not move are written.
    pub fn partial(self) -> Self {
        Self { saved: Some(Saved::Partial), ..self }
    }

    /// How many zones may fail, by the limits.
    pub(super) fn max_failures(&self) -> Option<Threshold> {
        self.max_failures
    }

    /// Today (UTC), which may have moved on since the check.
    fn today(&self) -> Date {
        let Checked { now, .. } = self.checked;
        let now = now.checked_add(self.checked.elapsed()).unwrap_or(now);
        day(now).max(self.plan.provenance().as_of)
    }

    /// Why the check is no longer valid.
    fn outdated(&self) -> Option<Refused> {
        let today = self.today();
        let is_over = self.excused_until.is_some_and(|until| until < today);
        match self.checked.elapsed() > Self::HOLDS {
            true => Some(Refused::Aged),
            false => is_over.then_some(Refused::ExceptionEnded),
        }
    }

    /// The outcome of a zone that may no longer be written, because its plan rests on something that has ended.
    pub(super) fn ended(&self, zone: &ZonePlan) -> Option<ZoneOutcome> {
        zone.ended(self.today()).map(ended)
    }

    /// The zones of the plan.
    pub(crate) fn zones(&self) -> &'p [ZonePlan] {
        self.plan.zones()
    }

    /// Confirms and reads the zones of a saved plan. Returns the outcomes of the zones that may not be written.
    pub(super) async fn confirm(
        &self,
        api: &(impl ReadZones + Sync),
        concurrency: usize,
        stop: &Stop,
    ) -> (BTreeMap<usize, ZoneOutcome>, Option<Refused>) {
        if self.plan.provenance().source.kind == SourceKind::Snapshot {
            return (BTreeMap::new(), Some(Refused::Snapshot));
        }
        if api.address().is_some_and(|address| address != self.plan.provenance().api) {
            return (BTreeMap::new(), Some(Refused::Address));
        }
        if let Some(outdated) = self.outdated() {
            return (BTreeMap::new(), Some(outdated));
        }
        let blocked = |(index, why): (&usize, &Diagnostic)| {
            (*index, ZoneOutcome::because(Outcome::Blocked, why.clone()))
        };
        let protected: BTreeMap<_, _> = self.protected.iter().map(blocked).collect();
        let Some(saved) = self.saved else { return (protected, None) };
        let zones = self.zones();
        let is_written = |index: &usize| zones[*index].is_written() && !protected.contains_key(index);
        let written: Vec<_> = (0..zones.len()).filter(is_written).collect();
        // All ids before any read: one wrong id makes the whole file untrustworthy.
        let mut ends = identify(api, zones, &written, stop).await;
        if ends.values().any(|end| end.outcome == Outcome::Blocked) {
            return (ends, Some(Refused::Identity));
        }
        let ended = |index: &usize| Some((*index, self.ended(&zones[*index])?));
        ends.extend(written.iter().filter_map(ended).collect::<Vec<_>>());
        let confirmed = written.into_iter().filter(|index| !ends.contains_key(index)).collect();
        let lane = |index: &usize| zones[*index].zone_id.as_ref().map_or(0, |id| api.lane(id));
        let read = in_lanes(confirmed, concurrency, lane, async |index: usize| {
            tokio::select! {
                end = look(api, &zones[index]).instrument(span(zones[index].zone.as_str(), zones[index].zone_id.as_ref())) => Some((index, end?)),
                () = stop.requested() => None,
            }
        });
        ends.extend(read.await.into_iter().flatten());
        ends.extend(protected);
        let is_stale = ends.values().any(|end| end.outcome == Outcome::Stale);
        (ends, (is_stale && saved == Saved::Whole).then_some(Refused::Stale))
    }
}

/// The day (UTC) of a time.
fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// Looks up the zones by name and id. A zone that cannot be confirmed is not written.
async fn identify(
    api: &(impl ReadZones + Sync),
    zones: &[ZonePlan],
    written: &[usize],
    stop: &Stop,
) -> BTreeMap<usize, ZoneOutcome> {
    let lookup = |index: &usize| {
        let zone = &zones[*index];
        Lookup { zone_id: zone.zone_id.clone(), ..Lookup::new(zone.zone.clone()) }
    };
    let lookups: Vec<_> = written.iter().map(lookup).collect();
    let entries = tokio::select! {
        entries = api.resolve(&lookups) => entries,
        // Zones that are not confirmed are not written either: the stop ends them before their PUT.
        () = stop.requested() => Vec::new(),
    };
    let ends =
        written.iter().zip(entries).filter_map(|(index, entry)| Some((*index, unconfirmed(&entry.err()?))));
    ends.collect()
}

/// The outcome of a zone whose plan rests on something that has ended since it was reviewed.
fn ended(what: String) -> ZoneOutcome {
    let why = Diagnostic::error(format!("{what}, after the plan was made; nothing was written"));
    ZoneOutcome::because(Outcome::Stale, why.hint("run `plan` again, and have the new plan reviewed"))
}

fn unconfirmed(error: &ApiError) -> ZoneOutcome {
    if error.is_identity_mismatch() {
        return ZoneOutcome::because(Outcome::Blocked, error.diagnostic());
    }
    unread(error)
}

/// Reads a zone of a saved plan: `None` if it is what was reviewed, or what the plan would make of it.
async fn look(api: &(impl ReadZones + Sync), zone: &ZonePlan) -> Option<ZoneOutcome> {
    let (id, seen) = zone.zone_id.as_ref().zip(zone.live())?;
    match api.get(ZoneRef::new(id, zone.zone.as_str())).await {
        Ok(now) if now == *seen || is_result(zone, seen, &now) => None,
        Ok(now) => Some(stale(seen, &now)),
        Err(error) => Some(unread(&error)),
    }
}
