//! `plan --moved-since`: the earlier snapshot, and whether it can be compared with what is live.

use super::Failure;
use super::args::Selected;
use super::commands::snapshot;
use crate::model::{AccountId, Diagnostic};
use crate::plan::Plan;
use crate::run::{Present, Scope, Snapshot, compare_since};
use jiff::Timestamp;
use std::path::Path;

/// The earlier snapshot.
pub(super) struct Then {
    snapshot: Snapshot,
    /// What the run is limited to.
    run: Scope,
}

impl Then {
    /// Reads the snapshot.
    pub(super) fn read(
        path: &Path,
        selected: &Selected,
        account_id: Option<AccountId>,
    ) -> Result<Self, Failure> {
        let Selected { zones, exclude } = selected.clone();
        Ok(Self { snapshot: snapshot::load(path)?, run: Scope { account_id, zones, exclude } })
    }

    /// The snapshot.
    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Refuses a snapshot of another API, or one that is newer than what it is compared with.
    pub(super) fn check(&self, api: &str, now: Timestamp) -> Result<(), Failure> {
        let (of, taken_at) = (self.snapshot.api(), self.snapshot.taken_at());
        if of != api {
            let message =
                format!("the snapshot of `--moved-since` was taken from {of}, but this run uses {api}");
            return Err(Failure::usage(message).hint("use a snapshot of the same API"));
        }
        // Both are rounded to seconds.
        let now = now.round(jiff::Unit::Second).unwrap_or(now);
        if taken_at > now {
            let message =
                format!("the snapshot of `--moved-since` was taken at {taken_at}, which is later than {now}");
            return Err(
                Failure::usage(message).hint("use an earlier snapshot here, and the later one for `--live`")
            );
        }
        Ok(())
    }

    /// Compares a plan and the listed zones with it; returns why that is not possible.
    pub(super) fn compare_listed(&self, plan: &mut Plan, listed: &[Present]) -> Option<Diagnostic> {
        compare_since(plan, &self.snapshot, listed, &[&self.run]).err()
    }

    /// Compares a plan and the zones of the snapshot that it was made from.
    pub(super) fn compare(&self, plan: &mut Plan, live: &Snapshot) -> Vec<Diagnostic> {
        let present = Present::all_of(live);
        let failed = compare_since(plan, &self.snapshot, &present, &[&self.run, live.scope()]).err();
        let is_same = self.snapshot == *live;
        let same = is_same.then(|| {
            Diagnostic::warning("both snapshots are the same: nothing can differ")
                .hint("compare with the snapshot of an earlier run")
        });
        failed.into_iter().chain(same).collect()
    }
}
