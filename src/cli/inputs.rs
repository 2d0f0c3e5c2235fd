//! Zone files and `botform.yaml`. All problems are shown at once, and no request is sent while there is an error.

use super::args::Zones;
use super::output::{self, Files};
use super::{Exit, Failure, environment};
use crate::config::{self, Loaded, NoMatch, Project};
use crate::emulator::{World, ZoneSeed};
use crate::model::{Desired, Diagnostic, Input};
use crate::render::problems_count;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What a run works from.
#[derive(Debug)]
pub(crate) struct Inputs {
    /// The selected zones, by name.
    pub(crate) zones: Vec<Desired>,
    /// The files that were read.
    pub(crate) files: Vec<Input>,
    /// How many zone files were read, whatever was selected.
    pub(crate) zone_files: usize,
}

/// Loads the zone files and the project, and shows all problems.
pub(crate) fn load(args: &Zones, files: &Files) -> Result<(Inputs, Project), Failure> {
    let (inputs, project, problems) = read(&args.paths, files)?;
    report(&problems)?;
    choose(inputs, &args.zones, &project).map(|inputs| (inputs, project))
}

/// Reads the zone files and the project, with all that is wrong with them. No output may be one of them.
pub(crate) fn read(paths: &[PathBuf], apart: &Files) -> Result<(Inputs, Project, Vec<Diagnostic>), Failure> {
    let folder = environment::current_folder()?;
    let Loaded { zones, inputs: mut files, mut problems } = config::load(paths, &folder);
    let project = project_in(&folder, apart, &mut problems)?;
    files.extend(project.input.clone());
    let read = files
        .iter()
        .map(|input| &input.path)
        .chain(problems.iter().filter_map(|problem| problem.file.as_ref()));
    read.map(Path::new).try_for_each(|path| apart.reads(path))?;
    paths.iter().try_for_each(|path| apart.reads_below(path))?;
    Ok((Inputs { zone_files: zones.len(), zones, files }, project, problems))
}

/// The selected zones, with the account of the project where they name none.
pub(crate) fn choose(inputs: Inputs, patterns: &[String], project: &Project) -> Result<Inputs, Failure> {
    let Inputs { zones, files, zone_files } = inputs;
    let mut zones =
        config::select(zones, |zone| zone.zone.as_str(), patterns).map_err(|error| no_match(&error))?;
    for zone in &mut zones {
        zone.account_id = zone.account_id.take().or_else(|| project.account_id.clone());
    }
    Ok(Inputs { zones, files, zone_files })
}

/// A filter that matches nothing is wrong usage.
pub(crate) fn no_match(error: &NoMatch) -> Failure {
    Failure::usage(error.to_string()).maybe_hint(error.hint())
}

/// The project, with its problems shown after those of the files that go with it.
pub(crate) fn project(apart: &Files, mut problems: Vec<Diagnostic>) -> Result<Project, Failure> {
    let project = project_in(&environment::current_folder()?, apart, &mut problems)?;
    report(&problems)?;
    Ok(project)
}

/// `botform.yaml` of this folder or the nearest one above; an empty project where there is none.
fn project_in(folder: &Path, apart: &Files, problems: &mut Vec<Diagnostic>) -> Result<Project, Failure> {
    let Some(path) = config::find_project(folder) else { return Ok(Project::default()) };
    apart.reads(&path)?;
    Ok(config::load_project(&path, folder).unwrap_or_else(|more| {
        problems.extend(more);
        Project::default()
    }))
}

/// Shows all problems; an error among them ends the run.
pub(crate) fn report(problems: &[Diagnostic]) -> Result<(), Failure> {
    show(problems);
    if problems.iter().any(Diagnostic::is_error) { Err(Failure::shown(Exit::Failed)) } else { Ok(()) }
}

/// Draws all problems on stderr.
pub(crate) fn show(problems: &[Diagnostic]) {
    output::say(&draw(problems));
}

/// How many problems are drawn: nobody reads more, and one generated file can hold thousands.
const MOST_DRAWN: usize = 200;

fn draw(problems: &[Diagnostic]) -> String {
    let color = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let mut text = String::new();
    for problem in problems.iter().take(MOST_DRAWN) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}\n", config::draw(problem, color).trim_end());
    }
    if let Some(more) = problems.len().checked_sub(MOST_DRAWN).filter(|more| *more > 0) {
        let _ = writeln!(text, "… and {more} more; `validate --output json` shows them all\n");
    }
    if let Some(count) = problems_count(problems) {
        let _ = writeln!(text, "{count}");
    }
    text
}

impl Inputs {
    /// A world that matches the zones as their files want them today.
    pub(crate) fn world(&self) -> World {
        let today = environment::Clock::start().today();
        World::matching(self.zones.iter().map(|zone| seed(&zone.on(today))))
    }
}

/// A zone of the emulator as a file has it.
pub(crate) fn seed(zone: &Desired) -> ZoneSeed {
    ZoneSeed {
        name: zone.zone.to_string(),
        id: zone.zone_id.as_ref().map(ToString::to_string),
        account: zone.account_id.as_ref().map(ToString::to_string),
        variant: zone.plan(),
        settings: zone.settings().map(|(setting, wanted)| (setting, wanted.value)).collect(),
    }
}
