//! The only file that reads files: zone files from paths, and the project file.

use super::project::{Project, check_project_text};
use super::text::{check_text, sort};
use super::yaml::Options;
use super::{identity, names};
use crate::model::{Desired, Digest, Excerpt, Input, Problem};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// The names of the project file.
const PROJECT_FILES: [&str; 2] = ["botform.yaml", "botform.yml"];

/// The folder of feedback reports, which are no zone files.
const FEEDBACK: &str = "feedback";

/// All that the paths of a run hold.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Loaded {
    /// The desired state of each zone, sorted by name.
    pub zones: Vec<Desired>,
    /// The files that were read, sorted by path.
    pub inputs: Vec<Input>,
    /// All that is wrong or worth a warning, sorted by file and place.
    pub problems: Vec<Problem>,
}

/// Loads zone files and folders of them; relative paths start at `cwd`.
pub fn load(paths: &[PathBuf], cwd: &Path) -> Loaded {
    let mut loading =
        Loading { cwd, seen: BTreeSet::new(), lines: BTreeMap::new(), loaded: Loaded::default() };
    for path in paths {
        loading.path(path);
    }
    let Loading { lines, mut loaded, .. } = loading;
    loaded.problems.extend(identity::repeated(&loaded.zones, &lines));
    loaded.zones.sort_by(|one, other| (&one.zone, &one.file).cmp(&(&other.zone, &other.file)));
    loaded.inputs.sort_by(|one, other| one.path.cmp(&other.path));
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
pub fn load_project(path: &Path, cwd: &Path) -> Result<Project, Vec<Problem>> {
    let file = names::shown(path, cwd);
    let bytes = read(&cwd.join(path), &file, Options::default()).map_err(|problem| vec![*problem])?;
    let (project, problems) = check_project_text(&file, &bytes);
    project.ok_or(problems)
}

/// Reads a file of a bounded size; `file` is its name in problems.
///
/// # Errors
/// It is too large, or cannot be read.
pub fn read(path: &Path, file: &str, options: Options) -> Result<Vec<u8>, Box<Problem>> {
    let unreadable = |error: io::Error| Box::new(unreadable(file, &error));
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Box::new(Problem::of_file(file, "not a regular file")));
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

fn unreadable(file: &str, error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::NotFound => Problem::of_file(file, "no such file or folder"),
        io::ErrorKind::PermissionDenied => {
            Problem::of_file(file, "no permission to read it").hint("check its owner and mode")
        }
        // The kind for it is not stable yet.
        _ if error.to_string().contains("symbolic links") => {
            Problem::of_file(file, "a loop of symbolic links").hint("remove the link")
        }
        _ => Problem::of_file(file, format!("cannot be read: {error}").to_lowercase()),
    }
}

struct Loading<'p> {
    cwd: &'p Path,
    seen: BTreeSet<PathBuf>,
    /// The line that names the zone, by file.
    lines: BTreeMap<String, Excerpt>,
    loaded: Loaded,
}

impl Loading<'_> {
    fn path(&mut self, path: &Path) {
        let full = self.cwd.join(path);
        match fs::metadata(&full) {
            Ok(metadata) if metadata.is_dir() => self.folder(path, &full),
            Ok(_) if names::is_project(&full) => {
                let problem =
                    Problem::of_file(names::shown(path, self.cwd), "this is a project file, not a zone file");
                self.loaded.problems.push(problem.hint("name the zone files, or their folder"));
            }
            Ok(_) => self.file(path, &full),
            Err(error) => {
                let problem = unreadable(&names::shown(path, self.cwd), &error);
                self.loaded.problems.push(match error.kind() {
                    io::ErrorKind::NotFound => problem.hint("name zone files, or folders that hold them"),
                    _ => problem,
                });
            }
        }
    }

    fn folder(&mut self, path: &Path, full: &Path) {
        let mut is_empty = true;
        let walk = WalkDir::new(full).follow_links(true).sort_by_file_name();
        for entry in walk.into_iter().filter_entry(is_wanted) {
            match entry {
                Ok(entry) if entry.file_type().is_file() && names::is_yaml(entry.path()) => {
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
            let problem = Problem::of_file(names::shown(path, self.cwd), "the folder holds no zone files");
            self.loaded.problems.push(problem.hint("zone files end in `.yaml` or `.yml`"));
        }
    }

    fn walk_error(&mut self, path: &Path, full: &Path, error: &walkdir::Error) {
        let at = error.path().map_or(path.to_owned(), |at| path.join(at.strip_prefix(full).unwrap_or(at)));
        let file = names::shown(&at, self.cwd);
        let problem = match (error.loop_ancestor(), error.io_error()) {
            (Some(_), _) => Problem::of_file(file, "a loop of symbolic links").hint("remove the link"),
            (None, Some(error)) => unreadable(&file, error),
            (None, None) => Problem::of_file(file, "cannot be read"),
        };
        self.loaded.problems.push(problem);
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
                let (desired, problems) = check_text(&file, &bytes);
                let line = desired.as_ref().and_then(|desired| identity::line_of(desired, &bytes));
                self.lines.extend(line.map(|line| (file.clone(), line)));
                self.loaded.zones.extend(desired);
                self.loaded.problems.extend(problems);
                self.loaded.inputs.push(Input { path: file, digest: Digest::of_bytes(&bytes) });
            }
            Err(problem) => self.loaded.problems.push(*problem),
        }
    }
}

/// Hidden entries, project files and folders of feedback reports below a folder are left out.
fn is_wanted(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let is_feedback = name == FEEDBACK && entry.file_type().is_dir();
    entry.depth() == 0 || !(name.starts_with('.') || is_feedback || PROJECT_FILES.contains(&name.as_ref()))
}

#[cfg(test)]
#[cfg(unix)]
#[path = "load_tests.rs"]
mod tests;
