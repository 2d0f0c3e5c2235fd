//! `validate`: checks zone files without any request.

use super::args::{Validate, Zones};
use super::{Exit, Failure, inputs, output};
use crate::render::plural;

/// Tells all problems of all files, or that there are none.
pub(super) fn run(args: &Validate) -> Result<Exit, Failure> {
    let inputs = inputs::load(&Zones { paths: args.paths.clone(), zones: Vec::new() })?;
    output::print(&format!("{} valid\n", plural(inputs.zones.len(), "zone file")))?;
    Ok(Exit::Done)
}
