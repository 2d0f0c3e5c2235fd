//! `apply`: from zone files it plans, shows and asks; a saved plan is its own approval.

use crate::cli::args::Apply as Args;
use crate::cli::inputs;
use crate::cli::output;
use crate::cli::output::FORMATS;
use crate::cli::planning;
use crate::cli::saved;
use crate::cli::session as connect;
use crate::cli::signals as stopping;
use crate::cli::write::protection;
use crate::cli::write::{Approval, Writing};
use crate::cli::{Exit, Failure};
use crate::run::Stop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Applies zone files, or a saved plan.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
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
        let plan = planning::make(&args.planning, &mut inputs, &session, &stop).await?;
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
    let outputs = output::parse(&args.outputs.outputs, &FORMATS)?;
    let project = inputs::project()?;
    let mut plan = saved::load(path, args.expect.as_deref())?;
    connect::check_address(&plan.api, &args.planning.connection, "the plan was made")?;
    saved::tell_changed_inputs(&plan);
    let files = plan.changing().map(|zone| zone.file.clone()).collect();
    protection::add(&mut plan.zones, files)?;
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
