//! From paths to files: zone files with their baselines, reports and the project file, read by `files`.

use super::checks::{Lines, line_of};
use super::extends::{Baselines, ExtendedFile, Home};
use super::project::{Project, check_project_text};
use super::text::{check_zone_text, sort};
use super::yaml::Options;
use super::{checks, feedback, names};
use crate::files::{self, FileError, Found, Pick, Place};
use crate::model::{Desired, Diagnostic, Digest, Input, ReportFile, Severity};
use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The names of the project file.
const PROJECT_FILES: [&str; 2] = ["botform.yaml", "botform.yml"];

/// What keeps a folder in git that holds nothing yet.
const MEANT_TO_BE_EMPTY: &str = ".gitkeep";

/// The folders of feedback reports and of baselines, which are no zone files.
const NO_ZONES: &[&str] = &["feedback", BASELINES];

const BASELINES: &str = "baselines";

/// What is loaded from paths, and how its files are called.
#[derive(Clone, Copy, Debug)]
struct Kind {
    one: &'static str,
    many: &'static str,
    /// Whether files that end in `.json` belong to it.
    json: bool,
    /// The folders below that are left out.
    without: &'static [&'static str],
    /// Whether a folder may hold none of them.
    may_be_empty: bool,
}

const ZONES: Kind =
    Kind { one: "a zone file", many: "zone files", json: false, without: NO_ZONES, may_be_empty: false };
const REPORTS: Kind =
    Kind { one: "a report file", many: "report files", json: true, without: &[], may_be_empty: false };

/// All that the paths of a run hold.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Loaded {
    /// The desired state of each zone, sorted by name.
    pub zones: Vec<Desired>,
    /// The files that were read, sorted by path.
    pub inputs: Vec<Input>,
    /// All that is wrong or worth a warning, sorted by file and place.
    pub problems: Vec<Diagnostic>,
    /// The zones of the project's other zone files: only their names and their protection matter.
    pub others: Vec<Desired>,
}

/// Loads zone files and folders of them; relative paths start at `cwd`.
pub fn load(paths: &[PathBuf], cwd: &Path) -> Loaded {
    load_zones(None, paths, cwd, ZONES)
}

/// Loads zone files and folders of them, and, apart, the other zone files below the folder of a project.
pub fn load_in(project: Option<&Path>, paths: &[PathBuf], cwd: &Path) -> Loaded {
    load_zones(project, paths, cwd, ZONES)
}

/// Loads the zone files below a folder, which may hold none yet.
pub fn load_folder(folder: &Path, cwd: &Path) -> Loaded {
    load_zones(None, &[folder.to_owned()], cwd, Kind { may_be_empty: true, ..ZONES })
}

fn load_zones(project: Option<&Path>, paths: &[PathBuf], cwd: &Path, kind: Kind) -> Loaded {
    let mut loaded = Loaded::default();
    let mut lines = Lines::new();
    let (mut baselines, mut roots, mut named) = (Baselines::default(), Roots::new(cwd), Vec::new());
    let seen;
    (loaded.problems, seen) = visit(paths, cwd, kind, &mut |file, place, bytes| {
        let home = Home { path: place.real(), root: roots.of(place) };
        let read = &mut |home: Home<'_>| read_baseline(home, cwd);
        if is_baseline(home) {
            baselines.check_file(&file, &bytes, home, read);
            named.push(file);
            return Vec::new();
        }
        let (desired, problems) = check_zone_text(&file, &bytes, home, &mut baselines, read);
        let line = desired.as_ref().and_then(|desired| line_of(desired, &bytes));
        lines.extend(line.map(|line| (file.clone(), line)));
        loaded.zones.extend(desired);
        loaded.inputs.push(Input { path: file, digest: Digest::of_bytes(&bytes) });
        problems
    });
    if let Some(file) = named.first().filter(|_| lines.is_empty() && loaded.inputs.is_empty()) {
        let mut problem =
            Diagnostic::of_file(file, "this is a baseline, and no zone file is named beside it");
        problem.severity = Severity::Warning;
        loaded.problems.push(problem);
    }
    let (inputs, problems) = baselines.finish();
    loaded.inputs.extend(inputs);
    loaded.problems.extend(problems);
    loaded.problems.extend(checks::among(&loaded.zones, &lines));
    loaded.zones.shrink_to_fit();
    // Files differ, so that nothing is equal; a stable sort would take half as much memory again.
    loaded.zones.sort_unstable_by(|one, other| (&one.zone, &one.file).cmp(&(&other.zone, &other.file)));
    loaded.inputs.sort_by(|one, other| one.path.cmp(&other.path));
    sort(&mut loaded.problems);
    // What is wrong between two values of one baseline is found with each zone that extends it.
    loaded.problems.dedup();
    loaded.others = project.map_or_else(Vec::new, |folder| others(folder, cwd, seen));
    loaded
}

/// The zones of the valid zone files below a folder, without those files that were seen. Other YAML files lie there
/// too, so that what is no zone file is no mistake.
fn others(folder: &Path, cwd: &Path, seen: BTreeSet<PathBuf>) -> Vec<Desired> {
    let mut zones = Vec::new();
    let names = |bytes: &[u8], key: &str| bytes.windows(key.len()).any(|part| part == key.as_bytes());
    let (mut baselines, mut roots) = (Baselines::default(), Roots::new(cwd));
    let take: Take<'_> = &mut |file, place, bytes| {
        // Most YAML files of a large checkout are something else, which is seen sooner than parsed.
        if names(&bytes, "zone") && names(&bytes, "plan") {
            let home = Home { path: place.real(), root: roots.of(place) };
            let read = &mut |home: Home<'_>| read_baseline(home, cwd);
            zones.extend(check_zone_text(&file, &bytes, home, &mut baselines, read).0);
        }
        Vec::new()
    };
    Loading { cwd, kind: ZONES, seen, take, problems: Vec::new() }.path(folder);
    zones
}

/// Checks what is about to be written to a zone file, together with what it extends; `also` are files that are about to
/// be written too, by their real paths. Nothing that is wrong is left out.
#[must_use]
pub fn check_new_text(
    path: &Path,
    bytes: &[u8],
    cwd: &Path,
    also: &[ExtendedFile],
) -> (Option<Desired>, Vec<Diagnostic>) {
    let file = names::shown(path, cwd);
    let place = match files::resolve_new(&cwd.join(path)) {
        Ok(place) => place,
        Err(error) => return (None, vec![unreadable(&file, &error)]),
    };
    let mut roots = Roots::new(cwd);
    let home = Home { path: place.real(), root: roots.of(&place) };
    let read = &mut |home: Home<'_>| match also.iter().find(|file| file.path == home.path) {
        Some(file) => Ok(file.clone()),
        None => read_baseline(home, cwd),
    };
    let mut baselines = Baselines::default();
    let (desired, mut problems) = check_zone_text(&file, bytes, home, &mut baselines, read);
    problems.extend(baselines.finish().1);
    (desired, problems)
}

/// All feedback reports that the paths of a run hold.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct LoadedReports {
    /// The reports, sorted by zone and file.
    pub reports: Vec<ReportFile>,
    /// All that is wrong or worth a warning, sorted by file and place.
    pub problems: Vec<Diagnostic>,
}

/// Loads report files and folders of them, judged at an instant; relative paths start at `cwd`.
pub fn load_reports(paths: &[PathBuf], cwd: &Path, now: jiff::Timestamp) -> LoadedReports {
    let mut loaded = LoadedReports::default();
    (loaded.problems, _) = visit(paths, cwd, REPORTS, &mut |file, _, bytes| {
        let (report, problems) = feedback::check_report_text(&file, &bytes, now);
        loaded.reports.extend(report);
        problems
    });
    loaded.problems.extend(feedback::repeated(&loaded.reports));
    loaded.reports.sort_by(|one, other| (&one.zone, &one.file).cmp(&(&other.zone, &other.file)));
    sort(&mut loaded.problems);
    loaded
}

/// Finds the project file in a folder or one above it, up to the root of the checkout.
#[must_use]
pub fn find_project(start: &Path) -> Option<PathBuf> {
    let root = files::checkout_of(start);
    let is_above = |folder: &&Path| root.is_none_or(|root| folder.starts_with(root));
    let candidates = |folder: &Path| PROJECT_FILES.map(|name| folder.join(name));
    start.ancestors().take_while(is_above).flat_map(candidates).find(|path| files::is_there(path))
}

/// Whether a path below a checkout can be that of a zone file, by its names.
#[must_use]
pub fn may_be_zone_file(path: &Path) -> bool {
    let is_skipped =
        |path: &Path, is_folder| path.file_name().is_some_and(|name| ZONES.skips(name, is_folder));
    ZONES.has(path)
        && !is_skipped(path, false)
        && !path.ancestors().skip(1).any(|folder| is_skipped(folder, true))
}

/// Loads a project file.
///
/// # Errors
/// All that is wrong with it.
pub fn load_project(path: &Path, cwd: &Path) -> Result<Project, Vec<Diagnostic>> {
    let file = names::shown(path, cwd);
    let others = PROJECT_FILES.map(|name| path.with_file_name(name));
    if let Some(other) = others.iter().find(|other| *other != path && files::is_there(&cwd.join(other))) {
        let message = format!("a second project file beside {file}");
        return Err(vec![Diagnostic::of_file(names::shown(other, cwd), message).hint("keep one of the two")]);
    }
    let bytes = read(&cwd.join(path), &file, Options::default()).map_err(|problem| vec![*problem])?;
    let (project, problems) = check_project_text(&file, &bytes);
    project.ok_or(problems)
}

/// Reads a file of a bounded size; `file` is its name in problems.
///
/// # Errors
/// It is too large, or cannot be read.
pub fn read(path: &Path, file: &str, options: Options) -> Result<Vec<u8>, Box<Diagnostic>> {
    files::read(path, options.max_bytes).map_err(|error| Box::new(unreadable(file, &error)))
}

fn unreadable(file: &str, error: &FileError) -> Diagnostic {
    let problem = Diagnostic::of_file(file, error.to_string());
    match error.hint() {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// Takes the bytes of a file under its shown name, and gives what is wrong with it.
type Take<'p> = &'p mut dyn FnMut(String, &Place, Vec<u8>) -> Vec<Diagnostic>;

/// The folders that baselines may not leave, by the folder of the file that extends them.
struct Roots<'p> {
    cwd: &'p Path,
    known: HashMap<PathBuf, PathBuf>,
}

impl<'p> Roots<'p> {
    fn new(cwd: &'p Path) -> Self {
        Self { cwd, known: HashMap::new() }
    }

    /// The git checkout of a file, or else the folder of its project file, or else the current folder.
    fn of(&mut self, place: &Place) -> &Path {
        let folder = place.real().parent().unwrap_or(place.real());
        self.known.entry(folder.to_owned()).or_insert_with(|| {
            let current = || files::resolve(self.cwd).map(|cwd| cwd.real().to_owned()).ok();
            let project = || find_project(folder).and_then(|path| path.parent().map(Path::to_owned));
            let checkout = place.checkout().map(Path::to_owned);
            let root = checkout.or_else(project).or_else(current).filter(|root| folder.starts_with(root));
            root.unwrap_or_else(|| folder.to_owned())
        })
    }
}

/// Whether a file that was named is in a folder of baselines: it is checked as one, and is no zone.
fn is_baseline(home: Home<'_>) -> bool {
    let below = home.path.strip_prefix(home.root).unwrap_or(home.path);
    below.parent().is_some_and(|folder| folder.components().any(|part| part.as_os_str() == BASELINES))
}

/// Reads a baseline, which no link may lead out of its root.
fn read_baseline(home: Home<'_>, cwd: &Path) -> Result<ExtendedFile, Box<Diagnostic>> {
    let name = names::relative(home.path, cwd);
    let refused = |error: &FileError| {
        let problem = Diagnostic::error(format!("{name}: {error}"));
        Box::new(problem.maybe_hint(error.hint().map(str::to_owned)))
    };
    let place = files::resolve(home.path).map_err(|error| refused(&error))?;
    if !place.real().starts_with(home.root) {
        return Err(refused(&FileError::Leaves("repository")));
    }
    let bytes = files::read_place(&place, Options::default().max_bytes).map_err(|error| refused(&error))?;
    Ok(ExtendedFile::new(place.real().to_owned(), names::relative(place.real(), cwd), bytes))
}

/// Reads all files of a kind that the paths hold, and gives all that is wrong, and the real paths of the files.
fn visit(paths: &[PathBuf], cwd: &Path, kind: Kind, take: Take<'_>) -> (Vec<Diagnostic>, BTreeSet<PathBuf>) {
    let mut loading = Loading { cwd, kind, seen: BTreeSet::new(), take, problems: Vec::new() };
    for path in paths {
        loading.path(path);
    }
    (loading.problems, loading.seen)
}

struct Loading<'p> {
    cwd: &'p Path,
    kind: Kind,
    seen: BTreeSet<PathBuf>,
    take: Take<'p>,
    problems: Vec<Diagnostic>,
}

impl Loading<'_> {
    fn path(&mut self, path: &Path) {
        match files::resolve(&self.cwd.join(path)) {
            Ok(place) if place.is_folder() => self.folder(path, &place),
            Ok(_) if names::is_project(path) => {
                let Kind { one, many, .. } = self.kind;
                let message = format!("this is a project file, not {one}");
                let problem = Diagnostic::of_file(names::shown(path, self.cwd), message);
                self.problems.push(problem.hint(format!("name the {many}, or their folder")));
            }
            Ok(place) => self.file(path, &place),
            Err(error) => {
                let problem = unreadable(&names::shown(path, self.cwd), &error);
                self.problems.push(match error.is_not_found() {
                    true => problem.hint(format!("name {}, or folders that hold them", self.kind.many)),
                    false => problem,
                });
            }
        }
    }

    fn folder(&mut self, path: &Path, place: &Place) {
        let kind = self.kind;
        let pick = Pick {
            skip: &|name, is_folder| kind.skips(name, is_folder),
            take: &|path| kind.has(path) || names::is_nearly_yaml(path),
        };
        let found = files::walk(place, pick);
        if found.is_empty() && !kind.may_be_empty {
            let Kind { many, json, .. } = kind;
            let message = format!("the folder holds no {many}");
            let ends = if json { "`.yaml`, `.yml` or `.json`" } else { "`.yaml` or `.yml`" };
            let mut problem = Diagnostic::of_file(names::shown(path, self.cwd), message);
            let mut hint = format!("{many} end in {ends}");
            if !json && files::is_there(&self.cwd.join(path).join(MEANT_TO_BE_EMPTY)) {
                problem.severity = Severity::Warning;
                hint = format!(
                    "`botform import {}` writes one for each live zone",
                    names::shown(path, self.cwd)
                );
            }
            self.problems.push(problem.hint(hint));
        }
        for Found { below, place } in found {
            let path = path.join(below);
            match place {
                Ok(place) if kind.has(&path) => self.file(&path, &place),
                Ok(_) => self.problems.push(passed_over(&names::shown(&path, self.cwd))),
                Err(error) => self.problems.push(unreadable(&names::shown(&path, self.cwd), &error)),
            }
        }
    }

    fn file(&mut self, path: &Path, place: &Place) {
        // The same file by two names is one file.
        if !self.seen.insert(place.real().to_owned()) {
            return;
        }
        let file = names::shown(path, self.cwd);
        match files::read_place(place, Options::default().max_bytes) {
            Ok(bytes) => {
                let problems = (self.take)(file, place, bytes);
                self.problems.extend(problems);
            }
            Err(error) => self.problems.push(unreadable(&file, &error)),
        }
    }
}

fn passed_over(file: &str) -> Diagnostic {
    let mut problem = Diagnostic::of_file(file, "passed over: its name does not end in `.yaml` or `.yml`");
    problem.severity = Severity::Warning;
    problem.hint("give it a name that ends in lower case")
}

impl Kind {
    /// Hidden entries, project files and, for zone files, folders of feedback reports and baselines are left out.
    fn skips(self, name: &OsStr, is_folder: bool) -> bool {
        let name = name.to_string_lossy();
        let is_without = is_folder && self.without.contains(&&*name);
        name.starts_with('.') || is_without || PROJECT_FILES.contains(&name.as_ref())
    }

    /// Whether a path ends as files of the kind do.
    fn has(self, path: &Path) -> bool {
        names::is_yaml(path) || (self.json && path.extension().is_some_and(|end| end == "json"))
    }
}

#[cfg(test)]
#[cfg(unix)]
#[path = "load_tests.rs"]
mod tests;
