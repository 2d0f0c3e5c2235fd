//! `feedback submit`: shows what is new, asks, submits each report once, and proves it by reading back.

use super::reports as feedback;
use crate::cli::args::FeedbackSubmit as Args;
use crate::cli::output;
use crate::cli::output::progress;
use crate::cli::output::{FORMATS, Format, Output};
use crate::cli::planning;
use crate::cli::session::Session;
use crate::cli::signals as stopping;
use crate::cli::write::approve;
use crate::cli::{Exit, Failure};
use crate::diff::{FeedbackStatus, Presence, ZoneFeedback};
use crate::model::{Diagnostic, ReportOutcome, ReportResult};
use crate::render::{FeedbackPlanText, SubmittedText, feedback_plan_json, plural};
use crate::run::Stop;
use std::sync::Arc;

/// Submits what is new.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let outputs = output::parse(&args.reports.outputs, &FORMATS)?;
    outputs.iter().try_for_each(Output::check)?;
    let (reports, project) = feedback::load(&args.reports)?;
    planning::runtime()?.block_on(async {
        let stop = Arc::new(Stop::default());
        let session = feedback::open(&args.reports, &reports, &project).await?;
        stopping::listen(&stop);
        let zones = feedback::plan(&session, reports, &stop).await;
        output::show_before(&outputs, args.auto_approve, |paint| {
            FeedbackPlanText::new(&zones, paint).to_string()
        })?;
        let (results, exit) = if is_approved(args, &zones, &stop).await {
            let results = submit(&session, &zones, &stop).await;
            let exit = exit(&results, &stop);
            (results, exit)
        } else {
            (not_approved(&zones), Exit::Failed)
        };
        show_results(&zones, &results, &outputs)?;
        Ok(exit)
    })
}

async fn submit(session: &Session, zones: &[ZoneFeedback], stop: &Stop) -> Vec<Vec<ReportResult>> {
    let bar = progress::bar(zones.len(), "submitting");
    let results = feedback::work(session, stop).submit(zones, &|| bar.inc(1)).await;
    bar.finish_and_clear();
    results
}

/// Whether the reports may be sent; nothing is asked where nothing is new.
async fn is_approved(args: &Args, zones: &[ZoneFeedback], stop: &Stop) -> bool {
    let reports: usize = zones.iter().map(|zone| zone.count(Presence::New)).sum();
    if reports == 0 || args.auto_approve || stop.is_requested() {
        return true;
    }
    if !output::can_ask() {
        output::say(
            "error: nothing was submitted, since there is no terminal to ask on\n\nhint: add `--auto-approve`\n",
        );
        return false;
    }
    let zones = zones.iter().filter(|zone| zone.status() == FeedbackStatus::New).count();
    let (reports, zones) = (plural(reports, "report"), plural(zones, "zone"));
    let question = format!("Submit {reports} for {zones}? A report cannot be taken back.");
    let is_approved = approve::approve(&question, stop).await;
    if !is_approved {
        output::say("not approved: nothing was submitted\n");
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

fn show_results(
    zones: &[ZoneFeedback],
    results: &[Vec<ReportResult>],
    outputs: &[Output<Format>],
) -> Result<(), Failure> {
    outputs.iter().try_for_each(|output| {
        let text = SubmittedText::new(zones, results, output.paint());
        match (output.format, &output.file) {
            (Format::Text, None) => output.write(&text.to_string()),
            (Format::Text, Some(_)) => {
                output.write(&format!("{}\n{text}", FeedbackPlanText::new(zones, output.paint())))
            }
            (Format::Json, _) => output.write_json(&feedback_plan_json(zones, Some(results))),
        }
    })
}

fn exit(results: &[Vec<ReportResult>], stop: &Stop) -> Exit {
    let all = || results.iter().flatten();
    let failures = all().filter(|result| !result.outcome.is_success()).count();
    let submitted = all().filter(|result| result.outcome == ReportOutcome::Submitted).count();
    let usable = if stop.is_requested() { submitted } else { all().count() - failures };
    Exit::of_failures(failures, usable)
}
