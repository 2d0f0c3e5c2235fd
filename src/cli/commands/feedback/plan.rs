//! `feedback plan`: which reports would be submitted. It writes nothing. `submit` begins with the same steps.

use crate::api::{Budgets, Clients};
use crate::catalogue::Variant;
use crate::cli::args::{FeedbackPlan as Args, Reports};
use crate::cli::context::Work;
use crate::cli::environment::{self, Clock};
use crate::cli::output::{Files, Format, Outputs, Progress, Task, Wanted};
use crate::cli::{Context, Failure, inputs, session};
use crate::config::{LoadedReports, Project};
use crate::diff::{FeedbackStatus, ZoneFeedback};
use crate::emulator::{World, ZoneSeed};
use crate::model::{Identity, ReportFile};
use crate::render::{FeedbackPlanText, feedback_plan_json};
use crate::report::Ending;
use crate::run::Feedback;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// How long to wait before looking for a report, or sending it, again.
const PAUSE: Duration = Duration::from_millis(500);

/// Shows what is new.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let outputs = check(&args.reports)?;
    outputs.finish(plan(args, &outputs))
}

fn plan(args: &Args, outputs: &Outputs<Format>) -> Result<Ending, Failure> {
    let (cx, reports) = connect(&args.reports, outputs)?;
    let zones = cx.block_on(planned(&cx, reports));
    outputs.show(|output| match output.format {
        Format::Text => output.write(&FeedbackPlanText::new(&zones, output.page()).to_string()),
        Format::Json => output.write_json(&feedback_plan_json(&zones, None)),
    });
    let has_new = zones.iter().any(|zone| zone.status() == FeedbackStatus::New);
    Ok(Ending::of_feedback(&zones).detailed(args.detailed_exitcode && has_new))
}

/// The outputs of a run over report files.
pub(super) fn check(args: &Reports) -> Result<Outputs<Format>, Failure> {
    session::check(&args.connection)?;
    Wanted::new(&args.outputs).reads(args.connection.world_file()).check()
}

/// Loads the report files, and connects.
pub(super) fn connect<'a>(
    args: &Reports,
    outputs: &'a Outputs<Format>,
) -> Result<(Context<'a, Format>, Vec<ReportFile>), Failure> {
    let clock = Clock::start();
    let (reports, project) = load(args, &outputs.files, clock)?;
    let world = || World::matching(seeds(&reports));
    let cx = Context::connect(outputs, &args.connection, project, clock, world)?;
    cx.announce(Work::reading(zones(&reports).len()), &budgets(&cx, &reports));
    Ok((cx, reports))
}

/// Loads the report files and the project, and shows all problems.
fn load(args: &Reports, files: &Files, clock: Clock) -> Result<(Vec<ReportFile>, Project), Failure> {
    inputs::refuse_saved_plans(&args.paths)?;
    let LoadedReports { reports, problems } =
        inputs::loader(&environment::current_folder()?).reports(&args.paths, clock.started());
    let read = reports
        .iter()
        .map(|report| &report.file)
        .chain(problems.iter().filter_map(|problem| problem.file.as_ref()));
    read.map(Path::new).try_for_each(|path| files.reads(path))?;
    args.paths.iter().try_for_each(|path| files.reads_below(path))?;
    let project = inputs::project(files, problems)?;
    let mut reports = inputs::select(reports, |report| identity(report).into(), &args.selected)?;
    let account = session::account_of_files(&args.connection, &project)?;
    for report in &mut reports {
        report.account_id = report.account_id.take().or_else(|| account.clone());
    }
    Ok((reports, project))
}

fn identity(report: &ReportFile) -> Identity<'_> {
    Identity::new(&report.zone, report.zone_id.as_ref(), report.account_id.as_ref())
}

/// The zones of the reports by name, each with one of its reports.
fn zones(reports: &[ReportFile]) -> BTreeMap<&str, &ReportFile> {
    reports.iter().map(|report| (report.zone.as_str(), report)).collect()
}

fn budgets(cx: &Context<'_, Format>, reports: &[ReportFile]) -> Budgets {
    cx.session.client.budgets(zones(reports).values().map(|report| report.account_id.as_ref()))
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

/// The feedback operations of a run.
pub(super) fn work<'a, F>(cx: &'a Context<'_, F>) -> Feedback<'a, Clients> {
    let Context { session, stop, .. } = cx;
    Feedback {
        client: &session.client,
        stop: (**stop).clone(),
        concurrency: session.concurrency,
        pause: PAUSE,
    }
}

/// Finds the zones and which of the reports are new.
pub(super) async fn planned(cx: &Context<'_, Format>, reports: Vec<ReportFile>) -> Vec<ZoneFeedback> {
    let progress = Progress::new(budgets(cx, &reports), zones(&reports).len(), Task::READING);
    progress.during(work(cx).plan(reports, &|| progress.inc())).await
}
