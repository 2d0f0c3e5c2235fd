//! `apply`: plans zone files, shows the plan and asks; a saved plan was approved when it was reviewed.

use crate::cli::args::Apply as Args;
use crate::cli::context::{Job, Work};
use crate::cli::environment::Clock;
use crate::cli::inputs::{self, Inputs};
use crate::cli::output::{ReportFormat, Wanted};
use crate::cli::planning::{self, Choices};
use crate::cli::session::Bare;
use crate::cli::write::{self, Approval, Writing};
use crate::cli::{Context, Failure, reviewed, session};
use crate::emulator::World;
use crate::plan::{FilesNow, Plan, SourceKind};
use crate::report::{Ending, Verb};
use crate::run::{Refused, ZoneFiles};
use std::path::{Path, PathBuf};

/// Applies zone files, or a saved plan.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    match plan_file(&args.planning.zones.paths) {
        Some(path) => apply_plan(args, path),
        None => apply_zones(args),
    }
}

/// A saved plan: one argument that is a file with the content of one, or that ends in `.json`.
fn plan_file(paths: &[PathBuf]) -> Option<&Path> {
    match paths {
        [path] if reviewed::is_saved_plan(path) => Some(path),
        [path] if path.extension().is_some_and(|end| end == "json") && path.is_file() => Some(path),
        _ => None,
    }
}

fn apply_zones(args: &Args) -> Result<Ending, Failure> {
    if args.partial || args.expect.is_some() {
        return Err(Failure::usage("`--partial` and `--expect` need a saved plan")
            .hint("make one with `plan --out plan.json`, then run `apply plan.json`"));
    }
    let job = Job {
        wanted: wanted(args).reads(args.planning.since_plan.as_deref()),
        connection: &args.planning.connection,
        world: Bare::Matching(|(inputs, _): &(Inputs, Choices)| inputs.world()),
        work: |(inputs, _)| Work::reading(inputs.zones.len()),
    };
    let load = |files: &_, _| {
        let (mut inputs, project) = inputs::load(&args.planning.zones, files)?;
        inputs::check_overrides(&args.writes.guards, &project)?;
        let choices = Choices::read(&args.planning, &args.writes.guards, &mut inputs, &project)?;
        Ok(((inputs, choices), project))
    };
    Context::run(job, load, async |cx, (mut inputs, choices)| {
        let warnings = std::mem::take(&mut inputs.warnings);
        let plan = planning::make(cx, inputs, choices).await;
        let writing = writing(cx, args, Approval::of(&args.writes));
        Ok(Writing { warnings: &warnings, ..writing }.run(&plan).await)
    })
}

fn apply_plan(args: &Args, path: &Path) -> Result<Ending, Failure> {
    refuse_planning(args)?;
    let job = Job {
        wanted: wanted(args).reads(Some(path)),
        connection: &args.planning.connection,
        world: Bare::Matching(|_: &(Plan, FilesNow)| World::default()),
        work: |(plan, _)| Work::applying_saved(plan.changing().count()),
    };
    let load = |files: &_, clock: Clock| {
        let mut project = inputs::project(files, Vec::new())?;
        inputs::check_overrides(&args.writes.guards, &project)?;
        let mut plan = reviewed::load_plan(path, args.expect.as_deref())?;
        refuse_snapshot(&plan)?;
        session::check_address(&plan.provenance().api, &args.planning.connection, "the plan was made")?;
        reviewed::warn_of_changed_inputs(&plan);
        let now = write::look(plan.sources().cloned(), files, &mut project, clock.today())?;
        now.block(&mut plan);
        Ok(((plan, now), project))
    };
    Context::run(job, load, async |cx, (plan, now)| {
        let writing = writing(cx, args, Approval::Saved { partial: args.partial });
        Ok(Writing { files: ZoneFiles::Now(&now), ..writing }.run(&plan).await)
    })
}

/// A plan from a snapshot is refused before there is an API, which may need credentials.
fn refuse_snapshot(plan: &Plan) -> Result<(), Failure> {
    if plan.provenance().source.kind != SourceKind::Snapshot {
        return Ok(());
    }
    let hint = format!(
        "run `plan --out FILE` without `--live`, then `apply FILE --expect {}`: the digest is the same if no zone has moved",
        plan.digest().short()
    );
    Err(Failure::of(&Refused::Snapshot).hint(hint).ending(Ending::Refused))
}

/// What belongs to making a plan has no meaning for one that is made.
fn refuse_planning(args: &Args) -> Result<(), Failure> {
    let planning = &args.planning;
    let given = [
        ("--zone", !planning.zones.selected.zones.is_empty()),
        ("--exclude", !planning.zones.selected.exclude.is_empty()),
        ("--send-unavailable", !planning.send_unavailable.is_empty()),
        ("--since", planning.since.is_some()),
        ("--since-plan", planning.since_plan.is_some()),
        ("--confirm-loosening", !planning.confirm_loosening.is_empty()),
        ("--unprotect", !args.writes.guards.unprotect.is_empty()),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((flag, _)) => Err(Failure::usage(format!("`{flag}` cannot change a saved plan"))
            .hint("a saved plan is applied as it was reviewed; give the flag to `plan --out`")),
        None => Ok(()),
    }
}

fn wanted(args: &Args) -> Wanted<'_, ReportFormat> {
    Wanted::reports(&args.outputs.outputs, Verb::Apply)
        .writes("--journal", args.writes.journal.as_deref())
        .metrics(args.writes.metrics.as_deref())
        .keeps_exit()
}

fn writing<'a>(cx: &'a Context<ReportFormat>, args: &'a Args, approval: Approval) -> Writing<'a> {
    let detail = args.outputs.detail;
    let files = ZoneFiles::Planned;
    Writing { cx, verb: Verb::Apply, args: &args.writes, detail, approval, files, warnings: &[] }
}
