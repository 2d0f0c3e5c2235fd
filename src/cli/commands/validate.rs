//! `validate`: checks zone files without any request.

use crate::cli::args::Validate as Args;
use crate::cli::context::offline;
use crate::cli::output::{FORMATS, Format, Wanted};
use crate::cli::{Exit, Failure, inputs};
use crate::model::Diagnostic;
use crate::render::{plural, problems_json};

/// Shows all problems of all files, or that there are none.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let wanted = Wanted::new(&args.outputs, &FORMATS);
    let load = |files: &_| inputs::read(&args.zones.paths, files);
    offline(wanted, load, |outputs, (inputs, project, problems)| {
        let told = inputs::tell(&problems);
        let zones = match &told {
            Ok(()) => inputs::choose(inputs, &args.zones.zones, &project)?.zones.len(),
            Err(_) => inputs.zones.len(),
        };
        outputs.show(|output| match output.format {
            Format::Text if problems.iter().any(Diagnostic::is_error) => Ok(()),
            Format::Text => output.write(&format!("{} valid\n", plural(zones, "zone file"))),
            Format::Json => output.write_json(&problems_json(zones, &problems)),
        });
        told.map(|()| Exit::Done)
    })
}
