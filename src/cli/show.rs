//! `show`: a saved plan in any format, without network or credentials.

use super::args::Show;
use super::output::FORMATS;
use super::{Exit, Failure, output, plan, saved};

/// Shows a saved plan.
pub(super) fn run(args: &Show) -> Result<Exit, Failure> {
    let outputs = output::parse(&args.outputs.outputs, &FORMATS)?;
    plan::show(&saved::load(&args.plan, None)?, &outputs, args.outputs.detail)?;
    Ok(Exit::Done)
}
