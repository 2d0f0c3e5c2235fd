//! The only file that reads files: zone files from paths, and the project file.

use super::project::{Project, check_project_text};
use super::text::{check_text, sort};
use super::yaml::Options;
use super::{feedback, identity, names};
use crate::model::{Desired, Diagnostic, Digest, Excerpt, Input, ReportFile};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// The names of the project file.
const PROJECT_FILES: [&str; 2] = ["botform.yaml", "botform.yml"];

/// The folder of feedback reports, which are no zone files.
const FEEDBACK: &str = "feedback";

/// What is loaded from paths, and how its files are called.
#[derive(Clone, Copy, Debug)]
struct Kind {
    one: &'static str,
    many: &'static str,
    /// Whether files that end in `.json` belong to it.
    json: bool,
    /// A folder below that is left out.
    without: Option<&'static str>,
}

const ZONES: Kind = Kind { one: "a zone file", many: "zone files", json: false, without: Some(FEEDBACK) };
const REPORTS: Kind = Kind { one: "a report file", many: "report files", json: true, without: None };

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
}

/// Loads zone files and folders of them; relative paths start at `cwd`.
pub fn load(paths: &[PathBuf], cwd: &Path) -> Loaded {
    let mut loaded = Loaded::default();
    // The line that names the zone, by file.
    let mut lines: BTreeMap<String, Excerpt> = BTreeMap::new();
    loaded.problems = visit(paths, cwd, ZONES, &mut |file, bytes| {
        let (desired, problems) = check_text(&file, &bytes);
        let line = desired.as_ref().and_then(|desired| identity::line_of(desired, &bytes));
        lines.extend(line.map(|line| (file.clone(), line)));
        loaded.zones.extend(desired);
        loaded.inputs.push(Input { path: file, digest: Digest::of_bytes(&bytes) });
        problems
    });
    loaded.problems.extend(identity::repeated(&loaded.zones, &lines));
    loaded.zones.sort_by(|one, other| (&one.zone, &one.file).cmp(&(&other.zone, &other.file)));
    loaded.inputs.sort_by(|one, other| one.path.cmp(&other.path));
    sort(&mut loaded.problems);
    loaded
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
    loaded.problems = visit(paths, cwd, REPORTS, &mut |file, bytes| {
        let (report, problems) = feedback::check_report_text(&file, &bytes, now);
        loaded.reports.extend(report);
        problems
    });
    loaded.problems.extend(feedback::repeated(&loaded.reports));
    loaded.reports.sort_by(|one, other| (&one.zone, &one.file).cmp(&(&other.zone, &other.file)));
    sort(&mut loaded.problems);
    loaded
}

/// Finds the project file in a folder or one above it.
#[must_use]
pub fn find_project(start: &Path) -> Option<PathBuf> {
    let candidates = |folder: &Path| PROJECT_FILES.map(|name| folder.join(name));
    start.ancestors().flat_map(candidates).find(|path| path.is_file())
}

/// Loads a project file.
///
/// # Errors
/// All that is wrong with it.
pub fn load_project(path: &Path, cwd: &Path) -> Result<Project, Vec<Diagnostic>> {
    let file = names::shown(path, cwd);
    let bytes = read(&cwd.join(path), &file, Options::default()).map_err(|problem| vec![*problem])?;
    let (project, problems) = check_project_text(&file, &bytes);
    project.ok_or(problems)
}

/// Reads a file of a bounded size; `file` is its name in problems.
///
/// # Errors
/// It is too large, or cannot be read.
pub fn read(path: &Path, file: &str, options: Options) -> Result<Vec<u8>, Box<Diagnostic>> {
    let unreadable = |error: io::Error| Box::new(unreadable(file, &error));
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Box::new(Diagnostic::of_file(file, "not a regular file")));
    }
    if let Some(problem) = options.too_large(file, metadata.len()) {
        return Err(Box::new(problem));
    }
    let mut bytes = Vec::new();
    // The file may grow while it is read.
    let opened = fs::File::open(path).map_err(unreadable)?;
    opened.take(options.max_bytes + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

fn unreadable(file: &str, error: &io::Error) -> Diagnostic {
    match error.kind() {
        io::ErrorKind::NotFound => Diagnostic::of_file(file, "no such file or folder"),
        io::ErrorKind::PermissionDenied => {
            Diagnostic::of_file(file, "no permission to read it").hint("check its owner and mode")
        }
        // The kind for it is not stable yet.
        _ if error.to_string().contains("symbolic links") => {
            Diagnostic::of_file(file, "a loop of symbolic links").hint("remove the link")
        }
        _ => Diagnostic::of_file(file, format!("cannot be read: {error}").to_lowercase()),
    }
}

/// Takes the bytes of a file under its shown name, and gives what is wrong with it.
type Take<'p> = &'p mut dyn FnMut(String, Vec<u8>) -> Vec<Diagnostic>;

/// Reads all files of a kind that the paths hold, and gives all that is wrong.
fn visit(paths: &[PathBuf], cwd: &Path, kind: Kind, take: Take<'_>) -> Vec<Diagnostic> {
    let mut loading = Loading { cwd, kind, seen: BTreeSet::new(), take, problems: Vec::new() };
    for path in paths {
        loading.path(path);
    }
    loading.problems
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
        let full = self.cwd.join(path);
        match fs::metadata(&full) {
            Ok(metadata) if metadata.is_dir() => self.folder(path, &full),
            Ok(_) if names::is_project(&full) => {
                let Kind { one, many, .. } = self.kind;
                let message = format!("this is a project file, not {one}");
                let problem = Diagnostic::of_file(names::shown(path, self.cwd), message);
                self.problems.push(problem.hint(format!("name the {many}, or their folder")));
            }
            Ok(_) => self.file(path, &full),
            Err(error) => {
                let problem = unreadable(&names::shown(path, self.cwd), &error);
                self.problems.push(match error.kind() {
                    io::ErrorKind::NotFound => {
                        problem.hint(format!("name {}, or folders that hold them", self.kind.many))
                    }
                    _ => problem,
                });
            }
        }
    }

    fn folder(&mut self, path: &Path, full: &Path) {
        let kind = self.kind;
        let mut is_empty = true;
        let walk = WalkDir::new(full).follow_links(true).sort_by_file_name();
        for entry in walk.into_iter().filter_entry(|entry| kind.wants(entry)) {
            match entry {
                Ok(entry) if entry.file_type().is_file() && kind.has(entry.path()) => {
                    is_empty = false;
                    let below = entry.path().strip_prefix(full).unwrap_or(entry.path());
                    self.file(&path.join(below), entry.path());
                }
                Ok(_) => {}
                Err(error) => {
                    is_empty = false;
                    self.walk_error(path, full, &error);
                }
            }
        }
        if is_empty {
            let Kind { many, json, .. } = self.kind;
            let message = format!("the folder holds no {many}");
            let ends = if json { "`.yaml`, `.yml` or `.json`" } else { "`.yaml` or `.yml`" };
            let problem = Diagnostic::of_file(names::shown(path, self.cwd), message);
            self.problems.push(problem.hint(format!("{many} end in {ends}")));
        }
    }

    fn walk_error(&mut self, path: &Path, full: &Path, error: &walkdir::Error) {
        let at = error.path().map_or(path.to_owned(), |at| path.join(at.strip_prefix(full).unwrap_or(at)));
        let file = names::shown(&at, self.cwd);
        let problem = match (error.loop_ancestor(), error.io_error()) {
            (Some(_), _) => Diagnostic::of_file(file, "a loop of symbolic links").hint("remove the link"),
            (None, Some(error)) => unreadable(&file, error),
            (None, None) => Diagnostic::of_file(file, "cannot be read"),
        };
        self.problems.push(problem);
    }

    fn file(&mut self, path: &Path, full: &Path) {
        // The same file by two names is one file.
        let real = fs::canonicalize(full).unwrap_or_else(|_| full.to_owned());
        if !self.seen.insert(real) {
            return;
        }
        let file = names::shown(path, self.cwd);
        match read(full, &file, Options::default()) {
            Ok(bytes) => {
                let problems = (self.take)(file, bytes);
                self.problems.extend(problems);
            }
            Err(problem) => self.problems.push(*problem),
        }
    }
}

impl Kind {
    /// Hidden entries, project files and, for zone files, folders of feedback reports are left out.
    fn wants(self, entry: &DirEntry) -> bool {
        let name = entry.file_name().to_string_lossy();
        let is_without = self.without == Some(&*name) && entry.file_type().is_dir();
        let is_project = PROJECT_FILES.contains(&name.as_ref());
        entry.depth() == 0 || !(name.starts_with('.') || is_without || is_project)
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
