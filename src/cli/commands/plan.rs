//! `plan`: shows what differs. It has no way to write.

use super::snapshot;
use crate::api::{Listed, Traffic, UnusableZone, ZoneEntry};
use crate::cli::args::Plan as Args;
use crate::cli::context::{Job, Work, offline};
use crate::cli::environment::Clock;
use crate::cli::inputs::{self, Inputs};
use crate::cli::output::{Outputs, ReportFormat, Wanted, save_plan, say, show_report, write_metrics};
use crate::cli::planning::{self, Choices};
use crate::cli::session::Bare;
use crate::cli::write::{guarded, say_refusals};
use crate::cli::{Context, Failure, reviewed};
use crate::config::Project;
use crate::model::{Diagnostic, clean};
use crate::plan::{Coverage, Plan, Status, UnmanagedZone};
use crate::render::{CoverageText, PlanText};
use crate::report::{Ending, Report, Verb};
use crate::run::ZoneFiles;
use std::path::Path;

/// Makes a plan, shows it, and exits as applying it would.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let job = Job {
        wanted: Wanted::reports(&args.outputs.outputs, Verb::Plan)
            .replaces("--out", args.out.as_deref(), reviewed::may_replace)
            .metrics(args.metrics.as_deref())
            .reads(args.planning.since_plan.as_deref()),
        connection: &args.planning.connection,
        world: Bare::Matching(|(inputs, _): &(Inputs, Choices)| inputs.world()),
        work: |(inputs, _)| Work::reading(inputs.zones.len()),
    };
    let load = |files: &_| {
        let (mut inputs, project) = inputs::load(&args.planning.zones, files)?;
        inputs::check_overrides(&args.guards, &project)?;
        let choices = Choices::read(&args.planning, &args.guards, &mut inputs, &project)?;
        Ok(((inputs, choices), project))
    };
    if let Some(path) = &args.live {
        let clock = Clock::start();
        let load = |files: &_| Ok((load(files)?, snapshot::load(path)?));
        return offline(
            job.wanted.reads(Some(path)),
            load,
            |outputs, (((mut inputs, choices), project), snapshot)| {
                let warnings = std::mem::take(&mut inputs.warnings);
                let plan = planning::from_snapshot(&snapshot, &project, clock, inputs, choices)?;
                let traffic = Traffic::default();
                let end = End { args, outputs, project: &project, traffic, warnings };
                Ok(end.show(&plan, Ok(None), false))
            },
        );
    }
    Context::run(
        job,
        |files, _| load(files),
        async |cx, (mut inputs, choices)| {
            let warnings = std::mem::take(&mut inputs.warnings);
            let plan = planning::make(cx, inputs, choices).await;
            let coverage = if args.coverage { coverage(cx, &plan).await } else { Ok(None) };
            let Context { outputs, project, .. } = cx;
            let traffic = cx.session.client.traffic();
            let end = End { args, outputs, project, traffic, warnings };
            Ok(end.show(&plan, coverage, cx.stop.is_requested()))
        },
    )
}

/// What is done with a plan that is made.
struct End<'a> {
    args: &'a Args,
    outputs: &'a Outputs<ReportFormat>,
    project: &'a Project,
    traffic: Traffic,
    /// What was said of the files.
    warnings: Vec<Diagnostic>,
}

impl End<'_> {
    /// Saves and shows a plan, and says how it ends.
    fn show(&self, plan: &Plan, coverage: Result<Option<Coverage>, Diagnostic>, is_stopped: bool) -> Ending {
        let Self { args, outputs, project, traffic, warnings } = self;
        let saved = args.out.as_deref().filter(|path| outputs.keep(save_plan(path, plan)));
        let refusals =
            guarded(&args.guards, project, plan, ZoneFiles::Planned).err().map_or_else(Vec::new, Vec::from);
        // A list of zones that could not be read counts as a failure.
        let unlisted = coverage.as_ref().err();
        let ending = match refusals.is_empty() {
            false => Ending::Refused,
            true => Ending::of_plan(plan, unlisted.iter().count())
                .detailed(args.detailed_exitcode && differs(plan)),
        };
        let ending = outputs.settle(if is_stopped { ending.stopped() } else { ending });
        let problems: Vec<_> = warnings.iter().chain(unlisted).cloned().collect();
        let report = Report {
            plan: Some(plan),
            refusals: &refusals,
            problems: &problems,
            coverage: coverage.as_ref().ok().and_then(Option::as_ref),
            ..Report::new(Verb::Plan, ending)
        };
        let text = |page| {
            let covered = report.coverage.map(|coverage| CoverageText::new(coverage).to_string());
            format!("{}{}", PlanText::new(plan, page, args.outputs.detail), covered.unwrap_or_default())
        };
        show_report(outputs, &report, |output| Some(text(output.page())));
        say_refusals("error: apply would be refused", &refusals);
        if let Some(path) = saved.filter(|_| refusals.is_empty() && args.live.is_none()) {
            say_saved(args, path, plan);
        }
        unlisted.into_iter().for_each(|error| inputs::show(std::slice::from_ref(error)));
        write_metrics(outputs, &report, traffic);
        ending
    }
}

/// Whether a zone differs from its file.
fn differs(plan: &Plan) -> bool {
    plan.zones().iter().any(|zone| zone.status() == Status::Change)
}

/// What no file manages. A list that cannot be read is a failure, and does not look like one without such zones.
async fn coverage<F: Copy>(cx: &Context<F>, plan: &Plan) -> Result<Option<Coverage>, Diagnostic> {
    let listed = tokio::select! {
        listed = cx.session.client.list_zones(cx.project.account_id.as_ref()) => listed,
        () = cx.stop.requested() => return Err(Diagnostic::error("interrupted before the list of zones was read")),
    };
    let zones = listed.map_err(|error| error.diagnostic())?.into_iter().map(unmanaged);
    Ok(Some(Coverage::of(plan, zones.collect())))
}

fn unmanaged(listed: Listed) -> UnmanagedZone {
    match listed {
        Ok(ZoneEntry { name: zone, id, account_id, .. }) => {
            let account_id = account_id.map(|id| id.to_string()).unwrap_or_default();
            UnmanagedZone { zone, zone_id: id.to_string(), account_id }
        }
        // No file can manage it, and nobody may take it for one that is not there.
        Err(unusable) => {
            say(&format!("warning: {unusable}\n"));
            let UnusableZone { name: zone, id: zone_id, account_id, .. } = unusable;
            UnmanagedZone { zone, zone_id, account_id }
        }
    }
}

/// Says where the plan is saved, and how exactly this plan is applied.
fn say_saved(args: &Args, path: &Path, plan: &Plan) {
    let path = path.to_string_lossy();
    let mut text = format!("saved to {}", clean(&path));
    if plan.changing().next().is_some() {
        text.push_str(&format!(
            "; apply it with\n  botform apply {} --expect {}",
            word(&path),
            plan.digest().short()
        ));
        let connection = &args.planning.connection;
        for (flag, value) in [("--emulate", &connection.emulate), ("--base-url", &connection.base_url)] {
            text.extend(value.iter().map(|value| format!(" {flag}={}", word(value))));
        }
    }
    say(&format!("{text}\n"));
}

/// A text as one word of a shell.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    let text = clean(text);
    let path = if text.starts_with('-') { format!("./{text}") } else { text.into_owned() };
    if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
