//! `feedback submit`: shows what is new, asks, submits each report once, and proves it by reading back.

use super::plan::{check, connect, planned, work};
use crate::cli::args::FeedbackSubmit as Args;
use crate::cli::output::{self, Audience, Format, Outputs, Progress, Task, is_approved};
use crate::cli::{Context, Failure};
use crate::diff::{FeedbackStatus, Presence, ZoneFeedback};
use crate::model::{Diagnostic, ReportOutcome, ReportResult, plural};
use crate::render::{FeedbackPlanText, SubmittedText, feedback_plan_json};
use crate::report::Ending;
use crate::run::Stop;

/// Submits what is new.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let outputs = check(&args.reports)?;
    outputs.finish(plan_and_submit(args, &outputs))
}

fn plan_and_submit(args: &Args, outputs: &Outputs<Format>) -> Result<Ending, Failure> {
    let (cx, reports) = connect(&args.reports, outputs)?;
    let zones = cx.block_on(planned(&cx, reports));
    let text = |page| FeedbackPlanText::new(&zones, page).to_string();
    let audience = if args.auto_approve { Audience::Stdout } else { Audience::Person };
    output::preview(outputs, Format::Text, audience, text);
    let (results, ending) = if cx.block_on(may_submit(args, &zones, &cx.stop)) {
        let results = cx.block_on(submit(&cx, &zones));
        let ending = Ending::of_submitted(&results, cx.stop.is_requested());
        (results, ending)
    } else {
        (not_approved(&zones), Ending::Failed)
    };
    let submitted = |page| SubmittedText::new(&zones, &results, page).to_string();
    let document = feedback_plan_json(&zones, Some(&results));
    output::show_results(outputs, Format::Text, text, submitted, |output| output.write_json(&document));
    Ok(ending)
}

async fn submit(cx: &Context<'_, Format>, zones: &[ZoneFeedback]) -> Vec<Vec<ReportResult>> {
    // Of the zones of a plan the account is not known any more.
    let budgets = cx.session.client.budgets(zones.iter().map(|_| None));
    let progress = Progress::new(budgets, zones.len(), Task::SUBMITTING);
    progress.during(work(cx).submit(zones, &|| progress.inc())).await
}

/// Whether the reports may be sent; does not ask if nothing is new.
async fn may_submit(args: &Args, zones: &[ZoneFeedback], stop: &Stop) -> bool {
    let reports: usize = zones.iter().map(|zone| zone.count(Presence::New)).sum();
    if reports == 0 || args.auto_approve {
        return true;
    }
    let zones = zones.iter().filter(|zone| zone.status() == FeedbackStatus::New).count();
    let (reports, zones) = (plural(reports, "report"), plural(zones, "zone"));
    let question = format!("Submit {reports} for {zones}? A report cannot be taken back.");
    is_approved(&question, "submitted", "", stop).await
}

fn not_approved(zones: &[ZoneFeedback]) -> Vec<Vec<ReportResult>> {
    let result = |zone: &ZoneFeedback, report| match (zone.status(), zone.presence_of(report)) {
        (FeedbackStatus::Failed, _) => ReportResult::plain(ReportOutcome::Failed),
        (_, Some(Presence::There)) => ReportResult::plain(ReportOutcome::AlreadyThere),
        (_, Some(Presence::New) | None) => {
            ReportResult::because(ReportOutcome::NotAttempted, Diagnostic::error("not approved"))
        }
    };
    zones.iter().map(|zone| (0..zone.reports().len()).map(|report| result(zone, report)).collect()).collect()
}
