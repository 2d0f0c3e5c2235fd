//! Zone files and `botform.yaml`. All problems are shown at once, and no request is sent while there is an error.

use super::args::{Guards as GuardArgs, Selected, Zones};
use super::output::{self, Files, Level, say};
use super::{Failure, environment, reviewed};
use crate::config::{self, Canvas, Loaded, Loader, Options, Project};
use crate::emulator::{World, ZoneSeed};
use crate::files::{self, Disk};
use crate::model::{Desired, Diagnostic, DiagnosticKind, Identity, Input, Named, Severity};
use crate::render::{Page, Paint, problems_text};
use crate::report::Ending;
use std::path::{Path, PathBuf};

/// Where zone files are searched for if no path is given.
pub(crate) const DEFAULT_PATH: &str = "zones";

/// The inputs of a run.
#[derive(Debug)]
pub(crate) struct Inputs {
    /// The selected zones, by name.
    pub(crate) zones: Vec<Desired>,
    /// The files that were read.
    pub(crate) files: Vec<Input>,
    /// The feedback reports among the named files, which were not checked.
    pub(crate) reports: Vec<PathBuf>,
    /// How many zone files the project has, whatever was selected.
    pub(crate) zone_files: usize,
    /// The warnings and notes about the files.
    pub(crate) warnings: Vec<Diagnostic>,
}

/// A loader for the files of this machine, relative to a folder.
pub(crate) fn loader(current: &Path) -> Loader<'_> {
    Loader::new(&Disk, current)
}

/// Reads a file of a bounded size; `file` is its name in problems.
pub(crate) fn read_file(path: &Path, file: &str, options: Options) -> Result<Vec<u8>, Box<Diagnostic>> {
    files::read(path, options.max_bytes).map_err(|error| Box::new(config::unreadable(file, &error)))
}

/// Loads the zone files and the project, and shows all problems.
pub(crate) fn load(args: &Zones, files: &Files) -> Result<(Inputs, Project), Failure> {
    let (inputs, project, mut problems) = read(&args.paths, files)?;
    problems.extend(inputs.reports.iter().map(|report| no_zone_file(report)));
    report(&problems)?;
    if inputs.zones.is_empty() {
        return Err(Failure::new("there are no zone files yet")
            .hint("write one, or let `botform import` write one for each live zone"));
    }
    let inputs = choose(inputs, &args.selected)?;
    Ok((Inputs { warnings: problems, ..inputs }, project))
}

/// The problem with a feedback report among zone files.
fn no_zone_file(report: &Path) -> Diagnostic {
    let file = report.display().to_string();
    let folder = files::folder_of(report).display().to_string();
    let hint = format!("`botform validate {folder}` checks it; `botform feedback plan {folder}` plans it");
    Diagnostic::of_file(file, "this is a feedback report, not a zone file").hint(hint)
}

/// Reads the zone files and the project, with all of their problems. No output may be one of these files.
pub(crate) fn read(paths: &[PathBuf], apart: &Files) -> Result<(Inputs, Project, Vec<Diagnostic>), Failure> {
    refuse_saved_plans(paths)?;
    let folder = environment::current_folder()?;
    let mut of_project = Vec::new();
    let mut project = project_in(&folder, apart, &mut of_project)?;
    let below = project_folder(&project, &folder);
    let Loaded { zones, inputs: mut files, mut problems, others, reports } =
        loader(&folder).load_in(below.as_deref(), paths);
    let zone_files = zones.len() + others.len();
    project.guards.zone_files = below.map(|_| zone_files);
    problems.extend(of_project);
    if !problems.iter().any(Diagnostic::is_error) {
        let zones: Vec<_> = zones.iter().chain(&others).map(Desired::identity).collect();
        problems.extend(with_lines(unmatched(&project, &zones, paths)));
    }
    files.extend(project.input.clone());
    let read = files
        .iter()
        .map(|input| &input.path)
        .chain(problems.iter().filter_map(|problem| problem.file.as_ref()))
        .chain(others.iter().filter_map(|zone| zone.file.as_ref()));
    read.map(Path::new).try_for_each(|path| apart.reads(path))?;
    paths.iter().try_for_each(|path| apart.reads_below(path))?;
    Ok((Inputs { zones, files, reports, zone_files, warnings: Vec::new() }, project, problems))
}

/// The folder of the project file, if there is one.
pub(crate) fn project_folder(project: &Project, current: &Path) -> Option<PathBuf> {
    current.join(&project.input.as_ref()?.path).parent().map(Path::to_owned)
}

/// The patterns of policies that no zone file matches. Such a policy applies to no zone, and nobody would notice; but
/// with other paths than the default, the run may just have left its zones out.
fn unmatched(project: &Project, zones: &[Identity<'_>], paths: &[PathBuf]) -> Vec<Diagnostic> {
    let severity = if paths == [Path::new(DEFAULT_PATH)] { Severity::Error } else { Severity::Note };
    let mut problems = Vec::new();
    for policy in &project.policy {
        let is_matched = |pattern: &&String| zones.iter().any(|zone| zone.is_meant_by(pattern));
        for pattern in policy.zones.iter().filter(|pattern| !is_matched(pattern)) {
            let message = format!("policy `{}`: no zone file has a zone that `{pattern}` matches", policy.id);
            let meant = config::meant(pattern, zones.iter().map(|zone| (*zone).into()));
            let hint =
                meant.map_or_else(|| "correct the pattern, or remove it".to_owned(), |meant| meant.hint());
            let problem = Diagnostic::new(severity, message).kind(DiagnosticKind::Policy).hint(hint);
            let file = project.input.as_ref().map(|input| input.path.as_str());
            problems.push(problem.at(file.unwrap_or_default(), policy.place));
        }
    }
    problems
}

/// Refuses a saved plan among the paths of zone files with one message, instead of one for each of its keys.
pub(crate) fn refuse_saved_plans(paths: &[PathBuf]) -> Result<(), Failure> {
    let Some(plan) = paths.iter().find(|path| reviewed::is_saved_plan(path)) else { return Ok(()) };
    let name = plan.display();
    Err(Failure::usage(format!("{name} is a saved plan, not a file that this command reads")).hint(format!(
        "`botform show {name}` shows it; `botform apply {name}`, without other paths, applies it"
    )))
}

/// Refuses to override a policy that the project does not have. Policy ids are case-sensitive.
pub(crate) fn check_overrides(guards: &GuardArgs, project: &Project) -> Result<(), Failure> {
    let is_unknown = |id: &&String| !project.policy.iter().any(|policy| policy.id == **id);
    let Some(id) = guards.override_policy.iter().find(is_unknown) else { return Ok(()) };
    let meant = config::suggest(id, project.policy.iter().map(|policy| policy.id.as_str()));
    Err(Failure::usage(format!("`--override-policy {id}`: botform.yaml has no policy with this id"))
        .maybe_hint(meant.map(|id| format!("did you mean `{id}`?"))))
}

/// The selected zones.
pub(crate) fn choose(inputs: Inputs, selected: &Selected) -> Result<Inputs, Failure> {
    let zones = select(inputs.zones, |zone| zone.identity().into(), selected)?;
    Ok(Inputs { zones, ..inputs })
}

/// The selected items; a filter that matches nothing is wrong usage.
pub(crate) fn select<T>(
    items: Vec<T>,
    named: impl Fn(&T) -> Named<'_>,
    selected: &Selected,
) -> Result<Vec<T>, Failure> {
    config::select(items, named, &selected.zones, &selected.exclude)
        .map_err(|error| Failure::usage(error.to_string()).maybe_hint(error.hint()))
}

/// Refuses a name in a flag that this run does not have, in any letter case.
pub(crate) fn check_known<'n>(
    flag: &str,
    names: &[String],
    what: &str,
    known: impl Iterator<Item = &'n str> + Clone,
) -> Result<(), Failure> {
    let is_unknown = |name: &&String| !known.clone().any(|known| known.eq_ignore_ascii_case(name));
    let Some(name) = names.iter().find(is_unknown) else { return Ok(()) };
    let meant = config::suggest(name, known.clone()).map(|meant| format!("did you mean `{meant}`?"));
    Err(Failure::usage(format!("`{flag} {name}` is not a {what}")).maybe_hint(meant))
}

/// Checks that each value of a flag means one zone of the run. If two accounts have a name, the name alone means
/// neither.
pub(crate) fn one_zone_each(flag: &str, called: &[String], zones: &[Desired]) -> Result<(), Failure> {
    for called in called {
        let meant = zones.iter().map(Desired::identity).filter(|zone| zone.is_called(called));
        match meant.map(Identity::label).collect::<Vec<_>>().as_slice() {
            [] => {
                let zones = zones.iter().map(|zone| zone.identity().into());
                let meant = config::meant(called, zones).map(|meant| meant.hint());
                let what = format!("`{flag} {called}` is not a zone of this run");
                return Err(Failure::usage(what).maybe_hint(meant));
            }
            [_] => {}
            several => {
                let what = format!("`{flag} {called}`: {} zones of this run have this name", several.len());
                let each: Vec<_> = several.iter().map(|label| format!("`{flag} {label}`")).collect();
                return Err(Failure::usage(what).hint(format!("say which one: {}", each.join(" or "))));
            }
        }
    }
    Ok(())
}

/// The project; its problems are shown after those of the other files.
pub(crate) fn project(apart: &Files, mut problems: Vec<Diagnostic>) -> Result<Project, Failure> {
    let project = project_in(&environment::current_folder()?, apart, &mut problems)?;
    report(&problems)?;
    Ok(project)
}

/// `botform.yaml` of this folder or the nearest one above; an empty project if there is none.
fn project_in(folder: &Path, apart: &Files, problems: &mut Vec<Diagnostic>) -> Result<Project, Failure> {
    let Some(path) = loader(folder).find_project(folder) else { return Ok(Project::default()) };
    apart.reads(&path)?;
    tracing::info!(file = %path.display(), "the project file");
    if path.parent() != Some(folder) {
        say(Level::Note, format!("the project file is {}", path.display()));
    }
    Ok(loader(folder).project(&path).unwrap_or_else(|more| {
        problems.extend(more.into_vec());
        Project::default()
    }))
}

/// How many problems get their source line, since no more are drawn.
const MOST_DRAWN: usize = 200;

/// Adds to each problem the source line that it is about.
pub(crate) fn with_lines(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut read: Option<(String, Vec<u8>)> = None;
    let with_line = |(count, problem): (usize, Diagnostic)| {
        let Some((file, place)) = problem.file.clone().zip(problem.place).filter(|_| count < MOST_DRAWN)
        else {
            return problem;
        };
        if read.as_ref().is_none_or(|(name, _)| *name != file) {
            let bytes = read_file(Path::new(&file), &file, Options::default());
            read = Some((file, bytes.unwrap_or_default()));
        }
        let excerpt = read.as_ref().and_then(|(_, bytes)| config::excerpt_at(bytes, place));
        problem.excerpt(excerpt)
    };
    problems.into_iter().enumerate().map(with_line).collect()
}

/// Shows all problems; an error among them ends the run.
pub(crate) fn report(problems: &[Diagnostic]) -> Result<(), Failure> {
    show(problems);
    if problems.iter().any(Diagnostic::is_error) {
        return Err(Failure::shown(Ending::Failed).with_problems(problems));
    }
    Ok(())
}

/// Draws all problems on stderr.
pub(crate) fn show(problems: &[Diagnostic]) {
    let worst = problems.iter().map(|problem| problem.severity).min();
    output::say_drawn(worst.map_or(Level::Note, Level::from), &draw(problems));
}

fn draw(problems: &[Diagnostic]) -> String {
    let is_colored = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let paint = if is_colored { Paint::Color } else { Paint::Plain };
    let page = Page { paint, width: output::stderr_width() };
    let canvas = Canvas { colors: is_colored, width: page.width };
    problems_text(problems, page, |problem| config::draw(problem, canvas))
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
