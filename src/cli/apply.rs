//! `apply`: from zone files it plans, shows and asks; a saved plan is its own approval.

use super::args::Apply as Args;
use super::output::FORMATS;
use super::writing::{Approval, Writing};
use super::{Exit, Failure, connect, inputs, output, planning, protection, saved, stopping};
use crate::run::Stop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Applies zone files, or a saved plan.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    match plan_file(&args.planning.zones.paths) {
        Some(path) => apply_plan(args, path),
        None => apply_zones(args),
    }
}

/// A saved plan: one argument that is a regular file ending in `.json`.
fn plan_file(paths: &[PathBuf]) -> Option<&Path> {
    match paths {
        [path] if path.extension().is_some_and(|end| end == "json") && path.is_file() => Some(path),
        _ => None,
    }
}

fn apply_zones(args: &Args) -> Result<Exit, Failure> {
    if args.partial || args.expect.is_some() {
        return Err(Failure::usage("`--partial` and `--expect` go with a saved plan")
            .hint("make one with `plan --out plan.json`, then `apply plan.json`"));
    }
    let outputs = output::parse(&args.outputs.outputs, &FORMATS)?;
    let mut inputs = inputs::load(&args.planning.zones)?;
    planning::runtime()?.block_on(async {
        let stop = Arc::new(Stop::default());
        let session = connect::open(&args.planning.connection, &inputs.zones, &inputs.project).await?;
        stopping::listen(&stop);
        let plan = planning::make(&args.planning, &args.writes.guards, &mut inputs, &session, &stop).await?;
        let approval = if args.writes.auto_approve { Approval::Given } else { Approval::Asked };
        let (project, detail) = (&inputs.project, args.outputs.detail);
        let writing = Writing {
            args: &args.writes,
            outputs: &outputs,
            detail,
            session: &session,
            project,
            stop: &stop,
        };
        writing.run(&plan, approval).await
    })
}

fn apply_plan(args: &Args, path: &Path) -> Result<Exit, Failure> {
    if !args.planning.zones.zones.is_empty() || !args.planning.send_unavailable.is_empty() {
        return Err(Failure::usage(
            "`--zone` and `--send-unavailable` are for making a plan, not for a saved one",
        )
        .hint("a saved plan is applied as it was reviewed; make another with `plan --out`"));
    }
    if args.planning.since.is_some()
        || args.planning.baseline.is_some()
        || !args.planning.confirm_loosening.is_empty()
    {
        return Err(Failure::usage(
            "`--since`, `--baseline` and `--confirm-loosening` are for making a plan, not for a saved one",
        )
        .hint("give them to `plan --out`"));
    }
    if !args.writes.guards.unprotect.is_empty() {
        return Err(Failure::usage("`--unprotect` is for making a plan, not for a saved one")
            .hint("give it to `plan --out`, so that the zone is part of what is approved"));
    }
    let outputs = output::parse(&args.outputs.outputs, &FORMATS)?;
    let project = inputs::project()?;
    let mut plan = saved::load(path, args.expect.as_deref())?;
    connect::check_address(&plan.provenance().api, &args.planning.connection, "the plan was made")?;
    saved::tell_changed_inputs(&plan);
    protection::block(&mut plan)?;
    planning::runtime()?.block_on(async {
        let stop = Arc::new(Stop::default());
        let session = connect::open(&args.planning.connection, &[], &project).await?;
        stopping::listen(&stop);
        let detail = args.outputs.detail;
        let writing = Writing {
            args: &args.writes,
            outputs: &outputs,
            detail,
            session: &session,
            project: &project,
            stop: &stop,
        };
        writing.run(&plan, Approval::Saved { partial: args.partial }).await
    })
}
