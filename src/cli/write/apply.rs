//! Writes a plan after every check that may refuse it: guards, approval, the identity and freshness of a saved plan,
//! the journal. `protection.rs` reads today's zone files. No other file of the command line writes to zones.

use super::{journals, killed};
use crate::cli::approving::Settling;
use crate::cli::args::{Guards as GuardArgs, Outputs as OutputArgs, Writes};
use crate::cli::context::Work;
use crate::cli::environment::Clock;
use crate::cli::output::{
    self, Audience, Level, Notice, Progress, ReportFormat, Task, is_approved, say, say_all,
};
use crate::cli::{Context, Failure, planning};
use crate::config::Project;
use crate::model::{Diagnostic, Outcome, Undone, ZoneOutcome, plural};
use crate::plan::{Approvals, Plan, Provenance, Refusal, Refusals, ZonePlan};
use crate::render::{Detail, OutcomesText, Page, PlanText, refused_by};
use crate::report::{Ending, Report, Verb, Written};
use crate::run::{self, Applied, Apply, Guarded, Rules, Stop, ZoneFiles};

/// Who approves a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approval {
    /// `--auto-approve` was given.
    Given,
    /// A person is asked.
    Asked,
    /// The plan was saved and reviewed.
    Saved {
        /// Whether zones that moved are skipped, and the others still written.
        partial: bool,
    },
}

impl Approval {
    /// The approval of a plan that nobody has seen yet.
    pub(crate) fn of(args: &Writes) -> Self {
        if args.auto_approve { Self::Given } else { Self::Asked }
    }

    /// What is written under this approval.
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
    pub(crate) cx: &'a Context<'a, ReportFormat>,
    pub(crate) verb: Verb,
    pub(crate) args: &'a Writes,
    /// Whether every zone is shown.
    pub(crate) detail: Detail,
    /// Who approves it.
    pub(crate) approval: Approval,
    /// Today's zone files.
    pub(crate) files: ZoneFiles<'a>,
    /// The warnings about the zone files.
    pub(crate) warnings: &'a [Diagnostic],
    /// The reviewed plans that must hold all writes.
    pub(crate) approvals: Option<&'a Approvals>,
    /// The record that the run has claimed.
    pub(crate) settling: Option<&'a Settling>,
    /// The refusals of the whole reviewed plan, if this is one shard of it.
    pub(crate) refused: &'a [Refusal],
    /// The run that is undone.
    pub(crate) undoes: Option<&'a Undone>,
}

/// Why nothing is written: the ending, and the reason for each zone.
type Refused = (Ending, &'static str);

impl<'a> Writing<'a> {
    /// A plan with its approval, without reviewed plans and without a record.
    pub(crate) fn new(
        cx: &'a Context<'a, ReportFormat>,
        verb: Verb,
        (args, outputs): (&'a Writes, &OutputArgs),
        approval: Approval,
        files: ZoneFiles<'a>,
    ) -> Self {
        let detail = outputs.detail();
        Self {
            cx,
            verb,
            args,
            detail,
            approval,
            files,
            warnings: &[],
            approvals: None,
            settling: None,
            refused: &[],
            undoes: None,
        }
    }

    /// Shows a plan, writes it if nothing refuses it, and shows the outcomes.
    pub(crate) async fn run(&self, plan: &Plan) -> Ending {
        let Self { cx, verb, args, detail, approval, warnings, settling, .. } = *self;
        let text = |page: Page| PlanText::new(plan, page, detail).brief().to_string();
        let audience = if approval == Approval::Asked { Audience::Person } else { Audience::Stdout };
        output::preview(cx.outputs, ReportFormat::Text, audience, text);
        // After the preview, and whatever this run may write: zones in flight are an earlier run's, and need an answer
        // anyway.
        killed::settle_killed(args, cx).await;
        let mut refusals = Vec::new();
        let written = match self.approved(plan, &mut refusals).await {
            Err(refused) => Err(refused),
            Ok(guarded) => match self.write(guarded, plan).await {
                Ok(applied) => Ok((self.exit(plan, &applied), applied.outcomes)),
                Err(failure) => Err((failure.report(), "the journal cannot be written")),
            },
        };
        let is_begun = written.is_ok();
        let (ending, outcomes) = written.unwrap_or_else(|(ending, why)| (ending, not_attempted(plan, why)));
        let ending = if cx.stop.is_requested() { ending.stopped() } else { ending };
        settling.into_iter().for_each(|record| record.settle(plan, &outcomes));
        let results = |page: Page| {
            let text = OutcomesText::new(plan, &outcomes, page, detail);
            // The reason why nothing was begun is already printed, once for all zones.
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

    /// The plan if it may be written; otherwise `refused` receives the refusals.
    async fn approved<'p>(&self, plan: &'p Plan, refused: &mut Vec<Refusal>) -> Result<Guarded<'p>, Refused> {
        let Self { cx, args, approval, files, approvals, .. } = *self;
        let guarded = guarded(&args.guards, &cx.project, plan, files, approvals).map_err(Vec::from);
        let guarded = if self.refused.is_empty() { guarded } else { Err(self.refused.to_vec()) };
        let guarded = guarded.map_err(|refusals| {
            say_refusals("refused, nothing was written", &refusals);
            *refused = refusals;
            (Ending::Refused, "refused by a guard")
        })?;
        match approval {
            Approval::Saved { partial: true } => Ok(guarded.partial()),
            Approval::Saved { partial: false } => Ok(guarded.saved()),
            Approval::Asked if plan.changing().next().is_some() => self.ask(plan).await.map(|()| guarded),
            Approval::Asked | Approval::Given => Ok(guarded),
        }
    }

    /// Asks the person at the terminal, if there is one.
    async fn ask(&self, plan: &Plan) -> Result<(), Refused> {
        let question = format!("Write these changes to {}?", plural(plan.changing().count(), "zone"));
        // An undo is not made from zone files and cannot be saved.
        let is_of_files = !plan.provenance().paths.is_empty();
        let other_way = if is_of_files { ", or apply a saved plan" } else { "" };
        match is_approved(&question, "written", other_way, &self.cx.stop).await {
            true => Ok(()),
            false => Err((Ending::Failed, "not approved")),
        }
    }

    async fn write(&self, guarded: Guarded<'_>, plan: &Plan) -> Result<Applied, Failure> {
        let Context { session, stop, .. } = self.cx;
        let changing = plan.changing().count();
        let journal = if changing > 0 { journals::open(self.args, session, self.undoes)? } else { None };
        // A shard has not claimed the record itself: its number is the one that the whole plan claimed.
        let Provenance { claim, selection, .. } = plan.provenance();
        let number = self.settling.map(Settling::number).or(claim.as_ref().map(|claim| claim.number));
        if let Some((journal, number)) = journal.as_ref().zip(number) {
            let claims = journal.claims(number, selection.shard);
            claims.map_err(|error| Failure::of(&error).hint(error.hint()))?;
        }
        let apply = Apply {
            journal: journal.as_ref(),
            stop: Stop::clone(stop),
            concurrency: session.concurrency,
            canary: self.canary(changing),
            max_failures: self.args.max_failures,
            ..Apply::new(&session.client)
        };
        let written = guarded.zones().iter().filter(|zone| zone.is_written());
        let budgets = session.client.budgets(written.map(|zone| zone.account_id.as_ref()));
        if !matches!(self.approval, Approval::Saved { .. }) {
            self.cx.announce(Work::applying(guarded.zones()), &budgets);
        }
        let progress = Progress::new(budgets, changing, Task::WRITING);
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
        let applied = progress.during(apply.run(&guarded, &done)).await;
        if let Some(journal) = journal {
            journals::close(self.args, journal);
        }
        Ok(applied)
    }

    /// How many zones are written first.
    fn canary(&self, changing: usize) -> usize {
        let canary = self.args.canary.map_or(0, |zones| zones as usize);
        if canary >= changing && changing > 0 {
            let zones = plural(changing, "zone");
            say(
                Level::Warning,
                format!("`--canary {canary}` holds nothing back: only {zones} will be written"),
            );
        }
        canary
    }

    /// The ending of the write; a refused saved plan is reported first.
    fn exit(&self, plan: &Plan, applied: &Applied) -> Ending {
        let Some(refused) = applied.refused else {
            let (written, is_stopped) = (self.approval.written(), self.cx.stop.is_requested());
            return Ending::of_outcomes(&applied.outcomes, written, is_stopped);
        };
        let is_stale = |zone: &&ZoneOutcome| zone.outcome == Outcome::Stale;
        let moved = plural(applied.outcomes.iter().filter(is_stale).count(), "zone");
        let (why, ending) = match refused {
            run::Refused::Stale => {
                (format!("the plan is stale: {moved} changed after it was made"), Ending::Stale)
            }
            run::Refused::Aged | run::Refused::ExceptionEnded => (refused.to_string(), Ending::Stale),
            run::Refused::Identity | run::Refused::Address | run::Refused::Snapshot => {
                (refused.to_string(), Ending::Refused)
            }
        };
        let message = Notice::new(Level::Error, format!("{why}; nothing was written"));
        let causes = refused_by(plan, &applied.outcomes);
        causes.iter().fold(message, Notice::line).hint(refused.hint()).say();
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
    zone.unwritten_end()
}

/// Checks a plan against the guards of the arguments and `botform.yaml`.
pub(crate) fn guarded<'p>(
    args: &GuardArgs,
    project: &Project,
    plan: &'p Plan,
    files: ZoneFiles<'_>,
    approvals: Option<&Approvals>,
) -> Result<Guarded<'p>, Refusals> {
    let rules = Rules {
        limits: project.guards,
        policies: &project.policy,
        overrides: planning::overrides(args),
        files,
        approvals,
        ..Rules::new(Clock::timestamp())
    };
    Guarded::check(plan, &rules)
}

/// Prints refusals.
pub(crate) fn say_refusals(heading: &str, refusals: &[Refusal]) {
    let message = |Refusal { guard, message, hint, .. }: &Refusal| {
        Notice::new(Level::Error, format!("{heading} (guard {guard}): {message}")).hint(hint.as_str())
    };
    say_all(&refusals.iter().map(message).collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;
    use crate::diff::Context;
    use crate::model::{Desired, Live};

    #[test]
    fn only_zones_that_would_have_been_written_say_why_nothing_was() {
        let zone = |name: &str, id: &str, value: &str| {
            let mut want = Desired::new(name.parse().unwrap(), Variant::SbfmPro);
            want.set("ai_search", value).unwrap();
            let live = Live::read([("ai_search".to_owned(), "block".into())].into_iter().collect());
            ZonePlan::build(
                &want,
                id.repeat(32).try_into().unwrap(),
                live,
                &Context::of_day(jiff::civil::Date::default()),
            )
        };
        let zones = vec![zone("a.example", "a", "disabled"), zone("b.example", "b", "block")];
        let ends = not_attempted(&Plan::build(Provenance::default(), zones), "refused by a guard");
        let messages =
            |end: &ZoneOutcome| end.diagnostics.iter().map(|why| why.message.to_string()).collect::<Vec<_>>();
        assert_eq!(
            (ends[0].outcome, messages(&ends[0])),
            (Outcome::NotAttempted, vec!["refused by a guard".to_owned()])
        );
        assert_eq!((ends[1].outcome, messages(&ends[1])), (Outcome::InSync, Vec::new()));
    }
}
