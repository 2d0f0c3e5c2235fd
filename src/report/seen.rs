//! What a reviewer must see of a plan, in any format: one list, so that no format can leave anything out.

use super::Report;
use crate::diff::{Origin, Row, Verdict, VerdictKind};
use crate::model::{Shard, Wanted};
use crate::plan::{
    Left, MovedSince, Plan, Provenance, SourceKind, Status, Summary, TakenOver, Weakened, ZonePlan,
};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// When a plan was made, with which commit checked out, and from what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Made<'a> {
    /// When.
    pub(crate) at: Timestamp,
    /// The commit that was checked out; `None` outside of a checkout.
    pub(crate) commit: Option<&'a str>,
    /// What the live values were read from.
    pub(crate) from: SourceKind,
    /// The address of the API.
    pub(crate) api: &'a str,
}

impl<'a> Made<'a> {
    /// Of a plan.
    pub(crate) fn of(plan: &'a Plan) -> Self {
        let Provenance { created_at, commit, source, api, .. } = plan.provenance();
        Self { at: *created_at, commit: commit.as_deref(), from: source.kind, api }
    }
}

/// How many settings moved on each side since an earlier time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sides {
    /// Settings that moved live.
    pub(crate) live: usize,
    /// Settings that moved in the file.
    pub(crate) file: usize,
    /// Settings that moved in both.
    pub(crate) both: usize,
}

impl Sides {
    /// Of a plan: the settings that would be written, and those that differ but are left alone.
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut sides = Self::default();
        let zones = plan.zones().iter().filter(|zone| zone.status() == Status::Change);
        for row in zones.flat_map(ZonePlan::rows).filter(|row| row.differs()) {
            match row.origin {
                Some(Origin::Drift) => sides.live += 1,
                // Whichever merge it came by, the file moved.
                Some(Origin::Pending | Origin::MergedBefore) => sides.file += 1,
                Some(Origin::Both) => sides.both += 1,
                None => {}
            }
        }
        sides
    }
}

/// One thing that a reviewer must see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen<'a> {
    /// A rule that is softer, in one zone or the same in several.
    Weakened(&'a [Weakened]),
    /// When the plan was made, with which commit, and from what.
    Made(Made<'a>),
    /// The revision or plan that was compared with, and how much moved on each side.
    Since(&'a str, Sides),
    /// Settings that are sent although GET does not report them.
    Unreported(usize),
    /// Protected zones with changes.
    Protected(usize),
    /// Zones with a change that would undo what somebody tightened by hand.
    Held(usize),
    /// Zones with a change that no approved plan holds.
    Unapproved(usize),
    /// Deviations that the files accept, and the first day that one ends.
    Accepted(usize, Date),
    /// Temporary values, and the first day that one ends.
    Temporary(usize, Date),
    /// Stale settings that act on traffic and are not cleaned.
    StaleKept(usize),
    /// Changes that shut out search engines.
    ShutsOut(usize),
    /// What differs from an earlier snapshot.
    Outside(&'a MovedSince, usize),
    /// Changes that loosen protection.
    Loosens(usize),
    /// Zones that the plan's snapshot took over from earlier ones.
    TakenOver(TakenOver),
    /// The plan covers one shard.
    Part(Shard),
    /// The plan only covers zones whose files want other values than at that revision.
    OnlyChanged(&'a str),
    /// The run did not reach these zones in its time.
    Left(&'a Left),
    /// The plan was made from a snapshot of that age.
    Snapshot(Timestamp, SignedDuration),
}

impl<'a> Report<'a> {
    /// Of its plan, or of a check of files.
    pub(crate) fn seen(&self) -> Vec<Seen<'a>> {
        self.plan.map_or_else(|| softer(self.weakened).collect(), seen)
    }
}

/// The softer rules, each once for all zones.
fn softer(weakened: &[Weakened]) -> impl Iterator<Item = Seen<'_>> {
    weakened.chunk_by(Weakened::is_like).map(Seen::Weakened)
}

/// Of a plan: softer rules first, since they let the rest pass, and the most important last, where a terminal shows it.
pub(crate) fn seen(plan: &Plan) -> Vec<Seen<'_>> {
    let Provenance { since, source, created_at, weakened, moved_since, selection, .. } = plan.provenance();
    let Summary {
        protected,
        held,
        unapproved,
        stale_kept,
        unreported,
        shuts_out,
        loosens,
        changed_outside,
        ..
    } = plan.summary();
    let some = |count: usize, seen: fn(usize) -> Seen<'static>| (count > 0).then(|| seen(count));
    let ends = |ends: Vec<Date>, seen: fn(usize, Date) -> Seen<'static>| {
        ends.iter().min().map(|first| seen(ends.len(), *first))
    };
    let rows = || plan.zones().iter().flat_map(ZonePlan::rows);
    let accepted = rows().filter_map(|row| match &row.verdict {
        Verdict::Accepted(acceptance) => Some(acceptance.until),
        _ => None,
    });
    let snapshot = source.taken_at.zip(source.age(*created_at));
    let others = [
        Some(Seen::Made(Made::of(plan))),
        since.as_deref().map(|since| Seen::Since(since, Sides::of(plan))),
        some(unreported, Seen::Unreported),
        some(protected, Seen::Protected),
        some(held, Seen::Held),
        some(unapproved, Seen::Unapproved),
        ends(accepted.collect(), Seen::Accepted),
        ends(rows().filter_map(temporary).collect(), Seen::Temporary),
        some(stale_kept, Seen::StaleKept),
        moved_since.as_ref().map(|moved| Seen::Outside(moved, changed_outside)),
        some(shuts_out, Seen::ShutsOut),
        some(loosens, Seen::Loosens),
        source.taken_over.map(Seen::TakenOver),
        selection.shard.map(Seen::Part),
        selection.changed_since.as_deref().map(Seen::OnlyChanged),
        selection.left.as_ref().map(Seen::Left),
        snapshot.map(|(taken_at, age)| Seen::Snapshot(taken_at, age)),
    ];
    softer(weakened).chain(others.into_iter().flatten()).collect()
}

/// The last day of a temporary value.
fn temporary(row: &Row) -> Option<Date> {
    let is_live = row.verdict.kind() != VerdictKind::Unread;
    row.wanted.as_ref().and_then(Wanted::interim).filter(|_| is_live).map(|interim| interim.until)
}
