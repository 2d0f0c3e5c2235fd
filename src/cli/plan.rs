//! `plan`: shows what differs. It is given no way to write.

use super::args::Plan as Args;
use super::output::{FORMATS, Format, Output};
use super::{Exit, Failure, connect, guarding, inputs, output, planning, stopping};
use crate::files::Access;
use crate::plan::{Document, Plan};
use crate::render::PlanText;
use crate::run::Stop;
use std::sync::Arc;

/// Makes a plan and shows it.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let outputs = output::parse(&args.outputs.outputs, &FORMATS)?;
    let mut inputs = inputs::load(&args.planning.zones)?;
    let plan = planning::runtime()?.block_on(async {
        let stop = Arc::new(Stop::default());
        let session = connect::open(&args.planning.connection, &inputs.zones, &inputs.project).await?;
        stopping::listen(&stop);
        planning::make(&args.planning, &mut inputs, &session, &stop).await
    })?;
    show(&plan, &outputs, args.outputs.detail)?;
    if let Some(path) = &args.out {
        output::write_file(path, Access::Private, |file| output::pretty(&Document::new(&plan), file))?;
    }
    output::say(&guarding::warnings(&args.guards, &inputs.project, &plan));
    Ok(planning::exit(&plan, args.detailed_exitcode))
}

/// Writes a plan to all its outputs.
pub(super) fn show(plan: &Plan, outputs: &[Output<Format>], detail: bool) -> Result<(), Failure> {
    outputs.iter().try_for_each(|output| match output.format {
        Format::Text => output.write(&PlanText::new(plan, output.paint(), detail).to_string()),
        Format::Json => output.write_json(&Document::new(plan)),
    })
}
