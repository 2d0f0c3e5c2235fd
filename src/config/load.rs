//! Loads a tree of files into checked desired state: zone files with their baselines, reports and the project file.

use super::checks::{self, Lines, line_of};
use super::extends::{Baselines, ExtendedFile, Home};
use super::project::{Project, check_project_text};
use super::text::{check_zone_text, sort};
use super::visit::{
    BASELINES, Kind, Loading, PROJECT_FILES, REPORTS, REPORTS_FOLDER, Seen, Take, ZONES, ZONES_TO_BE,
    unreadable, visit,
};
use super::yaml::Options;
use super::{Problems, feedback, names};
use crate::files::{Entry, FileError, RealPath, Tree};
use crate::model::{Desired, Diagnostic, Digest, Input, ReportFile, Severity};
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The contents of a run's paths.
#[derive(Clone, Debug, Default)]
#[must_use]
#[non_exhaustive]
pub struct Loaded {
    /// The desired state of each zone, sorted by name.
    pub zones: Vec<Desired>,
    /// The files that were read, sorted by path.
    pub(crate) inputs: Vec<Input>,
    /// All that is wrong or worth a warning, sorted by file and place.
    pub problems: Vec<Diagnostic>,
    /// The feedback reports among the named files and folders: they are no zone files, and were not checked.
    pub reports: Vec<PathBuf>,
    /// The zones of the project's other zone files: only their names and their protection matter.
    pub others: Vec<Desired>,
}

/// All feedback reports below a run's paths.
#[derive(Clone, Debug, Default)]
#[must_use]
#[non_exhaustive]
pub struct LoadedReports {
    /// The reports, sorted by zone and file.
    pub reports: Vec<ReportFile>,
    /// All that is wrong or worth a warning, sorted by file and place.
    pub problems: Vec<Diagnostic>,
}

impl Loaded {
    /// The zones, if nothing is wrong with any file.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn checked(self) -> Result<Vec<Desired>, Problems> {
        Problems::or(self.zones, self.problems)
    }
}

impl LoadedReports {
    /// The reports, if nothing is wrong with any file.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn checked(self) -> Result<Vec<ReportFile>, Problems> {
        Problems::or(self.reports, self.problems)
    }
}

/// Loads the files that people write from a tree; relative paths start at a folder of it.
///
/// ```
/// use botform::config::Loader;
/// use botform::Disk;
///
/// let loader = Loader::new(&Disk, std::path::Path::new("."));
/// let zones = loader.load(&["examples/zones".into()]).checked()?;
/// assert_eq!(zones.len(), 4);
/// # Ok::<(), botform::config::Problems>(())
/// ```
#[derive(Clone, Copy)]
pub struct Loader<'t> {
    files: &'t dyn Tree,
    cwd: &'t Path,
}

impl<'t> Loader<'t> {
    /// A loader whose relative paths start at `cwd`.
    #[must_use]
    pub fn new(files: &'t dyn Tree, cwd: &'t Path) -> Self {
        Self { files, cwd }
    }

    /// Loads zone files and folders of them.
    pub fn load(&self, paths: &[PathBuf]) -> Loaded {
        self.zones(None, paths, ZONES)
    }

    /// Loads zone files and folders of them, and separately the other zone files below the project's folder.
    pub fn load_in(&self, project: Option<&Path>, paths: &[PathBuf]) -> Loaded {
        self.zones(project, paths, ZONES)
    }

    /// Loads the zone files below a folder, which may be empty.
    pub fn load_folder(&self, folder: &Path) -> Loaded {
        self.zones(None, &[folder.to_owned()], ZONES_TO_BE)
    }

    fn zones(&self, project: Option<&Path>, paths: &[PathBuf], kind: Kind) -> Loaded {
        let mut loaded = Loaded::default();
        let mut lines = Lines::new();
        let (mut baselines, mut roots, mut named) = (Baselines::default(), Roots::new(self), Vec::new());
        let seen;
        (loaded.problems, seen) = visit(self.files, paths, self.cwd, kind, &mut |file, place, bytes| {
            let home = Home { path: place.real(), root: roots.of(place) };
            let read = &mut |home: Home<'_>| self.read_baseline(home);
            if is_baseline(home) {
                baselines.check_file(&file, &bytes, home, read);
                named.push(file);
                return Vec::new();
            }
            if is_report(home, &bytes) {
                loaded.reports.push(file.into());
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
                Diagnostic::of_file(file, "this is a baseline, and no zone file was given with it");
            problem.severity = Severity::Warning;
            loaded.problems.push(problem);
        }
        let (inputs, problems) = baselines.finish();
        loaded.inputs.extend(inputs);
        loaded.problems.extend(problems);
        loaded.problems.extend(checks::among(&loaded.zones, &lines));
        loaded.zones.shrink_to_fit();
        // Keys are unique, and a stable sort would need half as much memory again.
        loaded.zones.sort_unstable_by(|one, other| (&one.zone, &one.file).cmp(&(&other.zone, &other.file)));
        loaded.inputs.sort_by(|one, other| one.path.cmp(&other.path));
        sort(&mut loaded.problems);
        // A problem between two values of a baseline is found once for each zone that extends it.
        loaded.problems.dedup();
        loaded.others = project.map_or_else(Vec::new, |folder| self.others(folder, seen));
        loaded
    }

    /// The zones of the valid zone files below a folder, except the files already seen. The folder can hold other YAML
    /// files, so a file that is not a zone file is not a mistake.
    fn others(&self, folder: &Path, seen: Seen) -> Vec<Desired> {
        let mut zones = Vec::new();
        let names = |bytes: &[u8], key: &str| bytes.windows(key.len()).any(|part| part == key.as_bytes());
        let (mut baselines, mut roots) = (Baselines::default(), Roots::new(self));
        let take: Take<'_> = &mut |file, place, bytes| {
            // Most YAML files of a large checkout are not zone files: a quick look is cheaper than parsing them.
            if names(&bytes, "zone") && names(&bytes, "plan") {
                let home = Home { path: place.real(), root: roots.of(place) };
                let read = &mut |home: Home<'_>| self.read_baseline(home);
                zones.extend(check_zone_text(&file, &bytes, home, &mut baselines, read).0);
            }
            Vec::new()
        };
        Loading { files: self.files, cwd: self.cwd, kind: ZONES, seen, take, problems: Vec::new() }
            .path(folder);
        zones
    }

    /// Checks the new text of a zone file before it is written, together with its baselines; `also` holds the other
    /// files that will be written, by real path. Returns every problem.
    #[must_use]
    pub fn check_new_text(
        &self,
        path: &Path,
        bytes: &[u8],
        also: &[ExtendedFile],
    ) -> (Option<Desired>, Vec<Diagnostic>) {
        let file = names::shown(path, self.cwd);
        let place = match self.files.resolve_new(&self.cwd.join(path)) {
            Ok(place) => place,
            Err(error) => return (None, vec![unreadable(&file, &error)]),
        };
        let mut roots = Roots::new(self);
        let home = Home { path: place.real(), root: roots.of(&place) };
        let read = &mut |home: Home<'_>| match also.iter().find(|file| file.path == home.path) {
            Some(file) => Ok(file.clone()),
            None => self.read_baseline(home),
        };
        let mut baselines = Baselines::default();
        let (desired, mut problems) = check_zone_text(&file, bytes, home, &mut baselines, read);
        problems.extend(baselines.finish().1);
        (desired, problems)
    }

    /// Loads report files and folders of them, checked as of an instant.
    pub fn reports(&self, paths: &[PathBuf], now: jiff::Timestamp) -> LoadedReports {
        let mut loaded = LoadedReports::default();
        (loaded.problems, _) = visit(self.files, paths, self.cwd, REPORTS, &mut |file, _, bytes| {
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
    pub fn find_project(&self, start: &Path) -> Option<PathBuf> {
        let root = self.files.checkout_of(start);
        let is_above = |folder: &&Path| root.as_ref().is_none_or(|root| folder.starts_with(root));
        let candidates = |folder: &Path| PROJECT_FILES.map(|name| folder.join(name));
        start.ancestors().take_while(is_above).flat_map(candidates).find(|path| self.files.is_there(path))
    }

    /// Loads a project file.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn project(&self, path: &Path) -> Result<Project, Problems> {
        let file = names::shown(path, self.cwd);
        let others = PROJECT_FILES.map(|name| path.with_file_name(name));
        if let Some(other) =
            others.iter().find(|other| *other != path && self.files.is_there(&self.cwd.join(other)))
        {
            let message = format!("a second project file next to {file}");
            let problem = Diagnostic::of_file(names::shown(other, self.cwd), message);
            return Err(Problems::new(vec![problem.hint("keep one of the two")]));
        }
        let place = self.files.resolve(&self.cwd.join(path));
        let bytes = place.and_then(|place| self.files.read(&place, Options::default().max_bytes));
        let bytes = bytes.map_err(|error| Problems::new(vec![unreadable(&file, &error)]))?;
        let (project, problems) = check_project_text(&file, &bytes);
        project.ok_or_else(|| Problems::new(problems))
    }

    /// Reads a baseline. Symlinks must not lead out of its root: files under review are untrusted.
    fn read_baseline(&self, home: Home<'_>) -> Result<ExtendedFile, Box<Diagnostic>> {
        let name = names::relative(home.path, self.cwd);
        let refused = |error: &FileError| {
            let problem = Diagnostic::error(format!("{name}: {error}"));
            Box::new(problem.maybe_hint(error.hint().map(str::to_owned)))
        };
        let place = self.files.resolve(home.path).map_err(|error| refused(&error))?;
        if !place.real().starts_with(home.root) {
            return Err(refused(&FileError::Leaves("repository")));
        }
        let bytes = self.files.read(&place, Options::default().max_bytes).map_err(|error| refused(&error))?;
        Ok(ExtendedFile::new(place.real().to_owned(), names::relative(place.real(), self.cwd), bytes))
    }
}

/// The root folders of baselines, by the folder of the file that extends them.
struct Roots<'p> {
    loader: &'p Loader<'p>,
    known: HashMap<OsString, PathBuf>,
}

impl<'p> Roots<'p> {
    fn new(loader: &'p Loader<'p>) -> Self {
        Self { loader, known: HashMap::new() }
    }

    /// The git checkout of a file; without one, the folder of its project file; without that, the current folder.
    fn of(&mut self, place: &RealPath) -> &Path {
        let folder = place.real().parent().unwrap_or(place.real());
        self.known.entry(folder.as_os_str().to_owned()).or_insert_with(|| {
            let current = || self.loader.files.resolve(self.loader.cwd).map(|cwd| cwd.real().to_owned()).ok();
            let project =
                || self.loader.find_project(folder).and_then(|path| path.parent().map(Path::to_owned));
            let checkout = place.checkout().map(Path::to_owned);
            let root = checkout.or_else(project).or_else(current).filter(|root| folder.starts_with(root));
            root.unwrap_or_else(|| folder.to_owned())
        })
    }
}

/// Whether a given file is in a folder of baselines: then it is checked as a baseline, not as a zone file.
fn is_baseline(home: Home<'_>) -> bool {
    let below = home.path.strip_prefix(home.root).unwrap_or(home.path);
    below.parent().is_some_and(|folder| folder.components().any(|part| part.as_os_str() == BASELINES))
}

/// Whether a given file is in a folder of feedback reports, and says no plan variant, as each zone file does.
fn is_report(home: Home<'_>, bytes: &[u8]) -> bool {
    let below = home.path.strip_prefix(home.root).unwrap_or(home.path);
    let mut folders = below.parent().into_iter().flat_map(Path::components);
    folders.any(|part| part.as_os_str() == REPORTS_FOLDER)
        && !bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"plan:"))
}

/// Whether a path below a checkout can belong to a zone file, judged by its names.
#[must_use]
pub(crate) fn may_be_zone_file(path: &Path) -> bool {
    let is_skipped = |path: &Path, entry| path.file_name().is_some_and(|name| ZONES.skips(name, entry));
    ZONES.has(path)
        && !is_skipped(path, Entry::File)
        && !path.ancestors().skip(1).any(|folder| is_skipped(folder, Entry::Folder))
}

#[cfg(test)]
#[cfg(unix)]
#[path = "load_tests.rs"]
mod tests;
