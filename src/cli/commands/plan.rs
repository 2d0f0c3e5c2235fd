//! `plan`: shows what differs. It has no way to write.

use crate::cli::args::Plan as Args;
use crate::cli::context::{Job, Work};
use crate::cli::inputs::{self, Inputs};
use crate::cli::output::{FORMATS, Wanted, save_plan, show_plan};
use crate::cli::planning::{self, Choices};
use crate::cli::session::Bare;
use crate::cli::write::{guarded, say_refusals};
use crate::cli::{Context, Exit, Failure, reviewed};

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
    let load = |files: &_, _| {
        args.out.as_deref().map_or(Ok(()), reviewed::may_replace)?;
        let (mut inputs, project) = inputs::load(&args.planning.zones, files)?;
        inputs::check_overrides(&args.guards, &project)?;
        let choices = Choices::read(&args.planning, &args.guards, &mut inputs)?;
        Ok(((inputs, choices), project))
    };
    Context::run(job, load, async |cx, (inputs, choices)| {
        let plan = planning::make(cx, inputs, choices).await;
        if let Some(path) = &args.out {
            cx.outputs.keep(save_plan(path, &plan));
        }
        show_plan(&cx.outputs, &plan, args.outputs.detail);
        if let Err(refusals) = guarded(&args.guards, &cx.project, cx.clock, &plan) {
            say_refusals("error: apply would be refused", &refusals);
            return Ok(Exit::Refused);
        }
        Ok(planning::exit(&plan, args.detailed_exitcode))
    })
}
