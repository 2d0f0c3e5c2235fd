//! `plan`: shows what differs. It has no way to write.

use super::snapshot;
use crate::cli::args::Plan as Args;
use crate::cli::context::{Job, Work, offline};
use crate::cli::environment::Clock;
use crate::cli::inputs::{self, Inputs};
use crate::cli::output::{FORMATS, Format, Outputs, Wanted, save_plan, show_plan};
use crate::cli::planning::{self, Choices};
use crate::cli::session::Bare;
use crate::cli::write::{guarded, say_refusals};
use crate::cli::{Context, Exit, Failure};
use crate::config::Project;
use crate::plan::Plan;

/// Makes a plan, shows it, and exits as applying it would.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let job = Job {
        wanted: Wanted::new(&args.outputs.outputs, &FORMATS)
            .writes("--out", args.out.as_deref())
            .reads(args.planning.since_plan.as_deref()),
        connection: &args.planning.connection,
        world: Bare::Matching(|(inputs, _): &(Inputs, Choices)| inputs.world()),
        work: |(inputs, _)| Work::reading(inputs.zones.len()),
    };
    let load = |files: &_| {
        let (mut inputs, project) = inputs::load(&args.planning.zones, files)?;
        let choices = Choices::read(&args.planning, &args.guards, &mut inputs)?;
        Ok(((inputs, choices), project))
    };
    if let Some(path) = &args.live {
        let clock = Clock::start();
        let load = |files: &_| Ok((load(files)?, snapshot::load(path)?));
        return offline(
            job.wanted.reads(Some(path)),
            load,
            |outputs, (((inputs, choices), project), snapshot)| {
                let plan = planning::from_snapshot(&snapshot, clock, inputs, choices)?;
                Ok(end(args, outputs, &project, clock, &plan))
            },
        );
    }
    Context::run(
        job,
        |files, _| load(files),
        async |cx, (inputs, choices)| {
            let plan = planning::make(cx, inputs, choices).await;
            Ok(end(args, &cx.outputs, &cx.project, cx.clock, &plan))
        },
    )
}

/// Saves and shows a plan, and says how it ends.
fn end(args: &Args, outputs: &Outputs<Format>, project: &Project, clock: Clock, plan: &Plan) -> Exit {
    if let Some(path) = &args.out {
        outputs.keep(save_plan(path, plan));
    }
    show_plan(outputs, plan, args.outputs.detail);
    if let Err(refusals) = guarded(&args.guards, project, clock, plan) {
        say_refusals("error: apply would be refused", &refusals);
        return Exit::Refused;
    }
    planning::exit(plan, args.detailed_exitcode)
}
