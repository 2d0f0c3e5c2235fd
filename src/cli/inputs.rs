//! Zone files and `botform.yaml`. All problems are shown at once, and no request is sent while there is an error.

use super::args::{Guards as GuardArgs, Selected, Zones};
use super::output::{self, Files};
use super::{Exit, Failure, environment, reviewed};
use crate::config::{self, Loaded, Project};
use crate::emulator::{World, ZoneSeed};
use crate::model::{Desired, Diagnostic, Input, clean};
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
    choose(inputs, &args.selected).map(|inputs| (inputs, project))
}

/// Reads the zone files and the project, with all that is wrong with them. No output may be one of them.
pub(crate) fn read(paths: &[PathBuf], apart: &Files) -> Result<(Inputs, Project, Vec<Diagnostic>), Failure> {
    refuse_saved_plans(paths)?;
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

/// A saved plan among the paths of zone files is one mistake, whatever its keys are.
pub(crate) fn refuse_saved_plans(paths: &[PathBuf]) -> Result<(), Failure> {
    let Some(plan) = paths.iter().find(|path| reviewed::is_saved_plan(path)) else { return Ok(()) };
    let name = plan.display();
    Err(Failure::usage(format!("{name} is a saved plan, not one of the files that are read here")).hint(
        format!("`botform show {name}` shows it; `botform apply {name}`, without other paths, applies it"),
    ))
}

/// Refuses to override what the project does not have. The ids of policies are taken as they are written.
pub(crate) fn check_overrides(guards: &GuardArgs, project: &Project) -> Result<(), Failure> {
    let is_unknown = |id: &&String| !project.policy.iter().any(|policy| policy.id == **id);
    let Some(id) = guards.override_policy.iter().find(is_unknown) else { return Ok(()) };
    let meant = config::suggest(id, project.policy.iter().map(|policy| policy.id.as_str()));
    Err(Failure::usage(format!("`--override-policy {id}`: botform.yaml has no policy with this id"))
        .maybe_hint(meant.map(|id| format!("did you mean `{id}`?"))))
}

/// The selected zones.
pub(crate) fn choose(inputs: Inputs, selected: &Selected) -> Result<Inputs, Failure> {
    let zones = select(inputs.zones, |zone| zone.zone.as_str(), selected)?;
    Ok(Inputs { zones, ..inputs })
}

/// The selected items; a filter that matches nothing is wrong usage.
pub(crate) fn select<T>(
    items: Vec<T>,
    name_of: impl Fn(&T) -> &str,
    selected: &Selected,
) -> Result<Vec<T>, Failure> {
    config::select(items, name_of, &selected.zones, &selected.exclude)
        .map_err(|error| Failure::usage(error.to_string()).maybe_hint(error.hint()))
}

/// Refuses a name that a flag gives and that is none of those of this run; letter case does not count.
pub(crate) fn check_known<'n>(
    flag: &str,
    names: &[String],
    what: &str,
    known: impl Iterator<Item = &'n str> + Clone,
) -> Result<(), Failure> {
    let is_unknown = |name: &&String| !known.clone().any(|known| known.eq_ignore_ascii_case(name));
    let Some(name) = names.iter().find(is_unknown) else { return Ok(()) };
    let meant = config::suggest(name, known.clone()).map(|meant| format!("did you mean `{meant}`?"));
    Err(Failure::usage(format!("`{flag} {name}` names no {what} of this run")).maybe_hint(meant))
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
    tracing::info!(file = %path.display(), "the project file");
    if path.parent() != Some(folder) {
        output::say(&format!("note: the project file is {}\n", clean(&path.to_string_lossy())));
    }
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
    /// The names of the zones.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.zones.iter().map(|zone| zone.zone.as_str())
    }

    /// A world that matches the zones.
    pub(crate) fn world(&self) -> World {
        World::matching(self.zones.iter().map(seed))
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
