//! `show`: a saved plan in any format, without network or credentials.

use crate::cli::args::Show;
use crate::cli::commands::plan;
use crate::cli::output;
use crate::cli::output::FORMATS;
use crate::cli::saved;
use crate::cli::{Exit, Failure};

/// Shows a saved plan.
pub(crate) fn run(args: &Show) -> Result<Exit, Failure> {
    let outputs = output::parse(&args.outputs.outputs, &FORMATS)?;
    plan::show(&saved::load(&args.plan, None)?, &outputs, args.outputs.detail)?;
    Ok(Exit::Done)
}
