//! The commands that use no API: `validate`, `show`, `explain`, `schema`, `completions`, and `emulator`, which serves
//! one.

use crate::catalogue::{self, Setting, Variant};
use crate::cli::args::{self, Cli, Completions, Explain, Schema, SchemaName, Show, Validate};
use crate::cli::context::offline;
use crate::cli::environment::Clock;
use crate::cli::output::{FORMATS, Format, Wanted, print, say, show_plan};
use crate::cli::{Exit, Failure, inputs, reviewed, session, signals};
use crate::emulator::{Emulator, World};
use crate::model::Diagnostic;
use crate::render::{plural, problems_json};
use crate::{config, plan, render, run};
use clap::CommandFactory as _;
use std::fmt::Write as _;

/// `validate`: shows all problems of all files, or that there are none.
pub(crate) fn validate(args: &Validate) -> Result<Exit, Failure> {
    let wanted = Wanted::new(&args.outputs, &FORMATS);
    let load = |files: &_| {
        let (inputs, project, mut problems) = inputs::read(&args.zones.paths, files)?;
        problems.extend(config::dated(&inputs.zones, Clock::start().today()));
        Ok((inputs, project, problems))
    };
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

/// `explain`: prints what is known of a setting, or all settings.
pub(crate) fn explain(args: &Explain) -> Result<Exit, Failure> {
    let text = match &args.setting {
        None => catalogue::settings().fold(String::new(), |mut text, setting| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{:<34}{}", setting.name, setting.summary);
            text
        }),
        Some(name) => explanation(catalogue::find(name).ok_or_else(|| unknown(name))?),
    };
    print(&text)?;
    Ok(Exit::Done)
}

fn unknown(name: &str) -> Failure {
    let names: Vec<_> = catalogue::settings().map(|setting| setting.name).collect();
    let failure = Failure::usage(format!("`{name}` is not a setting that this version knows"));
    match config::suggest(name, names.iter().copied()) {
        Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
        None => failure.hint("`botform explain` lists all settings"),
    }
}

/// What is known of a setting.
pub(crate) fn explanation(setting: &Setting) -> String {
    let mut text = format!("{}\n  {}\n\n", setting.name, setting.summary);
    for value in setting.values() {
        let neutral = if setting.neutral == Some(value) { "  (neutral)" } else { "" };
        let meaning = setting.meaning(value).unwrap_or_default();
        let _ = writeln!(text, "  {:<20}{meaning}{neutral}", value.to_string());
    }
    let words = |variants: &[Variant]| variants.iter().map(|v| v.word()).collect::<Vec<_>>().join(", ");
    if setting.is_read_only() {
        text.push_str("  read-only: it is reported by GET and cannot be written\n");
    } else {
        let _ = writeln!(text, "\n  plan variants:  {}", words(setting.settable_on));
    }
    if !setting.stale_on.is_empty() {
        let _ = writeln!(text, "  may be stale on: {}", words(setting.stale_on));
    }
    for advice in setting.advice() {
        let _ = writeln!(text, "  caution: {advice}");
    }
    let _ = writeln!(text, "  documentation: {}", setting.docs);
    text
}

/// `schema`: prints the JSON Schema of a document.
pub(crate) fn schema(args: &Schema) -> Result<Exit, Failure> {
    let schema = match args.name {
        SchemaName::Zone => config::zone_schema(),
        SchemaName::Baseline => config::baseline_schema(),
        SchemaName::Project => config::project_schema(),
        SchemaName::Feedback => config::feedback_schema(),
        SchemaName::Plan => plan::schema(),
        SchemaName::Problems => render::problems_schema(),
        SchemaName::Journal => run::journal_schema(),
        SchemaName::Snapshot => run::snapshot_schema(),
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
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "botform", &mut script);
    print(&String::from_utf8_lossy(&script))?;
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
