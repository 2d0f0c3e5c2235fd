//! `validate`: checks zone files without any request.

use super::args::Validate;
use super::output::{FORMATS, Format};
use super::{Exit, Failure, inputs, output};
use crate::model::Diagnostic;
use crate::render::{plural, problems_json};

/// Tells all problems of all files, or that there are none.
pub(super) fn run(args: &Validate) -> Result<Exit, Failure> {
    let outputs = output::parse(&args.outputs, &FORMATS)?;
    let (inputs, problems) = inputs::read(&args.zones.paths)?;
    let told = inputs::tell(&problems);
    let zones = match &told {
        Ok(()) => inputs::choose(inputs, &args.zones.zones)?.zones.len(),
        Err(_) => inputs.zones.len(),
    };
    for output in outputs {
        match output.format {
            Format::Text if problems.iter().any(Diagnostic::is_error) => {}
            Format::Text => output.write(&format!("{} valid\n", plural(zones, "zone file")))?,
            Format::Json => output.write_json(&problems_json(zones, &problems))?,
        }
    }
    told.map(|()| Exit::Done)
}
