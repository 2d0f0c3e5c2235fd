//! Finds the files of a kind below the given paths, and reports paths without any.

use super::names;
use super::yaml::Options;
use crate::files::{Entry, FileError, Found, Pick, RealPath, Tree};
use crate::model::{Diagnostic, Severity};
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The names of the project file.
pub(crate) const PROJECT_FILES: [&str; 2] = ["botform.yaml", "botform.yml"];

/// The folder of zone files that commands read where no path is named.
const DEFAULT_FOLDER: &str = "zones";

/// The file that keeps an empty folder in git: such a folder is empty on purpose.
const MEANT_TO_BE_EMPTY: &str = ".gitkeep";

/// The folders of feedback reports and of baselines: they do not contain zone files.
const NO_ZONES: &[&str] = &[REPORTS_FOLDER, BASELINES];

/// The folder of feedback reports.
pub(crate) const REPORTS_FOLDER: &str = "feedback";

pub(super) const BASELINES: &str = "baselines";

/// A kind of file to load, and what messages call it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    one: &'static str,
    many: &'static str,
    /// Whether files that end in `.json` belong to it.
    json: bool,
    /// The names of subfolders to skip.
    without: &'static [&'static str],
    /// Whether a folder without any is fine.
    may_be_empty: bool,
}

pub(super) const ZONES: Kind =
    Kind { one: "a zone file", many: "zone files", json: false, without: NO_ZONES, may_be_empty: false };
/// Zone files in a folder that may be empty.
pub(super) const ZONES_TO_BE: Kind = Kind { may_be_empty: true, ..ZONES };
pub(super) const REPORTS: Kind =
    Kind { one: "a report file", many: "report files", json: true, without: &[], may_be_empty: false };

/// Handles the bytes of a file, given its display name and real path; returns its problems.
pub(super) type Take<'p> = &'p mut dyn FnMut(String, &RealPath, Vec<u8>) -> Vec<Diagnostic>;

/// The real paths of files: resolved ones are equal as texts, which is cheaper than part by part.
pub(super) type Seen = HashSet<OsString>;

/// Reads all files of a kind below the paths; returns all problems and the real paths of the files.
pub(super) fn visit(
    files: &dyn Tree,
    paths: &[PathBuf],
    cwd: &Path,
    kind: Kind,
    take: Take<'_>,
) -> (Vec<Diagnostic>, Seen) {
    let mut loading = Loading { files, cwd, kind, seen: Seen::new(), take, problems: Vec::new() };
    for path in paths {
        loading.path(path);
    }
    (loading.problems, loading.seen)
}

pub(super) struct Loading<'p> {
    pub(super) files: &'p dyn Tree,
    pub(super) cwd: &'p Path,
    pub(super) kind: Kind,
    pub(super) seen: Seen,
    pub(super) take: Take<'p>,
    pub(super) problems: Vec<Diagnostic>,
}

impl Loading<'_> {
    pub(super) fn path(&mut self, path: &Path) {
        match self.files.resolve(&self.cwd.join(path)) {
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
                if error.is_not_found() && path == Path::new(DEFAULT_FOLDER) && self.kind.one == ZONES.one {
                    let message = format!("there is no folder `{DEFAULT_FOLDER}` here");
                    let hint = "`botform import` writes a file for each live zone; `botform init` makes a repository";
                    return self.problems.push(Diagnostic::of_file(DEFAULT_FOLDER, message).hint(hint));
                }
                self.problems.push(match (error.is_not_found(), names::as_zone(path)) {
                    (true, Some(zone)) => {
                        problem.hint(format!("`--zone {zone}` selects the zone of that name"))
                    }
                    (true, None) => {
                        problem.hint(format!("name {}, or folders that hold them", self.kind.many))
                    }
                    (false, _) => problem,
                });
            }
        }
    }

    fn folder(&mut self, path: &Path, place: &RealPath) {
        let kind = self.kind;
        let pick = Pick {
            skip: &|name, entry| kind.skips(name, entry),
            take: &|path| kind.has(path) || names::is_nearly_yaml(path),
        };
        let found = self.files.walk(place, pick);
        if found.is_empty() && !kind.may_be_empty {
            let Kind { many, json, .. } = kind;
            let message = format!("the folder contains no {many}");
            let ends = if json { "`.yaml`, `.yml` or `.json`" } else { "`.yaml` or `.yml`" };
            let mut problem = Diagnostic::of_file(names::shown(path, self.cwd), message);
            let mut hint = format!("{many} end in {ends}");
            if !json && self.files.is_there(&self.cwd.join(path).join(MEANT_TO_BE_EMPTY)) {
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

    fn file(&mut self, path: &Path, place: &RealPath) {
        // A file that is reached by two names is read once.
        if !self.seen.insert(place.real().as_os_str().to_owned()) {
            return;
        }
        let file = names::shown(path, self.cwd);
        match self.files.read(place, Options::default().max_bytes) {
            Ok(bytes) => {
                let problems = (self.take)(file, place, bytes);
                self.problems.extend(problems);
            }
            Err(error) => self.problems.push(unreadable(&file, &error)),
        }
    }
}

fn passed_over(file: &str) -> Diagnostic {
    let mut problem = Diagnostic::of_file(file, "skipped: its name does not end in `.yaml` or `.yml`");
    problem.severity = Severity::Warning;
    problem.hint("rename it so that the extension is lower case")
}

impl Kind {
    /// Hidden entries, project files and, for zone files, folders of feedback reports and baselines are left out.
    pub(super) fn skips(self, name: &OsStr, entry: Entry) -> bool {
        let name = name.to_string_lossy();
        let is_without = entry == Entry::Folder && self.without.contains(&&*name);
        name.starts_with('.') || is_without || PROJECT_FILES.contains(&name.as_ref())
    }

    /// Whether a path has an extension of the kind.
    pub(super) fn has(self, path: &Path) -> bool {
        names::is_yaml(path) || (self.json && path.extension().is_some_and(|end| end == "json"))
    }
}

/// The problem of a file that could not be read.
pub(crate) fn unreadable(file: &str, error: &FileError) -> Diagnostic {
    let problem = Diagnostic::of_file(file, error.to_string());
    match error.hint() {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}
