//! All that may keep a plan from being written, and the write itself: guards, approval, the identity and freshness of a
//! saved plan, the journal; `protection.rs` finds what the zone files say by now. No other file of the command line writes to zones.

use super::{journals, killed};
use crate::cli::args::{Guards as GuardArgs, Writes};
use crate::cli::context::Work;
use crate::cli::environment::Clock;
use crate::cli::output::{self, Level, Message, Progress, ReportFormat, Task, is_approved, say_all};
use crate::cli::{Context, Failure};
use crate::config::Project;
use crate::model::{Diagnostic, Guards, Outcome, Policy, Threshold, ZoneOutcome, plural};
use crate::plan::{Plan, Refusal, ZonePlan};
use crate::render::{OutcomesText, Page, PlanText};
use crate::report::{Ending, Report, Verb, Written};
use crate::run::{self, Applied, Apply, Guarded, Stop, ZoneFiles};

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

    /// What is written after it.
    fn written(self) -> Written {
        match self {
            Self::Given | Self::Asked => Written::Made,
            Self::Saved { partial: false } => Written::Saved,
            Self::Saved { partial: true } => Written::PartOfSaved,
        }
    }
}

/// A plan that is about to be written.
pub(crate) struct Writing<'a> {
    /// The run.
    pub(crate) cx: &'a Context<'a, ReportFormat>,
    /// The command.
    pub(crate) verb: Verb,
    /// The arguments.
    pub(crate) args: &'a Writes,
    /// Whether each zone is shown.
    pub(crate) detail: bool,
    /// Who approves it.
    pub(crate) approval: Approval,
    /// What the zone files say by now.
    pub(crate) files: ZoneFiles<'a>,
    /// What was said of the zone files.
    pub(crate) warnings: &'a [Diagnostic],
}

/// Why nothing is written: the exit code, and the reason that each zone gets.
type Refused = (Ending, &'static str);

impl Writing<'_> {
    /// Shows a plan, writes it if nothing refuses it, and shows the outcomes.
    pub(crate) async fn run(&self, plan: &Plan) -> Ending {
        let Self { cx, verb, args, detail, approval, files: _, warnings } = *self;
        let text = |page: Page| PlanText::new(plan, page, detail).brief().to_string();
        output::preview(cx.outputs, ReportFormat::Text, approval == Approval::Asked, text);
        killed::settle_killed(args, cx).await;
        let mut refusals = Vec::new();
        let written = match self.approved(plan, &mut refusals).await {
            Err(refused) => Err(refused),
            Ok(guarded) => match self.write(guarded, plan.changing().count()).await {
                Ok(applied) => Ok((self.exit(&applied), applied.outcomes)),
                Err(failure) => Err((failure.report(), "the journal cannot be written")),
            },
        };
        let is_begun = written.is_ok();
        let (ending, outcomes) = written.unwrap_or_else(|(ending, why)| (ending, not_attempted(plan, why)));
        let ending = if cx.stop.is_requested() { ending.stopped() } else { ending };
        let results = |page: Page| {
            let text = OutcomesText::new(plan, &outcomes, page, detail);
            // Why nothing is begun has been said already, once for all zones.
            if is_begun { text.to_string() } else { text.counts().to_string() }
        };
        let report = Report {
            plan: Some(plan),
            outcomes: Some(&outcomes),
            refusals: &refusals,
            problems: warnings,
            ..Report::new(verb, ending)
        };
        output::show_results(cx.outputs, ReportFormat::Text, text, results, |output| {
            output::write_report(output, &report)
        });
        output::write_metrics(cx.outputs, &report, &cx.session.client.traffic());
        ending
    }

    /// The plan that may be written, or why nothing is; what refuses it is kept in `said`.
    async fn approved<'p>(&self, plan: &'p Plan, said: &mut Vec<Refusal>) -> Result<Guarded<'p>, Refused> {
        let Self { cx, args, approval, files, .. } = self;
        let guarded = guarded(&args.guards, &cx.project, cx.clock, plan, *files).map_err(|refusals| {
            say_refusals("refused, nothing was written", &refusals);
            *said = refusals;
            (Ending::Refused, "refused by a guard")
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
        // An undo, which is made of no zone files, cannot be saved first.
        let is_of_files = !plan.provenance().paths.is_empty();
        let other_way = if is_of_files { ", or apply a saved plan" } else { "" };
        match is_approved(&question, "written", other_way, &self.cx.stop).await {
            true => Ok(()),
            false => Err((Ending::Failed, "not approved")),
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
            canary: self.canary(changing),
            max_failures: max_failures.map(|threshold| threshold.rounded_down(changing)),
            ..Apply::new(&session.client)
        };
        if !matches!(self.approval, Approval::Saved { .. }) {
            self.cx.announce(Work::applying(changing));
        }
        let progress = Progress::new(session.client.budget(), changing, Task::WRITING);
        let done = |zone: &ZonePlan, outcome: &ZoneOutcome| {
            if zone.is_written() {
                let name = zone.zone.as_str();
                tracing::info!(zone.name = name, outcome = outcome.outcome.word(), "done");
                match outcome.outcome.is_success() {
                    true => progress.inc(),
                    false => progress.inc_as(outcome.outcome.text()),
                }
            }
        };
        let applied = progress.during(apply.run(&plan, &done)).await;
        if let Some(journal) = journal {
            journals::close(self.args, journal);
        }
        Ok(applied)
    }

    /// How many zones are written first.
    fn canary(&self, changing: usize) -> usize {
        let canary = self.args.canary.map_or(0, |zones| zones as usize);
        if canary >= changing && canary > 0 && changing > 0 {
            let zones = plural(changing, "zone");
            let text = format!("`--canary {canary}` holds nothing back: {zones} will be written in all");
            Message::new(Level::Warning, text).say();
        }
        canary
    }

    /// The exit code of what was written, after a message if the saved plan was refused.
    fn exit(&self, applied: &Applied) -> Ending {
        let is_stale = |zone: &&ZoneOutcome| zone.outcome == Outcome::Stale;
        let Some(refused) = &applied.refused else {
            let (plan, is_stopped) = (self.approval.written(), self.cx.stop.is_requested());
            return Ending::of_outcomes(&applied.outcomes, plan, is_stopped);
        };
        let (ending, why, hint) = match refused {
            run::Refused::Identity => (
                Ending::Refused,
                "the plan file is refused: an id in it belongs to another zone than it says".to_owned(),
                "run `plan` again, and have the new plan reviewed",
            ),
            run::Refused::Address => (
                Ending::Refused,
                "the plan was made for another API than this run would write to".to_owned(),
                "use the same `--base-url` or `--emulate` as then",
            ),
            _ => {
                let moved = applied.outcomes.iter().filter(is_stale).count();
                let zones = plural(moved, "zone");
                let why = format!("the plan is stale: {zones} changed after it was made");
                (Ending::Stale, why, "run `plan` again, or write the other zones with `--partial`")
            }
        };
        Message::new(Level::Error, format!("{why}; nothing was written")).hint(hint).say();
        ending
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

/// The plan as one that may be written, or what the guards and policies refuse: those of the arguments before those
/// that were saved in the plan, and these before those of `botform.yaml`.
pub(crate) fn guarded<'p>(
    args: &GuardArgs,
    project: &Project,
    clock: Clock,
    plan: &'p Plan,
    files: ZoneFiles<'_>,
) -> Result<Guarded<'p>, Vec<Refusal>> {
    let saved = &plan.provenance().overrides;
    let limits = Guards {
        max_zones: args.max_zones.or(saved.max_zones).or(project.guards.max_zones),
        max_loosening: args.max_loosening.or(saved.max_loosening).or(project.guards.max_loosening),
        ..project.guards
    };
    let broken = |policy: &&Policy| !args.override_policy.contains(&policy.id);
    let policies: Vec<_> = project.policy.iter().filter(broken).cloned().collect();
    Guarded::check(plan, &limits, &policies, files, clock.today())
}

/// Prints refusals.
pub(crate) fn say_refusals(heading: &str, refusals: &[Refusal]) {
    let message = |Refusal { guard, message, hint, .. }: &Refusal| {
        Message::new(Level::Error, format!("{heading} (guard {guard}): {message}")).hint(hint.as_str())
    };
    say_all(&refusals.iter().map(message).collect::<Vec<_>>());
}
