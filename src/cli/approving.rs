//! What approvals let a run write, and the record that it claims before its first write and settles after its last.

use super::Failure;
use super::args::{Approved as Args, Zones};
use super::output::{Level, say, write_record};
use super::reviewed::{self, NEW_RECORD, Recorded};
use crate::model::{Desired, ZoneOutcome, plural, some_of};
use crate::plan::{Approvals, ApprovedBy, Claim, Plan, ProjectZone, Record};
use crate::report::Ending;
use jiff::civil::Date;
use std::path::{Path, PathBuf};

/// What a run may write, and what it records.
#[derive(Debug, Default)]
pub(crate) struct Approving {
    /// What reviewers approved; `None` if the plan itself is reviewed.
    pub(crate) approvals: Option<Approvals>,
    recording: Option<Recording>,
}

/// Where a run records what it applies.
#[derive(Debug)]
struct Recording {
    recorded: Recorded,
    project: Vec<ProjectZone>,
    file: PathBuf,
}

/// A record that a run claimed and has not settled.
#[derive(Debug)]
pub(crate) struct Settling {
    claimed: Record,
    claim: Claim,
    file: PathBuf,
}

impl Approving {
    /// Reads the arguments; `recorded` is the record that the zones were compared with.
    pub(crate) fn read(
        args: &Args,
        recorded: Option<Recorded>,
        zones: &[Desired],
        today: Date,
    ) -> Result<Self, Failure> {
        let Some(flag) = args.needs_record() else { return Ok(Self::default()) };
        let Some(recorded) = recorded else {
            return Err(
                Failure::new(format!(
                "`{flag}` needs a record, but `--since` does not name one: name its tag, such as `--since botform-applied`"
            ))
            .hint(NEW_RECORD)
            );
        };
        recorded.check_committed(zones, today)?;
        let approvals = reviewed::approvals(args, &recorded)?;
        let recording = match &args.last_applied {
            Some(file) => {
                let project = recorded.project(today)?;
                Some(Recording { recorded, project, file: file.clone() })
            }
            None => None,
        };
        Ok(Self { approvals, recording })
    }

    /// Restricts a plan to what is approved.
    pub(crate) fn restrict(&self, plan: Plan) -> Plan {
        let Some(approvals) = &self.approvals else { return plan };
        reviewed::say_other_apis(approvals, &plan);
        let by = |approved: &crate::plan::ApprovedPlan| {
            ApprovedBy::new(approved.plan.digest().to_string(), approved.commit.clone())
        };
        let approved = approvals.plans().map(by).collect();
        approvals.restrict(plan).claimed(None, approved)
    }

    /// Claims the zones that a plan may write, in the record's file.
    pub(crate) fn claim(&self, plan: Plan) -> Result<(Plan, Option<Settling>), Failure> {
        let Some(Recording { recorded, project, file }) = &self.recording else { return Ok((plan, None)) };
        if plan.provenance().older_than.is_some() {
            // A guard refuses the plan, and the record must not go back to older files.
            return Ok((plan, None));
        }
        let (claimed, claim) = recorded.record.claim(&plan, &recorded.head, project);
        write_record(file, &claimed)?;
        say_doubts(&recorded.record, self.approvals.is_some());
        let approved = plan.provenance().approved.clone();
        let plan = plan.claimed(Some(claim.clone()), approved);
        Ok((plan, Some(Settling { claimed, claim, file: file.clone() })))
    }
}

/// Warns of the zones for which the last run did not record how it ended.
fn say_doubts(record: &Record, is_restricted: bool) {
    doubts(record, is_restricted).into_iter().for_each(|text| say(Level::Warning, text));
}

/// What there is to say of the zones in doubt that no run has looked at yet; `None` if there is none.
fn doubts(record: &Record, is_restricted: bool) -> Option<String> {
    let open = record.in_doubt().filter(|zone| zone.in_doubt.is_some_and(|doubt| !doubt.looked_at));
    let names: Vec<_> = open.map(|zone| zone.zone.to_string()).collect();
    (!names.is_empty()).then(|| {
        let zones = plural(names.len(), "zone");
        let names = some_of(names.iter(), 5);
        let then = match is_restricted {
            true => "this run reads them and writes nothing there",
            false => "check their changes before you approve the plan",
        };
        format!("an earlier run claimed {zones} and did not record how it ended: {names}; {then}")
    })
}

impl Settling {
    /// The record of a saved plan, with what is left of the plan. The file holds what the plan claimed; if it claimed
    /// nothing, this run claims it now.
    pub(crate) fn of_saved(plan: Plan, file: &Path, journals: &[PathBuf]) -> Result<(Plan, Self), Failure> {
        if let Some(claim) = plan.provenance().claim.clone() {
            return Ok((plan, Self::of_claimed(claim, file)?));
        }
        reviewed::may_replace_record(file)?;
        let recorded = Recorded::of_plan(&plan, journals)?;
        let plan = recorded.left_of(plan)?;
        let project = recorded.project(recorded.record.day_of(&plan))?;
        let (claimed, claim) = recorded.record.claim(&plan, &recorded.head, &project);
        write_record(file, &claimed)?;
        Ok((plan, Self { claimed, claim, file: file.to_owned() }))
    }

    /// Claims the record for the merged plan of several machines, which settle nothing by themselves.
    pub(crate) fn claim_merged(plan: Plan, file: &Path) -> Result<Plan, Failure> {
        let approved = plan.provenance().approved.clone();
        let (plan, Self { claim, .. }) = Self::of_saved(plan, file, &[])?;
        Ok(plan.claimed(Some(claim), approved))
    }

    /// The record that a merged plan claimed, to be settled by the results of all its shards.
    pub(crate) fn of_plan(plan: &Plan, file: &Path) -> Result<Self, Failure> {
        let claim = plan.provenance().claim.clone().ok_or_else(|| {
            Failure::usage("`--last-applied` settles a record, but the plan claimed none")
                .hint("give the flag to `merge` when it merges the plans, before any shard is applied")
        })?;
        Self::of_claimed(claim, file)
    }

    fn of_claimed(claim: Claim, file: &Path) -> Result<Self, Failure> {
        let refused = |why: String| {
            Failure::new(why)
                .hint("use the file that `plan --last-applied` wrote with this plan")
                .ending(Ending::Refused)
        };
        let bytes = crate::files::read(file, MOST_BYTES)
            .map_err(|error| refused(format!("cannot read the record {}: {error}", file.display())))?;
        let claimed = Record::read(&String::from_utf8_lossy(&bytes))
            .map_err(|error| refused(format!("{} is refused: {error}", file.display())))?;
        claimed
            .check_claim(&claim)
            .map_err(|error| refused(format!("{} is refused: {error}", file.display())))?;
        Ok(Self { claimed, claim, file: file.to_owned() })
    }

    /// The number of the record.
    pub(crate) fn number(&self) -> u64 {
        self.claim.number
    }

    /// Records how the run ended. Zones with an unknown outcome stay in doubt.
    pub(crate) fn settle(&self, plan: &Plan, outcomes: &[ZoneOutcome]) {
        let settled = self.claimed.settle(plan, &self.claim, outcomes).map_err(|error| Failure::of(&error));
        if let Err(failure) = settled.and_then(|record| write_record(&self.file, &record)) {
            failure
                .hint("the record stays as it was claimed, so the next run only reads its zones at first")
                .report();
        }
    }
}

/// The largest record that is read, enough for more than ten thousand zones.
const MOST_BYTES: u64 = 64 << 20;

/// Writes the first record of a project.
pub(crate) fn write_first(file: &Path, plan: &Plan, args: &Zones, zones: &[Desired]) -> Result<(), Failure> {
    let recorded = Recorded::first(args, zones)?;
    recorded.check_committed(zones, plan.provenance().as_of)?;
    let record = Record::first(plan, recorded.head.clone());
    let doubts = record.in_doubt().count();
    write_record(file, &record)?;
    if doubts > 0 {
        let zones = plural(doubts, "zone");
        say(
            Level::Note,
            format!("{zones} differ or could not be read; they are in doubt until a plan is reviewed"),
        );
    }
    let file = file.display();
    say(
        Level::Info,
        format!(
            "the record is in {file}; publish it with `git tag --annotate botform-applied --file {file}` and `git push origin botform-applied`"
        ),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_doubt_is_told_until_a_run_has_looked_at_the_zone() {
        let zone = |name: &str, doubt: Option<bool>| {
            let in_doubt = doubt.map(|looked_at| json!({"since": 3, "looked_at": looked_at}));
            json!({"zone": name, "commit": "a".repeat(40), "day": "2026-12-01", "in_doubt": in_doubt})
        };
        let mut record = Record::new("a".repeat(40), jiff::civil::date(2026, 12, 1));
        let zones = [zone("a.example", Some(true)), zone("b.example", Some(false)), zone("c.example", None)];
        record.zones = zones.map(|zone| serde_json::from_value(zone).unwrap()).into();
        let told = doubts(&record, true).unwrap();
        assert_eq!(
            told,
            "an earlier run claimed 1 zone and did not record how it ended: b.example; this run reads them and writes nothing there"
        );
        record.zones.remove(1);
        assert_eq!(doubts(&record, true), None);
    }
}
