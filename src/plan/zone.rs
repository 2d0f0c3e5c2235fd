//! The plan of one zone: the live object, a row for each setting, and the messages. Everything else is derived from
//! these.

use super::Protected;
use crate::catalogue::Variant;
use crate::diff::{Context, Earlier, RecordedSince, Row, Verdict, VerdictKind, ZoneDiff, diff, unread};
use crate::model::{
    AccountId, Desired, Diagnostic, DiagnosticKind, Digest, Identity, Interim, Live, Outcome, RowImpact,
    RowImpacts, Severity, Wanted, ZoneId, ZoneName, ZoneOutcome,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// What a plan means for a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// Live is as desired.
    InSync,
    /// Live differs from the file.
    Change,
    /// Something cannot or may not be written, so nothing of the zone is written.
    Blocked,
    /// The zone could not be read.
    Failed,
}

impl Status {
    /// Whether it counts as failed for the exit code.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Blocked | Self::Failed)
    }
}

/// What one of the two PUTs of a zone writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All changes except the clean-ups.
    Changes,
    /// The clean-ups, which Cloudflare may refuse.
    CleanUps,
}

/// Why there is no live object to plan against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// The zone is not the one that the file means.
    Blocked,
    /// It could not be read.
    Failed,
    /// The run ended before it was read.
    NotAttempted,
}

/// The plan of one zone, and the live object that it was made from.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct ZonePlan {
    /// The zone.
    pub zone: ZoneName,
    /// Its id, once it is known.
    pub zone_id: Option<ZoneId>,
    /// Its account, once it is known.
    pub account_id: Option<AccountId>,
    /// The zone's plan as `GET /zones` reports it.
    pub legacy_id: Option<Box<str>>,
    /// The plan variant of the file.
    pub plan: Variant,
    /// The zone file, relative to the folder the plan was made in; `None` for a zone that a program built.
    pub file: Option<String>,
    /// Why the zone is planned but not written; `None` if it may be written.
    pub protected: Option<Protected>,
    /// Why nothing of the zone may be written.
    pub blocks: Vec<Diagnostic>,
    /// Warnings and notes.
    pub notes: Vec<Diagnostic>,
    /// When its snapshot was taken, if it was planned from one; [`Plan::build`](super::Plan::build) moves this to the
    /// plan.
    pub(crate) taken_at: Option<jiff::Timestamp>,
    pub(super) live: Result<Box<Live>, Unread>,
    pub(super) rows: Vec<Row>,
    /// What changes would have done to requests, if that was asked for.
    pub(super) impact: RowImpacts,
}

/// Drops the rows that can be derived from the live object alone: thousands of zones are held.
pub(super) fn kept(mut rows: Vec<Row>) -> Vec<Row> {
    rows.retain(|row| row.stale || row.wanted.is_some() || row.changed_outside().is_some());
    rows.shrink_to_fit();
    rows
}

impl ZonePlan {
    /// The plan of a zone that was read.
    pub fn build(want: &Desired, zone_id: ZoneId, live: Live, context: &Context) -> Self {
        let ZoneDiff { rows, blocks, notes } = diff(want, &live, context);
        let rows = kept(rows);
        let legacy_id = context.legacy_id.as_deref().map(Into::into);
        let live = Ok(Box::new(live));
        Self {
            rows,
            blocks,
            notes,
            legacy_id,
            live,
            ..Self::new(want, Some(zone_id), Unread::Failed, context.today)
        }
    }

    fn new(want: &Desired, zone_id: Option<ZoneId>, why: Unread, today: jiff::civil::Date) -> Self {
        Self {
            zone: want.zone.clone(),
            zone_id,
            account_id: want.account_id.clone(),
            legacy_id: None,
            plan: want.plan(),
            file: want.file.clone(),
            protected: Protected::of(want, today),
            blocks: Vec::new(),
            notes: Vec::new(),
            taken_at: None,
            live: Err(why),
            rows: Vec::new(),
            impact: Vec::new(),
        }
    }

    fn unread(
        want: &Desired,
        id: Option<ZoneId>,
        why: Unread,
        message: Diagnostic,
        today: jiff::civil::Date,
    ) -> Self {
        Self { rows: unread(want, today), blocks: vec![message], ..Self::new(want, id, why, today) }
    }

    /// The plan of a zone that is not the one its file means.
    pub fn blocked(
        want: &Desired,
        zone_id: Option<ZoneId>,
        why: Diagnostic,
        today: jiff::civil::Date,
    ) -> Self {
        Self::unread(want, zone_id, Unread::Blocked, why, today)
    }

    /// The plan of a zone that could not be read.
    pub fn failed(
        want: &Desired,
        zone_id: Option<ZoneId>,
        why: Diagnostic,
        today: jiff::civil::Date,
    ) -> Self {
        Self::unread(want, zone_id, Unread::Failed, why, today)
    }

    /// The plan of a zone that the run did not get to.
    pub fn not_attempted(want: &Desired, why: Diagnostic, today: jiff::civil::Date) -> Self {
        Self::unread(want, want.zone_id.clone(), Unread::NotAttempted, why, today)
    }

    /// The name and the ids that identify it, as far as known.
    #[must_use]
    pub(crate) fn identity(&self) -> Identity<'_> {
        Identity::new(&self.zone, self.zone_id.as_ref(), self.account_id.as_ref())
    }

    /// The file for texts: empty where there is none.
    #[must_use]
    pub(crate) fn path(&self) -> &str {
        self.file.as_deref().unwrap_or_default()
    }

    /// Whether it is the plan of a file's zone, as far as known.
    #[must_use]
    pub fn is_of(&self, zone: &Desired) -> bool {
        self.identity().may_be(zone.identity())
    }

    /// What the plan means for the zone.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.live {
            Err(Unread::Failed | Unread::NotAttempted) => Status::Failed,
            Err(Unread::Blocked) => Status::Blocked,
            Ok(_) if !self.blocks.is_empty() => Status::Blocked,
            Ok(_) if self.rows.iter().any(Row::differs) => Status::Change,
            Ok(_) => Status::InSync,
        }
    }

    /// The outcome of the zone if nothing is written to it.
    #[must_use]
    pub fn unwritten(&self) -> Outcome {
        match (self.status(), &self.live) {
            (Status::Blocked, _) => Outcome::Blocked,
            (Status::Failed, Err(Unread::NotAttempted)) => Outcome::NotAttempted,
            (Status::Failed, _) => Outcome::Failed,
            (Status::InSync, _) if !self.has_changes() => Outcome::InSync,
            (Status::Change | Status::InSync, _) if self.protected.is_some() => Outcome::Protected,
            (Status::Change | Status::InSync, _) if self.changes().next().is_some() => Outcome::NotAttempted,
            (Status::Change | Status::InSync, _) if self.with(VerdictKind::Unapproved).next().is_some() => {
                Outcome::Unapproved
            }
            (Status::Change | Status::InSync, _) => Outcome::Held,
        }
    }

    /// The outcome of the zone if nothing is written to it, with the reason if its changes are not approved.
    pub(crate) fn unwritten_end(&self) -> ZoneOutcome {
        let outcome = self.unwritten();
        let is_why = |note: &&Diagnostic| note.kind == DiagnosticKind::Unapproved;
        match self.notes.iter().find(is_why).filter(|_| outcome == Outcome::Unapproved) {
            Some(why) => ZoneOutcome::because(outcome, why.clone().severity(Severity::Error)),
            None => ZoneOutcome::plain(outcome),
        }
    }

    /// Whether it has rows to write or to hold, including those that GET does not report.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        let is_change = |row: &Row| {
            matches!(row.verdict.kind(), VerdictKind::Change | VerdictKind::Held | VerdictKind::Unapproved)
        };
        !self.status().is_failure() && self.rows.iter().any(is_change)
    }

    /// The live object the plan was made against; `None` if it was not read.
    #[must_use]
    pub fn live(&self) -> Option<&Live> {
        self.live.as_deref().ok()
    }

    /// The digest of the live object the plan was made against.
    #[must_use]
    pub fn base(&self) -> Option<Digest> {
        self.live().map(Live::digest)
    }

    /// The rows of what the file names, by name, then those of stale members by name.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What writing a row would have done to requests, if that was asked for.
    #[must_use]
    pub(crate) fn impact_of(&self, row: &Row) -> Option<&RowImpact> {
        let is_own =
            |(name, stale, _): &&(String, bool, RowImpact)| name == row.name() && *stale == row.stale;
        self.impact.iter().find(is_own).map(|(.., impact)| impact)
    }

    /// The rows of settings that GET reports and the file does not name. They are derived from the live object when
    /// asked for: most settings are unmanaged, and thousands of zones are held.
    pub fn unmanaged(&self) -> impl Iterator<Item = Row> {
        let is_named = |name: &str| self.rows.iter().any(|row| !row.stale && row.name() == name);
        let settings = self.live().into_iter().flat_map(Live::settings);
        settings
            .filter(move |(setting, _)| !is_named(setting.name))
            .map(|(setting, live)| Row::unmanaged(setting, live.clone()))
    }

    /// All rows: settings by name, then stale members by name.
    #[must_use]
    pub fn all_rows(&self) -> Vec<Row> {
        let mut rows: Vec<_> = self.rows.iter().cloned().chain(self.unmanaged()).collect();
        rows.sort_by(|one, two| (one.stale, one.name()).cmp(&(two.stale, two.name())));
        rows
    }

    /// The rows with a verdict.
    pub(crate) fn with(&self, verdict: VerdictKind) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.verdict.kind() == verdict)
    }

    /// The rows that would be written if the zone may be written.
    pub fn changes(&self) -> impl Iterator<Item = &Row> {
        self.with(VerdictKind::Change)
    }

    /// Whether anything of the zone would be written.
    #[must_use]
    pub fn is_written(&self) -> bool {
        !self.status().is_failure() && self.protected.is_none() && self.changes().next().is_some()
    }

    /// Whether it is written in two PUTs. Cloudflare may refuse a clean-up, and would refuse changes in the same body
    /// too.
    #[must_use]
    pub fn is_written_in_two(&self) -> bool {
        self.is_written()
            && [true, false].iter().all(|kind| self.changes().any(|row| row.is_clean_up() == *kind))
    }

    /// The zone with only the rows of one of its two PUTs, over what is live then.
    pub(crate) fn part(&self, part: Part, live: Live) -> Self {
        let is_meant =
            |row: &Row| row.verdict != Verdict::Change || row.is_clean_up() == (part == Part::CleanUps);
        let mut part = Self { live: Ok(Box::new(live)), ..self.clone() };
        part.rows.retain(is_meant);
        part
    }

    /// The exact body of the PUT, or of both PUTs together; `None` if nothing is written.
    #[must_use]
    pub fn body(&self) -> Option<Map<String, Json>> {
        self.is_written().then(|| {
            let changes = self.rows.iter().filter_map(Row::change);
            changes.map(|(setting, value)| (setting.name.to_owned(), value.to_json())).collect()
        })
    }

    /// Why a saved plan of the zone no longer means on a day (UTC) what was reviewed: it rests on a temporary value or
    /// a waiver that has ended since.
    #[must_use]
    pub fn ended(&self, today: jiff::civil::Date) -> Option<String> {
        self.rows.iter().find_map(|row| {
            let name = row.name();
            let interim = row.wanted.as_ref().and_then(Wanted::interim);
            if let Some(Interim { until, .. }) = interim.filter(|interim| interim.until < today) {
                return Some(format!("the temporary value of `{name}` ended on {until}"));
            }
            let Verdict::Accepted(acceptance) = &row.verdict else { return None };
            let until = acceptance.until;
            (until < today).then(|| format!("the waiver for `{name}` ended on {until}"))
        })
    }

    /// How the record has changed for the zone since it was planned, on the day (UTC) of its plan.
    #[must_use]
    pub(crate) fn recorded_since(&self, now: &Earlier, day: jiff::civil::Date) -> RecordedSince {
        match now.recorded {
            Some(recorded) => RecordedSince::of(&self.rows, recorded, &now.wanted, day),
            None => RecordedSince::Moved,
        }
    }

    /// All messages about the zone: blocks first.
    pub fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.blocks.iter().chain(&self.notes)
    }
}

#[cfg(test)]
#[path = "zone_tests.rs"]
mod tests;
