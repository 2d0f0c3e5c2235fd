//! What the commands of `feedback` share: from report files to which of them are new.

use crate::catalogue::Variant;
use crate::cli::args::Reports as Args;
use crate::cli::context::{Bare, Job, Work};
use crate::cli::environment::{self, Clock};
use crate::cli::inputs::{self, no_match};
use crate::cli::output::{FORMATS, Files, Format, Wanted, progress_bar};
use crate::cli::{Context, Exit, Failure};
use crate::config::{self, LoadedReports, Project};
use crate::diff::{FeedbackStatus, ZoneFeedback};
use crate::emulator::{World, ZoneSeed};
use crate::model::ReportFile;
use crate::run::{Feedback, Stop};
use std::collections::BTreeMap;
use std::path::Path;

/// A run over report files.
pub(super) fn job(args: &Args) -> Job<'_, Format, Vec<ReportFile>> {
    Job {
        wanted: Wanted::new(&args.outputs, &FORMATS),
        connection: &args.connection,
        world: Bare::Matching(|reports| World::matching(seeds(reports))),
        work: |reports| Work::reading(zones(reports).len()),
    }
}

/// Loads the report files and the project, and shows all problems.
pub(super) fn load(args: &Args, files: &Files, clock: Clock) -> Result<(Vec<ReportFile>, Project), Failure> {
    let LoadedReports { reports, problems } =
        config::load_reports(&args.paths, &environment::current_folder()?, clock.started());
    let read = reports
        .iter()
        .map(|report| &report.file)
        .chain(problems.iter().filter_map(|problem| problem.file.as_ref()));
    read.map(Path::new).try_for_each(|path| files.reads(path))?;
    args.paths.iter().try_for_each(|path| files.reads_below(path))?;
    let project = inputs::project(files, problems)?;
    let mut reports = config::select(reports, |report| report.zone.as_str(), &args.zones)
        .map_err(|error| no_match(&error))?;
    for report in &mut reports {
        report.account_id = report.account_id.take().or_else(|| project.account_id.clone());
    }
    Ok((reports, project))
}

/// The zones of reports by name, each with one of its reports.
fn zones(reports: &[ReportFile]) -> BTreeMap<&str, &ReportFile> {
    reports.iter().map(|report| (report.zone.as_str(), report)).collect()
}

/// A zone of the emulator for each name in the reports.
fn seeds(reports: &[ReportFile]) -> Vec<ZoneSeed> {
    let seed = |report: &ReportFile| ZoneSeed {
        name: report.zone.to_string(),
        id: report.zone_id.as_ref().map(ToString::to_string),
        account: report.account_id.as_ref().map(ToString::to_string),
        variant: Variant::BmEnterprise,
        settings: Vec::new(),
    };
    zones(reports).into_values().map(seed).collect()
}

/// How reports are worked on in a run.
pub(super) fn work<F>(cx: &Context<F>) -> Feedback<'_> {
    let Context { session, stop, .. } = cx;
    Feedback { stop: Stop::clone(stop), concurrency: session.concurrency, ..Feedback::new(&session.client) }
}

/// Finds the zones and which of the reports are new.
pub(super) async fn plan(cx: &Context<Format>, reports: Vec<ReportFile>) -> Vec<ZoneFeedback> {
    let bar = progress_bar(zones(&reports).len(), "reading");
    let zones = work(cx).plan(reports, &|| bar.inc(1)).await;
    bar.finish_and_clear();
    zones
}

/// The exit code as far as zones failed or are blocked.
pub(super) fn exit(zones: &[ZoneFeedback]) -> Exit {
    let is_failure =
        |zone: &&ZoneFeedback| matches!(zone.status(), FeedbackStatus::Blocked | FeedbackStatus::Failed);
    let failures = zones.iter().filter(is_failure).count();
    Exit::of_failures(failures, zones.len() - failures)
}
