//! `feedback submit`: shows what is new, asks, submits each report once, and proves it by reading back.

use super::plan::{job, load, planned, work};
use crate::cli::args::FeedbackSubmit as Args;
use crate::cli::output::{self, Format, Progress, Task, is_approved};
use crate::cli::{Context, Failure};
use crate::diff::{FeedbackStatus, Presence, ZoneFeedback};
use crate::model::{Diagnostic, ReportOutcome, ReportResult, plural};
use crate::render::{FeedbackPlanText, SubmittedText, feedback_plan_json};
use crate::report::Ending;
use crate::run::Stop;

/// Submits what is new.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let load = |files: &_, clock| load(&args.reports, files, clock);
    Context::run(job(&args.reports), load, async |cx, reports| {
        let zones = planned(cx, reports).await;
        let text = |paint| FeedbackPlanText::new(&zones, paint).to_string();
        output::preview(&cx.outputs, Format::Text, !args.auto_approve, text);
        let (results, exit) = if may_submit(args, &zones, &cx.stop).await {
            let results = submit(cx, &zones).await;
            let exit = exit(&results, &cx.stop);
            (results, exit)
        } else {
            (not_approved(&zones), Ending::Failed)
        };
        let submitted = |paint| SubmittedText::new(&zones, &results, paint).to_string();
        let document = feedback_plan_json(&zones, Some(&results));
        output::show_results(&cx.outputs, Format::Text, text, submitted, |output| {
            output.write_json(&document)
        });
        Ok(exit)
    })
}

async fn submit(cx: &Context<Format>, zones: &[ZoneFeedback]) -> Vec<Vec<ReportResult>> {
    let progress = Progress::new(cx.session.client.budget(), zones.len(), Task::SUBMITTING);
    progress.during(work(cx).submit(zones, &|| progress.inc())).await
}

/// Whether the reports may be sent; nothing is asked where nothing is new.
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

fn exit(results: &[Vec<ReportResult>], stop: &Stop) -> Ending {
    let all = || results.iter().flatten();
    let failures = all().filter(|result| !result.outcome.is_success()).count();
    let submitted = all().filter(|result| result.outcome == ReportOutcome::Submitted).count();
    let usable = if stop.is_requested() { submitted } else { all().count() - failures };
    Ending::of_failures(failures, usable)
}
