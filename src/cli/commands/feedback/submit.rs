//! `feedback submit`: shows what is new, asks, submits each report once, and proves it by reading back.

use super::reports;
use crate::cli::args::FeedbackSubmit as Args;
use crate::cli::output::{self, Format, Outputs, can_ask, progress_bar, say};
use crate::cli::write::is_approved;
use crate::cli::{Context, Exit, Failure};
use crate::diff::{FeedbackStatus, Presence, ZoneFeedback};
use crate::model::{Diagnostic, ReportOutcome, ReportResult};
use crate::render::{FeedbackPlanText, Paint, SubmittedText, feedback_plan_json, plural};
use crate::run::Stop;

/// Submits what is new.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let load = |files: &_, clock| reports::load(&args.reports, files, clock);
    Context::run(reports::job(&args.reports), load, async |cx, reports| {
        let zones = reports::plan(cx, reports).await;
        output::preview(&cx.outputs, !args.auto_approve, |paint| {
            FeedbackPlanText::new(&zones, paint).to_string()
        });
        let (results, exit) = if may_submit(args, &zones, &cx.stop).await {
            let results = submit(cx, &zones).await;
            let exit = exit(&results, &cx.stop);
            (results, exit)
        } else {
            (not_approved(&zones), Exit::Failed)
        };
        show_results(&cx.outputs, &zones, &results);
        Ok(exit)
    })
}

async fn submit(cx: &Context<Format>, zones: &[ZoneFeedback]) -> Vec<Vec<ReportResult>> {
    let bar = progress_bar(zones.len(), "submitting");
    let results = reports::work(cx).submit(zones, &|| bar.inc(1)).await;
    bar.finish_and_clear();
    results
}

/// Whether the reports may be sent; nothing is asked where nothing is new.
async fn may_submit(args: &Args, zones: &[ZoneFeedback], stop: &Stop) -> bool {
    let reports: usize = zones.iter().map(|zone| zone.count(Presence::New)).sum();
    if reports == 0 || args.auto_approve || stop.is_requested() {
        return true;
    }
    if !can_ask() {
        say(
            "error: nothing was submitted, because there is no terminal to ask for approval\n\nhint: add `--auto-approve`\n",
        );
        return false;
    }
    let zones = zones.iter().filter(|zone| zone.status() == FeedbackStatus::New).count();
    let (reports, zones) = (plural(reports, "report"), plural(zones, "zone"));
    let question = format!("Submit {reports} for {zones}? A report cannot be taken back.");
    let is_approved = is_approved(&question, stop).await;
    if !is_approved {
        say("not approved: nothing was submitted\n");
    }
    is_approved
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

/// Shows the results in all outputs. If none of them takes them, they go to stderr: a report cannot be taken back.
fn show_results(outputs: &Outputs<Format>, zones: &[ZoneFeedback], results: &[Vec<ReportResult>]) {
    let is_shown = outputs.show(|output| {
        let text = SubmittedText::new(zones, results, output.paint());
        match (output.format, &output.file) {
            (Format::Text, None) => output.write(&text.to_string()),
            (Format::Text, Some(_)) => {
                output.write(&format!("{}\n{text}", FeedbackPlanText::new(zones, output.paint())))
            }
            (Format::Json, _) => output.write_json(&feedback_plan_json(zones, Some(results))),
        }
    });
    if !is_shown {
        say(&SubmittedText::new(zones, results, Paint::Plain).to_string());
    }
}

fn exit(results: &[Vec<ReportResult>], stop: &Stop) -> Exit {
    let all = || results.iter().flatten();
    let failures = all().filter(|result| !result.outcome.is_success()).count();
    let submitted = all().filter(|result| result.outcome == ReportOutcome::Submitted).count();
    let usable = if stop.is_requested() { submitted } else { all().count() - failures };
    Exit::of_failures(failures, usable)
}
