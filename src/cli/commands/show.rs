//! `show`: a saved plan in any format, without network or credentials.

use crate::cli::args::Show as Args;
use crate::cli::context::offline;
use crate::cli::output::{FORMATS, Wanted, show_plan};
use crate::cli::{Exit, Failure, saved};

/// Shows a saved plan.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let wanted = Wanted::new(&args.outputs.outputs, &FORMATS).reads(Some(&args.plan));
    offline(
        wanted,
        |_| saved::load(&args.plan, None),
        |outputs, plan| {
            show_plan(outputs, &plan, args.outputs.detail);
            Ok(Exit::Done)
        },
    )
}
