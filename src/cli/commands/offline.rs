//! The commands that use no API: `validate`, `show`, `schema`, `completions`, and `emulator`, which serves
//! one.

use crate::cli::args::{self, Completions, Schema, SchemaName, Show, Validate};
use crate::cli::context::offline;
use crate::cli::output::{FORMATS, Format, Wanted, print, say, show_plan};
use crate::cli::{Exit, Failure, inputs, reviewed, session, signals};
use crate::emulator::{Emulator, World};
use crate::model::Diagnostic;
use crate::render::{plural, problems_json};
use crate::{config, plan, render, run};

/// `validate`: shows all problems of all files, or that there are none.
pub(crate) fn validate(args: &Validate) -> Result<Exit, Failure> {
    let wanted = Wanted::new(&args.outputs, &FORMATS);
    let load = |files: &_| inputs::read(&args.zones.paths, files);
    offline(wanted, load, |outputs, (inputs, project, problems)| {
        let checked = inputs::report(&problems);
        let zones = match &checked {
            Ok(()) => inputs::choose(inputs, &args.zones.zones, &project)?.zones.len(),
            Err(_) => inputs.zones.len(),
        };
        outputs.show(|output| match output.format {
            Format::Text if problems.iter().any(Diagnostic::is_error) => Ok(()),
            Format::Text => output.write(&format!("{} valid\n", plural(zones, "zone file"))),
            Format::Json => output.write_json(&problems_json(zones, &problems)),
        });
        checked.map(|()| Exit::Done)
    })
}

/// `show`: shows a saved plan in any format.
pub(crate) fn show(args: &Show) -> Result<Exit, Failure> {
    let wanted = Wanted::new(&args.outputs.outputs, &FORMATS).reads(Some(&args.plan));
    offline(
        wanted,
        |_| reviewed::load_plan(&args.plan, None),
        |outputs, plan| {
            show_plan(outputs, &plan, args.outputs.detail);
            Ok(Exit::Done)
        },
    )
}

/// `schema`: prints the JSON Schema of a document.
pub(crate) fn schema(args: &Schema) -> Result<Exit, Failure> {
    let schema = match args.name {
        SchemaName::Zone => config::zone_schema(),
        SchemaName::Project => config::project_schema(),
        SchemaName::Feedback => config::feedback_schema(),
        SchemaName::Plan => plan::schema(),
        SchemaName::Problems => render::problems_schema(),
        SchemaName::Doctor => render::doctor_schema(),
        SchemaName::Explanation => render::explanation_schema(),
        SchemaName::Journal => run::journal_schema(),
        SchemaName::FeedbackList => render::feedback_list_schema(),
        SchemaName::FeedbackPlan => render::feedback_plan_schema(),
        SchemaName::Submissions => render::submissions_schema(),
        SchemaName::SubmissionsSummary => render::submissions_summary_schema(),
    };
    print(&format!("{schema:#}\n"))?;
    Ok(Exit::Done)
}

/// `completions`: prints a completion script.
pub(crate) fn completions(args: &Completions) -> Result<Exit, Failure> {
    print(&args::completion_script(args.shell))?;
    Ok(Exit::Done)
}

/// `emulator`: serves a world over HTTP until it is stopped.
pub(crate) fn emulator(args: &args::Emulator) -> Result<Exit, Failure> {
    let world = match &args.world {
        Some(path) => session::read_world(path)?,
        None => World::matching([]),
    };
    signals::runtime()?.block_on(async {
        let emulator = Emulator::start(world, args.listen)
            .await
            .map_err(|error| Failure::new(format!("cannot listen on {}: {error}", args.listen)))?;
        print(&format!("{}\n", emulator.base_url()))?;
        say(
            "serving until Ctrl-C; point CLOUDFLARE_BASE_URL at the address, with any CLOUDFLARE_API_TOKEN\n",
        );
        signals::wait().await.map_err(|error| Failure::of(&error).context("cannot listen for signals"))?;
        Ok(Exit::Done)
    })
}
