//! How a run changes the record: it claims the zones that it may write, and settles them by what it left to do.

use super::record::{Claim, Doubt, ProjectZone, Record, RecordError, RecordedZone};
use crate::diff::{Row, Verdict};
use crate::model::{FindingKind, Outcome, ZoneOutcome};
use crate::plan::{Plan, ZonePlan};
use jiff::civil::Date;

impl Record {
    /// The first record of a project: zones in sync count as applied at the commit, and all others are in doubt, so
    /// that a reviewer decides.
    #[must_use]
    pub fn first(plan: &Plan, commit: String) -> Self {
        let mut record = Self::new(commit, plan.provenance().as_of);
        for zone in plan.zones().iter().filter(|zone| !is_settled(zone)) {
            let in_doubt = Some(Doubt { since: record.number, looked_at: true, was: None });
            let mut entry = RecordedZone::of(zone.identity(), &record.of(zone.identity()));
            entry.in_doubt = in_doubt;
            record.zones.push(entry);
        }
        record.sorted()
    }

    /// The record of a run that is about to write a plan: the zones that it may write are in doubt until it settles
    /// them. The run also resolves doubts of earlier runs: a zone that is in sync is settled, any other gets the number
    /// of this run, so that only plans made since then fit. A saved plan renews a doubt, and settles it only by
    /// writing. `project` holds all zones that the files of the commit name.
    #[must_use]
    pub fn claim(&self, plan: &Plan, commit: &str, project: &[ProjectZone]) -> (Self, Claim) {
        let (number, day) = (self.number + 1, self.day_of(plan));
        let mut next = self.clone();
        (next.number, next.zones) = (number, Vec::new());
        for zone in project {
            let mut applied = self.of(zone.identity());
            let is_open = zone.differs || applied.in_doubt.is_some();
            let is_own = (applied.commit, applied.day) != (self.commit.as_str(), self.day);
            if !is_open && is_own {
                // The new commit wants what was applied. The commit of all other zones may want something else until
                // this run is settled, which may never happen.
                (applied.commit, applied.day) = (commit, day);
            }
            if is_open || is_own {
                next.entry(zone.identity(), &applied);
            }
        }
        for zone in plan.zones() {
            let applied = self.of(zone.identity());
            let is_open = applied.in_doubt.is_some_and(|doubt| !doubt.looked_at);
            let settled = zone.live().is_some() && is_settled(zone);
            let in_doubt = match applied.in_doubt {
                // A saved plan may have read the zone before the run that left it in doubt was over.
                Some(_) if settled && !is_older(plan, self) && !(is_open && plan.is_saved()) => {
                    let entry = next.entry(zone.identity(), &applied);
                    (entry.commit, entry.day, entry.in_doubt) = (commit.to_owned(), day, None);
                    continue;
                }
                was if zone.is_written() => {
                    // A doubt that no run has looked at yet is renewed, even if nothing is sent in the end.
                    let was = was.map(|doubt| if is_open { number } else { doubt.since });
                    Doubt { since: number, looked_at: false, was }
                }
                Some(_) if is_open && zone.live().is_some() => {
                    Doubt { since: number, looked_at: true, was: None }
                }
                _ => continue,
            };
            let entry = next.entry(zone.identity(), &applied);
            entry.in_doubt = Some(in_doubt);
            // A journal identifies zones by id, and `without_doubt` looks them up there.
            entry.zone_id.clone_from(&zone.zone_id);
        }
        (next.sorted(), Claim { number, commit: commit.to_owned() })
    }

    /// The day (UTC) on which the values of a plan's commit count once it is applied. It never goes back: a saved plan may
    /// be older than the last run, and the temporary values that ended in between were returned.
    #[must_use]
    pub(crate) fn day_of(&self, plan: &Plan) -> Date {
        plan.provenance().as_of.max(self.day)
    }

    /// Checks that it is the record that a plan claimed.
    ///
    /// # Errors
    /// It belongs to another run.
    pub fn check_claim(&self, claim: &Claim) -> Result<(), RecordError> {
        match claim.number == self.number {
            true => Ok(()),
            false => Err(RecordError::OfAnotherRun { found: self.number, claimed: claim.number }),
        }
    }

    /// The record after a run: it is at the applied commit, and lists each zone that still lacks something of it.
    ///
    /// # Errors
    /// It is not the record that the plan claimed.
    pub fn settle(&self, plan: &Plan, claim: &Claim, outcomes: &[ZoneOutcome]) -> Result<Self, RecordError> {
        self.check_claim(claim)?;
        let day = self.day_of(plan);
        let mut next = self.clone();
        (next.commit, next.day) = (claim.commit.clone(), day);
        for (zone, outcome) in plan.zones().iter().zip(outcomes) {
            let left = match Left::of(zone, outcome) {
                Left::Unknown => Left::Unknown,
                // What an older plan saw in a zone says nothing of it by now, unless its own PUT was read back.
                _ if is_older(plan, self) && !outcome.outcome.has_written() => Left::Unseen,
                left => left,
            };
            next.settle_zone(self, (zone, outcome), left, day);
        }
        // An entry that equals what the record says of all zones is redundant.
        let is_needed =
            |zone: &RecordedZone| zone.in_doubt.is_some() || (&zone.commit, zone.day) != (&claim.commit, day);
        next.zones.retain(is_needed);
        Ok(next.sorted())
    }

    fn settle_zone(
        &mut self,
        claimed: &Self,
        (zone, outcome): (&ZonePlan, &ZoneOutcome),
        left: Left,
        day: Date,
    ) {
        let applied = claimed.of(zone.identity());
        let goes_back = done(zone, outcome).any(Row::is_way_back);
        let is_new =
            |row: &Row| row.verdict == Verdict::InSync && row.is_moved() && applied.in_doubt.is_none();
        let is_part = done(zone, outcome).any(|row| !row.is_way_back()) || zone.rows().iter().any(is_new);
        let in_doubt = match (left, applied.in_doubt) {
            (Left::Unknown, doubt) => doubt,
            (Left::Nothing, Some(doubt)) if doubt.since == claimed.number && doubt.looked_at => Some(doubt),
            (Left::Nothing, _) => None,
            // It has the values of no commit. If they counted as those of its own commit, a revert would pass for
            // drift.
            _ if is_part => {
                // A plan made during the run may have read the zone before its write.
                self.number = claimed.number + 1;
                Some(Doubt { since: self.number, looked_at: true, was: None })
            }
            (_, Some(doubt)) if doubt.since == claimed.number && !doubt.looked_at => doubt.undone(),
            (_, doubt) => doubt,
        };
        let is_listed = claimed.listed(zone.identity()).is_some();
        match left {
            Left::Nothing if in_doubt.is_none() => self.remove(zone.identity()),
            // A zone that was not read keeps its entry, if it has one.
            Left::Unseen if !is_listed => {}
            Left::Nothing | Left::Unseen | Left::Unknown | Left::WayBack | Left::Changes => {
                let entry = self.entry(zone.identity(), &applied);
                entry.in_doubt = in_doubt;
                // What has ended since the zone's own day has been returned; only what ends later is still to come.
                if left == Left::Changes && goes_back {
                    entry.day = day;
                }
            }
        }
    }
}

/// Whether a plan was made on an earlier day than the last run: what it saw may have been written since.
fn is_older(plan: &Plan, record: &Record) -> bool {
    plan.provenance().as_of < record.day
}

/// What a run left to do of the merged changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// Nothing: any difference is drift.
    Nothing,
    /// Changes of the files.
    Changes,
    /// The return from a temporary value, and perhaps changes.
    WayBack,
    /// The zone was not read.
    Unseen,
    /// A PUT was sent, and its result is not known.
    Unknown,
}

impl Left {
    fn of(zone: &ZonePlan, end: &ZoneOutcome) -> Self {
        if end.outcome == Outcome::Unknown {
            return Self::Unknown;
        }
        if zone.live().is_none() {
            return Self::Unseen;
        }
        let left = || {
            let is_left = |row: &&Row| is_merged(row) && !is_done(row, end);
            zone.rows().iter().filter(is_left)
        };
        match left().next() {
            None => Self::Nothing,
            Some(_) if left().any(Row::is_way_back) => Self::WayBack,
            Some(_) => Self::Changes,
        }
    }
}

/// Whether a row was to be written and has the wanted value, by the outcome of its zone.
fn is_done(row: &Row, end: &ZoneOutcome) -> bool {
    let is_not_taken = || {
        let is_open = |kind| matches!(kind, FindingKind::NotTaken | FindingKind::NotSent);
        let mut findings = end.findings.iter();
        findings.any(|finding| is_open(finding.kind) && finding.setting == row.name())
    };
    let is_done = match end.outcome {
        Outcome::Applied | Outcome::Unverified | Outcome::Collateral | Outcome::InSync => true,
        // A stale setting that Cloudflare keeps counts as applied: it would otherwise stay open for ever.
        Outcome::NotApplied => !is_not_taken(),
        _ => false,
    };
    is_done && row.verdict == Verdict::Change
}

/// The rows that have the wanted value now.
fn done<'a>(zone: &'a ZonePlan, end: &'a ZoneOutcome) -> impl Iterator<Item = &'a Row> {
    zone.rows().iter().filter(|row| is_done(row, end))
}

/// Whether a row would write what a merged change asks for: everything that differs, except drift.
fn is_merged(row: &Row) -> bool {
    let differs = matches!(
        row.verdict,
        Verdict::Change | Verdict::Held(_) | Verdict::Unapproved(_) | Verdict::Accepted(_) | Verdict::Blocked
    );
    differs && row.wanted.is_some() && !row.is_drift()
}

/// Whether the zone has everything that the merged files ask for.
pub(super) fn is_settled(zone: &ZonePlan) -> bool {
    !zone.status().is_failure() && !zone.rows().iter().any(is_merged)
}
