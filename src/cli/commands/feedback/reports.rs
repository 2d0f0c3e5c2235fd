//! `feedback`: what its commands share, from report files to what submitting them would do.

use super::{list as feedback_list, plan as feedback_plan, submit as feedback_submit};
use crate::catalogue::Variant;
use crate::cli::args::{Feedback as Args, FeedbackCommand, Reports};
use crate::cli::environment;
use crate::cli::inputs;
use crate::cli::output::progress;
use crate::cli::session as connect;
use crate::cli::session::Session;
use crate::cli::{Exit, Failure};
use crate::config::{self, LoadedReports, Project};
use crate::diff::{FeedbackStatus, ZoneFeedback};
use crate::emulator::{World, ZoneSeed};
use crate::model::ReportFile;
use crate::run::{Feedback, Stop};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long to wait before a report is looked for, or sent, again.
const PAUSE: Duration = Duration::from_millis(500);

/// Runs one of the commands.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        FeedbackCommand::List(args) => feedback_list::run(args),
        FeedbackCommand::Plan(args) => feedback_plan::run(args),
        FeedbackCommand::Submit(args) => feedback_submit::run(args),
    }
}

/// Loads the report files and the project, and tells all problems.
pub(crate) fn load(args: &Reports) -> Result<(Vec<ReportFile>, Project), Failure> {
    let (folder, now) = (environment::current_folder()?, environment::instant());
    let LoadedReports { reports, problems } = config::load_reports(&args.paths, &folder, now);
    let project = inputs::project_with(&problems)?;
    let mut reports = config::select(reports, |report| report.zone.as_str(), &args.zones)
        .map_err(|error| Failure::new(error.to_string()).maybe_hint(error.hint()))?;
    for report in &mut reports {
        report.account_id = report.account_id.take().or_else(|| project.account_id.clone());
    }
    Ok((reports, project))
}

/// Opens the API; a bare `--emulate` has the zones of the reports.
pub(crate) async fn open(
    args: &Reports,
    reports: &[ReportFile],
    project: &Project,
) -> Result<Session, Failure> {
    connect::open_on(&args.connection, || World::matching(seeds(reports)), project).await
}

/// A zone for each name that the reports have.
fn seeds(reports: &[ReportFile]) -> Vec<ZoneSeed> {
    let zones: BTreeMap<&str, &ReportFile> =
        reports.iter().map(|report| (report.zone.as_str(), report)).collect();
    let seed = |report: &ReportFile| ZoneSeed {
        name: report.zone.to_string(),
        id: report.zone_id.as_ref().map(ToString::to_string),
        account: report.account_id.as_ref().map(ToString::to_string),
        variant: Variant::BmEnterprise,
        settings: Vec::new(),
    };
    zones.into_values().map(seed).collect()
}

/// How reports are worked on in a session.
pub(crate) fn work<'a>(session: &'a Session, stop: &'a Stop) -> Feedback<'a> {
    Feedback { client: &session.client, stop, concurrency: session.concurrency, pause: PAUSE }
}

/// Finds the zones and which of the reports are new.
pub(crate) async fn plan(session: &Session, reports: Vec<ReportFile>, stop: &Stop) -> Vec<ZoneFeedback> {
    let bar = progress::bar(reports.len(), "reading");
    let zones = work(session, stop).plan(reports, &|| bar.inc(1)).await;
    bar.finish_and_clear();
    zones
}

/// The exit code as far as zones failed or are blocked.
pub(crate) fn exit(zones: &[ZoneFeedback]) -> Exit {
    let is_failure =
        |zone: &&ZoneFeedback| matches!(zone.status(), FeedbackStatus::Blocked | FeedbackStatus::Failed);
    let failures = zones.iter().filter(is_failure).count();
    Exit::of_failures(failures, zones.len() - failures)
}
