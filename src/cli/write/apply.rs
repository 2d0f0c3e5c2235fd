//! From a plan to its outcomes: guards, approval, the check of a saved plan, journal, writes, results.

use crate::cli::args::Writes;
use crate::cli::output;
use crate::cli::output::progress;
use crate::cli::output::{Format, Output};
use crate::cli::session::Session;
use crate::cli::write::approve;
use crate::cli::write::journals;
use crate::cli::{Exit, Failure};
use crate::config::Project;
use crate::model::{Diagnostic, Outcome, Threshold, ZoneOutcome};
use crate::plan::{Document, Plan, Status, ZonePlan};
use crate::render::{OutcomesText, PlanText, plural};
use crate::run::{Apply, Mistaken, Moved, Stop, identify, preflight};
use std::time::Duration;

/// How long to wait before a PUT that was not taken is sent again.
const PAUSE: Duration = Duration::from_millis(500);

/// Who approves a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approval {
    /// It was given beforehand.
    Given,
    /// A person is asked.
    Asked,
    /// The plan was saved and reviewed; with `partial` the zones that did not move are written all the same.
    Saved {
        /// Whether zones that moved are left out.
        partial: bool,
    },
}

/// All that a write needs besides the plan.
#[derive(Debug)]
pub(crate) struct Writing<'a> {
    /// The arguments.
    pub(crate) args: &'a Writes,
    /// Where the results go.
    pub(crate) outputs: &'a [Output<Format>],
    /// Whether each zone is shown.
    pub(crate) detail: bool,
    /// The API.
    pub(crate) session: &'a Session,
    /// The guards and policies.
    pub(crate) project: &'a Project,
    /// The wish to stop.
    pub(crate) stop: &'a Stop,
}

impl Writing<'_> {
    /// Applies a plan and writes the results.
    pub(crate) async fn run(&self, plan: &Plan, approval: Approval) -> Result<Exit, Failure> {
        self.outputs.iter().try_for_each(Output::check)?;
        output::show_before(self.outputs, self.args.auto_approve, |paint| {
            PlanText::new(plan, paint, self.detail).to_string()
        })?;
        journals::settle_killed(self.args, self.session).await;
        let (outcomes, exit) = match self.refusal(plan, approval).await {
            Some((exit, outcomes)) => (outcomes, exit),
            None => match self.write(plan).await {
                Ok(outcomes) => {
                    let exit = exit(&outcomes, approval, self.stop);
                    (outcomes, exit)
                }
                Err(failure) => {
                    let exit = failure.report();
                    (not_attempted(plan, "the journal cannot be written"), exit)
                }
            },
        };
        self.show_outcomes(plan, &outcomes)?;
        Ok(exit)
    }

    /// Why nothing is written; nothing if the plan may be.
    async fn refusal(&self, plan: &Plan, approval: Approval) -> Option<(Exit, Vec<ZoneOutcome>)> {
        plan.changing().next()?;
        if let Some(why) = crate::cli::write::guards::refuse(self.args, self.project, plan) {
            output::say(&why);
            return Some((Exit::Refused, not_attempted(plan, "refused by a guard")));
        }
        match approval {
            Approval::Given => None,
            Approval::Asked => self.ask(plan).await,
            Approval::Saved { partial } => match self.mistaken(plan).await {
                Some(refusal) => Some(refusal),
                None => self.stale(plan, partial).await,
            },
        }
    }

    /// The ids of a saved plan must be those of the zones it names.
    async fn mistaken(&self, plan: &Plan) -> Option<(Exit, Vec<ZoneOutcome>)> {
        let mistaken = identify(&self.session.client, &plan.zones, self.stop).await;
        if mistaken.is_empty() {
            return None;
        }
        output::say(&format!(
            "error: the plan file is refused: {} of it with an id that belongs to another zone; nothing was written\n\nhint: plan again, and have the new plan reviewed\n",
            plural(mistaken.len(), "zone")
        ));
        Some((Exit::Refused, mistaken_outcomes(plan, &mistaken)))
    }

    async fn ask(&self, plan: &Plan) -> Option<(Exit, Vec<ZoneOutcome>)> {
        if self.stop.is_requested() {
            return None;
        }
        if !output::can_ask() {
            output::say(
                "error: nothing was written, since there is no terminal to ask on\n\nhint: add `--auto-approve`, or apply a saved plan\n",
            );
            return Some((Exit::Failed, not_attempted(plan, "not approved")));
        }
        let zones = plural(plan.changing().count(), "zone");
        if approve::approve(&format!("Write these changes to {zones}?"), self.stop).await {
            return None;
        }
        output::say("not approved: nothing was written\n");
        Some((Exit::Failed, not_attempted(plan, "not approved")))
    }

    /// All zones of a saved plan are read before the first write.
    async fn stale(&self, plan: &Plan, partial: bool) -> Option<(Exit, Vec<ZoneOutcome>)> {
        let moved = preflight(&self.session.client, &plan.zones, self.session.concurrency, self.stop).await;
        if moved.is_empty() || partial {
            return None;
        }
        output::say(&format!(
            "error: the plan is stale: {} changed since it was made; nothing was written\n\nhint: plan again, or write the others with `--partial`\n",
            plural(moved.len(), "zone")
        ));
        Some((Exit::Stale, stale_outcomes(plan, &moved)))
    }

    async fn write(&self, plan: &Plan) -> Result<Vec<ZoneOutcome>, Failure> {
        let changing = plan.changing().count();
        let journal = match changing {
            0 => None,
            _ => journals::open(self.args, self.session)?,
        };
        let apply = Apply {
            api: &self.session.client,
            journal: journal.as_ref(),
            stop: self.stop,
            concurrency: self.session.concurrency,
            canary: self.args.canary.unwrap_or(0),
            max_failures: self.max_failures(changing),
            pause: PAUSE,
        };
        let bar = progress::bar(changing, "writing");
        let outcomes = apply
            .run(&plan.zones, &|zone: &ZonePlan, _: &ZoneOutcome| {
                if zone.status() == Status::Change {
                    bar.inc(1);
                }
            })
            .await;
        bar.finish_and_clear();
        if let Some(journal) = journal {
            journals::close(&journal);
        }
        Ok(outcomes)
    }

    fn max_failures(&self, changing: usize) -> Option<usize> {
        let threshold: Option<Threshold> = self.args.max_failures.or(self.project.guards.max_failures);
        threshold.map(|threshold| threshold.of(changing))
    }

    /// Writes the outcomes to all outputs. What one of them cannot take is not lost: it is told on stderr.
    fn show_outcomes(&self, plan: &Plan, outcomes: &[ZoneOutcome]) -> Result<(), Failure> {
        let shown: Vec<_> =
            self.outputs.iter().map(|output| self.show_outcomes_in(output, plan, outcomes)).collect();
        if shown.iter().all(Result::is_err) {
            output::say(&OutcomesText::new(plan, outcomes, crate::render::Paint::Plain).to_string());
        }
        shown.into_iter().collect()
    }

    fn show_outcomes_in(
        &self,
        output: &Output<Format>,
        plan: &Plan,
        outcomes: &[ZoneOutcome],
    ) -> Result<(), Failure> {
        let text = OutcomesText::new(plan, outcomes, output.paint());
        match (output.format, &output.file) {
            (Format::Text, None) => output.write(&text.to_string()),
            (Format::Text, Some(_)) => {
                output.write(&format!("{}\n{text}", PlanText::new(plan, output.paint(), self.detail)))
            }
            (Format::Json, _) => output.write_json(&Document::with_outcomes(plan, outcomes)),
        }
    }
}

/// The outcomes of a plan that is not written at all.
fn not_attempted(plan: &Plan, why: &str) -> Vec<ZoneOutcome> {
    plan.zones.iter().map(|zone| unwritten(zone, why)).collect()
}

fn unwritten(zone: &ZonePlan, why: &str) -> ZoneOutcome {
    match zone.status() {
        Status::Change => ZoneOutcome::because(zone.unwritten(), Diagnostic::error(why)),
        Status::InSync | Status::Blocked | Status::Failed => ZoneOutcome::plain(zone.unwritten()),
    }
}

fn mistaken_outcomes(plan: &Plan, mistaken: &[Mistaken]) -> Vec<ZoneOutcome> {
    plan.zones
        .iter()
        .map(|zone| match mistaken.iter().find(|mistaken| zone.zone_id.as_ref() == Some(&mistaken.zone)) {
            Some(mistaken) => ZoneOutcome::because(Outcome::Blocked, mistaken.why.clone()),
            None => unwritten(zone, "an id of the plan is that of another zone"),
        })
        .collect()
}

fn stale_outcomes(plan: &Plan, moved: &[Moved]) -> Vec<ZoneOutcome> {
    plan.zones
        .iter()
        .map(|zone| match moved.iter().find(|moved| zone.zone_id.as_ref() == Some(&moved.zone)) {
            Some(moved) => ZoneOutcome {
                outcome: Outcome::Stale,
                findings: moved.findings.clone(),
                diagnostics: vec![Diagnostic::error("the zone changed since it was planned")],
            },
            None => unwritten(zone, "another zone of the plan moved"),
        })
        .collect()
}

/// The exit code of an apply.
fn exit(outcomes: &[ZoneOutcome], approval: Approval, stop: &Stop) -> Exit {
    let failures = outcomes.iter().filter(|outcome| !outcome.outcome.is_success()).count();
    let written = outcomes.iter().filter(|outcome| outcome.outcome.has_written()).count();
    let is_stale = outcomes.iter().any(|outcome| outcome.outcome == Outcome::Stale);
    let usable = if stop.is_requested() { written } else { outcomes.len() - failures };
    let refused = match approval {
        Approval::Saved { partial } => is_stale && written == 0 && (!partial || usable == 0),
        Approval::Given | Approval::Asked => false,
    };
    if refused {
        return Exit::Stale;
    }
    Exit::of_failures(failures, usable)
}
