//! `apply`: plans zone files, shows the plan and asks; a saved plan was approved when it was reviewed.

use crate::cli::approving::{Approving, Settling};
use crate::cli::args::{Apply as Args, Planning};
use crate::cli::context::Work;
use crate::cli::environment::Clock;
use crate::cli::inputs;
use crate::cli::output::{Outputs, ReportFormat, Wanted};
use crate::cli::planning::{self, Choices};
use crate::cli::write::{self, Approval, Writing};
use crate::cli::{Context, Failure, reviewed, session};
use crate::emulator::World;
use crate::plan::{Plan, SourceKind};
use crate::report::{Ending, Verb};
use crate::run::{Refused, ZoneFiles};
use std::path::{Path, PathBuf};

/// Applies zone files, or a saved plan.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let clock = Clock::start();
    let Planning { zones, connection, since_plan, .. } = &args.planning;
    let saved = plan_file(&zones.paths);
    match saved {
        Some(_) => refuse_planning(args)?,
        None => refuse_saved(args)?,
    }
    session::check(connection)?;
    let outputs = Wanted::reports(&args.outputs.outputs, Verb::Apply)
        .writes("--journal", args.writes.journal.as_deref())
        .writes("--last-applied", args.approved.last_applied.as_deref())
        .reads_all(args.approved.approved.iter().map(|approval| approval.plan.as_path()))
        .reads(args.approved.approved_from.as_deref())
        .metrics(args.writes.metrics.as_deref())
        .reads(connection.world_file())
        .reads(saved.or(since_plan.as_deref()))
        .keeps_exit()
        .check()?;
    outputs.finish(match saved {
        Some(path) => apply_plan(args, path, &outputs, clock),
        None => apply_zones(args, &outputs, clock),
    })
}

/// A saved plan: one argument that is a file with the content of one, or that ends in `.json`.
fn plan_file(paths: &[PathBuf]) -> Option<&Path> {
    match paths {
        [path] if reviewed::is_saved_plan(path) => Some(path),
        [path] if path.extension().is_some_and(|end| end == "json") && path.is_file() => Some(path),
        _ => None,
    }
}

fn apply_zones(args: &Args, outputs: &Outputs<ReportFormat>, clock: Clock) -> Result<Ending, Failure> {
    let (mut inputs, project) = inputs::load(&args.planning.zones, &outputs.files)?;
    inputs::check_overrides(&args.writes.guards, &project)?;
    let mut choices = Choices::read(&args.planning, &args.writes.guards, &mut inputs, &project, clock)?;
    let approving = Approving::read(&args.approved, choices.take_recorded(), &inputs.zones, clock.today())?;
    let warnings = std::mem::take(&mut inputs.warnings);
    let cx = Context::connect(outputs, &args.planning.connection, project, clock, || inputs.world())?;
    choices.limit(planning::Limit { part: args.planning.sharding.part(), changed: None }, &mut inputs);
    let budgets = cx.session.client.budgets(inputs.zones.iter().map(|zone| zone.account_id.as_ref()));
    cx.announce(Work::reading(inputs.zones.len()), &budgets);
    let plan = approving.restrict(cx.block_on(planning::make(&cx, inputs, choices)));
    let (plan, settling) = approving.claim(plan)?;
    let approvals = approving.approvals.as_ref();
    let approval = if approvals.is_some() { Approval::Given } else { Approval::of(&args.writes) };
    let writing = Writing::new(&cx, Verb::Apply, (&args.writes, &args.outputs), approval, ZoneFiles::Planned);
    let writing = Writing { warnings: &warnings, approvals, settling: settling.as_ref(), ..writing };
    Ok(cx.block_on(writing.run(&plan)))
}

fn apply_plan(
    args: &Args,
    path: &Path,
    outputs: &Outputs<ReportFormat>,
    clock: Clock,
) -> Result<Ending, Failure> {
    let connection = &args.planning.connection;
    let mut project = inputs::project(&outputs.files, Vec::new())?;
    inputs::check_overrides(&args.writes.guards, &project)?;
    let mut plan = reviewed::load_plan(path, args.expect.as_deref())?;
    refuse_snapshot(&plan)?;
    reviewed::check_last_claim(&plan)?;
    let mut settling = None;
    if let Some(file) = &args.approved.last_applied {
        let (left, record) = Settling::of_saved(plan, file, &args.planning.last_journal)?;
        (plan, settling) = (left, Some(record));
    }
    session::check_address(&plan.provenance().api, connection, "the plan was made")?;
    reviewed::warn_of_changed_inputs(&plan);
    let now = write::look(plan.sources().cloned(), &outputs.files, &mut project, clock.today())?;
    now.block(&mut plan);
    let files = ZoneFiles::Now(&now);
    let mut refused = Vec::new();
    if let Some(shard) = args.planning.sharding.part() {
        // A guard judges the whole plan that was reviewed, of which each machine only writes a part.
        let whole = write::guarded(&args.writes.guards, &project, &plan, files, None);
        refused = whole.err().map_or_else(Vec::new, Vec::from);
        plan = plan.shard(shard);
    }
    let cx = Context::connect(outputs, connection, project, clock, World::default)?;
    let budgets = cx.session.client.budgets(plan.zones().iter().map(|zone| zone.account_id.as_ref()));
    cx.announce(Work::applying_saved(plan.zones()), &budgets);
    let approval = Approval::Saved { partial: args.partial };
    let writing = Writing::new(&cx, Verb::Apply, (&args.writes, &args.outputs), approval, files);
    let writing = Writing { settling: settling.as_ref(), refused: &refused, ..writing };
    Ok(cx.block_on(writing.run(&plan)))
}

/// Refuses a plan from a snapshot before the API is opened, which may need credentials.
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

/// Refuses flags that only make sense for a saved plan.
fn refuse_saved(args: &Args) -> Result<(), Failure> {
    if args.partial || args.expect.is_some() {
        return Err(Failure::usage("`--partial` and `--expect` need a saved plan")
            .hint("make one with `plan --out plan.json`, then run `apply plan.json`"));
    }
    Ok(())
}

/// Refuses flags that only make sense when a plan is made.
fn refuse_planning(args: &Args) -> Result<(), Failure> {
    let planning = &args.planning;
    let given = [
        ("--zone", !planning.zones.selected.zones.is_empty()),
        ("--exclude", !planning.zones.selected.exclude.is_empty()),
        ("--send-unavailable", !planning.send_unavailable.is_empty()),
        ("--since", planning.since.is_some()),
        ("--since-plan", planning.since_plan.is_some()),
        ("--approved", !args.approved.approved.is_empty()),
        ("--approved-from", args.approved.approved_from.is_some()),
        ("--only-ended", args.approved.only_ended),
        ("--confirm-loosening", !planning.confirm_loosening.is_empty()),
        ("--unprotect", !args.writes.guards.unprotect.is_empty()),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((flag, _)) => Err(Failure::usage(format!("`{flag}` cannot change a saved plan"))
            .hint("a saved plan is applied as it was reviewed; give the flag to `plan --out`")),
        None => Ok(()),
    }
}
