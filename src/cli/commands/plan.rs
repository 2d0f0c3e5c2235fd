//! `plan`: shows what differs. It has no way to write.

use super::snapshot;
use crate::api::{Listed, Traffic, UnusableZone, ZoneEntry};
use crate::cli::approving::{self, Approving};
use crate::cli::args::Plan as Args;
use crate::cli::by_log::{self, Night};
use crate::cli::context::Work;
use crate::cli::environment::Clock;
use crate::cli::evidence::Evidence;
use crate::cli::fleet::say_unread;
use crate::cli::in_time;
use crate::cli::inputs::{self, Inputs};
use crate::cli::moved_since::Then;
use crate::cli::output::{
    Level, Notice, Outputs, ReportFormat, Wanted, save_plan, save_snapshot, say, show_report, write_metrics,
};
use crate::cli::planning::{self, Choices, Limit};
use crate::cli::write::{guarded, say_refusals};
use crate::cli::{Context, Failure, reviewed, session, who};
use crate::config::Project;
use crate::emulator::World;
use crate::model::{Diagnostic, clean};
use crate::plan::{Coverage, Plan, Status, UnmanagedZone};
use crate::render::{CoverageText, PlanText};
use crate::report::{Ending, Report, Verb};
use crate::run::{Present, Snapshot, Stop, ZoneFiles};
use std::path::Path;

/// Makes a plan, shows it, and exits as applying it would.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let clock = Clock::start();
    check(args)?;
    let connection = &args.planning.connection;
    if args.live.is_none() || args.who.is_some() {
        session::check(connection)?;
    }
    let outputs = Wanted::reports(&args.outputs.outputs, Verb::Plan)
        .replaces("--out", args.out.as_deref(), reviewed::may_replace)
        .replaces("--last-applied", args.approved.last_applied.as_deref(), reviewed::may_replace_record)
        .replaces("--new-record", args.new_record.as_deref(), reviewed::may_replace_record)
        .replaces("--new-snapshot", args.new_snapshot.as_deref(), snapshot::may_replace)
        .metrics(args.metrics.as_deref())
        .reads_all(args.approved.approved.iter().map(|approval| approval.plan.as_path()))
        .reads(args.approved.approved_from.as_deref())
        .reads(args.planning.since_plan.as_deref())
        .reads(args.live.as_deref())
        .reads(args.moved_since.as_deref())
        .reads(connection.world_file())
        .check()?;
    outputs.finish(plan(args, &outputs, clock))
}

/// Checks combinations of flags that the argument parser cannot express.
fn check(args: &Args) -> Result<(), Failure> {
    if args.new_snapshot.is_none() || args.changed_by_log || args.time_budget.is_some() {
        return Ok(());
    }
    Err(Failure::usage("`--new-snapshot` needs `--changed-by-log` or `--time-budget`")
        .hint("`botform snapshot FILE` takes a snapshot of all zones"))
}

fn plan(args: &Args, outputs: &Outputs<ReportFormat>, clock: Clock) -> Result<Ending, Failure> {
    let (mut inputs, mut project) = inputs::load(&args.planning.zones, &outputs.files)?;
    inputs::check_overrides(&args.guards, &project)?;
    if args.new_record.is_some() {
        // The record may not exist yet: this run makes it.
        project.since = None;
    }
    let mut choices = Choices::read(&args.planning, &args.guards, &mut inputs, &project, clock)?;
    let approving = Approving::read(&args.approved, choices.take_recorded(), &inputs.zones, clock.today())?;
    choices.limit(limit(args, &inputs, &project, clock)?, &mut inputs);
    let warnings = std::mem::take(&mut inputs.warnings);
    let then = args
        .moved_since
        .as_ref()
        .map(|path| Then::read(path, &args.planning.zones.selected, project.account_id.clone()));
    let then = then.transpose()?;
    if let Some(path) = &args.live {
        let snapshot = snapshot::load(path)?;
        then.iter().try_for_each(|then| then.check(snapshot.api(), snapshot.taken_at()))?;
        let mut plan = planning::from_snapshot(&snapshot, &project, clock, inputs, choices)?;
        let failures = then.as_ref().map(|then| then.compare(&mut plan, &snapshot)).unwrap_or_default();
        let (mut stop, mut traffic) = (Stop::default(), Traffic::default());
        if args.who.is_some() {
            (stop, traffic) = ask_who(args, outputs, &project, clock, (&mut plan, then.as_ref(), &snapshot))?;
        }
        let made = Made { plan, coverage: None, warnings, failures, traffic };
        return Ok(made.show(args, outputs, &project, &stop));
    }
    let cx = Context::connect(outputs, &args.planning.connection, project, clock, || inputs.world())?;
    then.iter().try_for_each(|then| then.check(&cx.session.address, clock.started()))?;
    if args.changed_by_log || args.time_budget.is_some() {
        let made = night(args, &cx, then.as_ref(), (inputs, choices))?;
        return Ok(Made { warnings, ..made }.show(args, outputs, &cx.project, &cx.stop));
    }
    let budgets = cx.session.client.budgets(inputs.zones.iter().map(|zone| zone.account_id.as_ref()));
    cx.announce(Work::reading(inputs.zones.len()), &budgets);
    let zones = if args.new_record.is_some() { inputs.zones.clone() } else { Vec::new() };
    let evidence = Evidence::asked(args, &inputs);
    let plan = approving.restrict(cx.block_on(planning::make(&cx, inputs, choices)));
    let (mut plan, _) = approving.claim(plan)?;
    cx.block_on(evidence.add(&cx, &mut plan));
    if let Some(file) = &args.new_record {
        approving::write_first(file, &plan, &args.planning.zones, &zones)?;
    }
    let listed = if args.coverage || then.is_some() { cx.block_on(listed(&cx)) } else { Ok(Vec::new()) };
    let (mut coverage, mut failures) = (None, Vec::new());
    match listed {
        Ok(listed) => {
            let present: Vec<_> = listed.iter().cloned().map(Present::from).collect();
            failures.extend(then.as_ref().and_then(|then| then.compare_listed(&mut plan, &present)));
            coverage =
                args.coverage.then(|| Coverage::of(&plan, listed.into_iter().map(unmanaged).collect()));
        }
        Err(error) => failures.push(error),
    }
    name_who(args, &cx, &mut plan, &then.iter().map(Then::snapshot).collect::<Vec<_>>());
    let traffic = cx.session.client.traffic();
    let made = Made { plan, coverage, warnings, failures, traffic };
    Ok(made.show(args, outputs, &cx.project, &cx.stop))
}

/// A plan that may be incomplete, and the snapshot for the next run.
fn night(
    args: &Args,
    cx: &Context<'_, ReportFormat>,
    then: Option<&Then>,
    (inputs, choices): (Inputs, Choices),
) -> Result<Made, Failure> {
    let evidence = Evidence::asked(args, &inputs);
    let night = match (&args.time_budget, then) {
        (Some(time), then) => {
            let mut night = in_time::night(cx, then, (inputs, choices), time, args.new_snapshot.is_some())?;
            cx.block_on(evidence.add(cx, &mut night.plan));
            night
        }
        (None, Some(then)) => by_log::night(cx, then, inputs, choices, args.rotate)?,
        (None, None) => return Err(Failure::usage("`--changed-by-log` needs `--moved-since`")),
    };
    let Night { mut plan, snapshot, failures } = night;
    name_who(args, cx, &mut plan, &then.map(Then::snapshot).into_iter().chain(&snapshot).collect::<Vec<_>>());
    if let Some((file, snapshot)) = args.new_snapshot.as_ref().zip(snapshot.as_ref()) {
        cx.outputs.keep(save_snapshot(file, snapshot));
    }
    let traffic = cx.session.client.traffic();
    Ok(Made { plan, coverage: None, warnings: Vec::new(), failures, traffic })
}

/// What limits a plan, apart from the names of its zones.
fn limit(args: &Args, inputs: &Inputs, project: &Project, clock: Clock) -> Result<Limit, Failure> {
    let part = args.planning.sharding.part();
    if !args.only_changed {
        return Ok(Limit { part, changed: None });
    }
    let since = reviewed::since(&args.planning, project);
    let Some(revision) = args.planning.base.as_deref().or(since) else {
        return Err(Failure::usage("`--only-changed` needs a revision to compare the zone files with")
            .hint("name it with `--since`, such as `--since origin/main`"));
    };
    let changed = reviewed::changed_since(revision, &inputs.zones, clock.today())?;
    Ok(Limit { part, changed: Some(changed) })
}

/// States who changed what differs, if that is asked for.
fn name_who(args: &Args, cx: &Context<'_, ReportFormat>, plan: &mut Plan, known: &[&Snapshot]) {
    if let Some(age) = &args.who {
        who::state(cx, plan, age, known, &args.planning.last_journal);
    }
}

/// States it for a plan from a snapshot, which needs the API for nothing else.
fn ask_who(
    args: &Args,
    outputs: &Outputs<ReportFormat>,
    project: &Project,
    clock: Clock,
    (plan, then, live): (&mut Plan, Option<&Then>, &Snapshot),
) -> Result<(Stop, Traffic), Failure> {
    let cx = Context::connect(outputs, &args.planning.connection, project.clone(), clock, World::default)?;
    if cx.session.address != live.api() {
        let (of, asked) = (live.api(), &cx.session.address);
        let message = format!("the snapshot of `--live` was taken from {of}, but `--who` would ask {asked}");
        return Err(Failure::usage(message).hint("use the API that the snapshot was taken from"));
    }
    let known: Vec<_> = then.map(Then::snapshot).into_iter().chain([live]).collect();
    name_who(args, &cx, plan, &known);
    Ok((Stop::clone(&cx.stop), cx.session.client.traffic()))
}

/// A finished plan, with what else there is to say.
struct Made {
    plan: Plan,
    /// What no file manages, if that was asked for.
    coverage: Option<Coverage>,
    /// The warnings about the files.
    warnings: Vec<Diagnostic>,
    /// Why zones could not be listed or compared, and related warnings.
    failures: Vec<Diagnostic>,
    traffic: Traffic,
}

impl Made {
    /// Saves and shows the plan, and says how it ends.
    fn show(&self, args: &Args, outputs: &Outputs<ReportFormat>, project: &Project, stop: &Stop) -> Ending {
        let Self { plan, coverage, warnings, failures, traffic } = self;
        let saved = args.out.as_deref().filter(|path| outputs.keep(save_plan(path, plan)));
        let refusals = guarded(&args.guards, project, plan, ZoneFiles::Planned, None)
            .err()
            .map_or_else(Vec::new, Vec::from);
        // A list of zones that could not be read counts as a failure.
        let failed = failures.iter().filter(|failure| failure.is_error()).count();
        let ending = Ending::of_plan(plan, &refusals, failed);
        let ending = ending.detailed(args.detailed_exitcode && differs(plan));
        let ending = outputs.settle(if stop.is_requested() { ending.stopped() } else { ending });
        let problems: Vec<_> = warnings.iter().chain(failures).cloned().collect();
        let report = Report {
            plan: Some(plan),
            refusals: &refusals,
            problems: &problems,
            coverage: coverage.as_ref(),
            ..Report::new(Verb::Plan, ending)
        };
        let text = |page| {
            let covered = report.coverage.map(|coverage| CoverageText::new(coverage).to_string());
            format!("{}{}", PlanText::new(plan, page, args.outputs.detail()), covered.unwrap_or_default())
        };
        show_report(outputs, &report, |output| Some(text(output.page())));
        say_refusals("apply would be refused", &refusals);
        if let Some(path) = saved.filter(|_| refusals.is_empty() && args.live.is_none()) {
            say_saved(args, path, plan);
        }
        say_unread(failures);
        write_metrics(outputs, &report, traffic);
        ending
    }
}

/// Whether a zone differs from its file, or something from an earlier snapshot.
fn differs(plan: &Plan) -> bool {
    plan.has_changed_outside() || plan.zones().iter().any(|zone| zone.status() == Status::Change)
}

/// All zones. A list that cannot be read is a failure, and never looks like an empty one.
async fn listed<F: Copy>(cx: &Context<'_, F>) -> Result<Vec<Listed>, Diagnostic> {
    let listed = tokio::select! {
        listed = cx.session.client.list_zones(cx.project.account_id.as_ref()) => listed,
        () = cx.stop.requested() => return Err(Diagnostic::error("interrupted before the list of zones was read")),
    };
    listed.map_err(|error| error.diagnostic())
}

fn unmanaged(listed: Listed) -> UnmanagedZone {
    match listed {
        Ok(ZoneEntry { name: zone, id, account_id, .. }) => {
            let account_id = account_id.map(|id| id.to_string()).unwrap_or_default();
            UnmanagedZone { zone, zone_id: id.to_string(), account_id }
        }
        // No file can manage it, but it must not look as if it did not exist.
        Err(unusable) => {
            say(Level::Warning, unusable.to_string());
            let UnusableZone { name: zone, id: zone_id, account_id, .. } = unusable;
            UnmanagedZone { zone, zone_id, account_id }
        }
    }
}

/// Says where the plan is saved, and how exactly this plan is applied.
fn say_saved(args: &Args, path: &Path, plan: &Plan) {
    let path = path.to_string_lossy();
    if plan.changing().next().is_none() {
        return say(Level::Info, format!("saved to {path}"));
    }
    let mut command = format!("botform apply {} --expect {}", word(&path), plan.digest().short());
    if let Some(record) = &args.approved.last_applied {
        command = format!(
            "botform apply {} --partial --last-applied {}",
            word(&path),
            word(&record.to_string_lossy())
        );
    }
    let connection = &args.planning.connection;
    if connection.emulate.is_some() {
        let world = connection.world_file().unwrap_or(Path::new(""));
        command.push_str(&format!(" --emulate={}", word(&world.to_string_lossy())));
    }
    command.extend(connection.base_url.iter().map(|url| format!(" --base-url={}", word(url))));
    Notice::new(Level::Info, format!("saved to {path}; apply it with")).line(command).say();
}

/// A text as one word of a shell.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    let text = clean(text);
    let path = if text.starts_with('-') { format!("./{text}") } else { text.into_owned() };
    if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
