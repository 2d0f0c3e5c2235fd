//! All that may keep a plan from being written, and the write itself: protection, guards, approval, the identity and
//! freshness of a saved plan, the journal. No other file of the command line writes to zones.

use super::{is_approved, journals, outcomes};
use crate::cli::args::{Guards as GuardArgs, Writes};
use crate::cli::context::Work;
use crate::cli::environment::{self, Clock};
use crate::cli::output::{self, Format, can_ask, progress_bar, say};
use crate::cli::{Context, Exit, Failure};
use crate::config::{self, Project};
use crate::model::{Guards, Threshold, ZoneOutcome, clean};
use crate::plan::{Overrides, Plan, Protected, Refusal, Status, ZonePlan, guard};
use crate::render::{PlanText, plural};
use crate::run::{Apply, identify, preflight};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long to wait before a PUT that was not taken is sent again.
const PAUSE: Duration = Duration::from_millis(500);

/// Who approves a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approval {
    /// `--auto-approve` was given.
    Given,
    /// A person is asked.
    Asked,
    /// The plan was saved and reviewed; with `partial` the zones that did not move are written all the same.
    Saved {
        /// Whether zones that moved are left out.
        partial: bool,
    },
}

impl Approval {
    /// The approval of a plan that nobody has seen yet.
    pub(crate) fn of(args: &Writes) -> Self {
        if args.auto_approve { Self::Given } else { Self::Asked }
    }
}

/// A plan that is about to be written.
pub(crate) struct Writing<'a> {
    /// The run.
    pub(crate) cx: &'a Context<Format>,
    /// The arguments.
    pub(crate) args: &'a Writes,
    /// Whether each zone is shown.
    pub(crate) detail: bool,
    /// Who approves it.
    pub(crate) approval: Approval,
}

/// Why nothing is written: the exit code, and the outcome of each zone.
type Refused = (Exit, Vec<ZoneOutcome>);

impl Writing<'_> {
    /// Shows a plan, writes it if nothing refuses it, and shows the outcomes.
    pub(crate) async fn run(&self, plan: &Plan) -> Exit {
        let Self { cx, args, detail, approval } = *self;
        output::preview(&cx.outputs, approval == Approval::Asked, |paint| {
            PlanText::new(plan, paint, detail).to_string()
        });
        journals::settle_killed(args, &cx.session).await;
        let (exit, outcomes) = match self.refused(plan).await {
            Some(refused) => refused,
            None => match self.write(plan).await {
                Ok(written) => (outcomes::exit(&written, approval, &cx.stop), written),
                Err(failure) => {
                    (failure.report(), outcomes::not_attempted(plan, "the journal cannot be written"))
                }
            },
        };
        output::show_outcomes(&cx.outputs, plan, &outcomes, detail);
        exit
    }

    /// Why nothing is written; `None` if the plan may be.
    async fn refused(&self, plan: &Plan) -> Option<Refused> {
        plan.changing().next()?;
        let Self { cx, args, approval, .. } = self;
        let refusals = refusals(&args.guards, &cx.project, cx.clock, plan);
        if !refusals.is_empty() {
            say_refusals("error: refused, nothing was written", &refusals);
            return Some((Exit::Refused, outcomes::not_attempted(plan, "refused by a guard")));
        }
        match approval {
            Approval::Given => None,
            Approval::Asked => self.disapproved(plan).await,
            Approval::Saved { partial } => match self.mistaken(plan).await {
                Some(refused) => Some(refused),
                None => self.stale(plan, *partial).await,
            },
        }
    }

    /// The ids of a saved plan must be those of the zones it names.
    async fn mistaken(&self, plan: &Plan) -> Option<Refused> {
        let mistaken = identify(&self.cx.session.client, &plan.zones, &self.cx.stop).await;
        if mistaken.is_empty() {
            return None;
        }
        let (zones, have) = match mistaken.len() {
            1 => ("1 zone".to_owned(), "has"),
            count => (plural(count, "zone"), "have"),
        };
        say(&format!(
            "error: the plan file is refused: {zones} in it {have} the id of another zone; nothing was written\n\nhint: run `plan` again, and have the new plan reviewed\n"
        ));
        Some((Exit::Refused, outcomes::mistaken(plan, &mistaken)))
    }

    /// Asks the person at the terminal, if there is one.
    async fn disapproved(&self, plan: &Plan) -> Option<Refused> {
        let stop = &self.cx.stop;
        if stop.is_requested() {
            return None;
        }
        let zones = plural(plan.changing().count(), "zone");
        if !can_ask() {
            say(
                "error: nothing was written, because there is no terminal to ask for approval\n\nhint: add `--auto-approve`, or apply a saved plan\n",
            );
        } else if is_approved(&format!("Write these changes to {zones}?"), stop).await {
            return None;
        } else {
            say("not approved: nothing was written\n");
        }
        Some((Exit::Failed, outcomes::not_attempted(plan, "not approved")))
    }

    /// All zones of a saved plan are read before the first write.
    async fn stale(&self, plan: &Plan, partial: bool) -> Option<Refused> {
        let Context { session, stop, .. } = self.cx;
        let moved = preflight(&session.client, &plan.zones, session.concurrency, stop).await;
        if moved.is_empty() || partial {
            return None;
        }
        let zones = plural(moved.len(), "zone");
        say(&format!(
            "error: the plan is stale: {zones} changed after it was made; nothing was written\n\nhint: run `plan` again, or write the other zones with `--partial`\n"
        ));
        Some((Exit::Stale, outcomes::stale(plan, &moved)))
    }

    async fn write(&self, plan: &Plan) -> Result<Vec<ZoneOutcome>, Failure> {
        let Context { session, stop, project, .. } = self.cx;
        let changing = plan.changing().count();
        let journal = if changing > 0 { journals::open(self.args, session)? } else { None };
        let max_failures: Option<Threshold> = self.args.max_failures.or(project.guards.max_failures);
        let apply = Apply {
            api: &session.client,
            journal: journal.as_ref(),
            stop,
            concurrency: session.concurrency,
            canary: self.args.canary.unwrap_or(0),
            max_failures: max_failures.map(|threshold| threshold.of(changing)),
            pause: PAUSE,
        };
        self.cx.announce(Work::applying(changing));
        let bar = progress_bar(changing, "writing");
        let done = |zone: &ZonePlan, _: &ZoneOutcome| {
            if zone.status() == Status::Change {
                bar.inc(1);
            }
        };
        let outcomes = apply.run(&plan.zones, &done).await;
        bar.finish_and_clear();
        if let Some(journal) = journal {
            journals::close(&journal);
        }
        Ok(outcomes)
    }
}

/// What the guards and policies refuse, those of the arguments before those of `botform.yaml`.
pub(crate) fn refusals(args: &GuardArgs, project: &Project, clock: Clock, plan: &Plan) -> Vec<Refusal> {
    let limits = Guards {
        max_zones: args.max_zones.or(project.guards.max_zones),
        max_loosening: args.max_loosening.or(project.guards.max_loosening),
        max_failures: project.guards.max_failures,
    };
    let overrides = Overrides { unprotect: args.unprotect.clone(), policies: args.override_policy.clone() };
    guard(plan, &limits, &project.policy, &overrides, clock.today())
}

/// Says what is refused.
pub(crate) fn say_refusals(heading: &str, refusals: &[Refusal]) {
    for Refusal { guard, message, hint } in refusals {
        say(&format!("{heading} (guard {guard}): {}\n  hint: {}\n", clean(message), clean(hint)));
    }
}

/// Adds the protection that zone files ask for now: neither a plan that was saved before, nor an undo, writes to
/// what they protect. Files that are gone or not valid protect nothing.
pub(crate) fn add_protection(
    zones: &mut [ZonePlan],
    files: BTreeSet<String>,
    clock: Clock,
) -> Result<(), Failure> {
    // The journal of an undo names a journal where others name a zone file.
    let is_yaml = |file: &Path| file.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let there = files.into_iter().map(PathBuf::from).filter(|file| is_yaml(file) && file.is_file());
    let loaded = config::load(&there.collect::<Vec<_>>(), &environment::current_folder()?);
    for now in loaded.zones {
        let Some(protected) = Protected::of(&now, clock.today()) else { continue };
        for zone in zones.iter_mut().filter(|zone| zone.zone == now.zone && zone.protected.is_none()) {
            zone.protected = Some(protected.clone());
        }
    }
    Ok(())
}
