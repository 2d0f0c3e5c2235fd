//! All that may keep a plan from being written, and the write itself: protection, guards, approval, the identity and
//! freshness of a saved plan, the journal. No other file of the command line writes to zones.

use super::{journals, killed};
use crate::cli::args::{Guards as GuardArgs, Writes};
use crate::cli::context::Work;
use crate::cli::environment::{self, Clock};
use crate::cli::output::{self, Format, is_approved, progress_bar, say};
use crate::cli::{Context, Exit, Failure};
use crate::config::{self, Project};
use crate::model::{Desired, Diagnostic, Guards, Outcome, Policy, Threshold, ZoneOutcome, clean};
use crate::plan::{Plan, PlanDocument, Protected, Refusal, ZonePlan};
use crate::render::{OutcomesText, PlanText, plural};
use crate::run::{self, Applied, Apply, Guarded, Stop};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Who approves a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approval {
    /// `--auto-approve` was given.
    Given,
    /// A person is asked.
    Asked,
    /// The plan was saved and reviewed; with `partial` the zones that did not move are still written.
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

/// Why nothing is written: the exit code, and the reason that each zone gets.
type Refused = (Exit, &'static str);

impl Writing<'_> {
    /// Shows a plan, writes it if nothing refuses it, and shows the outcomes.
    pub(crate) async fn run(&self, plan: &Plan) -> Exit {
        let Self { cx, args, detail, approval } = *self;
        let text = |paint| PlanText::new(plan, paint, detail).to_string();
        output::preview(&cx.outputs, approval == Approval::Asked, text);
        killed::settle_killed(args, cx).await;
        let (exit, outcomes) = match self.approved(plan).await {
            Err((exit, why)) => (exit, not_attempted(plan, why)),
            Ok(guarded) => match self.write(guarded, plan.changing().count()).await {
                Ok(applied) => (self.exit(&applied), applied.outcomes),
                Err(failure) => (failure.report(), not_attempted(plan, "the journal cannot be written")),
            },
        };
        let results = |paint| OutcomesText::new(plan, &outcomes, paint).to_string();
        output::show_results(&cx.outputs, text, results, &PlanDocument::with_outcomes(plan, &outcomes));
        exit
    }

    /// The plan that may be written, or why nothing is.
    async fn approved<'p>(&self, plan: &'p Plan) -> Result<Guarded<'p>, Refused> {
        let Self { cx, args, approval, .. } = self;
        let guarded = guarded(&args.guards, &cx.project, cx.clock, plan).map_err(|refusals| {
            say_refusals("error: refused, nothing was written", &refusals);
            (Exit::Refused, "refused by a guard")
        })?;
        match approval {
            Approval::Saved { partial } => Ok(guarded.saved(*partial)),
            Approval::Asked if plan.changing().next().is_some() => self.ask(plan).await.map(|()| guarded),
            Approval::Asked | Approval::Given => Ok(guarded),
        }
    }

    /// Asks the person at the terminal, if there is one.
    async fn ask(&self, plan: &Plan) -> Result<(), Refused> {
        let question = format!("Write these changes to {}?", plural(plan.changing().count(), "zone"));
        match is_approved(&question, "written", ", or apply a saved plan", &self.cx.stop).await {
            true => Ok(()),
            false => Err((Exit::Failed, "not approved")),
        }
    }

    async fn write(&self, plan: Guarded<'_>, changing: usize) -> Result<Applied, Failure> {
        let Context { session, stop, project, .. } = self.cx;
        let journal = if changing > 0 { journals::open(self.args, session)? } else { None };
        let max_failures: Option<Threshold> = self.args.max_failures.or(project.guards.max_failures);
        let apply = Apply {
            journal: journal.as_ref(),
            stop: Stop::clone(stop),
            concurrency: session.concurrency,
            canary: self.args.canary.unwrap_or(0),
            max_failures: max_failures.map(|threshold| threshold.of(changing)),
            ..Apply::new(&session.client)
        };
        self.cx.announce(Work::applying(changing));
        let bar = progress_bar(changing, "writing");
        let done = |zone: &ZonePlan, _: &ZoneOutcome| {
            if zone.is_written() {
                bar.inc(1);
            }
        };
        let applied = apply.run(&plan, &done).await;
        bar.finish_and_clear();
        if let Some(journal) = journal {
            journals::close(self.args, journal);
        }
        Ok(applied)
    }

    /// The exit code of what was written, after a message if the saved plan was refused.
    fn exit(&self, applied: &Applied) -> Exit {
        let is_stale = |zone: &&ZoneOutcome| zone.outcome == Outcome::Stale;
        match applied.refused {
            Some(run::Refused::Identity) => {
                say(
                    "error: the plan file is refused: an id in it belongs to another zone than it says; nothing was written\n\nhint: run `plan` again, and have the new plan reviewed\n",
                );
                Exit::Refused
            }
            Some(_) => {
                say(&format!(
                    "error: the plan is stale: {} changed after it was made; nothing was written\n\nhint: run `plan` again, or write the other zones with `--partial`\n",
                    plural(applied.outcomes.iter().filter(is_stale).count(), "zone")
                ));
                Exit::Stale
            }
            None => exit(&applied.outcomes, self.approval, &self.cx.stop),
        }
    }
}

/// The outcomes of a plan that is not written at all.
fn not_attempted(plan: &Plan, why: &str) -> Vec<ZoneOutcome> {
    plan.zones().iter().map(|zone| unwritten(zone, why)).collect()
}

fn unwritten(zone: &ZonePlan, why: &str) -> ZoneOutcome {
    if zone.is_written() {
        return ZoneOutcome::because(zone.unwritten(), Diagnostic::error(why));
    }
    ZoneOutcome::plain(zone.unwritten())
}

/// The exit code of an apply.
fn exit(outcomes: &[ZoneOutcome], approval: Approval, stop: &Stop) -> Exit {
    let failures = outcomes.iter().filter(|outcome| !outcome.outcome.is_success()).count();
    let written = outcomes.iter().filter(|outcome| outcome.outcome.has_written()).count();
    let is_stale = outcomes.iter().any(|outcome| outcome.outcome == Outcome::Stale);
    let usable = if stop.is_requested() { written } else { outcomes.len() - failures };
    let is_refused = match approval {
        Approval::Saved { partial } => is_stale && written == 0 && (!partial || usable == 0),
        Approval::Given | Approval::Asked => false,
    };
    if is_refused { Exit::Stale } else { Exit::of_failures(failures, usable) }
}

/// The plan as one that may be written, or what the guards and policies refuse: those of the arguments before those
/// that were saved in the plan, and these before those of `botform.yaml`.
pub(crate) fn guarded<'p>(
    args: &GuardArgs,
    project: &Project,
    clock: Clock,
    plan: &'p Plan,
) -> Result<Guarded<'p>, Vec<Refusal>> {
    let saved = &plan.provenance().overrides;
    let saved_max_zones = || saved.max_zones.as_ref()?.parse().ok();
    let limits = Guards {
        max_zones: args.max_zones.or_else(saved_max_zones).or(project.guards.max_zones),
        max_loosening: args.max_loosening.or(saved.max_loosening).or(project.guards.max_loosening),
        max_failures: project.guards.max_failures,
    };
    let broken = |policy: &&Policy| !args.override_policy.contains(&policy.id);
    let policies: Vec<_> = project.policy.iter().filter(broken).cloned().collect();
    Guarded::check(plan, &limits, &policies, clock.today())
}

/// Prints refusals.
pub(crate) fn say_refusals(heading: &str, refusals: &[Refusal]) {
    for Refusal { guard, message, hint } in refusals {
        say(&format!("{heading} (guard {guard}): {}\n  hint: {}\n", clean(message), clean(hint)));
    }
}

/// Blocks the zones that their files protect now: neither a plan that was saved before, nor an undo, writes to
/// them. Files that are gone or not valid protect nothing.
pub(crate) fn block_protected(plan: &mut Plan, files: BTreeSet<String>, clock: Clock) -> Result<(), Failure> {
    // The journal of an undo names a journal where others name a zone file.
    let is_yaml = |file: &Path| file.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let there = files.into_iter().map(PathBuf::from).filter(|file| is_yaml(file) && file.is_file());
    let loaded = config::load(&there.collect::<Vec<_>>(), &environment::current_folder()?);
    let protects = |now: Desired| Protected::of(&now, clock.today()).map(|protected| (now, protected));
    let protected: Vec<_> = loaded.zones.into_iter().filter_map(protects).collect();
    let lifted = plan.provenance().overrides.unprotect.clone();
    plan.block(|zone| {
        if !zone.is_written() || lifted.iter().any(|name| name == zone.zone.as_str()) {
            return None;
        }
        let (now, Protected { reason, until }) = protected.iter().find(|(now, _)| zone.is_of(now))?;
        let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
        let message = format!("{} protects the zone now{until}: {reason}", now.file);
        let hint = "wait for the end of the protection, or plan again with `--unprotect`";
        Some(Diagnostic::error(message).hint(hint))
    });
    Ok(())
}
