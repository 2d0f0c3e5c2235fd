//! `plan`: shows what differs. It has no way to write.

use crate::cli::args::Plan as Args;
use crate::cli::context::{Job, Work};
use crate::cli::inputs::{self, Inputs};
use crate::cli::output::{FORMATS, Wanted, save_plan, say, show_plan};
use crate::cli::planning::{self, Choices};
use crate::cli::session::Bare;
use crate::cli::write::{guarded, say_refusals};
use crate::cli::{Context, Exit, Failure};
use crate::model::clean;
use crate::plan::Plan;
use std::path::Path;

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
        let (mut inputs, project) = inputs::load(&args.planning.zones, files)?;
        inputs::check_overrides(&args.guards, &project)?;
        let choices = Choices::read(&args.planning, &args.guards, &mut inputs, &project)?;
        Ok(((inputs, choices), project))
    };
    Context::run(job, load, async |cx, (inputs, choices)| {
        let plan = planning::make(cx, inputs, choices).await;
        let saved = args.out.as_deref().filter(|path| cx.outputs.keep(save_plan(path, &plan)));
        show_plan(&cx.outputs, &plan, args.outputs.detail);
        if let Err(refusals) = guarded(&args.guards, &cx.project, cx.clock, &plan) {
            say_refusals("error: apply would be refused", &refusals);
            return Ok(Exit::Refused);
        }
        if let Some(path) = saved {
            say_saved(args, path, &plan);
        }
        Ok(planning::exit(&plan, args.detailed_exitcode))
    })
}

/// Says where the plan is saved, and how exactly this plan is applied.
fn say_saved(args: &Args, path: &Path, plan: &Plan) {
    let path = path.to_string_lossy();
    let mut text = format!("saved to {}", clean(&path));
    if plan.changing().next().is_some() {
        text.push_str(&format!(
            "; apply it with\n  botform apply {} --expect {}",
            word(&path),
            plan.digest().short()
        ));
        let connection = &args.planning.connection;
        for (flag, value) in [("--emulate", &connection.emulate), ("--base-url", &connection.base_url)] {
            text.extend(value.iter().map(|value| format!(" {flag}={}", word(value))));
        }
    }
    say(&format!("{text}\n"));
}

/// A text as one word of a shell.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    let text = clean(text);
    let path = if text.starts_with('-') { format!("./{text}") } else { text.into_owned() };
    if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
