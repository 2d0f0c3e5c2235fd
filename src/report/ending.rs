//! How a run ended: one word for it, its exit code, and what that means. Every format and the exit code are views of
//! it.

use crate::diff::{FeedbackStatus, ZoneFeedback};
use crate::model::{Outcome, ReportOutcome, ReportResult, ZoneOutcome};
use crate::plan::{Plan, Refusal, Summary, ZonePlan};

/// How the written plan was made, which decides what counts as stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A plan that this run made.
    Made,
    /// A saved plan, as a whole or not at all.
    Saved,
    /// The zones of a saved plan that did not move (`--partial`).
    PartOfSaved,
}

/// How a run ended. The exit codes are the same in every output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// 0: in sync, or applied.
    Done,
    /// 1: failed, nothing usable.
    Failed,
    /// 2: changes are pending (`--detailed-exitcode` only).
    Pending,
    /// 3: some zones failed, the rest is reported or applied.
    Partial,
    /// 4: refused, the plan is stale.
    Stale,
    /// 4: refused, nobody reviewed what a file asks for.
    Unapproved,
    /// 5: refused by a guard, a policy, or because a plan file fails its checks.
    Refused,
    /// 64: wrong usage.
    Usage,
    /// 3 or 1: stopped before its end, with or without something usable.
    Interrupted {
        /// Whether some zones are reported or applied.
        partial: bool,
    },
}

impl Ending {
    /// One for each exit code, by number.
    pub const CODES: [Self; 7] =
        [Self::Done, Self::Failed, Self::Pending, Self::Partial, Self::Stale, Self::Refused, Self::Usage];

    /// What its exit code means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "in sync, or applied",
            Self::Failed | Self::Interrupted { partial: false } => "failed, nothing usable",
            Self::Pending => "changes pending, or something changed outside (`--detailed-exitcode` only)",
            Self::Partial | Self::Interrupted { partial: true } => {
                "partial: some zones failed or are blocked, the rest is reported or applied"
            }
            Self::Stale | Self::Unapproved => {
                "refused: the plan is stale, or nobody reviewed what a file asks for"
            }
            Self::Refused => "refused: a guard, a policy, or a plan file that fails its checks",
            Self::Usage => "wrong usage",
        }
    }

    /// The exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed | Self::Interrupted { partial: false } => 1,
            Self::Pending => 2,
            Self::Partial | Self::Interrupted { partial: true } => 3,
            Self::Stale | Self::Unapproved => 4,
            Self::Refused => 5,
            Self::Usage => 64,
        }
    }

    /// The word for machines.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "ok",
            Self::Failed | Self::Usage => "failed",
            Self::Pending => "changes",
            Self::Partial => "partial",
            Self::Stale => "stale",
            Self::Unapproved => "unapproved",
            Self::Refused => "refused",
            Self::Interrupted { .. } => "interrupted",
        }
    }

    /// Whether the run did what it was asked to do.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Done | Self::Pending)
    }

    /// Whether the run has a usable result besides its failures.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        !matches!(self, Self::Failed | Self::Usage | Self::Interrupted { partial: false })
    }

    /// The ending of a run with so many failures and usable results.
    #[must_use]
    pub const fn of_failures(failures: usize, usable: usize) -> Self {
        match (failures, usable) {
            (0, _) => Self::Done,
            (_, 0) => Self::Failed,
            (_, _) => Self::Partial,
        }
    }

    /// The ending of a check of files, by the number of errors and of values that break a policy.
    #[must_use]
    pub const fn of_files(errors: usize, broken: usize) -> Self {
        match (errors, broken) {
            (0, 0) => Self::Done,
            (_, 0) => Self::Failed,
            (_, _) => Self::Refused,
        }
    }

    /// The ending of a plan, with what refuses it and the number of failures apart from its zones.
    #[must_use]
    pub fn of_plan(plan: &Plan, refusals: &[Refusal], others: usize) -> Self {
        let Summary { change, in_sync, blocked, failed, .. } = plan.summary();
        let is_unapproved = |zone: &ZonePlan| zone.unwritten() == Outcome::Unapproved;
        match refusals {
            [] if plan.zones().iter().any(is_unapproved) => Self::Unapproved,
            [] => Self::of_failures(blocked + failed + others, change + in_sync),
            _ => Self::Refused,
        }
    }

    /// The ending of a written plan, by its outcomes. In a stopped run only what was written is usable; a saved plan
    /// that had zones that moved, and of which nothing was written, is stale.
    #[must_use]
    pub fn of_outcomes(outcomes: &[ZoneOutcome], plan: Written, is_stopped: bool) -> Self {
        let count = |is: fn(Outcome) -> bool| outcomes.iter().filter(|zone| is(zone.outcome)).count();
        let (done, written) = (count(Outcome::is_success), count(Outcome::has_written));
        let stale = count(|outcome| outcome == Outcome::Stale);
        let usable = if is_stopped { written } else { done };
        let is_refused = match plan {
            Written::Made => false,
            Written::Saved => written == 0,
            Written::PartOfSaved => written == 0 && usable == 0,
        };
        let unapproved = count(|outcome| outcome == Outcome::Unapproved);
        match (stale > 0 && is_refused, unapproved > 0 && written == 0) {
            (true, _) => Self::Stale,
            (_, true) => Self::Unapproved,
            (false, false) => Self::of_failures(outcomes.len() - done, usable),
        }
    }

    /// The ending of a plan of feedback reports.
    #[must_use]
    pub fn of_feedback(zones: &[ZoneFeedback]) -> Self {
        let is_failure =
            |zone: &&ZoneFeedback| matches!(zone.status(), FeedbackStatus::Blocked | FeedbackStatus::Failed);
        let failures = zones.iter().filter(is_failure).count();
        Self::of_failures(failures, zones.len() - failures)
    }

    /// The ending of a run that submitted reports. In a stopped run only what was submitted is usable.
    #[must_use]
    pub fn of_submitted(results: &[Vec<ReportResult>], is_stopped: bool) -> Self {
        let count = |is: fn(ReportOutcome) -> bool| {
            results.iter().flatten().filter(|result| is(result.outcome)).count()
        };
        let (all, done) = (count(|_| true), count(ReportOutcome::is_success));
        let usable = if is_stopped { count(|outcome| outcome == ReportOutcome::Submitted) } else { done };
        Self::of_failures(all - done, usable)
    }

    /// Applies `--detailed-exitcode`, which only turns a 0 into a 2.
    #[must_use]
    pub const fn detailed(self, has_changes: bool) -> Self {
        match self {
            Self::Done if has_changes => Self::Pending,
            ending => ending,
        }
    }

    /// The ending of the same run if it was asked to stop: what it failed to do, it was kept from doing.
    #[must_use]
    pub const fn stopped(self) -> Self {
        match self {
            Self::Failed => Self::Interrupted { partial: false },
            Self::Partial => Self::Interrupted { partial: true },
            ending => ending,
        }
    }

    /// The ending of the same run if its result could not be written: a success without a usable result.
    #[must_use]
    pub const fn lost(self) -> Self {
        match self {
            Self::Done | Self::Pending => Self::Failed,
            ending => ending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detailed_exit_code_changes_nothing_but_a_success() {
        assert_eq!(Ending::Done.detailed(true), Ending::Pending);
        assert_eq!(Ending::Done.detailed(false), Ending::Done);
        let stopped = Ending::Interrupted { partial: true };
        for ending in
            [Ending::Failed, Ending::Partial, Ending::Stale, Ending::Refused, Ending::Usage, stopped]
        {
            assert_eq!((ending.detailed(true), ending.lost()), (ending, ending));
        }
        assert_eq!((Ending::Done.lost(), Ending::Pending.lost()), (Ending::Failed, Ending::Failed));
    }

    #[test]
    fn a_saved_plan_is_stale_only_where_nothing_of_it_could_be_written() {
        let ended = |outcomes: &[Outcome], plan, is_stopped| {
            let outcomes: Vec<_> = outcomes.iter().copied().map(ZoneOutcome::plain).collect();
            Ending::of_outcomes(&outcomes, plan, is_stopped)
        };
        let (stale, applied, in_sync) = (Outcome::Stale, Outcome::Applied, Outcome::InSync);
        for (plan, alone, in_sync_too, applied_too) in [
            (Written::Made, Ending::Failed, Ending::Partial, Ending::Partial),
            (Written::Saved, Ending::Stale, Ending::Stale, Ending::Partial),
            (Written::PartOfSaved, Ending::Stale, Ending::Partial, Ending::Partial),
        ] {
            assert_eq!(ended(&[stale], plan, false), alone, "{plan:?}");
            assert_eq!(ended(&[stale, in_sync], plan, false), in_sync_too, "{plan:?}");
            assert_eq!(ended(&[stale, applied], plan, false), applied_too, "{plan:?}");
            assert_eq!(ended(&[applied, in_sync], plan, false), Ending::Done, "{plan:?}");
        }
        assert_eq!(ended(&[Outcome::NotAttempted, in_sync], Written::Made, true), Ending::Failed);
        assert_eq!(ended(&[Outcome::NotAttempted, applied], Written::Made, true), Ending::Partial);
    }

    #[test]
    fn what_breaks_a_policy_weighs_more_than_an_error() {
        assert_eq!(Ending::of_files(0, 0), Ending::Done);
        assert_eq!(Ending::of_files(1, 0), Ending::Failed);
        assert_eq!((Ending::of_files(0, 1), Ending::of_files(1, 1)), (Ending::Refused, Ending::Refused));
    }

    #[test]
    fn a_stop_keeps_the_exit_code() {
        for ending in Ending::CODES {
            assert_eq!(ending.stopped().code(), ending.code());
        }
        assert_eq!(Ending::Partial.stopped().word(), "interrupted");
        assert_eq!(Ending::Done.stopped().word(), "ok");
    }
}
