//! Zone files and `botform.yaml`: all problems are told at once, and no request is sent while one stands.

use super::args::Zones;
use super::{Exit, Failure, environment, output};
use crate::config::{self, Loaded, Project};
use crate::model::{Desired, Diagnostic, Input};
use crate::render::problems_count;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What a run works from.
#[derive(Debug)]
pub(super) struct Inputs {
    /// The zones that were asked for, by name.
    pub(super) zones: Vec<Desired>,
    /// The files.
    pub(super) files: Vec<Input>,
    /// How many zone files were read, whatever was asked for.
    pub(super) zone_files: usize,
    /// The settings of the project.
    pub(super) project: Project,
}

/// Loads the zone files and the project, and tells all problems.
pub(super) fn load(args: &Zones) -> Result<Inputs, Failure> {
    let (inputs, problems) = read(&args.paths)?;
    tell(&problems)?;
    choose(inputs, &args.zones)
}

/// Reads the zone files and the project, with all that is wrong with them.
pub(super) fn read(paths: &[PathBuf]) -> Result<(Inputs, Vec<Diagnostic>), Failure> {
    let folder = environment::current_folder()?;
    let Loaded { zones, inputs: mut files, mut problems } = config::load(paths, &folder);
    let project = find_project(&folder).unwrap_or_else(|more| {
        problems.extend(more);
        Project::default()
    });
    files.extend(project.input.clone());
    Ok((Inputs { zone_files: zones.len(), zones, files, project }, problems))
}

/// The zones that were asked for, with the account of the project where they name none.
pub(super) fn choose(inputs: Inputs, patterns: &[String]) -> Result<Inputs, Failure> {
    let Inputs { zones, files, zone_files, project } = inputs;
    let mut zones = config::select(zones, |zone| zone.zone.as_str(), patterns)
        .map_err(|error| Failure::new(error.to_string()).maybe_hint(error.hint()))?;
    for zone in &mut zones {
        zone.account_id = zone.account_id.take().or_else(|| project.account_id.clone());
    }
    Ok(Inputs { zones, files, zone_files, project })
}

/// The project alone.
pub(super) fn project() -> Result<Project, Failure> {
    project_with(&[])
}

/// The project, with its problems told after those of the files that go with it.
pub(super) fn project_with(problems: &[Diagnostic]) -> Result<Project, Failure> {
    let mut problems = problems.to_vec();
    let project = find_project(&environment::current_folder()?).unwrap_or_else(|more| {
        problems.extend(more);
        Project::default()
    });
    tell(&problems)?;
    Ok(project)
}

/// `botform.yaml` of this folder or the nearest one above; an empty project where there is none.
fn find_project(folder: &Path) -> Result<Project, Vec<Diagnostic>> {
    config::find_project(folder)
        .map_or_else(|| Ok(Project::default()), |path| config::load_project(&path, folder))
}

/// Draws all problems on stderr; errors end the run.
pub(super) fn tell(problems: &[Diagnostic]) -> Result<(), Failure> {
    output::say(&draw(problems));
    if problems.iter().any(Diagnostic::is_error) { Err(Failure::told(Exit::Failed)) } else { Ok(()) }
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
        let _ = writeln!(text, "… and {more} more, all of them with `validate --output json`\n");
    }
    if let Some(count) = problems_count(problems) {
        let _ = writeln!(text, "{count}");
    }
    text
}
