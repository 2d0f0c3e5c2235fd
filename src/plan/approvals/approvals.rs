//! Approval by row: which changes of a plan a reviewer saw and approved. Three values make a row (last applied, live
//! and wanted), and an approved plan must show the same three.

use crate::catalogue::{self, Setting};
use crate::diff::{Row, Verdict, broken_need};
use crate::model::{Diagnostic, DiagnosticKind, Live, LiveValue, ZoneId, short, some_of};
use crate::plan::{Plan, Record, ZonePlan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many names a message shows.
const NAMES_SHOWN: usize = 5;

/// A plan that was reviewed and merged.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ApprovedPlan {
    /// The plan.
    pub plan: Plan,
    /// The commit that merged it.
    pub commit: String,
    /// The recorded commits that contain that one: for a zone at one of them, the plan has been used already.
    pub contained_in: BTreeSet<String>,
}

impl ApprovedPlan {
    /// A plan merged by a commit, and the recorded commits that contain that commit.
    #[must_use]
    pub fn new(plan: Plan, commit: String, contained_in: BTreeSet<String>) -> Self {
        Self { plan, commit, contained_in }
    }

    /// How messages name it.
    #[must_use]
    pub fn label(&self) -> String {
        let commit: String = self.commit.chars().take(12).collect();
        format!("{} at {commit}", self.plan.digest().short())
    }
}

/// A reviewed plan that approves changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct ApprovedBy {
    /// The digest of the plan.
    pub digest: String,
    /// The commit that merged it.
    pub commit: String,
}

impl ApprovedBy {
    /// A plan by its digest, and the commit that merged it.
    #[must_use]
    pub(crate) fn new(digest: String, commit: String) -> Self {
        Self { digest, commit }
    }
}

/// What a run may write.
#[derive(Clone, Debug)]
enum Scope {
    /// The changes of these plans, and the return from temporary values that have ended.
    Approved(Vec<Indexed>),
    /// The return from temporary values that have ended.
    OnlyEnded,
}

/// An approved plan with its zones by id: there may be thousands.
#[derive(Clone, Debug)]
struct Indexed {
    plan: ApprovedPlan,
    zones: BTreeMap<ZoneId, usize>,
}

/// What reviewers approved, with the record of what was applied last.
#[derive(Clone, Debug)]
pub struct Approvals {
    record: Record,
    scope: Scope,
}

/// Which changes of a zone are approved.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
#[non_exhaustive]
pub(crate) struct Judgement {
    /// The rows that are not written, by their index, with the verdict that says why.
    pub refused: Vec<(usize, Verdict)>,
    /// The approved plans that hold the other rows, by their index.
    pub by: BTreeSet<usize>,
    /// What moved since those plans were made.
    pub moved: Vec<String>,
}

/// Why a change has no approval.
struct Lack {
    /// The verdict that says so.
    verdict: Verdict,
    /// What else moved in the zone, if that is why.
    moved: Option<String>,
}

impl Lack {
    fn of(verdict: Verdict) -> Self {
        Self { verdict, moved: None }
    }
}

impl Approvals {
    /// Approves the changes that these plans hold.
    #[must_use]
    pub fn new(record: Record, plans: Vec<ApprovedPlan>) -> Self {
        let indexed = |plan: ApprovedPlan| {
            let zones = plan.plan.zones().iter().enumerate();
            let zones = zones.filter_map(|(index, zone)| Some((zone.zone_id.clone()?, index))).collect();
            Indexed { plan, zones }
        };
        Self { record, scope: Scope::Approved(plans.into_iter().map(indexed).collect()) }
    }

    /// Approves only the return from temporary values that have ended.
    #[must_use]
    pub fn only_ended(record: Record) -> Self {
        Self { record, scope: Scope::OnlyEnded }
    }

    /// The plans.
    pub fn plans(&self) -> impl Iterator<Item = &ApprovedPlan> {
        let plans = match &self.scope {
            Scope::Approved(plans) => plans.as_slice(),
            Scope::OnlyEnded => &[],
        };
        plans.iter().map(|indexed| &indexed.plan)
    }

    /// The plans that were made for another API than this one: they approve nothing.
    pub fn of_other_apis<'a>(&'a self, api: &'a str) -> impl Iterator<Item = &'a ApprovedPlan> {
        self.plans().filter(move |approved| approved.plan.provenance().api != api)
    }

    /// Restricts a plan to what is approved. Drift is left alone; a zone with an unapproved change is not written at
    /// all.
    pub fn restrict(&self, mut plan: Plan) -> Plan {
        let api = plan.provenance().api.clone();
        plan.restrict(|zone| {
            let judgement = self.judge(zone, &api);
            let note = judgement.note(zone);
            (judgement.refused, note)
        });
        plan
    }

    /// Judges the changes of a zone that was planned with the same record, for an API.
    pub(crate) fn judge(&self, zone: &ZonePlan, api: &str) -> Judgement {
        let mut judgement = Judgement::default();
        if !zone.is_written() {
            return judgement;
        }
        let mut approved = Vec::new();
        for (index, row) in zone.rows().iter().enumerate().filter(|(_, row)| row.verdict == Verdict::Change) {
            match self.judge_row(zone, row, api) {
                Ok(by) => {
                    judgement.by.extend(by);
                    approved.push(index);
                }
                Err(Lack { verdict, moved }) => {
                    judgement.moved.extend(moved);
                    judgement.refused.push((index, verdict));
                }
            }
        }
        // A zone's changes are written together or not at all: reviewers saw them together.
        let is_lacking =
            judgement.refused.iter().any(|(_, verdict)| matches!(verdict, Verdict::Unapproved(_)));
        let why = match is_lacking {
            true => Some("another change of the zone is not approved".to_owned()),
            false => need_left_out(zone, &judgement.refused),
        };
        if let Some(why) = why {
            let waiting = approved.into_iter().map(|index| (index, Verdict::Unapproved(why.as_str().into())));
            judgement.refused.extend(waiting);
            judgement.by.clear();
        }
        judgement.refused.sort_by_key(|(index, _)| *index);
        // The same move may hold up several changes of the zone.
        judgement.moved.sort();
        judgement.moved.dedup();
        judgement
    }

    /// Judges one change: the approved plan that holds it, or `None` for a return from a temporary value.
    fn judge_row(&self, zone: &ZonePlan, row: &Row, api: &str) -> Result<Option<usize>, Lack> {
        // Nobody knows what the unfinished run wrote, so no plan made before it can have seen the zone as it is.
        if let Some(doubt) = self.record.of(zone.identity()).in_doubt.filter(|doubt| !doubt.looked_at) {
            let since = doubt.since;
            return Err(Lack::of(Verdict::Unapproved(
                format!(
                    "run {since} claimed the zone and never recorded what it wrote; this run only reads it"
                )
                .into(),
            )));
        }
        if row.is_drift() {
            return Err(Lack::of(Verdict::Held(drift(row).into())));
        }
        match &self.scope {
            _ if row.is_way_back() => Ok(None),
            // A schedule runs this while a merged change may still wait for its own run.
            Scope::OnlyEnded => Err(Lack::of(Verdict::Held(
                "this run only returns settings from temporary values that have ended".into(),
            ))),
            Scope::Approved(plans) => self.approval(plans, zone, row, api).map(Some),
        }
    }

    /// The approved plan that holds a change.
    fn approval(&self, plans: &[Indexed], zone: &ZonePlan, row: &Row, api: &str) -> Result<usize, Lack> {
        let own = self.record.of(zone.identity()).commit;
        let mut moved_since = None;
        for (index, Indexed { plan, zones }) in plans.iter().enumerate() {
            // An approval works once: after that, the same change is drift, which no plan approves.
            let is_used = plan.contained_in.contains(own);
            if is_used || plan.plan.provenance().api != api {
                continue;
            }
            let Some(then) = zone.zone_id.as_ref().and_then(|id| plan.plan.zones().get(*zones.get(id)?))
            else {
                continue;
            };
            if !then.is_written() || !then.rows().iter().any(|seen| holds(seen, row)) {
                continue;
            }
            match moved(then, zone, row) {
                None => return Ok(index),
                moved => moved_since = moved,
            }
        }
        let why = match &moved_since {
            Some(what) => format!("the zone moved since the approved plan was made: {what}"),
            None => "no approved plan holds it".to_owned(),
        };
        Err(Lack { verdict: Verdict::Unapproved(why.into()), moved: moved_since })
    }
}

/// Whether a row that a reviewer saw is this change, with the same three values.
fn holds(seen: &Row, row: &Row) -> bool {
    let is_same_last = match (seen.last, row.last) {
        (Some(then), Some(now)) => then.is_as(now),
        // A plan that was made without a record did not show what was last applied.
        _ => false,
    };
    // A value that stays longer than the reviewer saw is another value.
    let end = |row: &Row| row.wanted.as_ref()?.interim().map(|interim| (interim.until, interim.then.value));
    (seen.name(), seen.stale, seen.leftover) == (row.name(), row.stale, row.leftover)
        && seen.verdict == Verdict::Change
        && is_same_last
        && seen.live == row.live
        && seen.value() == row.value()
        && end(seen) == end(row)
}

/// What else moved in the zone: among the managed settings and those that the change needs, what is neither as the plan
/// saw it nor as approved changes or the record made it.
fn moved(then: &ZonePlan, zone: &ZonePlan, change: &Row) -> Option<String> {
    let (before, now) = then.live().zip(zone.live())?;
    let managed = zone.rows().iter().filter(|row| row.is_managed()).filter_map(|row| row.key.setting());
    let needed = needed(change);
    let all: BTreeSet<&Setting> = managed.chain(needed).collect();
    let is_moved = |setting: &&&Setting| {
        let row = zone.rows().iter().find(|row| !row.stale && row.name() == setting.name);
        // Another change of the zone is judged by itself.
        let is_written = row.is_some_and(|row| row.verdict == Verdict::Change && !row.is_drift());
        let (was, is) = (before.effective(setting), now.effective(setting));
        !is_written
            && was != is
            && !row.is_some_and(Row::is_as_applied)
            && !made_by(then, setting, is.as_deref())
    };
    let moved: Vec<_> = all.iter().filter(is_moved).map(|setting| movement(setting, before, now)).collect();
    (!moved.is_empty()).then(|| some_of(moved.iter(), NAMES_SHOWN))
}

/// Whether the plan itself would have set this live value.
fn made_by(then: &ZonePlan, setting: &Setting, live: Option<&LiveValue>) -> bool {
    let row = then.changes().find(|row| !row.stale && row.name() == setting.name);
    row.and_then(Row::value).is_some_and(|value| live.is_some_and(|live| live.is(value)))
}

/// The settings that a change needs, or that need it.
fn needed(change: &Row) -> impl Iterator<Item = &'static Setting> {
    let name = change.name().to_owned();
    catalogue::settings().filter(move |setting| {
        setting.needs.iter().any(|need| need.of == name)
            || catalogue::find(&name).is_some_and(|own| own.needs.iter().any(|need| need.of == setting.name))
    })
}

fn movement(setting: &Setting, before: &Live, now: &Live) -> String {
    let [was, is] = [before, now].map(|live| {
        live.effective(setting).map_or_else(|| "not reported".to_owned(), |value| short(&value.to_string()))
    });
    format!("`{}` was {was} and is {is}", setting.name)
}

/// Why drift is left alone.
fn drift(row: &Row) -> String {
    match row.live {
        // Cloudflare may keep a stale setting after its clean-up; trying again would never end.
        Some(_) if row.is_clean_up() => "its clean-up was applied before, and it still acts".to_owned(),
        Some(_) => "live moved, and no merged change asks for this".to_owned(),
        None => "it was applied before, but GET does not report it".to_owned(),
    }
}

/// The need that the remaining changes would violate without those that are left out.
fn need_left_out(zone: &ZonePlan, refused: &[(usize, Verdict)]) -> Option<String> {
    let mut rows = zone.rows().to_vec();
    for (index, verdict) in refused {
        rows.get_mut(*index)?.verdict = verdict.clone();
    }
    if !rows.iter().any(|row| row.verdict == Verdict::Change) {
        return None;
    }
    broken_need(&zone.zone, zone.plan, zone.live()?, &rows).map(|broken| broken.message.to_string())
}

impl Judgement {
    /// Whether all changes of the zone are approved.
    #[must_use]
    pub(crate) fn is_approved(&self) -> bool {
        self.refused.is_empty()
    }

    /// Why changes of the zone are left out, each reason once with its settings.
    fn note(&self, zone: &ZonePlan) -> Option<Diagnostic> {
        let is_unapproved = |(_, verdict): &(usize, Verdict)| matches!(verdict, Verdict::Unapproved(_));
        let unapproved = self.refused.iter().any(is_unapproved);
        let meant = self.refused.iter().filter(|refused| is_unapproved(refused) == unapproved);
        let rows: Vec<_> =
            meant.filter_map(|(index, why)| Some((zone.rows().get(*index)?, why.reason()?))).collect();
        let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (row, why) in &rows {
            by_reason.entry(why).or_default().push(format!("`{}`", row.name()));
        }
        let reasons =
            by_reason.iter().map(|(why, names)| format!("{} ({why})", some_of(names.iter(), NAMES_SHOWN)));
        let reasons = reasons.collect::<Vec<_>>().join(", ");
        if unapproved {
            let note =
                Diagnostic::warning(format!("not approved: {reasons}; nothing of the zone is written"));
            return Some(note.kind(DiagnosticKind::Unapproved).hint(BY_HAND));
        }
        let drift = || rows.iter().filter(|(row, _)| row.is_drift());
        let hint = match drift().next() {
            Some(_) if drift().all(|(row, _)| row.is_clean_up()) => Some(BY_SUPPORT),
            Some(_) => Some(ADOPT),
            None => None,
        };
        let note = Diagnostic::note(format!("left alone: {reasons}")).kind(DiagnosticKind::Held);
        (!rows.is_empty()).then(|| note.maybe_hint(hint.map(str::to_owned)))
    }
}

/// What to do about drift, which no approval covers.
const ADOPT: &str = "write the live value into the file, or apply the file's value by hand: `botform plan --out plan.json`, then `botform apply plan.json`";

/// What to do about a stale setting that Cloudflare keeps.
const BY_SUPPORT: &str =
    "ask Cloudflare support to remove it; until then accept it (`accept:`), or leave it with `stale: report`";

/// How to get a change approved that no plan holds.
const BY_HAND: &str = "have a fresh plan reviewed: `botform plan --out plan.json`, then `botform apply plan.json --expect DIGEST`";

#[cfg(test)]
#[path = "approvals_tests.rs"]
mod tests;
